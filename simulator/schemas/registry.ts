/** Where schemas are found: the generated built-in ones by component name, and those registered at run time. */
import { kinds } from './generated/kinds.js';
import { docs } from './generated/docs.js';
import { structures } from './generated/structures.js';
import { type GroupVersionKind, OBJECT_META, type Schema } from './schema.ts';

/** Schemas of kinds that user CRDs, or the simulator's own tables, added. A value: adding one makes a new registry. */
export interface SchemaRegistry {
  readonly crds: ReadonlyMap<string, Schema>;
}

export const builtinRegistry: SchemaRegistry = { crds: new Map() };

const keyOf = (group: string, version: string, kind: string): string => `${group}/${version}/${kind}`;

const componentByKind = new Map(
  kinds.map(({ group, version, kind, component }) => [keyOf(group, version, kind), component]),
);
// Caches of immutable, generated text: parsed when a group version is first used.
const parsedStructures = new Map<string, Readonly<Record<string, Schema>>>();
const parsedDocs = new Map<string, Readonly<Record<string, Readonly<Record<string, string>>>>>();
const resolved = new WeakMap<Schema, Schema>();

/** Schema of a component by its name (`io.k8s.api.core.v1.Pod`, `kubevirt.V1StartOptions`), without `$ref` at the top. */
export function componentSchema(name: string): Schema | undefined {
  return bundleOf(structures, parsedStructures, name)?.[name];
}

/** Documentation of a component: the text of the type under `''`, of its fields under their names. */
export function componentDocs(name: string): Readonly<Record<string, string>> {
  return bundleOf(docs, parsedDocs, name)?.[name] ?? {};
}

function bundleOf<T>(
  texts: Readonly<Record<string, string>>,
  cache: Map<string, T>,
  name: string,
): T | undefined {
  const key = name.slice(0, name.lastIndexOf('.'));
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const text = texts[key];
  if (text === undefined) return undefined;
  const bundle = JSON.parse(text) as T;
  cache.set(key, bundle);
  return bundle;
}

/**
 * The schema a `$ref` stands for, siblings of the `$ref` included; any other schema as it is.
 * Throws an Error that names a reference which leads nowhere.
 */
export function resolveSchema(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  let target = resolved.get(schema);
  if (target === undefined) {
    const component = componentSchema(schema.$ref);
    if (component === undefined) throw new Error(`unknown schema component ${schema.$ref}`);
    const { $ref: _name, ...siblings } = schema;
    target = Object.keys(siblings).length === 0 ? component : { ...component, ...siblings };
    resolved.set(schema, target);
  }
  return target;
}

/** Name of the component that describes a built-in kind. */
export function componentName(group: string, version: string, kind: string): string | undefined {
  return componentByKind.get(keyOf(group, version, kind));
}

/** Schema of a kind, registered ones first. `group` is empty for the core group. */
export function schemaFor(
  group: string,
  version: string,
  kind: string,
  registry: SchemaRegistry = builtinRegistry,
): Schema | undefined {
  const key = keyOf(group, version, kind);
  const registered = registry.crds.get(key);
  if (registered !== undefined) return registered;
  const component = componentByKind.get(key);
  return component === undefined ? undefined : componentSchema(component);
}

/** True for kinds a real cluster serves through a CustomResourceDefinition (KubeVirt's, CDI's, registered ones). */
export function isCustomKind(
  group: string,
  version: string,
  kind: string,
  registry: SchemaRegistry = builtinRegistry,
): boolean {
  const key = keyOf(group, version, kind);
  if (registry.crds.has(key)) return true;
  const component = componentByKind.get(key);
  return component !== undefined && !component.startsWith('io.k8s.');
}

/** All kinds with a generated schema. */
export function builtinKinds(): readonly (GroupVersionKind & { component: string })[] {
  return kinds;
}

/** The registry with one more kind, or a kind replaced. */
export function withSchema(registry: SchemaRegistry, gvk: GroupVersionKind, schema: Schema): SchemaRegistry {
  return { crds: new Map(registry.crds).set(keyOf(gvk.group, gvk.version, gvk.kind), schema) };
}

/** The registry without a kind. */
export function withoutSchema(registry: SchemaRegistry, gvk: GroupVersionKind): SchemaRegistry {
  const crds = new Map(registry.crds);
  crds.delete(keyOf(gvk.group, gvk.version, gvk.kind));
  return { crds };
}

/**
 * The schema a custom resource is really judged by: `spec.versions[].schema.openAPIV3Schema` with apiVersion, kind and
 * metadata added, as kube-apiserver does (apiextensions-apiserver pkg/controller/openapi/builder).
 */
export function crdSchema(openApiV3Schema: Schema): Schema {
  return {
    ...openApiV3Schema,
    type: 'object',
    properties: {
      ...openApiV3Schema.properties,
      apiVersion: { type: 'string', ...openApiV3Schema.properties?.apiVersion },
      kind: { type: 'string', ...openApiV3Schema.properties?.kind },
      metadata: { $ref: OBJECT_META },
    },
  };
}
