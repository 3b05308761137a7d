import { beforeEach, describe, expect, test } from 'vitest';
import { ApiError } from '../../simulator/apiserver/index.ts';
import type { Cluster } from '../../simulator/cluster.ts';
import { createCluster } from '../../simulator/create-cluster.ts';
import {
  accountSubject,
  admin,
  ask,
  binding,
  create,
  groupSubject,
  object,
  person,
  refusal,
  userSubject,
} from './cluster.ts';

const installed = createCluster({ nodes: 1 });
let cluster: Cluster;
beforeEach(() => {
  cluster = installed.fork();
});

const jane = person('jane');

describe('what nobody granted is refused', () => {
  test('within a namespace, with the name of the object', () => {
    expect(refusal(ask(cluster, jane, 'get', 'pods', { namespace: 'default', name: 'web' }))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'pods "web" is forbidden: User "jane" cannot get resource "pods" in API group "" in the namespace "default"',
      reason: 'Forbidden',
      details: { name: 'web', kind: 'pods' },
      code: 403,
    });
  });

  test.each<[string, Parameters<typeof ask>[2], string, object, string]>([
    [
      'a list across namespaces',
      'list',
      'pods',
      {},
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope',
    ],
    [
      'a list of one name',
      'list',
      'pods',
      { namespace: 'default', options: { fieldSelector: 'metadata.name=web' } },
      'pods "web" is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'a namespace is within itself',
      'get',
      'namespaces',
      { name: 'default' },
      'namespaces "default" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "default"',
    ],
    [
      'a collection',
      'deletecollection',
      'leases',
      { namespace: 'default' },
      'leases.coordination.k8s.io is forbidden: User "jane" cannot deletecollection resource "leases" in API group "coordination.k8s.io" in the namespace "default"',
    ],
    [
      'a subresource',
      'create',
      'pods/eviction',
      { namespace: 'default', name: 'web' },
      'pods "web" is forbidden: User "jane" cannot create resource "pods/eviction" in API group "" in the namespace "default"',
    ],
    [
      'what does not exist is refused before it is missed',
      'list',
      'unicorns',
      { group: 'example.com' },
      'unicorns.example.com is forbidden: User "jane" cannot list resource "unicorns" in API group "example.com" at the cluster scope',
    ],
  ])('%s', (_title, verb, path, rest, message) => {
    expect(refusal(ask(cluster, jane, verb, path, rest)).message).toBe(message);
  });

  test('a watch', () => {
    const open = () =>
      cluster.watch({ group: '', version: 'v1', resource: 'secrets', namespace: 'x', user: jane });
    expect(open).toThrow(ApiError);
    expect(open).toThrow(
      'secrets is forbidden: User "jane" cannot watch resource "secrets" in API group "" in the namespace "x"',
    );
  });

  test('a path that is no resource', () => {
    expect(refusal(cluster.authorizePath(jane, 'get', '/metrics')!).message).toBe(
      'forbidden: User "jane" cannot get path "/metrics"',
    );
    expect(cluster.authorizePath(jane, 'get', '/apis/apps/v1')).toBeUndefined();
    expect(
      cluster.authorizePath(
        { username: 'system:anonymous', groups: ['system:unauthenticated'] },
        'get',
        '/version',
      ),
    ).toBeUndefined();
  });

  test('text that looks like markup is made harmless', () => {
    const message = refusal(ask(cluster, person('<b>'), 'list', 'nodes')).message;
    expect(message).toContain('User "&lt;b&gt;" cannot list');
  });
});

describe('what is granted', () => {
  test('a role binding grants within its namespace only', () => {
    create(
      cluster,
      admin,
      'rolebindings',
      binding('views', 'ClusterRole/view', [userSubject('jane')]),
      'default',
    );
    expect(ask(cluster, jane, 'list', 'pods', { namespace: 'default' }).code).toBe(200);
    expect(ask(cluster, jane, 'list', 'pods', { namespace: 'kube-system' }).code).toBe(403);
    expect(ask(cluster, jane, 'list', 'pods').code).toBe(403);
    expect(ask(cluster, jane, 'list', 'secrets', { namespace: 'default' }).code).toBe(403);
  });

  test('a cluster role binding grants everywhere, and no longer when it is gone', () => {
    create(
      cluster,
      admin,
      'clusterrolebindings',
      binding('views', 'ClusterRole/view', [groupSubject('crew')]),
    );
    const sailor = person('joe', 'crew');
    expect(ask(cluster, sailor, 'list', 'pods').code).toBe(200);
    ask(cluster, admin, 'delete', 'clusterrolebindings', { name: 'views' });
    expect(ask(cluster, sailor, 'list', 'pods').code).toBe(403);
  });

  test('a service account of the namespace of its binding needs no namespace', () => {
    const body = binding('self', 'ClusterRole/view', [accountSubject('default', 'default')]);
    create(cluster, admin, 'rolebindings', body, 'default');
    const account = person('system:serviceaccount:default:default');
    expect(ask(cluster, account, 'list', 'pods', { namespace: 'default' }).code).toBe(200);
    expect(
      ask(cluster, person('system:serviceaccount:other:default'), 'list', 'pods', { namespace: 'default' })
        .code,
    ).toBe(403);
  });

  test('a change of the role counts at once', () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'], resourceNames: [] }];
    create(cluster, admin, 'roles', { metadata: { name: 'reader' }, rules }, 'default');
    create(cluster, admin, 'rolebindings', binding('reads', 'Role/reader', [userSubject('jane')]), 'default');
    const list = () => ask(cluster, jane, 'list', 'configmaps', { namespace: 'default' }).code;
    expect(list()).toBe(200);
    ask(cluster, admin, 'update', 'roles', {
      namespace: 'default',
      name: 'reader',
      body: { metadata: { name: 'reader' }, rules: [] },
    });
    expect(list()).toBe(403);
  });

  test('a binding to a role that is not there says so', () => {
    create(
      cluster,
      admin,
      'clusterrolebindings',
      binding('hollow', 'ClusterRole/ghost', [userSubject('jane')]),
    );
    expect(refusal(ask(cluster, jane, 'list', 'nodes')).message).toBe(
      'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "ghost" not found',
    );
  });

  test('writing what is not there takes the right to create it', () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'patch'] }];
    create(cluster, admin, 'roles', { metadata: { name: 'patcher' }, rules }, 'default');
    create(
      cluster,
      admin,
      'rolebindings',
      binding('patches', 'Role/patcher', [userSubject('jane')]),
      'default',
    );
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } };
    const apply = {
      namespace: 'default',
      name: 'new',
      body,
      patchType: 'apply',
      options: { fieldManager: 'x' },
    } as const;
    expect(refusal(ask(cluster, jane, 'patch', 'configmaps', apply)).message).toBe(
      'configmaps "new" is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace "default"',
    );
    expect(ask(cluster, admin, 'patch', 'configmaps', apply).code).toBe(201);
    expect(ask(cluster, jane, 'patch', 'configmaps', apply).code).toBe(200);
  });
});

describe("virt-api's own look", () => {
  const console = {
    group: 'subresources.kubevirt.io',
    version: 'v1',
    namespace: 'default',
    name: 'vm',
  } as const;
  const vmi = (subresource: string, verb: 'get' | 'update' = 'get', user = jane) =>
    cluster.authorize({ ...console, resource: 'virtualmachineinstances', subresource, verb, user });

  test('kube-apiserver refuses what it knows, by the first segment', () => {
    expect(refusal(vmi('console')!).message).toBe(
      'virtualmachineinstances.subresources.kubevirt.io "vm" is forbidden: User "jane" cannot get resource "virtualmachineinstances/console" in API group "subresources.kubevirt.io" in the namespace "default"',
    );
    expect(refusal(vmi('vnc/screenshot')!).message).toContain('"virtualmachineinstances/vnc"');
  });

  test('virt-api refuses the rest with 401 and an empty body', () => {
    create(
      cluster,
      admin,
      'rolebindings',
      binding('edits', 'ClusterRole/edit', [userSubject('jane')]),
      'default',
    );
    expect(vmi('vnc')).toBeUndefined();
    expect(vmi('portforward/22/tcp')).toBeUndefined();
    expect(vmi('vnc/screenshot')).toEqual({ type: 'raw', code: 401, value: undefined, warnings: [] });
  });

  test('everyone who is known may ask for the version', () => {
    const version = {
      verb: 'get',
      group: 'subresources.kubevirt.io',
      version: 'v1',
      resource: 'version',
    } as const;
    expect(cluster.authorize({ ...version, user: jane })).toBeUndefined();
  });
});

test('controllers and the installation are not asked', () => {
  const body = { metadata: { name: 'team' } };
  expect(object(ask(cluster, admin, 'create', 'namespaces', { body })).metadata.name).toBe('team');
  expect(ask(cluster, admin, 'get', 'serviceaccounts', { namespace: 'team', name: 'default' }).code).toBe(
    200,
  );
});

test('a decision for a cluster administrator by role costs few microseconds', () => {
  const chief = person('kubernetes-admin', 'kubeadm:cluster-admins');
  const request = {
    verb: 'get',
    group: 'kubevirt.io',
    version: 'v1',
    resource: 'virtualmachines',
    namespace: 'default',
    name: 'x',
    user: chief,
  } as const;
  const count = 20_000;
  for (let at = 0; at < count; at += 1) cluster.authorize(request);
  const start = performance.now();
  for (let at = 0; at < count; at += 1) cluster.authorize(request);
  const each = ((performance.now() - start) * 1_000) / count;
  expect(each).toBeLessThan(10);
});
