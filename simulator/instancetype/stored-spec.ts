import { canonicalQuantity } from '../types/quantity.ts';
import type { InstancetypeSpec, PreferenceSpec } from '../types/kubevirt.ts';

/*
 * KubeVirt writes these specs through Go's types: quantities come out canonical, required fields appear even
 * where the user left them out, and optional fields at their zero value disappear.
 */

/** An instancetype's spec as Go's v1beta1 types print it. The same reference when it already reads like that. */
export function typedInstancetypeSpec(spec: InstancetypeSpec | undefined): InstancetypeSpec {
  const memory = spec?.memory;
  const guest = canonicalQuantity(memory?.guest ?? '0');
  const maxGuest = memory?.maxGuest === undefined ? undefined : canonicalQuantity(memory.maxGuest);
  const settled =
    spec?.cpu?.guest !== undefined &&
    memory?.guest === guest &&
    memory.maxGuest === maxGuest &&
    memory.overcommitPercent !== 0 &&
    spec.schedulerName !== '' &&
    !isEmpty(spec.nodeSelector) &&
    !isEmpty(spec.annotations) &&
    !isEmpty(spec.gpus) &&
    !isEmpty(spec.hostDevices);
  if (settled) return spec;
  const { schedulerName, nodeSelector, annotations, gpus, hostDevices, ...rest } = spec ?? {};
  const { overcommitPercent, ...memoryRest } = memory ?? {};
  return {
    ...rest,
    cpu: { ...spec?.cpu, guest: spec?.cpu?.guest ?? 0 },
    memory: {
      ...memoryRest,
      guest,
      ...(maxGuest !== undefined && { maxGuest }),
      ...(overcommitPercent && { overcommitPercent }),
    },
    ...(schedulerName && { schedulerName }),
    ...(nodeSelector && !isEmpty(nodeSelector) && { nodeSelector }),
    ...(annotations && !isEmpty(annotations) && { annotations }),
    ...(gpus && !isEmpty(gpus) && { gpus }),
    ...(hostDevices && !isEmpty(hostDevices) && { hostDevices }),
  };
}

/** A preference's spec as Go's v1beta1 types print it. The same reference when it already reads like that. */
export function typedPreferenceSpec(spec: PreferenceSpec | undefined): PreferenceSpec {
  if (spec === undefined) return {};
  let result = spec;
  const guest = spec.requirements?.memory?.guest;
  if (spec.requirements?.memory && guest !== canonicalQuantity(guest ?? '0')) {
    const memory = { guest: canonicalQuantity(guest ?? '0') };
    result = { ...result, requirements: { ...spec.requirements, memory } };
  }
  if (isEmpty(spec.annotations)) {
    const { annotations: _none, ...rest } = result;
    result = rest;
  }
  if (spec.preferSpreadSocketToCoreRatio === 0) {
    const { preferSpreadSocketToCoreRatio: _zero, ...rest } = result;
    result = rest;
  }
  return result;
}

/** Whether two specs are equal as Kubernetes' semantic comparison sees them: field order and empty lists aside. */
export function semanticallyEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    const left = (a ?? []) as readonly unknown[];
    const right = (b ?? []) as readonly unknown[];
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => semanticallyEqual(item, right[index]));
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of Object.keys(left)) if (!semanticallyEqual(left[key], right[key])) return false;
  for (const key of Object.keys(right))
    if (!(key in left) && !semanticallyEqual(undefined, right[key])) return false;
  return true;
}

function isEmpty(collection: object | undefined): boolean {
  return collection !== undefined && Object.keys(collection).length === 0;
}
