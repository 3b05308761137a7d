/** Hyper-V enlightenments that need others (KubeVirt v1.9 pkg/defaults/hyperv.go, pkg/virt-api/webhooks/hyperv.go). */
import type { FeatureState, HypervFeatures, VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';

export interface HypervDependency {
  readonly feature: keyof HypervFeatures;
  readonly requires: keyof HypervFeatures;
}

/** In the order KubeVirt goes through them; synic comes last because synictimer may have added it. */
export const HYPERV_DEPENDENCIES: readonly HypervDependency[] = [
  { feature: 'evmcs', requires: 'vapic' },
  { feature: 'ipi', requires: 'vpindex' },
  { feature: 'tlbflush', requires: 'vpindex' },
  { feature: 'synictimer', requires: 'synic' },
  { feature: 'synic', requires: 'vpindex' },
];

/** The CPU feature without which nested virtualisation's evmcs does nothing. */
export const EVMCS_CPU_FEATURE = { name: 'vmx', policy: 'require' } as const;

/** Whether evmcs is present and not switched off. */
export function wantsEvmcs(hyperv: HypervFeatures | undefined): boolean {
  return hyperv?.evmcs !== undefined && hyperv.evmcs.enabled !== false;
}

/**
 * Switches on what enabled enlightenments need, in a spec that must be the caller's own copy. At the first one whose
 * need the user switched off it stops, and leaves the refusal to validation.
 */
export function setHypervDependencies({ domain }: VirtualMachineInstanceSpec): void {
  const hyperv = domain.features?.hyperv;
  if (!hyperv) return;
  for (const { feature, requires } of HYPERV_DEPENDENCIES) {
    if (hyperv[feature]?.enabled !== true) continue;
    const needed: FeatureState | undefined = hyperv[requires];
    if (needed?.enabled === undefined) hyperv[requires] = { ...needed, enabled: true };
    else if (!needed.enabled) return;
  }
  if (!wantsEvmcs(hyperv)) return;
  const cpu = (domain.cpu ??= {});
  const found = cpu.features?.find(({ name }) => name === EVMCS_CPU_FEATURE.name);
  if (found) found.policy = EVMCS_CPU_FEATURE.policy;
  else cpu.features = [...(cpu.features ?? []), { ...EVMCS_CPU_FEATURE }];
}
