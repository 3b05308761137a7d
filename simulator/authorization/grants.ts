/**
 * Roles and bindings by whom they are for: a projection of the store, kept up from the journal, so that a decision
 * costs a few look-ups instead of a walk over all bindings.
 */
import type { Projection, View } from '../controller.ts';
import type { KubeObject, UserInfo } from '../types/meta.ts';
import {
  type Binding,
  type PolicyRule,
  RBAC_GROUP,
  type Role,
  type RoleRef,
  type Subject,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
} from './types.ts';

/** One binding as one of its subjects meets it. */
export interface Grant {
  readonly binding: Binding;
  /** The role is looked for here, and what it grants holds here; empty for the whole cluster. */
  readonly namespace: string;
  /** Why it allows something, as the API says it. */
  readonly reason: string;
}

type GrantsBySubject = Map<string, Grant[]>;

export interface Grants {
  /** By namespace; cluster-wide bindings under the empty one. */
  readonly bySubject: Map<string, GrantsBySubject>;
  /** Rules by `namespace/name` of a Role or `/name` of a ClusterRole. */
  readonly rules: Map<string, readonly PolicyRule[]>;
}

const NO_RULES: readonly PolicyRule[] = [];
const ROLE_RESOURCES = new Set([roles.resource, clusterRoles.resource]);

export const grants: Projection<Grants> = {
  resources: [roles, clusterRoles, roleBindings, clusterRoleBindings].map(({ resource }) => resource),
  build(view) {
    const state: Grants = { bySubject: new Map(), rules: new Map() };
    for (const ref of [roles, clusterRoles]) for (const role of view.list(ref)) addRole(state, role);
    for (const ref of [roleBindings, clusterRoleBindings]) {
      for (const binding of view.list(ref)) addBinding(state, binding);
    }
    return state;
  },
  apply(state, { type, resource, object, previous }) {
    if (ROLE_RESOURCES.has(resource)) {
      if (type === 'DELETED') state.rules.delete(roleKey(object));
      else addRole(state, object);
      return;
    }
    if (previous) removeBinding(state, previous as Binding);
    if (type !== 'DELETED') addBinding(state, object as Binding);
  },
};

/** Cluster-wide grants of a user first, then those of a namespace. One binding may come more than once. */
export function* grantsOf(state: Grants, user: UserInfo, namespace: string): Generator<Grant, void> {
  yield* within(state.bySubject.get(''), user);
  if (namespace !== '') yield* within(state.bySubject.get(namespace), user);
}

/** Rules of the role a grant names; undefined when the role is not there. */
export function rulesOf(state: Grants, { binding, namespace }: Grant): readonly PolicyRule[] | undefined {
  return rulesOfReference(state, binding.roleRef, namespace);
}

export function rulesOfReference(
  state: Grants,
  { kind, name }: RoleRef,
  namespace: string,
): readonly PolicyRule[] | undefined {
  return state.rules.get(kind === 'Role' ? `${namespace}/${name}` : `/${name}`);
}

/** Why a reference leads nowhere. */
export function missingRole({ kind, name }: RoleRef): string {
  return kind === 'Role' || kind === 'ClusterRole'
    ? `${kind.toLowerCase()}.${RBAC_GROUP} ${JSON.stringify(name)} not found`
    : `unsupported role reference kind: ${JSON.stringify(kind)}`;
}

export function grantsIn(view: View): Grants {
  return view.project(grants);
}

function* within(bySubject: GrantsBySubject | undefined, user: UserInfo): Generator<Grant, void> {
  if (!bySubject) return;
  const own = bySubject.get(`u:${user.username}`);
  if (own) yield* own;
  for (const group of user.groups) {
    const shared = bySubject.get(`g:${group}`);
    if (shared) yield* shared;
  }
}

function roleKey({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function addRole(state: Grants, role: Role): void {
  state.rules.set(roleKey(role), role.rules ?? NO_RULES);
}

function addBinding(state: Grants, binding: Binding): void {
  const namespace = binding.metadata.namespace ?? '';
  let bySubject = state.bySubject.get(namespace);
  if (!bySubject) state.bySubject.set(namespace, (bySubject = new Map()));
  for (const subject of binding.subjects ?? []) {
    const key = subjectKey(subject, namespace);
    if (key === undefined) continue;
    const known = bySubject.get(key) ?? [];
    if (known.some(grant => grant.binding === binding)) continue;
    known.push({ binding, namespace, reason: reasonOf(binding, subject, namespace) });
    // The order must not tell of the history: a fork rebuilds it from the objects.
    known.sort((a, b) => (a.binding.metadata.name < b.binding.metadata.name ? -1 : 1));
    bySubject.set(key, known);
  }
}

function removeBinding(state: Grants, { metadata, subjects }: Binding): void {
  const namespace = metadata.namespace ?? '';
  const bySubject = state.bySubject.get(namespace);
  for (const subject of subjects ?? []) {
    const key = subjectKey(subject, namespace);
    const known = key === undefined ? undefined : bySubject?.get(key);
    if (key === undefined || !known) continue;
    const left = known.filter(({ binding }) => binding.metadata.name !== metadata.name);
    if (left.length > 0) bySubject?.set(key, left);
    else bySubject?.delete(key);
  }
}

/** Service accounts are users with a name of their own; undefined for a subject that means nobody. */
function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string | undefined {
  if (kind === 'User') return `u:${name}`;
  if (kind === 'Group') return `g:${name}`;
  const home = namespace || bindingNamespace;
  return kind === 'ServiceAccount' && home ? `u:system:serviceaccount:${home}:${name}` : undefined;
}

function reasonOf({ metadata, roleRef }: Binding, subject: Subject, namespace: string): string {
  const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
  const name = namespace === '' ? metadata.name : `${metadata.name}/${namespace}`;
  const who =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  return `RBAC: allowed by ${kind} ${JSON.stringify(name)} of ${roleRef.kind} ${JSON.stringify(
    roleRef.name,
  )} to ${subject.kind} ${JSON.stringify(who)}`;
}
