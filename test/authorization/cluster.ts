/** An installed cluster, and requests of users who are no administrators. */
import type { ApiRequest, ApiResponse } from '../../simulator/apiserver/index.ts';
import type { Cluster } from '../../simulator/cluster.ts';
import type { JsonObject, JsonValue, KubeObject, Status, UserInfo } from '../../simulator/types/meta.ts';

export const admin: UserInfo = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};

export function person(username: string, ...groups: string[]): UserInfo {
  return { username, groups: [...groups, 'system:authenticated'] };
}

/** Read without types: what an expectation says is judged by the expectation. */
type Anything = ReturnType<typeof JSON.parse>;

export type Loose = KubeObject & {
  spec?: Anything;
  status?: Anything;
  data?: Record<string, string>;
  rules?: Anything;
};

const GROUPS: Readonly<Record<string, string>> = {
  clusterrolebindings: 'rbac.authorization.k8s.io',
  clusterroles: 'rbac.authorization.k8s.io',
  rolebindings: 'rbac.authorization.k8s.io',
  roles: 'rbac.authorization.k8s.io',
  priorityclasses: 'scheduling.k8s.io',
  leases: 'coordination.k8s.io',
  localsubjectaccessreviews: 'authorization.k8s.io',
  selfsubjectaccessreviews: 'authorization.k8s.io',
  selfsubjectrulesreviews: 'authorization.k8s.io',
  subjectaccessreviews: 'authorization.k8s.io',
  selfsubjectreviews: 'authentication.k8s.io',
  tokenreviews: 'authentication.k8s.io',
};

/** `ask(cluster, jane, 'create', 'roles', 'default', {…})`; a slash divides off the subresource. */
export function ask(
  cluster: Cluster,
  user: UserInfo,
  verb: ApiRequest['verb'],
  path: string,
  rest: Partial<ApiRequest> = {},
): ApiResponse {
  const [resource = '', subresource] = path.split('/');
  const response = cluster.request({
    verb,
    group: GROUPS[resource] ?? '',
    version: 'v1',
    resource,
    ...(subresource ? { subresource } : {}),
    user,
    ...rest,
  });
  cluster.advance(0);
  return response;
}

export function object(response: ApiResponse): Loose {
  if (response.type !== 'object') throw new Error(`no object: ${JSON.stringify(response)}`);
  return response.object;
}

export function refusal(response: ApiResponse): Status {
  if (response.type !== 'status' || response.status.status !== 'Failure') {
    throw new Error(`no refusal: ${JSON.stringify(response).slice(0, 300)}`);
  }
  return response.status;
}

export function create(
  cluster: Cluster,
  user: UserInfo,
  resource: string,
  body: object,
  namespace?: string,
): Loose {
  return object(
    ask(cluster, user, 'create', resource, { body: body as JsonObject, ...(namespace ? { namespace } : {}) }),
  );
}

export function binding(name: string, role: string, subjects: JsonValue[]): JsonObject {
  const [kind = '', roleName = ''] = role.split('/');
  return {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName },
    subjects,
  };
}

export const userSubject = (name: string) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });
export const groupSubject = (name: string) => ({
  kind: 'Group',
  apiGroup: 'rbac.authorization.k8s.io',
  name,
});
export const accountSubject = (name: string, namespace?: string) => ({
  kind: 'ServiceAccount',
  name,
  ...(namespace ? { namespace } : {}),
});

/** A SubjectAccessReview's status, as an administrator is told it. */
export function review(cluster: Cluster, spec: JsonObject): { allowed: boolean; reason?: string } {
  return create(cluster, admin, 'subjectaccessreviews', { spec }).status;
}
