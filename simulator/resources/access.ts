/** rbac.authorization.k8s.io (kubernetes pkg/registry/rbac, v1.35). */
import type { KubeObject } from '../types/meta.ts';
import { builtIn } from './build.ts';
import { AGE, column, CREATED_AT, wide } from './cells.ts';
import { bindingDefaults, validateBinding, validateBindingUpdate, validateRole } from './cluster-rules.ts';
import type { Column, ResourceDefinition } from './definition.ts';
import { at, objects, text } from './fields.ts';
import { cluster } from './shared.ts';

const subjects = (kind: string) => (object: KubeObject) =>
  objects(at(object, 'subjects'))
    .filter(subject => subject.kind === kind)
    .map(subject =>
      kind === 'ServiceAccount' ? `${text(subject.namespace)}/${text(subject.name)}` : text(subject.name),
    )
    .join(', ');

const BINDING_COLUMNS: readonly Column[] = [
  column('Role', object => `${text(at(object, 'roleRef', 'kind'))}/${text(at(object, 'roleRef', 'name'))}`),
  AGE,
  wide('Users', subjects('User')),
  wide('Groups', subjects('Group')),
  wide('ServiceAccounts', subjects('ServiceAccount')),
];

const rbac = {
  group: 'rbac.authorization.k8s.io',
  nameRule: 'pathSegment',
  createOnUpdate: true,
} as const;

export const rbacDefinitions: readonly ResourceDefinition[] = [
  builtIn({
    ...rbac,
    plural: 'clusterrolebindings',
    kind: 'ClusterRoleBinding',
    applyDefaults: bindingDefaults,
    validate: validateBinding,
    validateUpdate: validateBindingUpdate,
    ...cluster,
    columns: BINDING_COLUMNS,
  }),
  builtIn({
    ...rbac,
    plural: 'clusterroles',
    kind: 'ClusterRole',
    validate: validateRole,
    ...cluster,
    columns: [CREATED_AT],
  }),
  builtIn({
    ...rbac,
    plural: 'rolebindings',
    kind: 'RoleBinding',
    applyDefaults: bindingDefaults,
    validate: validateBinding,
    validateUpdate: validateBindingUpdate,
    columns: BINDING_COLUMNS,
  }),
  builtIn({ ...rbac, plural: 'roles', kind: 'Role', validate: validateRole, columns: [CREATED_AT] }),
];
