/** Which daemon pods a rolling update takes or adds next (kubernetes pkg/controller/daemon/update.go, v1.35). */
import type { Pod } from '../../../types/core.ts';
import { scaledAmount } from '../amounts.ts';
import { isAvailable, isTerminating } from '../pods.ts';
import type { DaemonSet } from '../types.ts';
import { isUpdated } from './nodes.ts';

export interface UpdateStep {
  readonly remove: readonly Pod[];
  /** Nodes that get a new pod next to the old one. */
  readonly surgeOn: readonly string[];
}

const NOTHING: UpdateStep = { remove: [], surgeOn: [] };

export function updateStep(
  set: DaemonSet,
  byNode: ReadonlyMap<string, readonly Pod[]>,
  desired: number,
  hash: string,
  now: number,
): UpdateStep {
  const { type = 'RollingUpdate', rollingUpdate = {} } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return NOTHING;
  const maxSurge = scaledAmount(rollingUpdate.maxSurge ?? 0, desired, 'up');
  const unavailable = scaledAmount(rollingUpdate.maxUnavailable ?? 1, desired, 'up');
  const maxUnavailable = maxSurge === 0 && unavailable === 0 ? 1 : unavailable;
  const available = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds, now) && !isTerminating(pod);
  const nodes = [...byNode].map(([node, pods]) => {
    const living = pods.filter(pod => !isTerminating(pod));
    return {
      node,
      fresh: living.find(pod => isUpdated(set, pod, hash)),
      old: living.find(pod => !isUpdated(set, pod, hash)),
    };
  });
  return maxSurge > 0
    ? surge(nodes, maxSurge, maxUnavailable, available)
    : replace(nodes, maxUnavailable, available);
}

interface OnNode {
  readonly node: string;
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
}

type IsAvailable = (pod: Pod) => boolean;

/** Without surge: broken old pods go at once, working ones as far as others may be missed. */
function replace(nodes: readonly OnNode[], maxUnavailable: number, available: IsAvailable): UpdateStep {
  let missing = 0;
  const broken: Pod[] = [];
  const working: Pod[] = [];
  for (const { fresh, old } of nodes) {
    if (!fresh && !old) missing += 1;
    else if (fresh) missing += available(fresh) ? 0 : 1;
    else if (old && !available(old)) {
      broken.push(old);
      missing += 1;
    } else if (old) working.push(old);
  }
  return { remove: [...broken, ...working.slice(0, Math.max(0, maxUnavailable - missing))], surgeOn: [] };
}

/** With surge: a new pod is set next to the old one, which goes when the new one serves. */
function surge(
  nodes: readonly OnNode[],
  maxSurge: number,
  maxUnavailable: number,
  available: IsAvailable,
): UpdateStep {
  let surging = 0;
  let missing = 0;
  const remove: Pod[] = [];
  const candidates: OnNode[] = [];
  for (const each of nodes) {
    const { fresh, old } = each;
    if (!old) {
      if (!fresh || !available(fresh)) missing += 1;
      continue;
    }
    if (!available(old)) {
      remove.push(old);
      missing += 1;
    } else if (fresh && available(fresh)) remove.push(old);
    else if (fresh) surging += 1;
    else candidates.push(each);
  }
  const room = Math.max(0, maxSurge - surging);
  const surgeOn = candidates.slice(0, room).map(({ node }) => node);
  const rest = candidates.slice(room).flatMap(({ old }) => (old ? [old] : []));
  return { remove: [...remove, ...rest.slice(0, Math.max(0, maxUnavailable - missing))], surgeOn };
}
