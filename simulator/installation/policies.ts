/** Admission policies of KubeVirt v1.9 and virt-template v0.2.2: who they stop and what they say, in CEL of our own. */
import type { JsonObject, NewObject } from '../types/meta.ts';
import { TEMPLATE_ANNOTATION } from './template-components.ts';
import { type InstallationStep, step } from './step.ts';

const GROUP = 'admissionregistration.k8s.io';
const API_VERSION = `${GROUP}/v1`;

interface Policy {
  metadata: NewObject['metadata'];
  spec: JsonObject;
  binding: { metadata: NewObject['metadata']; spec: JsonObject };
}

/** Labels (or annotations) that virt-handler does not own stay as they are. */
function untouched(field: 'labels' | 'annotations'): string {
  const owned = field === 'labels' ? " || key == 'cpumanager'" : '';
  const kept = (from: string, to: string) =>
    `${from}.metadata.${field}.all(key, key.contains('kubevirt.io')${owned} || (key in ${to}.metadata.${field} && ${to}.metadata.${field}[key] == ${from}.metadata.${field}[key]))`;
  return `${kept('object', 'oldObject')} && ${kept('oldObject', 'object')}`;
}

const NODES = { apiGroups: [''], apiVersions: ['*'], resources: ['nodes'] };

const NODE_RESTRICTION: Policy = {
  metadata: { name: 'kubevirt-node-restriction-policy' },
  spec: {
    failurePolicy: 'Fail',
    matchConditions: [
      {
        expression: "request.userInfo.username == 'system:serviceaccount:kubevirt:kubevirt-handler'",
        name: 'virt-handler-user-only',
      },
    ],
    matchConstraints: { resourceRules: [{ ...NODES, operations: ['UPDATE'] }] },
    validations: [
      {
        expression:
          "'authentication.kubernetes.io/node-name' in request.userInfo.extra && object.metadata.name in request.userInfo.extra['authentication.kubernetes.io/node-name']",
        message: 'this user cannot modify this node',
        reason: 'Forbidden',
      },
      {
        expression: 'oldObject.spec == object.spec',
        message: 'this user cannot modify spec of node',
        reason: 'Forbidden',
      },
      {
        expression: untouched('labels'),
        message: 'this user cannot update non kubevirt-owned labels',
        reason: 'Forbidden',
      },
      {
        expression: untouched('annotations'),
        message: 'this user cannot update non kubevirt-owned annotations',
        reason: 'Forbidden',
      },
    ],
  },
  binding: {
    metadata: {
      name: 'kubevirt-node-restriction-binding',
      labels: { 'app.kubernetes.io/managed-by': 'virt-operator', 'kubevirt.io': 'kubevirt-node-restriction' },
    },
    spec: {
      matchResources: { resourceRules: [{ ...NODES, operations: ['*'] }] },
      policyName: 'kubevirt-node-restriction-policy',
      validationActions: ['Deny'],
    },
  },
};

const TEMPLATE_NAME = 'virt-template-vmtr-authz';
const TEMPLATE_METADATA = {
  name: TEMPLATE_NAME,
  labels: { 'app.kubernetes.io/name': 'virt-template', 'kubevirt.io': TEMPLATE_NAME },
  annotations: TEMPLATE_ANNOTATION,
};

function mayCreate(group: string, resource: string, what: string): JsonObject {
  return {
    expression: `authorizer.group('${group}').resource('${resource}').namespace(object.metadata.namespace).check('create').allowed()`,
    messageExpression: `'User is not allowed to create ${what} in namespace ' + object.metadata.namespace`,
    reason: 'Forbidden',
  };
}

const VM = 'object.spec.virtualMachineRef';

const TEMPLATE_SOURCE: Policy = {
  metadata: TEMPLATE_METADATA,
  spec: {
    failurePolicy: 'Fail',
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: ['template.kubevirt.io'],
          apiVersions: ['v1alpha1', 'v1beta1'],
          operations: ['CREATE'],
          resources: ['virtualmachinetemplaterequests'],
        },
      ],
    },
    validations: [
      {
        expression: `object.metadata.namespace == ${VM}.namespace || authorizer.group('template.kubevirt.io').resource('virtualmachinetemplaterequests').subresource('source').namespace(${VM}.namespace).name(${VM}.name).check('create').allowed()`,
        messageExpression: `'User is not allowed to use VirtualMachine ' + ${VM}.namespace + '/' + ${VM}.name + ' as a source for VirtualMachineTemplateRequests'`,
        reason: 'Forbidden',
      },
      mayCreate('cdi.kubevirt.io', 'datavolumes', 'DataVolumes'),
      mayCreate('template.kubevirt.io', 'virtualmachinetemplates', 'VirtualMachineTemplates'),
    ],
  },
  binding: {
    metadata: TEMPLATE_METADATA,
    spec: { policyName: TEMPLATE_NAME, validationActions: ['Deny'] },
  },
};

export function policySteps(): InstallationStep[] {
  const object = (kind: string, { metadata, spec }: { metadata: NewObject['metadata']; spec: JsonObject }) =>
    ({ apiVersion: API_VERSION, kind, metadata, spec }) as NewObject;
  return [NODE_RESTRICTION, TEMPLATE_SOURCE].flatMap(policy => [
    step(`validatingadmissionpolicies.${GROUP}`, object('ValidatingAdmissionPolicy', policy)),
    step(
      `validatingadmissionpolicybindings.${GROUP}`,
      object('ValidatingAdmissionPolicyBinding', policy.binding),
    ),
  ]);
}
