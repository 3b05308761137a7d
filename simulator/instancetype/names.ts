/** Names of the group `instancetype.kubevirt.io` (KubeVirt v1.9 staging api/instancetype/register.go). */

export const GROUP = 'instancetype.kubevirt.io';
/** The version that stored copies of instancetypes and preferences are upgraded to. */
export const LATEST_VERSION = 'v1beta1';
export const API_VERSION = `${GROUP}/${LATEST_VERSION}`;

export const DEFAULT_INSTANCETYPE_LABEL = `${GROUP}/default-instancetype`;
export const DEFAULT_INSTANCETYPE_KIND_LABEL = `${GROUP}/default-instancetype-kind`;
export const DEFAULT_PREFERENCE_LABEL = `${GROUP}/default-preference`;
export const DEFAULT_PREFERENCE_KIND_LABEL = `${GROUP}/default-preference-kind`;

export const OBJECT_GENERATION_LABEL = `${GROUP}/object-generation`;
export const OBJECT_KIND_LABEL = `${GROUP}/object-kind`;
export const OBJECT_NAME_LABEL = `${GROUP}/object-name`;
export const OBJECT_UID_LABEL = `${GROUP}/object-uid`;
export const OBJECT_VERSION_LABEL = `${GROUP}/object-version`;

/** The two things a VirtualMachine can refer to; the names are also those of its `spec` fields. */
export type Role = 'instancetype' | 'preference';

interface RoleNames {
  /** Kind of the namespaced variant. */
  readonly kind: string;
  readonly clusterKind: string;
  readonly resource: string;
  readonly clusterResource: string;
  readonly annotation: string;
  readonly clusterAnnotation: string;
  /** What upstream calls the matcher in its messages. */
  readonly matcher: string;
}

export const ROLES: Readonly<Record<Role, RoleNames>> = {
  instancetype: {
    kind: 'VirtualMachineInstancetype',
    clusterKind: 'VirtualMachineClusterInstancetype',
    resource: `virtualmachineinstancetypes.${GROUP}`,
    clusterResource: `virtualmachineclusterinstancetypes.${GROUP}`,
    annotation: 'kubevirt.io/instancetype-name',
    clusterAnnotation: 'kubevirt.io/cluster-instancetype-name',
    matcher: 'InstancetypeMatcher',
  },
  preference: {
    kind: 'VirtualMachinePreference',
    clusterKind: 'VirtualMachineClusterPreference',
    resource: `virtualmachinepreferences.${GROUP}`,
    clusterResource: `virtualmachineclusterpreferences.${GROUP}`,
    annotation: 'kubevirt.io/preference-name',
    clusterAnnotation: 'kubevirt.io/cluster-preference-name',
    matcher: 'PreferenceMatcher',
  },
};

/**
 * Which variant a matcher's `kind` names: its singular or plural resource name in any case, hence also the kind
 * itself; none means the cluster-wide variant. Undefined for anything else.
 */
export function matcherScope(role: Role, kind: string | undefined): 'cluster' | 'namespaced' | undefined {
  const name = (kind ?? '').toLowerCase();
  if (name === '') return 'cluster';
  const singular = ROLES[role].kind.toLowerCase();
  if (name === singular || name === `${singular}s`) return 'namespaced';
  const clusterSingular = ROLES[role].clusterKind.toLowerCase();
  if (name === clusterSingular || name === `${clusterSingular}s`) return 'cluster';
  return undefined;
}

/** The refusal of a matcher whose kind is none of the four. */
export function unexpectedKind(role: Role, kind: string | undefined): string {
  return `got unexpected kind in ${ROLES[role].matcher}: ${kind ?? ''}`;
}
