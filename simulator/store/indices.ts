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
}

const NONE: readonly string[] = [];

export const INDICES: readonly Index[] = [
  { name: 'uid', values: object => [object.metadata.uid] },
  {
    name: 'owner',
    values: object => object.metadata.ownerReferences?.map(owner => owner.uid) ?? NONE,
  },
  {
    name: 'podNode',
    resource: 'pods',
    // Pods that wait for a node are found under the empty name.
    values: object => [(object as Pod).spec.nodeName ?? ''],
  },
  {
    name: 'podIP',
    resource: 'pods',
    values: object => {
      const address = (object as Pod).status?.podIP;
      return address ? [address] : NONE;
    },
  },
  {
    // Pods of a VMI, source and target of a migration alike.
    name: 'createdBy',
    resource: 'pods',
    values: object => {
      const uid = object.metadata.labels?.['kubevirt.io/created-by'];
      return uid ? [uid] : NONE;
    },
  },
  {
    name: 'eventObject',
    resource: 'events',
    values: object => {
      const uid = (object as Event).involvedObject?.uid;
      return uid ? [uid] : NONE;
    },
  },
  {
    // VMs and VMIs by the claims (and data volumes, which share their claim's name) that they use.
    name: 'claim',
    resource: 'virtualmachines.kubevirt.io',
    values: object => claims(object, (object as VirtualMachine).spec.template?.spec?.volumes),
  },
  {
    name: 'claim',
    resource: 'virtualmachineinstances.kubevirt.io',
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
