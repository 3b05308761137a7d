/**
 * Roles and bindings written as text, a line a rule, as an administrator would say them:
 * `core,apps: pods deployments/scale [name] = get list`, or `/healthz /version = get` for paths.
 */
import type { JsonObject, NewObject } from '../types/meta.ts';

export interface RoleText {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  /** The label whose cluster roles it gathers; its rules are then those of the roles that carry it. */
  readonly aggregates?: string;
  readonly rules: readonly string[];
}

export interface BindingText {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  /** `ClusterRole/view`. */
  readonly role: string;
  /** `User/name`, `Group/name`, `ServiceAccount/namespace/name`. */
  readonly subjects: readonly string[];
}

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const API_GROUP = 'rbac.authorization.k8s.io';

/**
 * Reads one rule.
 * @throws SyntaxError naming the text.
 */
export function parseRule(text: string): JsonObject {
  const [left = '', verbs] = text.split(' = ');
  if (!verbs) throw new SyntaxError(`RBAC rule ${JSON.stringify(text)} names no verbs`);
  if (left.startsWith('/') || left === '*')
    return { nonResourceURLs: left.split(' '), verbs: verbs.split(' ') };
  const match = /^([^:]+): ([^[\]]+?)(?: \[(.+)\])?$/.exec(left);
  if (!match) throw new SyntaxError(`RBAC rule ${JSON.stringify(text)} names no resources`);
  const [, groups = '', resources = '', names] = match;
  return {
    apiGroups: groups.split(',').map(group => (group === 'core' ? '' : group)),
    ...(names ? { resourceNames: names.split(' ') } : {}),
    resources: resources.split(' '),
    verbs: verbs.split(' '),
  };
}

/** A Role, or a ClusterRole where there is no namespace. `all` are the roles that an aggregate gathers from. */
export function roleObject(role: RoleText, all: readonly RoleText[] = []): NewObject {
  return {
    apiVersion: API_VERSION,
    kind: role.namespace ? 'Role' : 'ClusterRole',
    metadata: metadataOf(role),
    ...(role.aggregates
      ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [role.aggregates]: 'true' } }] } }
      : {}),
    // Aggregation drops repetitions; a role's own rules stand as its author wrote them.
    rules: (role.aggregates ? [...new Set(rulesOf(role, all))] : role.rules).map(parseRule),
  } as NewObject;
}

function rulesOf(role: RoleText, all: readonly RoleText[]): readonly string[] {
  const { aggregates } = role;
  if (!aggregates) return role.rules;
  return all
    .filter(other => other !== role && other.labels?.[aggregates] === 'true')
    .flatMap(other => rulesOf(other, all));
}

export function bindingObject(binding: BindingText): NewObject {
  const [kind = '', ...name] = binding.role.split('/');
  return {
    apiVersion: API_VERSION,
    kind: binding.namespace ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata: metadataOf(binding),
    roleRef: { apiGroup: API_GROUP, kind, name: name.join('/') },
    ...(binding.subjects.length > 0 ? { subjects: binding.subjects.map(subject) } : {}),
  } as NewObject;
}

function subject(text: string): JsonObject {
  const [kind = '', ...rest] = text.split('/');
  if (kind !== 'ServiceAccount') return { apiGroup: API_GROUP, kind, name: rest.join('/') };
  const [namespace = '', name = ''] = rest;
  return { kind, name, namespace };
}

function metadataOf({ name, namespace, labels, annotations }: RoleText | BindingText): NewObject['metadata'] {
  return {
    name,
    ...(namespace ? { namespace } : {}),
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
  };
}
