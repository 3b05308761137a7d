/** How far a rolling update may go (kubernetes pkg/controller/deployment/util ResolveFenceposts, v1.35). */
import { scaledAmount } from '../amounts.ts';
import type { Deployment, ReplicaSet } from '../types.ts';

export interface Limits {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

export function limitsOf({ spec }: Deployment): Limits {
  if (!isRollingUpdate({ spec })) return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {};
  const surge = scaledAmount(maxSurge, spec.replicas, 'up');
  const unavailable = scaledAmount(maxUnavailable, spec.replicas, 'down');
  // Percentages of small numbers may both come to nothing, with which no update could begin.
  const allowed = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return {
    maxSurge: surge,
    maxUnavailable: spec.replicas === 0 ? 0 : Math.min(allowed, spec.replicas),
  };
}

export function isRollingUpdate({ spec }: Pick<Deployment, 'spec'>): boolean {
  return spec.strategy?.type !== 'Recreate';
}

export function wantedReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { spec }) => sum + spec.replicas, 0);
}

export function actualReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.replicas ?? 0), 0);
}

export function availableReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
}

/** The size the new replica set may have now, given all there are. */
export function newSetSize(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): number {
  const wanted = deployment.spec.replicas;
  if (!isRollingUpdate(deployment)) return wanted;
  const current = newSet?.spec.replicas ?? 0;
  const room = wanted + limitsOf(deployment).maxSurge - wantedReplicas(all);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}
