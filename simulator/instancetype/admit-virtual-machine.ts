import type {
  DataVolumeTemplate,
  InstancetypeSpec,
  Matcher,
  PreferenceSpec,
  VirtualMachine,
  VirtualMachineInstanceSpec,
} from '../types/kubevirt.ts';
import type { JsonObject, ObjectMeta, StatusCause } from '../types/meta.ts';
import { applyToVmi, templateOf, withTemplate } from './apply.ts';
import { applyArchitecturePreference, applyMachinePreference } from './apply-preference.ts';
import { conflictCauses } from './conflict.ts';
import { findInstancetype, findPreference } from './find.ts';
import { type Inferred, inferDefaults } from './infer.ts';
import type { Lookup } from './lookup.ts';
import { type Role, ROLES } from './names.ts';
import { mapItems, withField } from './persistent.ts';
import { checkRequirements, requirementCause } from './requirements.ts';
import { spreadConflict } from './topology.ts';

export type Mutated =
  | { readonly vm: VirtualMachine; readonly causes?: undefined; readonly rejection?: undefined }
  /** Denied as Invalid (422) with these causes. */
  | { readonly vm?: undefined; readonly causes: StatusCause[]; readonly rejection?: undefined }
  /** Denied with this code and bare message. */
  | {
      readonly vm?: undefined;
      readonly causes?: undefined;
      readonly rejection: NonNullable<Inferred['rejection']>;
    };

/**
 * The part of the VirtualMachine mutating webhook that deals with instancetypes and preferences: matchers are checked
 * and inferred, and the preferred architecture, machine type and storage class written, before all other defaults
 * (KubeVirt v1.9 pkg/instancetype/webhooks/vm/mutator.go).
 * @param old the stored VirtualMachine on update, undefined on create.
 */
export function mutateVirtualMachine(
  vm: VirtualMachine,
  old: VirtualMachine | undefined,
  lookup: Lookup,
): Mutated {
  const causes = matcherCauses(vm, old);
  if (causes.length > 0) return { causes };
  const inferred = inferDefaults(vm, lookup);
  if (inferred.rejection) return inferred;
  // A preference that cannot be found is no reason to refuse; the VM controller reports it later.
  const preference = findPreference(inferred.vm, lookup)?.found?.spec;
  return { vm: preference ? withEarlyPreferences(inferred.vm, preference) : inferred.vm };
}

function withEarlyPreferences(vm: VirtualMachine, preference: PreferenceSpec): VirtualMachine {
  const { spec, metadata } = templateOf(vm);
  const onArchitecture = applyArchitecturePreference(preference, spec);
  const domain = applyMachinePreference(preference, onArchitecture.domain);
  const result = withTemplate(vm, { spec: withField(onArchitecture, 'domain', domain), metadata });
  const storageClass = preference.volumes?.preferredStorageClassName;
  const templates = result.spec.dataVolumeTemplates;
  if (!storageClass || !templates) return result;
  const dataVolumeTemplates = mapItems(templates, template => onStorageClass(template, storageClass));
  return withField(result, 'spec', withField(result.spec, 'dataVolumeTemplates', dataVolumeTemplates));
}

function onStorageClass(template: DataVolumeTemplate, storageClassName: string): DataVolumeTemplate {
  let { spec } = template;
  for (const field of ['pvc', 'storage'] as const) {
    const target = spec[field] as JsonObject | undefined;
    if (target && target.storageClassName === undefined)
      spec = { ...spec, [field]: { ...target, storageClassName } };
  }
  return withField(template, 'spec', spec);
}

/** What is wrong with a VirtualMachine's matchers; like upstream it stops at the first matcher with a fault. */
export function matcherCauses(vm: VirtualMachine, old: VirtualMachine | undefined): StatusCause[] {
  const roles: readonly Role[] = ['instancetype', 'preference'];
  for (const role of roles) {
    const cause = old && renamedMatcherCause(role, vm.spec[role], old.spec[role]);
    if (cause) return [cause];
  }
  for (const role of roles) {
    const causes = matcherFaults(role, vm.spec[role]);
    if (causes.length > 0) return causes;
  }
  return [];
}

function renamedMatcherCause(
  role: Role,
  matcher: Matcher | undefined,
  old: Matcher | undefined,
): StatusCause | undefined {
  if (!matcher?.revisionName || !old || matcher.revisionName !== old.revisionName) return undefined;
  if ((matcher.name ?? '') === (old.name ?? '')) return undefined;
  return {
    reason: 'FieldValueInvalid',
    message: 'the Matcher Name has been updated without updating the RevisionName',
    field: `spec.${role}.revisionName`,
  };
}

function matcherFaults(role: Role, matcher: Matcher | undefined): StatusCause[] {
  if (!matcher) return [];
  const causes: StatusCause[] = [];
  const { name, kind, inferFromVolume, inferFromVolumeFailurePolicy: policy } = matcher;
  if (!name && !inferFromVolume) {
    causes.push({
      reason: 'FieldValueNotFound',
      message: `Either Name or InferFromVolume should be provided within the ${ROLES[role].matcher}`,
      field: `spec.${role}`,
    });
  }
  if (inferFromVolume && name) {
    causes.push({
      reason: 'FieldValueNotSupported',
      message: 'Name already set, should be cleared before setting inferFromVolume',
      field: `spec.${role}.name`,
    });
  }
  if (inferFromVolume && kind) {
    causes.push({
      reason: 'FieldValueNotSupported',
      message: 'Kind already set, should be cleared before setting inferFromVolume',
      field: `spec.${role}.kind`,
    });
  }
  if (policy !== undefined && policy !== 'Ignore' && policy !== 'Reject') {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value '${policy}' for InferFromVolumeFailurePolicy`,
      field: `spec.${role}.inferFromVolumeFailurePolicy`,
    });
  }
  return causes;
}

export type Validated =
  | {
      /** The VirtualMachine with everything applied, to be validated further and then thrown away. */
      readonly vm: VirtualMachine;
      readonly instancetype?: InstancetypeSpec;
      readonly preference?: PreferenceSpec;
      readonly causes?: undefined;
    }
  | {
      readonly vm?: undefined;
      readonly instancetype?: undefined;
      readonly preference?: undefined;
      /** Denied as Invalid (422) with these causes. */
      readonly causes: StatusCause[];
    };

/**
 * The part of the VirtualMachine validating webhook that deals with instancetypes and preferences: topology, conflicts,
 * then - once the VMI defaults are in - requirements (KubeVirt v1.9 pkg/instancetype/webhooks/vm/admitter.go and
 * pkg/virt-api vms-admitter). What cannot be found is passed over.
 * @param applyDefaults the VMI defaults, which are applied whether or not the VirtualMachine has references.
 */
export function validateVirtualMachine(
  vm: VirtualMachine,
  lookup: Lookup,
  applyDefaults: (
    spec: VirtualMachineInstanceSpec,
    metadata: Partial<ObjectMeta>,
  ) => VirtualMachineInstanceSpec,
): Validated {
  const instancetype = findInstancetype(vm, lookup)?.found?.spec;
  const preference = findPreference(vm, lookup)?.found?.spec;
  const spread = spreadConflict(instancetype, preference);
  if (spread) return { causes: conflictCauses([spread]) };
  const applied = applyToVmi(instancetype, preference, templateOf(vm), 'spec.template.spec');
  if (applied.conflicts) return { causes: conflictCauses(applied.conflicts) };
  const { metadata } = applied.vmi;
  const spec = applyDefaults(applied.vmi.spec, metadata);
  const unmet = checkRequirements(instancetype, preference, spec);
  if (unmet) return { causes: [requirementCause(unmet)] };
  return {
    vm: withTemplate(vm, { spec, metadata }),
    ...(instancetype && { instancetype }),
    ...(preference && { preference }),
  };
}
