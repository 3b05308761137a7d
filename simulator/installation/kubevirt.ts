/** What installing KubeVirt leaves behind besides its workloads and roles (KubeVirt v1.9 pkg/virt-operator). */
import { timestamp } from '../clock/index.ts';
import type { JsonObject, Millis, NewObject } from '../types/meta.ts';
import {
  KUBEVIRT_NAMESPACE as NAMESPACE,
  KUBEVIRT_REGISTRY,
  KUBEVIRT_VERSION,
} from './kubevirt-components.ts';
import { TEMPLATE_ANNOTATION } from './template-components.ts';
import { leaseStep, serviceAccountStep } from './kubernetes.ts';
import { type InstallationStep, step, suffix } from './step.ts';

const LABELS = { 'kubevirt.io': '' };
const MANAGED = { 'app.kubernetes.io/managed-by': 'virt-operator' };

function service(
  name: string,
  labels: Record<string, string>,
  spec: JsonObject,
  annotations?: Record<string, string>,
) {
  return step('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE, labels, ...(annotations ? { annotations } : {}) },
    spec: { type: 'ClusterIP', ...spec },
    status: { loadBalancer: {} },
  } as NewObject);
}

const port = (targetPort: number | string, name?: string, number = 443): JsonObject => ({
  ...(name ? { name } : {}),
  port: number,
  protocol: 'TCP',
  targetPort,
});

function templateService(name: string, controlPlane: string, ports: JsonObject[], labels = {}) {
  const part = { 'app.kubernetes.io/name': 'virt-template' };
  return service(
    name,
    { ...part, ...labels, 'kubevirt.io': name },
    { ipFamilyPolicy: 'PreferDualStack', ports, selector: { ...part, 'control-plane': controlPlane } },
    TEMPLATE_ANNOTATION,
  );
}

export function kubevirtServices(): InstallationStep[] {
  const measured = { 'prometheus.kubevirt.io': 'true' };
  return [
    service(
      'kubevirt-prometheus-metrics',
      { ...LABELS, ...measured },
      {
        clusterIP: 'None',
        ports: [port('metrics', 'metrics')],
        selector: measured,
      },
    ),
    ...['virt-api', 'virt-exportproxy'].map(name =>
      service(name, { 'kubevirt.io': name }, { ports: [port(8443)], selector: { 'kubevirt.io': name } }),
    ),
    service(
      'kubevirt-operator-webhook',
      { ...LABELS, ...measured },
      {
        ports: [port('webhooks', 'webhooks')],
        selector: { 'kubevirt.io': 'virt-operator' },
      },
    ),
    templateService('virt-template-api-service', 'apiserver', [port('http-api', 'http-api')]),
    templateService('virt-template-webhook-service', 'controller-manager', [
      port('http-webhook', 'http-webhook'),
    ]),
    templateService(
      'virt-template-controller-manager-metrics-service',
      'controller-manager',
      [port('http-metrics', 'http-metrics', 8443)],
      { 'control-plane': 'controller-manager' },
    ),
  ];
}

const ACCOUNTS = [
  'kubevirt-operator',
  'kubevirt-apiserver',
  'kubevirt-controller',
  'kubevirt-handler',
  'kubevirt-exportproxy',
  'kubevirt-synchronization-controller',
];

export function kubevirtServiceAccounts(): InstallationStep[] {
  return [
    ...ACCOUNTS.map(name => serviceAccountStep(NAMESPACE, name, { labels: LABELS })),
    ...['virt-template-apiserver', 'virt-template-controller-manager'].map(name =>
      serviceAccountStep(NAMESPACE, name, {
        labels: { 'app.kubernetes.io/name': 'virt-template', 'kubevirt.io': name },
        annotations: TEMPLATE_ANNOTATION,
        body: { automountServiceAccountToken: false },
      }),
    ),
  ];
}

const CERTIFICATES = [
  'kubevirt-virt-api-certs',
  'kubevirt-controller-certs',
  'kubevirt-exportproxy-certs',
  'kubevirt-virt-handler-server-certs',
  'kubevirt-virt-handler-migration-client-certs',
  'kubevirt-virt-handler-vsock-client-certs',
  'kubevirt-virt-handler-monitoring-client-certs',
  'kubevirt-virt-handler-certs',
  'kubevirt-synchronization-controller-certs',
  'kubevirt-synchronization-controller-server-certs',
  'kubevirt-operator-certs',
  'kubevirt-ca',
  'kubevirt-export-ca',
  'kubevirt-backup-ca',
  'kubevirt-virt-template-api-certs',
  'kubevirt-virt-template-webhook-certs',
  'kubevirt-virt-template-controller-metrics-certs',
];
const BUNDLES = ['kubevirt-ca', 'kubevirt-export-ca', 'kubevirt-backup-ca', 'kubevirt-external-ca'];

/** Certificates are empty: nothing in the simulated cluster speaks TLS with them. */
export function kubevirtCertificates(): InstallationStep[] {
  const metadata = (name: string) => ({ name, namespace: NAMESPACE, labels: MANAGED });
  return [
    ...CERTIFICATES.map(name =>
      step('secrets', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: metadata(name),
        data: { 'tls.crt': '', 'tls.key': '' },
        type: 'kubernetes.io/tls',
      } as NewObject),
    ),
    ...BUNDLES.map(name =>
      step('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: metadata(name),
        data: { 'ca-bundle': '' },
      } as NewObject),
    ),
  ];
}

/** Budgets keep one pod of every deployment fewer than it has. */
export function disruptionBudget(
  name: string,
  replicas: number,
  selector: Record<string, string>,
): InstallationStep {
  const least = replicas - 1;
  return step('poddisruptionbudgets.policy', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: `${name}-pdb`, namespace: NAMESPACE, labels: { 'kubevirt.io': `${name}-pdb` } },
    spec: { minAvailable: least, selector: { matchLabels: selector } },
    status: {
      currentHealthy: replicas,
      desiredHealthy: least,
      disruptionsAllowed: replicas - least,
      expectedPods: replicas,
      observedGeneration: 1,
    },
  } as NewObject);
}

type Peer = readonly [label: string, ...values: string[]];

function pods([label, ...values]: Peer): JsonObject {
  if (values.length === 1) return { matchLabels: { [label]: values[0] as string } };
  return {
    matchExpressions: [
      { key: label, operator: values.length > 0 ? 'In' : 'Exists', ...(values.length > 0 ? { values } : {}) },
    ],
  };
}

const part = (...names: string[]): Peer => ['kubevirt.io', ...names];
const tcp = (...ports: number[]) => ports.map(number => ({ port: number, protocol: 'TCP' }));
const peer = (other: Peer, anywhere = false): JsonObject => ({
  ...(anywhere ? { namespaceSelector: {} } : {}),
  podSelector: pods(other),
});

function networkPolicy(
  name: string,
  on: Peer,
  rules: { ingress?: JsonObject[]; egress?: JsonObject[] },
): InstallationStep {
  return step('networkpolicies.networking.k8s.io', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `kubevirt-allow-${name}`, namespace: NAMESPACE },
    spec: {
      podSelector: pods(on),
      ...rules,
      policyTypes: [...(rules.ingress ? ['Ingress'] : []), ...(rules.egress ? ['Egress'] : [])],
    },
  } as NewObject);
}

export function kubevirtNetworkPolicies(): InstallationStep[] {
  const handler = part('virt-handler');
  return [
    networkPolicy(
      'ingress-to-metrics',
      part(
        'virt-operator',
        'virt-handler',
        'virt-controller',
        'virt-api',
        'virt-exportproxy',
        'virt-synchronization-controller',
        'virt-observability-controller',
      ),
      { ingress: [{ ports: tcp(8443, 8187) }] },
    ),
    networkPolicy('ingress-to-virt-api-webhook-server', part('virt-api'), {
      ingress: [{ ports: tcp(8443) }],
    }),
    networkPolicy('virt-api-to-components', part('virt-api'), {
      egress: [
        {
          ports: tcp(8443),
          to: [peer(part('virt-operator', 'virt-handler', 'virt-controller', 'virt-api'))],
        },
      ],
    }),
    networkPolicy('virt-api-to-launchers', part('virt-api'), {
      egress: [{ to: [peer(part('virt-launcher'), true)] }],
    }),
    networkPolicy('virt-api-to-virt-handler', part('virt-api'), {
      egress: [{ ports: [{ protocol: 'TCP' }], to: [peer(handler)] }],
    }),
    networkPolicy('ingress-to-virt-handler', handler, {
      ingress: [{ from: [peer(part('virt-api'))], ports: [{ protocol: 'TCP' }] }],
    }),
    networkPolicy('ingress-to-virt-operator-webhook-server', part('virt-operator'), {
      ingress: [{ ports: tcp(8444) }],
    }),
    networkPolicy('virt-exportproxy-communications', part('virt-exportproxy'), {
      ingress: [{ ports: tcp(8443) }],
      egress: [{ ports: tcp(8443), to: [peer(['kubevirt.io.virt-export-service'], true)] }],
    }),
    networkPolicy('handler-to-handler', handler, {
      ingress: [{ from: [peer(handler)] }],
      egress: [{ to: [peer(handler)] }],
    }),
    networkPolicy('handler-to-prometheus', handler, { egress: [{ ports: tcp(8443) }] }),
    networkPolicy('observability-to-virt-handler', part('virt-observability-controller'), {
      egress: [{ ports: tcp(8187), to: [peer(handler)] }],
    }),
  ];
}

function condition(type: string, status: string, reason: string, message: string, now: Millis): JsonObject {
  const at = timestamp(now);
  return { lastProbeTime: at, lastTransitionTime: at, message, reason, status, type };
}

/** The KubeVirt resource, deployed. `configuration` becomes `spec.configuration`, as an administrator would set it. */
export function kubevirtResource(now: Millis, configuration: JsonObject = {}): InstallationStep {
  const ready = 'All components are ready.';
  const deployment = {
    id: digest(KUBEVIRT_VERSION),
    namespace: NAMESPACE,
    registry: KUBEVIRT_REGISTRY,
    kubeVirtVersion: KUBEVIRT_VERSION,
  };
  const config = JSON.stringify(deployment);
  return step('kubevirts.kubevirt.io', {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: {
      name: 'kubevirt',
      namespace: NAMESPACE,
      annotations: {
        'kubevirt.io/latest-observed-api-version': 'v1',
        'kubevirt.io/storage-observed-api-version': 'v1',
      },
      finalizers: ['foregroundDeleteKubeVirt'],
      generation: 1,
    },
    spec: {
      certificateRotateStrategy: {},
      configuration: { developerConfiguration: {}, ...configuration },
      customizeComponents: {},
      imagePullPolicy: 'IfNotPresent',
      workloadUpdateStrategy: {},
    },
    status: {
      conditions: [
        condition('Available', 'True', 'AllComponentsReady', ready, now),
        condition('Progressing', 'False', 'AllComponentsReady', ready, now),
        condition('Degraded', 'False', 'AllComponentsReady', ready, now),
        condition('Created', 'True', 'AllResourcesCreated', 'All resources were created.', now),
      ],
      defaultArchitecture: 'amd64',
      observedDeploymentConfig: config,
      observedDeploymentID: deployment.id,
      observedGeneration: 1,
      observedKubeVirtRegistry: KUBEVIRT_REGISTRY,
      observedKubeVirtVersion: KUBEVIRT_VERSION,
      operatorVersion: KUBEVIRT_VERSION,
      outdatedVirtualMachineInstanceWorkloads: 0,
      phase: 'Deployed',
      targetDeploymentConfig: config,
      targetDeploymentID: deployment.id,
      targetKubeVirtRegistry: KUBEVIRT_REGISTRY,
      targetKubeVirtVersion: KUBEVIRT_VERSION,
    },
  } as NewObject);
}

/** Forty hexadecimal digits, as a deployment's identifier has. */
function digest(text: string): string {
  return [...suffix(text, 40)].map(character => (character.charCodeAt(0) % 16).toString(16)).join('');
}

/** The leaders among the replicas. */
export function kubevirtLeases(now: Millis, holder: (workload: string) => string): InstallationStep[] {
  return ['virt-controller', 'virt-operator'].map(name =>
    leaseStep(NAMESPACE, name, holder(name), now, { seconds: 15 }),
  );
}
