/** What patches and server-side apply ask a schema. All functions accept schemas with or without `$ref`. */
import { resolveSchema } from './registry.ts';
import { OBJECT_META, type ListType, type Schema } from './schema.ts';

export interface PatchMeta {
  /** How a strategic merge patch treats the list or map. */
  strategy: 'merge' | 'replace';
  /** The patch may carry `$retainKeys`: fields it does not name are dropped. */
  retainKeys: boolean;
  /** Field that identifies items of a merged list; undefined for lists of primitives and for maps. */
  mergeKey: string | undefined;
}

export interface ListTopology {
  type: ListType;
  /** Fields that identify an item of a `map` list. */
  keys: readonly string[];
}

/** Schema of a field (of a map: of its values); undefined if the schema does not know the field. */
export function fieldSchema(schema: Schema, field: string): Schema | undefined {
  const parent = resolveSchema(schema);
  const properties = parent.properties;
  if (properties !== undefined && Object.hasOwn(properties, field)) return resolveSchema(properties[field]!);
  if (typeof parent.additionalProperties === 'object') return resolveSchema(parent.additionalProperties);
  if (parent['x-kubernetes-embedded-resource'] && field === 'metadata')
    return resolveSchema({ $ref: OBJECT_META });
  return undefined;
}

/** Schema of a list's items. */
export function itemSchema(schema: Schema): Schema | undefined {
  const { items } = resolveSchema(schema);
  return items === undefined ? undefined : resolveSchema(items);
}

/** Strategic merge: lists are replaced and maps merged unless the schema says otherwise. */
export function patchMeta(schema: Schema): PatchMeta {
  const node = resolveSchema(schema);
  const strategies = node['x-kubernetes-patch-strategy']?.split(',') ?? [];
  const replaced = strategies.includes('replace') || (node.type === 'array' && !strategies.includes('merge'));
  return {
    strategy: replaced ? 'replace' : 'merge',
    retainKeys: strategies.includes('retainKeys'),
    mergeKey: node['x-kubernetes-patch-merge-key'],
  };
}

/** Server-side apply: how a list is owned. Without `x-kubernetes-list-type` the patch strategy decides, else it is atomic. */
export function listTopology(schema: Schema): ListTopology {
  const node = resolveSchema(schema);
  const type = node['x-kubernetes-list-type'];
  if (type !== undefined) return { type, keys: node['x-kubernetes-list-map-keys'] ?? [] };
  if (!node['x-kubernetes-patch-strategy']?.split(',').includes('merge')) return { type: 'atomic', keys: [] };
  const key = node['x-kubernetes-patch-merge-key'];
  return key === undefined ? { type: 'set', keys: [] } : { type: 'map', keys: [key] };
}

/** Server-side apply: whether a map or struct is owned as a whole. */
export function mapTopology(schema: Schema): 'atomic' | 'granular' {
  return resolveSchema(schema)['x-kubernetes-map-type'] ?? 'granular';
}

/** Unknown fields of this object are kept. */
export function preservesUnknownFields(schema: Schema): boolean {
  return resolveSchema(schema)['x-kubernetes-preserve-unknown-fields'] === true;
}

/** This object is a whole resource with apiVersion, kind and metadata. */
export function isEmbeddedResource(schema: Schema): boolean {
  return resolveSchema(schema)['x-kubernetes-embedded-resource'] === true;
}
