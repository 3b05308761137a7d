import { beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../simulator/cluster.ts';
import { createCluster } from '../../simulator/create-cluster.ts';
import { admin, ask, binding, create, person, refusal, review, userSubject } from './cluster.ts';

const installed = createCluster({ nodes: 1 });
let cluster: Cluster;
beforeEach(() => {
  cluster = installed.fork();
});
const jane = person('jane');
const listPods = { namespace: 'default', verb: 'list', resource: 'pods' };

describe('access reviews', () => {
  test('answer 201 with the question and its status, and store nothing', () => {
    const before = cluster.revision;
    const spec = { resourceAttributes: listPods };
    const response = ask(cluster, jane, 'create', 'selfsubjectaccessreviews', { body: { spec } });
    expect(response).toEqual({
      type: 'object',
      code: 201,
      object: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        metadata: {},
        spec,
        status: { allowed: false },
      },
      warnings: [],
    });
    expect(cluster.revision).toBe(before);
  });

  test('say what allows it', () => {
    create(
      cluster,
      admin,
      'rolebindings',
      binding('views', 'ClusterRole/view', [userSubject('jane')]),
      'default',
    );
    expect(review(cluster, { user: 'jane', resourceAttributes: listPods })).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "views/default" of ClusterRole "view" to User "jane"',
    });
    expect(review(cluster, { user: 'x', groups: ['system:masters'], resourceAttributes: listPods })).toEqual({
      allowed: true,
    });
  });

  test('ask about paths as well', () => {
    const about = (path: string) =>
      review(cluster, {
        user: 'x',
        groups: ['system:authenticated'],
        nonResourceAttributes: { path, verb: 'get' },
      }).allowed;
    expect([about('/healthz'), about('/metrics')]).toEqual([true, false]);
  });

  test('are only for those who may ask about others', () => {
    const body = { spec: { user: 'joe', resourceAttributes: listPods } };
    expect(refusal(ask(cluster, jane, 'create', 'subjectaccessreviews', { body })).message).toBe(
      'subjectaccessreviews.authorization.k8s.io is forbidden: User "jane" cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
    );
  });

  test.each<[string, object, string]>([
    [
      'nobody',
      { resourceAttributes: listPods },
      'spec.user: Invalid value: "": at least one of user or group must be specified',
    ],
    [
      'nothing',
      { user: 'x' },
      'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ],
    [
      'both',
      { user: 'x', resourceAttributes: listPods, nonResourceAttributes: { path: '/', verb: 'get' } },
      'spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: cannot be specified in combination with resourceAttributes',
    ],
  ])('refuse to be about %s', (_title, spec, text) => {
    const status = refusal(
      ask(cluster, admin, 'create', 'subjectaccessreviews', { body: { spec } as never }),
    );
    expect(status).toMatchObject({ code: 422, message: `.authorization.k8s.io "" is invalid: ${text}` });
  });

  test('of one namespace must name it', () => {
    const local = (namespace: string) =>
      ask(cluster, admin, 'create', 'localsubjectaccessreviews', {
        namespace: 'default',
        body: { spec: { user: 'x', resourceAttributes: { ...listPods, namespace } } },
      });
    expect(local('default').code).toBe(201);
    expect(refusal(local('other')).message).toBe(
      'spec.resourceAttributes.namespace must match namespace: default',
    );
  });

  test('are created and nothing else', () => {
    expect(ask(cluster, admin, 'list', 'subjectaccessreviews').code).toBe(405);
  });

  test('list all rules of the asker', () => {
    create(
      cluster,
      admin,
      'roles',
      {
        metadata: { name: 'r' },
        rules: [{ apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['get'] }],
      },
      'default',
    );
    create(cluster, admin, 'rolebindings', binding('r', 'Role/r', [userSubject('jane')]), 'default');
    const { status } = create(cluster, jane, 'selfsubjectrulesreviews', { spec: { namespace: 'default' } });
    expect(status.incomplete).toBe(false);
    expect(status.evaluationError).toBeUndefined();
    expect(status.resourceRules).toContainEqual({
      verbs: ['get'],
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: ['web'],
    });
    expect(status.resourceRules).toContainEqual({
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    });
    expect(status.nonResourceRules[0].nonResourceURLs).toContain('/healthz');
    expect(
      refusal(ask(cluster, jane, 'create', 'selfsubjectrulesreviews', { body: { spec: {} } })).message,
    ).toBe('no namespace on request');
  });
});

test('who am I', () => {
  const user = {
    username: 'jane',
    uid: '7',
    groups: ['crew', 'system:authenticated'],
    extra: { scope: ['a'] },
  };
  expect(create(cluster, user, 'selfsubjectreviews', {})).toMatchObject({
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    status: { userInfo: user },
  });
});
