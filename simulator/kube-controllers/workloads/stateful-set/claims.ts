/** What becomes of a stateful set's claims: who owns them follows from the retention policy (pkg/controller/statefulset). */
import { type Change, type View, update } from '../../../controller.ts';
import { persistentVolumeClaims } from '../../../resources/refs.ts';
import type { PersistentVolumeClaim, Pod } from '../../../types/core.ts';
import type { KubeObject, OwnerReference } from '../../../types/meta.ts';
import { controllerReference } from '../pods.ts';
import type { StatefulSet } from '../types.ts';
import { claimName, ordinalOf } from './identity.ts';

/** Claims that are to go with the set are owned by it; those of pods that are scaled away by their pods. */
export function claimsChanges(
  view: View,
  set: StatefulSet,
  numbered: readonly Pod[],
  condemned: readonly Pod[],
): Change[] {
  const templates = set.spec.volumeClaimTemplates ?? [];
  if (templates.length === 0) return [];
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } =
    set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  return numbered.flatMap(pod => {
    const ordinal = ordinalOf(set, pod) ?? 0;
    const goes = whenScaled === 'Delete' && condemned.includes(pod);
    const owner = goes ? pod : whenDeleted === 'Delete' ? set : undefined;
    return templates.flatMap(template => {
      const name = claimName(template, set, ordinal);
      const claim = view.get(persistentVolumeClaims, set.metadata.namespace, name);
      return claim ? own(claim, owner, [set, pod]) : [];
    });
  });
}

function own(
  claim: PersistentVolumeClaim,
  owner: KubeObject | undefined,
  candidates: readonly KubeObject[],
): Change[] {
  const references = claim.metadata.ownerReferences ?? [];
  const uids = new Set(candidates.map(({ metadata }) => metadata.uid));
  const others = references.filter(({ uid }) => !uids.has(uid));
  const wanted: OwnerReference[] = owner ? [...others, controllerReference(owner)] : others;
  const same =
    wanted.length === references.length &&
    wanted.every(({ uid }) => references.some(reference => reference.uid === uid));
  if (same) return [];
  return [
    update(persistentVolumeClaims, claim, draft => {
      if (wanted.length > 0) draft.metadata.ownerReferences = wanted;
      else delete draft.metadata.ownerReferences;
    }),
  ];
}
