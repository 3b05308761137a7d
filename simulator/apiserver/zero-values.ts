/**
 * What Go's decoder makes of nulls where a struct cannot hold one (encoding/json, sigs.k8s.io/json): an item or a map's
 * value that is null comes out as the zero value of its type. Null fields are defaulting's business.
 */
import { type Schema, fieldSchema, itemSchema, resolveSchema } from '../schemas/index.ts';
import type { JsonObject, JsonValue } from '../types/meta.ts';

/** The value with zero values for nulls in lists and maps; the same reference where there are none. */
export function withZeroValues<T>(value: T, schema: Schema): T {
  return holdsNull(value as JsonValue) ? (filled(value as JsonValue, schema) as T) : value;
}

/** Cheap, and enough for nearly every object. */
function holdsNull(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object') return false;
  if (value === null) return true;
  if (Array.isArray(value)) return value.some(holdsNull);
  for (const field in value) if (holdsNull(value[field])) return true;
  return false;
}

function filled(value: JsonValue, schema: Schema): JsonValue {
  if (Array.isArray(value)) {
    const items = itemSchema(schema);
    return items ? value.map(item => (item === null ? zeroOf(items) : filled(item, items))) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const { properties = {} } = resolveSchema(schema);
  const result: JsonObject = {};
  for (const [field, child] of Object.entries(value)) {
    const known = fieldSchema(schema, field);
    const isMapValue = known !== undefined && !Object.hasOwn(properties, field);
    if (child === null) result[field] = isMapValue ? zeroOf(known) : null;
    else result[field] = known ? filled(child, known) : child;
  }
  return result;
}

function zeroOf(schema: Schema): JsonValue {
  switch (resolveSchema(schema).type) {
    case 'object':
      return {};
    case 'array':
      return [];
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 0;
    default:
      return null;
  }
}
