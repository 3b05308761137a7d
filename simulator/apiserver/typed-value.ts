/**
 * Values with the topology of their schema (structured-merge-diff typed.TypedValue, v6): which lists are associative
 * and which maps atomic decides what a path is, what differs, and how two values merge. Where the schema is silent,
 * maps are granular and lists atomic.
 */
import { type Schema, fieldSchema, itemSchema, listTopology, mapTopology } from '../schemas/index.ts';
import { preservesUnknownFields, resolveSchema } from '../schemas/index.ts';
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue } from '../types/meta.ts';
import { isObject } from './decode.ts';
import { type FieldNode, type FieldSet, FieldSetBuilder, printPath } from './field-set.ts';

export type Topology = Schema | undefined;

/** A value that does not fit its schema: `.spec.foo: field not declared in schema`. */
export class TypedError extends Error {}

export function childTopology(topology: Topology, field: string): Topology {
  return topology && fieldSchema(topology, field);
}

function declares(topology: Topology, field: string): boolean {
  return topology !== undefined && Object.hasOwn(resolveSchema(topology).properties ?? {}, field);
}

function isAtomicMap(topology: Topology): boolean {
  return topology !== undefined && mapTopology(topology) === 'atomic';
}

function isAtomicList(topology: Topology): boolean {
  return topology === undefined || listTopology(topology).type === 'atomic';
}

/**
 * The path element of a list's item.
 * @throws TypedError for an item without the keys that identify it.
 */
export function elementOf(topology: Schema, item: JsonValue): string {
  const { type, keys } = listTopology(topology);
  if (type === 'set') return `v:${JSON.stringify(item)}`;
  if (!isObject(item)) throw new TypedError('associative list with keys may not have non-map elements');
  const found: [string, JsonValue][] = [];
  const schema = itemSchema(topology);
  for (const key of [...keys].sort()) {
    const value = item[key] ?? (schema && fieldSchema(schema, key)?.default);
    if (value !== undefined) found.push([key, value]);
    else if (keys.length === 1) {
      throw new TypedError(
        `associative list with keys has an element that omits key field "${key}" (and doesn't have default value)`,
      );
    }
  }
  return `k:${JSON.stringify(Object.fromEntries(found))}`;
}

/** Items of a live list by path element. Of duplicates the first counts; items without keys go by their place. */
function indexed(topology: Schema, list: readonly JsonValue[]): Map<string, JsonValue> {
  const items = new Map<string, JsonValue>();
  for (const [at, item] of list.entries()) {
    let element: string;
    try {
      element = elementOf(topology, item);
    } catch (error) {
      if (!(error instanceof TypedError)) throw error;
      element = `i:${at}`;
    }
    if (!items.has(element)) items.set(element, item);
  }
  return items;
}

/** @throws TypedError where a value holds what its schema does not declare, or an item twice. */
export function checkTyped(value: JsonValue, topology: Topology, path: string[] = []): void {
  if (topology === undefined || value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    if (isAtomicList(topology)) return;
    const seen = new Set<string>();
    for (const [at, item] of value.entries()) {
      const element = located(path, () => elementOf(topology, item), at);
      if (seen.has(element)) {
        throw new TypedError(`${printPath(path)}: duplicate entries for key ${printPath([element])}`);
      }
      seen.add(element);
      checkTyped(item, itemSchema(topology), [...path, element]);
    }
    return;
  }
  const schema = resolveSchema(topology);
  if (!schema.properties && !schema.additionalProperties) return;
  for (const [field, child] of Object.entries(value)) {
    const childSchema = fieldSchema(topology, field);
    if (childSchema) checkTyped(child, childSchema, [...path, `f:${field}`]);
    else if (!preservesUnknownFields(topology) && schema.additionalProperties !== true) {
      throw new TypedError(`${printPath([...path, `f:${field}`])}: field not declared in schema`);
    }
  }
}

function located<T>(path: readonly string[], work: () => T, at: number): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TypedError)
      throw new TypedError(`${printPath(path)}: element ${at}: ${error.message}`);
    throw error;
  }
}

/** The paths of all leaves of an applied value, and of its items. */
export function fieldsOf(value: JsonValue, topology: Topology): FieldSet {
  const builder = new FieldSetBuilder();
  collect(value, topology, [], builder);
  return builder.set;
}

function collect(value: JsonValue, topology: Topology, path: string[], into: FieldSetBuilder): void {
  if (Array.isArray(value)) {
    if (isAtomicList(topology)) return into.add(path);
    const schema = itemSchema(topology as Schema);
    for (const [element, item] of indexed(topology as Schema, value)) {
      path.push(element);
      collect(item, schema, path, into);
      into.add(path);
      path.pop();
    }
    return;
  }
  if (!isObject(value)) return into.add(path);
  if (isAtomicMap(topology)) return into.add(path);
  for (const [field, child] of Object.entries(value)) {
    if (child === undefined) continue;
    path.push(`f:${field}`);
    collect(child, childTopology(topology, field), path, into);
    const isEmpty = child === null || (isObject(child) && Object.keys(child).length === 0);
    if (isEmpty || !declares(topology, field)) into.add(path);
    path.pop();
  }
}

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Which paths came, changed and went. Parts that are the same reference are not looked at. */
export function compareValues(before: JsonValue, after: JsonValue, topology: Topology): Comparison {
  const comparing = {
    added: new FieldSetBuilder(),
    modified: new FieldSetBuilder(),
    removed: new FieldSetBuilder(),
  };
  compare(before, after, topology, [], comparing);
  return { added: comparing.added.set, modified: comparing.modified.set, removed: comparing.removed.set };
}

interface Comparing {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  topology: Topology,
  path: string[],
  into: Comparing,
): void {
  if (before === after) return;
  const one = after ?? before;
  const isList = Array.isArray(one);
  const fits = (value: JsonValue | undefined) => isAbsent(value) || Array.isArray(value) === isList;
  if (isList && !isAtomicList(topology) && fits(before) && !bothEmpty(before, after)) {
    compareItems(before as JsonValue[] | null, after as JsonValue[] | null, topology as Schema, path, into);
  } else if (
    isObject(one) &&
    !isAtomicMap(topology) &&
    fits(before) &&
    (isAbsent(before) || isObject(before)) &&
    !bothEmpty(before, after)
  ) {
    compareFields(before as JsonObject | null, after as JsonObject | null, topology, path, into);
  } else {
    compareLeaf(before, after, path, into);
    return;
  }
  if (before === undefined) into.added.add(path);
  else if (after === undefined) into.removed.add(path);
}

function compareLeaf(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string[],
  into: Comparing,
): void {
  if (before === undefined) into.added.add(path);
  else if (after === undefined) into.removed.add(path);
  else if (!same(before, after)) into.modified.add(path);
}

function bothEmpty(before: JsonValue | undefined, after: JsonValue | undefined): boolean {
  return isEmpty(before) && isEmpty(after);
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function isEmpty(value: JsonValue | undefined): boolean {
  return isAbsent(value) || (typeof value === 'object' && Object.keys(value).length === 0);
}

function compareItems(
  before: readonly JsonValue[] | null | undefined,
  after: readonly JsonValue[] | null | undefined,
  topology: Schema,
  path: string[],
  into: Comparing,
): void {
  const schema = itemSchema(topology);
  const old = indexed(topology, before ?? []);
  const now = indexed(topology, after ?? []);
  for (const [element, item] of old) {
    path.push(element);
    compare(item, now.get(element), schema, path, into);
    path.pop();
  }
  for (const [element, item] of now) {
    if (old.has(element)) continue;
    path.push(element);
    compare(undefined, item, schema, path, into);
    path.pop();
  }
}

function compareFields(
  before: JsonObject | null | undefined,
  after: JsonObject | null | undefined,
  topology: Topology,
  path: string[],
  into: Comparing,
): void {
  for (const field in before ?? {}) {
    if (before?.[field] === undefined || before[field] === after?.[field]) continue;
    path.push(`f:${field}`);
    compare(before[field], after?.[field], childTopology(topology, field), path, into);
    path.pop();
  }
  for (const field in after ?? {}) {
    if (after?.[field] === undefined || before?.[field] !== undefined) continue;
    path.push(`f:${field}`);
    compare(undefined, after[field], childTopology(topology, field), path, into);
    path.pop();
  }
}

/** The live value with the applied one merged into it. */
export function mergeValues(live: JsonValue | undefined, applied: JsonValue, topology: Topology): JsonValue {
  if (live === undefined || live === null || applied === null) return applied;
  if (Array.isArray(live) && Array.isArray(applied)) {
    return isAtomicList(topology) ? applied : mergeItems(live, applied, topology as Schema);
  }
  if (!isObject(live) || !isObject(applied) || isAtomicMap(topology)) return applied;
  const result: JsonObject = { ...live };
  for (const [field, value] of Object.entries(applied)) {
    result[field] = mergeValues(live[field], value, childTopology(topology, field));
  }
  return result;
}

/** Live order, into which applied items are put so that their own order holds too. */
function mergeItems(
  live: readonly JsonValue[],
  applied: readonly JsonValue[],
  topology: Schema,
): JsonValue[] {
  const schema = itemSchema(topology);
  const left = indexed(topology, live);
  const right = indexed(topology, applied);
  const leftOrder = [...left.keys()];
  const rightOrder = [...right.keys()];
  const shared = rightOrder.filter(element => left.has(element));
  const done = new Set<string>();
  const result: JsonValue[] = [];
  const take = (element: string) => {
    const applied = right.get(element);
    const current = left.get(element);
    result.push(applied === undefined ? (current as JsonValue) : mergeValues(current, applied, schema));
    done.add(element);
    if (shared[0] === element) shared.shift();
  };
  let l = 0;
  let r = 0;
  while (l < leftOrder.length || r < rightOrder.length) {
    const leftElement = leftOrder[l];
    const rightElement = rightOrder[r];
    if (leftElement !== undefined && rightElement !== undefined) {
      if (leftElement === rightElement) {
        take(leftElement);
        l += 1;
        r += 1;
        continue;
      }
      if (right.has(leftElement) && shared.length > 0 && shared[0] !== leftElement) {
        l += 1;
        continue;
      }
    }
    if (leftElement !== undefined) {
      if (!right.has(leftElement)) {
        take(leftElement);
        l += 1;
        continue;
      }
      if (done.has(leftElement)) l += 1;
    }
    if (rightElement !== undefined) {
      if (!done.has(rightElement)) take(rightElement);
      r += 1;
    }
  }
  return result;
}

/** The value without the paths of a set and all below them. */
export function withoutFields(value: JsonValue, set: FieldSet, topology: Topology): JsonValue {
  if (set.size === 0) return value;
  if (Array.isArray(value)) {
    if (isAtomicList(topology)) return value;
    const schema = itemSchema(topology as Schema);
    const result: JsonValue[] = [];
    for (const [element, item] of indexed(topology as Schema, value)) {
      const node = set.get(element);
      if (!node) result.push(item);
      else if (!node.member) result.push(withoutFields(item, node.children, schema));
    }
    return result;
  }
  if (!isObject(value) || isAtomicMap(topology)) return value;
  const result: JsonObject = {};
  for (const [field, child] of Object.entries(value)) {
    const node = set.get(`f:${field}`);
    if (!node) result[field] = child;
    else if (!node.member) {
      result[field] = withoutFields(child, node.children, childTopology(topology, field));
    }
  }
  return result;
}

/** Counts structs on the way to a path as members too, so that they go when all in them goes. */
export function withContainers(set: FieldSet, topology: Topology): FieldSet {
  const result = new Map<string, FieldNode>();
  for (const [element, node] of set) {
    const field = element.startsWith('f:') ? element.slice(2) : undefined;
    const below = field === undefined ? topology && itemSchema(topology) : childTopology(topology, field);
    const isContainer = node.children.size > 0 && field !== undefined && declares(topology, field);
    result.set(element, {
      member: node.member || isContainer,
      children: node.children.size === 0 ? node.children : withContainers(node.children, below),
    });
  }
  return result;
}
