/** Volumes and interfaces as virt-controller first lists them; virt-handler adds what the domain shows. */
import type { View } from '../../controller.ts';
import { persistentVolumeClaims } from '../../resources/refs.ts';
import type {
  Network,
  VirtualMachineInstance,
  VmiInterfaceStatus,
  VmiVolumeStatus,
  Volume,
} from '../../types/kubevirt.ts';
import type { JsonObject } from '../../types/meta.ts';

/** CDI's filesystem overhead where no storage profile says otherwise. */
const FILESYSTEM_OVERHEAD = '0.06';

/** The claim behind a volume; a data volume's claim has its name. */
export function claimNameOf(volume: Volume): string | undefined {
  return (
    volume.persistentVolumeClaim?.claimName ??
    volume.dataVolume?.name ??
    volume.memoryDump?.claimName ??
    volume.ephemeral?.persistentVolumeClaim?.claimName
  );
}

export function volumeStatuses(view: View, vmi: VirtualMachineInstance): VmiVolumeStatus[] {
  const known = new Map(vmi.status?.volumeStatus?.map(status => [status.name, status]));
  const statuses = (vmi.spec.volumes ?? []).map((volume): VmiVolumeStatus => {
    const old = known.get(volume.name) ?? { name: volume.name, target: '' };
    const claim = volume.ephemeral ? undefined : claimNameOf(volume);
    const info = claim === undefined ? undefined : claimInfo(view, vmi.metadata.namespace, claim);
    return info ? { ...old, persistentVolumeClaimInfo: info } : old;
  });
  // By name, as virt-handler sorts them too: two writers must agree on the order.
  return statuses.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function claimInfo(view: View, namespace: string | undefined, name: string): JsonObject | undefined {
  const claim = view.get(persistentVolumeClaims, namespace, name);
  if (!claim) return undefined;
  const block = claim.spec.volumeMode === 'Block';
  return {
    claimName: name,
    ...(claim.spec.accessModes ? { accessModes: claim.spec.accessModes } : {}),
    ...(claim.spec.volumeMode ? { volumeMode: claim.spec.volumeMode } : {}),
    ...(claim.status?.capacity ? { capacity: claim.status.capacity } : {}),
    ...(claim.spec.resources?.requests ? { requests: claim.spec.resources.requests } : {}),
    filesystemOverhead: block ? '0' : FILESYSTEM_OVERHEAD,
  };
}

/** The primary network comes first; it is the one whose address `kubectl get vmi` prints. */
export function interfaceStatuses(vmi: VirtualMachineInstance): VmiInterfaceStatus[] {
  const known = new Map(vmi.status?.interfaces?.map(status => [status.name, status]));
  const networks = vmi.spec.networks ?? [];
  const primary = networks.find(network => network.pod || network.multus?.default);
  const statuses: VmiInterfaceStatus[] = [];
  if (primary) statuses.push(withPodInterface(known.get(primary.name), primary, 'eth0'));
  for (const network of networks) {
    if (network === primary || !network.multus) continue;
    const old = known.get(network.name) ?? { name: network.name, infoSource: 'multus-status' };
    statuses.push(withPodInterface(old, network, podInterfaceName(network.name)));
  }
  for (const status of vmi.status?.interfaces ?? []) {
    if (!networks.some(network => network.name === status.name)) statuses.push(status);
  }
  return statuses;
}

function withPodInterface(
  old: VmiInterfaceStatus | undefined,
  network: Network,
  podInterfaceName: string,
): VmiInterfaceStatus {
  return old?.podInterfaceName === podInterfaceName ? old : { ...old, name: network.name, podInterfaceName };
}

/** `pod` and eleven hexadecimal digits of a hash of the network's name, as Linux bounds interface names. */
export function podInterfaceName(network: string): string {
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let at = 0; at < network.length; at += 1) {
    high = Math.imul(high ^ network.charCodeAt(at), 0x01000193);
    low = Math.imul(low + network.charCodeAt(at), 0x85ebca6b) ^ (high >>> 13);
  }
  const digits = (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
  return `pod${digits.slice(0, 11)}`;
}
