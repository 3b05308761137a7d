/** What a machine costs beyond its guest's memory (KubeVirt v1.9 pkg/hypervisor/kvm, pkg/network/resources). */
import { type KubeVirtConfig, defaultArchitecture } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import { type Bytes, KILO, MEBI, formatBytes, kilos, parseBytes } from './amounts.ts';
import { hasTpm, hasVfio, interfacesOf, isDedicatedOrGuaranteed, isSev, vcpusOf } from './traits.ts';

/** Mebibytes: virt-launcher-monitor, virt-launcher, virtlogd, virtqemud, QEMU without its guest. */
const PROCESSES = 25 + 100 + 25 + 40 + 30;
const PER_VCPU = 8;
const IO_THREAD = 8;
const VIDEO_RAM = 32;
const ARM_FIRMWARE = 128;
const VFIO = 1024;
const DOWNWARD_METRICS = 1;
const EXEC_PROBES = 100;
const PER_EXEC_PROBE = 10;
const ENCRYPTED_MEMORY = 256;
const TPM = 53;
const GUARANTEED = 100;
const PASST = 250;
/** Page tables: one byte for so many of the requested memory. */
const PAGE_TABLE_RATIO = 512;

/**
 * The memory of a launcher pod beyond its guest's, as Kubernetes prints it: in decimal when the VMI requests memory
 * itself, in binary when it names only its guest's (the first summand decides). Both hypervisors cost the same.
 * Models KubeVirt v1.9 services.CalculateMemoryOverhead.
 * @throws RangeError when the VMI holds text that is no quantity.
 */
export function memoryOverhead(vmi: VirtualMachineInstance, config: KubeVirtConfig): string {
  return formatBytes(memoryOverheadBytes(vmi, config));
}

/** The same in bytes. */
export function memoryOverheadBytes(vmi: VirtualMachineInstance, config: KubeVirtConfig): Bytes {
  const { domain } = vmi.spec;
  const request = domain.resources?.requests?.memory;
  const pageTables =
    request === undefined ? 0 : Math.trunc((kilos(parseBytes(request).bytes) * KILO) / PAGE_TABLE_RATIO);
  const format = pageTables === 0 ? 'BinarySI' : 'DecimalSI';

  let bytes = pageTables + mebibytes(vmi, config) * MEBI;
  const reserved = (domain.memory?.reservedOverhead as { addedOverhead?: string } | undefined)?.addedOverhead;
  if (reserved !== undefined) bytes += parseBytes(reserved).bytes;

  const ratio = config.additionalGuestMemoryOverheadRatio
    ? Number(config.additionalGuestMemoryOverheadRatio)
    : Number.NaN;
  if (!Number.isNaN(ratio)) bytes += Math.trunc(kilos(bytes) * (ratio - 1)) * KILO;

  return { bytes: bytes + networkBytes(vmi, config), format };
}

function mebibytes(vmi: VirtualMachineInstance, config: KubeVirtConfig): number {
  const { domain } = vmi.spec;
  let mebi = PROCESSES + PER_VCPU * vcpus(vmi) + IO_THREAD;
  if (domain.devices?.autoattachGraphicsDevice !== false) mebi += VIDEO_RAM;
  if ((vmi.spec.architecture || defaultArchitecture(config)) === 'arm64') mebi += ARM_FIRMWARE;
  if (hasVfio(vmi)) mebi += VFIO;
  if (vmi.spec.volumes?.some(({ downwardMetrics }) => downwardMetrics !== undefined))
    mebi += DOWNWARD_METRICS;
  const probes = [vmi.spec.livenessProbe, vmi.spec.readinessProbe].filter(
    probe => probe?.exec !== undefined,
  ).length;
  if (probes > 0) mebi += EXEC_PROBES + probes * PER_EXEC_PROBE;
  if (isSev(vmi)) mebi += ENCRYPTED_MEMORY;
  if (hasTpm(vmi)) mebi += TPM;
  if (isDedicatedOrGuaranteed(vmi)) mebi += GUARANTEED;
  return mebi;
}

function vcpus(vmi: VirtualMachineInstance): number {
  const { cpu, resources } = vmi.spec.domain;
  if (cpu) return Math.max(1, vcpusOf(cpu));
  const amount = resources?.limits?.cpu ?? resources?.requests?.cpu;
  return amount === undefined ? 1 : Math.max(1, parseBytes(amount).bytes);
}

/** passt itself, and each binding plugin that is in use, once. */
function networkBytes(vmi: VirtualMachineInstance, config: KubeVirtConfig): number {
  const interfaces = interfacesOf(vmi);
  let bytes = interfaces.some(({ passtBinding }) => passtBinding !== undefined) ? PASST * MEBI : 0;
  const plugins = new Set<string>();
  for (const { binding } of interfaces) if (binding) plugins.add(binding.name);
  for (const name of plugins) {
    const memory = config.network.binding?.[name]?.computeResourceOverhead?.requests?.memory;
    if (memory !== undefined) bytes += parseBytes(memory).bytes;
  }
  return bytes;
}
