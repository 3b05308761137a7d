/** What makes pods of a stateful set themselves: number, name, claims (kubernetes pkg/controller/statefulset, v1.35). */
import type { PersistentVolumeClaim, Pod } from '../../../types/core.ts';
import type { ObjectMeta } from '../../../types/meta.ts';
import { type NewPod, podFromTemplate } from '../pods.ts';
import type { PodTemplate, StatefulSet } from '../types.ts';

export const REVISION_LABEL = 'controller-revision-hash';
const NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const INDEX_LABEL = 'apps.kubernetes.io/pod-index';

export function podName({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

/** The number at the end of a pod's name; undefined where the name is not one of the set's. */
export function ordinalOf({ metadata: set }: StatefulSet, { metadata }: Pod): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(metadata.name);
  return match?.[1] === set.name ? Number(match[2]) : undefined;
}

export function firstOrdinal({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function claimName(claim: PersistentVolumeClaim, set: StatefulSet, ordinal: number): string {
  return `${claim.metadata.name}-${podName(set, ordinal)}`;
}

/** Pod number `ordinal` of a revision's template. */
export function statefulPod(
  set: StatefulSet,
  template: PodTemplate,
  revision: string,
  ordinal: number,
): NewPod {
  const pod = podFromTemplate(template, set);
  const name = podName(set, ordinal);
  const claims = set.spec.volumeClaimTemplates ?? [];
  const names = new Set(claims.map(({ metadata }) => metadata.name));
  const volumes = [
    ...claims.map(claim => ({
      name: claim.metadata.name,
      persistentVolumeClaim: { claimName: claimName(claim, set, ordinal) },
    })),
    ...(pod.spec.volumes ?? []).filter(volume => !names.has(volume.name)),
  ];
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      labels: {
        ...pod.metadata.labels,
        [INDEX_LABEL]: String(ordinal),
        [REVISION_LABEL]: revision,
        [NAME_LABEL]: name,
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

export type NewClaim = Omit<PersistentVolumeClaim, 'metadata'> & { metadata: Partial<ObjectMeta> };

/** The claims of pod number `ordinal`. */
export function claimsOf(set: StatefulSet, ordinal: number): NewClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map(template => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(template, set, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
      ...(template.metadata.annotations ? { annotations: template.metadata.annotations } : {}),
    },
    spec: template.spec,
  }));
}
