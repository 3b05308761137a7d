/** `spec.configuration` of the KubeVirt resource after KubeVirt's defaults (staging/src/kubevirt.io/api/core/v1, v1.9). */
import type { JsonObject, LabelSelector, ResourceList } from '../types/meta.ts';

export interface DeveloperConfiguration {
  featureGates: readonly string[];
  disabledFeatureGates: readonly string[];
  /** Percent by which a claim may be smaller than asked for (key `pvcTolerateLessSpaceUpToPercent`). */
  pvcTolerateLessSpaceUpToPercent: number;
  minimumReservePVCBytes: number;
  /** Memory request of a launcher pod as percent of guest memory: 200 requests half. */
  memoryOvercommit: number;
  nodeSelectors: Record<string, string>;
  useEmulation: boolean;
  /** Virtual CPUs per physical CPU that a launcher pod requests. */
  cpuAllocationRatio: number;
  minimumClusterTSCFrequency?: number;
  diskVerification: { memoryLimit: string };
  logVerbosity: Record<string, number | Record<string, number>>;
  clusterProfiler?: boolean;
}

export interface MigrationConfiguration {
  nodeDrainTaintKey: string;
  parallelOutboundMigrationsPerNode: number;
  parallelMigrationsPerCluster: number;
  allowAutoConverge: boolean;
  /** Bytes per second as a quantity; 0 is unlimited. */
  bandwidthPerMigration: string;
  /** Seconds per GiB of memory and local disks. */
  completionTimeoutPerGiB: number;
  maxDowntimeMs: number;
  /** Seconds without progress. */
  progressTimeout: number;
  /** Seconds. */
  utilityVolumesTimeout: number;
  unsafeMigrationOverride: boolean;
  allowPostCopy: boolean;
  /** Follows allowPostCopy unless set. */
  allowWorkloadDisruption: boolean;
  disableTLS?: boolean;
  network?: string;
  matchSELinuxLevelOnMigration?: boolean;
}

export interface InterfaceBindingPlugin {
  sidecarImage?: string;
  networkAttachmentDefinition?: string;
  domainAttachmentType?: string;
  migration?: { method?: string };
  downwardAPI?: string;
  computeResourceOverhead?: { requests?: ResourceList; limits?: ResourceList };
}

export interface ArchitectureConfiguration {
  ovmfPath: string;
  emulatedMachines: readonly string[];
  machineType: string;
}

export interface PermittedHostDevices {
  pciHostDevices?: { pciVendorSelector: string; resourceName: string; externalResourceProvider?: boolean }[];
  mediatedDevices?: { mdevNameSelector: string; resourceName: string; externalResourceProvider?: boolean }[];
  usb?: {
    resourceName: string;
    selectors?: { vendor: string; product: string }[];
    externalResourceProvider?: boolean;
  }[];
}

export interface MediatedDevicesConfiguration {
  mediatedDeviceTypes?: string[];
  /** The deprecated spelling. */
  mediatedDevicesTypes?: string[];
  nodeMediatedDeviceTypes?: {
    nodeSelector: Record<string, string>;
    mediatedDeviceTypes?: string[];
    mediatedDevicesTypes?: string[];
  }[];
  enabled?: boolean;
}

export interface ComponentConfiguration {
  restClient?: { rateLimiter?: { tokenBucketRateLimiter?: { qps: number; burst: number } } };
}

/** What the user may set, and KubeVirt's defaults where they did not. Keys are those of the resource. */
export interface KubeVirtConfiguration {
  cpuModel?: string;
  cpuRequest: string;
  developerConfiguration: DeveloperConfiguration;
  emulatedMachines?: readonly string[];
  imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  migrations: MigrationConfiguration;
  machineType?: string;
  network: {
    defaultNetworkInterface: string;
    permitSlirpInterface: boolean;
    permitBridgeInterfaceOnPodNetwork: boolean;
    binding?: Record<string, InterfaceBindingPlugin>;
  };
  ovmfPath?: string;
  selinuxLauncherType: string;
  defaultRuntimeClass?: string;
  smbios: { manufacturer?: string; product?: string; version?: string; sku?: string; family?: string };
  architectureConfiguration: {
    amd64: ArchitectureConfiguration;
    arm64: ArchitectureConfiguration;
    s390x: ArchitectureConfiguration;
    defaultArchitecture: string;
  };
  evictionStrategy: string;
  additionalGuestMemoryOverheadRatio?: string;
  supportContainerResources?: {
    type: string;
    resources: { requests?: ResourceList; limits?: ResourceList };
  }[];
  supportedGuestAgentVersions: readonly string[];
  /** Seconds between balloon statistics. */
  memBalloonStatsPeriod: number;
  permittedHostDevices?: PermittedHostDevices;
  mediatedDevicesConfiguration?: MediatedDevicesConfiguration;
  obsoleteCPUModels?: Record<string, boolean>;
  virtualMachineInstancesPerNode?: number;
  apiConfiguration: ComponentConfiguration;
  webhookConfiguration: ComponentConfiguration;
  controllerConfiguration: ComponentConfiguration;
  handlerConfiguration: ComponentConfiguration;
  tlsConfiguration?: { minTLSVersion?: string; ciphers?: string[] };
  seccompConfiguration?: JsonObject;
  vmStateStorageClass?: string;
  virtualMachineOptions?: { disableFreePageReporting?: JsonObject; disableSerialConsoleLog?: JsonObject };
  ksmConfiguration?: { nodeLabelSelector?: LabelSelector };
  autoCPULimitNamespaceLabelSelector?: LabelSelector;
  liveUpdateConfiguration: { maxHotplugRatio: number; maxCpuSockets?: number; maxGuest?: string };
  vmRolloutStrategy: 'LiveUpdate' | 'Stage';
  commonInstancetypesDeployment: { enabled: boolean };
  virtTemplateDeployment: { enabled: boolean };
  instancetype: { referencePolicy: 'reference' | 'expand' | 'expandAll' };
  hypervisors: readonly { name?: string }[];
  changedBlockTrackingLabelSelectors?: {
    namespaceLabelSelector?: LabelSelector;
    virtualMachineLabelSelector?: LabelSelector;
  };
  persistentReservationConfiguration?: { enabled?: boolean };
  confidentialCompute: { tdx: { attestation: { enforced: boolean; qgsSocketPath: string } } };
  roleAggregationStrategy?: string;
}

/** The configuration a cluster runs with, and what else of the KubeVirt resource decides with it. */
export interface KubeVirtConfig extends KubeVirtConfiguration {
  /** Gates that are on, computed once. Ask featureGateEnabled. */
  readonly enabledFeatureGates: ReadonlySet<string>;
  /** Where KubeVirt is installed: its service accounts live there. */
  readonly namespace: string;
  /** Annotations of the KubeVirt resource, some of which switch things on. */
  readonly annotations: Readonly<Record<string, string>>;
}
