import { describe, expect, it } from 'vitest';
import { crdSchema, type Schema, schemaFor, validateObject } from '../../simulator/schemas/index.ts';

const withField = (x: Schema, more: Partial<Schema> = {}): Schema =>
  crdSchema({ type: 'object', properties: { spec: { type: 'object', properties: { x }, ...more } } });

describe('validateObject speaks as kube-openapi does', () => {
  it.each<[string, Schema, unknown, string, string]>([
    [
      'type',
      { type: 'integer' },
      'a',
      'FieldValueTypeInvalid',
      'Invalid value: "string": spec.x in body must be of type integer: "string"',
    ],
    [
      'type of a whole number',
      { type: 'string' },
      1,
      'FieldValueTypeInvalid',
      'Invalid value: "integer": spec.x in body must be of type string: "integer"',
    ],
    [
      'type of a fraction',
      { type: 'integer' },
      1.5,
      'FieldValueTypeInvalid',
      'Invalid value: "number": spec.x in body must be of type integer: "number"',
    ],
    [
      'null',
      { type: 'object' },
      null,
      'FieldValueTypeInvalid',
      'Invalid value: "null": spec.x in body must be of type object: "null"',
    ],
    [
      'enum',
      { type: 'string', enum: ['b', 'c'] },
      'a',
      'FieldValueNotSupported',
      'Unsupported value: "a": supported values: "b", "c"',
    ],
    [
      'minLength',
      { type: 'string', minLength: 1 },
      '',
      'FieldValueInvalid',
      'Invalid value: "": spec.x in body should be at least 1 chars long',
    ],
    [
      'maxLength',
      { type: 'string', maxLength: 2 },
      'abc',
      'FieldValueTooLong',
      'Too long: may not be more than 2 bytes',
    ],
    [
      'pattern',
      { type: 'string', pattern: '^a$' },
      'b',
      'FieldValueInvalid',
      `Invalid value: "b": spec.x in body should match '^a$'`,
    ],
    [
      'minimum',
      { type: 'integer', minimum: 1 },
      0,
      'FieldValueInvalid',
      'Invalid value: 0: spec.x in body should be greater than or equal to 1',
    ],
    [
      'maximum',
      { type: 'integer', maximum: 5 },
      6,
      'FieldValueInvalid',
      'Invalid value: 6: spec.x in body should be less than or equal to 5',
    ],
    [
      'multipleOf',
      { type: 'integer', multipleOf: 4 },
      6,
      'FieldValueInvalid',
      'Invalid value: 6: spec.x in body should be a multiple of 4',
    ],
    [
      'maxItems',
      { type: 'array', maxItems: 4, items: { type: 'integer' } },
      [1, 2, 3, 4, 5],
      'FieldValueTooMany',
      'Too many: 5: must have at most 4 items',
    ],
    [
      'minItems',
      { type: 'array', minItems: 1, items: { type: 'integer' } },
      [],
      'FieldValueInvalid',
      'Invalid value: 0: spec.x in body should have at least 1 items',
    ],
    [
      'date-time',
      { type: 'string', format: 'date-time' },
      'soon',
      'FieldValueTypeInvalid',
      'Invalid value: "soon": spec.x in body must be of type date-time: "soon"',
    ],
    [
      'int-or-string',
      { 'x-kubernetes-int-or-string': true },
      true,
      'FieldValueTypeInvalid',
      'Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"',
    ],
  ])('%s', (_name, schema, value, reason, message) => {
    expect(validateObject(withField(schema), { spec: { x: value } })).toEqual([
      { reason, field: 'spec.x', message },
    ]);
  });

  it('required', () => {
    const schema = withField({ type: 'string' }, { required: ['x'] });
    expect(validateObject(schema, { spec: {} })).toEqual([
      { reason: 'FieldValueRequired', field: 'spec.x', message: 'Required value' },
    ]);
  });

  it('duplicates in sets and maps, with defaults of the keys', () => {
    const set: Schema = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' };
    expect(validateObject(withField(set), { spec: { x: ['a', 'b', 'a'] } })).toEqual([
      { reason: 'FieldValueDuplicate', field: 'spec.x[2]', message: 'Duplicate value: "a"' },
    ]);
    const map: Schema = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } },
      },
    };
    expect(
      validateObject(withField(map), { spec: { x: [{ port: 1 }, { port: 1, protocol: 'TCP' }] } }),
    ).toEqual([
      {
        reason: 'FieldValueDuplicate',
        field: 'spec.x[1]',
        message: 'Duplicate value: {"port":1,"protocol":"TCP"}',
      },
    ]);
  });

  it('combinations', () => {
    const schema = withField({ type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] });
    expect(validateObject(schema, { spec: { x: { a: 1, b: 1 } } })).toEqual([
      {
        reason: 'FieldValueInvalid',
        field: '<nil>',
        message:
          'Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      },
    ]);
    expect(validateObject(schema, { spec: { x: { a: 1 } } })).toEqual([]);
  });

  it.each([
    ['uuid', 'not-one', '5d307ca9-b3ef-428c-8861-06e72d69f223'],
    ['ipv4', '256.1.1.1', '10.0.0.1'],
    ['ipv6', '1::2::3', 'fd00::1'],
    ['cidr', '10.0.0.0/33', '10.0.0.0/8'],
    ['mac', '00:11:22', '02:00:00:aa:bb:cc'],
    ['date', '2026-13-01', '2026-12-01'],
    ['date-time', '2026-02-30T00:00:00Z', '2028-02-29T23:59:59.5+02:00'],
  ])('format %s', (format, bad, good) => {
    const schema = withField({ type: 'string', format });
    expect(validateObject(schema, { spec: { x: bad } })).toHaveLength(1);
    expect(validateObject(schema, { spec: { x: good } })).toEqual([]);
  });

  it('ignores formats that Kubernetes does not know', () => {
    expect(validateObject(withField({ type: 'string', format: 'my-own' }), { spec: { x: '?' } })).toEqual([]);
  });
});

describe('KubeVirt kinds', () => {
  const vm = schemaFor('kubevirt.io', 'v1', 'VirtualMachine')!;
  const spec = (domain: object, more: object = {}): object => ({
    spec: { template: { spec: { domain: { devices: {}, ...domain }, ...more } } },
  });
  const prefix = 'spec.template.spec.domain';

  it.each<[string, object, string, string]>([
    [
      'a text for a count',
      spec({ cpu: { cores: 'two' } }),
      `${prefix}.cpu.cores`,
      `Invalid value: "string": ${prefix}.cpu.cores in body must be of type integer: "string"`,
    ],
    [
      'an unknown reboot policy',
      spec({ rebootPolicy: 'Maybe' }),
      `${prefix}.rebootPolicy`,
      'Unsupported value: "Maybe": supported values: "Reboot", "Terminate"',
    ],
    [
      'a volume without a name',
      spec({}, { volumes: [{ emptyDisk: { capacity: '1Gi' } }] }),
      'spec.template.spec.volumes[0].name',
      'Required value',
    ],
    ['no template', { spec: {} }, 'spec.template', 'Required value'],
    ['no spec', {}, 'spec', 'Required value'],
  ])('%s', (_name, object, field, message) => {
    expect(validateObject(vm, object)).toContainEqual(expect.objectContaining({ field, message }));
  });

  it('an amount that is none', () => {
    const [error] = validateObject(vm, spec({ memory: { guest: 'much' } }));
    expect(error?.field).toBe(`${prefix}.memory.guest`);
    expect(error?.message).toMatch(
      /^Invalid value: "much": spec\.template.* in body should match '\^\(\\\+\|-\)\?/,
    );
    expect(validateObject(vm, spec({ memory: { guest: 1024 } }))).toEqual([]);
  });

  it('too many disks', () => {
    const disks = Array.from({ length: 257 }, (_, index) => ({ name: `d${index}` }));
    expect(validateObject(vm, spec({ devices: { disks } }))).toEqual([
      {
        reason: 'FieldValueTooMany',
        field: `${prefix}.devices.disks`,
        message: 'Too many: 257: must have at most 256 items',
      },
    ]);
  });
});
