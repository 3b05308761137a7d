import { describe, expect, it } from 'vitest';
import { TestServer } from './fixture.ts';
import { schemas } from './schemas.ts';

describe('PATCH', () => {
  it.each([
    ['json', [{ op: 'replace', path: '/data/k', value: '2' }]],
    ['merge', { data: { k: '2' } }],
    ['strategic', { data: { k: '2' } }],
  ] as const)('%s changes the object', (patchType, body) => {
    const server = new TestServer();
    server.configMap('a', { k: '1', l: 'x' });
    const object = server.ok('patch', 'configmaps', { name: 'a', patchType, body: body as never });
    expect(object.data).toEqual({ k: '2', l: 'x' });
  });

  it.each([
    [
      'a failing test',
      'json',
      [{ op: 'test', path: '/data/k', value: 'no' }],
      422,
      'the server rejected our request due to an error in our request',
    ],
    [
      'a missing path',
      'json',
      [{ op: 'remove', path: '/data/zzz' }],
      422,
      'the server rejected our request due to an error in our request',
    ],
    [
      'no list',
      'json',
      {},
      400,
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ],
    [
      'no map',
      'merge',
      [],
      400,
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    [
      'another name',
      'merge',
      { metadata: { name: 'b' } },
      400,
      'the name of the object (b) does not match the name on the URL (a)',
    ],
    [
      'a stale version',
      'merge',
      { metadata: { resourceVersion: '1' } },
      409,
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      'apply without manager',
      'apply',
      {},
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
  ] as const)('refuses %s', (_what, patchType, body, code, message) => {
    const server = new TestServer();
    server.configMap('a', { k: '1' });
    expect(
      server.refused('patch', 'configmaps', { name: 'a', patchType, body: body as never }),
    ).toMatchObject({ code, message });
  });

  it('has no strategic merge for custom resources', () => {
    const server = new TestServer();
    server.ok('create', 'machines', { body: { metadata: { name: 'm' } } });
    expect(
      server.refused('patch', 'machines', { name: 'm', patchType: 'strategic', body: {} }),
    ).toMatchObject({
      code: 415,
      reason: 'UnsupportedMediaType',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    });
  });

  it('answers 404 for a missing object', () => {
    const server = new TestServer();
    expect(server.refused('patch', 'configmaps', { name: 'x', patchType: 'merge', body: {} }).code).toBe(404);
  });

  it('allows force for apply only', () => {
    const server = new TestServer();
    server.configMap('a');
    const refusal = server.refused('patch', 'configmaps', {
      name: 'a',
      patchType: 'merge',
      body: {},
      options: { force: true },
    });
    expect(refusal.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    );
  });
});

describe('fieldValidation', () => {
  const body = { metadata: { name: 'm' }, spec: { size: 1, wrong: true } };

  it('drops unknown fields and warns of them by default', () => {
    const server = new TestServer({ schemas });
    const response = server.request('create', 'machines', { body });
    expect(response.warnings).toEqual(['unknown field "spec.wrong"']);
    expect(response).toMatchObject({ code: 201, object: { spec: { size: 1 } } });
    expect((response as { object: { spec?: object } }).object.spec).not.toHaveProperty('wrong');
  });

  it('is silent when told to be', () => {
    const server = new TestServer({ schemas });
    expect(
      server.request('create', 'machines', { body, options: { fieldValidation: 'Ignore' } }).warnings,
    ).toEqual([]);
  });

  it('refuses unknown and repeated fields when strict', () => {
    const server = new TestServer({ schemas });
    const request = {
      body,
      options: { fieldValidation: 'Strict' as const },
      decodingErrors: ['duplicate field "spec.size"'],
    };
    expect(server.refused('create', 'machines', request)).toMatchObject({
      code: 400,
      message:
        'Machine in version "v1" cannot be handled as a Machine: strict decoding error: unknown field "spec.wrong", duplicate field "spec.size"',
    });
  });

  it('refuses strict patches with 422 on the patch', () => {
    const server = new TestServer({ schemas });
    server.ok('create', 'machines', { body: { metadata: { name: 'm' }, spec: { size: 1 } } });
    const refusal = server.refused('patch', 'machines', {
      name: 'm',
      patchType: 'merge',
      body: { spec: { wrong: 1 } },
      options: { fieldValidation: 'Strict' },
    });
    expect(refusal).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(refusal.details?.causes?.[0]).toMatchObject({ field: 'patch', reason: 'FieldValueInvalid' });
    expect(refusal.message).toMatch(/strict decoding error: unknown field "spec\.wrong"$/);
  });

  it('judges custom resources by their schema', () => {
    const server = new TestServer({ schemas });
    const refusal = server.refused('create', 'machines', {
      body: { metadata: { name: 'm' }, spec: { size: 'big' } },
    });
    expect(refusal).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(refusal.message).toBe(
      'Machine.example.com "m" is invalid: spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    );
  });
});
