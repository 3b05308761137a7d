/** What policies and bindings may say (kubernetes v1.35 pkg/apis/admissionregistration/validation). */
import { fieldErrors } from '../apiserver/index.ts';
import { type ResourceDefinition, resourceName } from '../resources/definition.ts';
import type { KubeObject, StatusCause } from '../types/meta.ts';
import { compiledPolicy, type PolicyExpression } from './compile.ts';
import { type AdmissionPolicy, type AdmissionPolicyBinding, bindings, policies } from './types.ts';

const { invalidValue, notSupported, required } = fieldErrors;

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];

/** The resources of policies and bindings with the rules for what they say; any other resource as it is. */
export function checkingAdmissionPolicies(resource: ResourceDefinition): ResourceDefinition {
  const validate = VALIDATIONS[resourceName(resource.group, resource.plural)];
  return validate ? { ...resource, validate, validateUpdate: validate } : resource;
}

const VALIDATIONS: Readonly<Record<string, (object: KubeObject) => StatusCause[]>> = {
  [policies.resource]: object => policyErrors(object as AdmissionPolicy),
  [bindings.resource]: object => bindingErrors(object as AdmissionPolicyBinding),
};

function policyErrors(policy: AdmissionPolicy): StatusCause[] {
  const { spec } = policy;
  const causes: StatusCause[] = [];
  if (!spec?.matchConstraints) causes.push(required('spec.matchConstraints'));
  else if (!spec.matchConstraints.resourceRules?.length) {
    causes.push(required('spec.matchConstraints.resourceRules'));
  }
  if (!spec?.validations?.length && !spec?.auditAnnotations?.length) {
    const why = 'validations or auditAnnotations must contain at least one item';
    causes.push(required('spec.validations', why), required('spec.auditAnnotations', why));
    return causes;
  }
  const compiled = compiledPolicy(policy);
  const check = (field: string, expression: PolicyExpression | undefined) => {
    if (expression?.source.trim() === '') causes.push(required(field));
    else if (expression?.error) causes.push(invalidValue(field, expression.source, expression.error));
  };
  compiled.conditions.forEach((condition, at) => {
    check(`spec.matchConditions[${at}].expression`, condition);
  });
  compiled.variables.forEach((variable, at) => {
    check(`spec.variables[${at}].expression`, variable);
  });
  compiled.validations.forEach(({ validation, expression, message }, at) => {
    check(`spec.validations[${at}].expression`, expression);
    check(`spec.validations[${at}].messageExpression`, message);
    if (validation.reason && !REASONS.includes(validation.reason)) {
      causes.push(notSupported(`spec.validations[${at}].reason`, validation.reason, REASONS));
    }
  });
  compiled.annotations.forEach((annotation, at) => {
    check(`spec.auditAnnotations[${at}].valueExpression`, annotation);
  });
  return causes;
}

function bindingErrors({ spec }: AdmissionPolicyBinding): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!spec?.policyName) causes.push(required('spec.policyName'));
  const actions = spec?.validationActions ?? [];
  if (actions.length === 0) causes.push(required('spec.validationActions'));
  for (const [at, action] of actions.entries()) {
    if (!ACTIONS.includes(action))
      causes.push(notSupported(`spec.validationActions[${at}]`, action, ACTIONS));
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    causes.push(
      invalidValue(
        'spec.validationActions',
        actions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  }
  const { paramRef } = spec ?? {};
  if (paramRef) {
    if (!paramRef.name && !paramRef.selector) {
      causes.push(required('spec.paramRef', 'one of name or selector must be specified'));
    }
    if (!paramRef.parameterNotFoundAction) {
      causes.push(required('spec.paramRef.parameterNotFoundAction'));
    }
  }
  return causes;
}
