/** Storage of an installed cluster: classes, drivers, snapshot classes and what CDI knows of them (storagecapabilities.go). */
import type { JsonObject, NewObject } from '../types/meta.ts';
import { CDI_LABELS } from './cdi-components.ts';
import { type InstallationStep, step } from './step.ts';
import type { InstalledNode } from './workload.ts';

interface Storage {
  name: string;
  isDefault?: boolean;
  provisioner: string;
  binding: 'Immediate' | 'WaitForFirstConsumer';
  parameters: Record<string, string>;
  /** Access and volume mode pairs in CDI's order of preference. */
  capabilities: readonly (readonly [access: string, volume: 'Block' | 'Filesystem'])[];
  cloneStrategy: 'csi-clone' | 'snapshot' | 'copy';
  sourceFormat: 'snapshot' | 'pvc';
  snapshotClass?: string;
  attach: boolean;
}

const SECRETS = (user: string) => ({
  'csi.storage.k8s.io/provisioner-secret-name': `rook-csi-${user}-provisioner`,
  'csi.storage.k8s.io/provisioner-secret-namespace': 'rook-ceph',
  'csi.storage.k8s.io/node-stage-secret-name': `rook-csi-${user}-node`,
  'csi.storage.k8s.io/node-stage-secret-namespace': 'rook-ceph',
});

export const STORAGE: readonly Storage[] = [
  {
    name: 'standard',
    isDefault: true,
    provisioner: 'rook-ceph.rbd.csi.ceph.com',
    binding: 'Immediate',
    parameters: { clusterID: 'rook-ceph', pool: 'replicapool', imageFeatures: 'layering', ...SECRETS('rbd') },
    capabilities: [
      ['ReadWriteMany', 'Block'],
      ['ReadWriteOnce', 'Block'],
      ['ReadWriteOnce', 'Filesystem'],
    ],
    cloneStrategy: 'csi-clone',
    sourceFormat: 'snapshot',
    snapshotClass: 'standard-snapshots',
    attach: true,
  },
  {
    name: 'shared',
    provisioner: 'rook-ceph.cephfs.csi.ceph.com',
    binding: 'Immediate',
    parameters: { clusterID: 'rook-ceph', fsName: 'myfs', pool: 'myfs-replicated', ...SECRETS('cephfs') },
    capabilities: [
      ['ReadWriteMany', 'Filesystem'],
      ['ReadWriteOnce', 'Filesystem'],
    ],
    cloneStrategy: 'csi-clone',
    sourceFormat: 'pvc',
    snapshotClass: 'shared-snapshots',
    attach: true,
  },
  {
    name: 'local',
    provisioner: 'kubevirt.io.hostpath-provisioner',
    binding: 'WaitForFirstConsumer',
    parameters: { storagePool: 'local' },
    capabilities: [['ReadWriteOnce', 'Filesystem']],
    cloneStrategy: 'copy',
    sourceFormat: 'pvc',
    attach: false,
  },
];

function classObject({ name, isDefault, provisioner, binding, parameters }: Storage): NewObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name,
      ...(isDefault ? { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } : {}),
    },
    provisioner,
    parameters,
    reclaimPolicy: 'Delete',
    volumeBindingMode: binding,
    allowVolumeExpansion: provisioner.includes('ceph'),
  } as NewObject;
}

function driverObject({ provisioner, attach, binding }: Storage): NewObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: provisioner },
    spec: { attachRequired: attach, fsGroupPolicy: 'File', storageCapacity: binding !== 'Immediate' },
  } as NewObject;
}

function snapshotClassObject({ isDefault, provisioner }: Storage, name: string): NewObject {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: {
      name,
      ...(isDefault ? { annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' } } : {}),
    },
    driver: provisioner,
    deletionPolicy: 'Delete',
    parameters: { clusterID: 'rook-ceph' },
  } as NewObject;
}

/** CDI's reading of a storage class; claim property sets gather the access modes of one volume mode. */
function profileObject(storage: Storage): NewObject {
  const { name, provisioner, capabilities, cloneStrategy, sourceFormat, snapshotClass } = storage;
  const claimPropertySets: JsonObject[] = capabilities.map(([access, volumeMode]) => ({
    accessModes: [access],
    volumeMode,
  }));
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'StorageProfile',
    metadata: { name, labels: { ...CDI_LABELS, 'app.kubernetes.io/managed-by': 'cdi-controller' } },
    spec: {},
    status: {
      claimPropertySets,
      cloneStrategy,
      dataImportCronSourceFormat: sourceFormat,
      provisioner,
      ...(snapshotClass ? { snapshotClass } : {}),
      storageClass: name,
    },
  } as NewObject;
}

function csiNode(node: InstalledNode): InstallationStep {
  return step(
    'csinodes.storage.k8s.io',
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name: node.name },
      spec: {
        drivers: STORAGE.map(({ provisioner }) => ({
          name: provisioner,
          nodeID: node.name,
          topologyKeys: [],
        })),
      },
    } as NewObject,
    { resource: 'nodes', name: node.name },
  );
}

export function storageSteps(nodes: readonly InstalledNode[]): InstallationStep[] {
  return [
    ...STORAGE.map(storage => step('storageclasses.storage.k8s.io', classObject(storage))),
    ...STORAGE.map(storage => step('csidrivers.storage.k8s.io', driverObject(storage))),
    ...nodes.map(csiNode),
    ...STORAGE.flatMap(storage =>
      storage.snapshotClass
        ? [
            step(
              'volumesnapshotclasses.snapshot.storage.k8s.io',
              snapshotClassObject(storage, storage.snapshotClass),
            ),
          ]
        : [],
    ),
    ...STORAGE.map(storage => step('storageprofiles.cdi.kubevirt.io', profileObject(storage))),
  ];
}
