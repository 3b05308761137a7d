/**
 * Quantities on the hot path: the spellings people write (`512Mi`, `4Gi`, `2`, `500m`) without the exact arithmetic
 * that the general case needs, everything else by types/quantity.ts.
 */
import {
  canonicalQuantity,
  compareQuantities,
  quantityMilliValue,
  quantityValue,
} from '../types/quantity.ts';

type Text = string | number | undefined;

const BINARY: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
const CANONICAL_SUFFIXES = new Set(['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'm', 'k', 'M', 'G', 'T']);
const NO_DIGIT = -1;

/** How many leading characters are digits, if there are one to three of them and the first is no zero. */
function shortDigits(text: string): number {
  const first = text.charCodeAt(0);
  if (first < 49 || first > 57) return NO_DIGIT;
  let end = 1;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  return end <= 3 ? end : NO_DIGIT;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whole units, rounded up; 0 when absent. */
export function units(text: Text): number {
  if (text === undefined || text === '') return 0;
  if (typeof text === 'number') return Math.ceil(text);
  const end = shortDigits(text);
  if (end === text.length) return Number(text);
  if (end !== NO_DIGIT) {
    const factor = BINARY[text.slice(end)];
    if (factor !== undefined) return Number(text.slice(0, end)) * factor;
  }
  return quantityValue(text);
}

/** Thousandths, rounded up; 0 when absent. */
export function milliUnits(text: Text): number {
  if (text === undefined || text === '') return 0;
  if (typeof text === 'string') {
    const end = shortDigits(text);
    if (end === text.length) return Number(text) * 1000;
    if (end === text.length - 1 && text.charCodeAt(end) === 109) return Number(text.slice(0, end));
  }
  return quantityMilliValue(text);
}

/** Whether the amount is absent or zero. */
export function isZero(text: Text): boolean {
  return text === undefined || text === '' || (units(text) === 0 && milliUnits(text) === 0);
}

/** The spelling KubeVirt stores and prints: `1024Mi` is `1Gi`. Absent is `0`. */
export function printed(text: Text): string {
  if (text === undefined || text === '') return '0';
  if (typeof text === 'string') {
    const end = shortDigits(text);
    if (end !== NO_DIGIT && CANONICAL_SUFFIXES.has(text.slice(end))) return text;
  }
  return canonicalQuantity(text);
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compare(a: string | number, b: string | number): number {
  return a === b ? 0 : compareQuantities(a, b);
}
