import type { ControllerRevision } from '../types/core.ts';
import type { Instancetype, Preference } from '../types/kubevirt.ts';
import type { JsonValue } from '../types/meta.ts';
import { API_VERSION, ROLES, type Role } from './names.ts';

export type Decoded<T> =
  | { readonly object: T; readonly error?: undefined }
  | { readonly object?: undefined; readonly error: string };

const KINDS: ReadonlySet<string> = new Set(
  Object.values(ROLES).flatMap(({ kind, clusterKind }) => [kind, clusterKind]),
);
const GO_SCHEME = 'kubevirt.io/client-go/kubevirt/scheme/register.go:44';

/**
 * The instancetype or preference that a ControllerRevision keeps (KubeVirt v1.9 pkg/instancetype/compatibility).
 * Only v1beta1 is read: v1.9 has dropped v1alpha1 and v1alpha2, whose copies it refuses with the same words.
 */
export function decodeRevision(revision: ControllerRevision): Decoded<Instancetype | Preference> {
  const data = revision.data;
  if (data === undefined || data === null) return { error: unexpectedType('<nil>') };
  const { apiVersion, kind } = (typeof data === 'object' && !Array.isArray(data) ? data : {}) as {
    apiVersion?: string;
    kind?: string;
  };
  if (!kind) return { error: `failed to decode object in ControllerRevision: ${missingType('Kind', data)}` };
  if (!apiVersion)
    return { error: `failed to decode object in ControllerRevision: ${missingType('apiVersion', data)}` };
  if (apiVersion === API_VERSION && KINDS.has(kind))
    return { object: data as unknown as Instancetype | Preference };
  if (apiVersion === 'kubevirt.io/v1') return { error: unexpectedType(`*v1.${kind}`) };
  const reason = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "${GO_SCHEME}"`;
  return { error: `failed to decode object in ControllerRevision: ${reason}` };
}

/** The same, and of the kinds that a role allows. */
export function decodeRevisionOf(role: 'instancetype', revision: ControllerRevision): Decoded<Instancetype>;
export function decodeRevisionOf(role: 'preference', revision: ControllerRevision): Decoded<Preference>;
export function decodeRevisionOf(
  role: Role,
  revision: ControllerRevision,
): Decoded<Instancetype | Preference>;
export function decodeRevisionOf(
  role: Role,
  revision: ControllerRevision,
): Decoded<Instancetype | Preference> {
  const decoded = decodeRevision(revision);
  if (!decoded.object) return decoded;
  const { kind } = decoded.object;
  if (kind === ROLES[role].kind || kind === ROLES[role].clusterKind) return decoded;
  return { error: unexpectedType(`*v1beta1.${kind}`) };
}

function unexpectedType(goType: string): string {
  return `unexpected type in ControllerRevision: ${goType}`;
}

function missingType(field: string, data: JsonValue): string {
  return `Object '${field}' is missing in '${JSON.stringify(data)}'`;
}
