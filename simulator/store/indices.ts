/** The look-ups that would otherwise be scans, as a table. Derived from the objects, so never out of step. */
import type { ResourceName } from '../resources/definition.ts';
import type { Event, Pod } from '../types/core.ts';
import type { VirtualMachine, VirtualMachineInstance, Volume } from '../types/kubevirt.ts';
import type { KubeObject } from '../types/meta.ts';

export type IndexName = 'uid' | 'owner' | 'podNode' | 'createdBy' | 'eventObject' | 'claim' | 'podIP';

export interface Index {
  readonly name: IndexName;
  /** Undefined: all resources. */
  readonly resource?: ResourceName;
  readonly values: (object: KubeObject) => readonly string[];
  /** Whether a change from one state to the other leaves the values as they are; asked before they are computed. */
  readonly unchanged?: (before: KubeObject, after: KubeObject) => boolean;
}

const NONE: readonly string[] = [];

export const INDICES: readonly Index[] = [
  { name: 'uid', values: object => [object.metadata.uid], unchanged: () => true },
  {
    name: 'owner',
    unchanged: (before, after) => before.metadata.ownerReferences === after.metadata.ownerReferences,
    values: object => object.metadata.ownerReferences?.map(owner => owner.uid) ?? NONE,
  },
  {
    name: 'podNode',
    resource: 'pods',
    // Pods that wait for a node are found under the empty name.
    unchanged: (before, after) => (before as Pod).spec === (after as Pod).spec,
    values: object => [(object as Pod).spec.nodeName ?? ''],
  },
  {
    name: 'podIP',
    resource: 'pods',
    unchanged: (before, after) => (before as Pod).status === (after as Pod).status,
    values: object => {
      const address = (object as Pod).status?.podIP;
      return address ? [address] : NONE;
    },
  },
  {
    // Pods of a VMI, source and target of a migration alike.
    name: 'createdBy',
    resource: 'pods',
    unchanged: (before, after) => before.metadata.labels === after.metadata.labels,
    values: object => {
      const uid = object.metadata.labels?.['kubevirt.io/created-by'];
      return uid ? [uid] : NONE;
    },
  },
  {
    name: 'eventObject',
    resource: 'events',
    unchanged: (before, after) => (before as Event).involvedObject === (after as Event).involvedObject,
    values: object => {
      const uid = (object as Event).involvedObject?.uid;
      return uid ? [uid] : NONE;
    },
  },
  {
    // VMs and VMIs by the claims (and data volumes, which share their claim's name) that they use.
    name: 'claim',
    resource: 'virtualmachines.kubevirt.io',
    unchanged: (before, after) => (before as VirtualMachine).spec === (after as VirtualMachine).spec,
    values: object => claims(object, (object as VirtualMachine).spec.template?.spec?.volumes),
  },
  {
    name: 'claim',
    resource: 'virtualmachineinstances.kubevirt.io',
    unchanged: (before, after) =>
      (before as VirtualMachineInstance).spec === (after as VirtualMachineInstance).spec,
    values: object => claims(object, (object as VirtualMachineInstance).spec.volumes),
  },
];

function claims(object: KubeObject, volumes: readonly Volume[] | undefined): readonly string[] {
  if (!volumes?.some(volume => volume.persistentVolumeClaim ?? volume.dataVolume)) return NONE;
  return volumes.flatMap(volume => {
    const name = volume.persistentVolumeClaim?.claimName ?? volume.dataVolume?.name;
    return name ? [`${object.metadata.namespace}/${name}`] : [];
  });
}

const byResource = new Map<ResourceName, readonly Index[]>();

/** The indices that an object of this resource can be in. */
export function indicesOf(resource: ResourceName): readonly Index[] {
  let indices = byResource.get(resource);
  if (!indices) {
    indices = INDICES.filter(index => index.resource === undefined || index.resource === resource);
    byResource.set(resource, indices);
  }
  return indices;
}
