/** The roles every Kubernetes cluster starts with (kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy, v1.35). */
import type { BindingText, RoleText } from './rbac.ts';

const READ = 'get list watch';
const WRITE = 'create delete deletecollection patch update';
const EVENTS = 'core,events.k8s.io: events = create patch update';
const REVIEWS = [
  'authentication.k8s.io: tokenreviews = create',
  'authorization.k8s.io: subjectaccessreviews = create',
];
const TO = 'rbac.authorization.k8s.io/aggregate-to-';
const DEFAULTS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const UPDATED = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };

function role(name: string, rules: readonly string[], more: { into?: string; from?: string } = {}): RoleText {
  const labels = more.into ? { ...DEFAULTS, [`${TO}${more.into}`]: 'true' } : DEFAULTS;
  return {
    name,
    labels,
    annotations: UPDATED,
    ...(more.from ? { aggregates: `${TO}${more.from}` } : {}),
    rules,
  };
}

function approver(name: string, signer: string): RoleText {
  const rule = `certificates.k8s.io: signers [kubernetes.io/${signer}] = approve`;
  return role(`system:certificates.k8s.io:${name}`, [rule]);
}

function leader(component: string): string[] {
  return [
    EVENTS,
    'coordination.k8s.io: leases = create',
    `coordination.k8s.io: leases [${component}] = get update`,
  ];
}

const WORKLOADS =
  'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale';
const WORKLOAD_VIEWS =
  'daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status';

const USER_ROLES = [
  role('admin', [], { from: 'admin' }),
  role('cluster-admin', ['*: * = *', '* = *']),
  role('edit', [], { from: 'edit', into: 'admin' }),
  role('view', [], { from: 'view', into: 'edit' }),
  role(
    'system:aggregate-to-admin',
    [
      'authorization.k8s.io: localsubjectaccessreviews = create',
      'rbac.authorization.k8s.io: rolebindings roles = create delete deletecollection get list patch update watch',
    ],
    { into: 'admin' },
  ),
  role(
    'system:aggregate-to-edit',
    [
      `core: pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy = ${READ}`,
      'core: serviceaccounts = impersonate',
      `core: pods pods/attach pods/exec pods/portforward pods/proxy = ${WRITE}`,
      'core: pods/eviction = create',
      `core: configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy = ${WRITE}`,
      'core: serviceaccounts/token = create',
      `apps: ${WORKLOADS} statefulsets statefulsets/scale = ${WRITE}`,
      `autoscaling: horizontalpodautoscalers = ${WRITE}`,
      `batch: cronjobs jobs = ${WRITE}`,
      `extensions: ${WORKLOADS} ingresses networkpolicies replicationcontrollers/scale = ${WRITE}`,
      `policy: poddisruptionbudgets = ${WRITE}`,
      `networking.k8s.io: ingresses networkpolicies = ${WRITE}`,
      'coordination.k8s.io: leases = create delete deletecollection get list patch update watch',
    ],
    { into: 'edit' },
  ),
  role(
    'system:aggregate-to-view',
    [
      `core: configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status = ${READ}`,
      `core: bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status = ${READ}`,
      `core: namespaces = ${READ}`,
      `discovery.k8s.io: endpointslices = ${READ}`,
      `apps: controllerrevisions ${WORKLOAD_VIEWS} statefulsets statefulsets/scale statefulsets/status = ${READ}`,
      `autoscaling: horizontalpodautoscalers horizontalpodautoscalers/status = ${READ}`,
      `batch: cronjobs cronjobs/status jobs jobs/status = ${READ}`,
      `extensions: ${WORKLOAD_VIEWS} ingresses ingresses/status networkpolicies replicationcontrollers/scale = ${READ}`,
      `policy: poddisruptionbudgets poddisruptionbudgets/status = ${READ}`,
      `networking.k8s.io: ingresses ingresses/status networkpolicies = ${READ}`,
    ],
    { into: 'view' },
  ),
];

const SYSTEM_ROLES = [
  role('system:auth-delegator', REVIEWS),
  role('system:basic-user', [
    'authorization.k8s.io: selfsubjectaccessreviews selfsubjectrulesreviews = create',
    'authentication.k8s.io: selfsubjectreviews = create',
  ]),
  role('system:certificates.k8s.io:certificatesigningrequests:nodeclient', [
    'certificates.k8s.io: certificatesigningrequests/nodeclient = create',
  ]),
  role('system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', [
    'certificates.k8s.io: certificatesigningrequests/selfnodeclient = create',
  ]),
  approver('kube-apiserver-client-approver', 'kube-apiserver-client'),
  approver('kube-apiserver-client-kubelet-approver', 'kube-apiserver-client-kubelet'),
  approver('kubelet-serving-approver', 'kubelet-serving'),
  approver('legacy-unknown-approver', 'legacy-unknown'),
  role('system:discovery', [
    '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/ = get',
  ]),
  role('system:heapster', [
    `core: events namespaces nodes pods = ${READ}`,
    `extensions: deployments = ${READ}`,
  ]),
  role('system:kube-aggregator', [`core: endpoints services = ${READ}`]),
  role('system:kube-controller-manager', [
    ...leader('kube-controller-manager'),
    'core: secrets serviceaccounts = create',
    'core: secrets = delete',
    'core: configmaps namespaces secrets serviceaccounts = get',
    'core: secrets serviceaccounts = update',
    ...REVIEWS,
    '*: * = list watch',
    'core: serviceaccounts/token = create',
  ]),
  role('system:kube-dns', ['core: endpoints services = list watch']),
  role('system:kube-scheduler', [
    ...leader('kube-scheduler'),
    `core: nodes = ${READ}`,
    'core: pods = delete get list watch',
    'core: bindings pods/binding = create',
    'core: pods/status = patch update',
    `core: replicationcontrollers services = ${READ}`,
    `apps,extensions: replicasets = ${READ}`,
    `apps: statefulsets = ${READ}`,
    `policy: poddisruptionbudgets = ${READ}`,
    `core: persistentvolumeclaims persistentvolumes = ${READ}`,
    ...REVIEWS,
    `storage.k8s.io: csinodes = ${READ}`,
    `core: namespaces = ${READ}`,
    `storage.k8s.io: csidrivers = ${READ}`,
    `storage.k8s.io: csistoragecapacities = ${READ}`,
  ]),
  role('system:kubelet-api-admin', [
    `core: nodes = ${READ}`,
    'core: nodes = proxy',
    'core: nodes/log nodes/metrics nodes/proxy nodes/stats = *',
  ]),
  role('system:monitoring', [
    '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/* = get',
  ]),
  role('system:node', [
    'authentication.k8s.io: tokenreviews = create',
    'authorization.k8s.io: localsubjectaccessreviews subjectaccessreviews = create',
    `core: services = ${READ}`,
    'core: nodes = create get list watch',
    'core: nodes/status = patch update',
    'core: nodes = patch update',
    'core: events = create patch update',
    `core: pods = ${READ}`,
    'core: pods = create delete',
    'core: pods/status = patch update',
    'core: pods/eviction = create',
    `core: configmaps secrets = ${READ}`,
    'core: persistentvolumeclaims persistentvolumes = get',
    'core: endpoints = get',
    'certificates.k8s.io: certificatesigningrequests = create get list watch',
    'coordination.k8s.io: leases = create delete get patch update',
    'storage.k8s.io: volumeattachments = get',
    'core: serviceaccounts/token = create',
    'core: persistentvolumeclaims/status = get patch update',
    `storage.k8s.io: csidrivers = ${READ}`,
    'storage.k8s.io: csinodes = create delete get patch update',
    `node.k8s.io: runtimeclasses = ${READ}`,
  ]),
  role('system:node-bootstrapper', [
    'certificates.k8s.io: certificatesigningrequests = create get list watch',
  ]),
  role('system:node-problem-detector', ['core: nodes = get', 'core: nodes/status = patch', EVENTS]),
  role('system:node-proxier', [
    'core: endpoints services = list watch',
    `core: nodes = ${READ}`,
    EVENTS,
    'discovery.k8s.io: endpointslices = list watch',
  ]),
  role('system:persistent-volume-provisioner', [
    'core: persistentvolumes = create delete get list watch',
    'core: persistentvolumeclaims = get list update watch',
    `storage.k8s.io: storageclasses = ${READ}`,
    'core: events = watch',
    EVENTS,
  ]),
  role('system:public-info-viewer', ['/healthz /livez /readyz /version /version/ = get']),
  role('system:service-account-issuer-discovery', [
    '/.well-known/openid-configuration /openid/v1/jwks = get',
  ]),
  role('system:volume-scheduler', [
    'core: persistentvolumes = get list patch update watch',
    `storage.k8s.io: storageclasses = ${READ}`,
    'core: persistentvolumeclaims = get list patch update watch',
  ]),
];

export const KUBERNETES_CLUSTER_ROLES: readonly RoleText[] = [...USER_ROLES, ...SYSTEM_ROLES];

export const KUBERNETES_ROLES: readonly RoleText[] = [
  {
    ...role('extension-apiserver-authentication-reader', [
      `core: configmaps [extension-apiserver-authentication] = ${READ}`,
    ]),
    namespace: 'kube-system',
  },
];

function binding(name: string, subjects: readonly string[], to = name): BindingText {
  return { name, labels: DEFAULTS, annotations: UPDATED, role: `ClusterRole/${to}`, subjects };
}

export const KUBERNETES_CLUSTER_ROLE_BINDINGS: readonly BindingText[] = [
  binding('cluster-admin', ['Group/system:masters']),
  {
    name: 'kubeadm:cluster-admins',
    role: 'ClusterRole/cluster-admin',
    subjects: ['Group/kubeadm:cluster-admins'],
  },
  binding('system:basic-user', ['Group/system:authenticated']),
  binding('system:discovery', ['Group/system:authenticated']),
  binding('system:kube-controller-manager', ['User/system:kube-controller-manager']),
  binding('system:kube-dns', ['ServiceAccount/kube-system/kube-dns']),
  binding('system:kube-scheduler', ['User/system:kube-scheduler']),
  binding('system:monitoring', ['Group/system:monitoring']),
  binding('system:node', []),
  binding('system:node-proxier', ['User/system:kube-proxy']),
  binding('system:public-info-viewer', ['Group/system:authenticated', 'Group/system:unauthenticated']),
  binding('system:service-account-issuer-discovery', ['Group/system:serviceaccounts']),
  binding('system:volume-scheduler', ['User/system:kube-scheduler']),
];
