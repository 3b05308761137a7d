/**
 * The table of KubeVirt v1.9's own functional tests (tests/access_test.go): what its cluster roles allow, asked by
 * SubjectAccessReview.
 */
import { describe, expect, test } from 'vitest';
import { createCluster } from '../../simulator/create-cluster.ts';
import { accountSubject, admin, binding, create, review } from './cluster.ts';

const NAMESPACE = 'default';
const VERBS = ['get', 'list', 'watch', 'delete', 'create', 'update', 'patch', 'deletecollection'];
const READ = ['get', 'list', 'watch'];
const MOST = VERBS.filter(verb => verb !== 'deletecollection');
const NOTHING: string[] = [];

type Role = 'admin' | 'edit' | 'view' | 'migrate' | 'instancetype:view' | 'default';
type Rights = Partial<Record<Role, string[]>>;

const cluster = createCluster({ nodes: 1 });
for (const role of ['admin', 'edit', 'view', 'migrate']) {
  const body = binding(`kubevirt-${role}`, `ClusterRole/kubevirt.io:${role}`, [
    accountSubject(`kubevirt-${role}`, NAMESPACE),
  ]);
  create(cluster, admin, 'rolebindings', body, NAMESPACE);
}
create(
  cluster,
  admin,
  'clusterrolebindings',
  binding('viewers', 'ClusterRole/instancetype.kubevirt.io:view', [
    accountSubject('kubevirt-instancetype:view', NAMESPACE),
  ]),
);

function allowedVerbs(
  role: Role,
  target: { group: string; resource: string; subresource?: string },
  wide: boolean,
): string[] {
  const account = role === 'default' ? 'default' : `kubevirt-${role}`;
  return VERBS.filter(
    verb =>
      review(cluster, {
        user: `system:serviceaccount:${NAMESPACE}:${account}`,
        ...(role === 'default' ? { groups: ['system:authenticated'] } : {}),
        resourceAttributes: { ...target, verb, version: 'v1', ...(wide ? {} : { namespace: NAMESPACE }) },
      }).allowed,
  );
}

const USUAL: Rights = {
  admin: VERBS,
  edit: MOST,
  view: READ,
  'instancetype:view': NOTHING,
  default: NOTHING,
};
const CLUSTER_WIDE: Rights = {
  admin: NOTHING,
  edit: NOTHING,
  view: NOTHING,
  'instancetype:view': READ,
  default: READ,
};

describe('resources', () => {
  test.each<[string, string, Rights, boolean?]>([
    ['kubevirt.io', 'virtualmachineinstances', USUAL],
    ['kubevirt.io', 'virtualmachines', USUAL],
    ['pool.kubevirt.io', 'virtualmachinepools', USUAL],
    ['kubevirt.io', 'virtualmachineinstancepresets', USUAL],
    ['kubevirt.io', 'virtualmachineinstancereplicasets', USUAL],
    [
      'kubevirt.io',
      'virtualmachineinstancemigrations',
      { ...USUAL, migrate: VERBS, admin: READ, edit: READ },
    ],
    ['snapshot.kubevirt.io', 'virtualmachinesnapshots', USUAL],
    ['snapshot.kubevirt.io', 'virtualmachinesnapshotcontents', USUAL],
    ['snapshot.kubevirt.io', 'virtualmachinerestores', USUAL],
    ['instancetype.kubevirt.io', 'virtualmachineinstancetypes', USUAL],
    ['instancetype.kubevirt.io', 'virtualmachinepreferences', USUAL],
    ['instancetype.kubevirt.io', 'virtualmachineclusterinstancetypes', CLUSTER_WIDE, true],
    ['instancetype.kubevirt.io', 'virtualmachineclusterpreferences', CLUSTER_WIDE, true],
  ])('%s %s', (group, resource, rights, wide = false) => {
    for (const [role, verbs] of Object.entries(rights)) {
      expect(allowedVerbs(role as Role, { group, resource }, wide), role).toEqual(verbs);
    }
  });
});

const byEditors = (verb: string): Rights => ({
  admin: [verb],
  edit: [verb],
  view: NOTHING,
  migrate: NOTHING,
  default: NOTHING,
});
const byViewers = (verb: string): Rights => ({ ...byEditors(verb), view: [verb] });

describe('subresources', () => {
  test.each<[string, string, Rights]>([
    ['virtualmachines', 'start', byEditors('update')],
    ['virtualmachines', 'stop', byEditors('update')],
    ['virtualmachines', 'restart', byEditors('update')],
    ['virtualmachines', 'expand-spec', byViewers('get')],
    ['virtualmachines', 'portforward', byEditors('get')],
    [
      'virtualmachines',
      'migrate',
      { migrate: ['update'], admin: NOTHING, edit: NOTHING, view: NOTHING, default: NOTHING },
    ],
    ['virtualmachineinstances', 'guestosinfo', byViewers('get')],
    ['virtualmachineinstances', 'userlist', byViewers('get')],
    ['virtualmachineinstances', 'filesystemlist', byViewers('get')],
    ['virtualmachineinstances', 'addvolume', byEditors('update')],
    ['virtualmachineinstances', 'removevolume', byEditors('update')],
    ['virtualmachineinstances', 'freeze', byEditors('update')],
    ['virtualmachineinstances', 'unfreeze', byEditors('update')],
    ['virtualmachineinstances', 'reset', byEditors('update')],
    ['virtualmachineinstances', 'softreboot', byEditors('update')],
    ['virtualmachineinstances', 'portforward', byEditors('get')],
    [
      'virtualmachineinstances',
      'vsock',
      { admin: NOTHING, edit: NOTHING, view: NOTHING, migrate: NOTHING, default: NOTHING },
    ],
    ['expand-vm-spec', '', byViewers('update')],
    ['virtualmachineinstances', 'sev/fetchcertchain', byViewers('get')],
    ['virtualmachineinstances', 'sev/querylaunchmeasurement', byViewers('get')],
    ['virtualmachineinstances', 'sev/setupsession', byEditors('update')],
    ['virtualmachineinstances', 'sev/injectlaunchsecret', byEditors('update')],
    ['virtualmachineinstances', 'usbredir', byEditors('get')],
    ['virtualmachineinstances', 'vnc', byEditors('get')],
    ['virtualmachineinstances', 'vnc/screenshot', { ...byEditors('get'), edit: NOTHING }],
  ])('%s %s', (resource, subresource, rights) => {
    for (const [role, verbs] of Object.entries(rights)) {
      const target = { group: 'subresources.kubevirt.io', resource, subresource };
      expect(allowedVerbs(role as Role, target, false), role).toEqual(verbs);
    }
  });
});

test("Kubernetes' own roles have taken KubeVirt's in", () => {
  create(
    cluster,
    admin,
    'rolebindings',
    binding('edits', 'ClusterRole/edit', [accountSubject('editor', NAMESPACE)]),
    NAMESPACE,
  );
  const spec = {
    user: `system:serviceaccount:${NAMESPACE}:editor`,
    resourceAttributes: {
      group: 'subresources.kubevirt.io',
      resource: 'virtualmachines',
      subresource: 'start',
      verb: 'update',
      namespace: NAMESPACE,
    },
  };
  expect(review(cluster, spec)).toEqual({
    allowed: true,
    reason:
      'RBAC: allowed by RoleBinding "edits/default" of ClusterRole "edit" to ServiceAccount "editor/default"',
  });
});
