/** The status of disruption budgets: how many pods may be evicted now (kubernetes pkg/controller/disruption, v1.35). */
import { timestamp } from '../../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  event,
  serviceAccountUser,
  updateStatus,
} from '../../controller.ts';
import { pods } from '../../resources/refs.ts';
import { same } from '../../store/index.ts';
import { findCondition } from '../../types/conditions.ts';
import type { Pod } from '../../types/core.ts';
import type { Condition, KubeObject } from '../../types/meta.ts';
import { scaledAmount } from '../workloads/amounts.ts';
import { isReady, isTerminating, keyOfObject } from '../workloads/pods.ts';
import { controllerOf, keysConcerned, podsSelected, selectors } from '../workloads/selecting.ts';
import { deployments, replicaSets, replicationControllers, statefulSets } from '../workloads/types.ts';
import { matters } from './backends.ts';
import { type DisruptionBudget, disruptionBudgets } from './types.ts';

const COMPONENT = 'controllermanager';
const who = selectors(disruptionBudgets, ({ spec }) => spec.selector);

/** Budgets in percent follow the size of what they protect. */
const SCALED = [deployments, replicaSets, replicationControllers, statefulSets].map(({ resource }) => ({
  resource,
  keys: (
    { type, object, previous }: { type: string; object: KubeObject; previous?: KubeObject },
    view: View,
  ) => {
    const resized = type !== 'MODIFIED' || replicasOf(object) !== replicasOf(previous);
    if (!resized || view.count(disruptionBudgets) === 0) return [];
    return view
      .list(disruptionBudgets, object.metadata.namespace)
      .filter(({ spec }) => typeof spec.minAvailable === 'string' || spec.maxUnavailable !== undefined)
      .map(keyOfObject);
  },
}));

export const disruptionController: Controller = {
  name: 'kube-controller-manager/disruption-controller',
  author: COMPONENT,
  user: serviceAccountUser('kube-system', 'disruption-controller'),
  triggers: [
    { resource: disruptionBudgets.resource },
    {
      resource: pods.resource,
      keys: (entry, view) => (matters(entry) ? keysConcerned(view, who, entry) : []),
    },
    ...SCALED,
  ],
  reconcile(view, key) {
    const budget = view.getByKey(disruptionBudgets, key);
    if (!budget || isTerminating(budget)) return [];
    return reconcile(view, budget);
  },
};

function reconcile(view: View, budget: DisruptionBudget): Change[] {
  const { spec, metadata } = budget;
  const all = podsSelected(view, metadata.namespace ?? '', spec.selector);
  const { expected, desired, unmanaged } = wanted(view, spec, all);
  const healthy = all.filter(pod => isReady(pod) && !isTerminating(pod)).length;
  const spare = healthy - desired;
  const allowed = expected <= 0 || spare <= 0 ? 0 : spare;
  const { disruptedPods } = budget.status ?? {};
  const status: NonNullable<DisruptionBudget['status']> = {
    conditions: [allowance(view, budget, allowed)],
    currentHealthy: healthy,
    desiredHealthy: desired,
    ...(disruptedPods ? { disruptedPods } : {}),
    disruptionsAllowed: allowed,
    expectedPods: expected,
    observedGeneration: metadata.generation,
  };
  const changes: Change[] = [];
  if (all.length === 0 && budget.status?.observedGeneration !== metadata.generation) {
    changes.push(event(budget, 'Normal', 'NoPods', 'No matching pods found'));
  }
  if (unmanaged && !same(status, budget.status)) {
    const message =
      'Pods selected by this PodDisruptionBudget were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
    changes.push(event(budget, 'Warning', 'UnmanagedPods', message));
  }
  if (same(status, budget.status)) return changes;
  return [
    updateStatus(disruptionBudgets, budget, draft => {
      draft.status = status;
    }),
    ...changes,
  ];
}

function allowance(view: View, { status, metadata }: DisruptionBudget, allowed: number): Condition {
  const known = findCondition(status?.conditions, 'DisruptionAllowed');
  const next = allowed > 0 ? 'True' : 'False';
  return {
    lastTransitionTime: known?.status === next ? known.lastTransitionTime : timestamp(view.now),
    message: '',
    observedGeneration: metadata.generation,
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    status: next,
    type: 'DisruptionAllowed',
  };
}

/** How many pods there should be, and how many of them healthy. */
function wanted(
  view: View,
  { minAvailable, maxUnavailable }: DisruptionBudget['spec'],
  all: readonly Pod[],
): { expected: number; desired: number; unmanaged: boolean } {
  if (maxUnavailable !== undefined) {
    const { expected, unmanaged } = expectedPods(view, all);
    const desired = Math.max(0, expected - scaledAmount(maxUnavailable, expected, 'up'));
    return { expected, desired, unmanaged };
  }
  if (minAvailable === undefined) return { expected: 0, desired: 0, unmanaged: false };
  if (typeof minAvailable === 'number')
    return { expected: all.length, desired: minAvailable, unmanaged: false };
  const { expected, unmanaged } = expectedPods(view, all);
  return { expected, desired: scaledAmount(minAvailable, expected, 'up'), unmanaged };
}

/** The sizes of all that control these pods; a replica set's is that of its deployment. */
function expectedPods(view: View, all: readonly Pod[]): { expected: number; unmanaged: boolean } {
  const sizes = new Map<string, number>();
  let unmanaged = false;
  for (const pod of all) {
    const scaled = topOf(view, pod);
    if (scaled) sizes.set(scaled.metadata.uid, replicasOf(scaled));
    else unmanaged = true;
  }
  let expected = 0;
  for (const size of sizes.values()) expected += size;
  return { expected, unmanaged };
}

function topOf(view: View, pod: Pod): KubeObject | undefined {
  const owner = controllerOf(pod);
  const object = owner && view.lookup('uid', owner.uid)[0];
  const parent = object?.kind === 'ReplicaSet' ? controllerOf(object) : undefined;
  return (parent && view.lookup('uid', parent.uid)[0]) ?? object;
}

function replicasOf(object: KubeObject | undefined): number {
  const { spec } = (object ?? {}) as { spec?: { replicas?: number } };
  return spec?.replicas ?? 0;
}
