/** Order and equality of CEL values, as cel-go's comparer and equalities have them. */

/** Below, at or above zero; throws where the values have no order. */
export function compareValues(a: unknown, b: unknown): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const left = numberOf(a);
  const right = numberOf(b);
  if (left === undefined || right === undefined) throw new Error('no such overload');
  return left < right ? -1 : left > right ? 1 : 0;
}

export function celEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'number' || typeof a === 'bigint') {
    return (typeof b === 'number' || typeof b === 'bigint') && compareValues(a, b) === 0;
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, at) => celEqual(item, b[at]))
    );
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b) === 0;
  if (hasEquals(a)) return a.equals(b);
  const left = numberOf(a);
  const right = numberOf(b);
  if (left !== undefined || right !== undefined) return left === right;
  const before = a as Readonly<Record<string, unknown>>;
  const after = b as Readonly<Record<string, unknown>>;
  const keys = Object.keys(before);
  return keys.length === Object.keys(after).length && keys.every(key => celEqual(before[key], after[key]));
}

function hasEquals(value: object): value is { equals(other: unknown): boolean } {
  return typeof (value as { equals?: unknown }).equals === 'function';
}

/** Numbers, booleans, times and durations have a place on a line. */
function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value === null || typeof value !== 'object') return undefined;
  const primitive: unknown = value.valueOf();
  return typeof primitive === 'number' || typeof primitive === 'bigint' ? primitive : undefined;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
