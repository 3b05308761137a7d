/**
 * Jobs (kubernetes pkg/controller/job, v1.35): completions, parallelism, back-off, deadlines, indexes, failure policies,
 * suspension. Left out: backoffLimitPerIndex, successPolicy, managedBy.
 */
import { SECOND, parseTimestamp, timestamp } from '../../../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  after,
  create,
  event,
  remove,
  serviceAccountUser,
  update,
  updateStatus,
} from '../../../controller.ts';
import { pods } from '../../../resources/refs.ts';
import { same } from '../../../store/index.ts';
import { findCondition, hasCondition } from '../../../types/conditions.ts';
import type { Pod } from '../../../types/core.ts';
import type { Condition, Millis } from '../../../types/meta.ts';
import { claimPods } from '../claiming.ts';
import { isFinished, isReady, isTerminating } from '../pods.ts';
import { ownerKey, podsSelected } from '../selecting.ts';
import { type Job, type JobStatus, jobs } from '../types.ts';
import {
  BACKOFF_LIMIT_EXCEEDED,
  COMPLETIONS_REACHED,
  DEADLINE_EXCEEDED,
  isJobFinished,
  jobCondition,
} from './conditions.ts';
import { judgeFailure } from './failure-policy.ts';
import { formatIndexes, indexOf, parseIndexes } from './indexes.ts';
import { TRACKING_FINALIZER, isTracked, jobPod, untilRetry } from './pods.ts';

const COMPONENT = 'job-controller';

export const jobController: Controller = {
  name: `kube-controller-manager/${COMPONENT}`,
  author: COMPONENT,
  user: serviceAccountUser('kube-system', COMPONENT),
  triggers: [
    { resource: jobs.resource },
    {
      resource: pods.resource,
      keys: ({ object }) => {
        const key = ownerKey(object, jobs);
        return key === undefined ? [] : [key];
      },
    },
  ],
  reconcile(view, key) {
    const job = view.getByKey(jobs, key);
    if (!job) return releaseOrphans(view, key);
    return reconcile(view, job);
  },
};

/** Pods of a job that is gone, or has an heir of the same name: nobody counts them any more. */
function releaseOrphans(view: View, key: string): Change[] {
  const [namespace = '', name = ''] = key.split('/');
  return podsSelected(view, namespace, { matchLabels: { 'job-name': name } })
    .filter(pod => isTracked(pod) && ownerKey(pod, jobs) === key)
    .map(untrack);
}

function untrack(pod: Pod): Change {
  return update(pods, pod, draft => {
    const others = draft.metadata.finalizers?.filter(each => each !== TRACKING_FINALIZER);
    if (others?.length) draft.metadata.finalizers = others;
    else delete draft.metadata.finalizers;
  });
}

interface Situation {
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  readonly succeeded: readonly Pod[];
  readonly failed: readonly Pod[];
  /** Finished and not yet part of the status. */
  readonly uncounted: readonly Pod[];
  readonly status: JobStatus;
}

function reconcile(view: View, job: Job): Change[] {
  const { owned, changes } = claimPods(view, job, job.spec.selector ?? {});
  if (isTerminating(job)) return [...changes, ...owned.filter(isTracked).map(untrack)];
  if (isJobFinished(job)) {
    return [...changes, ...owned.filter(isTracked).map(untrack), ...expire(view, job)];
  }
  const begun = begin(view, job);
  if (begun) return begun;
  const situation = count(job, owned);
  const outcome = decide(view, job, situation);
  return [...changes, ...outcome];
}

/** The start time, and the conditions of suspension. */
function begin(view: View, job: Job): Change[] | undefined {
  const suspended = hasCondition(job.status?.conditions, 'Suspended', 'True');
  if (job.spec.suspend) {
    if (suspended) return undefined;
    return [
      setStatus(job, {
        ...withoutStart(job.status),
        conditions: withJobCondition(
          job,
          jobCondition(view.now, 'Suspended', 'True', 'JobSuspended', 'Job suspended'),
        ),
      }),
      event(job, 'Normal', 'Suspended', 'Job suspended'),
    ];
  }
  if (suspended) {
    return [
      setStatus(job, {
        ...job.status,
        startTime: timestamp(view.now),
        conditions: withJobCondition(
          job,
          jobCondition(view.now, 'Suspended', 'False', 'JobResumed', 'Job resumed'),
        ),
      }),
      event(job, 'Normal', 'Resumed', 'Job resumed'),
    ];
  }
  if (job.status?.startTime !== undefined) return undefined;
  return [setStatus(job, { ...job.status, startTime: timestamp(view.now) })];
}

function withoutStart(status: JobStatus | undefined): JobStatus {
  const { startTime: _, ...rest } = status ?? {};
  return rest;
}

function withJobCondition({ status }: Job, next: Condition): Condition[] {
  return [...(status?.conditions ?? []).filter(({ type }) => type !== next.type), next];
}

function setStatus(job: Job, status: JobStatus): Change {
  return updateStatus(jobs, job, draft => {
    draft.status = status;
  });
}

/** Sorts the pods and adds those that have finished since to the numbers. */
function count(job: Job, owned: readonly Pod[]): Situation {
  const succeeded = owned.filter(({ status }) => status?.phase === 'Succeeded');
  const failed = owned.filter(pod => isLost(job, pod));
  const unfinished = owned.filter(pod => !isFinished(pod));
  const active = unfinished.filter(pod => !isTerminating(pod));
  const terminating = unfinished.filter(isTerminating);
  const uncounted = [...succeeded, ...failed].filter(isTracked);
  const before = job.status ?? {};
  const won = succeeded.filter(isTracked);
  const lost = failed.filter(pod => isTracked(pod) && judgeFailure(job, pod).action !== 'Ignore');
  const indexed = job.spec.completionMode === 'Indexed';
  const indexes = parseIndexes(before.completedIndexes);
  for (const pod of indexed ? won : []) {
    const index = indexOf(pod);
    if (index !== undefined && index < (job.spec.completions ?? 0)) indexes.add(index);
  }
  const successes = indexed ? indexes.size : (before.succeeded ?? 0) + won.length;
  const failures = (before.failed ?? 0) + lost.length;
  const {
    active: _a,
    succeeded: _s,
    failed: _f,
    ready: _r,
    terminating: _t,
    completedIndexes: _c,
    ...rest
  } = before;
  return {
    active,
    terminating,
    succeeded,
    failed,
    uncounted,
    status: {
      ...rest,
      ...(active.length > 0 ? { active: active.length } : {}),
      ...(indexed && indexes.size > 0 ? { completedIndexes: formatIndexes(indexes) } : {}),
      ...(failures > 0 ? { failed: failures } : {}),
      ready: active.filter(isReady).length,
      ...(successes > 0 ? { succeeded: successes } : {}),
      terminating: terminating.length,
      uncountedTerminatedPods: {},
    },
  };
}

/** A pod that is being deleted counts as failed at once, unless the job waits to see how it ends. */
function isLost({ spec }: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (!isTerminating(pod) || pod.status?.phase === 'Succeeded') return false;
  return spec.podReplacementPolicy !== 'Failed' || !pod.spec.nodeName;
}

/** What ends the job, when something does: a condition of its own and the one that follows when all pods are gone. */
interface End {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

function decide(view: View, job: Job, situation: Situation): Change[] {
  const ending = standingEnd(job) ?? endOf(view, job, situation);
  if (ending) return finish(view, job, situation, ending);
  if (job.spec.suspend) {
    return [...stopActive(job, situation.active), ...settle(job, situation, situation.status)];
  }
  const { make, wait } = missingPods(view, job, situation);
  const surplus = Math.max(0, situation.active.length - wanted(job, situation));
  const gone = stopActive(job, surplusPods(situation.active, surplus));
  const deadline = untilDeadline(view, job);
  return [
    ...settle(job, situation, situation.status),
    ...gone,
    ...createAll(job, make),
    ...[wait, deadline].filter(each => each !== undefined && each > 0).map(each => after(each as Millis)),
  ];
}

function standingEnd({ status }: Job): End | undefined {
  const success = findCondition(status?.conditions, 'SuccessCriteriaMet');
  if (success) return { type: 'Complete', reason: success.reason ?? '', message: success.message ?? '' };
  const failure = findCondition(status?.conditions, 'FailureTarget');
  return failure && { type: 'Failed', reason: failure.reason ?? '', message: failure.message ?? '' };
}

function endOf(view: View, job: Job, { active, uncounted, status }: Situation): End | undefined {
  for (const pod of uncounted) {
    if (pod.status?.phase !== 'Failed') continue;
    const { action, message } = judgeFailure(job, pod);
    if (action === 'FailJob') return { type: 'Failed', reason: 'PodFailurePolicy', message };
  }
  const limit = job.spec.backoffLimit ?? 6;
  const failures = status.failed ?? 0;
  if (failures > limit || restartsExceed(job, active, limit)) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: BACKOFF_LIMIT_EXCEEDED };
  }
  const deadline = untilDeadline(view, job);
  if (deadline !== undefined && deadline <= 0) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: DEADLINE_EXCEEDED };
  }
  const { completions } = job.spec;
  const succeeded = status.succeeded ?? 0;
  // Without a number of completions the first success tells that the work is done; the others may finish.
  const complete =
    completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  return complete
    ? { type: 'Complete', reason: 'CompletionsReached', message: COMPLETIONS_REACHED }
    : undefined;
}

/** Pods that restart their containers themselves never fail: their restarts are counted instead. */
function restartsExceed(job: Job, active: readonly Pod[], limit: number): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of active) {
    for (const container of [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ]) {
      restarts += container.restartCount;
    }
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Until the job has been active too long; undefined without such a limit. */
function untilDeadline(view: View, { spec, status }: Job): Millis | undefined {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend || !status?.startTime) return undefined;
  return parseTimestamp(status.startTime) + spec.activeDeadlineSeconds * SECOND - view.now;
}

function finish(view: View, job: Job, situation: Situation, { type, reason, message }: End): Change[] {
  const interim = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const condition = (name: string) => jobCondition(view.now, name, 'True', reason, message);
  const told = findCondition(job.status?.conditions, interim) !== undefined;
  const conditions = told ? (job.status?.conditions ?? []) : withJobCondition(job, condition(interim));
  const stopping = stopActive(job, situation.active);
  const over = situation.active.length === 0 && situation.terminating.length === 0;
  if (!over) return [...settle(job, situation, { ...situation.status, conditions }), ...stopping];
  const status: JobStatus = { ...situation.status, conditions: [...conditions, condition(type)] };
  if (type === 'Complete') status.completionTime = timestamp(view.now);
  const tell =
    type === 'Complete'
      ? event(job, 'Normal', 'Completed', 'Job completed')
      : event(job, 'Warning', reason, message);
  return [...settle(job, situation, status), tell];
}

/** Writes the numbers, and lets go of the pods that are in them. */
function settle(job: Job, { uncounted }: Situation, status: JobStatus): Change[] {
  return [...(same(status, job.status) ? [] : [setStatus(job, status)]), ...uncounted.map(untrack)];
}

function stopActive(job: Job, active: readonly Pod[]): Change[] {
  return active.flatMap(pod => [
    // Its end is not for the job to count: it asked for it.
    ...(isTracked(pod) ? [untrack(pod)] : []),
    remove(pods, pod),
    event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`),
  ]);
}

/** Pods that do the least go first. */
function surplusPods(active: readonly Pod[], count: number): Pod[] {
  return [...active].sort((a, b) => Number(isReady(a)) - Number(isReady(b))).slice(0, count);
}

/** How many pods should be active. */
function wanted(job: Job, { status, active }: Situation): number {
  const { completions, parallelism = 1 } = job.spec;
  const succeeded = status.succeeded ?? 0;
  if (completions === undefined) return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  return Math.min(parallelism, Math.max(0, completions - succeeded));
}

function missingPods(
  view: View,
  job: Job,
  situation: Situation,
): { make: (number | undefined)[]; wait?: Millis } {
  const { active, terminating, failed, succeeded, status } = situation;
  const slow = job.spec.podReplacementPolicy === 'Failed' ? terminating : [];
  const missing = wanted(job, situation) - active.length - slow.length;
  if (missing <= 0) return { make: [] };
  const wait = untilRetry(failed, succeeded, view.now);
  if (wait > 0) return { make: [], wait };
  if (job.spec.completionMode !== 'Indexed')
    return { make: Array.from({ length: missing }, () => undefined) };
  const taken = parseIndexes(status.completedIndexes);
  for (const pod of [...active, ...slow]) taken.add(indexOf(pod) ?? -1);
  const make: number[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && make.length < missing; index += 1) {
    if (!taken.has(index)) make.push(index);
  }
  return { make };
}

function createAll(job: Job, indexes: readonly (number | undefined)[]): Change[] {
  const [first, ...rest] = indexes;
  if (indexes.length === 0) return [];
  return [
    create(pods, jobPod(job, first), {
      created: pod => [
        event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`),
        ...createAll(job, rest),
      ],
      refused: status => [
        event(job, 'Warning', 'FailedCreate', `Error creating: ${status.message}`),
        after(10 * SECOND),
      ],
    }),
  ];
}

/** Deletes the finished job when its time is up. */
function expire(view: View, job: Job): Change[] {
  const { ttlSecondsAfterFinished: seconds } = job.spec;
  if (seconds === undefined) return [];
  const end =
    findCondition(job.status?.conditions, 'Complete') ?? findCondition(job.status?.conditions, 'Failed');
  const left = parseTimestamp(end?.lastTransitionTime ?? '') + seconds * SECOND - view.now;
  if (left > 0) return [after(left)];
  return [remove(jobs, job, { propagationPolicy: 'Foreground', preconditions: { uid: job.metadata.uid } })];
}
