/** Equality as KubeVirt's webhooks see it (apimachinery equality.Semantic over decoded objects). */
import { tryParseQuantity } from '../types/quantity.ts';

/** Fields that hold an amount, by their own name or by that of the list they are in. */
const AMOUNTS = new Set(['guest', 'maxGuest', 'capacity', 'addedOverhead']);
const LISTS_OF_AMOUNTS = new Set(['requests', 'limits']);

/** Whether two values mean the same: nothing equals the empty list, and amounts compare by size, not by spelling. */
export function same(a: unknown, b: unknown, amounts = false): boolean {
  if (a === b) return true;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => same(item, b[index]));
  }
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    return sameFields(a as Record<string, unknown>, b as Record<string, unknown>, amounts);
  }
  return amounts && sameAmount(a, b);
}

function sameFields(a: Record<string, unknown>, b: Record<string, unknown>, amounts: boolean): boolean {
  for (const key in a) {
    if (!same(a[key], b[key], amounts || AMOUNTS.has(key) || LISTS_OF_AMOUNTS.has(key))) return false;
  }
  for (const key in b) {
    if (!(key in a) && !isNothing(b[key])) return false;
  }
  return true;
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function sameAmount(a: unknown, b: unknown): boolean {
  if (!isText(a) || !isText(b)) return false;
  const [left, right] = [tryParseQuantity(a), tryParseQuantity(b)];
  return left !== undefined && right !== undefined && left.nano === right.nano;
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
