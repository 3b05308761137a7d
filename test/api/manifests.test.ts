import { describe, expect, test } from 'vitest';
import { readManifest, readYaml } from '../../api/manifests.ts';

describe('YAML as kubectl reads it', () => {
  test.each([
    ['a: yes', { a: true }],
    ['a: "yes"', { a: 'yes' }],
    ['a: off', { a: false }],
    ['a: 0777', { a: 511 }],
    ['a: 0x10', { a: 16 }],
    ['a: 02:00:00:00:00:01', { a: '02:00:00:00:00:01' }],
    ['a: 11:22:33:44:55:56', { a: '11:22:33:44:55:56' }],
    ['a: 12:30', { a: '12:30' }],
    ['a: 2026-01-02', { a: '2026-01-02' }],
    ['a: 2026-01-02T03:04:05Z', { a: '2026-01-02T03:04:05Z' }],
    ['a: ~', { a: null }],
    ['base: &x {b: 1}\na:\n  <<: *x\n  c: 2', { base: { b: 1 }, a: { b: 1, c: 2 } }],
    ['{"a": [1, 2]}', { a: [1, 2] }],
  ])('%j', (text, expected) => {
    expect(readYaml(text)[0]?.value).toEqual(expected);
  });

  test('repeated keys are told, not refused; the last one counts', () => {
    expect(readYaml('spec:\n  replicas: 1\n  replicas: 2\n')).toEqual([
      {
        number: 1,
        value: { spec: { replicas: 2 } },
        duplicates: ['line 3: key "replicas" already set in map'],
      },
    ]);
  });

  test('what is no YAML is refused by its line', () => {
    expect(() => readYaml('a: 1\nb: [1, 2\n')).toThrow(/^yaml: line 3: /);
  });
});

describe('manifests', () => {
  test('several documents and Lists are taken apart in order; empty documents count', () => {
    const text = [
      'kind: A',
      '---',
      '# nothing',
      '---',
      'kind: List',
      'apiVersion: v1',
      'items:',
      '- {kind: B}',
      '- {kind: C}',
    ].join('\n');
    expect(readManifest(text)).toEqual([
      { object: { kind: 'A' }, document: 1 },
      { object: { kind: 'B' }, document: 3 },
      { object: { kind: 'C' }, document: 3 },
    ]);
  });

  test.each([
    ['- 1', 'document 1 is no object'],
    ['kind: A\n---\nmetadata: {}', "document 2: Object 'Kind' is missing"],
    ['kind: List\nitems: [1]', 'document 1: an item of List is no object'],
  ])('%j is refused', (text, message) => {
    expect(() => readManifest(text)).toThrow(message);
  });
});
