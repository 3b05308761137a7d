import type { Matcher, VirtualMachine } from '../types/kubevirt.ts';
import { applyToVmi, templateOf } from './apply.ts';
import { applyAutoattachPreferences } from './apply-device-preferences.ts';
import type { VmiParts } from './apply-instancetype.ts';
import { conflictPaths } from './conflict.ts';
import { findInstancetype, findPreference } from './find.ts';
import type { Lookup } from './lookup.ts';
import { matcherScope, ROLES, type Role } from './names.ts';
import { withField } from './persistent.ts';
import {
  type NetworkDefaults,
  withDefaultDisks,
  withDefaultInput,
  withDefaultNetwork,
} from './start-defaults.ts';

export type Started =
  | { readonly vmi: VmiParts; readonly error?: undefined; readonly event?: undefined }
  | {
      readonly vmi?: undefined;
      readonly error: string;
      /** The words of the warning event (reason `FailedCreate`) that the VM controller sends, if it sends one. */
      readonly event?: string;
    };

/**
 * The spec and metadata with which a VirtualMachine's VMI is created: default disks, autoattach preferences, default
 * input, default network, annotations, instancetype, preference, in this order
 * (KubeVirt v1.9 pkg/virt-controller/watch/vm, startVMI).
 * @param vmi what the controller made of the template so far; by default the template itself.
 */
export function applyAtStart(
  vm: VirtualMachine,
  lookup: Lookup,
  network: NetworkDefaults,
  vmi: VmiParts = templateOf(vm),
): Started {
  let { spec, metadata } = vmi;
  spec = withDefaultDisks(spec);
  const preference = findPreference(vm, lookup);
  if (preference?.missing !== undefined) {
    return {
      error: preference.missing,
      event: `Error applying device preferences again: ${preference.missing}`,
    };
  }
  const devices = applyAutoattachPreferences(preference?.found.spec, spec.domain.devices);
  spec = withField(spec, 'domain', withField(spec.domain, 'devices', devices));
  spec = withDefaultInput(spec);
  const networked = withDefaultNetwork(spec, network);
  if (networked.error !== undefined) return { error: networked.error };
  spec = networked.spec;
  const instancetype = findInstancetype(vm, lookup);
  if (instancetype?.missing !== undefined) return failedToApply(instancetype.missing);
  if (!instancetype && !preference) return { vmi: { spec, metadata } };
  metadata = withReferenceAnnotations(vm, metadata);
  const applied = applyToVmi(instancetype?.found.spec, preference?.found.spec, { spec, metadata }, 'spec');
  if (!applied.conflicts) return applied;
  return failedToApply(
    `VMI conflicts with instancetype spec in fields: [${conflictPaths(applied.conflicts)}]`,
  );
}

function failedToApply(error: string): Started {
  return { error, event: `Error creating virtual machine instance: Failed to apply instancetype: ${error}` };
}

/**
 * The metadata with the annotations that tell what a VMI was made from
 * (KubeVirt v1.9 pkg/instancetype/annotations and preference/annotations).
 */
export function withReferenceAnnotations(
  vm: VirtualMachine,
  metadata: VmiParts['metadata'],
): VmiParts['metadata'] {
  const annotations = {
    ...referenceAnnotation('instancetype', vm.spec.instancetype),
    ...referenceAnnotation('preference', vm.spec.preference),
  };
  const changes = Object.entries(annotations).some(([key, value]) => metadata.annotations?.[key] !== value);
  return changes ? { ...metadata, annotations: { ...metadata.annotations, ...annotations } } : metadata;
}

function referenceAnnotation(role: Role, matcher: Matcher | undefined): Record<string, string> {
  const scope = matcher && matcherScope(role, matcher.kind);
  if (!scope) return {};
  const { annotation, clusterAnnotation } = ROLES[role];
  return { [scope === 'namespaced' ? annotation : clusterAnnotation]: matcher.name ?? '' };
}
