/** Typed handles of the resources that the simulator's own components read and write. */
import type {
  ConfigMap,
  ControllerRevision,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  StorageClass,
} from '../types/core.ts';
import type {
  Instancetype,
  KubeVirt,
  Preference,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
} from '../types/kubevirt.ts';
import type { KubeObject } from '../types/meta.ts';
import { type ResourceRef, resourceName } from './definition.ts';

export function ref<T extends KubeObject>(
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced = true,
): ResourceRef<T> {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return { resource: resourceName(group, plural), apiVersion, kind, namespaced };
}

export const pods = ref<Pod>('', 'v1', 'pods', 'Pod');
export const nodes = ref<Node>('', 'v1', 'nodes', 'Node', false);
export const namespaces = ref<Namespace>('', 'v1', 'namespaces', 'Namespace', false);
export const events = ref<Event>('', 'v1', 'events', 'Event');
export const secrets = ref<Secret>('', 'v1', 'secrets', 'Secret');
export const configMaps = ref<ConfigMap>('', 'v1', 'configmaps', 'ConfigMap');
export const serviceAccounts = ref<KubeObject>('', 'v1', 'serviceaccounts', 'ServiceAccount');
export const services = ref<KubeObject>('', 'v1', 'services', 'Service');
export const persistentVolumes = ref<PersistentVolume>(
  '',
  'v1',
  'persistentvolumes',
  'PersistentVolume',
  false,
);
export const persistentVolumeClaims = ref<PersistentVolumeClaim>(
  '',
  'v1',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
);
export const storageClasses = ref<StorageClass>(
  'storage.k8s.io',
  'v1',
  'storageclasses',
  'StorageClass',
  false,
);
export const controllerRevisions = ref<ControllerRevision>(
  'apps',
  'v1',
  'controllerrevisions',
  'ControllerRevision',
);
export const leases = ref<KubeObject>('coordination.k8s.io', 'v1', 'leases', 'Lease');

export const virtualMachines = ref<VirtualMachine>('kubevirt.io', 'v1', 'virtualmachines', 'VirtualMachine');
export const virtualMachineInstances = ref<VirtualMachineInstance>(
  'kubevirt.io',
  'v1',
  'virtualmachineinstances',
  'VirtualMachineInstance',
);
export const migrations = ref<VirtualMachineInstanceMigration>(
  'kubevirt.io',
  'v1',
  'virtualmachineinstancemigrations',
  'VirtualMachineInstanceMigration',
);
export const kubeVirts = ref<KubeVirt>('kubevirt.io', 'v1', 'kubevirts', 'KubeVirt');
export const instancetypes = ref<Instancetype>(
  'instancetype.kubevirt.io',
  'v1beta1',
  'virtualmachineinstancetypes',
  'VirtualMachineInstancetype',
);
export const clusterInstancetypes = ref<Instancetype>(
  'instancetype.kubevirt.io',
  'v1beta1',
  'virtualmachineclusterinstancetypes',
  'VirtualMachineClusterInstancetype',
  false,
);
export const preferences = ref<Preference>(
  'instancetype.kubevirt.io',
  'v1beta1',
  'virtualmachinepreferences',
  'VirtualMachinePreference',
);
export const clusterPreferences = ref<Preference>(
  'instancetype.kubevirt.io',
  'v1beta1',
  'virtualmachineclusterpreferences',
  'VirtualMachineClusterPreference',
  false,
);
export const dataVolumes = ref<KubeObject>('cdi.kubevirt.io', 'v1beta1', 'datavolumes', 'DataVolume');
