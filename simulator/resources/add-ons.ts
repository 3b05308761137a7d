/** Custom resources of the add-ons a KubeVirt cluster has: the CSI snapshot API (external-snapshotter v8) and Multus. */
import { AGE_PATH, custom, path, stored } from './build.ts';
import type { ResourceDefinition, VersionDefinition } from './definition.ts';

const group = 'snapshot.storage.k8s.io';
const versions: readonly VersionDefinition[] = [
  stored('v1'),
  { name: 'v1beta1', served: false, storage: false, deprecated: true },
];

export const addOnDefinitions: readonly ResourceDefinition[] = [
  custom({
    group,
    plural: 'volumesnapshotclasses',
    kind: 'VolumeSnapshotClass',
    namespaced: false,
    shortNames: ['vsclass', 'vsclasses'],
    versions,
    columns: [path('Driver', '.driver'), path('DeletionPolicy', '.deletionPolicy'), AGE_PATH],
  }),
  custom({
    group,
    plural: 'volumesnapshotcontents',
    kind: 'VolumeSnapshotContent',
    namespaced: false,
    shortNames: ['vsc', 'vscs'],
    versions,
    hasStatus: true,
    columns: [
      path('ReadyToUse', '.status.readyToUse', { type: 'boolean' }),
      path('RestoreSize', '.status.restoreSize', { type: 'integer' }),
      path('DeletionPolicy', '.spec.deletionPolicy'),
      path('Driver', '.spec.driver'),
      path('VolumeSnapshotClass', '.spec.volumeSnapshotClassName'),
      path('VolumeSnapshot', '.spec.volumeSnapshotRef.name'),
      path('VolumeSnapshotNamespace', '.spec.volumeSnapshotRef.namespace'),
      AGE_PATH,
    ],
  }),
  custom({
    group,
    plural: 'volumesnapshots',
    kind: 'VolumeSnapshot',
    shortNames: ['vs'],
    versions,
    hasStatus: true,
    columns: [
      path('ReadyToUse', '.status.readyToUse', { type: 'boolean' }),
      path('SourcePVC', '.spec.source.persistentVolumeClaimName'),
      path('SourceSnapshotContent', '.spec.source.volumeSnapshotContentName'),
      path('RestoreSize', '.status.restoreSize'),
      path('SnapshotClass', '.spec.volumeSnapshotClassName'),
      path('SnapshotContent', '.status.boundVolumeSnapshotContentName'),
      path('CreationTime', '.status.creationTime', { type: 'date' }),
      AGE_PATH,
    ],
  }),
  custom({
    group: 'k8s.cni.cncf.io',
    plural: 'network-attachment-definitions',
    singular: 'network-attachment-definition',
    kind: 'NetworkAttachmentDefinition',
    shortNames: ['net-attach-def'],
    versions: [stored('v1')],
  }),
];
