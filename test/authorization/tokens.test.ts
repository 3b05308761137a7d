import { beforeEach, describe, expect, test } from 'vitest';
import { API_AUDIENCE, authenticateToken } from '../../simulator/authorization/index.ts';
import type { Cluster } from '../../simulator/cluster.ts';
import { createCluster } from '../../simulator/create-cluster.ts';
import { admin, ask, create, object, refusal } from './cluster.ts';

const installed = createCluster({ nodes: 1 });
let cluster: Cluster;
beforeEach(() => {
  cluster = installed.fork();
  create(cluster, admin, 'serviceaccounts', { metadata: { name: 'robot' } }, 'default');
});

const robot = { namespace: 'default', name: 'robot' } as const;
const HOUR = 3_600_000;

function request(spec: object = {}) {
  return ask(cluster, admin, 'create', 'serviceaccounts/token', { ...robot, body: { spec } as never });
}

function claims(token: string) {
  return JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
}

describe('a requested token', () => {
  test('has the claims of a real one', () => {
    const { metadata, status } = object(request());
    expect(metadata).toMatchObject(robot);
    const account = object(ask(cluster, admin, 'get', 'serviceaccounts', robot));
    const now = Math.floor(cluster.now / 1_000);
    expect(claims(status.token)).toEqual({
      aud: [API_AUDIENCE],
      exp: now + 3_600,
      iat: now,
      iss: API_AUDIENCE,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot', uid: account.metadata.uid } },
      nbf: now,
      sub: 'system:serviceaccount:default:robot',
    });
    expect(Date.parse(status.expirationTimestamp)).toBe((now + 3_600) * 1_000);
  });

  test('stands for its account until it expires', () => {
    const { token } = object(request()).status;
    expect(authenticateToken(cluster.view, token)).toMatchObject({
      username: 'system:serviceaccount:default:robot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims(token).jti}`] },
    });
    cluster.advance(HOUR);
    expect(authenticateToken(cluster.view, token)).toBeUndefined();
  });

  test('ends with its account, even if another of that name follows', () => {
    const { token } = object(request()).status;
    ask(cluster, admin, 'delete', 'serviceaccounts', robot);
    create(cluster, admin, 'serviceaccounts', { metadata: { name: 'robot' } }, 'default');
    expect(authenticateToken(cluster.view, token)).toBeUndefined();
  });

  test('is known to a fork, and to no cluster of another seed', () => {
    const { token } = object(request()).status;
    expect(authenticateToken(cluster.fork().view, token)).toBeDefined();
    expect(authenticateToken(createCluster({ nodes: 1, seed: 2 }).view, token)).toBeUndefined();
  });

  test('cannot be changed', () => {
    const [head, , signature] = object(request()).status.token.split('.');
    const forged = btoa(JSON.stringify({ sub: 'system:serviceaccount:kube-system:default' })).replaceAll(
      '=',
      '',
    );
    expect(authenticateToken(cluster.view, `${head}.${forged}.${signature}`)).toBeUndefined();
    for (const text of ['', 'x', 'a.b', 'a.b.c', '..'])
      expect(authenticateToken(cluster.view, text)).toBeUndefined();
  });

  test('for another audience is not for the API', () => {
    const { token } = object(request({ audiences: ['vault'] })).status;
    expect(authenticateToken(cluster.view, token)).toBeUndefined();
    const status = (audiences?: string[]) =>
      create(cluster, admin, 'tokenreviews', { spec: { token, ...(audiences ? { audiences } : {}) } }).status;
    expect(status(['vault', 'other'])).toMatchObject({ authenticated: true, audiences: ['vault'] });
    expect(status()).toMatchObject({ user: {}, error: expect.stringContaining('invalid bearer token') });
  });

  test('bound to a pod ends with it', () => {
    const pod = create(
      cluster,
      admin,
      'pods',
      {
        metadata: { name: 'p' },
        spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'i' }] },
      },
      'default',
    );
    const { token } = object(
      request({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: pod.metadata.uid } }),
    ).status;
    expect(authenticateToken(cluster.view, token)?.extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['p'],
    });
    ask(cluster, admin, 'delete', 'pods', {
      namespace: 'default',
      name: 'p',
      options: { gracePeriodSeconds: 0 },
    });
    expect(authenticateToken(cluster.view, token)).toBeUndefined();
  });

  test.each<[object, number, string]>([
    [
      { expirationSeconds: 10 },
      422,
      'TokenRequest.authentication.k8s.io "robot" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
    ],
    [{ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } }, 404, 'pods "none" not found'],
    [
      { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } },
      400,
      'cannot bind token to object of type /v1, Kind=ConfigMap',
    ],
  ])('%j is refused', (spec, code, message) => {
    expect(refusal(request(spec))).toMatchObject({ code, message });
  });
});

describe('a secret of type service-account-token', () => {
  const secret = (account: string) => ({
    metadata: { name: 'key', annotations: { 'kubernetes.io/service-account.name': account } },
    type: 'kubernetes.io/service-account-token',
  });
  const stored = () => ask(cluster, admin, 'get', 'secrets', { namespace: 'default', name: 'key' });

  test('is filled with a token that does not expire', () => {
    create(cluster, admin, 'secrets', secret('robot'), 'default');
    const { data = {}, metadata } = object(stored());
    expect(atob(data.namespace ?? '')).toBe('default');
    expect(metadata.annotations?.['kubernetes.io/service-account.uid']).toMatch(/^[0-9a-f-]{36}$/);
    const token = atob(data.token ?? '');
    expect(claims(token)).toMatchObject({
      iss: 'kubernetes/serviceaccount',
      'kubernetes.io/serviceaccount/secret.name': 'key',
    });
    cluster.advance(100 * HOUR);
    expect(authenticateToken(cluster.view, token)?.username).toBe('system:serviceaccount:default:robot');
    ask(cluster, admin, 'delete', 'secrets', { namespace: 'default', name: 'key' });
    expect(authenticateToken(cluster.view, token)).toBeUndefined();
  });

  test('is deleted without its account', () => {
    create(cluster, admin, 'secrets', secret('nobody'), 'default');
    expect(stored().code).toBe(404);
    create(cluster, admin, 'secrets', secret('robot'), 'default');
    ask(cluster, admin, 'delete', 'serviceaccounts', robot);
    expect(stored().code).toBe(404);
  });
});
