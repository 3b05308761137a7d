/** Conditions as Kubernetes and KubeVirt keep them: one of each type, rewritten only when it says something new. */
import type { Condition } from './meta.ts';

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find(condition => condition.type === type);
}

export function hasCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
  status: Condition['status'],
): boolean {
  return findCondition(conditions, type)?.status === status;
}

/**
 * The conditions with `next` among them. One of the same type is replaced only if status, reason or message differ,
 * so times move only with meaning (KubeVirt pkg/controller conditions.go). Same reference when nothing changes.
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  next: Condition,
): readonly Condition[] {
  const list = conditions ?? [];
  const at = list.findIndex(condition => condition.type === next.type);
  const old = list[at];
  if (!old) return [...list, next];
  if (old.status === next.status && same(old.reason, next.reason) && same(old.message, next.message))
    return list;
  return list.with(at, next);
}

/** The conditions without that type. Same reference when there was none. */
export function withoutCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): readonly Condition[] {
  const list = conditions ?? [];
  return list.some(condition => condition.type === type)
    ? list.filter(condition => condition.type !== type)
    : list;
}

function same(a: string | undefined, b: string | undefined): boolean {
  return (a ?? '') === (b ?? '');
}
