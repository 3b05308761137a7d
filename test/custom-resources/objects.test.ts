import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyDefaults,
  crdSchema,
  prune,
  type Schema,
  validateObject,
} from '../../simulator/schemas/index.ts';
import type { JsonObject } from '../../simulator/types/meta.ts';
import { Client, CRON_SCHEMA, definition, GROUP, version, withSchema } from './fixture.ts';

function clientOf(body: JsonObject): Client {
  const client = new Client();
  expect(client.define(body).causes).toEqual([]);
  return client;
}

/** What an object of a kind with this schema of `spec` is refused for. */
function refusals(spec: object, value: unknown): readonly string[] {
  return clientOf(withSchema(spec)).create({ spec: value } as JsonObject).causes;
}

/** What is stored of it. */
function stored(spec: object, value: unknown): unknown {
  return clientOf(withSchema(spec)).create({ spec: value } as JsonObject).object.spec;
}

const text = { type: 'string' };
const of = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

describe('pruning', () => {
  test.each<[string, object, object, object]>([
    ['unknown fields go', of({ a: text }), { a: 'x', b: 1 }, { a: 'x' }],
    [
      'they stay where the schema says so',
      of({ a: text }, { 'x-kubernetes-preserve-unknown-fields': true }),
      { a: 'x', b: { c: 1 } },
      { a: 'x', b: { c: 1 } },
    ],
    [
      'a described field within is pruned again',
      of({ a: of({ b: text }) }, { 'x-kubernetes-preserve-unknown-fields': true }),
      { a: { b: 'x', c: 1 }, d: 1 },
      { a: { b: 'x' }, d: 1 },
    ],
    [
      'maps keep their keys',
      { type: 'object', additionalProperties: of({ a: text }) },
      { k: { a: 'x', b: 1 } },
      { k: { a: 'x' } },
    ],
    [
      'embedded resources keep their identity',
      of({
        a: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: of({ b: text }) } },
      }),
      { a: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { b: 'y', c: 1 }, d: 1 } },
      { a: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { b: 'y' } } },
    ],
  ])('%s', (_rule, schema, given, expected) => {
    expect(stored(schema, given)).toEqual(expected);
  });

  test('and told of, as strictly as the request asks', () => {
    const client = clientOf(definition());
    const body = { spec: { image: 'i', nope: 1 } };
    expect(client.create(body, { options: { dryRun: true } }).warnings).toEqual([
      'unknown field "spec.nope"',
    ]);
    expect(client.create(body, { options: { fieldValidation: 'Strict' } }).message).toBe(
      'CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: unknown field "spec.nope"',
    );
  });
});

describe('defaulting', () => {
  const withDefault = of({ a: { type: 'integer', default: 5 }, b: of({ c: { ...text, default: 'x' } }) });
  test.each<[string, object, object, object]>([
    ['missing fields', withDefault, {}, { a: 5 }],
    ['fields of what is there', withDefault, { b: {} }, { a: 5, b: { c: 'x' } }],
    ['nulls where null is no value', withDefault, { a: null }, { a: 5 }],
    [
      'not nulls where it is one',
      of({ a: { ...text, nullable: true, default: 'x' } }),
      { a: null },
      { a: null },
    ],
    ['items of lists', { type: 'array', items: withDefault }, [{}], [{ a: 5 }]] as never,
  ])('%s', (_rule, schema, given, expected) => {
    expect(stored(schema, given)).toEqual(expected);
  });
});

describe('validation', () => {
  const list = (more: object) => ({ type: 'array', items: text, ...more });
  test.each<[string, object, unknown, string[]]>([
    [
      'types',
      of({ a: text }),
      { a: 1 },
      ['spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer"'],
    ],
    ['required', of({ a: text }, { required: ['a'] }), {}, ['spec.a: Required value']],
    [
      'enum',
      of({ a: { ...text, enum: ['x', 'y'] } }),
      { a: 'z' },
      ['spec.a: Unsupported value: "z": supported values: "x", "y"'],
    ],
    [
      'limits',
      of({ a: { type: 'integer', maximum: 3 } }),
      { a: 4 },
      ['spec.a: Invalid value: 4: spec.a in body should be less than or equal to 3'],
    ],
    [
      'length',
      of({ a: { ...text, maxLength: 2 } }),
      { a: 'abc' },
      ['spec.a: Too long: may not be more than 2 bytes'],
    ],
    ['items', list({ maxItems: 1 }), ['a', 'b'], ['spec: Too many: 2: must have at most 1 item']],
    [
      'formats',
      of({ a: { ...text, format: 'date-time' } }),
      { a: 'x' },
      ['spec.a: Invalid value: "x": spec.a in body must be of type date-time: "x"'],
    ],
    ['sets', list({ 'x-kubernetes-list-type': 'set' }), ['a', 'a'], ['spec[1]: Duplicate value: "a"']],
    [
      'maps',
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: of({ k: text }, { required: ['k'] }),
      },
      [{ k: 'a' }, { k: 'a' }],
      ['spec[1]: Duplicate value: {"k":"a"}'],
    ],
    [
      'int or string',
      of({ a: { 'x-kubernetes-int-or-string': true } }),
      { a: true },
      ['spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"'],
    ],
  ])('%s', (_rule, schema, given, expected) => {
    expect(refusals(schema, given)).toEqual(expected);
  });

  const ruled = of(
    { a: { type: 'integer' }, b: { type: 'integer', minimum: 0 } },
    { 'x-kubernetes-validations': [{ rule: 'self.a < self.b', message: 'a below b' }], required: ['a', 'b'] },
  );

  test('rules come after the schema, unless it is broken too badly', () => {
    expect(refusals(ruled, { a: 2, b: 1 })).toEqual(['spec: Invalid value: a below b']);
    expect(refusals(ruled, { a: 2, b: -1 })).toEqual([
      'spec.b: Invalid value: -1: spec.b in body should be greater than or equal to 0',
      'spec: Invalid value: a below b',
    ]);
    expect(refusals(ruled, { a: 2 })).toEqual([
      'spec.b: Required value',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  test('what was stored before a limit came is forgiven until it changes', () => {
    const client = clientOf(withSchema(of({ a: { type: 'integer' }, b: of({ c: text }) })));
    client.create({ spec: { a: 50, b: {} } });
    const { resourceVersion } = client.definition().object.metadata;
    const stricter = withSchema(
      of({ a: { type: 'integer', maximum: 9 }, b: of({ c: text }, { required: ['c'] }) }),
    );
    const metadata = { ...(stricter.metadata as JsonObject), resourceVersion };
    expect(client.define({ ...stricter, metadata }, 'update').code).toBe(200);
    const patch = (spec: object) =>
      client.cron('patch', { patchType: 'merge', body: { spec } as unknown as JsonObject }).causes;
    expect(
      client.cron('patch', { patchType: 'merge', body: { metadata: { labels: { x: 'y' } } } }).code,
    ).toBe(200);
    expect(patch({ a: 51 })).toEqual([
      'spec.a: Invalid value: 51: spec.a in body should be less than or equal to 9',
    ]);
    expect(patch({ b: { c: 'now' } })).toEqual([]);
    expect(patch({ b: { c: null } })).toEqual(['spec.b.c: Required value']);
  });
});

describe('status and scale', () => {
  const scaled = definition([
    version({
      subresources: {
        status: {},
        scale: {
          specReplicasPath: '.spec.replicas',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.labelSelector',
        },
      },
    }),
  ]);

  test('status is written at its own endpoint, and counts no generation', () => {
    const client = clientOf(scaled);
    expect(client.create({ spec: {}, status: { replicas: 3 } }).object).not.toHaveProperty('status');
    const patch = (subresource: string | undefined, body: object) =>
      client.cron('patch', {
        patchType: 'merge',
        body: body as JsonObject,
        ...(subresource ? { subresource } : {}),
      });
    expect(patch(undefined, { status: { replicas: 3 } }).object).not.toHaveProperty('status');
    const body = {
      spec: { replicas: 9 },
      status: { replicas: 3, labelSelector: 'a=b' },
      metadata: { labels: { x: 'y' } },
    };
    const { object } = patch('status', body);
    expect(object).toMatchObject({
      metadata: { generation: 1 },
      spec: { replicas: 1 },
      status: { replicas: 3 },
    });
    expect(object.metadata.labels).toBeUndefined();
    expect(client.cron('get', { subresource: 'scale' }).object).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 1 },
      status: { replicas: 3, selector: 'a=b' },
    });
    expect(patch('scale', { spec: { replicas: 4 } }).object).toMatchObject({ spec: { replicas: 4 } });
    expect(client.cron('get').object).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 4 } });
    expect(patch('scale', { spec: { replicas: 40 } }).causes).toEqual([
      'spec.replicas: Invalid value: 40: spec.replicas in body should be less than or equal to 10',
    ]);
  });

  test('without them there are none, and status is a field like others', () => {
    const client = clientOf(definition());
    expect(client.create({ spec: {}, status: { replicas: 3 } }).object).toMatchObject({
      status: { replicas: 3 },
    });
    expect(client.cron('get', { subresource: 'status' }).code).toBe(404);
    expect(client.cron('get', { subresource: 'scale' }).code).toBe(404);
    const body = { status: { replicas: 4 } };
    expect(client.cron('patch', { patchType: 'merge', body }).object.metadata.generation).toBe(2);
  });
});

test('selectable fields', () => {
  const client = clientOf(definition([version({ selectableFields: [{ jsonPath: '.spec.image' }] })]));
  client.create({ metadata: { name: 'a' }, spec: { image: 'x' } });
  client.create({ metadata: { name: 'b' }, spec: { image: 'y' } });
  const list = (fieldSelector: string) => client.cron('list', { options: { fieldSelector } });
  expect(list('spec.image=y').items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  expect(list('spec.foo=y').message).toBe(
    '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace", "spec.image"',
  );
});

describe('several versions', () => {
  const v1 = version({ name: 'v1', storage: false, deprecated: true });
  const v2 = version({
    name: 'v2',
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: of({ cronSpec: text, zone: text }) } } },
  });

  test('differ in apiVersion, and in what they know', () => {
    const client = clientOf(definition([v1, v2]));
    const created = client.create({ spec: { image: 'x' } });
    expect(created.warnings).toEqual([`${GROUP}/v1 CronTab is deprecated`]);
    expect(created.object).toMatchObject({ apiVersion: `${GROUP}/v1`, spec: { cronSpec: '5 0 * * *' } });
    expect(client.cron('get', { version: 'v2' }).object).toMatchObject({
      apiVersion: `${GROUP}/v2`,
      spec: { cronSpec: '5 0 * * *' },
    });
    expect(client.cron('get', { version: 'v3' }).code).toBe(404);
  });

  test('a version that is no longer served is not found', () => {
    const client = clientOf(definition([{ ...v1, served: false }, v2]));
    expect(client.create({ spec: {} }).code).toBe(404);
    expect(client.create({ spec: {} }, { version: 'v2' }).code).toBe(201);
  });

  test('objects stored with an older version are shown in any', () => {
    const client = clientOf(definition());
    client.create({ spec: { image: 'x' } });
    const { resourceVersion } = client.definition().object.metadata;
    const next = definition([v1, v2]);
    const changed = client.define(
      { ...next, metadata: { ...(next.metadata as JsonObject), resourceVersion } },
      'update',
    );
    expect(changed.object.status.storedVersions).toEqual(['v1', 'v2']);
    client.create({ metadata: { name: 'b' }, spec: { zone: 'z' } }, { version: 'v2' });
    expect(client.cron('list', { version: 'v2' }).items.map(({ apiVersion }) => apiVersion)).toEqual([
      `${GROUP}/v2`,
      `${GROUP}/v2`,
    ]);
    expect(client.cluster.registry.groups().find(({ group }) => group === GROUP)?.versions).toEqual([
      'v2',
      'v1',
    ]);
  });
});

describe('what a schema does is done once', () => {
  const value = fc.letrec(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(null, true, 1, 1.5, 'x', '5 0 * * *'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom('cronSpec', 'image', 'replicas', 'spec', 'status', 'items', 'other'),
        tie('value'),
      ),
    ),
  })).value;
  const leaf: fc.Arbitrary<Schema> = fc.oneof(
    fc.constant<Schema>({ type: 'string', default: 'x' }),
    fc.constant<Schema>({ type: 'integer', nullable: true, default: 7 }),
    fc.constant<Schema>({ 'x-kubernetes-int-or-string': true }),
    fc.constant<Schema>({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
  );
  const schema = fc.letrec<{ schema: Schema }>(tie => ({
    schema: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.record({
        type: fc.constant('object' as const),
        properties: fc.dictionary(fc.constantFrom('image', 'replicas', 'items', 'status'), tie('schema')),
      }),
      fc.record({ type: fc.constant('array' as const), items: tie('schema') }),
      fc.record({ type: fc.constant('object' as const), additionalProperties: tie('schema') }),
    ),
  })).schema;

  test('pruned and defaulted, an object is a fixed point', () => {
    fc.assert(
      fc.property(schema, value, (spec, given) => {
        const root = crdSchema({ type: 'object', properties: { spec } });
        const once = applyDefaults(root, prune(root, { spec: given }).value);
        expect(prune(root, once).unknown).toEqual([]);
        expect(applyDefaults(root, once)).toEqual(once);
      }),
    );
  });

  test('what is accepted is stored as it is shown, and accepted again', () => {
    const client = clientOf(definition());
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('cronSpec', 'image', 'replicas', 'x'), value), spec => {
        const { code, object } = client.create({ spec } as JsonObject, { options: { dryRun: true } });
        if (code !== 201) return;
        expect(validateObject(crdSchema(CRON_SCHEMA), object)).toEqual([]);
        const again = client.create({ spec: object.spec }, { options: { dryRun: true } });
        expect(again.object.spec).toEqual(object.spec);
      }),
    );
  });
});
