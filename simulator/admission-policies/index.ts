/**
 * ValidatingAdmissionPolicy and its bindings (Kubernetes 1.35): who they look at, what they say, in the same CEL as the
 * rules of custom resources.
 *
 * Left out: `authorizer`, audit events (annotations are evaluated and written nowhere), type checking of policies against
 * the kinds they match (`status.typeChecking`), mutating policies.
 */
export { admissionPolicies } from './plugin.ts';
export { checkingAdmissionPolicies } from './policy-rules.ts';
export {
  type AdmissionPolicy,
  type AdmissionPolicyBinding,
  bindings as admissionPolicyBindings,
  policies as admissionPolicyRef,
} from './types.ts';
