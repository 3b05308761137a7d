/** Which existing volume a claim takes (component-helpers storage/volume FindMatchingVolume, v1.35). */
import type { PersistentVolume, PersistentVolumeClaim } from '../types/core.ts';
import { matchesLabelSelector } from '../types/selectors.ts';
import { compareQuantities } from '../types/quantity.ts';

/** The smallest volume that is enough; one that is reserved for the claim comes before all others. */
export function findVolume(
  volumes: readonly PersistentVolume[],
  claim: PersistentVolumeClaim,
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp !== undefined || !suits(volume, claim)) continue;
    const { claimRef } = volume.spec;
    if (claimRef) {
      if (isFor(volume, claim)) return volume;
      continue;
    }
    if (!best || compareQuantities(sizeOf(volume), sizeOf(best)) < 0) best = volume;
  }
  return best;
}

/** Whether a volume is reserved for, or bound to, this claim and no earlier one of its name. */
export function isFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  return (
    claimRef !== undefined &&
    claimRef.name === metadata.name &&
    claimRef.namespace === metadata.namespace &&
    (claimRef.uid === undefined || claimRef.uid === metadata.uid)
  );
}

function suits({ spec, metadata }: PersistentVolume, { spec: claim }: PersistentVolumeClaim): boolean {
  if ((spec.storageClassName ?? '') !== (claim.storageClassName ?? '')) return false;
  if ((spec.volumeMode ?? 'Filesystem') !== (claim.volumeMode ?? 'Filesystem')) return false;
  if (claim.selector && !matchesLabelSelector(claim.selector, metadata.labels)) return false;
  if (!claim.accessModes?.every(mode => spec.accessModes?.includes(mode))) return false;
  const wanted = claim.resources?.requests?.storage ?? '0';
  return compareQuantities(spec.capacity?.storage ?? '0', wanted) >= 0;
}

function sizeOf({ spec }: PersistentVolume): string {
  return spec.capacity?.storage ?? '0';
}
