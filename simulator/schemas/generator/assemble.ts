/** Puts the packages' models and the hand-kept tables together into components with their true names. */
import { applyTable, type FieldTable } from '../field-notation.ts';
import { externalKinds } from '../new-kinds-external.ts';
import { repairs as cdiRepairs } from '../repairs-cdi.ts';
import { droppedSince135, extensions as coreExtensions, quantities } from '../repairs-core.ts';
import { repairs as kubevirtRepairs } from '../repairs-kubevirt.ts';
import {
  type GroupVersionKind,
  INT_OR_STRING,
  MICRO_TIME,
  QUANTITY,
  RAW_EXTENSION,
  type Schema,
  TIME,
} from '../schema.ts';
import type { Model } from './client-node.ts';
import {
  bareName,
  classNames,
  coreGroups,
  coreTypes,
  customGroups,
  metaPackage,
  metaTypes,
  subresourceBodies,
} from './kinds.ts';

export interface Assembly {
  components: Record<string, Schema>;
  kinds: (GroupVersionKind & { component: string })[];
}

const scalarComponents: Record<string, Schema> = {
  [QUANTITY]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [INT_OR_STRING]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  [TIME]: { type: 'string', format: 'date-time' },
  [MICRO_TIME]: { type: 'string', format: 'date-time' },
  [RAW_EXTENSION]: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

export function assemble(
  core: Map<string, Model>,
  kubevirt: Map<string, Model>,
  cdi: Map<string, Model>,
): Assembly {
  const components: Record<string, Schema> = { ...scalarComponents };
  const kinds: Assembly['kinds'] = [];
  addCore(core, components, kinds);
  addCustom(kubevirt, 'kubevirt', kubevirtRepairs, components);
  addCustom(cdi, 'cdi', cdiRepairs, components);
  applyTable(components, externalKinds, name => (name.includes('.') ? name : `external.${name}`));
  for (const [name, schema] of Object.entries(components)) components[name] = atomicLists(schema);
  for (const { group, versions, kinds: names, definition } of customGroups) {
    for (const kind of names) {
      const component = definition + kind;
      if (!components[component]) throw new Error(`no definition ${component}`);
      for (const version of versions) kinds.push({ group, version, kind, component });
    }
  }
  const reachable = reach(components, kinds);
  const sorted = Object.keys(components)
    .filter(name => reachable.has(name))
    .sort();
  return { components: Object.fromEntries(sorted.map(name => [name, components[name]!])), kinds };
}

function addCore(
  models: Map<string, Model>,
  components: Record<string, Schema>,
  kinds: Assembly['kinds'],
): void {
  const names = new Map<string, string>();
  for (const className of metaTypes) names.set(className, `${metaPackage}.${bareName(className)}`);
  for (const className of coreTypes) names.set(className, `${coreGroups[0]!.package}.${bareName(className)}`);
  for (const entry of coreGroups) {
    for (const { kind, className } of classNames(entry)) {
      assign(className, entry.package);
      kinds.push({ group: entry.group, version: entry.version, kind, component: names.get(className)! });
    }
  }
  function assign(className: string, packageName: string): void {
    if (names.has(className)) return;
    const model = models.get(className);
    if (!model) throw new Error(`@kubernetes/client-node has no model ${className}`);
    names.set(className, `${packageName}.${bareName(className)}`);
    for (const schema of Object.values(model.properties)) {
      for (const ref of refs(schema)) if (!ref.includes('.')) assign(ref, packageName);
    }
  }
  for (const [className, name] of names) {
    const model = models.get(className);
    if (!model) throw new Error(`@kubernetes/client-node has no model ${className}`);
    components[name] = fromModel(model, ref => names.get(ref) ?? ref);
  }
  const nameOf = (definition: string): string =>
    definition.startsWith('io.') ? definition : (packages(definition) ?? `io.k8s.api.${definition}`);
  for (const [definition, fields] of Object.entries(droppedSince135))
    drop(components, nameOf(definition), fields);
  applyTable(components, quantities, nameOf);
  applyTable(components, coreExtensions, nameOf);
}

/** A list is atomic unless a table says otherwise. */
function atomicLists(schema: Schema): Schema {
  if (!schema.properties) return schema;
  const properties = Object.entries(schema.properties).map(([name, property]) => [
    name,
    property.type === 'array' ? { 'x-kubernetes-list-type': 'atomic', ...property } : property,
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** Tables may write `meta.v1.X`, `apiextensions.v1.X`, `apiregistration.v1.X` for packages outside io.k8s.api. */
function packages(definition: string): string | undefined {
  const [, short, rest] = /^(meta|apiextensions|apiregistration)\.(v1\..*)$/.exec(definition) ?? [];
  if (short === 'meta') return `io.k8s.apimachinery.pkg.apis.meta.${rest}`;
  if (short === 'apiextensions') return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${rest}`;
  if (short === 'apiregistration') return `io.k8s.kube-aggregator.pkg.apis.apiregistration.${rest}`;
  return undefined;
}

function addCustom(
  models: Map<string, Model>,
  prefix: string,
  tables: { fields: FieldTable; drop: Record<string, string> },
  components: Record<string, Schema>,
): void {
  // Types of Kubernetes itself are taken from the core schemas, which know more about them.
  const coreName = (type: string): string | undefined => {
    const match =
      /^K8sIoApi(?:CoreV1|machineryPkgApisMetaV1)(\w+)$/.exec(type) ?? /^V1([A-Z]\w*)$/.exec(type);
    if (!match || (prefix === 'kubevirt' && !type.startsWith('K8sIo'))) return undefined;
    return [`io.k8s.api.core.v1.${match[1]}`, `${metaPackage}.${match[1]}`].find(name => components[name]);
  };
  const nameOf = (type: string): string =>
    type.startsWith('io.k8s.') ? type : (coreName(type) ?? `${prefix}.${type}`);
  for (const [type, model] of models) {
    if (!coreName(type)) components[nameOf(type)] = fromModel(model, nameOf);
  }
  for (const [definition, fields] of Object.entries(tables.drop))
    drop(components, nameOf(definition), fields);
  applyTable(components, tables.fields, nameOf);
}

function drop(components: Record<string, Schema>, name: string, fields: string): void {
  const before = components[name];
  if (!before) throw new Error(`${name}: no such definition to drop fields of`);
  const properties = { ...before.properties };
  for (const field of fields.split(' ')) {
    if (!properties[field]) throw new Error(`${name}.${field}: no such field to drop`);
    delete properties[field];
  }
  components[name] = {
    ...before,
    properties,
    required: before.required?.filter(field => properties[field]) ?? [],
  };
}

function fromModel(model: Model, nameOf: (type: string) => string): Schema {
  const properties = Object.entries(model.properties).map(([name, schema]) => [name, rename(schema, nameOf)]);
  return {
    ...(model.description ? { description: model.description } : {}),
    type: 'object',
    ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(model.required.length > 0 ? { required: model.required } : {}),
  };
}

function rename(schema: Schema, nameOf: (type: string) => string): Schema {
  if (schema.$ref) return schema.$ref.startsWith('io.') ? schema : { ...schema, $ref: nameOf(schema.$ref) };
  if (schema.items) return { ...schema, items: rename(schema.items, nameOf) };
  if (typeof schema.additionalProperties === 'object') {
    return { ...schema, additionalProperties: rename(schema.additionalProperties, nameOf) };
  }
  return schema;
}

function* refs(schema: Schema): Generator<string> {
  if (schema.$ref) yield schema.$ref;
  if (schema.items) yield* refs(schema.items);
  if (typeof schema.additionalProperties === 'object') yield* refs(schema.additionalProperties);
  for (const child of Object.values(schema.properties ?? {})) yield* refs(child);
}

function reach(components: Record<string, Schema>, kinds: Assembly['kinds']): Set<string> {
  const seen = new Set(Object.keys(scalarComponents));
  const queue = [
    ...kinds.map(kind => kind.component),
    ...metaTypes.map(name => `${metaPackage}.${bareName(name)}`),
    ...subresourceBodies,
  ];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const schema = components[name];
    if (!schema) throw new Error(`no component ${name}`);
    queue.push(...refs(schema));
  }
  return seen;
}
