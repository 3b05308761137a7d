/** Kinds and types of CDI v1.66 that the package does not have at all: populators, transfers, storage profiles. */
import type { FieldTable } from './field-notation.ts';

const root = {
  apiVersion: 'string # Version of the schema of this object, as group/version.',
  kind: 'string # Name of the REST resource this object stands for.',
  metadata: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta # Standard object metadata.',
};

const accessModes = {
  field: '[]string ! maxItems:4 # Access modes of the claim.',
  rules: [
    {
      rule: "self.all(am, am in ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'])",
      message: 'Illegal AccessMode',
    },
  ],
};

const populatorStatus = { progress: 'string # Percentage done.' };

export const newCdiKinds: FieldTable = {
  V1beta1OperatorCondition: {
    lastHeartbeatTime: 'time # When the condition was last looked at.',
    lastTransitionTime: 'time # When the status of the condition last changed.',
    message: 'string # Text for people.',
    reason: 'string # Why the condition has its status.',
    status: 'string ! # True, False or Unknown.',
    type: 'string ! # Name of the condition.',
  },
  V1beta1CDIStatus: { conditions: '[]V1beta1OperatorCondition' },
  V1beta1DataVolumeTemplate: {
    apiVersion: 'string # Version of the schema of this object, as group/version.',
    kind: 'string # Name of the REST resource this object stands for.',
    metadata: 'object # Standard object metadata.',
    spec: 'V1beta1DataVolumeSpec ! # The data volume to be made.',
    status: 'V1beta1DataVolumeStatus # Not used in a template.',
  },

  V1beta1ObjectTransfer: {
    '*': '... # Moves a claim or a data volume to another namespace.',
    ...root,
    spec: 'V1beta1ObjectTransferSpec ! # What goes where.',
    status: 'V1beta1ObjectTransferStatus # Progress.',
  },
  V1beta1ObjectTransferSpec: {
    parentName: 'string # Transfer this one is part of.',
    source: 'V1beta1TransferSource ! # What is moved.',
    target: 'V1beta1TransferTarget ! # Where it goes.',
  },
  V1beta1TransferSource: {
    apiVersion: 'string # Group and version of the object.',
    kind: 'string ! # Kind of the object.',
    name: 'string ! # Name of the object.',
    namespace: 'string ! # Namespace of the object.',
    requiredAnnotations: 'map<string> # Annotations the object must have.',
  },
  V1beta1TransferTarget: {
    name: 'string # New name, when it changes.',
    namespace: 'string # New namespace, when it changes.',
  },
  V1beta1ObjectTransferStatus: {
    conditions: '[]V1beta1OperatorCondition # Current conditions.',
    data: 'map<string> # State kept between steps.',
    phase: 'string # Step reached.',
  },

  V1beta1StorageProfile: {
    '*': '... # Recommended settings for claims of a storage class.',
    ...root,
    spec: 'V1beta1StorageProfileSpec ! # Settings chosen by the administrator.',
    status: 'V1beta1StorageProfileStatus # Settings in effect.',
  },
  V1beta1ClaimPropertySet: {
    accessModes,
    volumeMode: 'string ! enum(Block|Filesystem) # Volume mode of the claim.',
  },
  V1beta1StorageProfileSpec: {
    claimPropertySets: '[]V1beta1ClaimPropertySet maxItems:8 # Settings in order of preference.',
    cloneStrategy: 'string # How volumes are cloned: snapshot, copy or csi-clone.',
    dataImportCronSourceFormat: 'string # What import crons keep: pvc or snapshot.',
    snapshotClass: 'string # Volume snapshot class used for clones.',
  },
  V1beta1StorageProfileStatus: {
    claimPropertySets: '[]V1beta1ClaimPropertySet maxItems:8 # Settings in order of preference.',
    cloneStrategy: 'string # How volumes are cloned: snapshot, copy or csi-clone.',
    conditions: '[]V1beta1OperatorCondition # Current conditions.',
    dataImportCronSourceFormat: 'string # What import crons keep: pvc or snapshot.',
    provisioner: 'string # Provisioner of the storage class.',
    snapshotClass: 'string # Volume snapshot class used for clones.',
    storageClass: 'string # The storage class.',
  },

  V1beta1VolumeCloneSource: {
    '*': '... # Populates a claim with a clone.',
    ...root,
    spec: 'V1beta1VolumeCloneSourceSpec ! # What is cloned.',
  },
  V1beta1VolumeCloneSourceSpec: {
    preallocation: 'boolean # Allocate all space at once.',
    priorityClassName: 'string # Priority class of the worker pods.',
    source: 'io.k8s.api.core.v1.TypedLocalObjectReference ! # The claim or snapshot.',
  },
  V1beta1VolumeImportSource: {
    '*': '... # Populates a claim with an import.',
    ...root,
    spec: 'V1beta1VolumeImportSourceSpec ! # What is imported.',
    status: 'object # Reserved.',
  },
  V1beta1VolumeImportSourceSpec: {
    checkpoints: '[]V1beta1DataVolumeCheckpoint # Stages of a multi-stage import.',
    contentType: 'string # kubevirt or archive.',
    finalCheckpoint: 'boolean # The last checkpoint in the list ends the import.',
    preallocation: 'boolean # Allocate all space at once.',
    source: 'V1beta1ImportSourceType # Where the data comes from.',
    targetClaim: 'string # Claim of a multi-stage import.',
  },
  V1beta1ImportSourceType: {
    blank: 'object # An empty image.',
    gcs: 'V1beta1DataVolumeSourceGCS # Google Cloud Storage.',
    http: 'V1beta1DataVolumeSourceHTTP # An HTTP server.',
    imageio: 'V1beta1DataVolumeSourceImageIO # An oVirt image server.',
    registry: 'V1beta1DataVolumeSourceRegistry # A container registry.',
    s3: 'V1beta1DataVolumeSourceS3 # An S3 bucket.',
    vddk: 'V1beta1DataVolumeSourceVDDK # A VMware host.',
  },
  V1beta1VolumeUploadSource: {
    '*': '... # Populates a claim with an upload.',
    ...root,
    spec: 'V1beta1VolumeUploadSourceSpec ! # How the upload is kept.',
    status: 'object # Reserved.',
  },
  V1beta1VolumeUploadSourceSpec: {
    contentType: 'string # kubevirt or archive.',
    preallocation: 'boolean # Allocate all space at once.',
  },

  V1beta1OpenstackVolumePopulator: {
    '*': '... # Populates a claim with an OpenStack image.',
    ...root,
    spec: 'V1beta1OpenstackVolumePopulatorSpec ! # The image.',
    status: 'V1beta1OpenstackVolumePopulatorStatus # Progress.',
  },
  V1beta1OpenstackVolumePopulatorSpec: {
    identityUrl: 'string ! # Address of the identity service.',
    imageId: 'string ! # The image.',
    secretRef: 'string ! # Secret with credentials.',
    transferNetwork: 'string # Network used for the transfer.',
  },
  V1beta1OpenstackVolumePopulatorStatus: populatorStatus,
  V1beta1OvirtVolumePopulator: {
    '*': '... # Populates a claim with an oVirt disk.',
    ...root,
    spec: 'V1beta1OvirtVolumePopulatorSpec ! # The disk.',
    status: 'V1beta1OvirtVolumePopulatorStatus # Progress.',
  },
  V1beta1OvirtVolumePopulatorSpec: {
    diskId: 'string ! # The disk.',
    engineUrl: 'string ! # Address of the engine.',
    secretRef: 'string ! # Secret with credentials.',
    transferNetwork: 'string # Network used for the transfer.',
  },
  V1beta1OvirtVolumePopulatorStatus: populatorStatus,
};
