/** CDI's workloads, services and certificates (CDI v1.66 pkg/operator/resources/{namespaced,operator,cert}). */
import type { Container, PodSpec } from '../types/core.ts';
import type { JsonObject, NewObject } from '../types/meta.ts';
import { KUBEVIRT_REGISTRY } from './kubevirt-components.ts';
import { type InstallationStep, step } from './step.ts';
import type { Workload } from './workload.ts';

export const CDI_VERSION = 'v1.66.0';
export const CDI_NAMESPACE = 'cdi';

const image = (name: string) => `${KUBEVIRT_REGISTRY}/${name}:${CDI_VERSION}`;
const PART = 'cdi.kubevirt.io';
export const CDI_LABELS: Record<string, string> = {
  app: 'containerized-data-importer',
  'app.kubernetes.io/component': 'storage',
  'app.kubernetes.io/managed-by': 'cdi-operator',
  [PART]: '',
};
const ALLOWED = { 'np.kubevirt.io/allow-access-cluster-services': 'true' };
const MEASURED = { 'prometheus.cdi.kubevirt.io': 'true' };
const CONFINED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const READINESS = {
  failureThreshold: 3,
  initialDelaySeconds: 2,
  periodSeconds: 5,
  successThreshold: 1,
  timeoutSeconds: 1,
};
const HTTPS_READINESS = { httpGet: { path: '/healthz', port: 8443, scheme: 'HTTPS' }, ...READINESS };

function keys(...names: string[]): JsonObject[] {
  return names.map(name => ({ key: name, path: name }));
}
const secretVolume = (name: string, secretName: string, items = keys('tls.crt', 'tls.key')) => ({
  name,
  secret: { defaultMode: 0o644, items, secretName },
});
const bundleVolume = (name: string, configMap: string) => ({
  name,
  configMap: { defaultMode: 0o644, items: keys('ca-bundle.crt'), name: configMap },
});
const labelEnv = (name: string, label: string) => ({
  name,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['app.kubernetes.io/${label}']` } },
});
const INSTALLER = [
  labelEnv('INSTALLER_PART_OF_LABEL', 'part-of'),
  labelEnv('INSTALLER_VERSION_LABEL', 'version'),
];

interface Component {
  name: string;
  image: string;
  serviceAccount: string;
  labels?: Record<string, string>;
  container: Partial<Container>;
  volumes: NonNullable<PodSpec['volumes']>;
}

function component(given: Component): Workload {
  const { name, serviceAccount, container, volumes } = given;
  const labels = { ...CDI_LABELS, [PART]: name, ...ALLOWED, ...given.labels };
  return {
    name,
    namespace: CDI_NAMESPACE,
    labels,
    selector: { [PART]: name },
    replicas: 1,
    podLabels: labels,
    podAnnotations: { 'openshift.io/required-scc': 'restricted-v2' },
    spec: {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              podAffinityTerm: {
                labelSelector: { matchExpressions: [{ key: PART, operator: 'In', values: [name] }] },
                topologyKey: 'kubernetes.io/hostname',
              },
              weight: 1,
            },
          ],
        },
      },
      containers: [
        {
          name,
          image: image(given.image),
          imagePullPolicy: 'IfNotPresent',
          args: ['-v=1'],
          readinessProbe: HTTPS_READINESS,
          resources: { requests: { cpu: '100m', memory: '150Mi' } },
          securityContext: CONFINED,
          terminationMessagePolicy: 'FallbackToLogsOnError',
          ...container,
        },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'kubevirt-cluster-critical',
      securityContext: { runAsNonRoot: true },
      serviceAccountName: serviceAccount,
      tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
      volumes,
    },
  };
}

const CERTS = '/var/run/certs';

export const CDI_WORKLOADS: readonly Workload[] = [
  {
    name: 'cdi-operator',
    namespace: CDI_NAMESPACE,
    labels: {
      name: 'cdi-operator',
      'operator.cdi.kubevirt.io': '',
      ...MEASURED,
      [PART]: 'cdi-operator',
      ...ALLOWED,
    },
    selector: { name: 'cdi-operator', 'operator.cdi.kubevirt.io': '' },
    replicas: 1,
    podLabels: {
      name: 'cdi-operator',
      'operator.cdi.kubevirt.io': '',
      ...MEASURED,
      [PART]: 'cdi-operator',
      ...ALLOWED,
    },
    podAnnotations: { 'openshift.io/required-scc': 'restricted-v2' },
    spec: {
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              podAffinityTerm: {
                labelSelector: {
                  matchExpressions: [{ key: PART, operator: 'In', values: ['cdi-operator'] }],
                },
                topologyKey: 'kubernetes.io/hostname',
              },
              weight: 1,
            },
          ],
        },
      },
      containers: [
        {
          name: 'cdi-operator',
          image: image('cdi-operator'),
          imagePullPolicy: 'IfNotPresent',
          env: [
            { name: 'DEPLOY_CLUSTER_RESOURCES', value: 'true' },
            { name: 'OPERATOR_VERSION', value: CDI_VERSION },
            { name: 'CONTROLLER_IMAGE', value: image('cdi-controller') },
            { name: 'IMPORTER_IMAGE', value: image('cdi-importer') },
            { name: 'CLONER_IMAGE', value: image('cdi-cloner') },
            { name: 'OVIRT_POPULATOR_IMAGE', value: image('cdi-importer') },
            { name: 'APISERVER_IMAGE', value: image('cdi-apiserver') },
            { name: 'UPLOAD_SERVER_IMAGE', value: image('cdi-uploadserver') },
            { name: 'UPLOAD_PROXY_IMAGE', value: image('cdi-uploadproxy') },
            { name: 'VERBOSITY', value: '1' },
            { name: 'PULL_POLICY', value: 'IfNotPresent' },
            { name: 'MONITORING_NAMESPACE' },
          ],
          ports: [
            { containerPort: 8443, name: 'metrics', protocol: 'TCP' },
            { containerPort: 8444, name: 'health', protocol: 'TCP' },
          ],
          livenessProbe: {
            httpGet: { path: '/healthz', port: 8444, scheme: 'HTTP' },
            initialDelaySeconds: 5,
            timeoutSeconds: 10,
          },
          readinessProbe: {
            httpGet: { path: '/readyz', port: 8444, scheme: 'HTTP' },
            initialDelaySeconds: 5,
            timeoutSeconds: 10,
          },
          resources: { requests: { cpu: '100m', memory: '150Mi' } },
          securityContext: CONFINED,
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      securityContext: { runAsNonRoot: true },
      serviceAccountName: 'cdi-operator',
    },
  },
  component({
    name: 'cdi-deployment',
    image: 'cdi-controller',
    serviceAccount: 'cdi-sa',
    labels: MEASURED,
    container: {
      env: [
        { name: 'IMPORTER_IMAGE', value: image('cdi-importer') },
        { name: 'CLONER_IMAGE', value: image('cdi-cloner') },
        { name: 'UPLOADSERVER_IMAGE', value: image('cdi-uploadserver') },
        { name: 'UPLOADPROXY_SERVICE', value: 'cdi-uploadproxy' },
        { name: 'OVIRT_POPULATOR_IMAGE', value: image('cdi-importer') },
        { name: 'PULL_POLICY', value: 'IfNotPresent' },
        ...INSTALLER,
      ],
      ports: [{ containerPort: 8443, name: 'metrics', protocol: 'TCP' }],
      readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, ...READINESS },
      volumeMounts: [
        { mountPath: '/var/run/cdi/token/keys', name: 'cdi-api-signing-key' },
        { mountPath: `${CERTS}/cdi-uploadserver-signer`, name: 'uploadserver-ca-cert' },
        { mountPath: `${CERTS}/cdi-uploadserver-client-signer`, name: 'uploadserver-client-ca-cert' },
        { mountPath: '/var/run/ca-bundle/cdi-uploadserver-signer-bundle', name: 'uploadserver-ca-bundle' },
        {
          mountPath: '/var/run/ca-bundle/cdi-uploadserver-client-signer-bundle',
          name: 'uploadserver-client-ca-bundle',
        },
      ],
    },
    volumes: [
      secretVolume('cdi-api-signing-key', 'cdi-api-signing-key', keys('id_rsa.pub', 'id_rsa')),
      secretVolume('uploadserver-ca-cert', 'cdi-uploadserver-signer'),
      secretVolume('uploadserver-client-ca-cert', 'cdi-uploadserver-client-signer'),
      bundleVolume('uploadserver-ca-bundle', 'cdi-uploadserver-signer-bundle'),
      bundleVolume('uploadserver-client-ca-bundle', 'cdi-uploadserver-client-signer-bundle'),
    ],
  }),
  component({
    name: 'cdi-apiserver',
    image: 'cdi-apiserver',
    serviceAccount: 'cdi-apiserver',
    container: {
      env: INSTALLER,
      ports: [{ containerPort: 8443, name: 'cdi-apiserver', protocol: 'TCP' }],
      volumeMounts: [
        { mountPath: `${CERTS}/cdi-apiserver-signer-bundle`, name: 'ca-bundle', readOnly: true },
        { mountPath: `${CERTS}/cdi-apiserver-server-cert`, name: 'server-cert', readOnly: true },
      ],
    },
    volumes: [
      bundleVolume('ca-bundle', 'cdi-apiserver-signer-bundle'),
      secretVolume('server-cert', 'cdi-apiserver-server-cert'),
    ],
  }),
  component({
    name: 'cdi-uploadproxy',
    image: 'cdi-uploadproxy',
    serviceAccount: 'cdi-uploadproxy',
    container: {
      env: [
        {
          name: 'APISERVER_PUBLIC_KEY',
          valueFrom: { secretKeyRef: { key: 'id_rsa.pub', name: 'cdi-api-signing-key' } },
        },
      ],
      volumeMounts: [
        { mountPath: `${CERTS}/cdi-uploadproxy-server-cert`, name: 'server-cert', readOnly: true },
        { mountPath: `${CERTS}/cdi-uploadserver-client-cert`, name: 'client-cert', readOnly: true },
      ],
    },
    volumes: [
      secretVolume('server-cert', 'cdi-uploadproxy-server-cert'),
      secretVolume('client-cert', 'cdi-uploadserver-client-cert'),
    ],
  }),
];

const SERVICE_ACCOUNTS = ['cdi-sa', 'cdi-metrics-reader', 'cdi-uploadproxy', 'cdi-cronjob', 'cdi-apiserver'];
const SIGNERS = [
  'cdi-apiserver-signer',
  'cdi-apiserver-server-cert',
  'cdi-uploadproxy-signer',
  'cdi-uploadproxy-server-cert',
  'cdi-uploadserver-signer',
  'cdi-uploadserver-client-signer',
  'cdi-uploadserver-client-cert',
];
const BUNDLES = [
  'cdi-apiserver-signer-bundle',
  'cdi-uploadproxy-signer-bundle',
  'cdi-uploadserver-signer-bundle',
  'cdi-uploadserver-client-signer-bundle',
];

function namespaced(kind: string, name: string, body: JsonObject = {}, labels = CDI_LABELS): NewObject {
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: CDI_NAMESPACE, labels },
    ...body,
  } as NewObject;
}

function service(name: string, part: string): NewObject {
  const spec = { ports: [{ port: 443, protocol: 'TCP', targetPort: 8443 }], selector: { [PART]: part } };
  return namespaced('Service', name, { spec }, { ...CDI_LABELS, [PART]: part });
}

/** What CDI's workloads need: accounts, services, certificates (empty, as nobody can use them here). */
export function cdiSupport(): InstallationStep[] {
  const metrics = {
    ports: [{ name: 'metrics', port: 8443, protocol: 'TCP', targetPort: 'metrics' }],
    selector: MEASURED,
  };
  return [
    step(
      'serviceaccounts',
      namespaced('ServiceAccount', 'cdi-operator', {}, { 'operator.cdi.kubevirt.io': '' }),
    ),
    ...SERVICE_ACCOUNTS.map(name => step('serviceaccounts', namespaced('ServiceAccount', name))),
    step(
      'services',
      namespaced('Service', 'cdi-prometheus-metrics', { spec: metrics }, { ...CDI_LABELS, ...MEASURED }),
    ),
    step('services', service('cdi-uploadproxy', 'cdi-uploadproxy')),
    step('services', service('cdi-api', 'cdi-apiserver')),
    ...SIGNERS.map(name =>
      step(
        'secrets',
        namespaced('Secret', name, { data: { 'tls.crt': '', 'tls.key': '' }, type: 'kubernetes.io/tls' }),
      ),
    ),
    step('secrets', namespaced('Secret', 'cdi-api-signing-key', { data: { id_rsa: '', 'id_rsa.pub': '' } })),
    ...BUNDLES.map(name =>
      step('configmaps', namespaced('ConfigMap', name, { data: { 'ca-bundle.crt': '' } })),
    ),
  ];
}
