/** What a launcher pod is rendered by: questions about a VMI (KubeVirt v1.9 pkg/vmitrait, pkg/util, pkg/tpm). */
import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Cpu, Firmware, Interface, VirtualMachineInstance, Volume } from '../../types/kubevirt.ts';
import { exact } from './amounts.ts';

/** The user and group of virt-launcher, `qemu`. */
export const NON_ROOT_USER = 107;

const LABEL_LENGTH = 63;
const HASH_LENGTH = 8;
const NO_INTERFACES: readonly Interface[] = Object.freeze([]);
const NO_VOLUMES: readonly Volume[] = Object.freeze([]);

export function isNonRoot(vmi: VirtualMachineInstance): boolean {
  return Boolean(vmi.status?.runtimeUser) || vmi.metadata.annotations?.['kubevirt.io/nonroot'] !== undefined;
}

export function interfacesOf(vmi: VirtualMachineInstance): readonly Interface[] {
  return vmi.spec.domain.devices?.interfaces ?? NO_INTERFACES;
}

export function volumesOf(vmi: VirtualMachineInstance): readonly Volume[] {
  return vmi.spec.volumes ?? NO_VOLUMES;
}

export function isCpuDedicated(vmi: VirtualMachineInstance): boolean {
  return vmi.spec.domain.cpu?.dedicatedCpuPlacement === true;
}

/** Whether the VMI's own requests and limits of CPU and memory are equal (WantsToHaveQOSGuaranteed). */
export function wantsGuaranteed(vmi: VirtualMachineInstance): boolean {
  const resources = vmi.spec.domain.resources;
  if (!resources?.limits) return false;
  const { requests, limits } = resources;
  const cpu = exact(requests?.cpu);
  if (cpu === 0n || cpu !== exact(limits.cpu)) return false;
  const memory = exact(requests?.memory);
  return memory === 0n ? exact(limits.memory) !== 0n : memory === exact(limits.memory);
}

export function isDedicatedOrGuaranteed(vmi: VirtualMachineInstance): boolean {
  return isCpuDedicated(vmi) || wantsGuaranteed(vmi);
}

/** Sockets × cores × threads, those set; 0 when none is (hardware.GetNumberOfVCPUs). */
export function vcpusOf({ cores = 0, sockets = 0, threads = 0 }: Cpu): number {
  let count = cores;
  if (sockets !== 0) count = count === 0 ? sockets : count * sockets;
  if (threads !== 0) count = count === 0 ? threads : count * threads;
  return count;
}

export function hasSriov(vmi: VirtualMachineInstance): boolean {
  return interfacesOf(vmi).some(({ sriov }) => sriov !== undefined);
}

export function hasVfio(vmi: VirtualMachineInstance): boolean {
  const devices = vmi.spec.domain.devices;
  return Boolean(devices?.hostDevices?.length) || Boolean(devices?.gpus?.length) || hasSriov(vmi);
}

export function isSev(vmi: VirtualMachineInstance): boolean {
  const security = vmi.spec.domain.launchSecurity;
  return security?.sev !== undefined || security?.snp !== undefined;
}

export function isSevEs(vmi: VirtualMachineInstance): boolean {
  const policy = vmi.spec.domain.launchSecurity?.sev?.policy as { encryptedState?: boolean } | undefined;
  return policy?.encryptedState === true;
}

export function isSevSnp(vmi: VirtualMachineInstance): boolean {
  return vmi.spec.domain.launchSecurity?.snp !== undefined;
}

export function isTdx(vmi: VirtualMachineInstance): boolean {
  return vmi.spec.domain.launchSecurity?.tdx !== undefined;
}

export function isSecureExecution(vmi: VirtualMachineInstance): boolean {
  return vmi.spec.domain.launchSecurity !== undefined && vmi.spec.architecture === 's390x';
}

export function hasTpm(vmi: VirtualMachineInstance): boolean {
  const tpm = vmi.spec.domain.devices?.tpm;
  return tpm !== undefined && tpm.enabled !== false;
}

export function hasPersistentTpm(vmi: VirtualMachineInstance): boolean {
  return hasTpm(vmi) && vmi.spec.domain.devices.tpm?.persistent === true;
}

export function hasPersistentEfi(vmi: VirtualMachineInstance): boolean {
  return vmi.spec.domain.firmware?.bootloader?.efi?.persistent === true;
}

export function tracksChangedBlocks(vmi: VirtualMachineInstance): boolean {
  const state = vmi.status?.changedBlockTracking?.state;
  return state === 'Initializing' || state === 'Enabled';
}

/** Whether the VMI has state that outlives its pod and is not on one of its disks. */
export function needsBackendStorage(vmi: VirtualMachineInstance): boolean {
  return hasPersistentTpm(vmi) || hasPersistentEfi(vmi) || tracksChangedBlocks(vmi);
}

export function hasVirtiofs(vmi: VirtualMachineInstance): boolean {
  return vmi.spec.domain.devices?.filesystems?.some(({ virtiofs }) => virtiofs !== undefined) ?? false;
}

type KernelBootContainer = NonNullable<NonNullable<Firmware['kernelBoot']>['container']>;

export function kernelBootContainer(vmi: VirtualMachineInstance): KernelBootContainer | undefined {
  return vmi.spec.domain.firmware?.kernelBoot?.container;
}

export function hasPersistentReservation(vmi: VirtualMachineInstance): boolean {
  return vmi.spec.domain.devices?.disks?.some(({ lun }) => lun?.reservation === true) ?? false;
}

export function usesIstioProxy(vmi: VirtualMachineInstance): boolean {
  return vmi.metadata.annotations?.['sidecar.istio.io/inject']?.toLowerCase() === 'true';
}

/** The claim behind a volume that can be attached to a running machine (storage types.PVCNameFromVirtVolume). */
export function claimOf({ dataVolume, persistentVolumeClaim, memoryDump }: Volume): string | undefined {
  if (dataVolume) return dataVolume.name;
  return persistentVolumeClaim ? persistentVolumeClaim.claimName : memoryDump?.claimName;
}

/** The guest's host name, which is also the pod's (dns.SanitizeHostname). */
export function hostnameOf(vmi: VirtualMachineInstance): string {
  if (vmi.spec.hostname) return vmi.spec.hostname;
  const { name } = vmi.metadata;
  const dot = name.indexOf('.');
  return (dot < 0 ? name : name.slice(0, dot)).slice(0, LABEL_LENGTH);
}

/** The value of label `vmi.kubevirt.io/id`: the name, hashed where it is too long for a label. */
export function vmiId(name: string): string {
  if (name.length <= LABEL_LENGTH) return name;
  const hash = bytesToHex(sha1(name)).slice(0, HASH_LENGTH);
  return `${name.slice(0, LABEL_LENGTH - HASH_LENGTH - 1)}-${hash}`;
}
