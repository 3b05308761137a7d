import { describe, expect, it } from 'vitest';
import type { ApiRequest } from '../../simulator/apiserver/index.ts';
import type { JsonValue } from '../../simulator/types/meta.ts';
import { type Loose, MINUTES, TestServer } from './fixture.ts';
import { schemas } from './schemas.ts';

const deployment = (spec: object, metadata: object = {}): JsonValue =>
  ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', ...metadata }, spec }) as never;

function applying(server: TestServer) {
  return (manager: string, body: JsonValue, options: ApiRequest['options'] = {}) => ({
    name: 'd',
    patchType: 'apply' as const,
    body,
    options: { fieldManager: manager, ...options },
    server,
  });
}

function setUp() {
  const server = new TestServer({ schemas });
  const request = applying(server);
  return {
    server,
    apply: (manager: string, body: JsonValue, options?: ApiRequest['options']): Loose =>
      server.ok('patch', 'deployments', request(manager, body, options)),
    refused: (manager: string, body: JsonValue, options?: ApiRequest['options']) =>
      server.refused('patch', 'deployments', request(manager, body, options)),
  };
}

const owners = (object: Loose) =>
  Object.fromEntries(
    (object.metadata.managedFields ?? []).map(entry => [
      `${entry.manager} ${entry.operation}`,
      entry.fieldsV1,
    ]),
  );

describe('managedFields of plain writes', () => {
  it('gives a creator what it sent, under the program of its User-Agent', () => {
    const server = new TestServer({ schemas });
    const object = server.ok('create', 'deployments', {
      body: deployment({ replicas: 1, containers: [{ name: 'c', image: 'i' }] }, { labels: { a: 'b' } }),
      userAgent: 'kubectl-create/v1.35 (linux)',
    });
    expect(object.metadata.managedFields).toEqual([
      {
        manager: 'kubectl-create',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
          'f:spec': {
            'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } },
            'f:replicas': {},
          },
        },
      },
    ]);
  });

  it('moves a changed field to whoever changed it', () => {
    const server = new TestServer({ schemas });
    server.ok('create', 'deployments', {
      body: deployment({ replicas: 1 }, { labels: { a: 'b' } }),
      userAgent: 'one/1',
    });
    const next = server.ok('patch', 'deployments', {
      name: 'd',
      patchType: 'merge',
      body: { spec: { replicas: 2 } },
      userAgent: 'two/1',
    });
    expect(owners(next)).toEqual({
      'one Update': { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } },
      'two Update': { 'f:spec': { 'f:replicas': {} } },
    });
  });

  it('keeps status writes apart', () => {
    const server = new TestServer({ schemas });
    server.ok('create', 'deployments', { body: deployment({ replicas: 1 }), userAgent: 'one/1' });
    const next = server.ok('patch', 'deployments/status', {
      name: 'd',
      patchType: 'merge',
      body: { status: { replicas: 1 } },
      userAgent: 'one/1',
    });
    expect(next.metadata.managedFields).toMatchObject([
      { manager: 'one', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      { manager: 'one', subresource: 'status', fieldsV1: { 'f:status': { 'f:replicas': {} } } },
    ]);
  });

  it('can be reset', () => {
    const server = new TestServer({ schemas });
    server.ok('create', 'deployments', { body: deployment({ replicas: 1 }), userAgent: 'one/1' });
    const body = { metadata: { managedFields: [{}] } };
    const next = server.ok('patch', 'deployments', { name: 'd', patchType: 'merge', body });
    expect(next.metadata.managedFields).toBeUndefined();
  });
});

describe('server-side apply', () => {
  it('creates what is missing, with 201', () => {
    const { server } = setUp();
    const response = server.request(
      'patch',
      'deployments',
      applying(server)('m', deployment({ replicas: 1 })),
    );
    expect(response).toMatchObject({
      code: 201,
      object: {
        spec: { replicas: 1 },
        metadata: {
          managedFields: [{ manager: 'm', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }],
        },
      },
    });
  });

  it('changes nothing when nothing changes, even later', () => {
    const { server, apply } = setUp();
    const first = apply('m', deployment({ replicas: 1 }));
    server.now += MINUTES;
    expect(apply('m', deployment({ replicas: 1 }))).toEqual(first);
  });

  it('removes what its manager applied before and no longer does', () => {
    const { apply } = setUp();
    apply('m', deployment({ replicas: 1, strategy: { type: 'Recreate' } }));
    const next = apply('m', deployment({ replicas: 1 }));
    expect(next.spec).toEqual({ replicas: 1 });
  });

  it('keeps the metadata when it takes back all that it applied there', () => {
    const { apply } = setUp();
    apply('m', deployment({ replicas: 1 }, { labels: { a: 'b' }, annotations: { c: 'd' } }));
    const next = apply('m', deployment({ replicas: 1 }));
    expect(next).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
    expect(Object.keys(next.metadata).sort()).toEqual([
      'creationTimestamp',
      'generation',
      'managedFields',
      'name',
      'namespace',
      'resourceVersion',
      'uid',
    ]);
  });

  it('knows an applier in whatever version it applies', () => {
    const server = new TestServer({ schemas });
    const machine = (version: string, spec: object) =>
      server.ok('patch', 'machines', {
        name: 'd',
        version,
        patchType: 'apply',
        body: { apiVersion: `example.com/${version}`, kind: 'Machine', spec } as never,
        options: { fieldManager: 'm' },
      });
    machine('v1', { size: 1, zone: 'z' });
    const next = machine('v1beta1', { size: 1 });
    expect(next.spec).toEqual({ size: 1 });
    expect(next.metadata.managedFields).toMatchObject([{ manager: 'm', apiVersion: 'example.com/v1beta1' }]);
  });

  it('gives no time to an apply that changes no value', () => {
    const { apply } = setUp();
    apply('m', deployment({ replicas: 1 }));
    const next = apply('n', deployment({ replicas: 1 }));
    expect(next.metadata.managedFields?.map(({ manager, time }) => [manager, time])).toEqual([
      ['n', undefined],
      ['m', '2026-01-01T00:00:00Z'],
    ]);
  });

  it('leaves what others own too', () => {
    const { apply } = setUp();
    apply('m', deployment({ replicas: 1 }));
    apply('n', deployment({ replicas: 1 }));
    const next = apply('m', { apiVersion: 'apps/v1', kind: 'Deployment' });
    expect(next.spec).toEqual({ replicas: 1 });
    expect(Object.keys(owners(next))).toEqual(['n Apply']);
  });

  it('refuses to change what others own, and names it', () => {
    const { apply, refused } = setUp();
    apply('m', deployment({ replicas: 1 }));
    expect(refused('n', deployment({ replicas: 2 }))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "m": .spec.replicas',
      reason: 'Conflict',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "m"', field: '.spec.replicas' }],
      },
      code: 409,
    });
  });

  it('names version and time of updaters, and every field', () => {
    const { server, refused } = setUp();
    server.ok('create', 'deployments', {
      body: deployment({ replicas: 1, containers: [{ name: 'c', image: 'a' }] }),
      userAgent: 'u/1',
    });
    expect(refused('n', deployment({ replicas: 2, containers: [{ name: 'c', image: 'b' }] })).message).toBe(
      'Apply failed with 2 conflicts: conflicts with "u" using apps/v1 at 2026-01-01T00:00:00Z:\n- .spec.containers[name="c"].image\n- .spec.replicas',
    );
  });

  it('takes fields over when forced', () => {
    const { apply } = setUp();
    apply('m', deployment({ replicas: 1 }));
    const next = apply('n', deployment({ replicas: 2 }), { force: true });
    expect(next.spec).toEqual({ replicas: 2 });
    expect(Object.keys(owners(next))).toEqual(['n Apply']);
  });

  it('merges associative lists by key and keeps the live order', () => {
    const { apply } = setUp();
    apply(
      'm',
      deployment({
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '1' },
        ],
      }),
    );
    const next = apply(
      'n',
      deployment({
        containers: [
          { name: 'c', image: '1' },
          { name: 'b', command: ['x'] },
        ],
      }),
    );
    expect(next.spec.containers).toEqual([
      { name: 'a', image: '1' },
      { name: 'c', image: '1' },
      { name: 'b', image: '1', command: ['x'] },
    ]);
    const without = apply('m', deployment({ containers: [{ name: 'a', image: '1' }] }));
    expect(without.spec.containers).toEqual([
      { name: 'a', image: '1' },
      { name: 'c', image: '1' },
      { name: 'b', command: ['x'] },
    ]);
  });

  it('counts defaults of keys', () => {
    const { apply, refused } = setUp();
    const ports = (name: string) =>
      deployment({ containers: [{ name: 'c', ports: [{ containerPort: 80, name }] }] });
    apply('m', ports('web'));
    expect(refused('n', ports('http')).message).toBe(
      'Apply failed with 1 conflict: conflict with "m": .spec.containers[name="c"].ports[containerPort=80,protocol="TCP"].name',
    );
  });

  it('gives what was there before the first apply a manager of its own', () => {
    const { server, apply, refused } = setUp();
    server.ok('create', 'deployments', { body: deployment({ replicas: 1 }), userAgent: 'u/1' });
    server.ok('patch', 'deployments', {
      name: 'd',
      patchType: 'merge',
      body: { metadata: { managedFields: [{}] } },
    });
    expect(refused('m', deployment({ replicas: 2 })).message).toMatch(
      /^Apply failed with 1 conflict: conflict with "before-first-apply" using apps\/v1/,
    );
    expect(Object.keys(owners(apply('m', deployment({ replicas: 1 }))))).toEqual([
      'm Apply',
      'before-first-apply Update',
    ]);
  });

  it.each([
    [
      { kind: 'Deployment', apiVersion: 'apps/v2' },
      400,
      'Incorrect version specified in apply patch. Specified patch version: apps/v2, expected: apps/v1',
    ],
    [
      { kind: 'Deployment', apiVersion: 'apps/v1', metadata: { managedFields: [] } },
      400,
      'metadata.managedFields must be nil',
    ],
    [
      { kind: 'Deployment', apiVersion: 'apps/v1', spec: { foo: 1 } },
      500,
      'failed to create typed patch object (default/d; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema',
    ],
    [
      { kind: 'Deployment', apiVersion: 'apps/v1', spec: { containers: [{ name: 'a' }, { name: 'a' }] } },
      500,
      'failed to create typed patch object (default/d; apps/v1, Kind=Deployment): .spec.containers: duplicate entries for key [name="a"]',
    ],
  ])('refuses %j', (body, code, message) => {
    expect(setUp().refused('m', body as never)).toMatchObject({ code, message });
  });

  it('lets kubectl take over what it applied on the client before', () => {
    const { server, apply, refused } = setUp();
    const config = deployment({ replicas: 1 });
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config) };
    server.ok('create', 'deployments', {
      body: deployment({ replicas: 1 }, { annotations }),
      userAgent: 'x',
      options: { fieldManager: 'kubectl-client-side-apply' },
    });
    expect(refused('other', deployment({ replicas: 2 })).code).toBe(409);
    const next = apply('kubectl', deployment({ replicas: 2 }));
    expect(next.spec.replicas).toBe(2);
    expect(
      JSON.parse(next.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? ''),
    ).toMatchObject({
      spec: { replicas: 2 },
    });
  });
});
