/** What controllers see in pods (kubernetes pkg/api/v1/pod, pkg/controller/controller_utils.go, v1.35). */
import { SECOND, parseTimestamp } from '../../clock/index.ts';
import { podDefaults } from '../../resources/pod-defaults.ts';
import { findCondition } from '../../types/conditions.ts';
import type { Pod } from '../../types/core.ts';
import type { KubeObject, Millis, ObjectMeta, OwnerReference } from '../../types/meta.ts';
import type { PodTemplate } from './types.ts';

export function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Neither finished nor asked to go. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

export function isReady({ status }: Pod): boolean {
  return findCondition(status?.conditions, 'Ready')?.status === 'True';
}

/** When a pod became ready; NaN while it is not. */
export function readySince({ status }: Pod): Millis {
  const condition = findCondition(status?.conditions, 'Ready');
  return condition?.status === 'True' ? parseTimestamp(condition.lastTransitionTime ?? '') : Number.NaN;
}

/** Ready for at least so many seconds. */
export function isAvailable(pod: Pod, minReadySeconds: number | undefined, now: Millis): boolean {
  if (!isReady(pod)) return false;
  if (!minReadySeconds) return true;
  return readySince(pod) + minReadySeconds * SECOND <= now;
}

/** How long until the first of the ready pods becomes available; undefined when none is on its way. */
export function untilAvailable(
  pods: readonly Pod[],
  minReadySeconds: number | undefined,
  now: Millis,
): Millis | undefined {
  if (!minReadySeconds) return undefined;
  let soonest: Millis | undefined;
  for (const pod of pods) {
    const left = readySince(pod) + minReadySeconds * SECOND - now;
    if (left > 0 && (soonest === undefined || left < soonest)) soonest = left;
  }
  return soonest;
}

/** The reference by which a controller owns what it makes. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export type NewPod = Omit<Pod, 'metadata'> & { metadata: Partial<ObjectMeta> };

/** A new pod of a template, owned by a controller whose name begins its own; complete with the API's defaults. */
export function podFromTemplate(template: PodTemplate, owner: KubeObject): NewPod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return podDefaults({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  } as unknown as Pod) as NewPod;
}

/** Older first, then by name: the order controllers work in. */
export function byCreation(a: KubeObject, b: KubeObject): number {
  const [left, right] = [a.metadata, b.metadata];
  if (left.creationTimestamp !== right.creationTimestamp) {
    return left.creationTimestamp < right.creationTimestamp ? -1 : 1;
  }
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

export function keyOfObject({ metadata }: KubeObject): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}
