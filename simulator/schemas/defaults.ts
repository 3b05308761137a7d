/** Defaulting by schema (apiextensions-apiserver pkg/apiserver/schema/defaulting). */
import type { JsonValue } from '../types/meta.ts';
import { type CompiledSchema, compileSchema } from './compile.ts';
import type { Schema } from './schema.ts';

/**
 * Fills missing fields that have a default wherever their parent exists. A null in a field that is not nullable counts
 * as missing: the default takes its place, and without one the field goes.
 * Shares everything that does not change: the same reference comes back if nothing does.
 */
export function applyDefaults<T>(schema: Schema, value: T): T {
  return defaultNode(compileSchema(schema), value as JsonValue) as T;
}

function defaultNode(node: CompiledSchema, value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return defaultList(node, value);
  let copy: Record<string, JsonValue> | undefined;
  const { fields, values } = node;
  for (const key in value) {
    const child = value[key]!;
    if (typeof child !== 'object') continue;
    const known = fields.get(key);
    const schema = known ?? values;
    if (schema === undefined) continue;
    if (child === null) {
      // Fields without a type take anything, null included.
      if (known === undefined || schema.nullable || (schema.type === undefined && !schema.intOrString))
        continue;
      copy ??= { ...value };
      delete copy[key];
      continue;
    }
    const next = defaultNode(schema, child);
    if (next !== child) (copy ??= { ...value })[key] = next;
  }
  for (const [name, standard] of node.defaults) {
    if ((copy ?? value)[name] === undefined) {
      // A default may itself lack defaults of deeper fields.
      (copy ??= { ...value })[name] = defaultNode(fields.get(name)!, standard);
    }
  }
  return copy ?? value;
}

function defaultList(node: CompiledSchema, value: JsonValue[]): JsonValue {
  const { items } = node;
  if (items === undefined) return value;
  let copy: JsonValue[] | undefined;
  for (let index = 0; index < value.length; index += 1) {
    const next = defaultNode(items, value[index]!);
    if (next !== value[index]) (copy ??= [...value])[index] = next;
  }
  return copy ?? value;
}
