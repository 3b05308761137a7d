/** Presets, deprecated yet still applied to new VMIs (KubeVirt v1.9 mutators/preset.go). */
import type { Cpu, DomainSpec, VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { KubeObject, LabelSelector } from '../../types/meta.ts';
import { parseQuantity } from '../../types/quantity.ts';
import { selectorError, selectorMatches } from '../label-selectors.ts';
import { same } from '../same.ts';
import { copyJson } from './copy.ts';
import type { Defaulted } from './vmi-spec.ts';

export interface VirtualMachineInstancePreset extends KubeObject {
  spec: { selector?: LabelSelector; domain?: DomainSpec };
}

const EXCLUDED = 'virtualmachineinstancepresets.admission.kubevirt.io/exclude';

/**
 * A VMI with the presets applied whose selectors fit its labels: each field only where the VMI has none. A preset that
 * was of use is noted in an annotation. The error is KubeVirt's, for presets that contradict each other.
 */
export function applyPresets(
  vmi: VirtualMachineInstance,
  presets: readonly VirtualMachineInstancePreset[],
): Defaulted<VirtualMachineInstance> {
  if (presets.length === 0 || vmi.metadata.annotations?.[EXCLUDED] === 'true') return { value: vmi };
  const matching: VirtualMachineInstancePreset[] = [];
  for (const preset of presets) {
    const error = selectorError(preset.spec.selector);
    if (error !== undefined) return { error };
    if (selectorMatches(preset.spec.selector ?? {}, vmi.metadata.labels)) matching.push(preset);
  }
  if (matching.length === 0) return { value: vmi };
  const conflicts = conflictsAmong(matching);
  if (conflicts.length > 0) {
    return { error: `VirtualMachinePresets cannot be applied due to conflicts: ${aggregate(conflicts)}` };
  }
  const spec = copyJson(vmi.spec);
  const annotations = { ...vmi.metadata.annotations };
  for (const { metadata, spec: preset } of matching) {
    if (preset.domain && mergeDomain(preset.domain, spec.domain)) {
      annotations[`virtualmachinepreset.kubevirt.io/${metadata.name}`] = 'kubevirt.io/v1';
    }
  }
  const { annotations: had, ...metadata } = vmi.metadata;
  const noted = had !== undefined || Object.keys(annotations).length > 0;
  return { value: { ...vmi, metadata: noted ? { ...metadata, annotations } : vmi.metadata, spec } };
}

function conflictsAmong(presets: readonly VirtualMachineInstancePreset[]): string[] {
  const conflicts: string[] = [];
  presets.forEach((preset, index) => {
    for (const earlier of presets.slice(0, index)) {
      if (!preset.spec.domain || !earlier.spec.domain) continue;
      const differences = domainDifferences(preset.spec.domain, earlier.spec.domain);
      if (differences.length === 0) continue;
      conflicts.push(
        `presets '${preset.metadata.name}' and '${earlier.metadata.name}' conflict: ${aggregate(differences)}`,
      );
    }
  });
  return conflicts;
}

function aggregate(errors: readonly string[]): string {
  return errors.length === 1 ? (errors[0] ?? '') : `[${[...new Set(errors)].join(', ')}]`;
}

function domainDifferences(a: DomainSpec, b: DomainSpec): string[] {
  const differences: string[] = [];
  for (const [name, amount] of Object.entries(a.resources?.requests ?? {})) {
    const other = b.resources?.requests?.[name];
    if (other === undefined || goQuantity(amount) === goQuantity(other)) continue;
    differences.push(`spec.resources.requests[${name}]: ${goQuantity(amount)} != ${goQuantity(other)}`);
  }
  const differ = (
    field: string,
    left: unknown,
    right: unknown,
    print: (value: never) => string = goStruct,
  ): void => {
    if (left === undefined || right === undefined || same(left, right)) return;
    differences.push(`${field}: ${print(left as never)} != ${print(right as never)}`);
  };
  differ('spec.cpu', a.cpu, b.cpu, goCpu);
  differ('spec.firmware', a.firmware, b.firmware);
  if (a.clock && b.clock) {
    const { timer, ...offset } = a.clock;
    const { timer: otherTimer, ...otherOffset } = b.clock;
    differ('spec.clock.clockoffset', offset, otherOffset);
    differ('spec.clock.timer', timer, otherTimer);
  }
  differ('spec.features', a.features, b.features);
  differ('spec.devices.watchdog', a.devices?.watchdog, b.devices?.watchdog);
  differ('spec.ioThreadsPolicy', a.ioThreadsPolicy, b.ioThreadsPolicy, String);
  return differences;
}

/** Fills what the VMI's domain (the caller's own copy) leaves open; answers whether the preset shows in the result. */
function mergeDomain(preset: DomainSpec, domain: DomainSpec): boolean {
  let applied = false;
  const requests = preset.resources?.requests;
  if (requests && Object.keys(requests).length > 0) {
    domain.resources ??= {};
    domain.resources.requests ??= { ...requests };
    applied ||= same(domain.resources.requests, requests, true);
  }
  for (const field of ['cpu', 'firmware', 'features', 'ioThreadsPolicy'] as const) {
    const wanted = preset[field];
    if (wanted === undefined) continue;
    (domain as Record<typeof field, unknown>)[field] ??= copyJson(wanted);
    applied ||= same(domain[field], wanted);
  }
  if (preset.clock) {
    const { timer, ...offset } = preset.clock;
    domain.clock ??= copyJson(offset);
    applied ||= same(domain.clock, preset.clock);
    if (timer) {
      domain.clock.timer ??= copyJson(timer);
      applied ||= same(domain.clock.timer, timer);
    }
  }
  const watchdog = preset.devices?.watchdog;
  if (watchdog) {
    domain.devices ??= {};
    domain.devices.watchdog ??= copyJson(watchdog);
    applied ||= same(domain.devices.watchdog, watchdog);
  }
  return applied;
}

/** A decoded quantity as Go's %v prints the bare struct: its mantissa and scale, no cached text, its format. */
function goQuantity(text: string): string {
  const { nano, format } = parseQuantity(text);
  let mantissa = nano;
  let scale = -9;
  if (format === 'BinarySI') {
    mantissa = nano / 1_000_000_000n;
    scale = 0;
  } else {
    while (mantissa !== 0n && mantissa % 1000n === 0n) {
      mantissa /= 1000n;
      scale += 3;
    }
  }
  return `{{${mantissa} ${mantissa === 0n ? 0 : scale}} {<nil>}  ${format}}`;
}

function goCpu(cpu: Cpu): string {
  const features = (cpu.features ?? []).map(({ name, policy = '' }) => `{${name} ${policy}}`).join(' ');
  const numbers = [cpu.cores, cpu.sockets, cpu.maxSockets, cpu.threads].map(number => number ?? 0).join(' ');
  const numa = cpu.numa ? goStruct(cpu.numa) : '<nil>';
  const realtime = cpu.realtime ? goStruct(cpu.realtime) : '<nil>';
  const flags = `${cpu.dedicatedCpuPlacement ?? false} ${numa} ${cpu.isolateEmulatorThread ?? false} ${realtime}`;
  return `&{${numbers} ${cpu.model ?? ''} [${features}] ${flags}}`;
}

/** Go prints addresses for what lies deeper, which nothing can predict; the values tell more. */
function goStruct(value: object): string {
  return `&${JSON.stringify(value)}`;
}
