/**
 * Volumes: free, bound, released when their claim is gone, and taken back as their policy says
 * (kube-controller-manager 1.35 pkg/controller/volume/persistentvolume syncVolume).
 */
import { timestamp } from '../clock/index.ts';
import {
  type Change,
  type Controller,
  event,
  remove,
  serviceAccountUser,
  updateStatus,
} from '../controller.ts';
import { persistentVolumeClaims, persistentVolumes } from '../resources/refs.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../types/core.ts';
import type { Millis } from '../types/meta.ts';
import { isFor } from './claim-matching.ts';

export const volumePhases: Controller = {
  name: 'kube-controller-manager/volume-phases',
  author: 'persistentvolume-controller',
  user: serviceAccountUser('kube-system', 'persistent-volume-binder'),
  triggers: [
    { resource: persistentVolumes.resource },
    {
      resource: persistentVolumeClaims.resource,
      keys: ({ type, object }) => {
        const { volumeName } = (object as PersistentVolumeClaim).spec;
        return type === 'DELETED' && volumeName ? [volumeName] : [];
      },
    },
  ],
  reconcile(view, key) {
    const volume = view.getByKey(persistentVolumes, key);
    if (!volume || volume.metadata.deletionTimestamp !== undefined) return [];
    const { claimRef } = volume.spec;
    if (!claimRef?.uid) return phase(view.now, volume, 'Available');
    const claim = view.get(persistentVolumeClaims, claimRef.namespace, claimRef.name ?? '');
    if (claim && isFor(volume, claim)) return phase(view.now, volume, 'Bound');
    if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return phase(view.now, volume, 'Released');
    if (!volume.spec.csi) {
      const message = 'error getting deleter volume plugin for volume: no deletable volume plugin matched';
      return [
        ...phase(view.now, volume, 'Failed'),
        ...(volume.status?.phase === 'Failed'
          ? []
          : [event(volume, 'Warning', 'VolumeFailedDelete', message)]),
      ];
    }
    return [remove(persistentVolumes, volume)];
  },
};

function phase(now: Millis, volume: PersistentVolume, next: string): Change[] {
  if (volume.status?.phase === next) return [];
  return [
    updateStatus(persistentVolumes, volume, draft => {
      draft.status = { ...draft.status, phase: next, lastPhaseTransitionTime: timestamp(now) };
    }),
  ];
}
