/** Puts objects into a new cluster as they are in one that has run for a while: with their status, past admission. */
import type { Cluster } from './cluster.ts';
import { type ResourceName, objectKey } from './resources/definition.ts';
import { timestamp } from './clock/index.ts';
import type { KubeObject, NewObject, OwnerReference } from './types/meta.ts';

export interface Installed {
  readonly resource: ResourceName;
  readonly object: NewObject;
  /** Becomes the controlling owner; an object that is already there. */
  readonly owner?: { readonly resource: ResourceName; readonly namespace?: string; readonly name: string };
}

export function install(cluster: Cluster, objects: readonly Installed[]): void {
  for (const { resource, object, owner } of objects) {
    const definition = cluster.registry.byName(resource);
    if (!definition) throw new Error(`the installation has a ${resource}, which nobody defined`);
    const reference = owner && ownerReference(cluster, owner);
    const complete = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: cluster.random.uuid(),
        creationTimestamp: timestamp(cluster.now),
        ...(definition.generation === 'none' ? {} : { generation: 1 }),
        ...(reference ? { ownerReferences: [reference] } : {}),
      },
    } as KubeObject;
    const defaulted = definition.applyDefaults?.(complete) ?? complete;
    cluster.commit('ADDED', resource, defaulted, {
      author: 'installer',
      cause: { text: 'installation', revision: 0 },
      user: { username: 'system:admin', groups: ['system:masters'] },
      trusted: true,
    });
  }
}

function ownerReference(
  cluster: Cluster,
  owner: { resource: ResourceName; namespace?: string; name: string },
): OwnerReference {
  const object = cluster.store.get(owner.resource, objectKey(owner.namespace, owner.name));
  if (!object)
    throw new Error(`the installation names an owner ${owner.resource} ${owner.name} that is not there`);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.metadata.name,
    uid: object.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
