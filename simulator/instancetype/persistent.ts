/** Small changes to frozen values: each answers the same reference when nothing changes. */

/** The object with one field set. */
export function withField<T extends object, K extends keyof T>(object: T, field: K, value: T[K]): T {
  return Object.is(object[field], value) ? object : { ...object, [field]: value };
}

/** The object without one field. */
export function withoutField<T extends object, K extends keyof T>(object: T, field: K): T {
  if (!(field in object)) return object;
  const { [field]: _dropped, ...rest } = object;
  return rest as T;
}

/** The object with a preference taken up: only where one is given and the field is absent or an empty string. */
export function withPreferred<T extends object, K extends keyof T>(
  object: T,
  field: K,
  preferred: T[K] | undefined,
): T {
  if (preferred === undefined || preferred === '') return object;
  const current = object[field];
  return current === undefined || current === '' ? { ...object, [field]: preferred } : object;
}

/** The list with every item changed. */
export function mapItems<T>(items: T[], change: (item: T) => T): T[] {
  let changed = false;
  const result = items.map(item => {
    const next = change(item);
    changed ||= next !== item;
    return next;
  });
  return changed ? result : items;
}

/** The map with those entries added whose key it lacks. */
export function withMissingEntries(
  target: Record<string, string> | undefined,
  entries: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  if (!entries) return target;
  let result = target;
  for (const [key, value] of Object.entries(entries)) {
    if (result && Object.hasOwn(result, key)) continue;
    if (!result || result === target) result = { ...target };
    result[key] = value;
  }
  return result;
}
