/** KubeVirt's own kinds, as far as the simulator reads them (staging/src/kubevirt.io/api/core/v1, v1.9). */
import type { Affinity, ResourceRequirements, Toleration, TopologySpreadConstraint } from './core.ts';
import type {
  Condition,
  JsonObject,
  JsonValue,
  KubeObject,
  ObjectMeta,
  ResourceList,
  Timestamp,
} from './meta.ts';

export type RunStrategy = 'Always' | 'RerunOnFailure' | 'Manual' | 'Halted' | 'Once' | 'WaitAsReceiver';

export interface FeatureState {
  enabled?: boolean;
}

export interface CpuTopology {
  cores?: number;
  sockets?: number;
  threads?: number;
}

export interface Cpu extends CpuTopology {
  maxSockets?: number;
  model?: string;
  features?: { name: string; policy?: string }[];
  dedicatedCpuPlacement?: boolean;
  isolateEmulatorThread?: boolean;
  numa?: { guestMappingPassthrough?: JsonObject };
  realtime?: { mask?: string };
}

export interface Memory {
  guest?: string;
  maxGuest?: string;
  hugepages?: { pageSize?: string };
  reservedOverhead?: JsonValue;
}

export interface Disk {
  name: string;
  disk?: { bus?: string; readonly?: boolean; pciAddress?: string };
  cdrom?: { bus?: string; readonly?: boolean; tray?: string };
  lun?: { bus?: string; readonly?: boolean; reservation?: boolean };
  bootOrder?: number;
  serial?: string;
  dedicatedIOThread?: boolean;
  cache?: string;
  io?: string;
  errorPolicy?: string;
  tag?: string;
  blockSize?: {
    custom?: { logical?: number; physical?: number; discardGranularity?: number };
    matchVolume?: FeatureState;
  };
  shareable?: boolean;
  changedBlockTracking?: boolean;
}

export interface Interface {
  name: string;
  model?: string;
  bridge?: JsonObject;
  masquerade?: JsonObject;
  sriov?: JsonObject;
  slirp?: JsonObject;
  macvtap?: JsonObject;
  passt?: JsonObject;
  passtBinding?: JsonObject;
  binding?: { name: string };
  ports?: { name?: string; protocol?: string; port: number }[];
  portRanges?: { protocol: string; start: number; end: number }[];
  macAddress?: string;
  bootOrder?: number;
  pciAddress?: string;
  dhcpOptions?: JsonObject;
  tag?: string;
  acpiIndex?: number;
  state?: 'up' | 'down' | 'absent' | string;
}

export interface Devices {
  disks?: Disk[];
  filesystems?: { name: string; virtiofs?: JsonObject }[];
  interfaces?: Interface[];
  inputs?: { name: string; bus?: string; type?: string }[];
  autoattachPodInterface?: boolean;
  autoattachGraphicsDevice?: boolean;
  autoattachSerialConsole?: boolean;
  autoattachMemBalloon?: boolean;
  autoattachInputDevice?: boolean;
  autoattachVSOCK?: boolean;
  logSerialConsole?: boolean;
  disableHotplug?: boolean;
  useVirtioTransitional?: boolean;
  blockMultiQueue?: boolean;
  networkInterfaceMultiqueue?: boolean;
  rng?: JsonObject;
  tpm?: { enabled?: boolean; persistent?: boolean };
  watchdog?: { name: string; i6300esb?: { action?: string }; diag288?: { action?: string } };
  sound?: { name: string; model?: string };
  video?: { type?: string };
  panicDevices?: { model?: string }[];
  gpus?: {
    name: string;
    deviceName?: string;
    claimName?: string;
    requestName?: string;
    virtualGPUOptions?: JsonObject;
    tag?: string;
  }[];
  hostDevices?: {
    name: string;
    deviceName?: string;
    claimName?: string;
    requestName?: string;
    tag?: string;
  }[];
  clientPassthrough?: JsonObject;
  downwardMetrics?: JsonObject;
}

export interface HypervFeatures {
  relaxed?: FeatureState;
  vapic?: FeatureState;
  spinlocks?: FeatureState & { spinlocks?: number };
  vpindex?: FeatureState;
  runtime?: FeatureState;
  synic?: FeatureState;
  synictimer?: FeatureState & { direct?: FeatureState };
  reset?: FeatureState;
  vendorid?: FeatureState & { vendorid?: string };
  frequencies?: FeatureState;
  reenlightenment?: FeatureState;
  tlbflush?: FeatureState & { direct?: FeatureState; extended?: FeatureState };
  ipi?: FeatureState;
  evmcs?: FeatureState;
}

export interface Features {
  acpi?: FeatureState;
  apic?: FeatureState & { endOfInterrupt?: boolean };
  hyperv?: HypervFeatures;
  hypervPassthrough?: FeatureState;
  smm?: FeatureState;
  kvm?: { hidden?: boolean };
  pvspinlock?: FeatureState;
}

export interface Efi {
  secureBoot?: boolean;
  persistent?: boolean;
}

export interface Firmware {
  uuid?: string;
  serial?: string;
  bootloader?: { bios?: { useSerial?: boolean }; efi?: Efi };
  kernelBoot?: {
    kernelArgs?: string;
    container?: {
      image: string;
      imagePullPolicy?: string;
      imagePullSecret?: string;
      kernelPath?: string;
      initrdPath?: string;
    };
  };
  acpi?: JsonObject;
}

export interface Clock {
  utc?: { offsetSeconds?: number };
  timezone?: string;
  timer?: {
    hpet?: FeatureState2;
    kvm?: FeatureState2;
    pit?: FeatureState2;
    rtc?: FeatureState2 & { track?: string };
    hyperv?: FeatureState2;
    tsc?: FeatureState2 & { frequency?: number };
  };
}

/** Timers call their switch `present` and carry a tick policy. */
export interface FeatureState2 {
  present?: boolean;
  tickPolicy?: string;
}

export interface LaunchSecurity {
  sev?: JsonObject;
  snp?: JsonObject;
  tdx?: JsonObject;
}

export interface DomainSpec {
  resources?: ResourceRequirements & { overcommitGuestOverhead?: boolean };
  cpu?: Cpu;
  memory?: Memory;
  machine?: { type?: string };
  firmware?: Firmware;
  clock?: Clock;
  features?: Features;
  devices: Devices;
  ioThreadsPolicy?: string;
  ioThreads?: { supplementalPoolThreadCount?: number };
  chassis?: JsonObject;
  launchSecurity?: LaunchSecurity;
  rebootPolicy?: string;
}

export interface ContainerDiskSource {
  image: string;
  imagePullSecret?: string;
  imagePullPolicy?: string;
  path?: string;
}

export interface Volume {
  name: string;
  containerDisk?: ContainerDiskSource;
  cloudInitNoCloud?: JsonObject;
  cloudInitConfigDrive?: JsonObject;
  persistentVolumeClaim?: { claimName: string; hotpluggable?: boolean; readOnly?: boolean };
  dataVolume?: { name: string; hotpluggable?: boolean };
  emptyDisk?: { capacity: string };
  ephemeral?: { persistentVolumeClaim?: { claimName: string; readOnly?: boolean } };
  hostDisk?: { path: string; type: string; capacity?: string; shared?: boolean };
  configMap?: { name?: string; optional?: boolean; volumeLabel?: string };
  secret?: { secretName?: string; optional?: boolean; volumeLabel?: string };
  downwardAPI?: JsonObject;
  serviceAccount?: { serviceAccountName?: string };
  downwardMetrics?: JsonObject;
  sysprep?: JsonObject;
  memoryDump?: { claimName: string; hotpluggable?: boolean };
  containerPath?: JsonObject;
}

export interface Network {
  name: string;
  pod?: { vmNetworkCIDR?: string; vmIPv6NetworkCIDR?: string };
  multus?: { networkName: string; default?: boolean };
  resourceClaim?: JsonObject;
}

export interface Probe {
  exec?: JsonObject;
  httpGet?: JsonObject;
  tcpSocket?: JsonObject;
  guestAgentPing?: JsonObject;
  initialDelaySeconds?: number;
  timeoutSeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
}

export interface VirtualMachineInstanceSpec {
  domain: DomainSpec;
  architecture?: string;
  nodeSelector?: Record<string, string>;
  affinity?: Affinity;
  schedulerName?: string;
  tolerations?: Toleration[];
  topologySpreadConstraints?: TopologySpreadConstraint[];
  priorityClassName?: string;
  evictionStrategy?: string;
  startStrategy?: 'Paused' | string;
  terminationGracePeriodSeconds?: number;
  volumes?: Volume[];
  networks?: Network[];
  hostname?: string;
  subdomain?: string;
  dnsPolicy?: string;
  dnsConfig?: JsonObject;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  accessCredentials?: JsonObject[];
  resourceClaims?: JsonObject[];
  serviceAccountName?: string;
  utilityVolumes?: JsonObject[];
}

/** A start or stop that a user asked for through the subresource and the controller has yet to do. */
export interface StateChangeRequest {
  action: 'Start' | 'Stop';
  uid?: string;
  data?: Record<string, string>;
}

export interface Matcher {
  name?: string;
  kind?: string;
  revisionName?: string;
  inferFromVolume?: string;
  inferFromVolumeFailurePolicy?: 'Reject' | 'Ignore' | string;
}

export interface MatcherStatus {
  name?: string;
  kind?: string;
  inferFromVolume?: string;
  inferFromVolumeFailurePolicy?: string;
  controllerRevisionRef?: { name: string };
}

export interface DataVolumeTemplate {
  apiVersion?: string;
  kind?: string;
  metadata: Partial<ObjectMeta>;
  spec: JsonObject;
}

export interface VirtualMachineInstanceTemplate {
  metadata?: Partial<ObjectMeta>;
  spec: VirtualMachineInstanceSpec;
}

export interface VirtualMachineSpec {
  running?: boolean;
  runStrategy?: RunStrategy;
  instancetype?: Matcher;
  preference?: Matcher;
  template: VirtualMachineInstanceTemplate;
  dataVolumeTemplates?: DataVolumeTemplate[];
  updateVolumesStrategy?: string;
}

export interface VirtualMachineStartFailure {
  consecutiveFailCount?: number;
  lastFailedVMIUID?: string;
  retryAfterTimestamp?: Timestamp;
}

export interface VirtualMachineStatus {
  created?: boolean;
  ready?: boolean;
  printableStatus?: string;
  conditions?: Condition[];
  stateChangeRequests?: StateChangeRequest[];
  startFailure?: VirtualMachineStartFailure;
  runStrategy?: RunStrategy;
  observedGeneration?: number;
  desiredGeneration?: number;
  volumeSnapshotStatuses?: { name: string; enabled: boolean; reason?: string }[];
  instancetypeRef?: MatcherStatus;
  preferenceRef?: MatcherStatus;
  snapshotInProgress?: string;
  restoreInProgress?: string;
  volumeRequests?: JsonObject[];
  memoryDumpRequest?: JsonObject;
  volumeUpdateState?: JsonObject;
  interfaceRequests?: JsonObject[];
  changedBlockTracking?: JsonObject;
}

export interface VirtualMachine extends KubeObject {
  spec: VirtualMachineSpec;
  status?: VirtualMachineStatus;
}

export type VmiPhase =
  | ''
  | 'Pending'
  | 'Scheduling'
  | 'Scheduled'
  | 'Running'
  | 'Succeeded'
  | 'Failed'
  | 'Unknown'
  | 'WaitingForSync';

export interface VmiInterfaceStatus {
  name?: string;
  mac?: string;
  ipAddress?: string;
  ipAddresses?: string[];
  podInterfaceName?: string;
  interfaceName?: string;
  infoSource?: string;
  queueCount?: number;
  linkState?: string;
}

export interface VmiVolumeStatus {
  name: string;
  target: string;
  phase?: string;
  reason?: string;
  message?: string;
  persistentVolumeClaimInfo?: JsonObject;
  hotplugVolume?: JsonObject;
  size?: number;
  containerDiskVolume?: JsonObject;
}

export interface VirtualMachineInstanceMigrationState {
  migrationUid?: string;
  sourceNode?: string;
  sourcePod?: string;
  targetNode?: string;
  targetPod?: string;
  targetNodeAddress?: string;
  startTimestamp?: Timestamp;
  endTimestamp?: Timestamp;
  completed?: boolean;
  failed?: boolean;
  abortRequested?: boolean;
  abortStatus?: string;
  failureReason?: string;
  mode?: string;
  [field: string]: JsonValue | undefined;
}

export interface VirtualMachineInstanceStatus {
  phase?: VmiPhase;
  reason?: string;
  nodeName?: string;
  conditions?: Condition[];
  phaseTransitionTimestamps?: { phase: VmiPhase; phaseTransitionTimestamp: Timestamp }[];
  interfaces?: VmiInterfaceStatus[];
  guestOSInfo?: Record<string, string>;
  activePods?: Record<string, string>;
  qosClass?: string;
  runtimeUser?: number;
  launcherContainerImageVersion?: string;
  migrationMethod?: string;
  migrationTransport?: string;
  migrationState?: VirtualMachineInstanceMigrationState;
  migratedVolumes?: { volumeName: string; [field: string]: JsonValue | undefined }[];
  evacuationNodeName?: string;
  virtualMachineRevisionName?: string;
  volumeStatus?: VmiVolumeStatus[];
  machine?: { type: string };
  memory?: { guestAtBoot?: string; guestCurrent?: string; guestRequested?: string; memoryOverhead?: string };
  currentCPUTopology?: CpuTopology;
  selinuxContext?: string;
  fsFreezeStatus?: string;
  topologyHints?: JsonObject;
  kernelBootStatus?: JsonObject;
  VSOCKCID?: number;
  changedBlockTracking?: { state?: string };
}

export interface VirtualMachineInstance extends KubeObject {
  spec: VirtualMachineInstanceSpec;
  status?: VirtualMachineInstanceStatus;
}

export interface VirtualMachineInstanceMigration extends KubeObject {
  spec: {
    vmiName?: string;
    addedNodeSelector?: Record<string, string>;
    priority?: string;
    [field: string]: JsonValue | undefined;
  };
  status?: { phase?: string; conditions?: Condition[]; [field: string]: unknown };
}

export interface KubeVirt extends KubeObject {
  spec: { configuration?: JsonObject; [field: string]: JsonValue | undefined };
  status?: { phase?: string; conditions?: Condition[]; [field: string]: unknown };
}

/** `spec` of the four instancetype kinds (instancetype.kubevirt.io/v1beta1). */
export interface InstancetypeSpec {
  cpu: {
    guest: number;
    model?: string;
    dedicatedCPUPlacement?: boolean;
    isolateEmulatorThread?: boolean;
    numa?: Cpu['numa'];
    realtime?: Cpu['realtime'];
    maxSockets?: number;
  };
  memory: { guest: string; hugepages?: Memory['hugepages']; overcommitPercent?: number; maxGuest?: string };
  gpus?: Devices['gpus'];
  hostDevices?: Devices['hostDevices'];
  ioThreadsPolicy?: string;
  ioThreads?: DomainSpec['ioThreads'];
  launchSecurity?: LaunchSecurity;
  nodeSelector?: Record<string, string>;
  schedulerName?: string;
  annotations?: Record<string, string>;
}

export interface Instancetype extends KubeObject {
  spec: InstancetypeSpec;
}

/** `spec` of the two preference kinds (instancetype.kubevirt.io/v1beta1). */
export interface PreferenceSpec {
  annotations?: Record<string, string>;
  clock?: {
    preferredClockOffset?: { utc?: Clock['utc']; timezone?: string };
    preferredTimer?: Clock['timer'];
  };
  cpu?: {
    preferredCPUTopology?: string;
    spreadOptions?: { across?: string; ratio?: number };
    preferredCPUFeatures?: { name: string; policy?: string }[];
  };
  devices?: {
    preferredAutoattachGraphicsDevice?: boolean;
    preferredAutoattachMemBalloon?: boolean;
    preferredAutoattachPodInterface?: boolean;
    preferredAutoattachSerialConsole?: boolean;
    preferredAutoattachInputDevice?: boolean;
    preferredDisableHotplug?: boolean;
    preferredVirtualGPUOptions?: JsonObject;
    preferredSoundModel?: string;
    preferredUseVirtioTransitional?: boolean;
    preferredInputBus?: string;
    preferredInputType?: string;
    preferredDiskBus?: string;
    preferredLunBus?: string;
    preferredCdromBus?: string;
    preferredDiskDedicatedIoThread?: boolean;
    preferredDiskCache?: string;
    preferredDiskIO?: string;
    preferredDiskBlockSize?: Disk['blockSize'];
    preferredInterfaceModel?: string;
    preferredRng?: JsonObject;
    preferredBlockMultiQueue?: boolean;
    preferredNetworkInterfaceMultiQueue?: boolean;
    preferredTPM?: Devices['tpm'];
    preferredInterfaceMasquerade?: JsonObject;
    preferredVideoType?: string;
    preferredPanicDeviceModel?: string;
  };
  features?: {
    preferredAcpi?: FeatureState;
    preferredApic?: Features['apic'];
    preferredHyperv?: HypervFeatures;
    preferredKvm?: Features['kvm'];
    preferredPvspinlock?: FeatureState;
    preferredSmm?: FeatureState;
  };
  firmware?: {
    preferredUseBios?: boolean;
    preferredUseBiosSerial?: boolean;
    preferredUseEfi?: boolean;
    preferredUseSecureBoot?: boolean;
    preferredEfi?: Efi;
  };
  machine?: { preferredMachineType?: string };
  volumes?: { preferredStorageClassName?: string };
  preferredSubdomain?: string;
  preferredTerminationGracePeriodSeconds?: number;
  preferredArchitecture?: string;
  preferredLaunchSecurity?: LaunchSecurity;
  requirements?: { cpu?: { guest: number }; memory?: { guest: string }; architecture?: string };
  preferSpreadSocketToCoreRatio?: number;
}

export interface Preference extends KubeObject {
  spec: PreferenceSpec;
}

export type { ResourceList };
