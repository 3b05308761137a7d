/** KubeVirt's feature gates and their states (KubeVirt v1.9 pkg/virt-config/featuregate). */

export type FeatureGateState = 'Alpha' | 'Beta' | 'General Availability' | 'Deprecated' | 'Discontinued';

export interface FeatureGateInfo {
  readonly state: FeatureGateState;
  /** What KubeVirt warns with when the gate is listed; gates in Alpha and Beta have none. */
  readonly message?: string;
}

const alpha: FeatureGateInfo = { state: 'Alpha' };
const beta: FeatureGateInfo = { state: 'Beta' };

function generallyAvailable(name: string): FeatureGateInfo {
  const message =
    `feature gate ${name} is deprecated (feature state is "General Availability"), therefore it can be safely removed ` +
    'and is redundant. For more info, please look at: https://github.com/kubevirt/kubevirt/blob/main/docs/deprecation.md';
  return { state: 'General Availability', message };
}

function deprecated(message: string): FeatureGateInfo {
  return { state: 'Deprecated', message };
}

function discontinued(message: string): FeatureGateInfo {
  return { state: 'Discontinued', message };
}

const ALWAYS_ON = [
  'AutoResourceLimitsGate',
  'BochsDisplayForEFIGuests',
  'CPUNodeDiscovery',
  'ClusterProfiler',
  'CommonInstancetypesDeploymentGate',
  'DisableCustomSELinuxPolicy',
  'DynamicPodInterfaceNaming',
  'EnableVirtioFsConfigVolumes',
  'ExpandDisks',
  'GPU',
  'HotplugNICs',
  'InstancetypeReferencePolicy',
  'LiveMigration',
  'LiveUpdateNADRef',
  'MigrationPriorityQueue',
  'NUMA',
  'NetworkBindingPlugins',
  'NonRoot',
  'PSA',
  'PanicDevices',
  'PersistentReservation',
  'SRIOVLiveMigration',
  'SecureExecution',
  'VMExport',
  'VMLiveUpdateFeatures',
  'VMPersistentState',
  'VideoConfig',
  'VolumeMigration',
  'VolumesUpdateStrategy',
] as const;

const ON_UNLESS_DISABLED = [
  'DeclarativeHotplugVolumes',
  'ExternalNetResourceInjection',
  'GPUsWithDRA',
  'HostDevicesWithDRA',
  'ImageVolume',
  'KubevirtSeccompProfile',
  'LibvirtHooksServerAndClient',
  'NodeRestriction',
  'OptOutRoleAggregation',
  'PasstBinding',
  'PodSecondaryInterfaceNamingUpgrade',
  'RebootPolicy',
  'Snapshot',
  'Template',
  'VmiMemoryOverheadReport',
  'WorkloadEncryptionSEV',
] as const;

const OFF_UNLESS_ENABLED = [
  'AlignCPUs',
  'CPUManager',
  'ConfigurableHypervisor',
  'ContainerPathVolumes',
  'CrossArchitectureVirtualization',
  'DecentralizedLiveMigration',
  'DownwardMetrics',
  'EnableVirtioFsStorageVolumes',
  'ExperimentalIgnitionSupport',
  'FirmwareAutoSelection',
  'GraceIOVirtualization',
  'HostDevices',
  'HostDisk',
  'HypervStrictCheck',
  'IOMMUFD',
  'IncrementalBackup',
  'MigrationStallDetection',
  'NetworkDevicesWithDRA',
  'OCIExport',
  'ObjectGraph',
  'PCINUMAAwareTopology',
  'Plugins',
  'PortRangesSpec',
  'ReservedOverheadMemlock',
  'Root',
  'Sidecar',
  'UtilityVolumes',
  'VGPULiveMigration',
  'VMStatsCollector',
  'VSOCK',
  'WorkloadEncryptionTDX',
] as const;

const RETIRED = {
  DisableMDEVConfiguration: deprecated('DisableMDEVConfiguration has been deprecated since v1.8.0'),
  DockerSELinuxMCSWorkaround: deprecated('DockerSELinuxMCSWorkaround has been deprecated since v1.4.'),
  ExperimentalVirtiofsSupport: discontinued(
    'Virtiofs ExperimentalVirtiofsSupport feature gate is discontinued since v1.7. Please use EnableVirtioFsConfigVolumes or EnableVirtioFsPVC feature gates instead',
  ),
  HotplugVolumes: deprecated(
    'HotplugVolumes has been deprecated since v1.9.0 and has been replaced by DeclarativeHotplugVolumes',
  ),
  Macvtap: discontinued(
    'Macvtap network binding is discontinued since v1.3. Please refer to Kubevirt user guide for alternatives.',
  ),
  MultiArchitecture: deprecated('MultiArchitecture has been deprecated since v1.8.0'),
  Passt: discontinued(
    'Passt network binding is discontinued since v1.3. Please refer to Kubevirt user guide for alternatives.',
  ),
  PasstIPStackMigration: discontinued(
    'Seamless migration with passt network binding plugin is no longer supported since KubeVirt v1.8. Please use the passt core binding instead.',
  ),
} as const;

export type FeatureGate =
  | (typeof ALWAYS_ON)[number]
  | (typeof ON_UNLESS_DISABLED)[number]
  | (typeof OFF_UNLESS_ENABLED)[number]
  | keyof typeof RETIRED;

/** Every gate KubeVirt v1.9 knows, by name. */
export const FEATURE_GATES: ReadonlyMap<string, FeatureGateInfo> = new Map<string, FeatureGateInfo>([
  ...ALWAYS_ON.map(name => [name, generallyAvailable(name)] as const),
  ...ON_UNLESS_DISABLED.map(name => [name, beta] as const),
  ...OFF_UNLESS_ENABLED.map(name => [name, alpha] as const),
  ...Object.entries(RETIRED),
]);

/**
 * Whether a gate is on: General Availability always; otherwise listed gates are on, disabled ones off, and what is
 * left follows its state (Beta on). Gates KubeVirt does not know are off (featuregate.IsEnabled).
 */
export function gateEnabled(
  gate: string,
  enabled: readonly string[] | undefined,
  disabled: readonly string[] | undefined,
): boolean {
  const info = FEATURE_GATES.get(gate);
  if (!info) return false;
  if (info.state === 'General Availability') return true;
  if (enabled?.includes(gate)) return true;
  if (disabled?.includes(gate)) return false;
  return info.state === 'Beta';
}
