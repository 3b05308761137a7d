/** Reading loosely typed objects, and the small changes that defaults make. */
import type { JsonObject, JsonValue, KubeObject } from '../types/meta.ts';

/** An object as plain fields: built-in kinds whose fields are not typed. */
export function fields(object: KubeObject): JsonObject {
  return object as unknown as JsonObject;
}

export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
}

export function asList(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The items of a list that are objects. */
export function objects(value: JsonValue | undefined): JsonObject[] {
  return asList(value).filter((item): item is JsonObject => asObject(item) !== undefined);
}

/** The value under field names; undefined where something on the way is missing. */
export function at(from: KubeObject | JsonValue | undefined, ...names: string[]): JsonValue | undefined {
  let value = from as JsonValue | undefined;
  for (const name of names) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
    value = value[name];
  }
  return value;
}

export function text(value: JsonValue | undefined, missing = ''): string {
  return typeof value === 'string' ? value : missing;
}

export function number(value: JsonValue | undefined, missing = 0): number {
  return typeof value === 'number' ? value : missing;
}

/** The object at field names, empty where there is none. */
export function objectAt(from: KubeObject | JsonValue | undefined, ...names: string[]): JsonObject {
  return asObject(at(from, ...names)) ?? {};
}

/**
 * Adds the fields that are missing (undefined or null, as Go reads them).
 * Returns the same reference when none is.
 */
export function withDefaults<T extends object>(object: T, defaults: Readonly<Record<string, unknown>>): T {
  let result: Record<string, unknown> | undefined;
  const given = object as Record<string, unknown>;
  for (const name in defaults) {
    const value = defaults[name];
    if (value !== undefined && (given[name] === undefined || given[name] === null)) {
      result ??= { ...given };
      result[name] = value;
    }
  }
  return (result as T | undefined) ?? object;
}

/** Replaces one field by what `change` makes of it; the same reference when it makes the same. */
export function withField<T extends object, V = JsonValue>(
  object: T,
  name: string,
  change: (value: V) => V,
): T {
  const value = (object as Record<string, unknown>)[name] as V | undefined | null;
  if (value === undefined || value === null) return object;
  const changed = change(value);
  return changed === value ? object : { ...object, [name]: changed };
}

/** Maps a list; the same reference when every item stays the same. */
export function mapList<T>(list: readonly T[], change: (item: T) => T): T[] {
  let result: T[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index] as T;
    const changed = change(item);
    if (changed !== item) {
      result ??= list.slice();
      result[index] = changed;
    }
  }
  return result ?? (list as T[]);
}
