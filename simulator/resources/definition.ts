/** What the simulator knows of one served resource. Adding a kind is one entry of this shape. */
import type { View } from '../controller.ts';
import type { Schema } from '../schemas/schema.ts';
import type { JsonPrimitive, KubeObject, Millis, StatusCause } from '../types/meta.ts';

/** `pods`, `deployments.apps`, `virtualmachines.kubevirt.io`: plural and group, as Kubernetes prints it. */
export type ResourceName = string;

/** A resource together with the type of its objects; what stores, views and changes are asked with. */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  readonly resource: ResourceName;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never set: carries the type only. */
  readonly $type?: T;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export const ALL_VERBS: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

export interface ColumnContext {
  now: Millis;
}

/** One column of the server-side table (`kubectl get`). Exactly one of `jsonPath` and `cell` is set. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description?: string;
  /** 0 is always shown, anything above only with `-o wide`. */
  priority?: number;
  /** As in a CRD's additionalPrinterColumns: `.status.phase`. */
  jsonPath?: string;
  cell?: (object: KubeObject, context: ColumnContext) => JsonPrimitive;
}

export interface VersionDefinition {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  /** Sent as a Warning header with every request to this version. */
  deprecationWarning?: string;
  /** Where versions print differently; otherwise the resource's columns hold. */
  columns?: readonly Column[];
  /** What its objects may be, where that is not among the generated schemas: kinds that users define. */
  schema?: Schema;
}

/** A subresource beyond `status` and `scale`, as discovery shows it. */
export interface SubresourceDefinition {
  name: string;
  kind: string;
  group?: string;
  version?: string;
  verbs: readonly string[];
}

export interface ScalePaths {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

export interface ResourceDefinition {
  group: string;
  plural: string;
  singular: string;
  kind: string;
  listKind: string;
  namespaced: boolean;
  shortNames: readonly string[];
  categories: readonly string[];
  /** In order of preference. */
  versions: readonly VersionDefinition[];
  /** Served from a CustomResourceDefinition: no strategic merge, items of lists carry their kind. */
  custom: boolean;
  verbs: readonly Verb[];
  hasStatus: boolean;
  scale?: ScalePaths;
  subresources?: readonly SubresourceDefinition[];
  /**
   * Undefined: Name and Age. The Name column is always there and not listed here, except where its cell says more
   * than the name (storage classes) or it stands elsewhere (events).
   */
  columns?: readonly Column[];
  /** Which changes count a generation: none, those of spec, or all outside metadata (and status, where it is a subresource). */
  generation: 'none' | 'spec' | 'content';
  nameRule: 'subdomain' | 'label' | 'label1035' | 'pathSegment';
  /** PUT without resourceVersion is accepted. */
  unconditionalUpdate: boolean;
  /** PUT of a missing object creates it. */
  createOnUpdate: boolean;
  /** DELETE answers with the object rather than with a Status. */
  deleteReturnsObject: boolean;
  /** Fields beyond metadata.name and metadata.namespace that field selectors know. */
  selectableFields?: Readonly<Record<string, (object: KubeObject) => string>>;
  /** Seconds between a delete and its end; undefined where deletion is immediate. Models pods. */
  gracePeriodSeconds?: (object: KubeObject) => number;
  /** Server-side defaults of built-in kinds that schemas cannot say; identity when nothing changes. */
  applyDefaults?: (object: KubeObject) => KubeObject;
  /** Clears or sets what a client may not choose at creation. */
  prepareForCreate?: (object: KubeObject, view: View) => KubeObject;
  /** Restores what a client may not change by an update of the main resource. */
  prepareForUpdate?: (object: KubeObject, old: KubeObject, view: View) => KubeObject;
  /** What the first delete makes of an object that does not go at once. It is stored with a deletionTimestamp. */
  prepareForDelete?: (object: KubeObject, view: View) => KubeObject;
  validate?: (object: KubeObject) => StatusCause[];
  validateUpdate?: (object: KubeObject, old: KubeObject) => StatusCause[];
}

export function resourceName(group: string, plural: string): ResourceName {
  return group === '' ? plural : `${plural}.${group}`;
}

export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

// Derived from immutable definitions and nothing else.
const refs = new WeakMap<ResourceDefinition, ResourceRef>();

/** What views and changes name a resource with, in the version its objects are stored in. Always the same reference. */
export function refTo(definition: ResourceDefinition): ResourceRef {
  let ref = refs.get(definition);
  if (!ref) {
    const { group, plural, kind, namespaced, versions } = definition;
    const storage = versions.find(version => version.storage) ?? versions[0];
    ref = {
      resource: resourceName(group, plural),
      apiVersion: apiVersionOf(group, storage?.name ?? 'v1'),
      kind,
      namespaced,
    };
    refs.set(definition, ref);
  }
  return ref;
}

/** The store's key of an object: `namespace/name`, or `name` where there is no namespace. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

export function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

/** The inverse of {@link objectKey}. Names contain no slash. */
export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** All kinds that a cluster serves. */
export interface ResourceRegistry {
  /** By group and plural, whatever the version. */
  find(group: string, plural: string): ResourceDefinition | undefined;
  byName(resource: ResourceName): ResourceDefinition | undefined;
  byKind(group: string, kind: string): ResourceDefinition | undefined;
  all(): readonly ResourceDefinition[];
  /** Served group versions in discovery order. */
  groups(): readonly { group: string; versions: readonly string[] }[];
}
