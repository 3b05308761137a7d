/** The history of stateful sets and daemon sets: one ControllerRevision a template (kubernetes pkg/controller/history, v1.35). */
import type { View } from '../../controller.ts';
import { controllerRevisions } from '../../resources/refs.ts';
import { same } from '../../store/index.ts';
import type { ControllerRevision } from '../../types/core.ts';
import type { JsonValue, KubeObject, ObjectMeta } from '../../types/meta.ts';
import { contentHash } from './hash.ts';
import { controllerReference } from './pods.ts';
import type { PodTemplate } from './types.ts';

export type NewRevision = Omit<ControllerRevision, 'metadata'> & { metadata: Partial<ObjectMeta> };

/** What a revision keeps: a patch that puts the template back. */
export function revisionData(template: PodTemplate): JsonValue {
  return { spec: { template: { ...template, $patch: 'replace' } } } as unknown as JsonValue;
}

/** All revisions of an owner, oldest first. */
export function revisionsOf(view: View, owner: KubeObject): ControllerRevision[] {
  return view
    .lookup('owner', owner.metadata.uid, controllerRevisions)
    .sort((a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1));
}

export function findRevision(
  revisions: readonly ControllerRevision[],
  template: PodTemplate,
): ControllerRevision | undefined {
  const data = revisionData(template);
  return revisions.findLast(revision => same(revision.data, data));
}

/** A new revision; `hashLabel` is the label that carries the hash of its name. */
export function newRevision(
  owner: KubeObject & { spec: { template: PodTemplate } },
  number: number,
  hashLabel: string,
  collisionCount: number | undefined,
): NewRevision {
  const { template } = owner.spec;
  const hash = contentHash(template, collisionCount);
  const { annotations, name, namespace } = owner.metadata;
  return {
    apiVersion: controllerRevisions.apiVersion,
    kind: controllerRevisions.kind,
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data: revisionData(template),
    revision: number,
  };
}

/** The oldest revisions beyond what the history may hold, apart from those in use. */
export function surplusRevisions(
  revisions: readonly ControllerRevision[],
  inUse: ReadonlySet<string>,
  limit: number,
): ControllerRevision[] {
  const idle = revisions.filter(({ metadata }) => !inUse.has(metadata.name));
  return idle.slice(0, Math.max(0, idle.length - limit));
}
