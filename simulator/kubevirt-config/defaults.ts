/** KubeVirt's configuration when nothing is set (KubeVirt v1.9 pkg/virt-config defaultClusterConfig). */
import type { ComponentConfiguration, KubeVirtConfiguration } from './types.ts';

function rateLimit(qps: number, burst: number): ComponentConfiguration {
  return { restClient: { rateLimiter: { tokenBucketRateLimiter: { qps, burst } } } };
}

export const DEFAULT_CPU_REQUEST = '100m';

/** allowWorkloadDisruption has no default of its own: it follows allowPostCopy once both layers are merged. */
export const DEFAULT_CONFIGURATION: KubeVirtConfiguration = {
  imagePullPolicy: 'IfNotPresent',
  developerConfiguration: {
    featureGates: [],
    disabledFeatureGates: [],
    useEmulation: false,
    memoryOvercommit: 100,
    pvcTolerateLessSpaceUpToPercent: 10,
    minimumReservePVCBytes: 131_072,
    nodeSelectors: {},
    cpuAllocationRatio: 10,
    diskVerification: { memoryLimit: '2000Mi' },
    logVerbosity: { virtAPI: 2, virtOperator: 2, virtController: 2, virtHandler: 2, virtLauncher: 2 },
  },
  evictionStrategy: 'None',
  migrations: {
    parallelMigrationsPerCluster: 5,
    parallelOutboundMigrationsPerNode: 2,
    nodeDrainTaintKey: 'kubevirt.io/drain',
    bandwidthPerMigration: '0',
    progressTimeout: 150,
    completionTimeoutPerGiB: 150,
    maxDowntimeMs: 900,
    utilityVolumesTimeout: 150,
    unsafeMigrationOverride: false,
    allowAutoConverge: false,
    allowPostCopy: false,
    allowWorkloadDisruption: false,
  },
  cpuRequest: DEFAULT_CPU_REQUEST,
  network: {
    defaultNetworkInterface: 'bridge',
    permitSlirpInterface: false,
    permitBridgeInterfaceOnPodNetwork: true,
  },
  smbios: { family: 'KubeVirt', manufacturer: 'KubeVirt', product: 'None' },
  selinuxLauncherType: '',
  supportedGuestAgentVersions: ['2.*', '3.*', '4.*', '5.*'],
  memBalloonStatsPeriod: 10,
  apiConfiguration: rateLimit(200, 400),
  controllerConfiguration: rateLimit(200, 400),
  handlerConfiguration: rateLimit(50, 100),
  webhookConfiguration: rateLimit(200, 400),
  architectureConfiguration: {
    amd64: { ovmfPath: '/usr/share/edk2/ovmf', emulatedMachines: ['q35*', 'pc-q35*'], machineType: 'q35' },
    arm64: { ovmfPath: '/usr/share/AAVMF', emulatedMachines: ['virt*'], machineType: 'virt' },
    s390x: { ovmfPath: '', emulatedMachines: ['s390-ccw-virtio*'], machineType: 's390-ccw-virtio' },
    defaultArchitecture: 'amd64',
  },
  liveUpdateConfiguration: { maxHotplugRatio: 4 },
  vmRolloutStrategy: 'LiveUpdate',
  hypervisors: [{ name: 'kvm' }],
  commonInstancetypesDeployment: { enabled: true },
  virtTemplateDeployment: { enabled: true },
  instancetype: { referencePolicy: 'reference' },
  confidentialCompute: {
    tdx: { attestation: { enforced: false, qgsSocketPath: '/var/run/tdx-qgs/qgs.socket' } },
  },
};
