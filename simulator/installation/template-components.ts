/** The workloads of virt-template v0.2.2, as virt-operator installs them with KubeVirt v1.9 (components/virttemplate.go). */
import type { Container, PodSpec } from '../types/core.ts';
import type { JsonObject } from '../types/meta.ts';
import {
  CONTROL_PLANE_TOLERATIONS,
  httpsProbe,
  image,
  infrastructureAffinity,
  KUBEVIRT_NAMESPACE,
  KUBEVIRT_VERSION,
  LINUX,
  UNPRIVILEGED,
} from './kubevirt-components.ts';
import type { Workload } from './workload.ts';

interface TemplateComponent {
  name: string;
  controlPlane: string;
  container: Partial<Container> & { name: string; startupProbe?: JsonObject };
  serviceAccount: string;
  volumes: NonNullable<PodSpec['volumes']>;
}

const TEMPLATE_VERSION = 'v0.2.2';
export const TEMPLATE_ANNOTATION = { 'template.kubevirt.io/virt-template-version': TEMPLATE_VERSION };

function templateComponent(given: TemplateComponent): Workload {
  const { name, controlPlane, container, serviceAccount, volumes } = given;
  const selector = { 'app.kubernetes.io/name': 'virt-template', 'control-plane': controlPlane };
  const version = { 'app.kubernetes.io/version': KUBEVIRT_VERSION };
  const { nodeAffinity } = infrastructureAffinity('');
  return {
    name,
    namespace: KUBEVIRT_NAMESPACE,
    labels: { ...selector, ...version, 'kubevirt.io': name },
    annotations: TEMPLATE_ANNOTATION,
    selector,
    replicas: 1,
    podLabels: { ...selector, ...version, 'np.kubevirt.io/allow-access-cluster-services': 'true' },
    podAnnotations: { 'kubectl.kubernetes.io/default-container': container.name, ...TEMPLATE_ANNOTATION },
    controlPlane: true,
    spec: {
      affinity: {
        nodeAffinity: {
          ...nodeAffinity,
          // Terms are alternatives, so that either fitting hardware or the control plane will do.
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64', 's390x'] },
                  { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
                ],
              },
              ...(nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []),
            ],
          },
        },
      },
      automountServiceAccountToken: true,
      containers: [
        {
          image: image(name, TEMPLATE_VERSION),
          imagePullPolicy: 'IfNotPresent',
          resources: { limits: { cpu: '500m', memory: '128Mi' }, requests: { cpu: '10m', memory: '64Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
          terminationMessagePolicy: 'FallbackToLogsOnError',
          ...container,
        },
      ],
      nodeSelector: LINUX,
      securityContext: UNPRIVILEGED,
      serviceAccountName: serviceAccount,
      terminationGracePeriodSeconds: 10,
      tolerations: CONTROL_PLANE_TOLERATIONS.slice(1),
      volumes,
    },
  };
}

export const TEMPLATE_APISERVER: Workload = templateComponent({
  name: 'virt-template-apiserver',
  controlPlane: 'apiserver',
  serviceAccount: 'virt-template-apiserver',
  container: {
    name: 'apiserver',
    command: ['/apiserver'],
    args: [
      '--disable-http2-serving',
      '--secure-port=9443',
      '--tls-cert-file=/tmp/k8s-api-server/api-cert/tls.crt',
      '--tls-private-key-file=/tmp/k8s-api-server/api-cert/tls.key',
      '-v',
      '2',
    ],
    ports: [{ containerPort: 9443, name: 'http-api', protocol: 'TCP' }],
    livenessProbe: httpsProbe('/livez', 9443, { periodSeconds: 20 }),
    readinessProbe: httpsProbe('/readyz', 9443, { periodSeconds: 10 }),
    startupProbe: httpsProbe('/livez', 9443, { failureThreshold: 15, periodSeconds: 5 }),
    volumeMounts: [{ mountPath: '/tmp/k8s-api-server/api-cert', name: 'api-cert', readOnly: true }],
  },
  volumes: [{ name: 'api-cert', secret: { secretName: 'kubevirt-virt-template-api-certs' } }],
});

export const TEMPLATE_CONTROLLER: Workload = templateComponent({
  name: 'virt-template-controller',
  controlPlane: 'controller-manager',
  serviceAccount: 'virt-template-controller-manager',
  container: {
    name: 'manager',
    command: ['/manager'],
    args: [
      '--metrics-bind-address=:8443',
      '--leader-elect',
      '--health-probe-bind-address=:8081',
      '--metrics-cert-path=/tmp/k8s-metrics-server/metrics-certs',
      '--webhook-cert-path=/tmp/k8s-webhook-server/serving-certs',
      '-v',
      '2',
    ],
    ports: [
      { containerPort: 8443, name: 'http-metrics', protocol: 'TCP' },
      { containerPort: 8081, name: 'http-healthz', protocol: 'TCP' },
      { containerPort: 9443, name: 'http-webhook', protocol: 'TCP' },
    ],
    livenessProbe: { httpGet: { path: '/healthz', port: 8081 }, periodSeconds: 20 },
    readinessProbe: { httpGet: { path: '/readyz', port: 8081 }, periodSeconds: 10 },
    startupProbe: { failureThreshold: 15, httpGet: { path: '/healthz', port: 8081 }, periodSeconds: 5 },
    volumeMounts: [
      { mountPath: '/tmp/k8s-metrics-server/metrics-certs', name: 'metrics-certs', readOnly: true },
      { mountPath: '/tmp/k8s-webhook-server/serving-certs', name: 'webhook-certs', readOnly: true },
    ],
  },
  volumes: [
    { name: 'webhook-certs', secret: { secretName: 'kubevirt-virt-template-webhook-certs' } },
    {
      name: 'metrics-certs',
      secret: {
        items: ['tls.crt', 'tls.key'].map(key => ({ key, path: key })),
        optional: false,
        secretName: 'kubevirt-virt-template-controller-metrics-certs',
      },
    },
  ],
});
