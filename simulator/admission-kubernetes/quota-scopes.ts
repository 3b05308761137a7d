/** Which pods a quota with scopes is about (kubernetes pkg/quota/v1/evaluator/core/pods.go, v1.35). */
import type { Pod } from '../types/core.ts';
import type { KubeObject } from '../types/meta.ts';
import type { ResourceQuota, ScopeRequirement } from './policies.ts';

/** Quotas without scopes are about everything; scopes know pods only. */
export function inScope({ spec }: ResourceQuota, resource: string, object: KubeObject): boolean {
  const requirements: ScopeRequirement[] = [
    ...(spec?.scopes ?? []).map(scopeName => ({ scopeName, operator: 'Exists' as const })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (requirements.length === 0) return true;
  return resource === 'pods' && requirements.every(requirement => satisfies(object as Pod, requirement));
}

function satisfies(pod: Pod, { scopeName, operator, values = [] }: ScopeRequirement): boolean {
  const { activeDeadlineSeconds } = pod.spec as { activeDeadlineSeconds?: number };
  switch (scopeName) {
    case 'Terminating':
      return activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass': {
      const name = pod.spec.priorityClassName ?? '';
      if (operator === 'Exists') return name !== '';
      if (operator === 'DoesNotExist') return name === '';
      return (operator === 'In') === values.includes(name);
    }
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod);
    default:
      throw new RangeError(`no quota scope is called ${scopeName}`);
  }
}

function isBestEffort({ spec }: Pod): boolean {
  return [...spec.containers, ...(spec.initContainers ?? [])].every(({ resources }) =>
    [resources?.requests, resources?.limits].every(
      list => list === undefined || (list.cpu === undefined && list.memory === undefined),
    ),
  );
}

function crossesNamespaces({ spec: { affinity } }: Pod): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some(rules =>
    [
      ...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm }) => podAffinityTerm,
      ),
    ].some(term => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined),
  );
}
