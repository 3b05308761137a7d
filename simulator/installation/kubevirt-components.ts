/** KubeVirt's own workloads (KubeVirt v1.9 pkg/virt-operator/resource/generate/components/{deployments,daemonsets}.go). */
import type { Container, PodSpec, Toleration } from '../types/core.ts';
import type { JsonObject } from '../types/meta.ts';
import type { Workload } from './workload.ts';

export const KUBEVIRT_VERSION = 'v1.9.0';
export const KUBEVIRT_NAMESPACE = 'kubevirt';
export const KUBEVIRT_REGISTRY = 'quay.io/kubevirt';

export function image(name: string, version = KUBEVIRT_VERSION): string {
  return `${KUBEVIRT_REGISTRY}/${name}:${version}`;
}

const CONFINED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
export const UNPRIVILEGED = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const CRITICAL: Toleration = { key: 'CriticalAddonsOnly', operator: 'Exists' };
export const CONTROL_PLANE_TOLERATIONS: Toleration[] = [
  CRITICAL,
  { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/master', operator: 'Exists', effect: 'NoSchedule' },
];
export const LINUX = { 'kubernetes.io/os': 'linux' };

/** On control-plane nodes, rather on those that run nothing else, and spread over them. */
export function infrastructureAffinity(spread: string): NonNullable<PodSpec['affinity']> {
  return {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          preference: {
            matchExpressions: [{ key: 'node-role.kubernetes.io/worker', operator: 'DoesNotExist' }],
          },
          weight: 100,
        },
      ],
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: ['control-plane', 'master'].map(role => ({
          matchExpressions: [{ key: `node-role.kubernetes.io/${role}`, operator: 'Exists' }],
        })),
      },
    },
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          podAffinityTerm: {
            labelSelector: { matchExpressions: [{ key: 'kubevirt.io', operator: 'In', values: [spread] }] },
            topologyKey: 'kubernetes.io/hostname',
          },
          weight: 1,
        },
      ],
    },
  };
}

export function httpsProbe(path: string, port: number, more: JsonObject): JsonObject {
  return { httpGet: { path, port, scheme: 'HTTPS' }, ...more };
}

interface Component {
  name: string;
  container: Partial<Container> & { name: string; startupProbe?: JsonObject };
  serviceAccount: string;
  /** Optional secrets by name and the path they are mounted at, in order. */
  certificates: readonly (readonly [secret: string, path: string])[];
  /** virt-exportproxy's affinity names virt-api. */
  spread?: string;
  /** What virt-operator installs itself carries its version; the operator does not. */
  operator?: boolean;
}

function certificateVolumes(certificates: Component['certificates']): NonNullable<PodSpec['volumes']> {
  return certificates.map(([name]) => ({ name, secret: { optional: true, secretName: name } }));
}

function certificateMounts(certificates: Component['certificates']): NonNullable<Container['volumeMounts']> {
  return certificates.map(([name, mountPath]) => ({ mountPath, name, readOnly: true }));
}

function component({ name, container, serviceAccount, certificates, spread, operator }: Component): Workload {
  const version: Record<string, string> = operator ? {} : { 'app.kubernetes.io/version': KUBEVIRT_VERSION };
  return {
    name,
    namespace: KUBEVIRT_NAMESPACE,
    labels: { ...(operator ? {} : { 'app.kubernetes.io/name': name }), ...version, 'kubevirt.io': name },
    selector: { 'kubevirt.io': name },
    replicas: 2,
    podName: name,
    podLabels: {
      ...version,
      'kubevirt.io': name,
      ...(operator ? { name } : {}),
      'np.kubevirt.io/allow-access-cluster-services': 'true',
      'prometheus.kubevirt.io': 'true',
    },
    podAnnotations: { 'openshift.io/required-scc': 'restricted-v2' },
    controlPlane: true,
    spec: {
      affinity: infrastructureAffinity(spread ?? name),
      containers: [
        {
          image: image(name),
          imagePullPolicy: 'IfNotPresent',
          securityContext: CONFINED,
          terminationMessagePolicy: 'FallbackToLogsOnError',
          volumeMounts: [
            ...certificateMounts(certificates),
            { mountPath: '/profile-data', name: 'profile-data' },
          ],
          ...container,
        },
      ],
      nodeSelector: LINUX,
      priorityClassName: 'kubevirt-cluster-critical',
      securityContext: UNPRIVILEGED,
      serviceAccountName: serviceAccount,
      tolerations: CONTROL_PLANE_TOLERATIONS,
      volumes: [...certificateVolumes(certificates), { name: 'profile-data', emptyDir: {} }],
    },
  };
}

const metricsPort = { containerPort: 8443, name: 'metrics', protocol: 'TCP' };

export const VIRT_OPERATOR: Workload = component({
  name: 'virt-operator',
  operator: true,
  serviceAccount: 'kubevirt-operator',
  certificates: [['kubevirt-operator-certs', '/etc/virt-operator/certificates']],
  container: {
    name: 'virt-operator',
    command: ['virt-operator'],
    args: ['--port', '8443', '-v', '2'],
    env: [
      { name: 'VIRT_OPERATOR_IMAGE', value: image('virt-operator') },
      {
        name: 'WATCH_NAMESPACE',
        valueFrom: { fieldRef: { fieldPath: "metadata.annotations['olm.targetNamespaces']" } },
      },
      { name: 'KUBEVIRT_VERSION', value: KUBEVIRT_VERSION },
    ],
    ports: [metricsPort, { containerPort: 8444, name: 'webhooks', protocol: 'TCP' }],
    livenessProbe: httpsProbe('/metrics', 8443, { initialDelaySeconds: 5, timeoutSeconds: 10 }),
    readinessProbe: httpsProbe('/metrics', 8443, { initialDelaySeconds: 5, timeoutSeconds: 10 }),
    resources: { requests: { cpu: '10m', memory: '450Mi' } },
  },
});

export const VIRT_API: Workload = component({
  name: 'virt-api',
  serviceAccount: 'kubevirt-apiserver',
  certificates: [
    ['kubevirt-virt-api-certs', '/etc/virt-api/certificates'],
    ['kubevirt-virt-handler-certs', '/etc/virt-handler/clientcertificates'],
  ],
  container: {
    name: 'virt-api',
    command: ['virt-api'],
    args: ['--port', '8443', '--console-server-port', '8186', '--subresources-only', '-v', '2'],
    ports: [{ containerPort: 8443, name: 'virt-api', protocol: 'TCP' }, metricsPort],
    readinessProbe: httpsProbe('/apis/subresources.kubevirt.io/v1/healthz', 8443, {
      initialDelaySeconds: 15,
      periodSeconds: 10,
    }),
    resources: { requests: { cpu: '5m', memory: '500Mi' } },
  },
});

export const VIRT_CONTROLLER: Workload = component({
  name: 'virt-controller',
  serviceAccount: 'kubevirt-controller',
  certificates: [
    ['kubevirt-controller-certs', '/etc/virt-controller/certificates'],
    ['kubevirt-export-ca', '/etc/virt-controller/exportca'],
    ['kubevirt-backup-ca', '/etc/virt-controller/backupca'],
  ],
  container: {
    name: 'virt-controller',
    command: ['virt-controller'],
    args: [
      '--launcher-image',
      image('virt-launcher'),
      '--exporter-image',
      image('virt-exportserver'),
      '--port',
      '8443',
      '-v',
      '2',
    ],
    env: [{ name: 'SIDECAR_SHIM_IMAGE', value: image('sidecar-shim') }],
    ports: [metricsPort],
    livenessProbe: httpsProbe('/healthz', 8443, {
      failureThreshold: 8,
      initialDelaySeconds: 15,
      timeoutSeconds: 10,
    }),
    readinessProbe: httpsProbe('/leader', 8443, { initialDelaySeconds: 15, timeoutSeconds: 10 }),
    resources: { requests: { cpu: '10m', memory: '275Mi' } },
  },
});

export const VIRT_EXPORTPROXY: Workload = component({
  name: 'virt-exportproxy',
  serviceAccount: 'kubevirt-exportproxy',
  spread: 'virt-api',
  certificates: [['kubevirt-exportproxy-certs', '/etc/virt-exportproxy/certificates']],
  container: {
    name: 'exportproxy',
    command: ['virt-exportproxy', '--port', '8443', '-v', '2'],
    ports: [{ containerPort: 8443, name: 'exportproxy', protocol: 'TCP' }, metricsPort],
    readinessProbe: httpsProbe('/healthz', 8443, { initialDelaySeconds: 15, periodSeconds: 10 }),
    resources: { requests: { cpu: '5m', memory: '150Mi' } },
  },
});

const HANDLER_CERTIFICATES: Component['certificates'] = [
  ['kubevirt-virt-handler-certs', '/etc/virt-handler/clientcertificates'],
  ['kubevirt-virt-handler-server-certs', '/etc/virt-handler/servercertificates'],
  ['kubevirt-virt-handler-migration-client-certs', '/etc/virt-handler/migrationservercertificates'],
  ['kubevirt-virt-handler-vsock-client-certs', '/etc/virt-handler/vsockclientcertificates'],
];

/** Directories of the node: volume, path on the node, path in the container, propagation. */
const HANDLER_PATHS: readonly (readonly [string, string, string, string?])[] = [
  ['libvirt-runtimes', '/var/run/kubevirt-libvirt-runtimes', '/var/run/kubevirt-libvirt-runtimes'],
  ['virt-share-dir', '/var/run/kubevirt', '/var/run/kubevirt', 'Bidirectional'],
  ['virt-private-dir', '/var/run/kubevirt-private', '/var/run/kubevirt-private'],
  ['kubelet-pods', '/var/lib/kubelet/pods', '/pods'],
  ['kubelet', '/var/lib/kubelet', '/var/lib/kubelet', 'HostToContainer'],
  ['node-labeller', '/var/lib/kubevirt-node-labeller', '/var/lib/kubevirt-node-labeller'],
];
const NETWORK_STATUS = "metadata.annotations['k8s.v1.cni.cncf.io/network-status']";

export const VIRT_HANDLER: Workload = {
  name: 'virt-handler',
  namespace: KUBEVIRT_NAMESPACE,
  labels: {
    'app.kubernetes.io/version': KUBEVIRT_VERSION,
    'kubevirt.io': 'virt-handler',
    'kubevirt.io/supports-migration-cn-types': 'true',
  },
  selector: { 'kubevirt.io': 'virt-handler' },
  replicas: 0,
  podName: 'virt-handler',
  podLabels: {
    'app.kubernetes.io/version': KUBEVIRT_VERSION,
    'kubevirt.io': 'virt-handler',
    'np.kubevirt.io/allow-access-cluster-services': 'true',
    'prometheus.kubevirt.io': 'true',
  },
  podAnnotations: { 'openshift.io/required-scc': 'kubevirt-handler' },
  spec: {
    containers: [
      {
        name: 'virt-handler',
        image: image('virt-handler'),
        imagePullPolicy: 'IfNotPresent',
        command: ['virt-handler'],
        args: [
          '--port',
          '8443',
          '--hostname-override',
          '$(NODE_NAME)',
          '--pod-ip-address',
          '$(MY_POD_IP)',
          '--max-metric-requests',
          '3',
          '--console-server-port',
          '8186',
          '--vmstats-server-port',
          '8187',
          '--graceful-shutdown-seconds',
          '315',
          '-v',
          '2',
        ],
        env: [
          { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          { name: 'MY_POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        ],
        ports: [metricsPort, { containerPort: 8187, name: 'vmstats', protocol: 'TCP' }],
        livenessProbe: httpsProbe('/healthz', 8443, {
          failureThreshold: 3,
          initialDelaySeconds: 15,
          periodSeconds: 45,
          timeoutSeconds: 10,
        }),
        readinessProbe: httpsProbe('/healthz', 8443, {
          initialDelaySeconds: 15,
          periodSeconds: 20,
          timeoutSeconds: 10,
        }),
        resources: { requests: { cpu: '10m', memory: '325Mi' } },
        securityContext: { privileged: true, seLinuxOptions: { level: 's0' } },
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [
          ...certificateMounts(HANDLER_CERTIFICATES),
          { mountPath: '/profile-data', name: 'profile-data' },
          ...HANDLER_PATHS.map(([name, , mountPath, mountPropagation]) => ({
            mountPath,
            ...(mountPropagation ? { mountPropagation } : {}),
            name,
          })),
          { mountPath: '/etc/podinfo', name: 'podinfo' },
        ],
      },
    ],
    initContainers: [
      {
        name: 'virt-launcher',
        image: image('virt-launcher'),
        command: ['/bin/sh', '-c'],
        args: ['node-labeller.sh'],
        env: [
          { name: 'PREFERRED_VIRTTYPE', value: 'kvm' },
          { name: 'HYPERVISOR_DEVICE', value: 'kvm' },
        ],
        resources: {},
        securityContext: { privileged: true, runAsUser: 0 },
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [{ mountPath: '/var/lib/kubevirt-node-labeller', name: 'node-labeller' }],
      },
    ],
    nodeSelector: LINUX,
    priorityClassName: 'kubevirt-cluster-critical',
    serviceAccountName: 'kubevirt-handler',
    hostPID: true,
    tolerations: [CRITICAL],
    volumes: [
      ...certificateVolumes(HANDLER_CERTIFICATES),
      { name: 'profile-data', emptyDir: {} },
      ...HANDLER_PATHS.map(([name, path]) => ({ name, hostPath: { path } })),
      {
        name: 'podinfo',
        downwardAPI: { items: [{ fieldRef: { fieldPath: NETWORK_STATUS }, path: 'network-status' }] },
      },
    ],
  } as PodSpec,
};
