/** What a job's podFailurePolicy says of a failed pod (kubernetes pkg/controller/job/pod_failure_policy.go, v1.35). */
import type { Pod } from '../../../types/core.ts';
import type { Job, PodFailureRule } from '../types.ts';

export interface Verdict {
  readonly action: PodFailureRule['action'];
  /** For FailJob: why. */
  readonly message: string;
}

/** The first rule that applies decides; without one the failure counts. */
export function judgeFailure(job: Job, pod: Pod): Verdict {
  const rules = job.spec.podFailurePolicy?.rules ?? [];
  for (const [index, rule] of rules.entries()) {
    const why = rule.onExitCodes ? exitCodeMatch(rule.onExitCodes, pod) : conditionMatch(rule, pod);
    if (why === undefined) continue;
    const { namespace, name } = pod.metadata;
    const message = `${why(`${namespace}/${name}`)} matching ${rule.action} rule at index ${index}`;
    return { action: rule.action, message };
  }
  return { action: 'Count', message: '' };
}

type Explanation = (pod: string) => string;

function exitCodeMatch(
  { containerName, operator, values }: NonNullable<PodFailureRule['onExitCodes']>,
  { status }: Pod,
): Explanation | undefined {
  for (const container of [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]) {
    const exitCode = container.state?.terminated?.exitCode;
    if (exitCode === undefined || exitCode === 0) continue;
    if (containerName !== undefined && containerName !== container.name) continue;
    if (values.includes(exitCode) !== (operator === 'In')) continue;
    return pod => `Container ${container.name} for pod ${pod} failed with exit code ${exitCode}`;
  }
  return undefined;
}

function conditionMatch({ onPodConditions }: PodFailureRule, { status }: Pod): Explanation | undefined {
  for (const { type, status: wanted = 'True' } of onPodConditions ?? []) {
    const found = status?.conditions?.some(
      condition => condition.type === type && condition.status === wanted,
    );
    if (found) return pod => `Pod ${pod} has condition ${type}`;
  }
  return undefined;
}
