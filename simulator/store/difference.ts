/**
 * The difference of two frozen values as JSON patch operations (RFC 6902, without `test`). Shared parts are the same
 * reference and are skipped, so the cost is that of the change, not that of the object.
 */
import type { JsonObject, JsonValue } from '../types/meta.ts';

export type Patch =
  | { op: 'add' | 'replace'; path: string; value: JsonValue }
  | { op: 'remove'; path: string };

export function difference(before: JsonValue, after: JsonValue): Patch[] {
  const patches: Patch[] = [];
  compare(before, after, '', patches);
  return patches;
}

/** Deep equality that stops at shared references. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => same(item, b[at]));
  }
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let count = 0;
  for (const field in left) {
    if (left[field] === undefined) continue;
    count += 1;
    if (!same(left[field], right[field])) return false;
  }
  for (const field in right) if (right[field] !== undefined) count -= 1;
  return count === 0;
}

function compare(before: JsonValue, after: JsonValue, path: string, patches: Patch[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(before, after, path, patches);
  } else if (isMap(before) && isMap(after)) {
    compareMaps(before, after, path, patches);
  } else {
    patches.push({ op: 'replace', path, value: after });
  }
}

function compareMaps(before: JsonObject, after: JsonObject, path: string, patches: Patch[]): void {
  for (const field in before) {
    if (before[field] !== undefined && after[field] === undefined) {
      patches.push({ op: 'remove', path: `${path}/${escape(field)}` });
    }
  }
  for (const field in after) {
    const value = after[field];
    if (value === undefined) continue;
    const old = before[field];
    const child = `${path}/${escape(field)}`;
    if (old === undefined) patches.push({ op: 'add', path: child, value });
    else compare(old, value, child, patches);
  }
}

function compareLists(before: JsonValue[], after: JsonValue[], path: string, patches: Patch[]): void {
  const shared = Math.min(before.length, after.length);
  for (let at = 0; at < shared; at += 1) {
    compare(before[at] as JsonValue, after[at] as JsonValue, `${path}/${at}`, patches);
  }
  for (let at = before.length - 1; at >= shared; at -= 1)
    patches.push({ op: 'remove', path: `${path}/${at}` });
  for (let at = shared; at < after.length; at += 1) {
    patches.push({ op: 'add', path: `${path}/-`, value: after[at] as JsonValue });
  }
}

function isMap(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escape(field: string): string {
  return field.replaceAll('~', '~0').replaceAll('/', '~1');
}
