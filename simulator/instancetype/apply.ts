import type { InstancetypeSpec, PreferenceSpec, VirtualMachine } from '../types/kubevirt.ts';
import { applyInstancetype, instancetypeConflicts, type VmiParts } from './apply-instancetype.ts';
import { applyPreference } from './apply-preference.ts';
import { type Conflict, conflictPaths, type VmiSpecPath } from './conflict.ts';

export type Applied =
  | { readonly vmi: VmiParts; readonly conflicts?: undefined }
  | { readonly conflicts: Conflict[] };

/** Instancetype, then preference, onto a VMI spec and its metadata (KubeVirt v1.9 pkg/instancetype/apply/vmi.go). */
export function applyToVmi(
  instancetype: InstancetypeSpec | undefined,
  preference: PreferenceSpec | undefined,
  vmi: VmiParts,
  path: VmiSpecPath,
): Applied {
  if (!instancetype) return { vmi: applyPreference(preference, vmi) };
  const conflicts = instancetypeConflicts(instancetype, vmi, path);
  if (conflicts.length > 0) return { conflicts };
  return { vmi: applyPreference(preference, applyInstancetype(instancetype, preference, vmi)) };
}

/** The VMI template of a VirtualMachine. */
export function templateOf(vm: VirtualMachine): VmiParts {
  return { spec: vm.spec.template.spec, metadata: vm.spec.template.metadata ?? {} };
}

/** The VirtualMachine with another VMI template; the same reference when the parts are those it has. */
export function withTemplate(vm: VirtualMachine, { spec, metadata }: VmiParts): VirtualMachine {
  const { template } = vm.spec;
  const isBare = template.metadata === undefined && Object.keys(metadata).length === 0;
  if (template.spec === spec && (isBare || template.metadata === metadata)) return vm;
  return { ...vm, spec: { ...vm.spec, template: { ...template, ...(!isBare && { metadata }), spec } } };
}

export type AppliedVm =
  | { readonly vm: VirtualMachine; readonly error?: undefined }
  | { readonly vm?: undefined; readonly error: string };

/**
 * The VirtualMachine as its instancetype and preference would have it, which live updates compare with the running
 * VMI (KubeVirt v1.9 pkg/instancetype/apply/vm.go). Nothing of it is meant to be stored.
 */
export function applyToVirtualMachine(
  vm: VirtualMachine,
  instancetype: InstancetypeSpec | undefined,
  preference: PreferenceSpec | undefined,
): AppliedVm {
  const applied = applyToVmi(instancetype, preference, templateOf(vm), 'spec');
  if (applied.conflicts) {
    return { error: `VM conflicts with instancetype spec in fields: [${conflictPaths(applied.conflicts)}]` };
  }
  return { vm: withTemplate(vm, applied.vmi) };
}
