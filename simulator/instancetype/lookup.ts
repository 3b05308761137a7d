import type { KubeObject } from '../types/meta.ts';

/** The reading side: how this area sees the cluster. */
export interface Lookup {
  /**
   * One stored object, or undefined.
   * @param resource plural and group, as Kubernetes prints it: `persistentvolumeclaims`,
   *   `datavolumes.cdi.kubevirt.io`, `controllerrevisions.apps`.
   * @param namespace undefined for cluster-scoped resources.
   */
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
}

export const CONTROLLER_REVISIONS = 'controllerrevisions.apps';
export const PERSISTENT_VOLUME_CLAIMS = 'persistentvolumeclaims';
export const VOLUME_SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
export const DATA_VOLUMES = 'datavolumes.cdi.kubevirt.io';
export const DATA_SOURCES = 'datasources.cdi.kubevirt.io';

export type Fetched<T> =
  | { readonly object: T; readonly error?: undefined }
  | { readonly object?: undefined; readonly error: string; readonly notFound: boolean };

/** The words of an apiserver's 404. */
export function notFoundMessage(resource: string, name: string): string {
  return `${resource} "${name}" not found`;
}

/** Reads a namespaced object with the errors that client-go and the apiserver answer. */
export function fetchNamespaced<T extends KubeObject>(
  lookup: Lookup,
  resource: string,
  namespace: string | undefined,
  name: string,
): Fetched<T> {
  if (name === '') return { error: 'resource name may not be empty', notFound: false };
  if (!namespace) {
    return { error: 'an empty namespace may not be set when a resource name is provided', notFound: false };
  }
  return found<T>(lookup.get(resource, namespace, name), resource, name);
}

/** Reads a cluster-scoped object with the errors that client-go and the apiserver answer. */
export function fetchCluster<T extends KubeObject>(
  lookup: Lookup,
  resource: string,
  name: string,
): Fetched<T> {
  if (name === '') return { error: 'resource name may not be empty', notFound: false };
  return found<T>(lookup.get(resource, undefined, name), resource, name);
}

function found<T extends KubeObject>(
  object: KubeObject | undefined,
  resource: string,
  name: string,
): Fetched<T> {
  if (object) return { object: object as T };
  return { error: notFoundMessage(resource, name), notFound: true };
}
