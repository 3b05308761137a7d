/** JSON merge patch (RFC 7386) on frozen values: the same reference where nothing changes. */
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue } from '../types/meta.ts';

export function applyMergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    return target !== undefined && same(target, patch) ? target : patch;
  }
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target);
  const base: JsonObject = isMap ? target : {};
  const result: JsonObject = { ...base };
  let changed = !isMap;
  for (const [field, value] of Object.entries(patch)) {
    const before = Object.hasOwn(base, field) ? base[field] : undefined;
    if (value === null) {
      if (before === undefined) continue;
      delete result[field];
      changed = true;
      continue;
    }
    const after = applyMergePatch(before, value);
    if (after === before) continue;
    Object.defineProperty(result, field, {
      value: after,
      enumerable: true,
      writable: true,
      configurable: true,
    });
    changed = true;
  }
  return changed ? result : base;
}
