import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeName, ruleErrors } from '../../simulator/cel/index.ts';
import { type Schema, schemaFor, type ValidationRule } from '../../simulator/schemas/index.ts';

const properties: Record<string, Schema> = {
  replicas: { type: 'integer' },
  minReplicas: { type: 'integer' },
  ratio: { type: 'number' },
  port: { 'x-kubernetes-int-or-string': true },
  note: { type: 'string', nullable: true },
  since: { type: 'string', format: 'date-time' },
  timeout: { type: 'string', format: 'duration' },
  namespace: { type: 'string' },
  'a.b-c/d__e': { type: 'string' },
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  rules: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: { type: 'object', properties: { name: { type: 'string' }, weight: { type: 'integer' } } },
  },
};

function errors(rules: ValidationRule[], spec: object, old?: object): string[] {
  const schema: Schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } },
  };
  return ruleErrors(schema, { spec }, old && { spec: old }).map(
    ({ field, message }) => `${field}: ${message}`,
  );
}

describe('rules over typed values', () => {
  test.each([
    ['self.minReplicas <= self.replicas', { minReplicas: 1, replicas: 1 }],
    ['self.replicas % 2 == 0', { replicas: 4 }],
    ['self.ratio < 0.5', { ratio: 0.25 }],
    ['type(self.port) == int ? self.port < 10 : self.port.endsWith("%")', { port: '5%' }],
    ['type(self.port) == int ? self.port < 10 : self.port.endsWith("%")', { port: 5 }],
    ['!has(self.replicas)', {}],
    ['has(self.note) && self.note == null', { note: null }],
    ['self.since.getFullYear() == 2024', { since: '2024-02-01T00:00:00Z' }],
    ["self.timeout > duration('30s')", { timeout: '1m' }],
    ["self.__namespace__ == 'x'", { namespace: 'x' }],
    ["self.a__dot__b__dash__c__slash__d__underscores__e == 'y'", { 'a.b-c/d__e': 'y' }],
    ["self.labels.all(k, k.startsWith('x') && self.labels[k] != '')", { labels: { xa: '1' } }],
    ["self.rules.exists_one(r, r.name == 'a' && r.weight > 1)", { rules: [{ name: 'a', weight: 2 }] }],
    ["self.?labels[?'a'].orValue('none') == 'none'", {}],
    ['self.rules.map(r, r.weight).sum() == 3', { rules: [{ weight: 1 }, { weight: 2 }] }],
  ])('%s holds for %j', (rule, spec) => {
    expect(errors([{ rule }], spec)).toEqual([]);
  });

  test('what a rule says when it does not hold', () => {
    const spec = { replicas: 2, minReplicas: 5 };
    const rule = 'self.minReplicas <= self.replicas';
    expect(errors([{ rule }], spec)).toEqual([`spec: Invalid value: failed rule: ${rule}`]);
    expect(errors([{ rule, message: ' no ', reason: 'FieldValueForbidden' }], spec)).toEqual([
      'spec: Forbidden: no',
    ]);
    const messageExpression = "'min %d is over %d'.format([self.minReplicas, self.replicas])";
    expect(errors([{ rule, messageExpression, fieldPath: '.minReplicas' }], spec)).toEqual([
      'spec.minReplicas: Invalid value: min 5 is over 2',
    ]);
    expect(errors([{ rule, message: 'plain', messageExpression: "''" }], spec)).toEqual([
      'spec: Invalid value: plain',
    ]);
  });

  test('a rule that cannot be evaluated is an error of the object', () => {
    expect(errors([{ rule: 'self.replicas > 1' }], {})).toEqual([
      'spec: Invalid value: "object": no such key: replicas evaluating rule: self.replicas > 1',
    ]);
  });
});

describe('rules over a change', () => {
  const immutable = [{ rule: 'self == oldSelf', message: 'immutable' }];

  test('oldSelf is only there on update', () => {
    expect(errors(immutable, { replicas: 1 })).toEqual([]);
    expect(errors(immutable, { replicas: 1 }, { replicas: 1 })).toEqual([]);
    expect(errors(immutable, { replicas: 1 }, { replicas: 2 })).toEqual(['spec: Invalid value: immutable']);
  });

  test('optionalOldSelf runs at creation too', () => {
    const rule = { rule: 'oldSelf.hasValue() || self.replicas == 0', optionalOldSelf: true };
    expect(errors([rule], { replicas: 1 })).toHaveLength(1);
    expect(errors([rule], { replicas: 1 }, { replicas: 5 })).toEqual([]);
  });

  test('what did not change is forgiven, whatever changed around it', () => {
    const schema: Schema = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            other: { type: 'string' },
            size: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 5' }] },
          },
        },
      },
    };
    expect(ruleErrors(schema, { spec: { size: 7, other: 'b' } }, { spec: { size: 7, other: 'a' } })).toEqual(
      [],
    );
    expect(ruleErrors(schema, { spec: { size: 8 } }, { spec: { size: 7 } })).toHaveLength(1);
  });

  test('items are found again by their keys', () => {
    const schema: Schema = {
      ...properties.rules,
      items: {
        ...properties.rules?.items,
        'x-kubernetes-validations': [{ rule: 'self.weight >= oldSelf.weight', message: 'may only grow' }],
      },
    };
    const list = (items: object[]) => ({ rules: items });
    const whole: Schema = { type: 'object', properties: { rules: schema } };
    const old = list([
      { name: 'a', weight: 1 },
      { name: 'b', weight: 5 },
    ]);
    const next = list([
      { name: 'b', weight: 4 },
      { name: 'a', weight: 2 },
      { name: 'c', weight: 0 },
    ]);
    expect(ruleErrors(whole, next, old).map(({ field }) => field)).toEqual(['rules[0]']);
  });
});

describe("rules of KubeVirt's own kinds", () => {
  const vm = schemaFor('kubevirt.io', 'v1', 'VirtualMachine') as Schema;
  const withPath = (path: string) => ({
    spec: { template: { spec: { volumes: [{ name: 'v', containerPath: { path } }] } } },
  });

  test('a container path has to be absolute', () => {
    expect(ruleErrors(vm, withPath('/data'))).toEqual([]);
    expect(ruleErrors(vm, withPath('data/..')).map(({ message }) => message)).toEqual([
      `Invalid value: "data/..": path must be absolute (start with '/')`,
      `Invalid value: "data/..": path must not contain '..'`,
    ]);
  });
});

test('an escaped name is an identifier, and no two names share one', () => {
  const name = fc.stringMatching(/^[a-z_][a-z_./-]{0,12}$/);
  fc.assert(
    fc.property(name, name, (a, b) => {
      const [left, right] = [escapeName(a), escapeName(b)];
      expect(left).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      if (a !== b) expect(left).not.toBe(right);
    }),
  );
});
