/** Sizes of a deployment's replica sets (kubernetes pkg/controller/deployment/{sync,rolling,recreate}.go, v1.35). */
import { type Change, event, update } from '../../../controller.ts';
import { byCreation } from '../pods.ts';
import { type Deployment, type ReplicaSet, replicaSets } from '../types.ts';
import { availableReplicas, isRollingUpdate, limitsOf, newSetSize, wantedReplicas } from './limits.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS } from './revisions.ts';

/** Resizes one replica set; nothing when it has the size and says so. */
export function resize(deployment: Deployment, set: ReplicaSet, size: number): Change[] {
  const desired = String(deployment.spec.replicas);
  const most = String(deployment.spec.replicas + limitsOf(deployment).maxSurge);
  const { annotations } = set.metadata;
  const told = annotations?.[DESIRED_REPLICAS] === desired && annotations?.[MAX_REPLICAS] === most;
  const before = set.spec.replicas;
  if (before === size && told) return [];
  const changes: Change[] = [
    update(replicaSets, set, draft => {
      draft.spec.replicas = size;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [DESIRED_REPLICAS]: desired,
        [MAX_REPLICAS]: most,
      };
    }),
  ];
  if (before !== size) {
    const direction = before < size ? 'up' : 'down';
    const { name } = set.metadata;
    const message = `Scaled ${direction} replica set ${name} from ${before} to ${size}`;
    changes.push(event(deployment, 'Normal', 'ScalingReplicaSet', message));
  }
  return changes;
}

/** As upstream's scaling in a rollout: a set of the right size is left alone whatever its annotations say. */
function resizeIfNeeded(deployment: Deployment, set: ReplicaSet, size: number): Change[] {
  return set.spec.replicas === size ? [] : resize(deployment, set, size);
}

/** Whether the deployment was scaled since its replica sets were. */
export function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some(({ spec, metadata }) => {
    const desired = metadata.annotations?.[DESIRED_REPLICAS];
    return spec.replicas > 0 && desired !== undefined && Number(desired) !== deployment.spec.replicas;
  });
}

/** Follows a change of the deployment's size outside a rollout, or within a paused or unfinished one. */
export function scale(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): Change[] {
  const only = activeOrLatest(newSet, oldSets);
  if (only) return resize(deployment, only, deployment.spec.replicas);
  const activeOld = oldSets.filter(isActiveSet);
  if (newSet && isSaturated(deployment, newSet)) {
    return activeOld.flatMap(set => resizeIfNeeded(deployment, set, 0));
  }
  if (!isRollingUpdate(deployment)) {
    // The strategy changed in the middle of a rollout.
    return deployment.spec.paused ? [] : activeOld.flatMap(set => resizeIfNeeded(deployment, set, 0));
  }
  return scaleProportionally(deployment, newSet, activeOld);
}

export function isActiveSet({ spec }: ReplicaSet): boolean {
  return spec.replicas > 0;
}

/** The only active set, or the newest when none is active; undefined when several are. */
function activeOrLatest(
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const active = [...oldSets, ...(newSet ? [newSet] : [])].filter(isActiveSet);
  if (active.length === 0) return newSet ?? [...oldSets].sort(byCreation).at(-1);
  return active.length === 1 ? active[0] : undefined;
}

function isSaturated({ spec }: Deployment, { spec: set, metadata, status }: ReplicaSet): boolean {
  const desired = Number(metadata.annotations?.[DESIRED_REPLICAS] ?? Number.NaN);
  return (
    set.replicas === spec.replicas &&
    desired === spec.replicas &&
    (status?.availableReplicas ?? 0) === spec.replicas
  );
}

function scaleProportionally(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  activeOld: readonly ReplicaSet[],
): Change[] {
  const sets = [...activeOld, ...(newSet && isActiveSet(newSet) ? [newSet] : [])];
  const { replicas } = deployment.spec;
  const allowed = replicas > 0 ? replicas + limitsOf(deployment).maxSurge : 0;
  const total = allowed - wantedReplicas(sets);
  // Growth goes to the larger and newer first, shrinking to the larger and older.
  sets.sort((a, b) => b.spec.replicas - a.spec.replicas || (total > 0 ? byCreation(b, a) : byCreation(a, b)));
  let added = 0;
  const sizes = sets.map(set => {
    const share = total === 0 ? 0 : proportion(deployment, set, total, added);
    added += share;
    return set.spec.replicas + share;
  });
  if (total !== 0 && sizes.length > 0) sizes[0] = Math.max(0, (sizes[0] ?? 0) + total - added);
  return sets.flatMap((set, index) => resize(deployment, set, sizes[index] ?? 0));
}

/** A set's share in a change of size, by its share in the size before; never beyond what is left of the change. */
function proportion(deployment: Deployment, set: ReplicaSet, total: number, added: number): number {
  if (set.spec.replicas === 0 || total === added) return 0;
  const share = fraction(deployment, set);
  const left = total - added;
  return total > 0 ? Math.min(share, left) : Math.max(share, left);
}

function fraction(deployment: Deployment, set: ReplicaSet): number {
  const { replicas } = set.spec;
  if (deployment.spec.replicas === 0) return -replicas;
  const most = deployment.spec.replicas + limitsOf(deployment).maxSurge;
  const before =
    Number(set.metadata.annotations?.[MAX_REPLICAS] ?? Number.NaN) || deployment.status?.replicas;
  return before ? Math.round((replicas * most) / before) - replicas : 0;
}

/** One step of a rolling update upwards. */
export function growNew(deployment: Deployment, newSet: ReplicaSet, all: readonly ReplicaSet[]): Change[] {
  const { replicas } = deployment.spec;
  if (newSet.spec.replicas === replicas) return [];
  if (newSet.spec.replicas > replicas) return resizeIfNeeded(deployment, newSet, replicas);
  return resizeIfNeeded(deployment, newSet, newSetSize(deployment, all, newSet));
}

/** One step of a rolling update downwards: unhealthy old pods first, then healthy ones as far as the new replace them. */
export function shrinkOld(
  deployment: Deployment,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): Change[] {
  const all = [...oldSets, newSet];
  if (wantedReplicas(oldSets) === 0) return [];
  const least = deployment.spec.replicas - limitsOf(deployment).maxUnavailable;
  const pending = newSet.spec.replicas - (newSet.status?.availableReplicas ?? 0);
  const most = wantedReplicas(all) - least - pending;
  if (most <= 0) return [];

  const sorted = [...oldSets].sort(byCreation);
  const sizes = new Map(sorted.map(set => [set, set.spec.replicas]));
  let unhealthy = most;
  for (const set of sorted) {
    const size = set.spec.replicas;
    const taken = Math.min(unhealthy, Math.max(0, size - (set.status?.availableReplicas ?? 0)));
    sizes.set(set, size - taken);
    unhealthy -= taken;
  }
  let healthy = availableReplicas(all) - least;
  for (const set of sorted) {
    const size = sizes.get(set) ?? 0;
    const taken = Math.min(size, Math.max(0, healthy));
    sizes.set(set, size - taken);
    healthy -= taken;
  }
  return sorted.flatMap(set => resizeIfNeeded(deployment, set, sizes.get(set) ?? 0));
}
