/** Makes table entries from what is particular to a kind; everything else is what most kinds have. */
import {
  ALL_VERBS,
  type Column,
  type ResourceDefinition,
  type Verb,
  type VersionDefinition,
} from './definition.ts';

type Particular = Partial<Omit<ResourceDefinition, 'group' | 'plural' | 'kind' | 'versions'>> & {
  group: string;
  plural: string;
  kind: string;
};

/** The order in which discovery lists the verbs of custom resources (apiextensions-apiserver customresource_discovery). */
const CUSTOM_VERBS: readonly Verb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
];

/** A kind compiled into kube-apiserver, served in one version unless more are named. */
export function builtIn(
  particular: Particular & { version?: string; versions?: readonly VersionDefinition[] },
): ResourceDefinition {
  const { version = 'v1', versions, ...rest } = particular;
  return {
    singular: rest.kind.toLowerCase(),
    listKind: `${rest.kind}List`,
    namespaced: true,
    shortNames: [],
    categories: [],
    versions: versions ?? [{ name: version, served: true, storage: true }],
    custom: false,
    verbs: ALL_VERBS,
    hasStatus: false,
    generation: 'none',
    nameRule: 'subdomain',
    unconditionalUpdate: true,
    createOnUpdate: false,
    deleteReturnsObject: false,
    ...rest,
  };
}

/** A kind served from a CustomResourceDefinition. Versions are named in order of preference. */
export function custom(
  particular: Particular & { versions: readonly VersionDefinition[] },
): ResourceDefinition {
  return {
    singular: particular.kind.toLowerCase(),
    listKind: `${particular.kind}List`,
    namespaced: true,
    shortNames: [],
    categories: [],
    custom: true,
    verbs: CUSTOM_VERBS,
    hasStatus: false,
    generation: 'content',
    nameRule: 'subdomain',
    unconditionalUpdate: false,
    createOnUpdate: false,
    deleteReturnsObject: false,
    ...particular,
  };
}

/** The version that objects are stored in. */
export function stored(name: string, more: Partial<VersionDefinition> = {}): VersionDefinition {
  return { name, served: true, storage: true, ...more };
}

/** A further served version. */
export function served(name: string, more: Partial<VersionDefinition> = {}): VersionDefinition {
  return { name, served: true, storage: false, ...more };
}

type ColumnExtras = Pick<Column, 'description' | 'priority' | 'type'>;

/** A printer column of a CRD; a string unless said otherwise. */
export function path(name: string, jsonPath: string, more: Partial<ColumnExtras> = {}): Column {
  return { name, type: 'string', jsonPath, ...more };
}

export const AGE_PATH: Column = path('Age', '.metadata.creationTimestamp', { type: 'date' });

/** The status of one condition, as a CRD column. */
export function conditionPath(name: string, type = name, priority?: number): Column {
  return path(name, `.status.conditions[?(@.type=='${type}')].status`, priority ? { priority } : {});
}
