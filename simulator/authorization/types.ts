/** What access is decided from: roles, bindings, and what somebody wants to do (k8s.io/api rbac/v1, authorization/v1, v1.35). */
import { ref } from '../resources/refs.ts';
import type { KubeObject, LabelSelector, UserInfo } from '../types/meta.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

export interface PolicyRule {
  verbs: readonly string[];
  apiGroups?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  nonResourceURLs?: readonly string[];
}

export interface Role extends KubeObject {
  rules?: readonly PolicyRule[] | null;
}

export interface ClusterRole extends Role {
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] };
}

export interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

export interface RoleRef {
  apiGroup?: string;
  kind: string;
  name: string;
}

/** A RoleBinding, or a ClusterRoleBinding where it has no namespace. */
export interface Binding extends KubeObject {
  roleRef: RoleRef;
  subjects?: readonly Subject[] | null;
}

export const roles = ref<Role>(RBAC_GROUP, 'v1', 'roles', 'Role');
export const clusterRoles = ref<ClusterRole>(RBAC_GROUP, 'v1', 'clusterroles', 'ClusterRole', false);
export const roleBindings = ref<Binding>(RBAC_GROUP, 'v1', 'rolebindings', 'RoleBinding');
export const clusterRoleBindings = ref<Binding>(
  RBAC_GROUP,
  'v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
  false,
);

/** A wish to act on resources. Field and label selectors are not looked at: RBAC knows none. */
export interface ResourceAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** Empty for the core group. */
  readonly apiGroup: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: undefined;
}

/** A wish to ask for a path that is no resource, such as `/metrics`. The verb is the method in lower case. */
export interface PathAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

export interface Decision {
  readonly allowed: boolean;
  /** What allows it, or what went wrong while looking; often empty. */
  readonly reason: string;
}
