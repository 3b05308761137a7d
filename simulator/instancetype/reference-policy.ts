import type { ControllerRevision } from '../types/core.ts';
import type { Instancetype, Matcher, MatcherStatus, Preference, VirtualMachine } from '../types/kubevirt.ts';
import type { NewObject } from '../types/meta.ts';
import { templateOf } from './apply.ts';
import { instancetypeConflicts } from './apply-instancetype.ts';
import { conflictsError } from './conflict.ts';
import { type ExpandOptions, expandVirtualMachine } from './expand.ts';
import {
  fetchReferenced,
  findInstancetype,
  findPreference,
  hasControllerRevisionRef,
  statusRef,
} from './find.ts';
import { CONTROLLER_REVISIONS, fetchNamespaced, type Lookup } from './lookup.ts';
import type { Role } from './names.ts';
import { withField } from './persistent.ts';
import { isLatestRevision, makeRevision, revisionMismatch } from './revision.ts';
import { decodeRevision } from './stored-object.ts';
import { semanticallyEqual, typedInstancetypeSpec } from './stored-spec.ts';

/** KubeVirt's `instancetype.referencePolicy`. */
export type ReferencePolicy = 'reference' | 'expand' | 'expandAll';

/** What the VM controller is to write, in this order. */
export interface ReferenceWrites {
  readonly createRevisions: readonly NewObject<ControllerRevision>[];
  /** Goes to `status.instancetypeRef` whole. */
  readonly instancetypeRef?: MatcherStatus;
  /** Goes to `status.preferenceRef` whole. */
  readonly preferenceRef?: MatcherStatus;
  /** Names in the VirtualMachine's namespace; failing to delete them is no error. */
  readonly deleteRevisions: readonly string[];
}

export type ReferencePlan =
  | { readonly kind: 'settled' }
  | ({ readonly kind: 'reference' } & ReferenceWrites)
  /** Write the VirtualMachine's spec, then its status, then delete the revisions; nothing else in this round. */
  | { readonly kind: 'expand'; readonly vm: VirtualMachine; readonly deleteRevisions: readonly string[] }
  | ({
      readonly kind: 'failed';
      /** Of the VirtualMachine's `Failure` condition. */
      readonly reason: string;
      readonly message: string;
      /** Whether a warning event (reason and message alike) is sent too. */
      readonly event: boolean;
      /** What upstream wrote before it failed is still to be written. */
    } & ReferenceWrites);

const NOTHING: ReferenceWrites = { createRevisions: [], deleteRevisions: [] };

/**
 * What a VirtualMachine's references to instancetype and preference ask of the VM controller in one round
 * (KubeVirt v1.9 pkg/instancetype/controller/vm, revision and upgrade).
 */
export function planReferences(
  vm: VirtualMachine,
  policy: ReferencePolicy,
  lookup: Lookup,
  options: ExpandOptions,
): ReferencePlan {
  if (!vm.spec.instancetype && !vm.spec.preference) return { kind: 'settled' };
  const instancetype = findInstancetype(vm, lookup);
  if (instancetype?.missing !== undefined) return failed('FailedFindInstancetype', instancetype.missing);
  const preference = findPreference(vm, lookup);
  if (preference?.missing !== undefined) return failed('FailedFindPreference', preference.missing);
  switch (policy) {
    case 'reference':
      return planStoredCopies(vm, lookup);
    case 'expand':
    case 'expandAll':
      return planExpansion(vm, policy, lookup, options);
    default:
      throw new RangeError(`unknown instancetype reference policy: ${String(policy)}`);
  }
}

function failed(reason: string, message: string, event = false, writes = NOTHING): ReferencePlan {
  return { kind: 'failed', reason, message, event, ...writes };
}

function planExpansion(
  vm: VirtualMachine,
  policy: ReferencePolicy,
  lookup: Lookup,
  options: ExpandOptions,
): ReferencePlan {
  const refs = [vm.status?.instancetypeRef, vm.status?.preferenceRef].filter(hasControllerRevisionRef);
  if (policy === 'expand' && refs.length > 0) return { kind: 'settled' };
  const expanded = expandVirtualMachine(vm, lookup, options);
  if (expanded.vm) {
    const deleteRevisions = refs.map(ref => ref.controllerRevisionRef.name);
    return { kind: 'expand', vm: expanded.vm, deleteRevisions };
  }
  const message = `unsupported error: error encountered while expanding into VirtualMachine: ${expanded.error}`;
  return failed('UnsupportedSyncError', message);
}

function planStoredCopies(vm: VirtualMachine, lookup: Lookup): ReferencePlan {
  const create: NewObject<ControllerRevision>[] = [];
  const refs: Partial<Record<Role, MatcherStatus>> = {};
  for (const role of ['instancetype', 'preference'] as const) {
    const stored = syncedRef(role, vm, lookup);
    if (!stored) continue;
    if (stored.error !== undefined) {
      const message = `error encountered while storing instancetype.kubevirt.io controllerRevisions: ${stored.error}`;
      return failed('FailedCreate', message, true, { createRevisions: create, deleteRevisions: [] });
    }
    if (stored.create) create.push(stored.create);
    refs[role] = stored.ref;
  }
  const upgraded = { ...refs };
  const outdated: string[] = [];
  for (const role of ['instancetype', 'preference'] as const) {
    const ref = refs[role];
    const upgrade = ref && planUpgrade(vm, ref, create, lookup);
    if (!upgrade) continue;
    if (upgrade.error !== undefined) {
      const message = `error encountered while upgrading instancetype.kubevirt.io controllerRevisions: ${upgrade.error}`;
      return failed('FailedCreate', message, true, writes(vm, create, refs, []));
    }
    create.push(upgrade.create);
    upgraded[role] = upgrade.ref;
    outdated.push(upgrade.outdated);
  }
  const all = writes(vm, create, upgraded, outdated);
  const isSettled = !all.instancetypeRef && !all.preferenceRef && create.length === 0;
  return isSettled ? { kind: 'settled' } : { kind: 'reference', ...all };
}

function writes(
  vm: VirtualMachine,
  createRevisions: readonly NewObject<ControllerRevision>[],
  { instancetype, preference }: Partial<Record<Role, MatcherStatus>>,
  deleteRevisions: readonly string[],
): ReferenceWrites {
  return {
    createRevisions,
    ...(instancetype && instancetype !== vm.status?.instancetypeRef && { instancetypeRef: instancetype }),
    ...(preference && preference !== vm.status?.preferenceRef && { preferenceRef: preference }),
    deleteRevisions,
  };
}

type Stored =
  | {
      readonly ref: MatcherStatus;
      readonly create?: NewObject<ControllerRevision>;
      readonly error?: undefined;
    }
  | { readonly error: string };

/** The status ref that follows the matcher; the same reference as in the status when it already does. */
function syncedRef(role: Role, vm: VirtualMachine, lookup: Lookup): Stored | undefined {
  const matcher = vm.spec[role];
  if (!matcher) return undefined;
  const current = statusRef(role, vm);
  let ref: MatcherStatus = current ?? {};
  for (const field of ['name', 'kind', 'inferFromVolume'] as const) {
    const wanted = matcher[field];
    if (!wanted || wanted === ref[field]) continue;
    const { controllerRevisionRef: _outdated, ...rest } = ref;
    ref = { ...rest, [field]: wanted };
  }
  if (matcher.inferFromVolumeFailurePolicy !== undefined) {
    ref = withField(ref, 'inferFromVolumeFailurePolicy', matcher.inferFromVolumeFailurePolicy);
  }
  if (matcher.revisionName && ref.controllerRevisionRef?.name !== matcher.revisionName) {
    ref = { ...ref, controllerRevisionRef: { name: matcher.revisionName } };
  }
  if (ref.controllerRevisionRef) return { ref: current && semanticallyEqual(current, ref) ? current : ref };
  const copy = storedCopy(role, matcher, vm, lookup);
  if (copy.error !== undefined) return copy;
  return { ref: { ...ref, controllerRevisionRef: { name: copy.name } }, create: copy.create };
}

/** The ControllerRevision for what a matcher names, and whether it is yet to be created. */
function storedCopy(
  role: Role,
  matcher: Matcher,
  vm: VirtualMachine,
  lookup: Lookup,
): { name: string; create?: NewObject<ControllerRevision>; error?: undefined } | { error: string } {
  const namespace = vm.metadata.namespace;
  const fetched = fetchReferenced<Instancetype | Preference>(role, matcher, namespace, lookup);
  if (!fetched.object) return { error: fetched.error };
  if (role === 'instancetype') {
    // The instancetype may have changed since admission, so conflicts are looked for once more.
    const spec = typedInstancetypeSpec((fetched.object as Instancetype).spec);
    const conflicts = instancetypeConflicts(spec, templateOf(vm));
    if (conflicts.length > 0) return { error: conflictsError(conflicts) };
  }
  const revision = makeRevision(vm, fetched.object);
  const name = revision.metadata.name ?? '';
  const existing = fetchNamespaced<ControllerRevision>(lookup, CONTROLLER_REVISIONS, namespace, name);
  if (!existing.object) return existing.notFound ? { name, create: revision } : { error: existing.error };
  const mismatch = revisionMismatch(revision, existing.object);
  return mismatch === undefined ? { name } : { error: mismatch };
}

type Upgrade =
  | {
      readonly create: NewObject<ControllerRevision>;
      readonly ref: MatcherStatus;
      readonly outdated: string;
      readonly error?: undefined;
    }
  | { readonly error: string };

/** The replacement of a referenced ControllerRevision that is not labelled with the latest version. */
function planUpgrade(
  vm: VirtualMachine,
  ref: MatcherStatus,
  created: readonly NewObject<ControllerRevision>[],
  lookup: Lookup,
): Upgrade | undefined {
  if (!hasControllerRevisionRef(ref)) return undefined;
  const outdated = ref.controllerRevisionRef.name;
  if (created.some(({ metadata }) => metadata.name === outdated)) return undefined;
  const namespace = vm.metadata.namespace;
  const original = fetchNamespaced<ControllerRevision>(lookup, CONTROLLER_REVISIONS, namespace, outdated);
  if (!original.object) return { error: original.error };
  if (isLatestRevision(original.object)) return undefined;
  const decoded = decodeRevision(original.object);
  if (!decoded.object) return { error: decoded.error };
  const create = makeRevision(vm, decoded.object);
  const name = create.metadata.name ?? '';
  if (
    lookup.get(CONTROLLER_REVISIONS, namespace, name) ||
    created.some(({ metadata }) => metadata.name === name)
  ) {
    return { error: `${CONTROLLER_REVISIONS} "${name}" already exists` };
  }
  return { create, ref: { ...ref, controllerRevisionRef: { name } }, outdated };
}
