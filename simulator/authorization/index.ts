/**
 * Who may do what, and who somebody is (Kubernetes 1.35): role-based access control as authoriser, virt-api's second
 * look at requests to its API (KubeVirt v1.9), the review APIs, impersonation, tokens of service accounts, and the check
 * that nobody grants more than they hold.
 * Left out: the node authoriser (kubelets are no clients here), ABAC and webhook authorisers, field and label selectors
 * of attributes (RBAC knows none), constrained impersonation, RSA-signed tokens, restrictions of tokens by node.
 */
import type { VirtualResource } from '../apiserver/index.ts';
import { accessReviews } from './access-reviews.ts';
import { identityReviews } from './identity-reviews.ts';

/** Every review API, for a cluster to serve. */
export const reviewResources: readonly VirtualResource[] = [...identityReviews, ...accessReviews];

export { type AccessRequest, attributesOf } from './attributes.ts';
export { type HeldRules, MASTERS, authorize, rulesFor } from './authorize.ts';
export { rbacAuthorizer } from './authorizer.ts';
export { escalationCheck } from './escalation.ts';
export { type ImpersonationHeaders, impersonate } from './impersonation.ts';
export { forbiddenError, forbiddenMessage } from './messages.ts';
export { ruleAllows } from './rules.ts';
export {
  API_AUDIENCE,
  type TokenOrder,
  type TokenVerdict,
  authenticateToken,
  issueSecretToken,
  issueToken,
  reviewToken,
} from './service-account-tokens.ts';
export { tokenSubresource } from './token-request.ts';
export * from './types.ts';
export { VIRT_API_GROUP, authorizeAtVirtApi } from './virt-api.ts';
