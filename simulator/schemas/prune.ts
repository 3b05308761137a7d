/** Dropping unknown fields (apiextensions-apiserver pkg/apiserver/schema/pruning, strict decoding of sigs.k8s.io/json). */
import type { JsonValue } from '../types/meta.ts';
import { type CompiledSchema, compileSchema } from './compile.ts';
import { pathText } from './path.ts';
import type { Schema } from './schema.ts';

export interface Pruned<T> {
  /** The value without unknown fields; the very same value when there were none. */
  value: T;
  /** Paths of the dropped fields in document order, as strict decoding prints them: `spec.containers[0].foo`. */
  unknown: string[];
}

/** Drops what the schema does not know. Never changes `value`; shares what it can. */
export function prune<T>(schema: Schema, value: T): Pruned<T> {
  const unknown: string[] = [];
  return { value: pruneNode(compileSchema(schema), value as JsonValue, [], unknown) as T, unknown };
}

function pruneNode(
  node: CompiledSchema,
  value: JsonValue,
  path: (string | number)[],
  unknown: string[],
): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return pruneList(node, value, path, unknown);
  const { values, preserve } = node;
  const fields = node.fields;
  let copy: Record<string, JsonValue> | undefined;
  for (const key in value) {
    const child = value[key]!;
    const schema = fields.get(key) ?? values;
    if (schema === undefined) {
      if (preserve) continue;
      unknown.push(pathText([...path, key]));
      copy ??= { ...value };
      delete copy[key];
      continue;
    }
    if (typeof child !== 'object' || child === null) continue;
    path.push(key);
    const next = pruneNode(schema, child, path, unknown);
    path.pop();
    if (next !== child) {
      copy ??= { ...value };
      copy[key] = next;
    }
  }
  return copy ?? value;
}

function pruneList(
  node: CompiledSchema,
  value: JsonValue[],
  path: (string | number)[],
  unknown: string[],
): JsonValue {
  const { items } = node;
  if (items === undefined) return value;
  let copy: JsonValue[] | undefined;
  for (let index = 0; index < value.length; index += 1) {
    const child = value[index]!;
    if (typeof child !== 'object' || child === null) continue;
    path.push(index);
    const next = pruneNode(items, child, path, unknown);
    path.pop();
    if (next !== child) {
      copy ??= [...value];
      copy[index] = next;
    }
  }
  return copy ?? value;
}
