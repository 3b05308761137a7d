/** Which kinds the schemas are generated for, and the package each type belongs to in component names. */

export interface CoreGroup {
  group: string;
  version: string;
  /** Prefix of component names, as a real kube-apiserver publishes them. */
  package: string;
  /** Kinds, as `Kind` or, where the client's generator had to disambiguate, `Kind=ClassName`. */
  kinds: string;
}

export const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Types of apimachinery, which no kind of its own leads to by name. */
export const metaTypes = [
  'V1Condition',
  'V1DeleteOptions',
  'V1FieldSelectorRequirement',
  'V1LabelSelector',
  'V1LabelSelectorRequirement',
  'V1ListMeta',
  'V1ManagedFieldsEntry',
  'V1ObjectMeta',
  'V1OwnerReference',
  'V1Preconditions',
  'V1Status',
  'V1StatusCause',
  'V1StatusDetails',
];

/** Types of core/v1 that only kinds of other groups lead to. */
export const coreTypes = ['V1TopologySelectorTerm', 'V1TopologySelectorLabelRequirement'];

/** Groups and versions a Kubernetes 1.35 apiserver serves by default; core first, because the others refer to it. */
export const coreGroups: readonly CoreGroup[] = [
  {
    group: '',
    version: 'v1',
    package: 'io.k8s.api.core.v1',
    kinds:
      'Binding ComponentStatus ConfigMap Endpoints Event=CoreV1Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  },
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.admissionregistration.v1',
    kinds:
      'MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration',
  },
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    package: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
    kinds: 'CustomResourceDefinition',
  },
  {
    group: 'apiregistration.k8s.io',
    version: 'v1',
    package: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
    kinds: 'APIService',
  },
  {
    group: 'apps',
    version: 'v1',
    package: 'io.k8s.api.apps.v1',
    kinds: 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.authentication.v1',
    kinds: 'SelfSubjectReview TokenRequest=AuthenticationV1TokenRequest TokenReview',
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.authorization.v1',
    kinds: 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  },
  {
    group: 'autoscaling',
    version: 'v1',
    package: 'io.k8s.api.autoscaling.v1',
    kinds: 'HorizontalPodAutoscaler Scale',
  },
  {
    group: 'autoscaling',
    version: 'v2',
    package: 'io.k8s.api.autoscaling.v2',
    kinds: 'HorizontalPodAutoscaler',
  },
  { group: 'batch', version: 'v1', package: 'io.k8s.api.batch.v1', kinds: 'CronJob Job' },
  {
    group: 'certificates.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.certificates.v1',
    kinds: 'CertificateSigningRequest',
  },
  { group: 'coordination.k8s.io', version: 'v1', package: 'io.k8s.api.coordination.v1', kinds: 'Lease' },
  { group: 'discovery.k8s.io', version: 'v1', package: 'io.k8s.api.discovery.v1', kinds: 'EndpointSlice' },
  { group: 'events.k8s.io', version: 'v1', package: 'io.k8s.api.events.v1', kinds: 'Event=EventsV1Event' },
  {
    group: 'flowcontrol.apiserver.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.flowcontrol.v1',
    kinds: 'FlowSchema PriorityLevelConfiguration',
  },
  {
    group: 'networking.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.networking.v1',
    kinds: 'IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR',
  },
  { group: 'node.k8s.io', version: 'v1', package: 'io.k8s.api.node.v1', kinds: 'RuntimeClass' },
  { group: 'policy', version: 'v1', package: 'io.k8s.api.policy.v1', kinds: 'Eviction PodDisruptionBudget' },
  {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.rbac.v1',
    kinds: 'ClusterRole ClusterRoleBinding Role RoleBinding',
  },
  {
    group: 'resource.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.resource.v1',
    kinds: 'DeviceClass ResourceClaim=ResourceV1ResourceClaim ResourceClaimTemplate ResourceSlice',
  },
  { group: 'scheduling.k8s.io', version: 'v1', package: 'io.k8s.api.scheduling.v1', kinds: 'PriorityClass' },
  {
    group: 'storage.k8s.io',
    version: 'v1',
    package: 'io.k8s.api.storage.v1',
    kinds: 'CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass',
  },
];

/** `V1Pod`, `EventsV1Event` → `Pod`, `Event`: the client puts the version, and sometimes the group, before the name. */
export function bareName(className: string): string {
  const match = /^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?([A-Z].*)$/.exec(className);
  if (!match) throw new Error(`no version in ${className}`);
  return match[1]!;
}

export function classNames(entry: CoreGroup): { kind: string; className: string }[] {
  return entry.kinds.split(' ').map(text => {
    const [kind, className] = text.split('=');
    return { kind: kind!, className: className ?? `V${entry.version.slice(1)}${kind}` };
  });
}

/** Custom resources of KubeVirt v1.9, CDI and their neighbours: served versions, and the definition that describes all of them. */
export const customGroups: readonly {
  group: string;
  versions: readonly string[];
  kinds: readonly string[];
  definition: string;
}[] = [
  {
    group: 'kubevirt.io',
    versions: ['v1', 'v1alpha3'],
    kinds: [
      'KubeVirt',
      'VirtualMachine',
      'VirtualMachineInstance',
      'VirtualMachineInstanceMigration',
      'VirtualMachineInstancePreset',
      'VirtualMachineInstanceReplicaSet',
    ],
    definition: 'kubevirt.V1',
  },
  {
    group: 'pool.kubevirt.io',
    versions: ['v1beta1', 'v1alpha1'],
    kinds: ['VirtualMachinePool'],
    definition: 'kubevirt.V1beta1',
  },
  {
    group: 'snapshot.kubevirt.io',
    versions: ['v1beta1', 'v1alpha1'],
    kinds: ['VirtualMachineSnapshot', 'VirtualMachineSnapshotContent', 'VirtualMachineRestore'],
    definition: 'kubevirt.V1beta1',
  },
  {
    group: 'export.kubevirt.io',
    versions: ['v1', 'v1beta1'],
    kinds: ['VirtualMachineExport'],
    definition: 'kubevirt.V1beta1',
  },
  {
    group: 'instancetype.kubevirt.io',
    versions: ['v1beta1'],
    kinds: [
      'VirtualMachineInstancetype',
      'VirtualMachineClusterInstancetype',
      'VirtualMachinePreference',
      'VirtualMachineClusterPreference',
    ],
    definition: 'kubevirt.V1beta1',
  },
  {
    group: 'migrations.kubevirt.io',
    versions: ['v1alpha1'],
    kinds: ['MigrationPolicy'],
    definition: 'kubevirt.V1alpha1',
  },
  {
    group: 'clone.kubevirt.io',
    versions: ['v1beta1', 'v1alpha1'],
    kinds: ['VirtualMachineClone'],
    definition: 'kubevirt.V1beta1',
  },
  {
    group: 'backup.kubevirt.io',
    versions: ['v1alpha1'],
    kinds: ['VirtualMachineBackup', 'VirtualMachineBackupTracker'],
    definition: 'kubevirt.V1alpha1',
  },
  {
    group: 'template.kubevirt.io',
    versions: ['v1beta1', 'v1alpha1'],
    kinds: ['VirtualMachineTemplate', 'VirtualMachineTemplateRequest'],
    definition: 'kubevirt.V1alpha1',
  },
  { group: 'plugin.kubevirt.io', versions: ['v1alpha1'], kinds: ['Plugin'], definition: 'kubevirt.V1alpha1' },
  { group: 'cdi.kubevirt.io', versions: ['v1beta1', 'v1alpha1'], kinds: ['CDI'], definition: 'cdi.V1beta1' },
  {
    group: 'cdi.kubevirt.io',
    versions: ['v1beta1'],
    kinds: [
      'CDIConfig',
      'DataImportCron',
      'DataSource',
      'DataVolume',
      'ObjectTransfer',
      'StorageProfile',
      'VolumeCloneSource',
      'VolumeImportSource',
      'VolumeUploadSource',
    ],
    definition: 'cdi.V1beta1',
  },
  {
    group: 'upload.cdi.kubevirt.io',
    versions: ['v1beta1'],
    kinds: ['UploadTokenRequest'],
    definition: 'cdi.V1beta1',
  },
  {
    group: 'forklift.cdi.kubevirt.io',
    versions: ['v1beta1'],
    kinds: ['OpenstackVolumePopulator', 'OvirtVolumePopulator'],
    definition: 'cdi.V1beta1',
  },
  {
    group: 'snapshot.storage.k8s.io',
    versions: ['v1'],
    kinds: ['VolumeSnapshot', 'VolumeSnapshotClass', 'VolumeSnapshotContent'],
    definition: 'external.',
  },
  {
    group: 'k8s.cni.cncf.io',
    versions: ['v1'],
    kinds: ['NetworkAttachmentDefinition'],
    definition: 'external.',
  },
  {
    group: 'metrics.k8s.io',
    versions: ['v1beta1'],
    kinds: ['NodeMetrics', 'PodMetrics'],
    definition: 'external.',
  },
];

/** Bodies of KubeVirt's subresource requests and answers: no kinds of their own, but looked up by component name. */
export const subresourceBodies = [
  'V1AddVolumeOptions',
  'V1EvacuateCancelOptions',
  'V1FreezeUnfreezeTimeout',
  'V1MigrateOptions',
  'V1ObjectGraphNode',
  'V1ObjectGraphOptions',
  'V1PauseOptions',
  'V1RemoveVolumeOptions',
  'V1RestartOptions',
  'V1SEVMeasurementInfo',
  'V1SEVPlatformInfo',
  'V1SEVSecretOptions',
  'V1SEVSessionOptions',
  'V1StartOptions',
  'V1StopOptions',
  'V1UnpauseOptions',
  'V1VirtualMachineInstanceFileSystemList',
  'V1VirtualMachineInstanceGuestAgentInfo',
  'V1VirtualMachineInstanceGuestOSUserList',
  'V1VirtualMachineMemoryDumpRequest',
].map(type => `kubevirt.${type}`);
