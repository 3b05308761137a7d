import { describe, expect, test } from 'vitest';
import { UnknownPath } from '../../api/failures.ts';
import { type Served, parseResourcePath, resolveRoute } from '../../api/routing.ts';
import { ApiError, type SubresourceHandler, makeRegistry } from '../../simulator/apiserver/index.ts';
import { allDefinitions } from '../../simulator/resources/index.ts';

const handle = () => ({ type: 'raw', code: 200, value: undefined, warnings: [] }) as const;
const action = (resource: string, subresource: string, verb: 'get' | 'update'): SubresourceHandler => ({
  group: 'subresources.kubevirt.io',
  resource,
  subresource,
  verbs: [verb],
  handle,
});
const served: Served = {
  registry: makeRegistry(allDefinitions()),
  subresources: [
    action('virtualmachines', 'start', 'update'),
    action('virtualmachines', 'evacuate/cancel', 'update'),
    action('virtualmachineinstances', 'guestosinfo', 'get'),
    action('', 'expand-vm-spec', 'update'),
    action('', 'version', 'get'),
  ],
};

function route(method: string, path: string, watch = false) {
  const parsed = parseResourcePath(path);
  if (!parsed) throw new Error(`${path} is no resource path`);
  return resolveRoute(served, method, parsed, watch);
}

function outcome(method: string, path: string): string {
  try {
    return route(method, path).verb;
  } catch (error) {
    if (error instanceof UnknownPath) return '404 text';
    if (error instanceof ApiError) return `${error.status.code} ${error.status.message}`;
    throw error;
  }
}

describe('paths', () => {
  test.each([
    ['/api/v1/pods', { group: '', version: 'v1', resource: 'pods' }],
    ['/api/v1/namespaces', { resource: 'namespaces', namespace: undefined, name: undefined }],
    ['/api/v1/namespaces/a', { resource: 'namespaces', namespace: undefined, name: 'a' }],
    ['/api/v1/namespaces/a/status', { resource: 'namespaces', name: 'a', subresource: 'status' }],
    ['/api/v1/namespaces/a/finalize', { resource: 'namespaces', name: 'a', subresource: 'finalize' }],
    ['/api/v1/namespaces/a/pods', { resource: 'pods', namespace: 'a', name: undefined }],
    ['/api/v1/namespaces/a/pods/p', { resource: 'pods', namespace: 'a', name: 'p', subresource: undefined }],
    ['/api/v1/namespaces/a/pods/p/eviction', { subresource: 'eviction' }],
    ['/api/v1/nodes/n/status', { resource: 'nodes', name: 'n', subresource: 'status' }],
    ['/api/v1/watch/namespaces/a/pods', { resource: 'pods', namespace: 'a', legacyWatch: true }],
    [
      '/apis/kubevirt.io/v1/virtualmachines',
      { group: 'kubevirt.io', version: 'v1', resource: 'virtualmachines' },
    ],
    ['/apis/rbac.authorization.k8s.io/v1/clusterroles/kubevirt.io%3Aadmin', { name: 'kubevirt.io:admin' }],
    [
      '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/v/vnc/screenshot',
      { resource: 'virtualmachineinstances', namespace: 'a', name: 'v', subresource: 'vnc/screenshot' },
    ],
    [
      '/apis/subresources.kubevirt.io/v1/namespaces/a/expand-vm-spec',
      { resource: 'expand-vm-spec', namespace: 'a' },
    ],
  ])('%s', (path, expected) => {
    expect(parseResourcePath(path)).toMatchObject(expected);
  });

  test.each(['/', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/version', '/healthz'])(
    '%s names no resource',
    path => {
      expect(parseResourcePath(path)).toBeUndefined();
    },
  );
});

describe('verbs', () => {
  test.each([
    ['GET', '/api/v1/pods', 'list'],
    ['GET', '/api/v1/namespaces/a/pods', 'list'],
    ['GET', '/api/v1/namespaces/a/pods/p', 'get'],
    ['POST', '/api/v1/namespaces/a/pods', 'create'],
    ['PUT', '/api/v1/namespaces/a/pods/p', 'update'],
    ['PATCH', '/api/v1/namespaces/a/pods/p/status', 'patch'],
    ['DELETE', '/api/v1/namespaces/a/pods/p', 'delete'],
    ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection'],
    ['PUT', '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachines/v/start', 'update'],
    [
      'PUT',
      '/apis/subresources.kubevirt.io/v1alpha3/namespaces/a/virtualmachines/v/evacuate/cancel',
      'update',
    ],
    ['GET', '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/v/guestosinfo', 'get'],
    ['PUT', '/apis/subresources.kubevirt.io/v1/namespaces/a/expand-vm-spec', 'update'],
    ['GET', '/apis/subresources.kubevirt.io/v1/version', 'get'],
  ])('%s %s: %s', (method, path, expected) => {
    expect(outcome(method, path)).toBe(expected);
  });

  test('a watch is a GET that says so', () => {
    expect(route('GET', '/api/v1/pods', true).verb).toBe('watch');
    expect(route('GET', '/api/v1/watch/pods').verb).toBe('watch');
  });
});

describe('what is not served', () => {
  const notFound = '404 the server could not find the requested resource';
  const notAllowed = '405 the server does not allow this method on the requested resource';
  test.each([
    ['a resource that a built-in group lacks', 'GET', '/api/v1/gizmos', notFound],
    ['a version that a built-in group lacks', 'GET', '/apis/apps/v1beta1/deployments', '404 text'],
    ['a group that nobody serves', 'GET', '/apis/example.com/v1/gizmos', '404 text'],
    ['a resource that a custom group lacks', 'GET', '/apis/kubevirt.io/v1/gizmos', '404 text'],
    ['a namespace before what has none', 'GET', '/api/v1/namespaces/a/nodes', notFound],
    ['a name without its namespace', 'GET', '/api/v1/pods/p', notFound],
    ['an unknown subresource', 'GET', '/api/v1/namespaces/a/pods/p/gizmo', notFound],
    ['creation across namespaces', 'POST', '/api/v1/pods', notAllowed],
    ['creation at a name', 'POST', '/api/v1/namespaces/a/pods/p', notAllowed],
    ['update of a collection', 'PUT', '/api/v1/namespaces/a/pods', notAllowed],
    ['a method that HTTP knows and Kubernetes does not', 'OPTIONS', '/api/v1/pods', notAllowed],
    [
      'update of a collection of custom resources',
      'PUT',
      '/apis/kubevirt.io/v1/namespaces/a/virtualmachines',
      '405 update is not supported on resources of kind "virtualmachines.kubevirt.io"',
    ],
    [
      'an unknown KubeVirt action',
      'PUT',
      '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachines/v/fly',
      '404 text',
    ],
    [
      'a KubeVirt action by another method',
      'POST',
      '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachines/v/start',
      notAllowed,
    ],
  ])('%s: %s %s', (_what, method, path, expected) => {
    expect(outcome(method, path)).toBe(expected);
  });
});
