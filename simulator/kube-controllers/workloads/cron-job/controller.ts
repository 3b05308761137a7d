/** Cron jobs: a job whenever it is time (kubernetes pkg/controller/cronjob, v1.35). */
import { HOUR, MINUTE, SECOND, parseTimestamp, timestamp } from '../../../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  after,
  create,
  event,
  remove,
  serviceAccountUser,
  updateStatus,
} from '../../../controller.ts';
import { jobDefaults } from '../../../resources/workload-rules.ts';
import { same } from '../../../store/index.ts';
import { findCondition } from '../../../types/conditions.ts';
import type { ObjectReference } from '../../../types/core.ts';
import type { Millis } from '../../../types/meta.ts';
import { isJobFinished } from '../job/conditions.ts';
import { controllerReference, isTerminating } from '../pods.ts';
import { ownerKey } from '../selecting.ts';
import { type CronJob, type Job, cronJobs, jobs } from '../types.ts';
import { type Schedule, parseSchedule } from './schedule.ts';

const COMPONENT = 'cronjob-controller';
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** From so many missed times on a warning tells that clocks or deadlines may be wrong. */
const MANY_MISSED = 100;

export const cronJobController: Controller = {
  name: `kube-controller-manager/${COMPONENT}`,
  author: COMPONENT,
  user: serviceAccountUser('kube-system', COMPONENT),
  triggers: [
    { resource: cronJobs.resource },
    {
      resource: jobs.resource,
      keys: ({ object }) => {
        const key = ownerKey(object, cronJobs);
        return key === undefined ? [] : [key];
      },
    },
  ],
  reconcile(view, key) {
    const cronJob = view.getByKey(cronJobs, key);
    return cronJob && !isTerminating(cronJob) ? reconcile(view, cronJob) : [];
  },
};

type Status = NonNullable<CronJob['status']>;

function reconcile(view: View, cronJob: CronJob): Change[] {
  const owned = view.lookup('owner', cronJob.metadata.uid, jobs);
  const { status, events } = withJobs(cronJob, owned);
  const changes: Change[] = [...events, ...cleanUp(cronJob, owned)];
  const plan = cronJob.spec.suspend ? { changes: [], status } : schedule(view, cronJob, owned, status);
  if (!same(plan.status, cronJob.status ?? {})) {
    changes.push(
      updateStatus(cronJobs, cronJob, draft => {
        draft.status = plan.status;
      }),
    );
  }
  return [...changes, ...plan.changes];
}

/** Which jobs run, and when the last one succeeded. */
function withJobs(cronJob: CronJob, owned: readonly Job[]): { status: Status; events: Change[] } {
  const { active = [], lastScheduleTime, lastSuccessfulTime } = cronJob.status ?? {};
  const events: Change[] = [];
  let succeeded = lastSuccessfulTime;
  for (const job of owned) {
    const done = findCondition(job.status?.conditions, 'Complete');
    const at = done?.status === 'True' ? (job.status?.completionTime ?? done.lastTransitionTime) : undefined;
    if (at && (!succeeded || at > succeeded)) succeeded = at;
    if (isJobFinished(job) && active.some(({ uid }) => uid === job.metadata.uid)) {
      const end = done?.status === 'True' ? 'Complete' : 'Failed';
      const message = `Saw completed job: ${job.metadata.name}, condition: ${end}`;
      events.push(event(cronJob, 'Normal', 'SawCompletedJob', message));
    }
  }
  const running = owned.filter(job => !isJobFinished(job)).map(referenceTo);
  for (const { uid, name } of active) {
    if (owned.some(({ metadata }) => metadata.uid === uid)) continue;
    events.push(event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`));
  }
  return { status: statusOf(running, lastScheduleTime, succeeded), events };
}

function statusOf(active: ObjectReference[], scheduled?: string, succeeded?: string): Status {
  return {
    ...(active.length > 0 ? { active } : {}),
    ...(scheduled ? { lastScheduleTime: scheduled } : {}),
    ...(succeeded ? { lastSuccessfulTime: succeeded } : {}),
  };
}

function referenceTo({ metadata }: Job): ObjectReference {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion: jobs.apiVersion, kind: jobs.kind, name, namespace, resourceVersion, uid };
}

interface Plan {
  readonly status: Status;
  readonly changes: Change[];
}

function schedule(view: View, cronJob: CronJob, owned: readonly Job[], status: Status): Plan {
  const { spec, metadata } = cronJob;
  let times: Schedule;
  try {
    times = parseSchedule(spec.schedule, spec.timeZone);
  } catch (error) {
    const message = `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${(error as Error).message}`;
    return { status, changes: [event(cronJob, 'Warning', 'UnparseableSchedule', message)] };
  }
  const next = times.next(view.now);
  const later = next === undefined ? [] : [after(next - view.now)];
  const { due, missed } = lastDue(times, earliestTime(view, cronJob), view.now);
  if (due === undefined) return { status, changes: later };
  const changes: Change[] = [];
  if (missed > MANY_MISSED) {
    const message =
      'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    changes.push(event(cronJob, 'Warning', 'TooManyMissedTimes', message));
  }
  const deadline = spec.startingDeadlineSeconds;
  if (deadline !== undefined && due + deadline * SECOND < view.now) {
    const text = new Date(due).toUTCString().replace('GMT', '+0000');
    return {
      status,
      changes: [
        event(cronJob, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${text}`),
        ...later,
      ],
    };
  }
  const name = `${metadata.name}-${Math.floor(due / MINUTE)}`;
  const exists = owned.some(job => job.metadata.name === name);
  if (exists || status.lastScheduleTime === timestamp(due))
    return { status, changes: [...changes, ...later] };
  const running = owned.filter(job => !isJobFinished(job));
  if (running.length > 0 && spec.concurrencyPolicy === 'Forbid') {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    return { status, changes: [...changes, event(cronJob, 'Normal', 'JobAlreadyActive', message), ...later] };
  }
  const replaced = spec.concurrencyPolicy === 'Replace' ? running.filter(job => !isTerminating(job)) : [];
  for (const job of replaced) changes.push(...deleteJob(cronJob, job));
  return { status, changes: [...changes, start(cronJob, name, due, status), ...later] };
}

/** From when on times count: the last run or the creation, but no earlier than the deadline allows. */
function earliestTime(view: View, { spec, metadata, status }: CronJob): Millis {
  const from = parseTimestamp(status?.lastScheduleTime ?? metadata.creationTimestamp);
  const { startingDeadlineSeconds: deadline } = spec;
  return deadline === undefined ? from : Math.max(from, view.now - deadline * SECOND);
}

/** Where times that were missed are sought, the last first, once there are too many to go through them all. */
const WINDOWS: readonly Millis[] = [HOUR, 24 * HOUR, 32 * 24 * HOUR, 366 * 24 * HOUR];

function lastDue(times: Schedule, from: Millis, now: Millis): { due?: Millis; missed: number } {
  let due: Millis | undefined;
  let count = 0;
  for (let at = times.next(from); at !== undefined && at <= now; at = times.next(at)) {
    due = at;
    count += 1;
    if (count > MANY_MISSED + 1) return { due: lastWithin(times, from, now) ?? due, missed: count - 1 };
  }
  return due === undefined ? { missed: 0 } : { due, missed: count - 1 };
}

function lastWithin(times: Schedule, from: Millis, now: Millis): Millis | undefined {
  for (const window of WINDOWS) {
    let due: Millis | undefined;
    let at = times.next(Math.max(from, now - window));
    for (; at !== undefined && at <= now; at = times.next(at)) due = at;
    if (due !== undefined) return due;
  }
  return undefined;
}

function start(cronJob: CronJob, name: string, due: Millis, status: Status): Change {
  const { metadata: template = {}, spec } = cronJob.spec.jobTemplate;
  const scheduled = new Date(due).toISOString().replace('.000Z', 'Z');
  const job = jobDefaults({
    apiVersion: jobs.apiVersion,
    kind: jobs.kind,
    metadata: {
      name,
      namespace: cronJob.metadata.namespace,
      ...(template.labels ? { labels: template.labels } : {}),
      annotations: { ...template.annotations, [SCHEDULED_AT]: scheduled },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec,
  } as unknown as Job) as Job;
  return create(jobs, job, {
    created: made => [
      event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${made.metadata.name}`),
      updateStatus(cronJobs, cronJob, draft => {
        const active = [...(status.active ?? []), referenceTo(made)];
        draft.status = statusOf(active, timestamp(due), status.lastSuccessfulTime);
      }),
    ],
    refused: refusal =>
      refusal.reason === 'AlreadyExists'
        ? []
        : [
            event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${refusal.message}`),
            after(10 * SECOND),
          ],
  });
}

/** Deletes finished jobs beyond what the history may hold, oldest first. */
function cleanUp(cronJob: CronJob, owned: readonly Job[]): Change[] {
  const { successfulJobsHistoryLimit: good = 3, failedJobsHistoryLimit: bad = 1 } = cronJob.spec;
  const ended = (type: string) =>
    owned
      .filter(job => !isTerminating(job) && findCondition(job.status?.conditions, type)?.status === 'True')
      .sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  const beyond = (list: readonly Job[], limit: number) => list.slice(0, Math.max(0, list.length - limit));
  return [...beyond(ended('Complete'), good), ...beyond(ended('Failed'), bad)].flatMap(job =>
    deleteJob(cronJob, job),
  );
}

function startOf({ status, metadata }: Job): string {
  return `${status?.startTime ?? metadata.creationTimestamp} ${metadata.name}`;
}

function deleteJob(cronJob: CronJob, job: Job): Change[] {
  return [
    remove(jobs, job, { propagationPolicy: 'Background' }),
    event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`),
  ];
}
