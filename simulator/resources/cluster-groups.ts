/**
 * The groups of cluster administration: admissionregistration, apiextensions, apiregistration, certificates,
 * coordination, discovery, node and scheduling (kubernetes v1.35); in discovery order with networking, RBAC and storage.
 */
import type { KubeObject } from '../types/meta.ts';
import { rbacDefinitions } from './access.ts';
import { builtIn } from './build.ts';
import { AGE, column, CREATED_AT, NONE } from './cells.ts';
import {
  apiServiceDefaults,
  definitionDefaults,
  endpointSliceDefaults,
  policyBindingDefaults,
  policyDefaults,
  prepareDefinition,
  preparePriorityClass,
  priorityClassDefaults,
  validateDefinition,
  validatePriorityClassUpdate,
  webhookDefaults,
} from './cluster-rules.ts';
import { firstThree } from './core-columns.ts';
import { withStatus } from './core-rules.ts';
import type { Column, ResourceDefinition } from './definition.ts';
import { asList, at, number, objects, text } from './fields.ts';
import { networkingDefinitions } from './networking.ts';
import { boolean, cluster, conditional, string } from './shared.ts';
import { storageDefinitions } from './storage.ts';

function crossReference(...names: string[]) {
  return (object: KubeObject) => {
    const reference = at(object, ...names);
    const name = text(at(reference, 'name'));
    if (!name) return '<unset>';
    const namespace = text(at(reference, 'namespace'));
    return namespace ? `${namespace}/${name}` : `*/${name}`;
  };
}

const WEBHOOK_COLUMNS: readonly Column[] = [
  column('Webhooks', object => asList(at(object, 'webhooks')).length, 'integer'),
  AGE,
];

function paramKind(object: KubeObject): string {
  const kind = at(object, 'spec', 'paramKind');
  return kind ? `${text(at(kind, 'apiVersion'))}/${text(at(kind, 'kind'))}` : '<unset>';
}

const admissionDefinitions = [
  builtIn({
    group: 'admissionregistration.k8s.io',
    plural: 'mutatingwebhookconfigurations',
    kind: 'MutatingWebhookConfiguration',
    applyDefaults: webhookDefaults(true),
    categories: ['api-extensions'],
    ...cluster,
    ...conditional,
    generation: 'content',
    columns: WEBHOOK_COLUMNS,
  }),
  builtIn({
    group: 'admissionregistration.k8s.io',
    plural: 'validatingadmissionpolicies',
    kind: 'ValidatingAdmissionPolicy',
    applyDefaults: policyDefaults,
    prepareForCreate: withStatus({}),
    categories: ['api-extensions'],
    ...cluster,
    ...conditional,
    hasStatus: true,
    generation: 'spec',
    columns: [
      column('Validations', object => asList(at(object, 'spec', 'validations')).length, 'integer'),
      column('ParamKind', paramKind),
      AGE,
    ],
  }),
  builtIn({
    group: 'admissionregistration.k8s.io',
    plural: 'validatingadmissionpolicybindings',
    kind: 'ValidatingAdmissionPolicyBinding',
    applyDefaults: policyBindingDefaults,
    categories: ['api-extensions'],
    ...cluster,
    ...conditional,
    generation: 'spec',
    columns: [
      column('PolicyName', string('spec', 'policyName')),
      column('ParamRef', crossReference('spec', 'paramRef')),
      AGE,
    ],
  }),
  builtIn({
    group: 'admissionregistration.k8s.io',
    plural: 'validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
    applyDefaults: webhookDefaults(false),
    categories: ['api-extensions'],
    ...cluster,
    ...conditional,
    generation: 'content',
    columns: WEBHOOK_COLUMNS,
  }),
];

/** `True`, or `False (Reason)`. */
function available(service: KubeObject): string {
  const condition = objects(at(service, 'status', 'conditions')).find(entry => entry.type === 'Available');
  if (!condition) return 'Unknown';
  const reason = text(condition.reason);
  return condition.status === 'True' || reason === ''
    ? text(condition.status)
    : `${text(condition.status)} (${reason})`;
}

const extensionDefinitions = [
  builtIn({
    group: 'apiextensions.k8s.io',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    applyDefaults: definitionDefaults,
    prepareForCreate: prepareDefinition,
    validate: validateDefinition,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    ...cluster,
    ...conditional,
    hasStatus: true,
    generation: 'spec',
    columns: [CREATED_AT],
  }),
  builtIn({
    group: 'apiregistration.k8s.io',
    plural: 'apiservices',
    kind: 'APIService',
    applyDefaults: apiServiceDefaults,
    prepareForCreate: withStatus({}),
    categories: ['api-extensions'],
    ...cluster,
    ...conditional,
    hasStatus: true,
    columns: [
      column('Service', object => {
        const service = at(object, 'spec', 'service');
        return service ? `${text(at(service, 'namespace'))}/${text(at(service, 'name'))}` : 'Local';
      }),
      column('Available', available),
      AGE,
    ],
  }),
];

const CSR_CONDITIONS = ['Denied', 'Approved'] as const;

function requestCondition(request: KubeObject): string {
  const conditions = objects(at(request, 'status', 'conditions')).map(condition => text(condition.type));
  const decision = CSR_CONDITIONS.find(type => conditions.includes(type)) ?? 'Pending';
  const failed = conditions.includes('Failed') ? ',Failed' : '';
  const issued = text(at(request, 'status', 'certificate')) !== '' ? ',Issued' : '';
  return `${decision}${failed}${issued}`;
}

const certificateDefinitions = [
  builtIn({
    group: 'certificates.k8s.io',
    plural: 'certificatesigningrequests',
    kind: 'CertificateSigningRequest',
    prepareForCreate: withStatus({}),
    shortNames: ['csr'],
    ...cluster,
    hasStatus: true,
    subresources: [
      { name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] },
    ],
    columns: [
      AGE,
      column('SignerName', string('spec', 'signerName')),
      column('Requestor', string('spec', 'username')),
      column('RequestedDuration', object => {
        const seconds = at(object, 'spec', 'expirationSeconds');
        return typeof seconds === 'number' ? `${seconds}s` : NONE;
      }),
      column('Condition', requestCondition),
    ],
    selectableFields: { 'spec.signerName': string('spec', 'signerName') },
  }),
];

const coordinationDefinitions = [
  builtIn({
    group: 'coordination.k8s.io',
    plural: 'leases',
    kind: 'Lease',
    ...conditional,
    createOnUpdate: true,
    columns: [column('Holder', string('spec', 'holderIdentity')), AGE],
  }),
];

function slicePorts(slice: KubeObject): string {
  const ports = objects(at(slice, 'ports'));
  if (ports.length === 0) return at(slice, 'ports') === undefined ? '*' : '<unset>';
  return firstThree(ports.map(port => (typeof port.port === 'number' ? String(port.port) : '*')));
}

const discoveryDefinitions = [
  builtIn({
    group: 'discovery.k8s.io',
    plural: 'endpointslices',
    kind: 'EndpointSlice',
    applyDefaults: endpointSliceDefaults,
    generation: 'content',
    columns: [
      column('AddressType', string('addressType')),
      column('Ports', slicePorts),
      column('Endpoints', object => {
        const all = objects(at(object, 'endpoints')).flatMap(
          endpoint => asList(endpoint.addresses) as string[],
        );
        return all.length === 0 ? '<unset>' : firstThree(all);
      }),
      AGE,
    ],
  }),
];

const schedulingDefinitions = [
  builtIn({
    group: 'scheduling.k8s.io',
    plural: 'priorityclasses',
    kind: 'PriorityClass',
    applyDefaults: priorityClassDefaults,
    prepareForCreate: preparePriorityClass,
    validateUpdate: validatePriorityClassUpdate,
    shortNames: ['pc'],
    ...cluster,
    columns: [
      column('Value', object => number(at(object, 'value')), 'integer'),
      column('Global-Default', boolean('globalDefault'), 'boolean'),
      AGE,
      column('PreemptionPolicy', object => text(at(object, 'preemptionPolicy'), 'PreemptLowerPriority')),
    ],
  }),
];

const nodeDefinitions = [
  builtIn({
    group: 'node.k8s.io',
    plural: 'runtimeclasses',
    kind: 'RuntimeClass',
    ...cluster,
    ...conditional,
    columns: [column('Handler', string('handler')), AGE],
  }),
];

export const clusterGroupDefinitions: readonly ResourceDefinition[] = [
  ...certificateDefinitions,
  ...networkingDefinitions,
  ...rbacDefinitions,
  ...storageDefinitions,
  ...admissionDefinitions,
  ...extensionDefinitions,
  ...schedulingDefinitions,
  ...coordinationDefinitions,
  ...nodeDefinitions,
  ...discoveryDefinitions,
];
