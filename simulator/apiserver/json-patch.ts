/** JSON patch (RFC 6902) on frozen values, as kube-apiserver's library applies it: what is not touched is shared. */
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue } from '../types/meta.ts';

export interface JsonPatchOperation {
  readonly op: string;
  readonly path?: string;
  readonly from?: string;
  readonly value?: JsonValue;
}

/** An operation that cannot be applied, or a `test` that fails. */
export class JsonPatchError extends Error {}

/**
 * Applies all operations or none.
 * @throws JsonPatchError naming what failed.
 */
export function applyJsonPatch(document: JsonValue, operations: readonly JsonPatchOperation[]): JsonValue {
  let result = document;
  for (const operation of operations) result = applyOne(result, operation);
  return result;
}

function applyOne(document: JsonValue, operation: JsonPatchOperation): JsonValue {
  const path = pointer(operation.path, operation.op, 'path');
  switch (operation.op) {
    case 'add':
      return put(document, path, valueOf(operation), false);
    case 'replace':
      return put(document, path, valueOf(operation), true);
    case 'remove':
      return removed(document, path);
    case 'move': {
      const from = pointer(operation.from, operation.op, 'from');
      const value = lookUp(document, from);
      if (value === undefined) throw missing(operation.from);
      if (same(from, path)) return document;
      if (path.length > from.length && from.every((part, at) => part === path[at])) {
        throw new JsonPatchError(`cannot move ${operation.from} into itself`);
      }
      return put(removed(document, from), path, value, false);
    }
    case 'copy': {
      const value = lookUp(document, pointer(operation.from, operation.op, 'from'));
      if (value === undefined) throw missing(operation.from);
      return put(document, path, value, false);
    }
    case 'test': {
      const found = lookUp(document, path);
      const expected = operation.value ?? null;
      if (found === undefined ? expected !== null : !same(found, expected)) {
        throw new JsonPatchError(`testing value ${operation.path} failed`);
      }
      return document;
    }
    default:
      throw new JsonPatchError(`Unexpected kind: ${String(operation.op)}`);
  }
}

function valueOf(operation: JsonPatchOperation): JsonValue {
  if (operation.value === undefined) throw new JsonPatchError(`${operation.op} operation without value`);
  return operation.value;
}

function missing(path: string | undefined): JsonPatchError {
  return new JsonPatchError(`doc is missing path: ${path}`);
}

function pointer(path: string | undefined, op: string, field: string): string[] {
  if (typeof path !== 'string') throw new JsonPatchError(`${op} operation without ${field}`);
  if (path === '') return [];
  if (!path.startsWith('/')) throw missing(path);
  return path
    .slice(1)
    .split('/')
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const ARRAY_INDEX = /^-?(0|[1-9]\d*)$/;

/** Negative indices count from the end. */
function indexOf(part: string, size: number): number {
  if (!ARRAY_INDEX.test(part)) throw new JsonPatchError(`invalid array index: ${part}`);
  const index = Number(part);
  const at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) throw new JsonPatchError(`Unable to access invalid index: ${part}`);
  return at;
}

function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lookUp(document: JsonValue, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const part of path) {
    if (Array.isArray(value)) value = value[indexOf(part, value.length)];
    else if (isMap(value)) value = Object.hasOwn(value, part) ? value[part] : undefined;
    else return undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

/** Rebuilds the containers on the way to `path`; `change` makes the last of them. */
function rebuilt(
  document: JsonValue,
  path: readonly string[],
  at: number,
  change: (container: JsonValue, part: string) => JsonValue,
): JsonValue {
  const part = path[at] as string;
  if (at === path.length - 1) return change(document, part);
  if (Array.isArray(document)) {
    const index = indexOf(part, document.length);
    return document.with(index, rebuilt(document[index] as JsonValue, path, at + 1, change));
  }
  const child = isMap(document) && Object.hasOwn(document, part) ? document[part] : undefined;
  if (child === undefined) throw missing(`/${path.join('/')}`);
  return withField(document as JsonObject, part, rebuilt(child, path, at + 1, change));
}

/** Spreading keeps a field called __proto__ a field. */
function withField(object: JsonObject, field: string, value: JsonValue): JsonObject {
  return { ...object, [field]: value };
}

function put(document: JsonValue, path: readonly string[], value: JsonValue, mustExist: boolean): JsonValue {
  if (path.length === 0) return value;
  return rebuilt(document, path, 0, (container, part) => {
    if (Array.isArray(container)) {
      if (mustExist) return container.with(indexOf(part, container.length), value);
      if (part === '-') return [...container, value];
      return container.toSpliced(indexOf(part, container.length + 1), 0, value);
    }
    if (!isMap(container)) throw missing(part);
    if (mustExist && !Object.hasOwn(container, part)) throw missing(part);
    return withField(container, part, value);
  });
}

function removed(document: JsonValue, path: readonly string[]): JsonValue {
  if (path.length === 0) throw new JsonPatchError('the whole document cannot be removed');
  return rebuilt(document, path, 0, (container, part) => {
    if (Array.isArray(container)) return container.toSpliced(indexOf(part, container.length), 1);
    if (!isMap(container) || !Object.hasOwn(container, part)) {
      throw new JsonPatchError(`Unable to remove nonexistent key: ${part}`);
    }
    const { [part]: _removed, ...rest } = container;
    return rest;
  });
}
