/** Comparing values: equal, or at least what is wanted. */
import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../../simulator/index.ts';

export function equal(actual: JsonValue | undefined, wanted: JsonValue): boolean {
  return isDeepStrictEqual(actual, wanted);
}

/**
 * Whether a value has at least what is wanted. Mappings may have more keys; of a list every wanted item is matched by
 * an item of its own, in any order; everything else is equal.
 */
export function atLeast(actual: JsonValue | undefined, wanted: JsonValue): boolean {
  return differences(actual, wanted).length === 0;
}

/** One place where a value is not what is wanted. */
export interface Difference {
  /** `.status.conditions[0].reason`. */
  readonly path: string;
  readonly expected: JsonValue;
  /** Undefined where there is nothing. */
  readonly actual: JsonValue | undefined;
}

/** Where a value has less than what is wanted; empty when it has it all. */
export function differences(actual: JsonValue | undefined, expected: JsonValue, path = ''): Difference[] {
  if (isMapping(expected)) {
    if (!isMapping(actual)) return [{ path, expected, actual }];
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(actual[key], value, `${path}${member(key)}`),
    );
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [{ path, expected, actual }];
    return unmatched(actual, expected).map(index => ({
      path: `${path}[${index}]`,
      expected: expected[index] as JsonValue,
      actual,
    }));
  }
  return actual === expected ? [] : [{ path, expected, actual }];
}

/** Wanted items (by index) that no item of their own matches: a matching in a bipartite graph, by augmenting paths. */
function unmatched(actual: readonly JsonValue[], wanted: readonly JsonValue[]): number[] {
  const takenBy = new Map<number, number>();
  const place = (index: number, tried: Set<number>): boolean => {
    for (const [candidate, item] of actual.entries()) {
      if (tried.has(candidate) || !atLeast(item, wanted[index] as JsonValue)) continue;
      tried.add(candidate);
      const holder = takenBy.get(candidate);
      if (holder === undefined || place(holder, tried)) {
        takenBy.set(candidate, index);
        return true;
      }
    }
    return false;
  };
  return wanted.flatMap((_, index) => (place(index, new Set()) ? [] : [index]));
}

function isMapping(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function member(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `['${key}']`;
}
