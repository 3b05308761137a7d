/** ValidatingAdmissionPolicy and its binding (admissionregistration.k8s.io/v1). */
import type { ResourceRef } from '../resources/definition.ts';
import type { KubeObject, LabelSelector } from '../types/meta.ts';

export interface ResourceRule {
  apiGroups?: readonly string[];
  apiVersions?: readonly string[];
  operations?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  scope?: 'Cluster' | 'Namespaced' | '*';
}

export interface MatchResources {
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
  resourceRules?: readonly ResourceRule[];
  excludeResourceRules?: readonly ResourceRule[];
  matchPolicy?: 'Exact' | 'Equivalent';
}

export interface NamedExpression {
  name: string;
  expression: string;
}

export interface PolicyValidation {
  expression: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
}

export interface AdmissionPolicy extends KubeObject {
  spec: {
    paramKind?: { apiVersion: string; kind: string };
    matchConstraints?: MatchResources;
    matchConditions?: readonly NamedExpression[];
    variables?: readonly NamedExpression[];
    validations?: readonly PolicyValidation[];
    auditAnnotations?: readonly { key: string; valueExpression: string }[];
    failurePolicy?: 'Fail' | 'Ignore';
  };
}

export interface AdmissionPolicyBinding extends KubeObject {
  spec: {
    policyName: string;
    paramRef?: {
      name?: string;
      namespace?: string;
      selector?: LabelSelector;
      parameterNotFoundAction?: 'Allow' | 'Deny';
    };
    matchResources?: MatchResources;
    validationActions?: readonly ('Deny' | 'Warn' | 'Audit')[];
  };
}

const GROUP = 'admissionregistration.k8s.io';

export const policies: ResourceRef<AdmissionPolicy> = {
  resource: `validatingadmissionpolicies.${GROUP}`,
  apiVersion: `${GROUP}/v1`,
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
};

export const bindings: ResourceRef<AdmissionPolicyBinding> = {
  resource: `validatingadmissionpolicybindings.${GROUP}`,
  apiVersion: `${GROUP}/v1`,
  kind: 'ValidatingAdmissionPolicyBinding',
  namespaced: false,
};
