import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast, differences } from '../../scenarios/checks/partial.ts';
import type { JsonValue } from '../../simulator/index.ts';

test.each<[JsonValue, JsonValue, boolean]>([
  [{ a: 1, b: 2 }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: { b: [1, 2, 3] } }, { a: { b: [3, 1] } }, true],
  [[1], [1, 1], false],
  [[1, 1], [1, 1], true],
  // The first item fits both wishes, so it must be left to the more particular one.
  [[{ a: 1, b: 2 }, { a: 1 }], [{ a: 1 }, { a: 1, b: 2 }], true],
  [[{ a: 1, b: 2 }, { b: 2 }], [{ a: 1 }, { a: 1 }], false],
  ['1', 1, false],
  [null, {}, false],
  [{}, [], false],
])('%j has at least %j: %s', (actual, wanted, holds) => {
  expect(atLeast(actual, wanted)).toBe(holds);
});

test('every value has at least itself, in any order of its lists', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const shuffled = Array.isArray(value) ? [...value].reverse() : value;
      expect(differences(value as JsonValue, shuffled as JsonValue)).toEqual([]);
    }),
  );
});

test('differences name their place', () => {
  expect(differences({ a: { 'x/y': [1] } }, { a: { 'x/y': [2], b: 3 } })).toEqual([
    { path: ".a['x/y'][0]", expected: 2, actual: [1] },
    { path: '.a.b', expected: 3, actual: undefined },
  ]);
});
