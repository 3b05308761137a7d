/**
 * Defaulting works on a copy of its own: stored objects are frozen, and upstream's defaults come as a long chain of
 * small writes that reads best as such.
 */

/** A deep copy of decoded JSON. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(item => copyJson<unknown>(item)) as T;
  const fields: Record<string, unknown> = {};
  for (const key in value) fields[key] = copyJson(value[key]);
  return fields as T;
}
