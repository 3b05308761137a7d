/**
 * Instancetypes and preferences as pure functions: found, inferred from volumes, checked, applied, expanded and kept
 * as ControllerRevisions (KubeVirt v1.9.0 pkg/instancetype and the webhooks around it), and the common instancetypes
 * and preferences that an installation brings.
 *
 * Left out: the VMI's own defaults, which callers hand in as a function; admission of what an applied VirtualMachine
 * turns into; the labels that virt-operator puts on the common objects. The descriptions of the common instancetypes
 * are worded differently from upstream's. Two crashes of upstream are not modelled: preferred CPU features on a VMI
 * without `domain.cpu` are applied, and a spread ratio of zero is a conflict.
 */
export { type Admission, admitInstancetype, admitPreference } from './admit-kinds.ts';
export {
  type Mutated,
  matcherCauses,
  mutateVirtualMachine,
  type Validated,
  validateVirtualMachine,
} from './admit-virtual-machine.ts';
export {
  type Applied,
  type AppliedVm,
  applyToVirtualMachine,
  applyToVmi,
  templateOf,
  withTemplate,
} from './apply.ts';
export { applyAutoattachPreferences } from './apply-device-preferences.ts';
export { applyInstancetype, instancetypeConflicts, type VmiParts } from './apply-instancetype.ts';
export { applyArchitecturePreference, applyMachinePreference, applyPreference } from './apply-preference.ts';
export { COMMON_VERSION, commonInstancetypes } from './common-instancetypes.ts';
export { commonPreferences } from './common-preferences.ts';
export {
  type Conflict,
  conflictCauses,
  conflictPaths,
  conflictsError,
  type VmiSpecPath,
} from './conflict.ts';
export { type Expanded, type ExpandOptions, expandVirtualMachine } from './expand.ts';
export {
  type Finding,
  type Found,
  findInstancetype,
  findPreference,
  hasControllerRevisionRef,
  type InstancetypeFinding,
  type PreferenceFinding,
} from './find.ts';
export { type Inferred, inferDefaults } from './infer.ts';
export type { Lookup } from './lookup.ts';
export {
  type ReferencePlan,
  type ReferencePolicy,
  type ReferenceWrites,
  planReferences,
} from './reference-policy.ts';
export { checkRequirements, requirementCause, type UnmetRequirement } from './requirements.ts';
export { isLatestRevision, makeRevision, revisionMismatch, revisionName } from './revision.ts';
export { applyAtStart, type Started, withReferenceAnnotations } from './start.ts';
export {
  type Networked,
  type NetworkDefaults,
  withDefaultDisks,
  withDefaultInput,
  withDefaultNetwork,
} from './start-defaults.ts';
export { type Decoded, decodeRevision } from './stored-object.ts';
export { guestTopology, spreadConflict } from './topology.ts';
