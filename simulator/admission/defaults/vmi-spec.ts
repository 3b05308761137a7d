/** Defaults of a VMI's spec alone (KubeVirt v1.9 pkg/defaults SetDefaultVirtualMachineInstanceSpec). */
import {
  DEFAULT_CPU_REQUEST,
  defaultArchitecture,
  defaultMachineType,
  type KubeVirtConfig,
} from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import { tryParseQuantity } from '../../types/quantity.ts';
import { compare, isZero, printed, units } from '../quantities.ts';
import { copyJson } from './copy.ts';
import { bringIntoStoredForm } from './stored-form.ts';

export type Defaulted<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: string };

/**
 * A copy of the spec with the defaults that a VM's validation, expand-spec and the VMI webhook share: architecture,
 * machine type, requests, guest memory, CPU topology, pull policies, eviction strategy, default network, a disk for
 * every volume. The error is KubeVirt's, for a default network it may not attach.
 */
export function withDefaultVmiSpec(
  spec: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): Defaulted<VirtualMachineInstanceSpec> {
  const value = copyJson(spec);
  const error = setDefaultVmiSpec(value, config);
  return error === undefined ? { value } : { error };
}

/** Writes those defaults into a spec, which must be the caller's own copy; answers KubeVirt's error, if any. */
export function setDefaultVmiSpec(
  spec: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): string | undefined {
  bringIntoStoredForm(spec);
  if (!spec.architecture) spec.architecture = defaultArchitecture(config);
  if (!spec.domain.machine?.type) {
    spec.domain.machine = { ...spec.domain.machine, type: defaultMachineType(config, spec.architecture) };
  }
  setCpuRequest(spec, config);
  setGuestMemory(spec);
  setCpuTopology(spec);
  setPullPolicies(spec);
  spec.evictionStrategy ??= config.evictionStrategy;
  const error = setDefaultNetwork(spec, config);
  if (error !== undefined) return error;
  setVolumeDisks(spec);
  return undefined;
}

function setCpuRequest({ domain }: VirtualMachineInstanceSpec, config: KubeVirtConfig): void {
  const resources = (domain.resources ??= {});
  const limit = resources.limits?.cpu;
  if (limit !== undefined && !isZero(limit) && isZero(resources.requests?.cpu)) {
    resources.requests = { ...resources.requests, cpu: limit };
  }
  if (compare(config.cpuRequest, DEFAULT_CPU_REQUEST) === 0) return;
  if (resources.requests?.cpu !== undefined || domain.cpu?.dedicatedCpuPlacement) return;
  resources.requests = { ...resources.requests, cpu: printed(config.cpuRequest) };
}

function setGuestMemory({ domain }: VirtualMachineInstanceSpec): void {
  const memory = (domain.memory ??= {});
  if (memory.guest !== undefined) return;
  const { requests, limits } = domain.resources ?? {};
  if (!isZero(requests?.memory)) memory.guest = requests?.memory;
  else if (!isZero(limits?.memory)) memory.guest = limits?.memory;
  else if (memory.hugepages) {
    const size = memory.hugepages.pageSize ?? '';
    if (tryParseQuantity(size)) memory.guest = printed(size);
  }
}

function setCpuTopology({ domain }: VirtualMachineInstanceSpec): void {
  const { cpu } = domain;
  if (cpu?.cores || cpu?.sockets || cpu?.threads) return;
  const { requests, limits } = domain.resources ?? {};
  const given = limits?.cpu ?? requests?.cpu;
  domain.cpu = { ...cpu, cores: 1, sockets: given === undefined ? 1 : units(given), threads: 1 };
}

function setPullPolicies(spec: VirtualMachineInstanceSpec): void {
  for (const { containerDisk } of spec.volumes ?? []) {
    if (!containerDisk || containerDisk.imagePullPolicy) continue;
    containerDisk.imagePullPolicy = isMutableTag(containerDisk.image ?? '') ? 'Always' : 'IfNotPresent';
  }
}

function isMutableTag(image: string): boolean {
  return image.endsWith(':latest') || !(image.includes(':') || image.includes('@'));
}

function setDefaultNetwork(spec: VirtualMachineInstanceSpec, config: KubeVirtConfig): string | undefined {
  const { devices } = spec.domain;
  if (devices.autoattachPodInterface === false) return undefined;
  if (spec.networks?.length || devices.interfaces?.length) return undefined;
  const { defaultNetworkInterface, permitBridgeInterfaceOnPodNetwork } = config.network;
  if (defaultNetworkInterface === 'bridge') {
    if (!permitBridgeInterfaceOnPodNetwork) return 'bridge interface is not enabled in kubevirt-config';
    devices.interfaces = [{ name: 'default', bridge: {} }];
  } else if (defaultNetworkInterface === 'masquerade') {
    devices.interfaces = [{ name: 'default', masquerade: {} }];
  } else if (defaultNetworkInterface === 'slirp') {
    return 'slirp interface is deprecated as of v1.3';
  }
  spec.networks = [{ name: 'default', pod: {} }];
  return undefined;
}

function setVolumeDisks(spec: VirtualMachineInstanceSpec): void {
  const { devices } = spec.domain;
  for (const { name = '' } of spec.volumes ?? []) {
    if (devices.disks?.some(disk => disk.name === name)) continue;
    if (devices.filesystems?.some(filesystem => filesystem.name === name)) continue;
    devices.disks = [...(devices.disks ?? []), { name }];
  }
}
