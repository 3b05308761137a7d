/** Names and versions of a definition, worked out once, and objects in the version a request asked for. */
import {
  type ResourceDefinition,
  type ResourceName,
  type VersionDefinition,
  apiVersionOf,
  resourceName,
} from '../resources/definition.ts';
import type { KubeObject } from '../types/meta.ts';

export interface Identity {
  readonly resource: ResourceName;
  readonly storage: VersionDefinition;
  /** The apiVersion objects are stored with. */
  readonly storageApiVersion: string;
}

// Derived from immutable definitions and nothing else, so that sharing it between clusters is no shared state.
const identities = new WeakMap<ResourceDefinition, Identity>();

export function identityOf(definition: ResourceDefinition): Identity {
  let identity = identities.get(definition);
  if (!identity) {
    const storage = definition.versions.find(version => version.storage);
    if (!storage) throw new Error(`${definition.plural}.${definition.group} has no storage version`);
    identity = {
      resource: resourceName(definition.group, definition.plural),
      storage,
      storageApiVersion: apiVersionOf(definition.group, storage.name),
    };
    identities.set(definition, identity);
  }
  return identity;
}

export function servedVersion(
  definition: ResourceDefinition,
  version: string,
): VersionDefinition | undefined {
  return definition.versions.find(known => known.name === version && known.served);
}

const converted = new WeakMap<KubeObject, Map<string, KubeObject>>();

/** The object with another apiVersion (conversion strategy None). The same reference for the same object. */
export function toVersion(object: KubeObject, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  let versions = converted.get(object);
  if (!versions) {
    versions = new Map();
    converted.set(object, versions);
  }
  let other = versions.get(apiVersion);
  if (!other) {
    other = Object.freeze({ ...object, apiVersion });
    versions.set(apiVersion, other);
  }
  return other;
}
