/**
 * Nobody grants what they do not hold (kubernetes pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased
 * and pkg/registry/rbac/validation, v1.35), unless they may `escalate` roles or `bind` them.
 */
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  apiError,
  forbidden,
  quote,
} from '../apiserver/index.ts';
import { same } from '../store/index.ts';
import type { KubeObject } from '../types/meta.ts';
import { MASTERS, authorize, rulesFor } from './authorize.ts';
import { describeRules, goList, missingRules } from './coverage.ts';
import { grantsIn, missingRole, rulesOfReference } from './grants.ts';
import {
  type Binding,
  type ClusterRole,
  type PolicyRule,
  RBAC_GROUP,
  type Role,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
} from './types.ts';

const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/** Looks at the writes of clients to roles and bindings, as their storage does in a real server. */
export const escalationCheck: AdmissionPlugin = {
  name: 'rbac-escalation',
  resources: [roles, clusterRoles, roleBindings, clusterRoleBindings].map(({ resource }) => resource),
  operations: ['CREATE', 'UPDATE'],
  mutate(attributes) {
    const object = attributes.object as KubeObject;
    if (attributes.trusted || attributes.user.groups.includes(MASTERS)) return object;
    if (changesNothingGranted(object, attributes.oldObject)) return object;
    if ('roleRef' in object) checkBinding(attributes, object as Binding);
    else checkRole(attributes, object as Role);
    return object;
  },
};

/** Owner references and finalizers may change, so that what was granted can be collected. */
function changesNothingGranted(object: KubeObject, old: KubeObject | undefined): boolean {
  if (!old) return false;
  const {
    ownerReferences: _owners,
    finalizers: _finalizers,
    managedFields: _managed,
    ...next
  } = object.metadata;
  const { ownerReferences: _old, finalizers: _kept, managedFields: _fields, ...before } = old.metadata;
  return same({ ...object, metadata: next }, { ...old, metadata: before });
}

function checkRole(attributes: AdmissionAttributes, role: Role): void {
  const { view, user, definition, namespace = '', oldObject } = attributes;
  const wish = { user, verb: 'escalate', apiGroup: RBAC_GROUP, resource: definition.plural, namespace };
  // On create the request has no name, so that a right to escalate one role does not help to make it.
  if (authorize(view, { ...wish, name: oldObject ? role.metadata.name : '' }).allowed) return;
  refuseEscalation(attributes, role, role.rules ?? []);
  const aggregates = [role, oldObject].some(
    each => (each as ClusterRole | undefined)?.aggregationRule !== undefined,
  );
  if (aggregates && missingRules(rulesFor(view, user, namespace).rules, EVERYTHING).length > 0) {
    throw forbidden(
      definition,
      role.metadata.name ?? '',
      'must have cluster-admin privileges to use the aggregationRule',
    );
  }
}

function checkBinding(attributes: AdmissionAttributes, binding: Binding): void {
  const { view, user, namespace = '' } = attributes;
  const reference = binding.roleRef;
  const resource = { ClusterRole: 'clusterroles', Role: 'roles' }[reference.kind];
  const wish = {
    user,
    verb: 'bind',
    apiGroup: reference.apiGroup ?? RBAC_GROUP,
    namespace,
    name: reference.name,
  };
  if (resource !== undefined && authorize(view, { ...wish, resource }).allowed) return;
  const rules = rulesOfReference(grantsIn(view), reference, namespace);
  if (!rules) {
    const text = missingRole(reference);
    const plural = `${reference.kind.toLowerCase()}s`;
    throw resource === undefined
      ? apiError('', text)
      : apiError('NotFound', text.replace(/^\S+/, `${plural}.${RBAC_GROUP}`), {
          name: reference.name,
          group: RBAC_GROUP,
          kind: plural,
        });
  }
  refuseEscalation(attributes, binding, rules);
}

/** @throws ApiError 403 naming every right that the user would grant and does not hold. */
function refuseEscalation(
  { view, user, definition, namespace = '' }: AdmissionAttributes,
  object: KubeObject,
  wanted: readonly PolicyRule[],
): void {
  const held = rulesFor(view, user, namespace);
  const missing = missingRules(held.rules, wanted);
  if (missing.length === 0) return;
  const errors = held.error === undefined ? '' : `; resolution errors: [${held.error}]`;
  throw forbidden(
    definition,
    object.metadata.name ?? '',
    `user ${quote(user.username)} (groups=${goList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${describeRules(missing).join('\n')}${errors}`,
  );
}
