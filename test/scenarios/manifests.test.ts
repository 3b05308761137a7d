import { describe, expect, test } from 'vitest';
import { readManifest, readYaml } from '../../scenarios/manifests.ts';

describe('scalars as goyaml.v2 resolves them', () => {
  test.each([
    ['yes', true],
    ['y', true],
    ['N', false],
    ['on', true],
    ['off', false],
    ['"yes"', 'yes'],
    ['~', null],
    ['Null', null],
    ['', null],
    ['0777', 511],
    ['-010', -8],
    ['0x10', 16],
    ['0o17', 15],
    ['0b101', 5],
    ['08', 8],
    ['00', 0],
    ['-0', 0],
    ['+1', 1],
    ['1_000', 1000],
    ['1e3', 1000],
    ['1.5', 1.5],
    ['1.', 1],
    ['.5', 0.5],
    ['e1000', 'e1000'],
    ['e5', 'e5'],
    ['1e', '1e'],
    ['.', '.'],
    ['.e1', '.e1'],
    ['0x', '0x'],
    ['1.2.3', '1.2.3'],
    ['12:30', '12:30'],
    ['02:00:00:00:00:01', '02:00:00:00:00:01'],
    ['11:22:33:44:55:56', '11:22:33:44:55:56'],
    ['2026-01-02', '2026-01-02'],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['!!int "7"', 7],
    ['!!str 7', '7'],
  ])('%s', (text, expected) => {
    expect(readYaml(`a: ${text}`)[0]?.value).toEqual({ a: expected });
  });

  test('keys become text, merges are followed', () => {
    expect(readYaml('yes: 1\n7: x')[0]?.value).toEqual({ true: 1, 7: 'x' });
    expect(readYaml('base: &x {b: 1}\na:\n  <<: *x\n  c: 2')[0]?.value).toEqual({
      base: { b: 1 },
      a: { b: 1, c: 2 },
    });
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
    const text =
      'kind: A\n---\n# nothing\n---\nkind: List\napiVersion: v1\nitems:\n- {kind: B}\n- {kind: C}\n';
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
