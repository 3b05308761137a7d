/** Which pods go first when there are too many (kubernetes pkg/controller ActivePodsWithRanks, v1.35). */
import { parseTimestamp } from '../../clock/index.ts';
import type { Pod } from '../../types/core.ts';
import type { Millis } from '../../types/meta.ts';
import { isReady, readySince } from './pods.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** How many of the related pods share a pod's node. */
export type Rank = (pod: Pod) => number;

export function rankByNode(related: readonly Pod[]): Rank {
  const counts = new Map<string, number>();
  for (const { spec } of related) counts.set(spec.nodeName ?? '', (counts.get(spec.nodeName ?? '') ?? 0) + 1);
  return ({ spec }) => counts.get(spec.nodeName ?? '') ?? 0;
}

/** The pods in the order in which they are given up. */
export function byWorth(pods: readonly Pod[], rank: Rank, now: Millis): Pod[] {
  const criteria: readonly ((pod: Pod) => number)[] = [
    pod => (pod.spec.nodeName ? 1 : 0),
    pod => PHASES[pod.status?.phase ?? ''] ?? 0,
    pod => (isReady(pod) ? 1 : 0),
    deletionCost,
    pod => -rank(pod),
    // Readiness and age are compared by orders of magnitude, so that not always the same kind of pod has to go.
    pod => (isReady(pod) ? magnitude(now - readySince(pod)) : 0),
    pod => -restarts(pod),
    pod => magnitude(now - parseTimestamp(pod.metadata.creationTimestamp)),
  ];
  return [...pods].sort((a, b) => {
    for (const criterion of criteria) {
      const difference = criterion(a) - criterion(b);
      if (difference !== 0) return difference;
    }
    return a.metadata.uid < b.metadata.uid ? -1 : 1;
  });
}

function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST] ?? '0';
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

function magnitude(span: Millis): number {
  return span < 1 ? 0 : Math.floor(Math.log2(span * 1e6));
}

function restarts({ status }: Pod): number {
  let most = 0;
  for (const { restartCount } of status?.containerStatuses ?? []) most = Math.max(most, restartCount);
  return most;
}
