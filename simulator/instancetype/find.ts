import type { ControllerRevision } from '../types/core.ts';
import type {
  Instancetype,
  InstancetypeSpec,
  Matcher,
  MatcherStatus,
  Preference,
  PreferenceSpec,
  VirtualMachine,
} from '../types/kubevirt.ts';
import { CONTROLLER_REVISIONS, type Fetched, fetchCluster, fetchNamespaced, type Lookup } from './lookup.ts';
import { matcherScope, OBJECT_NAME_LABEL, ROLES, type Role, unexpectedKind } from './names.ts';
import { decodeRevisionOf } from './stored-object.ts';
import { typedInstancetypeSpec, typedPreferenceSpec } from './stored-spec.ts';

export interface Found<S, O> {
  readonly spec: S;
  /** The object, or the copy of it that the ControllerRevision keeps. */
  readonly object: O;
  readonly from: 'object' | 'revision';
}

/** What a matcher leads to: undefined when the VirtualMachine has no such matcher, `missing` with upstream's error. */
export type Finding<S, O> =
  | { readonly found: Found<S, O>; readonly missing?: undefined }
  | { readonly found?: undefined; readonly missing: string }
  | undefined;

export type InstancetypeFinding = Finding<InstancetypeSpec, Instancetype>;
export type PreferenceFinding = Finding<PreferenceSpec, Preference>;

/** The instancetype of a VirtualMachine (KubeVirt v1.9 pkg/instancetype/find). */
export function findInstancetype(vm: VirtualMachine, lookup: Lookup): InstancetypeFinding {
  return find<InstancetypeSpec, Instancetype>('instancetype', vm, lookup, typedInstancetypeSpec);
}

/** The preference of a VirtualMachine (KubeVirt v1.9 pkg/instancetype/preference/find). */
export function findPreference(vm: VirtualMachine, lookup: Lookup): PreferenceFinding {
  return find<PreferenceSpec, Preference>('preference', vm, lookup, typedPreferenceSpec);
}

function find<S, O extends Instancetype | Preference>(
  role: Role,
  vm: VirtualMachine,
  lookup: Lookup,
  typed: (spec: S) => S,
): Finding<S, O> {
  const matcher = vm.spec[role];
  if (!matcher) return undefined;
  const revision = findRevision(matcher, statusRef(role, vm), vm, lookup);
  if (revision?.error !== undefined) return { missing: revision.error };
  if (revision) {
    const decoded = decodeRevisionOf(role, revision.object);
    if (decoded.error !== undefined) return { missing: decoded.error };
    const object = decoded.object as O;
    return { found: { spec: typed(object.spec as S), object, from: 'revision' } };
  }
  const fetched = fetchReferenced<O>(role, matcher, vm.metadata.namespace, lookup);
  if (fetched.error !== undefined) return { missing: fetched.error };
  return { found: { spec: typed(fetched.object.spec as S), object: fetched.object, from: 'object' } };
}

/** The live object that a matcher names, whatever revisions exist. */
export function fetchReferenced<O extends Instancetype | Preference>(
  role: Role,
  matcher: Matcher,
  namespace: string | undefined,
  lookup: Lookup,
): Fetched<O> {
  const name = matcher.name ?? '';
  switch (matcherScope(role, matcher.kind)) {
    case 'namespaced':
      return fetchNamespaced<O>(lookup, ROLES[role].resource, namespace, name);
    case 'cluster':
      return fetchCluster<O>(lookup, ROLES[role].clusterResource, name);
    default:
      return { error: unexpectedKind(role, matcher.kind), notFound: false };
  }
}

/** `status.instancetypeRef` or `status.preferenceRef`. */
export function statusRef(role: Role, vm: VirtualMachine): MatcherStatus | undefined {
  return role === 'instancetype' ? vm.status?.instancetypeRef : vm.status?.preferenceRef;
}

/** Whether a status ref names a ControllerRevision. */
export function hasControllerRevisionRef(
  ref: MatcherStatus | undefined,
): ref is MatcherStatus & { controllerRevisionRef: { name: string } } {
  return !!ref?.controllerRevisionRef?.name;
}

function findRevision(
  matcher: Matcher,
  ref: MatcherStatus | undefined,
  vm: VirtualMachine,
  lookup: Lookup,
): Fetched<ControllerRevision> | undefined {
  const namespace = vm.metadata.namespace;
  if (matcher.revisionName) {
    return fetchNamespaced<ControllerRevision>(lookup, CONTROLLER_REVISIONS, namespace, matcher.revisionName);
  }
  if (!hasControllerRevisionRef(ref)) return undefined;
  const name = ref.controllerRevisionRef.name;
  const fetched = fetchNamespaced<ControllerRevision>(lookup, CONTROLLER_REVISIONS, namespace, name);
  if (!fetched.object) return fetched;
  // A ref left over from another instancetype must not win over the one that the matcher names now.
  return fetched.object.metadata.labels?.[OBJECT_NAME_LABEL] === (matcher.name ?? '') ? fetched : undefined;
}
