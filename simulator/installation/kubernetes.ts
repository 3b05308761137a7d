/** What a Kubernetes cluster has before anything is installed on it (kubeadm's layout, v1.35). */
import { microTimestamp } from '../clock/index.ts';
import type { PodSpec } from '../types/core.ts';
import type { JsonObject, Millis, NewObject } from '../types/meta.ts';
import { type InstallationStep, step } from './step.ts';
import type { InstalledNode, Workload } from './workload.ts';

const SYSTEM = 'kube-system';

export function namespaceStep(name: string, labels?: Record<string, string>): InstallationStep {
  return step('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...(labels ? { labels } : {}) },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  } as NewObject);
}

export function priorityClassStep(name: string, value: number, description: string): InstallationStep {
  return step('priorityclasses.scheduling.k8s.io', {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    globalDefault: false,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  } as NewObject);
}

export const SYSTEM_PRIORITIES: readonly (readonly [name: string, value: number, description: string])[] = [
  [
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ],
  [
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ],
];

function service(
  namespace: string,
  name: string,
  labels: Record<string, string>,
  spec: JsonObject,
): InstallationStep {
  return step('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels },
    spec,
    status: { loadBalancer: {} },
  } as NewObject);
}

export const SERVICE_ADDRESS = '10.96.0.1';
export const DNS_ADDRESS = '10.96.0.10';

/** The services whose addresses every cluster knows. */
export function systemServices(): InstallationStep[] {
  return [
    service(
      'default',
      'kubernetes',
      { component: 'apiserver', provider: 'kubernetes' },
      {
        clusterIP: SERVICE_ADDRESS,
        clusterIPs: [SERVICE_ADDRESS],
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
        type: 'ClusterIP',
      },
    ),
    service(
      SYSTEM,
      'kube-dns',
      { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      {
        clusterIP: DNS_ADDRESS,
        clusterIPs: [DNS_ADDRESS],
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
        selector: { 'k8s-app': 'kube-dns' },
        type: 'ClusterIP',
      },
    ),
  ];
}

export function serviceAccountStep(
  namespace: string,
  name: string,
  more: { labels?: Record<string, string>; annotations?: Record<string, string>; body?: JsonObject } = {},
): InstallationStep {
  const { labels, annotations, body } = more;
  return step('serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
    ...body,
  } as NewObject);
}

/** A lease that its holder renewed just now. */
export function leaseStep(
  namespace: string,
  name: string,
  holder: string,
  now: Millis,
  more: { seconds: number; node?: string; transitions?: number },
): InstallationStep {
  const at = microTimestamp(now);
  return step(
    'leases.coordination.k8s.io',
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace },
      spec: {
        ...(more.node ? {} : { acquireTime: at, leaseTransitions: more.transitions ?? 0 }),
        holderIdentity: holder,
        leaseDurationSeconds: more.seconds,
        renewTime: at,
      },
    } as NewObject,
    more.node ? { resource: 'nodes', name: more.node } : undefined,
  );
}

export function nodeLease(node: InstalledNode, now: Millis): InstallationStep {
  return leaseStep('kube-node-lease', node.name, node.name, now, { seconds: 40, node: node.name });
}

const DNS_LABELS = { 'k8s-app': 'kube-dns' };
const PROXY_LABELS = { 'k8s-app': 'kube-proxy' };
const LINUX = { 'kubernetes.io/os': 'linux' };

export const CORE_DNS: Workload = {
  name: 'coredns',
  namespace: SYSTEM,
  labels: DNS_LABELS,
  selector: DNS_LABELS,
  replicas: 2,
  podLabels: DNS_LABELS,
  controlPlane: true,
  spec: {
    containers: [
      {
        name: 'coredns',
        image: 'registry.k8s.io/coredns/coredns:v1.13.1',
        imagePullPolicy: 'IfNotPresent',
        args: ['-conf', '/etc/coredns/Corefile'],
        ports: [
          { containerPort: 53, name: 'dns', protocol: 'UDP' },
          { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
          { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
        ],
        resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
        volumeMounts: [{ mountPath: '/etc/coredns', name: 'config-volume', readOnly: true }],
      },
    ],
    dnsPolicy: 'Default',
    nodeSelector: LINUX,
    priorityClassName: 'system-cluster-critical',
    serviceAccountName: 'coredns',
    tolerations: [
      { key: 'CriticalAddonsOnly', operator: 'Exists' },
      { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
    ],
    volumes: [
      {
        name: 'config-volume',
        configMap: { items: [{ key: 'Corefile', path: 'Corefile' }], name: 'coredns' },
      },
    ],
  },
};

export function kubeProxy(kubernetesVersion: string): Workload {
  return {
    name: 'kube-proxy',
    namespace: SYSTEM,
    labels: PROXY_LABELS,
    selector: PROXY_LABELS,
    replicas: 0,
    podLabels: PROXY_LABELS,
    spec: {
      containers: [
        {
          name: 'kube-proxy',
          image: `registry.k8s.io/kube-proxy:${kubernetesVersion}`,
          imagePullPolicy: 'IfNotPresent',
          command: [
            '/usr/local/bin/kube-proxy',
            '--config=/var/lib/kube-proxy/config.conf',
            '--hostname-override=$(NODE_NAME)',
          ],
          env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
          securityContext: { privileged: true },
        },
      ],
      hostNetwork: true,
      nodeSelector: LINUX,
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'kube-proxy',
      tolerations: [{ operator: 'Exists' }],
    } as PodSpec,
  };
}
