import jsonPatch, { type Operation } from 'fast-json-patch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Patch, difference, same } from '../../simulator/store/index.ts';
import type { JsonValue } from '../../simulator/types/meta.ts';

/** The result of patches by a library that knows RFC 6902. */
function applied(before: JsonValue, patches: readonly Patch[]): unknown {
  // It validates each operation, and changes what it is given: on a copy.
  return jsonPatch.applyPatch(structuredClone(before), structuredClone(patches) as Operation[], true)
    .newDocument;
}

const field = fc.constantFrom('a', 'b', 'a/b', 'm~n', '~1', '', '0', '-', 'kubevirt.io/domain');
const json = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<JsonValue>(null, true, false, 0, 1, 'x', ''),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(field, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('the difference of two values', () => {
  test('applied to the first gives the second', () => {
    fc.assert(
      fc.property(json.value, json.value, (before, after) => {
        expect(applied(before, difference(before, after))).toEqual(after);
      }),
      { numRuns: 500 },
    );
  });

  test('of equal values is empty, and only of those', () => {
    fc.assert(
      fc.property(json.value, json.value, (before, after) => {
        expect(difference(before, structuredClone(before))).toEqual([]);
        expect(difference(before, after).length === 0).toBe(same(before, after));
      }),
    );
  });

  test('fields are escaped', () => {
    expect(difference({ 'a/b': 1, 'm~n': 1 }, { 'a/b': 2, 'm~n': 2 })).toEqual([
      { op: 'replace', path: '/a~1b', value: 2 },
      { op: 'replace', path: '/m~0n', value: 2 },
    ]);
  });

  test('lists grow and shrink at their end', () => {
    expect(difference([1, 2, 3], [1])).toEqual([
      { op: 'remove', path: '/2' },
      { op: 'remove', path: '/1' },
    ]);
    expect(difference([1], [1, 2, 3])).toEqual([
      { op: 'add', path: '/-', value: 2 },
      { op: 'add', path: '/-', value: 3 },
    ]);
  });

  test('only what changed is named', () => {
    const shared = { deep: { much: [1, 2, 3] } };
    expect(
      difference({ shared, status: { phase: 'Pending' } }, { shared, status: { phase: 'Running' } }),
    ).toEqual([{ op: 'replace', path: '/status/phase', value: 'Running' }]);
  });

  test('shared parts are not looked into', () => {
    const shared = new Proxy<Record<string, JsonValue>>(
      {},
      {
        ownKeys: () => {
          throw new Error('looked into');
        },
      },
    );
    expect(difference({ shared, a: 1 }, { shared, a: 2 })).toHaveLength(1);
  });
});

describe('same', () => {
  test('is deep equality', () => {
    fc.assert(
      fc.property(json.value, json.value, (a, b) => {
        expect(same(a, structuredClone(a))).toBe(true);
        expect(same(a, b)).toBe(same(b, a));
        expect(same(a, b)).toBe(difference(a, b).length === 0);
      }),
    );
  });

  test.each([
    [{}, []],
    [null, {}],
    [[1], [1, 2]],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    ['1', 1],
  ])('%j is not %j', (a, b) => {
    expect(same(a, b)).toBe(false);
    expect(same(b, a)).toBe(false);
  });

  test('a field that is undefined is a field that is not there', () => {
    expect(same({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(same({ a: undefined, b: 1 }, { a: 1, b: undefined })).toBe(false);
  });
});
