/** Which volumes of a VM a snapshot would cover (KubeVirt v1.9 pkg/storage/snapshot, status controller). */
import type { View } from '../../controller.ts';
import { persistentVolumeClaims, storageClasses } from '../../resources/refs.ts';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineStatus } from '../../types/kubevirt.ts';
import type { KubeObject } from '../../types/meta.ts';
import { claimName } from '../volumes.ts';

const snapshotClasses = {
  resource: 'volumesnapshotclasses.snapshot.storage.k8s.io',
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshotClass',
  namespaced: false,
};

export function volumeSnapshotStatuses(
  view: View,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
): NonNullable<VirtualMachineStatus['volumeSnapshotStatuses']> {
  const volumes = vmi?.spec.volumes ?? vm.spec.template.spec.volumes ?? [];
  return volumes.map(volume => {
    const claim = claimName(volume);
    if (claim === undefined) {
      return {
        name: volume.name,
        enabled: false,
        reason: `Snapshot is not supported for this volumeSource type [${volume.name}]`,
      };
    }
    const storageClass = view.get(persistentVolumeClaims, vm.metadata.namespace, claim)?.spec
      .storageClassName;
    if (storageClass === undefined) return { name: volume.name, enabled: false, reason: 'PVC not found' };
    const driver = view.get(storageClasses, undefined, storageClass)?.provisioner;
    const supported = view
      .list(snapshotClasses)
      .some(each => (each as KubeObject & { driver?: string }).driver === driver);
    return supported
      ? { name: volume.name, enabled: true }
      : {
          name: volume.name,
          enabled: false,
          reason: `No VolumeSnapshotClass: Volume snapshots are not configured for this StorageClass [${storageClass}] [${volume.name}]`,
        };
  });
}
