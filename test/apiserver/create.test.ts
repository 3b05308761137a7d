import { describe, expect, it } from 'vitest';
import { createObject } from '../../simulator/apiserver/index.ts';
import type { AdmissionPlugin } from '../../simulator/apiserver/index.ts';
import { TestServer, configMaps, trusted } from './fixture.ts';

describe('create', () => {
  it('fills in system metadata, drops what clients may not set, and answers 201', () => {
    const server = new TestServer();
    const response = server.request('create', 'configmaps', {
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'a',
          uid: 'mine',
          creationTimestamp: null,
          deletionTimestamp: '2020-01-01T00:00:00Z',
          generation: 7,
        },
        data: { k: 'v' },
      },
      userAgent: 'kubectl/v1.35.0 (linux/amd64)',
    });
    expect(response).toMatchObject({
      type: 'object',
      code: 201,
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'a',
          namespace: 'default',
          creationTimestamp: '2026-01-01T00:00:00Z',
          resourceVersion: '3',
        },
        data: { k: 'v' },
      },
    });
    const { metadata } = (response as { object: { metadata: object } }).object;
    expect(metadata).not.toHaveProperty('deletionTimestamp');
    expect(metadata).not.toHaveProperty('generation');
    expect(metadata).toHaveProperty('uid', expect.stringMatching(/^[0-9a-f-]{36}$/));
  });

  it('clears status and starts generations at 1', () => {
    const server = new TestServer();
    const machine = server.ok('create', 'machines', {
      body: { metadata: { name: 'm' }, spec: { size: 1 }, status: { ready: true } },
    });
    expect(machine.metadata.generation).toBe(1);
    expect(machine).not.toHaveProperty('status');
  });

  it('generates names of the given base, cut to 58 characters, and five letters', () => {
    const server = new TestServer();
    const short = server.ok('create', 'configmaps', { body: { metadata: { generateName: 'a-' } } });
    expect(short.metadata.name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    const long = server.ok('create', 'configmaps', { body: { metadata: { generateName: 'x'.repeat(70) } } });
    expect(long.metadata.name).toHaveLength(63);
  });

  it.each([
    [
      'a taken name',
      { metadata: { name: 'taken' } },
      409,
      'AlreadyExists',
      'configmaps "taken" already exists',
    ],
    [
      'no name at all',
      { metadata: {} },
      422,
      'Invalid',
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'a name that is none',
      { metadata: { name: 'A_b' } },
      422,
      'Invalid',
      `ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
    [
      'a resourceVersion',
      { metadata: { name: 'n', resourceVersion: '1' } },
      500,
      undefined,
      'resourceVersion should not be set on objects to be created',
    ],
    [
      'another namespace',
      { metadata: { name: 'n', namespace: 'other' } },
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'another version',
      { apiVersion: 'apps/v1', metadata: { name: 'n' } },
      400,
      'BadRequest',
      'the API version in the data (apps/v1) does not match the expected API version (v1)',
    ],
    [
      'another kind',
      { kind: 'Pod', metadata: { name: 'n' } },
      400,
      'BadRequest',
      'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    ],
    [
      'a bad label value',
      { metadata: { name: 'n', labels: { a: '-' } } },
      422,
      'Invalid',
      `ConfigMap "n" is invalid: metadata.labels: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ])('refuses %s', (_what, body, code, reason, message) => {
    const server = new TestServer();
    server.configMap('taken');
    const before = server.store.revision;
    expect(server.refused('create', 'configmaps', { body })).toMatchObject({ code, message });
    expect(server.refused('create', 'configmaps', { body }).reason).toBe(reason);
    expect(server.store.revision).toBe(before);
  });

  it('says so when the name belongs to an object that is being deleted', () => {
    const server = new TestServer();
    server.configMap('a', {}, { finalizers: ['example.com/hold'] });
    server.request('delete', 'configmaps', { name: 'a' });
    expect(server.refused('create', 'configmaps', { body: { metadata: { name: 'a' } } }).message).toBe(
      'object is being deleted: configmaps "a" already exists',
    );
  });

  it('needs a living namespace', () => {
    const server = new TestServer();
    const body = { metadata: { name: 'a' } };
    expect(server.refused('create', 'configmaps', { namespace: 'nope', body })).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'namespaces "nope" not found',
      reason: 'NotFound',
      details: { name: 'nope', kind: 'namespaces' },
      code: 404,
    });
    server.ok('create', 'namespaces', { body: { metadata: { name: 'going' } } });
    server.ok('delete', 'namespaces', { name: 'going' });
    expect(server.refused('create', 'configmaps', { namespace: 'going', body })).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'configmaps "a" is forbidden: unable to create new content in namespace going because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
    });
  });

  it('stores nothing in a dry run', () => {
    const server = new TestServer();
    const before = server.store.revision;
    const object = server.ok('create', 'configmaps', {
      body: { metadata: { name: 'a' } },
      options: { dryRun: true },
    });
    expect(object.metadata.uid).toBeDefined();
    expect(object.metadata.resourceVersion).toBeUndefined();
    expect(server.store.revision).toBe(before);
  });

  it('drops repeated owner references with a warning', () => {
    const server = new TestServer();
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u1' };
    const response = server.request('create', 'configmaps', {
      body: { metadata: { name: 'a', ownerReferences: [owner, { ...owner }] } },
    });
    expect(response.warnings).toEqual([
      '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u1',
    ]);
    expect(response).toMatchObject({ object: { metadata: { ownerReferences: [owner] } } });
  });

  it('warns of deprecated versions and stores the storage version', () => {
    const server = new TestServer();
    const response = server.request('create', 'machines', {
      version: 'v1beta1',
      body: { metadata: { name: 'm' } },
    });
    expect(response.warnings).toEqual(['example.com/v1beta1 Machine is now deprecated']);
    expect(response).toMatchObject({ object: { apiVersion: 'example.com/v1beta1' } });
    expect(server.store.get('machines.example.com', 'default/m')?.apiVersion).toBe('example.com/v1');
  });

  it('answers 404 for versions that are not served', () => {
    const server = new TestServer();
    expect(server.refused('list', 'machines', { version: 'v1alpha1' })).toMatchObject({
      code: 404,
      message: 'the server could not find the requested resource',
    });
  });

  it('runs admission around naming: mutation before, validation after', () => {
    const seen: string[] = [];
    const plugin: AdmissionPlugin = {
      name: 'p',
      operations: ['CREATE'],
      resources: ['configmaps'],
      mutate: attributes => {
        seen.push(`mutate "${attributes.name}"`);
        const object = attributes.object!;
        attributes.warn('careful');
        return { ...object, metadata: { ...object.metadata, labels: { added: 'yes' } } };
      },
      validate: attributes => {
        seen.push(`validate ${attributes.name} ${attributes.object!.metadata.labels!.added}`);
      },
    };
    const server = new TestServer({ admission: [plugin] });
    const response = server.request('create', 'configmaps', { body: { metadata: { generateName: 'g-' } } });
    const { name } = (response as { object: { metadata: { name: string } } }).object.metadata;
    expect(seen).toEqual(['mutate ""', `validate ${name} yes`]);
    expect(response.warnings).toEqual(['careful']);
  });

  it('lets trusted components write what schemas and names rules would refuse, but no admission', () => {
    const server = new TestServer();
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'UPPER', namespace: 'default' } };
    expect(createObject(server, configMaps, object, trusted).object.metadata.name).toBe('UPPER');
    const lost = { ...object, metadata: { name: 'a', namespace: 'nope' } };
    expect(() => createObject(server, configMaps, lost, trusted)).toThrow('namespaces "nope" not found');
  });
});
