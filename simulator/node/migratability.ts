/** Whether an instance can be migrated, and if not, why (KubeVirt v1.9 pkg/virt-handler calculateLiveMigrationCondition). */
import type { KubeVirtConfig } from '../kubevirt-config/index.ts';
import { featureGateEnabled } from '../kubevirt-config/index.ts';
import type { Node } from '../types/core.ts';
import type { VirtualMachineInstance, Volume } from '../types/kubevirt.ts';
import type { Condition } from '../types/meta.ts';

interface Obstacle {
  readonly reason: string;
  readonly message: string;
}

export interface Migratability {
  readonly live: Condition;
  readonly storage: Condition;
  readonly method: 'BlockMigration' | 'LiveMigration';
}

export function migratability(
  vmi: VirtualMachineInstance,
  node: Node | undefined,
  config: KubeVirtConfig,
): Migratability {
  const common = [
    networkObstacle(vmi, config),
    hostModelObstacle(vmi, node),
    hostDeviceObstacle(vmi, config),
    launchSecurityObstacle(vmi),
    vmi.spec.domain.features?.hypervPassthrough?.enabled
      ? { reason: 'HypervPassthroughNotLiveMigratable', message: 'VMI uses hyperv passthrough' }
      : undefined,
  ].filter(obstacle => obstacle !== undefined);
  const volumes = volumeObstacle(vmi);
  const first = common[0] ?? volumes.obstacle;
  return {
    live: { type: 'LiveMigratable', ...verdict(first), lastProbeTime: null, lastTransitionTime: null },
    storage: {
      type: 'StorageLiveMigratable',
      ...verdict(
        common.length === 0
          ? undefined
          : {
              reason: 'NotMigratable',
              message: common.map(({ reason, message }) => `${reason}: ${message}`).join(', '),
            },
      ),
      lastProbeTime: null,
      lastTransitionTime: null,
    },
    method: volumes.block ? 'BlockMigration' : 'LiveMigration',
  };
}

function verdict(obstacle: Obstacle | undefined): Pick<Condition, 'status' | 'reason' | 'message'> {
  return obstacle ? { status: 'False', ...obstacle } : { status: 'True' };
}

function networkObstacle(vmi: VirtualMachineInstance, config: KubeVirtConfig): Obstacle | undefined {
  const interfaces = vmi.spec.domain.devices.interfaces ?? [];
  const network = vmi.spec.networks?.find(each => each.pod);
  if (interfaces.length === 0 || !network) return undefined;
  const primary = interfaces.find(each => each.name === network.name);
  const reason = 'InterfaceNotLiveMigratable';
  if (!primary) return { reason, message: `no primary interface found for network ${network.name}` };
  if (primary.masquerade || primary.passtBinding) return undefined;
  if (
    primary.bridge &&
    vmi.metadata.annotations?.['kubevirt.io/allow-pod-bridge-network-live-migration'] !== undefined
  ) {
    return undefined;
  }
  if (primary.binding && config.network.binding?.[primary.binding.name]?.migration) return undefined;
  return {
    reason,
    message:
      'cannot migrate VMI which does not use masquerade or a migratable plugin to connect to the pod network',
  };
}

function hostModelObstacle(vmi: VirtualMachineInstance, node: Node | undefined): Obstacle | undefined {
  if (vmi.spec.domain.cpu?.model !== 'host-model') return undefined;
  const known = Object.keys(node?.metadata.labels ?? {}).some(label =>
    label.startsWith('host-model-cpu.node.kubevirt.io/'),
  );
  if (known) return undefined;
  return {
    reason: 'CPUModeNotLiveMigratable',
    message: `the node "${vmi.status?.nodeName ?? ''}" does not allow migration with host-model`,
  };
}

function hostDeviceObstacle(vmi: VirtualMachineInstance, config: KubeVirtConfig): Obstacle | undefined {
  const reason = 'HostDeviceNotLiveMigratable';
  const { hostDevices = [], gpus = [] } = vmi.spec.domain.devices;
  if (hostDevices.length > 0) {
    return { reason, message: 'VMI specifies non-migratable generic PCI host device' };
  }
  if (gpus.length > 1) return { reason, message: 'VMI specifies too many GPUs' };
  if (gpus.length === 0) return undefined;
  if (!featureGateEnabled(config, 'VGPULiveMigration')) {
    return { reason, message: 'VMI specifies a GPU but feature gate VGPULiveMigration is not enabled' };
  }
  const mediated = config.permittedHostDevices?.mediatedDevices ?? [];
  if (mediated.some(device => device.resourceName === gpus[0]?.deviceName)) return undefined;
  return { reason, message: 'VMI specifies non-migratable GPU device' };
}

function launchSecurityObstacle(vmi: VirtualMachineInstance): Obstacle | undefined {
  const security = vmi.spec.domain.launchSecurity;
  if (!security) return undefined;
  if (security.sev || security.snp) return { reason: 'SEVNotLiveMigratable', message: 'VMI uses SEV' };
  if (security.tdx) return { reason: 'TDXNotLiveMigratable', message: 'VMI uses TDX' };
  return vmi.spec.architecture === 's390x'
    ? { reason: 'SecureExecutionNotLiveMigratable', message: 'VMI uses Secure Execution' }
    : undefined;
}

function volumeObstacle(vmi: VirtualMachineInstance): { obstacle?: Obstacle; block: boolean } {
  const reason = 'DisksNotLiveMigratable';
  const filesystems = new Set(vmi.spec.domain.devices.filesystems?.map(filesystem => filesystem.name));
  let block = false;
  for (const volume of vmi.spec.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName ?? volume.dataVolume?.name;
    if (claim !== undefined) {
      const modes = accessModes(vmi, volume);
      if (modes?.includes('ReadWriteMany')) continue;
      const message = modes
        ? `cannot migrate VMI: PVC ${claim} is not shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)`
        : `cannot migrate VMI: Unable to determine if PVC ${claim} is shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)`;
      return { obstacle: { reason, message }, block: true };
    }
    if (volume.hostDisk) {
      if (volume.hostDisk.shared) continue;
      return { obstacle: { reason, message: 'cannot migrate VMI with non-shared HostDisk' }, block: true };
    }
    if (!filesystems.has(volume.name) && !isReadOnlyCdrom(vmi, volume)) block = true;
  }
  return { block };
}

function accessModes(vmi: VirtualMachineInstance, volume: Volume): string[] | undefined {
  const status = vmi.status?.volumeStatus?.find(each => each.name === volume.name);
  const info = status?.persistentVolumeClaimInfo as { accessModes?: string[] } | undefined;
  return info && (info.accessModes ?? []);
}

function isReadOnlyCdrom(vmi: VirtualMachineInstance, volume: Volume): boolean {
  return (vmi.spec.domain.devices.disks ?? []).some(
    disk => disk.name === volume.name && disk.cdrom !== undefined && disk.cdrom.readonly !== false,
  );
}
