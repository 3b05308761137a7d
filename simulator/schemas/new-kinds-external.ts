/**
 * Kinds of neighbours that KubeVirt and CDI work with: CSI volume snapshots (external-snapshotter v1), Multus networks
 * (network-attachment-definition v1) and resource metrics (metrics.k8s.io v1beta1).
 */
import type { FieldTable } from './field-notation.ts';

const root = {
  apiVersion: 'string # Version of the schema of this object, as group/version.',
  kind: 'string # Name of the REST resource this object stands for.',
  metadata: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta # Standard object metadata.',
};

const usage = 'map<quantity> ! # Usage of cpu and memory.';
const timestamp = 'time ! # End of the measured interval.';
const window = 'string ! # Length of the measured interval.';

export const externalKinds: FieldTable = {
  VolumeSnapshot: {
    '*': '... # A request for a snapshot of a volume, or for access to one that exists.',
    ...root,
    spec: 'VolumeSnapshotSpec ! # What is wanted.',
    status: 'VolumeSnapshotStatus # State of the snapshot.',
  },
  VolumeSnapshotSpec: {
    source: 'VolumeSnapshotSource ! # Where the snapshot comes from.',
    volumeSnapshotClassName: 'string # Snapshot class; the default one when missing.',
  },
  VolumeSnapshotSource: {
    persistentVolumeClaimName: 'string # Claim to be snapshotted.',
    volumeSnapshotContentName: 'string # Existing snapshot content.',
  },
  VolumeSnapshotStatus: {
    boundVolumeSnapshotContentName: 'string # The snapshot content bound to this snapshot.',
    creationTime: 'time # When the snapshot was cut.',
    error: 'VolumeSnapshotError # The last error.',
    readyToUse: 'boolean # A volume can be restored from it.',
    restoreSize: 'quantity # Smallest size of a restored volume.',
    volumeGroupSnapshotName: 'string # Group snapshot this one is part of.',
  },
  VolumeSnapshotError: {
    message: 'string # Text of the error.',
    time: 'time # When it happened.',
  },
  VolumeSnapshotClass: {
    '*': '... # Parameters of a storage system for snapshots.',
    ...root,
    deletionPolicy: 'string ! enum(Delete|Retain) # What happens to the content when its snapshot goes.',
    driver: 'string ! # CSI driver.',
    parameters: 'map<string> # Settings of the driver.',
  },
  VolumeSnapshotContent: {
    '*': '... # A snapshot in the storage system.',
    ...root,
    spec: 'VolumeSnapshotContentSpec ! # The snapshot.',
    status: 'VolumeSnapshotContentStatus # State of the snapshot.',
  },
  VolumeSnapshotContentSpec: {
    deletionPolicy: 'string ! enum(Delete|Retain) # What happens to the snapshot when this object goes.',
    driver: 'string ! # CSI driver.',
    source: 'VolumeSnapshotContentSource ! # Volume or snapshot in the storage system.',
    sourceVolumeMode: 'string # Mode of the volume.',
    volumeSnapshotClassName: 'string # Snapshot class.',
    volumeSnapshotRef: 'io.k8s.api.core.v1.ObjectReference ! # The bound snapshot.',
  },
  VolumeSnapshotContentSource: {
    snapshotHandle: 'string # Snapshot in the storage system.',
    volumeHandle: 'string # Volume in the storage system.',
  },
  VolumeSnapshotContentStatus: {
    creationTime: 'int64 # When the snapshot was cut, in nanoseconds since the epoch.',
    error: 'VolumeSnapshotError # The last error.',
    readyToUse: 'boolean # A volume can be restored from it.',
    restoreSize: 'int64 min:0 # Smallest size of a restored volume, in bytes.',
    snapshotHandle: 'string # Snapshot in the storage system.',
    volumeGroupSnapshotHandle: 'string # Group snapshot in the storage system.',
  },

  NetworkAttachmentDefinition: {
    '*': '... # A network that pods can be attached to.',
    ...root,
    spec: 'NetworkAttachmentDefinitionSpec # The network.',
  },
  NetworkAttachmentDefinitionSpec: { config: 'string # CNI configuration as JSON text.' },

  NodeMetrics: {
    '*': '... # Resource usage of a node.',
    ...root,
    timestamp,
    usage,
    window,
  },
  PodMetrics: {
    '*': '... # Resource usage of the containers of a pod.',
    ...root,
    containers: '[]ContainerMetrics ! # Usage by container.',
    timestamp,
    window,
  },
  ContainerMetrics: { name: 'string ! # Name of the container.', usage },
};
