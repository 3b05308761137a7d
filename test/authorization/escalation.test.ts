import { beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../simulator/cluster.ts';
import { createCluster } from '../../simulator/create-cluster.ts';
import { admin, ask, binding, create, object, person, refusal, userSubject } from './cluster.ts';

const installed = createCluster({ nodes: 1 });
let cluster: Cluster;
beforeEach(() => {
  cluster = installed.fork();
  create(
    cluster,
    admin,
    'rolebindings',
    binding('jane', 'ClusterRole/admin', [userSubject('jane')]),
    'default',
  );
});
const jane = person('jane');
const rule = (resources: string[], verbs: string[], apiGroups = ['']) => ({ apiGroups, resources, verbs });

function makeRole(rules: object[]) {
  const body = { metadata: { name: 'r' }, rules } as never;
  return ask(cluster, jane, 'create', 'roles', { namespace: 'default', body });
}

describe('nobody grants what they do not hold', () => {
  test('what they hold they may grant', () => {
    expect(makeRole([rule(['pods'], ['get', 'create'])]).code).toBe(201);
  });

  test('by a role', () => {
    expect(
      refusal(
        makeRole([
          rule(['nodes', 'pods'], ['list', 'get']),
          { apiGroups: [''], resources: ['nodes'], verbs: ['get'], resourceNames: ['n'] },
        ]),
      ),
    ).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'roles.rbac.authorization.k8s.io "r" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["nodes"], ResourceNames:["n"], Verbs:["get"]}\n' +
        '{APIGroups:[""], Resources:["nodes"], Verbs:["list" "get"]}',
    });
  });

  test('by changing a role', () => {
    makeRole([rule(['pods'], ['get'])]);
    const body = { metadata: { name: 'r' }, rules: [rule(['*'], ['*'], ['*'])] };
    const update = ask(cluster, jane, 'update', 'roles', { namespace: 'default', name: 'r', body });
    expect(refusal(update).message).toContain('\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}');
  });

  test('by a binding', () => {
    const body = binding('more', 'ClusterRole/system:kubelet-api-admin', [userSubject('joe')]);
    const message = refusal(
      ask(cluster, jane, 'create', 'rolebindings', { namespace: 'default', body }),
    ).message;
    expect(message).toMatch(/^rolebindings\.rbac\.authorization\.k8s\.io "more" is forbidden: user "jane" /);
    expect(message).toContain('\n{APIGroups:[""], Resources:["nodes/proxy"], Verbs:["*"]}');
  });

  test('by a binding to what is not there', () => {
    const body = binding('more', 'ClusterRole/ghost', [userSubject('joe')]);
    expect(
      refusal(ask(cluster, jane, 'create', 'rolebindings', { namespace: 'default', body })),
    ).toMatchObject({
      code: 404,
      message: 'clusterroles.rbac.authorization.k8s.io "ghost" not found',
    });
  });

  test('unless they may escalate or bind', () => {
    const rules = [
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['escalate'] },
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['clusterroles'],
        resourceNames: ['cluster-admin'],
        verbs: ['bind'],
      },
    ];
    create(cluster, admin, 'roles', { metadata: { name: 'granter' }, rules }, 'default');
    create(
      cluster,
      admin,
      'rolebindings',
      binding('granter', 'Role/granter', [userSubject('jane')]),
      'default',
    );
    expect(makeRole([rule(['*'], ['*'], ['*'])]).code).toBe(201);
    const body = binding('boss', 'ClusterRole/cluster-admin', [userSubject('joe')]);
    expect(ask(cluster, jane, 'create', 'rolebindings', { namespace: 'default', body }).code).toBe(201);
  });
});

test('the role of a binding does not change', () => {
  const body = binding('jane', 'ClusterRole/view', [userSubject('jane')]);
  const update = ask(cluster, admin, 'update', 'rolebindings', { namespace: 'default', name: 'jane', body });
  expect(refusal(update)).toMatchObject({
    code: 422,
    message:
      'RoleBinding.rbac.authorization.k8s.io "jane" is invalid: roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"}: cannot change roleRef',
  });
});

describe('aggregation', () => {
  const role = (name: string) => object(ask(cluster, admin, 'get', 'clusterroles', { name }));
  const added = rule(['unicorns'], ['get'], ['example.com']);

  test('a labelled role flows into view, edit and admin, and out again', () => {
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
    create(cluster, admin, 'clusterroles', { metadata: { name: 'unicorns', labels }, rules: [added] });
    for (const name of ['view', 'edit', 'admin']) expect(role(name).rules, name).toContainEqual(added);
    expect(role('cluster-admin').rules).not.toContainEqual(added);
    ask(cluster, admin, 'delete', 'clusterroles', { name: 'unicorns' });
    for (const name of ['view', 'edit', 'admin']) expect(role(name).rules, name).not.toContainEqual(added);
  });

  test('rules written into a gathering role do not last', () => {
    const before = role('view');
    const body = { ...before, rules: [added] } as never;
    ask(cluster, admin, 'update', 'clusterroles', { name: 'view', body });
    expect(role('view').rules).toEqual(before.rules);
  });

  test('only who may do everything may gather', () => {
    create(cluster, admin, 'clusterroles', {
      metadata: { name: 'role-writer' },
      rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['create'] }],
    });
    create(
      cluster,
      admin,
      'clusterrolebindings',
      binding('w', 'ClusterRole/role-writer', [userSubject('jane')]),
    );
    const body = { metadata: { name: 'all' }, rules: [], aggregationRule: { clusterRoleSelectors: [{}] } };
    expect(refusal(ask(cluster, jane, 'create', 'clusterroles', { body })).message).toBe(
      'clusterroles.rbac.authorization.k8s.io "all" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    );
  });
});
