/**
 * Which objects belong to a controller: those it owns, less those its selector has let go, plus orphans that its selector
 * matches (kubernetes pkg/controller/controller_ref_manager.go, v1.35).
 */
import { type Change, type View, update } from '../../controller.ts';
import type { ResourceRef } from '../../resources/definition.ts';
import { pods } from '../../resources/refs.ts';
import type { Pod } from '../../types/core.ts';
import type { KubeObject, LabelSelector } from '../../types/meta.ts';
import { matchesLabelSelector } from '../../types/selectors.ts';
import { byCreation, controllerReference, isActive, isTerminating } from './pods.ts';
import { controllerOf, orphanPods } from './selecting.ts';

export interface Claimed<T extends KubeObject> {
  /** What the controller works with, adopted ones included, in order of creation. */
  readonly owned: T[];
  /** Adoptions and releases. */
  readonly changes: Change[];
}

export function claim<T extends KubeObject>(
  ref: ResourceRef<T>,
  owner: KubeObject,
  selector: LabelSelector,
  owned: readonly T[],
  orphans: readonly T[],
): Claimed<T> {
  const changes: Change[] = [];
  const kept: T[] = [];
  const going = isTerminating(owner);
  for (const object of owned) {
    if (controllerOf(object)?.uid !== owner.metadata.uid) continue;
    if (matchesLabelSelector(selector, object.metadata.labels)) kept.push(object);
    else if (!going) changes.push(release(ref, object, owner));
  }
  if (!going) {
    for (const object of orphans) {
      if (isTerminating(object) || !matchesLabelSelector(selector, object.metadata.labels)) continue;
      changes.push(adopt(ref, object, owner));
      kept.push(object);
    }
  }
  return { owned: kept.sort(byCreation), changes };
}

/** The pods of a controller; pods that are finished are neither adopted nor released. */
export function claimPods(view: View, owner: KubeObject, selector: LabelSelector): Claimed<Pod> {
  const owned = view.lookup('owner', owner.metadata.uid, pods);
  const orphans = isTerminating(owner) ? [] : orphanPods(view, owner.metadata.namespace ?? '');
  return claim(pods, owner, selector, owned, orphans.filter(isActive));
}

function adopt<T extends KubeObject>(ref: ResourceRef<T>, object: T, owner: KubeObject): Change {
  return update(ref, object, draft => {
    draft.metadata.ownerReferences = [...(draft.metadata.ownerReferences ?? []), controllerReference(owner)];
  });
}

function release<T extends KubeObject>(ref: ResourceRef<T>, object: T, owner: KubeObject): Change {
  return update(ref, object, draft => {
    const others = draft.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid);
    if (others?.length) draft.metadata.ownerReferences = others;
    else delete draft.metadata.ownerReferences;
  });
}
