import { describe, expect, test } from 'vitest';
import { ApiError } from '../../simulator/apiserver/index.ts';
import { type ImpersonationHeaders, impersonate } from '../../simulator/authorization/index.ts';
import { createCluster } from '../../simulator/create-cluster.ts';
import type { UserInfo } from '../../simulator/types/meta.ts';
import { admin, binding, create, person, userSubject } from './cluster.ts';

const cluster = createCluster({ nodes: 1 });
const rules = [
  { apiGroups: [''], resources: ['users'], resourceNames: ['joe'], verbs: ['impersonate'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['userextras/scope'], verbs: ['impersonate'] },
];
create(cluster, admin, 'clusterroles', { metadata: { name: 'as-joe' }, rules });
create(cluster, admin, 'clusterrolebindings', binding('as-joe', 'ClusterRole/as-joe', [userSubject('jane')]));
const jane = person('jane');

describe('an administrator becomes', () => {
  test.each<[string, ImpersonationHeaders, UserInfo]>([
    ['nobody else without headers', {}, admin],
    ['a user, who is known', { user: 'joe' }, { username: 'joe', groups: ['system:authenticated'] }],
    [
      'a user in groups',
      { user: 'joe', groups: ['crew', 'deck'] },
      { username: 'joe', groups: ['crew', 'deck', 'system:authenticated'] },
    ],
    [
      'a service account with its groups',
      { user: 'system:serviceaccount:team:robot' },
      {
        username: 'system:serviceaccount:team:robot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:team', 'system:authenticated'],
      },
    ],
    [
      'a service account with other groups',
      { user: 'system:serviceaccount:team:robot', groups: ['crew'] },
      { username: 'system:serviceaccount:team:robot', groups: ['crew', 'system:authenticated'] },
    ],
    [
      'nobody known',
      { user: 'system:anonymous' },
      { username: 'system:anonymous', groups: ['system:unauthenticated'] },
    ],
    [
      'someone unauthenticated',
      { user: 'joe', groups: ['system:unauthenticated'] },
      { username: 'joe', groups: ['system:unauthenticated'] },
    ],
    [
      'someone with a UID and more',
      { user: 'joe', uid: '7', extra: { 'Acme.com%2FScope': ['a', 'b'] } },
      {
        username: 'joe',
        uid: '7',
        groups: ['system:authenticated'],
        extra: { 'acme.com/scope': ['a', 'b'] },
      },
    ],
  ])('%s', (_title, headers, user) => {
    expect(impersonate(cluster.view, admin, headers)).toEqual(user);
  });
});

describe('others', () => {
  test('become whom they may', () => {
    expect(impersonate(cluster.view, jane, { user: 'joe', extra: { scope: ['x'] } })).toMatchObject({
      username: 'joe',
    });
  });

  test.each<[ImpersonationHeaders, string]>([
    [
      { user: 'jim' },
      'users "jim" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    ],
    [
      { user: 'joe', groups: ['crew'] },
      'groups "crew" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    ],
    [
      { user: 'system:serviceaccount:team:robot' },
      'serviceaccounts "robot" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "team"',
    ],
    [
      { user: 'joe', extra: { rank: ['captain'] } },
      'userextras.authentication.k8s.io "captain" is forbidden: User "jane" cannot impersonate resource "userextras/rank" in API group "authentication.k8s.io" at the cluster scope',
    ],
    [{ groups: ['crew'] }, 'requested [{Group  crew    }] without impersonating a user'],
  ])('%j is refused', (headers, message) => {
    const result = impersonate(cluster.view, jane, headers);
    expect(result).toBeInstanceOf(ApiError);
    expect((result as ApiError).message).toBe(message);
  });
});
