import type {
  Cpu,
  InstancetypeSpec,
  Memory,
  PreferenceSpec,
  VirtualMachineInstanceSpec,
} from '../types/kubevirt.ts';
import type { ObjectMeta } from '../types/meta.ts';
import { canonicalQuantity, formatUnits, parseQuantity, quantityValue } from '../types/quantity.ts';
import type { Conflict, VmiSpecPath } from './conflict.ts';
import { withMissingEntries } from './persistent.ts';
import { guestTopology } from './topology.ts';

/** What instancetypes and preferences change: a VMI, or the VMI template of a VirtualMachine. */
export interface VmiParts {
  readonly spec: VirtualMachineInstanceSpec;
  readonly metadata: Partial<ObjectMeta>;
}

/**
 * The fields that the user and the instancetype both set, in upstream's order
 * (KubeVirt v1.9 pkg/instancetype/apply). Memory names only the first.
 * @param path where the VMI spec lies in the object the user sees.
 */
export function instancetypeConflicts(
  instancetype: InstancetypeSpec,
  { spec, metadata }: VmiParts,
  path: VmiSpecPath = 'spec.template.spec',
): Conflict[] {
  const { domain } = spec;
  const paths: string[] = [];
  if (instancetype.nodeSelector && spec.nodeSelector) paths.push('nodeSelector');
  if (instancetype.schedulerName && spec.schedulerName) paths.push('schedulerName');
  paths.push(...cpuConflicts(instancetype.cpu, spec));
  const memory = memoryConflict(instancetype.memory, spec);
  if (memory) paths.push(memory);
  const threads = 'supplementalPoolThreadCount';
  if (instancetype.ioThreads?.[threads] !== undefined && domain.ioThreads?.[threads] !== undefined) {
    paths.push(`domain.ioThreads.${threads}`);
  }
  if (instancetype.ioThreadsPolicy !== undefined && domain.ioThreadsPolicy !== undefined) {
    paths.push('domain.ioThreadsPolicy');
  }
  if (instancetype.launchSecurity && domain.launchSecurity) paths.push('domain.launchSecurity');
  if (instancetype.gpus?.length && domain.devices.gpus?.length) paths.push('domain.devices.gpus');
  if (instancetype.hostDevices?.length && domain.devices.hostDevices?.length)
    paths.push('domain.devices.hostDevices');
  const conflicts = paths.map(field => ({ path: `${path}.${field}` }));
  for (const [key, value] of Object.entries(instancetype.annotations ?? {})) {
    const current = metadata.annotations?.[key];
    if (current !== undefined && current !== value) conflicts.push({ path: `annotations.${key}` });
  }
  return conflicts;
}

function cpuConflicts(
  instancetype: InstancetypeSpec['cpu'],
  { domain }: VirtualMachineInstanceSpec,
): string[] {
  const paths: string[] = [];
  const { resources, cpu } = domain;
  if (resources?.requests?.cpu !== undefined) paths.push('domain.resources.requests.cpu');
  if (resources?.limits?.cpu !== undefined) paths.push('domain.resources.limits.cpu');
  if (!cpu) return paths;
  if (cpu.sockets) paths.push('domain.cpu.sockets');
  if (cpu.cores) paths.push('domain.cpu.cores');
  if (cpu.threads) paths.push('domain.cpu.threads');
  if (cpu.model && instancetype.model !== undefined) paths.push('domain.cpu.model');
  if (cpu.dedicatedCpuPlacement && instancetype.dedicatedCPUPlacement !== undefined) {
    // Spelled as the instancetype's field is, not as the VMI's.
    paths.push('domain.cpu.dedicatedCPUPlacement');
  }
  if (cpu.isolateEmulatorThread && instancetype.isolateEmulatorThread !== undefined) {
    paths.push('domain.cpu.isolateEmulatorThread');
  }
  if (cpu.numa && instancetype.numa) paths.push('domain.cpu.numa');
  if (cpu.realtime && instancetype.realtime) paths.push('domain.cpu.realtime');
  return paths;
}

function memoryConflict(
  instancetype: InstancetypeSpec['memory'],
  { domain: { memory, resources } }: VirtualMachineInstanceSpec,
): string | undefined {
  if (memory?.guest !== undefined) return 'domain.memory.guest';
  if (memory?.hugepages && instancetype.hugepages) return 'domain.memory.hugepages';
  if (memory?.maxGuest !== undefined && instancetype.maxGuest !== undefined) return 'domain.memory.maxGuest';
  if (resources?.requests?.memory !== undefined) return 'domain.resources.requests.memory';
  if (resources?.limits?.memory !== undefined) return 'domain.resources.limits.memory';
  return undefined;
}

/**
 * An instancetype put onto a VMI that it has no {@link instancetypeConflicts} with
 * (KubeVirt v1.9 pkg/instancetype/apply). The preference only decides the CPU topology.
 */
export function applyInstancetype(
  instancetype: InstancetypeSpec,
  preference: PreferenceSpec | undefined,
  { spec, metadata }: VmiParts,
): VmiParts {
  const { domain } = spec;
  const requests = overcommittedRequest(instancetype.memory);
  const { ioThreads, ioThreadsPolicy, launchSecurity, gpus, hostDevices } = instancetype;
  const pool = ioThreads?.supplementalPoolThreadCount;
  const annotations = withMissingEntries(metadata.annotations, instancetype.annotations);
  return {
    spec: {
      ...spec,
      ...(instancetype.nodeSelector && { nodeSelector: instancetype.nodeSelector }),
      ...(instancetype.schedulerName && { schedulerName: instancetype.schedulerName }),
      domain: {
        ...domain,
        cpu: appliedCpu(instancetype.cpu, preference, domain.cpu),
        memory: appliedMemory(instancetype.memory, domain.memory),
        ...(requests !== undefined && {
          resources: { ...domain.resources, requests: { ...domain.resources?.requests, memory: requests } },
        }),
        ...(pool !== undefined && { ioThreads: { ...domain.ioThreads, supplementalPoolThreadCount: pool } }),
        ...(ioThreadsPolicy !== undefined && { ioThreadsPolicy }),
        ...(launchSecurity && { launchSecurity }),
        ...((gpus?.length || hostDevices?.length) && {
          devices: {
            ...domain.devices,
            ...(gpus?.length && { gpus }),
            ...(hostDevices?.length && { hostDevices }),
          },
        }),
      },
    },
    metadata: annotations === metadata.annotations ? metadata : { ...metadata, annotations },
  };
}

function appliedCpu(
  instancetype: InstancetypeSpec['cpu'],
  preference: PreferenceSpec | undefined,
  current: Cpu | undefined,
): Cpu {
  const { sockets, cores, threads } = guestTopology(instancetype.guest, preference);
  const { sockets: _sockets, cores: _cores, threads: _threads, ...rest } = current ?? {};
  // Zeros and false are how Go says "absent", and leave no trace in the written object.
  return {
    ...rest,
    ...(cores && { cores }),
    ...(sockets && { sockets }),
    ...(instancetype.maxSockets && { maxSockets: instancetype.maxSockets }),
    ...(threads && { threads }),
    ...(instancetype.model && { model: instancetype.model }),
    ...(instancetype.dedicatedCPUPlacement && { dedicatedCpuPlacement: true }),
    ...(instancetype.isolateEmulatorThread && { isolateEmulatorThread: true }),
    ...(instancetype.numa && { numa: instancetype.numa }),
    ...(instancetype.realtime && { realtime: instancetype.realtime }),
  };
}

function appliedMemory(instancetype: InstancetypeSpec['memory'], current: Memory | undefined): Memory {
  const { hugepages, maxGuest } = instancetype;
  return {
    ...current,
    guest: canonicalQuantity(instancetype.guest),
    ...(hugepages && { hugepages }),
    ...(maxGuest !== undefined && { maxGuest: canonicalQuantity(maxGuest) }),
  };
}

/** What the pod asks for where guest memory is overcommitted: in bytes, with the rounding of 32-bit floats. */
function overcommittedRequest({
  guest,
  overcommitPercent = 0,
}: InstancetypeSpec['memory']): string | undefined {
  if (overcommitPercent <= 0) return undefined;
  const share = Math.fround(1 - Math.fround(Math.fround(overcommitPercent) / 100));
  const bytes = Math.trunc(Math.fround(Math.fround(quantityValue(guest)) * share));
  return formatUnits(bytes, parseQuantity(guest).format);
}
