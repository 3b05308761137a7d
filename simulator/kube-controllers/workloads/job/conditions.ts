/** A job's conditions, and what its end means (kubernetes pkg/controller/job, v1.35). */
import { timestamp } from '../../../clock/index.ts';
import { hasCondition } from '../../../types/conditions.ts';
import type { Condition, Millis } from '../../../types/meta.ts';
import type { Job } from '../types.ts';

export const COMPLETIONS_REACHED = 'Reached expected number of succeeded pods';
export const BACKOFF_LIMIT_EXCEEDED = 'Job has reached the specified backoff limit';
export const DEADLINE_EXCEEDED = 'Job was active longer than specified deadline';

export function isJobFinished({ status }: Job): boolean {
  return (
    hasCondition(status?.conditions, 'Complete', 'True') || hasCondition(status?.conditions, 'Failed', 'True')
  );
}

export function jobCondition(
  now: Millis,
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
): Condition {
  const at = timestamp(now);
  return { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message };
}
