/** Room for CPUs and memory plugged in later (KubeVirt v1.9 pkg/defaults setupHotplug, pkg/liveupdate/memory). */
import { isLiveUpdate, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import { formatUnits } from '../../types/quantity.ts';
import { printed, units } from '../quantities.ts';

const MOST_VIRTUAL_CPUS = 512;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const LEAST_GUEST_MEMORY = GIB;

/** Writes maxSockets and maxGuest into a spec, which must be the caller's own copy, if VMs are updated live. */
export function setHotplugLimits(
  { architecture, domain }: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): void {
  if (architecture === 'arm64' || !isLiveUpdate(config)) return;
  const { maxCpuSockets = 0, maxGuest: clusterMaxGuest, maxHotplugRatio } = config.liveUpdateConfiguration;
  const cpu = (domain.cpu ??= {});
  const { sockets = 0, cores = 0, threads = 0 } = cpu;
  if (!cpu.maxSockets) {
    let maxSockets = maxCpuSockets === 0 ? 0 : Math.max(maxCpuSockets, sockets);
    if (maxSockets === 0) {
      maxSockets = sockets * maxHotplugRatio;
      if (maxSockets * cores * threads > MOST_VIRTUAL_CPUS) {
        maxSockets = Math.max(Math.floor(MOST_VIRTUAL_CPUS / (cores * threads)), sockets);
      }
    }
    if (maxSockets > 0) cpu.maxSockets = maxSockets;
  }
  const memory = (domain.memory ??= {});
  if (memory.maxGuest !== undefined) return;
  let maxGuest: string | undefined;
  if (clusterMaxGuest !== undefined) maxGuest = printed(clusterMaxGuest);
  else if (memory.guest !== undefined)
    maxGuest = formatUnits(units(memory.guest) * maxHotplugRatio, 'BinarySI');
  if (maxGuest === undefined || memoryHotplugError({ architecture, domain }, maxGuest) !== undefined) return;
  memory.maxGuest = maxGuest;
}

/** Why a VM's memory cannot grow to maxGuest while it runs, or undefined (pkg/liveupdate/memory ValidateLiveUpdateMemory). */
export function memoryHotplugError(
  { architecture, domain }: VirtualMachineInstanceSpec,
  maxGuest: string | undefined,
): string | undefined {
  const { cpu, memory } = domain;
  if (cpu?.realtime) return 'Memory hotplug is not compatible with realtime VMs';
  if (cpu?.numa?.guestMappingPassthrough)
    return 'Memory hotplug is not compatible with guest mapping passthrough';
  if (domain.launchSecurity) return 'Memory hotplug is not compatible with encrypted VMs';
  if (memory?.guest === undefined) return 'Guest memory must be configured when memory hotplug is enabled';
  if (maxGuest === undefined) return 'Max guest memory must be configured when memory hotplug is enabled';
  const block = memory.hugepages?.pageSize === '1Gi' ? GIB : 2 * MIB;
  const guestBytes = units(memory.guest);
  const maxBytes = units(maxGuest);
  if (guestBytes > maxBytes) return 'Guest memory is greater than the configured maxGuest memory';
  if (guestBytes % block !== 0) return `Guest memory must be ${formatUnits(block, 'BinarySI')} aligned`;
  if (maxBytes % block !== 0) return `MaxGuest must be ${formatUnits(block, 'BinarySI')} aligned`;
  if (architecture !== 'amd64') return 'Memory hotplug is only available for x86_64 VMs';
  if (guestBytes < LEAST_GUEST_MEMORY) {
    return 'Memory hotplug is only available for VMs with at least 1Gi of guest memory';
  }
  return undefined;
}
