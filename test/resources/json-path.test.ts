import { describe, expect, test } from 'vitest';
import { findAll, findFirst, parseJsonPath } from '../../simulator/resources/index.ts';

const vmi = {
  metadata: { labels: { 'kubevirt.io/nodeName': 'node01' } },
  spec: {
    replicas: 3,
    volumes: [
      { name: 'a', size: 1 },
      { name: 'b', size: 5 },
    ],
  },
  status: {
    interfaces: [{ ipAddress: '10.0.0.1' }, { ipAddress: '10.0.0.2' }],
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'LiveMigratable', status: 'False' },
    ],
    empty: null,
  },
};

describe('the first value of a JSONPath', () => {
  test.each<[string, unknown]>([
    ['.spec.replicas', 3],
    ['{.spec.replicas}', 3],
    ['$.spec.replicas', 3],
    ['.status.interfaces[0].ipAddress', '10.0.0.1'],
    ['.status.interfaces[-1].ipAddress', '10.0.0.2'],
    ['.status.interfaces[5].ipAddress', undefined],
    ['.status.interfaces[*].ipAddress', '10.0.0.1'],
    [".status.conditions[?(@.type=='Ready')].status", 'True'],
    ['.status.conditions[?(@.type=="LiveMigratable")].status', 'False'],
    [".status.conditions[?(@.type=='Paused')].status", undefined],
    ['.spec.volumes[?(@.size>2)].name', 'b'],
    ['.spec.volumes[?(@.size<=1)].name', 'a'],
    ['.spec.volumes[?(@.missing)].name', undefined],
    ["['metadata']['labels']['kubevirt.io/nodeName']", 'node01'],
    ['.metadata.labels.kubevirt\\.io/nodeName', 'node01'],
    ['..ipAddress', '10.0.0.1'],
    ['.status.empty', null],
    ['.no.such.field', undefined],
    ['.spec.replicas.deeper', undefined],
  ])('%s', (path, expected) => {
    expect(findFirst(parseJsonPath(path), vmi)).toEqual(expected);
  });

  test('a slice finds every item in it', () => {
    expect(findAll(parseJsonPath('.status.interfaces[0:2].ipAddress'), vmi)).toEqual([
      '10.0.0.1',
      '10.0.0.2',
    ]);
  });

  test('a missing object has no values', () => {
    expect(findAll(parseJsonPath('.a'), undefined)).toEqual([]);
  });
});

test.each(['spec.replicas', '.a[', '.a[x]', ".a[?(type=='x')]"])('%s is refused by name', path => {
  expect(() => parseJsonPath(path)).toThrow(JSON.stringify(path));
});
