/** A deployment's status and conditions (kubernetes pkg/controller/deployment/{sync,progress}.go, v1.35). */
import { SECOND, parseTimestamp, timestamp } from '../../../clock/index.ts';
import { type Change, type View, after, updateStatus } from '../../../controller.ts';
import { same } from '../../../store/index.ts';
import { findCondition } from '../../../types/conditions.ts';
import type { Millis } from '../../../types/meta.ts';
import {
  type Deployment,
  type DeploymentStatus,
  type ReplicaSet,
  type WorkloadCondition,
  deployments,
} from '../types.ts';
import { actualReplicas, availableReplicas, limitsOf, wantedReplicas } from './limits.ts';

const NO_DEADLINE = 0x7fff_ffff;

type Conditions = readonly WorkloadCondition[];

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;
}

export function condition(
  now: Millis,
  type: string,
  status: WorkloadCondition['status'],
  reason: string,
  message: string,
): WorkloadCondition {
  const at = timestamp(now);
  return { type, status, lastUpdateTime: at, lastTransitionTime: at, reason, message };
}

/** A condition that says the same with the same reason is left as it is; a new one goes to the end. */
export function withWorkloadCondition(conditions: Conditions, next: WorkloadCondition): Conditions {
  const known = findCondition(conditions, next.type);
  if (known?.status === next.status && known.reason === next.reason) return conditions;
  const others = conditions.filter(({ type }) => type !== next.type);
  const { lastTransitionTime } = known?.status === next.status ? known : next;
  return [...others, { ...next, lastTransitionTime }];
}

/** The counts alone, with the condition that follows from them. */
export function countedStatus(
  view: View,
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): DeploymentStatus {
  const available = availableReplicas(all);
  const unavailable = Math.max(0, wantedReplicas(all) - available);
  const ready = all.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
  const terminating = all.reduce((sum, { status }) => sum + (status?.terminatingReplicas ?? 0), 0);
  const enough = available >= deployment.spec.replicas - limitsOf(deployment).maxUnavailable;
  const availability = enough
    ? condition(
        view.now,
        'Available',
        'True',
        'MinimumReplicasAvailable',
        'Deployment has minimum availability.',
      )
    : condition(
        view.now,
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
      );
  return withoutZeros({
    availableReplicas: available,
    collisionCount: deployment.status?.collisionCount,
    conditions: [...withWorkloadCondition(deployment.status?.conditions ?? [], availability)],
    observedGeneration: deployment.metadata.generation,
    readyReplicas: ready,
    replicas: actualReplicas(all),
    terminatingReplicas: terminating,
    unavailableReplicas: unavailable,
    updatedReplicas: newSet?.status?.replicas ?? 0,
  });
}

const POINTERS = new Set(['terminatingReplicas', 'collisionCount']);

function withoutZeros(status: DeploymentStatus): DeploymentStatus {
  const entries = Object.entries(status).filter(
    ([name, value]) => value !== undefined && (value !== 0 || POINTERS.has(name)),
  );
  return Object.fromEntries(entries);
}

/** The status during a rollout: progress, its end, or that it takes too long. */
export function rolloutStatus(
  view: View,
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): DeploymentStatus {
  const next = countedStatus(view, deployment, all, newSet);
  let conditions: Conditions = next.conditions ?? [];
  const current = findCondition(deployment.status?.conditions, 'Progressing');
  const complete =
    (next.replicas ?? 0) === (next.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (!hasDeadline(deployment)) {
    conditions = conditions.filter(({ type }) => type !== 'Progressing');
  } else if (!complete) {
    conditions = withProgress(view, deployment, next, conditions, newSet);
  }
  return { ...next, conditions: [...withFailures(conditions, all, newSet)] };
}

function withProgress(
  view: View,
  deployment: Deployment,
  next: DeploymentStatus,
  conditions: Conditions,
  newSet: ReplicaSet | undefined,
): Conditions {
  const who = newSet
    ? `ReplicaSet ${JSON.stringify(newSet.metadata.name)}`
    : `Deployment ${JSON.stringify(deployment.metadata.name)}`;
  const say = (status: WorkloadCondition['status'], reason: string, what: string) =>
    condition(view.now, 'Progressing', status, reason, `${who} ${what}`);
  if (isComplete(deployment, next)) {
    const done = say('True', 'NewReplicaSetAvailable', 'has successfully progressed.');
    return withWorkloadCondition(conditions, done);
  }
  const current = findCondition(conditions, 'Progressing');
  if (isProgressing(deployment.status ?? {}, next)) {
    const progress = say('True', 'ReplicaSetUpdated', 'is progressing.');
    const since = current?.status === 'True' ? current.lastTransitionTime : progress.lastTransitionTime;
    // Its time of update moves with every bit of progress: the deadline counts from there.
    return [
      ...conditions.filter(({ type }) => type !== 'Progressing'),
      { ...progress, lastTransitionTime: since },
    ];
  }
  if (isTimedOut(deployment, conditions, view.now)) {
    const late = say('False', 'ProgressDeadlineExceeded', 'has timed out progressing.');
    return withWorkloadCondition(conditions, late);
  }
  return conditions;
}

/** Failures of replica sets to create pods show on the deployment. */
function withFailures(
  conditions: Conditions,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): Conditions {
  const failureOf = (set: ReplicaSet | undefined) => findCondition(set?.status?.conditions, 'ReplicaFailure');
  const failure = failureOf(newSet) ?? all.map(failureOf).find(found => found !== undefined);
  if (!failure) return conditions.filter(({ type }) => type !== 'ReplicaFailure');
  return withWorkloadCondition(conditions, { ...failure, lastUpdateTime: failure.lastTransitionTime ?? '' });
}

/** Everything is new, and available. */
export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
  const { replicas } = spec;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}

function isProgressing(before: DeploymentStatus, next: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(next) < old(before) ||
    (next.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut({ spec }: Deployment, conditions: Conditions, now: Millis): boolean {
  const current = findCondition(conditions, 'Progressing') as WorkloadCondition | undefined;
  if (!current || current.reason === 'NewReplicaSetAvailable') return false;
  if (current.reason === 'ProgressDeadlineExceeded') return true;
  const from = parseTimestamp(current.lastUpdateTime ?? '');
  return from + (spec.progressDeadlineSeconds ?? 0) * SECOND < now;
}

/** Writes the status where it differs; where it does not, looks again when the deadline may have passed. */
export function writeStatus(view: View, deployment: Deployment, status: DeploymentStatus): Change[] {
  if (!same(status, deployment.status)) {
    return [
      updateStatus(deployments, deployment, draft => {
        draft.status = status;
      }),
    ];
  }
  const current = findCondition(status.conditions, 'Progressing') as WorkloadCondition | undefined;
  if (!current || !hasDeadline(deployment) || isComplete(deployment, status)) return [];
  if (current.reason === 'ProgressDeadlineExceeded' || current.reason === 'DeploymentPaused') return [];
  const due =
    parseTimestamp(current.lastUpdateTime ?? '') + (deployment.spec.progressDeadlineSeconds ?? 0) * SECOND;
  return [after(Math.max(due - view.now, 0) + SECOND)];
}
