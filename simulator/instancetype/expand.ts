import type { VirtualMachine, VirtualMachineInstanceSpec } from '../types/kubevirt.ts';
import type { ObjectMeta } from '../types/meta.ts';
import { applyToVmi, templateOf, withTemplate } from './apply.ts';
import { conflictsError } from './conflict.ts';
import { findInstancetype, findPreference } from './find.ts';
import type { Lookup } from './lookup.ts';
import { type NetworkDefaults, withDefaultDisks, withDefaultNetwork } from './start-defaults.ts';

export interface ExpandOptions {
  readonly network: NetworkDefaults;
  /** The defaults that a VMI gets at creation (B6-80 to B6-87), which another area owns. */
  readonly applyDefaults: (
    spec: VirtualMachineInstanceSpec,
    metadata: Partial<ObjectMeta>,
  ) => VirtualMachineInstanceSpec;
}

export type Expanded =
  | { readonly vm: VirtualMachine; readonly error?: undefined }
  | { readonly vm?: undefined; readonly error: string };

/**
 * The VirtualMachine with instancetype, preference and VMI defaults written into its template and all references
 * gone (KubeVirt v1.9 pkg/instancetype/expand). The same reference for a VirtualMachine without references.
 * `error` is the text; the expand-spec subresource answers it as 500, expand-vm-spec as 400.
 */
export function expandVirtualMachine(vm: VirtualMachine, lookup: Lookup, options: ExpandOptions): Expanded {
  if (!vm.spec.instancetype && !vm.spec.preference) return { vm };
  const instancetype = findInstancetype(vm, lookup);
  if (instancetype?.missing !== undefined) return { error: instancetype.missing };
  const preference = findPreference(vm, lookup);
  if (preference?.missing !== undefined) return { error: preference.missing };

  const template = templateOf(vm);
  const networked = withDefaultNetwork(withDefaultDisks(template.spec), options.network);
  if (networked.error !== undefined) return { error: networked.error };
  const vmi = { spec: networked.spec, metadata: template.metadata };
  const applied = applyToVmi(instancetype?.found.spec, preference?.found.spec, vmi, 'spec.template.spec');
  if (applied.conflicts) return { error: conflictsError(applied.conflicts) };
  const { metadata } = applied.vmi;
  const spec = options.applyDefaults(applied.vmi.spec, metadata);
  return { vm: withoutReferences(withTemplate(vm, { spec, metadata })) };
}

function withoutReferences(vm: VirtualMachine): VirtualMachine {
  const { instancetype: _instancetype, preference: _preference, ...spec } = vm.spec;
  if (!vm.status?.instancetypeRef && !vm.status?.preferenceRef) return { ...vm, spec };
  const { instancetypeRef: _instancetypeRef, preferenceRef: _preferenceRef, ...status } = vm.status;
  return { ...vm, spec, status };
}
