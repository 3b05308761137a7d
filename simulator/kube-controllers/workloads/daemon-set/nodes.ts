/** On which nodes a daemon set's pods belong (kubernetes pkg/controller/daemon NodeShouldRunDaemonPod, v1.35). */
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../../../types/core.ts';
import { matchesRequirements } from '../../../types/selectors.ts';
import { type NewPod, podFromTemplate } from '../pods.ts';
import type { DaemonSet } from '../types.ts';

/** Troubles of a node that daemons live through. */
const TOLERATED: readonly Toleration[] = [
  { effect: 'NoExecute', key: 'node.kubernetes.io/not-ready', operator: 'Exists' },
  { effect: 'NoExecute', key: 'node.kubernetes.io/unreachable', operator: 'Exists' },
  { effect: 'NoSchedule', key: 'node.kubernetes.io/disk-pressure', operator: 'Exists' },
  { effect: 'NoSchedule', key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' },
  { effect: 'NoSchedule', key: 'node.kubernetes.io/pid-pressure', operator: 'Exists' },
  { effect: 'NoSchedule', key: 'node.kubernetes.io/unschedulable', operator: 'Exists' },
];
const NO_NETWORK: Toleration = {
  effect: 'NoSchedule',
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
};

export interface Placement {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

const NOWHERE: Placement = { shouldRun: false, mayStay: false };

export function placementOf({ spec }: DaemonSet, node: Node): Placement {
  const pod = spec.template.spec;
  if (pod.nodeName && pod.nodeName !== node.metadata.name) return NOWHERE;
  if (!suits(pod, node)) return NOWHERE;
  const tolerations = daemonTolerations(pod);
  const bothering = (node.spec.taints ?? []).filter(
    taint => !tolerations.some(each => tolerates(each, taint)),
  );
  const shouldRun = !bothering.some(({ effect }) => effect !== 'PreferNoSchedule');
  return { shouldRun, mayStay: !bothering.some(({ effect }) => effect === 'NoExecute') };
}

function suits({ nodeSelector, affinity }: PodSpec, { metadata }: Node): boolean {
  const labels = metadata.labels ?? {};
  for (const key in nodeSelector) if (labels[key] !== nodeSelector[key]) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  return required.nodeSelectorTerms.some(({ matchExpressions, matchFields }: NodeSelectorTerm) => {
    if (!matchExpressions?.length && !matchFields?.length) return false;
    return (
      matchesRequirements(matchExpressions ?? [], labels) &&
      matchesRequirements(matchFields ?? [], { 'metadata.name': metadata.name })
    );
  });
}

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return key !== undefined && value === (taint.value ?? '');
}

function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const added = hostNetwork ? [...TOLERATED, NO_NETWORK] : TOLERATED;
  const has = (one: Toleration) =>
    tolerations.some(
      each =>
        each.key === one.key &&
        each.effect === one.effect &&
        each.operator === one.operator &&
        each.value === one.value,
    );
  return [...tolerations, ...added.filter(one => !has(one))];
}

export const HASH_LABEL = 'controller-revision-hash';
const GENERATION_LABEL = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

/** A pod that only its node can take: the scheduler binds it there by the node's name. */
export function daemonPod(set: DaemonSet, node: Node, hash: string): NewPod {
  const pod = podFromTemplate(set.spec.template, set);
  const generation = templateGeneration(set);
  const { affinity } = pod.spec;
  const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: [node.metadata.name] }];
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...pod.metadata.labels,
        [HASH_LABEL]: hash,
        ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }),
      },
    },
    spec: {
      ...pod.spec,
      tolerations: daemonTolerations(pod.spec),
      affinity: {
        ...affinity,
        nodeAffinity: {
          ...affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
        },
      },
    },
  };
}

export function templateGeneration({ metadata }: DaemonSet): string | undefined {
  return metadata.annotations?.[GENERATION_ANNOTATION];
}

/** The node that a daemon pod is on, or is meant for. */
export function nodeOf({ spec }: NewPod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields } of required?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values } of matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In' && values?.length === 1) return values[0];
    }
  }
  return undefined;
}

/** Whether a pod is of the current template: by its hash, or by its number where it is older than hashes. */
export function isUpdated(set: DaemonSet, { metadata }: NewPod, hash: string): boolean {
  const generation = templateGeneration(set);
  const { labels = {} } = metadata;
  return labels[HASH_LABEL] === hash || (generation !== undefined && labels[GENERATION_LABEL] === generation);
}
