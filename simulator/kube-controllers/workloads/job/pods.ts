/** The pods of a job: how they are made, and which are to be made now (kubernetes pkg/controller/job, v1.35). */
import { MINUTE, SECOND, parseTimestamp } from '../../../clock/index.ts';
import type { Container, Pod } from '../../../types/core.ts';
import type { JsonValue, Millis } from '../../../types/meta.ts';
import { type NewPod, podFromTemplate } from '../pods.ts';
import type { Job } from '../types.ts';
import { INDEX_KEY } from './indexes.ts';

/** Keeps a pod until it has been counted. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
const BACK_OFF: Millis = 10 * SECOND;
const LONGEST_BACK_OFF: Millis = 10 * MINUTE;

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

export function jobPod(job: Job, index: number | undefined): NewPod {
  const pod = podFromTemplate(job.spec.template, job);
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER];
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } };
  const { name } = job.metadata;
  const withIndex = (container: Container): Container => {
    if (container.env?.some(variable => variable.name === 'JOB_COMPLETION_INDEX')) return container;
    const fieldRef: JsonValue = { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX_KEY}']` };
    const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } };
    return { ...container, env: [...(container.env ?? []), variable] };
  };
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      finalizers,
      generateName: `${name}-${index}-`,
      annotations: { ...pod.metadata.annotations, [INDEX_KEY]: String(index) },
      labels: { ...pod.metadata.labels, [INDEX_KEY]: String(index) },
    },
    spec: {
      ...pod.spec,
      hostname: `${name}-${index}`,
      containers: containers.map(withIndex),
      ...(initContainers ? { initContainers: initContainers.map(withIndex) } : {}),
    },
  };
}

/** When a pod's last container ended; its deletion or creation where none did. */
export function finishTime({ status, metadata }: Pod): Millis {
  const times = (status?.containerStatuses ?? []).map(({ state }) =>
    parseTimestamp(state?.terminated?.finishedAt ?? ''),
  );
  const known = times.filter(time => !Number.isNaN(time));
  if (known.length > 0) return Math.max(...known);
  return parseTimestamp(metadata.deletionTimestamp ?? metadata.creationTimestamp);
}

/** How long to wait before the next pod: twice as long with each failure since the last success. */
export function untilRetry(failed: readonly Pod[], succeeded: readonly Pod[], now: Millis): Millis {
  const success = Math.max(0, ...succeeded.map(finishTime));
  // A pod that is going is given until its grace is over; it failed when it was told to.
  const recent = failed.map(pod => Math.min(finishTime(pod), now)).filter(time => time >= success);
  if (recent.length === 0) return 0;
  const wait = Math.min(BACK_OFF * 2 ** (recent.length - 1), LONGEST_BACK_OFF);
  return Math.max(0, Math.max(...recent) + wait - now);
}
