/** What the extensions of list schemas ask of the lists (apiextensions-apiserver v1.35 validation.go). */
import { fieldErrors } from '../apiserver/index.ts';
import type { StatusCause } from '../types/meta.ts';
import type { DeclaredSchema } from './types.ts';

const { fieldForbidden, invalidValue, notSupported, required } = fieldErrors;

const LIST_TYPES = ['atomic', 'set', 'map'];
const MAP_KEYS = 'x-kubernetes-list-map-keys';
const LIST_TYPE = 'x-kubernetes-list-type';

export function listErrors(schema: DeclaredSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const listType = schema[LIST_TYPE];
  const keys = schema[MAP_KEYS] ?? [];
  if (listType !== undefined && schema.type !== 'array') {
    const why = `must be array if ${LIST_TYPE} is specified`;
    causes.push(schema.type ? invalidValue(`${path}.type`, schema.type, why) : required(`${path}.type`, why));
  } else if (listType === 'set') causes.push(...setErrors(schema.items, path));
  if (listType !== undefined && !LIST_TYPES.includes(listType)) {
    causes.push(notSupported(`${path}.${LIST_TYPE}`, listType, LIST_TYPES));
  }
  if (keys.length > 0 && listType !== 'map') {
    const why = `must be map if ${MAP_KEYS} is non-empty`;
    const at = `${path}.${LIST_TYPE}`;
    causes.push(listType === undefined ? required(at, why) : invalidValue(at, listType, why));
  }
  if (listType === 'map') causes.push(...mapErrors(schema, keys, path));
  if (schema.items && (listType === 'map' || listType === 'set')) {
    causes.push(...identityErrors(schema.items, listType, keys, path));
  }
  return causes;
}

/** Items of sets are compared as a whole. */
function setErrors(items: DeclaredSchema | undefined, path: string): StatusCause[] {
  const why = `must be atomic as item of a list with ${LIST_TYPE}=set`;
  const listType = items?.[LIST_TYPE];
  if (items?.type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalidValue(`${path}.items.${LIST_TYPE}`, listType, why)];
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalidValue(`${path}.items.x-kubernetes-map-type`, listType ?? null, why)];
  }
  return [];
}

function mapErrors({ items }: DeclaredSchema, keys: readonly string[], path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (keys.length === 0) {
    causes.push(required(`${path}.${MAP_KEYS}`, `must not be empty if ${LIST_TYPE} is map`));
  }
  if (!items) {
    causes.push(required(`${path}.items`, `must have a schema if ${LIST_TYPE} is map`));
    return causes;
  }
  if (items.type !== 'object') {
    const why = `must be object if parent array's ${LIST_TYPE} is map`;
    causes.push(invalidValue(`${path}.items.type`, items.type ?? '', why));
    return causes;
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) {
      causes.push(invalidValue(`${path}.${MAP_KEYS}`, keys, 'entries must all be names of item properties'));
    } else if (property.type === 'array' || property.type === 'object') {
      const why = `must be a scalar type if parent array's ${LIST_TYPE} is map`;
      causes.push(invalidValue(`${path}.items.properties[${key}].type`, items.type, why));
    }
    if (seen.has(key)) {
      causes.push(invalidValue(`${path}.${MAP_KEYS}`, keys, 'must not contain duplicate entries'));
    }
    seen.add(key);
  }
  return causes;
}

function identityErrors(
  items: DeclaredSchema,
  listType: string,
  keys: readonly string[],
  path: string,
): StatusCause[] {
  const causes: StatusCause[] = [];
  if (items.nullable) {
    causes.push(
      fieldForbidden(`${path}.items.nullable`, `cannot be nullable when ${LIST_TYPE} is ${listType}`),
    );
  }
  if (listType !== 'map') return causes;
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) continue;
    const at = `${path}.items.properties[${key}]`;
    const why = `this property is in ${MAP_KEYS}, so it`;
    if (!items.required?.includes(key) && property.default === undefined) {
      causes.push(required(`${at}.default`, `${why} must have a default or be a required property`));
    }
    if (property.nullable) causes.push(fieldForbidden(`${at}.nullable`, `${why} cannot be nullable`));
  }
  return causes;
}
