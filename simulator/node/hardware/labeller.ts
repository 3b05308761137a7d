/**
 * The labels that virt-handler writes on its node: what the machine can offer to guests (KubeVirt v1.9
 * pkg/virt-handler/node-labeller) and that virt-handler is alive (pkg/virt-handler/heartbeat).
 */
import type { Millis, Timestamp } from '../../types/meta.ts';
import {
  EMULATED_CPU,
  findCpuModel,
  hostFeatures,
  modelBlockers,
  modelNames,
  usableS390xModels,
} from './cpu-models.ts';
import type { HardwareProfile } from './profile.ts';

/** spec.configuration.obsoleteCPUModels where the KubeVirt object gives none (v1.9 node-labeller/util). */
export const DEFAULT_OBSOLETE_CPU_MODELS: ReadonlySet<string> = new Set(
  '486 pentium pentium2 pentium3 pentiumpro coreduo n270 core2duo Conroe athlon phenom qemu64 qemu32 kvm64 kvm32 Opteron_G1 Opteron_G2'
    .split(' ')
    .flatMap(name => [name, `${name}-v1`]),
);

/** Labels that the labeller takes away before it writes its own; vendor and s390-pv labels stay, as upstream. */
const REMOVED_PREFIXES = [
  'cpu-feature.node.kubevirt.io/',
  'cpu-model.node.kubevirt.io/',
  'cpu-model-migration.node.kubevirt.io/',
  'cpu-timer.node.kubevirt.io/',
  'hyperv.node.kubevirt.io/',
  'kubevirt.io/realtime',
  'kubevirt.io/sev',
  'kubevirt.io/tdx',
  'host-model-cpu.node.kubevirt.io/',
  'host-model-required-features.node.kubevirt.io/',
  'node-labeller.kubevirt.io/obsolete-host-model',
  'machine-type.node.kubevirt.io/',
  'kubevirt.io/vm-arch-',
];

export const SKIP_LABELLER_ANNOTATION = 'node-labeller.kubevirt.io/skip-node';

export interface LabellerOptions {
  /** Replaces the default list, as spec.configuration.obsoleteCPUModels does. */
  obsoleteCpuModels?: ReadonlySet<string>;
  /** The feature gate for guests of another architecture. */
  crossArchitecture?: boolean;
}

/** What libvirt on the node says of its CPU. */
export interface HostCpu {
  model: string;
  vendor: string;
  features: readonly string[];
  requiredFeatures: readonly string[];
  /** Named models that guests can be given here. */
  usableModels: readonly string[];
  /** Named models that QEMU knows. */
  knownModels: readonly string[];
}

/** The CPU as guests can have it: with KVM the chip's, without KVM what QEMU emulates. Nothing on arm64. */
export function hostCpu({ architecture, cpu, devices }: HardwareProfile): HostCpu | undefined {
  if (architecture === 'arm64') return undefined;
  if (architecture === 's390x') {
    const features = ownFeatures(findCpuModel(architecture, cpu.model)?.features ?? [], cpu);
    return {
      model: cpu.model,
      vendor: cpu.vendor,
      features,
      requiredFeatures: cpu.hostModelRequiredFeatures ?? features,
      usableModels: usableS390xModels(cpu.model),
      knownModels: modelNames(architecture),
    };
  }
  const { model, vendor } = devices.kvm ? cpu : EMULATED_CPU;
  const features = devices.kvm
    ? hostFeatures(ownFeatures(findCpuModel(architecture, cpu.model)?.features ?? [], cpu), cpu.vendor)
    : [...EMULATED_CPU.features].sort();
  const blockers = modelBlockers(features);
  return {
    model,
    vendor,
    features,
    // virt-launcher asks libvirt to spell out every feature of host-model, those of the model itself included.
    requiredFeatures: (devices.kvm && cpu.hostModelRequiredFeatures) || features,
    usableModels: [...blockers].filter(([, missing]) => missing.length === 0).map(([name]) => name),
    knownModels: [...blockers.keys()],
  };
}

function ownFeatures(
  model: readonly string[],
  { features, missingFeatures }: HardwareProfile['cpu'],
): string[] {
  return [...new Set([...model, ...features])].filter(feature => !missingFeatures.includes(feature)).sort();
}

/** All labels of the node-labeller. */
export function labellerLabels(
  profile: HardwareProfile,
  options: LabellerOptions = {},
): Record<string, string> {
  const obsolete = options.obsoleteCpuModels ?? DEFAULT_OBSOLETE_CPU_MODELS;
  const labels: Record<string, string> = {};
  const mark = (prefix: string, names: readonly string[]) => {
    for (const name of names) labels[prefix + name] = 'true';
  };
  const cpu = hostCpu(profile);
  if (cpu) {
    mark('cpu-feature.node.kubevirt.io/', cpu.features);
    mark(
      'cpu-model.node.kubevirt.io/',
      cpu.usableModels.filter(name => !obsolete.has(name)),
    );
    mark(
      'cpu-model-migration.node.kubevirt.io/',
      cpu.knownModels.filter(name => !obsolete.has(name)),
    );
  }
  mark('machine-type.node.kubevirt.io/', profile.machineTypes);
  mark('hyperv.node.kubevirt.io/', profile.devices.kvm ? profile.hyperv : []);
  const { tsc } = profile.cpu;
  if (tsc) {
    labels['cpu-timer.node.kubevirt.io/tsc-frequency'] = String(tsc.frequency);
    labels['cpu-timer.node.kubevirt.io/tsc-scalable'] = String(tsc.scalable);
  }
  if (cpu) {
    if (obsolete.has(cpu.model)) labels['node-labeller.kubevirt.io/obsolete-host-model'] = 'true';
    mark('host-model-required-features.node.kubevirt.io/', cpu.requiredFeatures);
    mark('cpu-vendor.node.kubevirt.io/', [cpu.vendor]);
    mark('host-model-cpu.node.kubevirt.io/', [cpu.model]);
  }
  const { sev, tdx, secureExecution } = profile.devices;
  if (profile.realtime) labels['kubevirt.io/realtime'] = 'true';
  if (sev !== 'none') labels['kubevirt.io/sev'] = 'true';
  if (sev === 'sev-es' || sev === 'sev-snp') labels['kubevirt.io/sev-es'] = 'true';
  if (sev === 'sev-snp') labels['kubevirt.io/sev-snp'] = 'true';
  if (secureExecution) labels['kubevirt.io/s390-pv'] = 'true';
  if (tdx) labels['kubevirt.io/tdx'] = 'true';
  if (options.crossArchitecture) {
    const other = { amd64: ['arm64'], arm64: ['amd64'], s390x: [] }[profile.architecture];
    mark('kubevirt.io/vm-arch-', [profile.architecture, ...other]);
  }
  return labels;
}

/** Whether the labeller takes this label away before it writes its own. */
export function isLabellerLabel(key: string): boolean {
  return REMOVED_PREFIXES.some(prefix => key.startsWith(prefix));
}

/** The warning event HostModelIsObsolete of a node whose host model is obsolete, else undefined. */
export function obsoleteHostModelWarning(
  profile: HardwareProfile,
  obsolete: ReadonlySet<string> = DEFAULT_OBSOLETE_CPU_MODELS,
): string | undefined {
  const cpu = hostCpu(profile);
  if (!cpu || !obsolete.has(cpu.model)) return undefined;
  // Go prints a map with its keys in order.
  const list = [...obsolete].sort().map(name => `${name}:true`);
  return `This node has ${cpu.model} host-model cpu that is included in ObsoleteCPUModels: map[${list.join(' ')}]`;
}

/**
 * The labels of a heartbeat.
 * @param schedulable whether virt-handler's device plugins are ready.
 * @param cpuManagerGate whether KubeVirt's CPUManager feature is on.
 */
export function heartbeatLabels(
  { kubelet }: HardwareProfile,
  schedulable = true,
  cpuManagerGate = true,
): Record<string, string> {
  const cpuManager = String(cpuManagerGate && kubelet.cpuManager === 'static');
  return {
    cpumanager: cpuManager,
    'kubevirt.io/cpumanager': cpuManager,
    'kubevirt.io/schedulable': String(schedulable),
  };
}

/** The annotation of a heartbeat. */
export function heartbeatAnnotations(now: Millis): Record<string, string> {
  return { 'kubevirt.io/heartbeat': timestamp(now) };
}

/** RFC 3339 with whole seconds. */
export function timestamp(now: Millis): Timestamp {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
