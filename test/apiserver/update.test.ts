import { describe, expect, it } from 'vitest';
import { updateObject } from '../../simulator/apiserver/index.ts';
import { type Loose, TestServer, configMaps, machines, pods, trusted } from './fixture.ts';

function machine(server: TestServer): Loose {
  return server.ok('create', 'machines', { body: { metadata: { name: 'm' }, spec: { size: 1 } } });
}

describe('PUT', () => {
  it('replaces the object and keeps what only the server sets', () => {
    const server = new TestServer();
    const old = server.configMap('a', { k: '1' });
    const next = server.ok('update', 'configmaps', {
      name: 'a',
      body: { metadata: { name: 'a', creationTimestamp: '1999-01-01T00:00:00Z' }, data: { k: '2' } },
    });
    expect(next.metadata.uid).toBe(old.metadata.uid);
    expect(next.metadata.creationTimestamp).toBe(old.metadata.creationTimestamp);
    expect(next.metadata.resourceVersion).toBe('4');
    expect(next.data).toEqual({ k: '2' });
  });

  it('writes nothing where nothing changes', () => {
    const server = new TestServer();
    const old = server.configMap('a', { k: '1' });
    const revision = server.store.revision;
    const next = server.ok('update', 'configmaps', { name: 'a', body: old as never });
    expect(next.metadata.resourceVersion).toBe(old.metadata.resourceVersion);
    expect(server.store.revision).toBe(revision);
  });

  it.each([
    [
      'a missing object',
      'configmaps',
      { name: 'x', body: { metadata: { name: 'x' } } },
      404,
      'configmaps "x" not found',
    ],
    [
      'a stale resourceVersion',
      'machines',
      { name: 'm', body: { metadata: { name: 'm', resourceVersion: '1' } } },
      409,
      'Operation cannot be fulfilled on machines.example.com "m": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      'no resourceVersion where one is needed',
      'machines',
      { name: 'm', body: { metadata: { name: 'm' } } },
      422,
      'machines.example.com "m" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    ],
    [
      'another name than the URL',
      'machines',
      { name: 'm', body: { metadata: { name: 'n' } } },
      400,
      'the name of the object (n) does not match the name on the URL (m)',
    ],
  ] as const)('refuses %s', (_what, resource, rest, code, message) => {
    const server = new TestServer();
    machine(server);
    expect(server.refused('update', resource, rest as never)).toMatchObject({ code, message });
  });

  it('refuses another uid', () => {
    const server = new TestServer();
    const old = server.configMap('a');
    expect(
      server.refused('update', 'configmaps', { name: 'a', body: { metadata: { name: 'a', uid: 'other' } } })
        .message,
    ).toBe(
      `Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: other, UID in object meta: ${old.metadata.uid}`,
    );
  });

  it('creates where the kind allows it', () => {
    const server = new TestServer();
    expect(
      server.request('update', 'leases', { name: 'l', body: { metadata: { name: 'l' } } }),
    ).toMatchObject({
      type: 'object',
      code: 201,
    });
  });
});

describe('status', () => {
  it('is left alone by the main endpoint, and the main parts by status', () => {
    const server = new TestServer();
    const created = machine(server);
    const main = server.ok('update', 'machines', {
      name: 'm',
      body: { ...created, spec: { size: 2 }, status: { ready: true } } as never,
    });
    expect(main).not.toHaveProperty('status');
    const status = server.ok('update', 'machines/status', {
      name: 'm',
      body: { ...main, spec: { size: 9 }, status: { ready: true } } as never,
    });
    expect(status.status).toEqual({ ready: true });
    expect(status.spec).toEqual({ size: 2 });
    expect(status.metadata.generation).toBe(2);
  });

  it('keeps metadata changes for built-in kinds only', () => {
    const server = new TestServer();
    machine(server);
    server.ok('create', 'pods', { body: { metadata: { name: 'p' }, spec: {} } });
    const patch = { metadata: { annotations: { a: 'b' } }, status: { phase: 'Running' } };
    const options = { name: 'm', patchType: 'merge' as const, body: patch };
    expect(server.ok('patch', 'machines/status', options).metadata.annotations).toBeUndefined();
    expect(server.ok('patch', 'pods/status', { ...options, name: 'p' }).metadata.annotations).toEqual({
      a: 'b',
    });
  });

  it('does not exist where the kind has none', () => {
    const server = new TestServer();
    server.configMap('a');
    expect(server.refused('get', 'configmaps/status', { name: 'a' }).code).toBe(404);
  });
});

describe('generation', () => {
  it('counts changes of content, not of metadata or status', () => {
    const server = new TestServer();
    machine(server);
    const patch = (body: object, resource = 'machines') =>
      server.ok('patch', resource, { name: 'm', patchType: 'merge', body: body as never }).metadata
        .generation;
    expect(patch({ metadata: { labels: { a: 'b' } } })).toBe(1);
    expect(patch({ spec: { size: 2 } })).toBe(2);
    expect(patch({ status: { ready: true } }, 'machines/status')).toBe(2);
    expect(patch({ spec: { size: 2 } })).toBe(2);
    expect(patch({ other: 1 })).toBe(3);
  });

  it('cannot be set', () => {
    const server = new TestServer();
    machine(server);
    const body = { metadata: { generation: 99 } };
    expect(server.ok('patch', 'machines', { name: 'm', patchType: 'merge', body }).metadata.generation).toBe(
      1,
    );
  });
});

describe('a component’s update', () => {
  it('changes the object by its recipe', () => {
    const server = new TestServer();
    machine(server);
    const result = updateObject(
      server,
      machines,
      'default/m',
      draft => {
        (draft as Loose).spec.size = 5;
      },
      trusted,
    );
    expect(result).toMatchObject({
      outcome: 'updated',
      object: { spec: { size: 5 }, metadata: { generation: 2 } },
    });
  });

  it('costs no write when the recipe changes nothing', () => {
    const server = new TestServer();
    machine(server);
    const revision = server.store.revision;
    const same = updateObject(
      server,
      machines,
      'default/m',
      draft => {
        (draft as Loose).spec.size = 1;
      },
      trusted,
    );
    expect(same.outcome).toBe('unchanged');
    const equal = updateObject(
      server,
      machines,
      'default/m',
      draft => {
        (draft as Loose).spec = { size: 1 };
      },
      trusted,
    );
    expect(equal.outcome).toBe('unchanged');
    expect(server.store.revision).toBe(revision);
  });

  it('writes status through status only', () => {
    const server = new TestServer();
    machine(server);
    const recipe = (draft: unknown) => {
      (draft as Loose).status = { ready: true };
    };
    expect(updateObject(server, machines, 'default/m', recipe, trusted).outcome).toBe('unchanged');
    expect(
      updateObject(server, machines, 'default/m', recipe, trusted, { subresource: 'status' }).object,
    ).toHaveProperty('status', { ready: true });
  });

  it('ends an object whose last finalizer it removes; watchers see its last stored state', () => {
    const server = new TestServer();
    server.configMap('a', {}, { finalizers: ['example.com/hold'] });
    server.request('delete', 'configmaps', { name: 'a' });
    const result = updateObject(
      server,
      configMaps,
      'default/a',
      draft => {
        delete draft.metadata.finalizers;
      },
      trusted,
    );
    expect(result.outcome).toBe('deleted');
    expect(server.store.get('configmaps', 'default/a')).toBeUndefined();
    expect(server.store.journal.at(server.store.revision)).toMatchObject({
      type: 'DELETED',
      object: { metadata: { finalizers: ['example.com/hold'] } },
    });
  });

  it('cannot add finalizers to what is being deleted', () => {
    const server = new TestServer();
    server.configMap('a', {}, { finalizers: ['example.com/hold'] });
    server.request('delete', 'configmaps', { name: 'a' });
    expect(() =>
      updateObject(
        server,
        configMaps,
        'default/a',
        draft => {
          draft.metadata.finalizers?.push('x/y');
        },
        trusted,
      ),
    ).toThrow(
      'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/y"}',
    );
  });
});

describe('scale', () => {
  const deployment = {
    metadata: { name: 'd' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'd' } } },
  };

  it('is a view of replicas and selector', () => {
    const server = new TestServer();
    const { metadata } = server.ok('create', 'deployments', { body: deployment });
    const { uid, resourceVersion, creationTimestamp } = metadata;
    expect(server.ok('get', 'deployments/scale', { name: 'd' })).toEqual({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd', namespace: 'default', uid, resourceVersion, creationTimestamp },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=d' },
    });
  });

  it('scales by PUT and by patch', () => {
    const server = new TestServer();
    server.ok('create', 'deployments', { body: deployment });
    const put = { name: 'd', body: { metadata: { name: 'd' }, spec: { replicas: 5 } } };
    expect(server.ok('update', 'deployments/scale', put).spec).toEqual({ replicas: 5 });
    const patch = { name: 'd', patchType: 'merge' as const, body: { spec: { replicas: 1 } } };
    expect(server.ok('patch', 'deployments/scale', patch).spec).toEqual({ replicas: 1 });
    const { spec, metadata } = server.ok('get', 'deployments', { name: 'd' });
    expect(spec.replicas).toBe(1);
    expect(metadata.generation).toBe(3);
  });

  it('honours a resourceVersion', () => {
    const server = new TestServer();
    server.ok('create', 'deployments', { body: deployment });
    const body = { metadata: { name: 'd', resourceVersion: '1' }, spec: { replicas: 5 } };
    expect(server.refused('update', 'deployments/scale', { name: 'd', body }).code).toBe(409);
  });
});

describe('deletion', () => {
  it('answers with a Status, or with the object where the kind does so', () => {
    const server = new TestServer();
    const { metadata } = server.configMap('a');
    expect(server.request('delete', 'configmaps', { name: 'a' })).toEqual({
      type: 'status',
      code: 200,
      warnings: [],
      status: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
        code: 200,
      },
    });
    server.ok('create', 'pods', { body: { metadata: { name: 'p' }, spec: {} } });
    expect(server.ok('delete', 'pods', { name: 'p' }).metadata.name).toBe('p');
    expect(server.store.count('pods')).toBe(0);
  });

  it('waits for finalizers: 200 with the marked object, again and again', () => {
    const server = new TestServer();
    server.ok('create', 'machines', { body: { metadata: { name: 'm', finalizers: ['a/b'] } } });
    const object = server.ok('delete', 'machines', { name: 'm' });
    expect(object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    const revision = server.store.revision;
    expect(server.ok('delete', 'machines', { name: 'm' })).toEqual(object);
    expect(server.store.revision).toBe(revision);
    server.ok('patch', 'machines', {
      name: 'm',
      patchType: 'merge',
      body: { metadata: { finalizers: null } },
    });
    expect(server.refused('get', 'machines', { name: 'm' }).code).toBe(404);
  });

  it.each([
    ['Foreground', 'machines', ['foregroundDeletion']],
    ['Orphan', 'machines', ['orphan']],
    [undefined, 'jobs', ['orphan']],
  ] as const)('propagates %s of %s by a finalizer', (propagationPolicy, resource, finalizers) => {
    const server = new TestServer();
    server.ok('create', resource, { body: { metadata: { name: 'm' } } });
    const object = server.ok('delete', resource, { name: 'm', options: { propagationPolicy } });
    expect(object.metadata.finalizers).toEqual(finalizers);
  });

  it.each([
    ['Background', 'machines'],
    [undefined, 'machines'],
    ['Background', 'jobs'],
  ] as const)('with policy %s removes %s at once', (propagationPolicy, resource) => {
    const server = new TestServer();
    server.ok('create', resource, { body: { metadata: { name: 'm' } } });
    const body = propagationPolicy === undefined ? undefined : { kind: 'DeleteOptions', propagationPolicy };
    expect(server.request('delete', resource, { name: 'm', body })).toMatchObject({
      type: 'status',
      code: 200,
    });
  });

  it('gives scheduled pods their grace period, which can only be shortened', () => {
    const server = new TestServer();
    server.ok('create', 'pods', { body: { metadata: { name: 'p' }, spec: { nodeName: 'n' } } });
    expect(server.ok('delete', 'pods', { name: 'p' }).metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    const longer = server.ok('delete', 'pods', { name: 'p', options: { gracePeriodSeconds: 60 } });
    expect(longer.metadata.deletionGracePeriodSeconds).toBe(30);
    const shorter = server.ok('delete', 'pods', { name: 'p', options: { gracePeriodSeconds: 10 } });
    expect(shorter.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:10Z',
      deletionGracePeriodSeconds: 10,
      generation: 2,
    });
    server.ok('delete', 'pods', { name: 'p', options: { gracePeriodSeconds: 0 } });
    expect(server.store.count('pods')).toBe(0);
  });

  it('checks preconditions', () => {
    const server = new TestServer();
    const { metadata } = server.configMap('a');
    const body = { preconditions: { uid: 'other' } };
    expect(server.refused('delete', 'configmaps', { name: 'a', body })).toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    });
  });

  it('changes nothing in a dry run', () => {
    const server = new TestServer();
    server.configMap('a');
    const revision = server.store.revision;
    expect(server.request('delete', 'configmaps', { name: 'a', body: { dryRun: ['All'] } }).code).toBe(200);
    expect(server.store.revision).toBe(revision);
  });

  it('deletes what a collection selects and answers with the list', () => {
    const server = new TestServer();
    server.configMap('a', {}, { labels: { x: '1' } });
    server.configMap('b');
    const response = server.request('deletecollection', 'configmaps', { options: { labelSelector: 'x=1' } });
    expect(response).toMatchObject({ type: 'list', list: { items: [{ metadata: { name: 'a' } }] } });
    expect(server.names('configmaps')).toEqual(['b']);
  });

  it('ends namespaces in two steps', () => {
    const server = new TestServer();
    server.ok('create', 'namespaces', { body: { metadata: { name: 'n' } } });
    const terminating = server.ok('delete', 'namespaces', { name: 'n' });
    expect(terminating).toMatchObject({
      status: { phase: 'Terminating' },
      spec: { finalizers: ['kubernetes'] },
    });
    expect(server.ok('delete', 'namespaces', { name: 'n' })).toEqual(terminating);
    server.ok('update', 'namespaces/finalize', { name: 'n', body: { ...terminating, spec: {} } as never });
    expect(server.refused('get', 'namespaces', { name: 'n' }).code).toBe(404);
    expect(server.refused('delete', 'namespaces', { name: 'default' })).toMatchObject({
      code: 403,
      message: 'namespaces "default" is forbidden: this namespace may not be deleted',
    });
  });

  it('cannot be forged by a client’s update', () => {
    const server = new TestServer();
    server.ok('create', 'pods', { body: { metadata: { name: 'p' }, spec: {} } });
    const body = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const pod = server.ok('patch', 'pods', { name: 'p', patchType: 'merge', body });
    expect(pod.metadata.deletionTimestamp).toBeUndefined();
    expect(pods.hasStatus).toBe(true);
  });
});
