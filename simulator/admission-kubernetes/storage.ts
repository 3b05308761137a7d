/**
 * DefaultStorageClass and StorageObjectInUseProtection (kubernetes plugin/pkg/admission/storage, v1.35): claims that name
 * no class get the default one, and what is in use is not deleted from under its users.
 */
import type { AdmissionPlugin } from '../apiserver/index.ts';
import type { PersistentVolumeClaim } from '../types/core.ts';
import type { KubeObject } from '../types/meta.ts';
import { policiesIn } from './policies.ts';

export const PVC_PROTECTION = 'kubernetes.io/pvc-protection';
export const PV_PROTECTION = 'kubernetes.io/pv-protection';
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  resources: ['persistentvolumeclaims'],
  operations: ['CREATE'],
  mutate({ object, view }) {
    const claim = object as PersistentVolumeClaim;
    if (claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[OLD_CLASS] !== undefined) {
      return claim;
    }
    const storageClassName = policiesIn(view).defaultStorageClass;
    return storageClassName === undefined ? claim : { ...claim, spec: { ...claim.spec, storageClassName } };
  },
};

export const storageProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  resources: ['persistentvolumeclaims', 'persistentvolumes'],
  operations: ['CREATE'],
  mutate({ object, resource }) {
    const stored = object as KubeObject;
    const finalizer = resource === 'persistentvolumes' ? PV_PROTECTION : PVC_PROTECTION;
    const { finalizers = [] } = stored.metadata;
    if (finalizers.includes(finalizer)) return stored;
    return { ...stored, metadata: { ...stored.metadata, finalizers: [...finalizers, finalizer] } };
  },
};
