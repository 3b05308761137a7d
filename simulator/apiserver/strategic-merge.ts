/**
 * Strategic merge patches (apimachinery pkg/util/strategicpatch): merges that know which lists are sets or maps.
 * Directives: `$patch`, `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`.
 */
import { type Schema, fieldSchema, itemSchema, patchMeta } from '../schemas/index.ts';
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue } from '../types/meta.ts';
import { badRequest, plainError, unprocessable } from './errors.ts';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const ELEMENT_ORDER = '$setElementOrder/';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';

/**
 * Applies a strategic merge patch to a frozen document.
 * @throws ApiError 400 for malformed directives, 422 for lists of lists, 500 for what kube-apiserver has no better word for.
 */
export function applyStrategicPatch(
  document: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  return mergeMaps(document, patch, schema);
}

function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergeMaps(original: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  const directive = patch[PATCH];
  if (directive !== undefined) {
    const { [PATCH]: _directive, ...rest } = patch;
    if (directive === 'replace') return rest;
    if (directive === 'delete') return {};
    throw plainError(`unknown patch type found: ${JSON.stringify(directive)}`);
  }
  const result: JsonObject = retained(original, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(ELEMENT_ORDER))
      orderList(result, key.slice(ELEMENT_ORDER.length), value, patch, schema);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER)) continue;
    if (key.startsWith(DELETE_FROM_LIST)) {
      deleteFromList(result, key.slice(DELETE_FROM_LIST.length), value);
    } else if (!(`${ELEMENT_ORDER}${key}` in patch && Array.isArray(value))) {
      mergeField(result, key, value, schema);
    }
  }
  return result;
}

/** A copy of the original; with `$retainKeys` only of the fields that it names. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return { ...original };
  if (!Array.isArray(keys)) throw badRequest('invalid patch format of retainKeys');
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN_KEYS || value === null) continue;
    if (key.startsWith(DELETE_FROM_LIST) || key.startsWith(ELEMENT_ORDER)) continue;
    if (!keys.includes(key)) throw badRequest('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

function mergeField(result: JsonObject, key: string, value: JsonValue, schema: Schema | undefined): void {
  if (value === null) {
    delete result[key];
    return;
  }
  const before = Object.hasOwn(result, key) ? result[key] : undefined;
  const child = schema && fieldSchema(schema, key);
  let merged: JsonValue | undefined;
  if (isMap(before) && isMap(value)) {
    const replaced = child !== undefined && patchMeta(child).strategy === 'replace';
    merged = replaced ? value : mergeMaps(before, value, child);
  } else if (Array.isArray(before) && Array.isArray(value)) {
    merged = mergeLists(before, value, child);
  } else {
    merged = cleaned(value);
  }
  if (merged === undefined) delete result[key];
  else result[key] = merged;
}

/** A patch's value where there is nothing to merge with: without nulls and without directives. */
function cleaned(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.map(cleaned).filter(item => item !== undefined);
  if (!isMap(value)) return value;
  if (PATCH in value) return undefined;
  const result: JsonObject = {};
  for (const [key, field] of Object.entries(value)) {
    if (field === null) continue;
    const kept = cleaned(field);
    if (kept !== undefined) result[key] = kept;
  }
  return result;
}

function mergeLists(original: JsonValue[], patch: JsonValue[], schema: Schema | undefined): JsonValue[] {
  if (!schema || patchMeta(schema).strategy === 'replace') return patch;
  if (original.length === 0 && patch.length === 0) return original;
  const { mergeKey } = patchMeta(schema);
  const { merged, base, given } = mergedItems(original, patch, schema, mergeKey);
  return arranged(merged, given, base, mergeKey);
}

interface MergedItems {
  readonly merged: JsonValue[];
  /** The live items that merging began with. */
  readonly base: JsonValue[];
  /** The patch's items without directives. */
  readonly given: JsonValue[];
}

function mergedItems(
  original: JsonValue[],
  patch: JsonValue[],
  schema: Schema,
  mergeKey: string | undefined,
): MergedItems {
  if (!(original[0] ?? patch[0] ?? null) || typeof (original[0] ?? patch[0]) !== 'object') {
    return { merged: [...new Set([...original, ...patch])], base: original, given: patch };
  }
  if (Array.isArray(original[0] ?? patch[0])) throw unprocessable();
  if (mergeKey === undefined) throw plainError('cannot merge lists without merge key');
  const { base, given } = withoutSpecialItems(original, patch, mergeKey);
  const merged = [...base];
  for (const item of given) {
    const at = indexByKey(merged, mergeKey, keyOf(item, mergeKey));
    if (at < 0) merged.push(item);
    else merged[at] = mergeMaps(merged[at] as JsonObject, item as JsonObject, itemSchema(schema));
  }
  return { merged, base, given };
}

/** Carries out `$patch: delete` and `$patch: replace` items. */
function withoutSpecialItems(
  original: JsonValue[],
  patch: JsonValue[],
  mergeKey: string,
): { base: JsonValue[]; given: JsonValue[] } {
  let base = original;
  let replaces = false;
  const given: JsonValue[] = [];
  for (const item of patch) {
    if (!isMap(item)) throw plainError('list element types are not identical');
    const directive = item[PATCH];
    if (directive === undefined) given.push(item);
    else if (directive === 'replace') replaces = true;
    else if (directive === 'delete') {
      const key = keyOf(item, mergeKey);
      base = base.filter(known => !isMap(known) || known[mergeKey] !== key);
    } else if (directive === 'merge') {
      throw plainError('merging lists cannot yet be specified in the patch');
    } else throw plainError(`unknown patch type found: ${JSON.stringify(directive)}`);
  }
  return replaces ? { base: given, given: [] } : { base, given };
}

function keyOf(item: JsonValue, mergeKey: string): JsonValue {
  const key = isMap(item) ? item[mergeKey] : undefined;
  if (key === undefined) {
    throw plainError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return key;
}

function indexByKey(items: readonly JsonValue[], mergeKey: string, key: JsonValue): number {
  return items.findIndex(item => isMap(item) && item[mergeKey] === key);
}

function deleteFromList(result: JsonObject, key: string, items: JsonValue): void {
  const list = result[key];
  if (!Array.isArray(items)) throw badRequest('invalid patch format of primitive list');
  if (Array.isArray(list)) result[key] = list.filter(item => !items.includes(item));
}

/** `$setElementOrder/<key>`: merges the list, if the patch has it, and puts its items into the given order. */
function orderList(
  result: JsonObject,
  key: string,
  order: JsonValue,
  patch: JsonObject,
  schema: Schema | undefined,
): void {
  if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list');
  const original = result[key];
  const given = patch[key];
  if (given !== undefined && given !== null && !Array.isArray(given)) {
    throw badRequest('invalid patch format of setElementOrder list');
  }
  const child = schema && fieldSchema(schema, key);
  const mergeKey = child && patchMeta(child).mergeKey;
  if (Array.isArray(given)) checkOrder(given, order, mergeKey);
  let merged: JsonValue[];
  if (Array.isArray(original) && Array.isArray(given)) merged = mergeLists(original, given, child);
  else if (Array.isArray(original)) merged = original;
  else if (Array.isArray(given)) merged = cleaned(given) as JsonValue[];
  else return;
  result[key] = arranged(merged, order, Array.isArray(original) ? original : [], mergeKey);
}

/** Items of a patch must stand in the order that the patch asks for. */
function checkOrder(patch: JsonValue[], order: JsonValue[], mergeKey: string | undefined): void {
  if (order.length === 0) return;
  const items = patch.filter(item => !(isMap(item) && PATCH in item));
  let at = 0;
  for (const wanted of order) {
    if (at < items.length && sameItem(items[at] as JsonValue, wanted, mergeKey)) at += 1;
  }
  if (at < items.length) {
    throw plainError(
      `The order in patch list:\n${JSON.stringify(patch)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
    );
  }
}

function sameItem(a: JsonValue, b: JsonValue, mergeKey: string | undefined): boolean {
  if (mergeKey !== undefined && isMap(a) && isMap(b)) return a[mergeKey] === b[mergeKey];
  return same(a, b);
}

/**
 * Items that `order` names in its order; those it does not name keep their order in the live list and are woven in
 * where they stood in relation to the others.
 */
function arranged(
  merged: readonly JsonValue[],
  order: readonly JsonValue[],
  live: readonly JsonValue[],
  mergeKey: string | undefined,
): JsonValue[] {
  const placeIn = (list: readonly JsonValue[], item: JsonValue) =>
    list.findIndex(other => sameItem(other, item, mergeKey));
  const byPlace = (list: readonly JsonValue[]) => (a: JsonValue, b: JsonValue) =>
    placeIn(list, a) - placeIn(list, b);
  const named = merged.filter(item => placeIn(order, item) >= 0).sort(byPlace(order));
  const others = merged.filter(item => placeIn(order, item) < 0).sort(byPlace(live));
  const result: JsonValue[] = [];
  let left = 0;
  let right = 0;
  while (left < others.length || right < named.length) {
    const other = others[left];
    const name = named[right];
    if (other === undefined) {
      result.push(name as JsonValue);
      right += 1;
      continue;
    }
    if (name !== undefined) {
      const otherPlace = placeIn(live, other);
      const namePlace = placeIn(live, name);
      if (!(otherPlace >= 0 && namePlace >= 0 && otherPlace < namePlace)) {
        result.push(name);
        right += 1;
        continue;
      }
    }
    result.push(other);
    left += 1;
  }
  return result;
}
