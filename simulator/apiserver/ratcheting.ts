/** Errors that an update does not have to answer for (apiextensions-apiserver v1.35 pkg/apiserver/validation/ratcheting.go). */
import { fieldSchema, itemSchema, listTopology, type Schema } from '../schemas/index.ts';
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue, StatusCause } from '../types/meta.ts';
import { isObject } from './decode.ts';

const COMBINATION = /^Invalid value: "": "(.*?)" must/;

/**
 * The errors without those at or within a value that is what it was. Items of lists have a counterpart only where keys
 * identify them; what is in other lists counts as new when the list changed.
 */
export function unforgiven(
  schema: Schema,
  errors: readonly StatusCause[],
  object: unknown,
  old: unknown,
): StatusCause[] {
  let left = [...errors];
  const forgive = (path: string) => {
    left = left.filter(error => !isWithin(placeOf(error), path));
  };
  const visit = (
    node: Schema | undefined,
    value: JsonValue,
    before: JsonValue | undefined,
    path: string,
  ): void => {
    if (before === undefined || left.length === 0) return;
    if (same(value, before)) {
      forgive(path);
      return;
    }
    if (!left.some(error => isWithin(placeOf(error), path))) return;
    if (isObject(value) && isObject(before)) {
      for (const [key, child] of Object.entries(value)) {
        visit(node && fieldSchema(node, key), child, before[key], path === '' ? key : `${path}.${key}`);
      }
    } else if (node && Array.isArray(value) && Array.isArray(before)) {
      const { type, keys } = listTopology(node);
      if (type !== 'map') return;
      const identity = (item: JsonValue) =>
        JSON.stringify(keys.map(key => (item as JsonObject | null)?.[key] ?? null));
      const items = new Map(before.map(item => [identity(item), item]));
      for (const [at, item] of value.entries()) {
        visit(itemSchema(node), item, items.get(identity(item)), `${path}[${at}]`);
      }
    }
  };
  visit(schema, object as JsonValue, old as JsonValue, '');
  return left;
}

function placeOf({ field = '', message = '' }: StatusCause): string {
  return field === '<nil>' ? (COMBINATION.exec(message)?.[1] ?? '') : field;
}

function isWithin(place: string, path: string): boolean {
  if (path === '' || place === path) return true;
  return place.startsWith(path) && '.['.includes(place.charAt(path.length));
}
