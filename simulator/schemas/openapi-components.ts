/** `components.schemas` of an OpenAPI v3 document. */
import type { JsonObject, JsonValue } from '../types/meta.ts';
import { quantityPattern } from './formats.ts';
import {
  componentDocs,
  componentName,
  componentSchema,
  resolveSchema,
  type SchemaRegistry,
} from './registry.ts';
import { INT_OR_STRING, LIST_META, MICRO_TIME, OBJECT_META, QUANTITY, type Schema, TIME } from './schema.ts';

export interface PublishedKind {
  group: string;
  version: string;
  kind: string;
  listKind: string | undefined;
}

export interface Components {
  schemas: Record<string, JsonValue>;
  /** Component that describes a kind or list kind; undefined if there is no schema for it. */
  nameOf: (group: string, version: string, kind: string) => string | undefined;
}

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const alwaysPublished = ['DeleteOptions', 'Status'].map(name => metaPackage + name);
const refTo = (name: string): string => `#/components/schemas/${name}`;

export function componentSchemas(
  group: string,
  version: string,
  kinds: readonly PublishedKind[],
  registry: SchemaRegistry,
): Components {
  const schemas: Record<string, JsonValue> = {};
  const names = new Map<string, string>();
  const wanted = [...alwaysPublished];
  for (const published of kinds) {
    const key = `${published.group}/${published.version}/${published.kind}`;
    const gvk = [{ group: published.group, kind: published.kind, version: published.version }];
    const builtin = registry.crds.has(key)
      ? undefined
      : componentName(published.group, published.version, published.kind);
    let name: string;
    if (builtin?.startsWith('io.k8s.')) {
      name = builtin;
      schemas[name] = { ...publish(name), 'x-kubernetes-group-version-kind': gvk };
      wanted.push(...references(componentSchema(name)!));
    } else {
      const schema = registry.crds.get(key) ?? (builtin === undefined ? undefined : componentSchema(builtin));
      if (schema === undefined) continue;
      name = customName(published.group, published.version, published.kind);
      const docs = builtin === undefined ? {} : componentDocs(builtin);
      schemas[name] = { ...customRoot(schema, docs), 'x-kubernetes-group-version-kind': gvk };
      wanted.push(OBJECT_META);
    }
    names.set(key, name);
    if (published.listKind !== undefined) {
      const listName = name.slice(0, name.lastIndexOf('.') + 1) + published.listKind;
      schemas[listName] = listSchema(published, name);
      names.set(`${published.group}/${published.version}/${published.listKind}`, listName);
      wanted.push(LIST_META);
    }
  }
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (schemas[name] !== undefined) continue;
    const schema = componentSchema(name);
    if (schema === undefined) throw new Error(`unknown schema component ${name}`);
    schemas[name] = publish(name);
    wanted.push(...references(schema));
  }
  for (const name of alwaysPublished) {
    const kind = name.slice(metaPackage.length);
    const gvks = [{ group: '', kind, version: 'v1' }];
    if (kind === 'DeleteOptions' && group !== '') gvks.push({ group, kind, version });
    schemas[name] = { ...(schemas[name] as JsonObject), 'x-kubernetes-group-version-kind': gvks };
  }
  schemas[`${metaPackage}Patch`] = {
    description: 'A patch of an object, in the form that the content type names.',
    type: 'object',
  };
  return { schemas, nameOf: (g, v, kind) => names.get(`${g}/${v}/${kind}`) };
}

/** Custom kinds are named after their group in reverse: `kubevirt.io/v1 VirtualMachine` is `io.kubevirt.v1.VirtualMachine`. */
function customName(group: string, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

function listSchema(published: PublishedKind, itemName: string): JsonObject {
  const { group, version, kind, listKind } = published;
  return {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: apiVersionText, type: 'string' },
      items: {
        description: `List of ${kind}.`,
        type: 'array',
        items: { allOf: [{ $ref: refTo(itemName) }], default: {} },
      },
      kind: { description: kindText, type: 'string' },
      metadata: { description: 'Standard list metadata.', allOf: [{ $ref: refTo(LIST_META) }], default: {} },
    },
    'x-kubernetes-group-version-kind': [{ group, kind: listKind!, version }],
  };
}

const apiVersionText = 'Version of the schema of this object, as group/version.';
const kindText = 'Name of the REST resource this object stands for.';

/** A component with its documentation back in place and references in the form of OpenAPI v3. */
function publish(name: string): JsonObject {
  const schema = componentSchema(name)!;
  const docs = componentDocs(name);
  const result: Record<string, JsonValue> = {};
  if (docs['']) result.description = docs[''];
  Object.assign(result, publishSchema(schema));
  if (schema.properties) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([field, property]) => [
        field,
        describe(publishSchema(property), docs[field] ?? referencedDoc(property)),
      ]),
    );
  }
  return result;
}

function describe(schema: JsonObject, text: string | undefined): JsonObject {
  if (!text) return schema;
  // A sibling of a bare $ref would be ignored, so the reference is wrapped.
  if (typeof schema.$ref === 'string') return { description: text, allOf: [{ $ref: schema.$ref }] };
  return { description: text, ...schema };
}

function publishSchema(schema: Schema): JsonObject {
  const { $ref, properties: _properties, items, additionalProperties, ...rest } = schema;
  const own: Record<string, JsonValue> = { ...(rest as JsonObject) };
  // Go's generator knows nothing of this extension; free-form fields are plain objects there.
  delete own['x-kubernetes-preserve-unknown-fields'];
  if ($ref !== undefined) {
    return Object.keys(own).length === 0 ? { $ref: refTo($ref) } : { ...own, allOf: [{ $ref: refTo($ref) }] };
  }
  if (items) own.items = publishSchema(items);
  if (typeof additionalProperties === 'object')
    own.additionalProperties = publishSchema(additionalProperties);
  return own;
}

function* references(schema: Schema): Generator<string> {
  if (schema.$ref !== undefined) yield schema.$ref;
  if (schema.items) yield* references(schema.items);
  if (typeof schema.additionalProperties === 'object') yield* references(schema.additionalProperties);
  for (const child of Object.values(schema.properties ?? {})) yield* references(child);
}

function referencedDoc(schema: Schema): string | undefined {
  const ref = schema.$ref ?? schema.items?.$ref;
  return ref === undefined ? undefined : componentDocs(ref)[''];
}

/** A custom kind is published in one piece; only its metadata refers to a component. */
function customRoot(schema: Schema, docs: Readonly<Record<string, string>>): JsonObject {
  const root = inline(schema, docs);
  const properties = { ...(root.properties as JsonObject) };
  properties.apiVersion = { description: docs.apiVersion ?? apiVersionText, type: 'string' };
  properties.kind = { description: docs.kind ?? kindText, type: 'string' };
  properties.metadata = {
    description: docs.metadata ?? 'Standard object metadata.',
    allOf: [{ $ref: refTo(OBJECT_META) }],
  };
  return { ...root, properties };
}

function inline(schema: Schema, docs: Readonly<Record<string, string>>): JsonObject {
  const own: Record<string, JsonValue> = {};
  const text = schema.description ?? docs[''];
  if (text) own.description = text;
  const { $ref, properties, items, additionalProperties, description: _text, ...rest } = schema;
  if ($ref !== undefined)
    return { ...own, ...inlineReference($ref, own.description !== undefined), ...(rest as JsonObject) };
  Object.assign(own, rest);
  if (items) own.items = inline(items, {});
  if (typeof additionalProperties === 'object') own.additionalProperties = inline(additionalProperties, {});
  else if (additionalProperties !== undefined) own.additionalProperties = additionalProperties;
  if (properties) {
    own.properties = Object.fromEntries(
      Object.entries(properties).map(([field, property]) => {
        const doc = docs[field];
        return [field, inline(doc === undefined ? property : { ...property, description: doc }, {})];
      }),
    );
  }
  return own;
}

function inlineReference(name: string, described: boolean): JsonObject {
  const intOrString = {
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
  };
  switch (name) {
    case QUANTITY:
      return { ...intOrString, pattern: quantityPattern };
    case INT_OR_STRING:
      return intOrString;
    case TIME:
    case MICRO_TIME:
      return { type: 'string', format: 'date-time' };
    default: {
      const docs = componentDocs(name);
      const inlined = inline(resolveSchema({ $ref: name }), described ? { ...docs, '': '' } : docs);
      return inlined;
    }
  }
}
