/** What a running domain adds to an instance's status (KubeVirt v1.9 pkg/virt-handler updateVMIStatusFromDomain). */
import type { View } from '../controller.ts';
import { pods } from '../resources/refs.ts';
import type { Domain } from '../resources/internal.ts';
import type { Pod } from '../types/core.ts';
import type {
  Disk,
  Interface,
  VirtualMachineInstance,
  VmiInterfaceStatus,
  VmiVolumeStatus,
} from '../types/kubevirt.ts';

/** The machine that libvirt makes of an alias, in the image of virt-launcher v1.9. */
const CONCRETE_MACHINES: Readonly<Record<string, string>> = {
  q35: 'pc-q35-rhel9.8.0',
  virt: 'virt-rhel9.8.0',
  's390-ccw-virtio': 's390-ccw-virtio-rhel9.8.0',
};

export function concreteMachine(type: string | undefined): string | undefined {
  return type === undefined ? undefined : (CONCRETE_MACHINES[type] ?? type);
}

/** Device names by volume: `vda` on virtio, `sda` on sata, scsi and usb, each counted in the order of the disks. */
export function diskTargets(disks: readonly Disk[] | undefined): Map<string, string> {
  const targets = new Map<string, string>();
  const used = new Map<string, number>();
  for (const disk of disks ?? []) {
    const bus = (disk.disk ?? disk.cdrom ?? disk.lun)?.bus;
    const prefix = bus === 'virtio' ? 'vd' : 'sd';
    const count = used.get(prefix) ?? 0;
    used.set(prefix, count + 1);
    targets.set(disk.name, `${prefix}${letters(count)}`);
  }
  return targets;
}

/** a … z, aa, ab … */
function letters(count: number): string {
  const last = String.fromCharCode(97 + (count % 26));
  return count < 26 ? last : `${letters(Math.floor(count / 26) - 1)}${last}`;
}

export function volumeStatusesOf(vmi: VirtualMachineInstance): VmiVolumeStatus[] | undefined {
  const known = vmi.status?.volumeStatus;
  if (!known || known.length === 0) return known;
  const targets = diskTargets(vmi.spec.domain.devices.disks);
  return known
    .map(status => {
      const target = targets.get(status.name) ?? '';
      return status.target === target ? status : { ...status, target };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** One status an interface of the domain; the pod network's first. */
export function interfaceStatusesOf(
  view: View,
  vmi: VirtualMachineInstance,
  domain: Domain,
): VmiInterfaceStatus[] {
  const known = new Map(vmi.status?.interfaces?.map(status => [status.name, status]));
  const primary = vmi.spec.networks?.find(network => network.pod)?.name;
  const pod = view.get(pods, vmi.metadata.namespace, domain.podName);
  const statuses = (vmi.spec.domain.devices.interfaces ?? [])
    .filter(each => each.state !== 'absent' && !each.sriov)
    .map(each =>
      interfaceStatus(view, vmi, each, known.get(each.name), each.name === primary ? pod : undefined),
    );
  return statuses.sort((a, b) => Number(b.name === primary) - Number(a.name === primary));
}

function interfaceStatus(
  view: View,
  vmi: VirtualMachineInstance,
  spec: Interface,
  known: VmiInterfaceStatus | undefined,
  pod: Pod | undefined,
): VmiInterfaceStatus {
  const multus = known?.infoSource?.includes('multus-status') ?? false;
  return {
    ...(pod?.status?.podIP
      ? { ipAddress: pod.status.podIP, ipAddresses: (pod.status.podIPs ?? []).map(({ ip }) => ip) }
      : {}),
    infoSource: multus ? 'domain, multus-status' : 'domain',
    linkState: spec.state === 'down' ? 'down' : 'up',
    mac: spec.macAddress ?? known?.mac ?? macAddress(view, vmi.metadata.uid, spec.name),
    name: spec.name,
    ...(known?.podInterfaceName ? { podInterfaceName: known.podInterfaceName } : {}),
    queueCount: 1,
  };
}

/** A locally administered address that stays the same for the life of the instance. */
function macAddress(view: View, uid: string, name: string): string {
  const number = Math.floor(view.chance('mac-address', uid, name) * 2 ** 32);
  const bytes = [24, 16, 8, 0].map(shift =>
    (Math.floor(number / 2 ** shift) % 256).toString(16).padStart(2, '0'),
  );
  return ['02', '00', ...bytes].join(':');
}
