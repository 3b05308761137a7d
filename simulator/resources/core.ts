/** The core group, `v1` (kubernetes pkg/registry/core, v1.35). */
import type { Event, Node, Pod } from '../types/core.ts';
import type { KubeObject } from '../types/meta.ts';
import { builtIn } from './build.ts';
import {
  CLAIM_COLUMNS,
  CONFIG_MAP_COLUMNS,
  ENDPOINTS_COLUMNS,
  EVENT_COLUMNS,
  LIMIT_RANGE_COLUMNS,
  NAMESPACE_COLUMNS,
  NODE_COLUMNS,
  POD_TEMPLATE_COLUMNS,
  QUOTA_COLUMNS,
  REPLICATION_CONTROLLER_COLUMNS,
  SECRET_COLUMNS,
  SERVICE_ACCOUNT_COLUMNS,
  SERVICE_COLUMNS,
  VOLUME_COLUMNS,
} from './core-columns.ts';
import type { ResourceDefinition, SubresourceDefinition } from './definition.ts';
import { at, number, text } from './fields.ts';
import { POD_COLUMNS } from './pod-columns.ts';
import {
  claimDefaults,
  endpointsDefaults,
  keepNamespaceSpec,
  limitRangeDefaults,
  namespaceDefaults,
  podTemplateDefaults,
  prepareNamespace,
  quotaDefaults,
  replicationControllerDefaults,
  secretDefaults,
  validateClaim,
  validateClaimUpdate,
  validateData,
  validateDataUpdate,
  validateSecret,
  validateVolume,
  volumeDefaults,
  withStatus,
} from './core-rules.ts';
import { podDefaults } from './pod-defaults.ts';
import { podGracePeriod, preparePod, validatePod, validatePodUpdate } from './pod-rules.ts';
import {
  keepAllocations,
  prepareService,
  serviceDefaults,
  validateService,
  validateServiceUpdate,
} from './service-rules.ts';
import { validateReplicationController } from './workload-rules.ts';

const group = '';
const CONNECT = ['create', 'get'];
const PROXY = ['create', 'delete', 'get', 'patch', 'update'];
const PARTIAL = ['get', 'patch', 'update'];
const NO_COLLECTION_DELETE = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;

const POD_SUBRESOURCES: readonly SubresourceDefinition[] = [
  { name: 'attach', kind: 'PodAttachOptions', verbs: CONNECT },
  { name: 'binding', kind: 'Binding', verbs: ['create'] },
  { name: 'ephemeralcontainers', kind: 'Pod', verbs: PARTIAL },
  { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  { name: 'exec', kind: 'PodExecOptions', verbs: CONNECT },
  { name: 'log', kind: 'Pod', verbs: ['get'] },
  { name: 'portforward', kind: 'PodPortForwardOptions', verbs: CONNECT },
  { name: 'proxy', kind: 'PodProxyOptions', verbs: PROXY },
  { name: 'resize', kind: 'Pod', verbs: PARTIAL },
];

/** The selector of a replication controller is a plain map, which scale clients read as a label selector. */
export const WORKLOAD_SCALE = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
};

const pod = (object: KubeObject) => object as Pod;
const event = (object: KubeObject) => object as Event;

const POD_FIELDS = {
  'spec.nodeName': (object: KubeObject) => pod(object).spec.nodeName ?? '',
  'spec.host': (object: KubeObject) => pod(object).spec.nodeName ?? '',
  'spec.restartPolicy': (object: KubeObject) => pod(object).spec.restartPolicy ?? '',
  'spec.schedulerName': (object: KubeObject) => pod(object).spec.schedulerName ?? '',
  'spec.serviceAccountName': (object: KubeObject) => pod(object).spec.serviceAccountName ?? '',
  'spec.hostNetwork': (object: KubeObject) => String(pod(object).spec.hostNetwork ?? false),
  'status.phase': (object: KubeObject) => pod(object).status?.phase ?? '',
  'status.podIP': (object: KubeObject) => pod(object).status?.podIP ?? '',
  'status.podIPs': (object: KubeObject) =>
    pod(object).status?.podIPs?.[0]?.ip ?? pod(object).status?.podIP ?? '',
  'status.nominatedNodeName': (object: KubeObject) => pod(object).status?.nominatedNodeName ?? '',
};

const involved = (field: keyof NonNullable<Event['involvedObject']>) => (object: KubeObject) =>
  event(object).involvedObject?.[field] ?? '';

const EVENT_FIELDS = {
  'involvedObject.kind': involved('kind'),
  'involvedObject.namespace': involved('namespace'),
  'involvedObject.name': involved('name'),
  'involvedObject.uid': involved('uid'),
  'involvedObject.apiVersion': involved('apiVersion'),
  'involvedObject.resourceVersion': involved('resourceVersion'),
  'involvedObject.fieldPath': involved('fieldPath'),
  reason: (object: KubeObject) => event(object).reason ?? '',
  reportingComponent: (object: KubeObject) => event(object).reportingComponent ?? '',
  source: (object: KubeObject) => event(object).source?.component || event(object).reportingComponent || '',
  type: (object: KubeObject) => event(object).type ?? '',
};

const podDefinition = builtIn({
  group,
  plural: 'pods',
  kind: 'Pod',
  gracePeriodSeconds: podGracePeriod,
  applyDefaults: podDefaults,
  prepareForCreate: preparePod,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  subresources: POD_SUBRESOURCES,
  generation: 'spec',
  deleteReturnsObject: true,
  columns: POD_COLUMNS,
  selectableFields: POD_FIELDS,
});

export const coreDefinitions: readonly ResourceDefinition[] = [
  builtIn({
    group,
    plural: 'configmaps',
    kind: 'ConfigMap',
    validate: validateData,
    validateUpdate: validateDataUpdate,
    shortNames: ['cm'],
    columns: CONFIG_MAP_COLUMNS,
  }),
  builtIn({
    group,
    plural: 'endpoints',
    kind: 'Endpoints',
    applyDefaults: endpointsDefaults,
    shortNames: ['ep'],
    createOnUpdate: true,
    columns: ENDPOINTS_COLUMNS,
  }),
  builtIn({
    group,
    plural: 'events',
    kind: 'Event',
    shortNames: ['ev'],
    createOnUpdate: true,
    columns: EVENT_COLUMNS,
    selectableFields: EVENT_FIELDS,
  }),
  builtIn({
    group,
    plural: 'limitranges',
    kind: 'LimitRange',
    applyDefaults: limitRangeDefaults,
    shortNames: ['limits'],
    createOnUpdate: true,
    columns: LIMIT_RANGE_COLUMNS,
  }),
  builtIn({
    group,
    plural: 'namespaces',
    kind: 'Namespace',
    applyDefaults: namespaceDefaults,
    prepareForCreate: prepareNamespace,
    prepareForUpdate: keepNamespaceSpec,
    namespaced: false,
    shortNames: ['ns'],
    verbs: NO_COLLECTION_DELETE,
    hasStatus: true,
    subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
    nameRule: 'label',
    columns: NAMESPACE_COLUMNS,
    selectableFields: {
      'status.phase': object => text(at(object, 'status', 'phase')),
      name: object => object.metadata.name,
    },
  }),
  builtIn({
    group,
    plural: 'nodes',
    kind: 'Node',
    namespaced: false,
    shortNames: ['no'],
    hasStatus: true,
    subresources: [{ name: 'proxy', kind: 'NodeProxyOptions', verbs: PROXY }],
    columns: NODE_COLUMNS,
    selectableFields: {
      'spec.unschedulable': object => String((object as Node).spec?.unschedulable ?? false),
    },
  }),
  builtIn({
    group,
    plural: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    applyDefaults: claimDefaults,
    prepareForCreate: withStatus({ phase: 'Pending' }),
    validate: validateClaim,
    validateUpdate: validateClaimUpdate,
    shortNames: ['pvc'],
    hasStatus: true,
    deleteReturnsObject: true,
    columns: CLAIM_COLUMNS,
  }),
  builtIn({
    group,
    plural: 'persistentvolumes',
    kind: 'PersistentVolume',
    applyDefaults: volumeDefaults,
    prepareForCreate: withStatus({ phase: 'Pending' }),
    validate: validateVolume,
    namespaced: false,
    shortNames: ['pv'],
    hasStatus: true,
    deleteReturnsObject: true,
    columns: VOLUME_COLUMNS,
  }),
  podDefinition,
  builtIn({
    group,
    plural: 'podtemplates',
    kind: 'PodTemplate',
    applyDefaults: podTemplateDefaults,
    deleteReturnsObject: true,
    columns: POD_TEMPLATE_COLUMNS,
  }),
  builtIn({
    group,
    plural: 'replicationcontrollers',
    kind: 'ReplicationController',
    applyDefaults: replicationControllerDefaults,
    prepareForCreate: withStatus({ replicas: 0 }),
    validate: validateReplicationController,
    shortNames: ['rc'],
    categories: ['all'],
    hasStatus: true,
    scale: WORKLOAD_SCALE,
    generation: 'spec',
    columns: REPLICATION_CONTROLLER_COLUMNS,
    selectableFields: { 'status.replicas': object => String(number(at(object, 'status', 'replicas'))) },
  }),
  builtIn({
    group,
    plural: 'resourcequotas',
    kind: 'ResourceQuota',
    applyDefaults: quotaDefaults,
    prepareForCreate: withStatus({}),
    shortNames: ['quota'],
    hasStatus: true,
    deleteReturnsObject: true,
    columns: QUOTA_COLUMNS,
  }),
  builtIn({
    group,
    plural: 'secrets',
    kind: 'Secret',
    applyDefaults: secretDefaults,
    validate: validateSecret,
    validateUpdate: validateDataUpdate,
    columns: SECRET_COLUMNS,
    selectableFields: { type: object => text(at(object, 'type')) },
  }),
  builtIn({
    group,
    plural: 'serviceaccounts',
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    subresources: [
      {
        name: 'token',
        kind: 'TokenRequest',
        group: 'authentication.k8s.io',
        version: 'v1',
        verbs: ['create'],
      },
    ],
    deleteReturnsObject: true,
    columns: SERVICE_ACCOUNT_COLUMNS,
  }),
  builtIn({
    group,
    plural: 'services',
    kind: 'Service',
    applyDefaults: serviceDefaults,
    prepareForCreate: prepareService,
    prepareForUpdate: keepAllocations,
    validate: validateService,
    validateUpdate: validateServiceUpdate,
    shortNames: ['svc'],
    categories: ['all'],
    hasStatus: true,
    subresources: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: PROXY }],
    nameRule: 'label1035',
    createOnUpdate: true,
    deleteReturnsObject: true,
    columns: SERVICE_COLUMNS,
    selectableFields: {
      'spec.clusterIP': object => text(at(object, 'spec', 'clusterIP')),
      'spec.type': object => text(at(object, 'spec', 'type')),
    },
  }),
];
