import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../simulator/types/meta.ts';
import { Client, definition, NAME, version, type VersionChanges, withSchema } from './fixture.ts';

const SHARED = 'spec.validation.openAPIV3Schema';
const SPEC = `${SHARED}.properties[spec]`;

function refusals(body: JsonObject): readonly string[] {
  const { code, causes } = new Client().define(body);
  expect([201, 422]).toContain(code);
  return causes;
}

const names = (changes: object) =>
  definition([version()], { names: { plural: 'crontabs', kind: 'CronTab', ...changes } });
const versions = (...list: VersionChanges[]) => definition(list.map(version));

describe('names, scope and versions', () => {
  test.each<[string, JsonObject, string[]]>([
    [
      'the name is made of plural and group',
      { ...definition(), metadata: { name: 'cron.example.com' } },
      ['metadata.name: Invalid value: "cron.example.com": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'a group has a dot',
      { ...definition([version()], { group: 'example' }), metadata: { name: 'crontabs.example' } },
      ['spec.group: Invalid value: "example": should be a domain with at least one dot'],
    ],
    [
      'scope is one of two',
      definition([version()], { scope: 'Global' }),
      ['spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'kind and listKind differ',
      names({ listKind: 'CronTab' }),
      ['spec.names.listKind: Invalid value: "CronTab": kind and listKind may not be the same'],
    ],
    [
      'one version is stored',
      versions({ storage: false }),
      [
        'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
        'status.storedVersions: Invalid value: null: must have at least one stored version',
      ],
    ],
    [
      'every version has a schema',
      versions({ schema: {} }),
      ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'a warning is for deprecated versions',
      versions({ deprecationWarning: 'x' }),
      ['spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions'],
    ],
    [
      'protected groups need approval',
      { ...definition([version()], { group: 'x.k8s.io' }), metadata: { name: 'crontabs.x.k8s.io' } },
      [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    ],
  ])('%s', (_rule, body, expected) => {
    expect(refusals(body)).toEqual(expected);
  });
});

describe('columns, subresources, selectable fields', () => {
  const scale = (paths: object) => versions({ subresources: { scale: paths } });
  test.each<[string, JsonObject, string[]]>([
    [
      'a column has one of five types',
      versions({ additionalPrinterColumns: [{ name: 'A', type: 'int', jsonPath: '.a' }] }),
      [
        'spec.additionalPrinterColumns[0].type: Invalid value: "int": must be one of boolean,date,integer,number,string',
      ],
    ],
    [
      'a column has a path',
      versions({ additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: 'spec' }] }),
      [
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
      ],
    ],
    [
      'scale reads spec and status',
      scale({ specReplicasPath: '.status.replicas', statusReplicasPath: '.status.replicas' }),
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
      ],
    ],
    [
      'selectable fields are in the schema',
      versions({ selectableFields: [{ jsonPath: '.spec.nope' }] }),
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.nope": is an invalid path: does not refer to a valid field',
      ],
    ],
    [
      'selectable fields are scalars',
      versions({ selectableFields: [{ jsonPath: '.spec' }] }),
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      ],
    ],
  ])('%s', (_rule, body, expected) => {
    expect(refusals(body)).toEqual(expected);
  });

  test('what versions do not share is named with its version', () => {
    const body = versions(
      {
        name: 'v2',
        storage: false,
        additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.a' }],
      },
      { additionalPrinterColumns: [{ name: 'A', type: 'string' }] },
    );
    expect(refusals(body)).toEqual(['spec.versions[1].additionalPrinterColumns[0].JSONPath: Required value']);
  });
});

describe('schemas are structural', () => {
  test.each<[string, object, string[]]>([
    [
      'fields have a type',
      { type: 'object', properties: { a: {} } },
      [`${SPEC}.properties[a].type: Required value: must not be empty for specified object fields`],
    ],
    ['items are described', { type: 'array' }, [`${SPEC}.items: Required value: must be specified`]],
    [
      'items have a type',
      { type: 'array', items: {} },
      [`${SPEC}.items.type: Required value: must not be empty for specified array items`],
    ],
    [
      'types are known',
      { type: 'text' },
      [
        `${SPEC}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    [
      'no type under anyOf',
      { type: 'object', anyOf: [{ type: 'object' }] },
      [`${SPEC}.anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'int or string may',
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      [],
    ],
    [
      'embedded resources are objects',
      { type: 'string', 'x-kubernetes-embedded-resource': true },
      [
        `${SPEC}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
        `${SPEC}.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true`,
      ],
    ],
    [
      'unknown fields are kept or not mentioned',
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
      [`${SPEC}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
    ],
    [
      'no uniqueItems',
      { type: 'array', uniqueItems: true, items: { type: 'string' } },
      [
        `${SPEC}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'properties or additionalProperties',
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } },
      [`${SPEC}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'keys of lists are required or have defaults',
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a'],
        items: { type: 'object', properties: { a: { type: 'string' } } },
      },
      [
        `${SPEC}.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'sets hold what is compared as a whole',
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } },
      [
        `${SPEC}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
      ],
    ],
    [
      'defaults fit',
      { type: 'object', properties: { a: { type: 'integer', default: 'x' } } },
      [
        `${SPEC}.properties[a].default: Invalid value: "string": ${SPEC}.properties[a].default in body must be of type integer: "string"`,
      ],
    ],
    [
      'defaults are pruned',
      { type: 'object', default: { b: 1 }, properties: { a: { type: 'integer' } } },
      [`${SPEC}.default: Invalid value: {"b":1}: must not have unknown fields`],
    ],
  ])('%s', (_rule, spec, expected) => {
    expect(refusals(withSchema(spec))).toEqual(expected);
  });

  test('what is restricted at the root is described there', () => {
    const schema = { type: 'object', anyOf: [{ properties: { a: { minimum: 1 } } }] };
    expect(refusals(versions({ schema: { openAPIV3Schema: schema } }))).toEqual([
      `${SHARED}.properties[a]: Required value: because it is defined in ${SHARED}.anyOf[0].properties[a]`,
    ]);
  });

  test('the root is an object', () => {
    expect(
      refusals(versions({ schema: { openAPIV3Schema: { type: 'array', items: { type: 'string' } } } })),
    ).toEqual([`${SHARED}.type: Invalid value: "array": must be object at the root`]);
  });

  test('metadata restricts names only', () => {
    const schema = {
      type: 'object',
      properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
    };
    expect(refusals(versions({ schema: { openAPIV3Schema: schema } }))).toEqual([
      `${SHARED}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
    ]);
  });
});

describe('rules of schemas', () => {
  const rules = (...list: object[]) => ({
    type: 'object',
    properties: { a: { type: 'integer' }, list: { type: 'array', items: { type: 'string' } } },
    'x-kubernetes-validations': list,
  });
  const at = `${SPEC}.x-kubernetes-validations[0]`;
  const printed = (rule: string) =>
    `{"Rule":${JSON.stringify(rule)},"Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}`;
  test.each<[string, object, string[]]>([
    [
      'a field has to exist',
      rules({ rule: 'self.b == 1' }),
      [
        `${at}.rule: Invalid value: ${printed('self.b == 1')}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 1\n | ....^`,
      ],
    ],
    [
      'a rule is true or false',
      rules({ rule: 'self.a' }),
      [`${at}.rule: Invalid value: ${printed('self.a')}: cel expression must evaluate to a bool`],
    ],
    [
      'reasons are known',
      rules({ rule: 'self.a == 1', reason: 'Nope' }),
      [
        `${at}.reason: Unsupported value: "Nope": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
      ],
    ],
    [
      'field paths lead somewhere',
      rules({ rule: 'self.a == 1', fieldPath: '.b' }),
      [`${at}.fieldPath: Invalid value: ".b": must be a valid path`],
    ],
    [
      'optionalOldSelf is for rules with oldSelf',
      rules({ rule: 'self.a == 1', optionalOldSelf: true }),
      [`${at}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`],
    ],
    [
      'a rule of several lines has a message',
      rules({ rule: 'self.a == 1 &&\nself.a < 2' }),
      [`${at}.message: Required value: message must be specified if rule contains line breaks`],
    ],
    [
      'items of plain lists have no past',
      { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } },
      [
        `${SPEC}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${SPEC}`,
      ],
    ],
    [
      'a right rule',
      rules({
        rule: 'self.a == 1 && self.list.all(x, x != "")',
        messageExpression: '"a is " + string(self.a)',
      }),
      [],
    ],
  ])('%s', (_rule, spec, expected) => {
    expect(refusals(withSchema(spec))).toEqual(expected);
  });
});

describe('changes of a definition', () => {
  const change = (changes: Record<string, unknown>, first = definition()) => {
    const client = new Client();
    const { resourceVersion } = client.define(first).object.metadata;
    const next = definition([version()], changes);
    return client.define({ ...next, metadata: { name: NAME, resourceVersion } }, 'update').causes;
  };

  test('scope and kind are for ever', () => {
    expect(change({ scope: 'Cluster' })).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
    ]);
    expect(change({ names: { plural: 'crontabs', kind: 'Tab' } })).toEqual([
      'spec.names.kind: Invalid value: "Tab": field is immutable',
    ]);
  });

  test('a version that objects may be stored in stays', () => {
    expect(change({ versions: [version({ name: 'v2' })] })).toEqual([
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ]);
  });
});

test('an unknown format is warned of', () => {
  const { code, warnings } = new Client().define(withSchema({ type: 'string', format: 'zip-code' }));
  expect([code, warnings]).toEqual([201, ['unrecognized format "zip-code"']]);
});
