/** From plain data (YAML, JSON) to a HardwareProfile; everything that is not understood is refused. */
import type { Taint } from '../../types/core.ts';
import { quantityValue } from '../../types/quantity.ts';
import { findCpuModel, modelNames } from './cpu-models.ts';
import { HYPERV_FEATURES, MACHINE_TYPES, OPERATING_SYSTEM, PAGE_SIZES } from './defaults.ts';
import {
  type Architecture,
  cpuCount,
  type CpuHardware,
  type HardwareProfile,
  type HostDevice,
  type KubeletSettings,
  type NumaNode,
} from './profile.ts';
import { Fields, HardwareError, type Path, suggest } from './strict.ts';

const RESOURCE_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;
const CPU_LIST = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;

/**
 * Reads a hardware profile.
 * @throws HardwareError naming the path of what is unknown, missing or out of range.
 */
export function parseHardwareProfile(value: unknown, path: Path = []): HardwareProfile {
  const fields = new Fields(value, path);
  const name = fields.text('name') ?? fields.fail('name', 'is missing');
  const description = fields.text('description');
  const architecture = fields.oneOf<Architecture>('architecture', ['amd64', 'arm64', 's390x'], 'amd64');
  const cpu = parseCpu(fields, architecture);
  const devices = parseDevices(fields);
  const memory = fields.quantity('memory', 'bytes') ?? fields.fail('memory', 'is missing');
  const hugepages = parseHugepages(fields, architecture);
  const profile: HardwareProfile = {
    name,
    ...(description && { description }),
    architecture,
    cpu,
    memory,
    hugepages,
    numaNodes: fields.list('numaNodes', (item, at) => parseNumaNode(item, at, architecture)),
    storage: {
      ephemeral: readGroup(fields, 'storage', group => group?.quantity('ephemeral', 'bytes')) ?? '100Gi',
    },
    devices,
    gpus: fields.list('gpus', parseHostDevice),
    pciHostDevices: fields.list('pciHostDevices', parseHostDevice),
    mediatedDevices: fields.list('mediatedDevices', parseHostDevice),
    sriov: fields.list('sriov', (item, at) => {
      const { resourceName, count } = parseHostDevice(item, at);
      return { resourceName, count };
    }),
    hyperv: parseHyperv(fields, architecture, devices.kvm),
    realtime: fields.flag('realtime', false),
    machineTypes: fields.has('machineTypes')
      ? fields.texts('machineTypes')
      : [...MACHINE_TYPES[architecture]],
    kubelet: readGroup(fields, 'kubelet', parseKubelet),
    labels: fields.map('labels'),
    annotations: fields.map('annotations'),
    taints: fields.list('taints', parseTaint),
    roles: fields.texts('roles'),
    os: readGroup(fields, 'os', group => ({
      image: group?.text('image') ?? OPERATING_SYSTEM.image,
      kernel: group?.text('kernel') ?? OPERATING_SYSTEM.kernel,
      containerRuntime: group?.text('containerRuntime') ?? OPERATING_SYSTEM.containerRuntime,
    })),
  };
  fields.end();
  checkNuma(fields, profile);
  checkMemory(fields, profile);
  return profile;
}

function readGroup<T>(fields: Fields, key: string, read: (group: Fields | undefined) => T): T {
  const group = fields.group(key);
  const result = read(group);
  group?.end();
  return result;
}

function parseCpu(fields: Fields, architecture: Architecture): CpuHardware {
  const group: Fields = fields.group('cpu') ?? fields.fail('cpu', 'is missing');
  const model = group.text('model') ?? group.fail('model', 'is missing');
  const known = findCpuModel(architecture, model);
  if (!known)
    group.fail(
      'model',
      `unknown CPU model ${JSON.stringify(model)}${suggest(model, modelNames(architecture))}`,
    );
  const tsc = group.group('tsc');
  const cpu: CpuHardware = {
    vendor: group.text('vendor') ?? known.vendor,
    model,
    sockets: group.count('sockets', 1, 1),
    coresPerSocket: group.count('coresPerSocket', 1, 1),
    threadsPerCore: group.count('threadsPerCore', 1, 1),
    features: group.texts('features'),
    missingFeatures: group.texts('missingFeatures'),
    ...(group.has('hostModelRequiredFeatures') && {
      hostModelRequiredFeatures: group.texts('hostModelRequiredFeatures'),
    }),
    ...(tsc && {
      tsc: {
        frequency: tsc.count('frequency', 0, 1_000_000) || tsc.fail('frequency', 'is missing (in Hz)'),
        scalable: tsc.flag('scalable', true),
      },
    }),
  };
  tsc?.end();
  group.end();
  return cpu;
}

function parseDevices(fields: Fields): HardwareProfile['devices'] {
  return readGroup(fields, 'devices', group => ({
    kvm: group?.flag('kvm', true) ?? true,
    tun: group?.flag('tun', true) ?? true,
    vhostNet: group?.flag('vhostNet', true) ?? true,
    vhostVsock: group?.flag('vhostVsock', true) ?? true,
    sev: group?.oneOf('sev', ['none', 'sev', 'sev-es', 'sev-snp'], 'none') ?? 'none',
    tdx: group?.flag('tdx', false) ?? false,
    secureExecution: group?.flag('secureExecution', false) ?? false,
  }));
}

function parseHugepages(fields: Fields, architecture: Architecture): Record<string, number> {
  return readGroup(fields, 'hugepages', group => {
    const pages: Record<string, number> = {};
    for (const size of PAGE_SIZES[architecture]) {
      const count = group?.count(size, 0) ?? 0;
      if (count > 0) pages[size] = count;
    }
    return pages;
  });
}

function parseNumaNode(value: unknown, path: Path, architecture: Architecture): NumaNode {
  const fields = new Fields(value, path);
  const cpus = fields.text('cpus') ?? fields.fail('cpus', 'is missing');
  if (!CPU_LIST.test(cpus))
    fields.fail('cpus', `must be a list of CPUs such as "0-15,32-47", not ${JSON.stringify(cpus)}`);
  const node: NumaNode = {
    memory: fields.quantity('memory', 'bytes') ?? fields.fail('memory', 'is missing'),
    cpus,
    hugepages: parseHugepages(fields, architecture),
  };
  fields.end();
  return node;
}

function parseHostDevice(value: unknown, path: Path): HostDevice {
  const fields = new Fields(value, path);
  const resourceName = fields.text('resourceName') ?? fields.fail('resourceName', 'is missing');
  if (!RESOURCE_NAME.test(resourceName)) {
    fields.fail(
      'resourceName',
      `must be of the form vendor.domain/name, not ${JSON.stringify(resourceName)}`,
    );
  }
  const selector = fields.text('selector');
  const numaNode = fields.has('numaNode') ? fields.count('numaNode', 0) : undefined;
  const device: HostDevice = {
    resourceName,
    count: fields.count('count', 1),
    ...(selector !== undefined && { selector }),
    ...(numaNode !== undefined && { numaNode }),
    external: fields.flag('external', false),
  };
  fields.end();
  return device;
}

function parseHyperv(fields: Fields, architecture: Architecture, kvm: boolean): string[] {
  const offered = architecture === 'amd64' && kvm ? HYPERV_FEATURES : [];
  if (!fields.has('hyperv')) return [...offered];
  return fields.list('hyperv', (value, path) => {
    if (!HYPERV_FEATURES.includes(value as string)) {
      throw new HardwareError(
        path,
        `unknown Hyper-V feature ${JSON.stringify(value)}${suggest(String(value), HYPERV_FEATURES)}`,
      );
    }
    return value as string;
  });
}

function parseKubelet(group: Fields | undefined): KubeletSettings {
  const reserved = group?.group('reserved');
  const settings: KubeletSettings = {
    version: group?.text('version') ?? OPERATING_SYSTEM.kubelet,
    maxPods: group?.count('maxPods', 110, 1) ?? 110,
    cpuManager: group?.oneOf('cpuManager', ['none', 'static'], 'none') ?? 'none',
    reserved: {
      cpu: reserved?.quantity('cpu', 'cpu') ?? '0',
      memory: reserved?.quantity('memory', 'bytes') ?? '0',
      ephemeralStorage: reserved?.quantity('ephemeralStorage', 'bytes') ?? '0',
    },
  };
  reserved?.end();
  return settings;
}

export function parseTaint(value: unknown, path: Path): Taint {
  const fields = new Fields(value, path);
  const key = fields.text('key') ?? fields.fail('key', 'is missing');
  const text = fields.text('value');
  if (!fields.has('effect')) fields.fail('effect', 'is missing');
  const effect = fields.oneOf('effect', ['NoSchedule', 'PreferNoSchedule', 'NoExecute'], 'NoSchedule');
  fields.end();
  return { key, ...(text !== undefined && { value: text }), effect };
}

function checkNuma(fields: Fields, profile: HardwareProfile): void {
  const { numaNodes, hugepages } = profile;
  if (numaNodes.length === 0) return;
  const cpus = numaNodes.flatMap(node => expandCpuList(node.cpus));
  const count = cpuCount(profile);
  if (new Set(cpus).size !== cpus.length) fields.fail('numaNodes', 'a CPU is in two NUMA nodes');
  if (cpus.length !== count || Math.max(...cpus) !== count - 1) {
    fields.fail('numaNodes', `must hold the ${count} CPUs of the machine, not ${cpus.length}`);
  }
  const memory = numaNodes.reduce((sum, node) => sum + quantityValue(node.memory), 0);
  if (memory !== quantityValue(profile.memory)) {
    fields.fail('numaNodes', `their memory must add up to memory: ${profile.memory}`);
  }
  for (const size of new Set([
    ...Object.keys(hugepages),
    ...numaNodes.flatMap(node => Object.keys(node.hugepages)),
  ])) {
    const pages = numaNodes.reduce((sum, node) => sum + (node.hugepages[size] ?? 0), 0);
    if (pages !== (hugepages[size] ?? 0)) {
      fields.fail(
        'numaNodes',
        `their hugepages of ${size} must add up to ${hugepages[size] ?? 0}, not ${pages}`,
      );
    }
  }
  for (const list of ['gpus', 'pciHostDevices', 'mediatedDevices'] as const) {
    profile[list].forEach(({ numaNode }, index) => {
      if (numaNode !== undefined && numaNode >= numaNodes.length) {
        throw new HardwareError([...fields.at(list), index, 'numaNode'], `there is no NUMA node ${numaNode}`);
      }
    });
  }
}

function checkMemory(fields: Fields, { memory, hugepages }: HardwareProfile): void {
  const pages = Object.entries(hugepages).reduce(
    (sum, [size, count]) => sum + quantityValue(size) * count,
    0,
  );
  if (pages >= quantityValue(memory)) fields.fail('hugepages', `take all of the memory (${memory})`);
}

/** `0-2,8` is CPUs 0, 1, 2 and 8. */
export function expandCpuList(list: string): number[] {
  return list.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
