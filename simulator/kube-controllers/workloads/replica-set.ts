/**
 * Replica sets and replication controllers: as many pods as wanted (kubernetes pkg/controller/replicaset, v1.35). The
 * replication controller is the same code upstream, too.
 */
import { SECOND, parseTimestamp, timestamp } from '../../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  after,
  serviceAccountUser,
  updateStatus,
} from '../../controller.ts';
import type { ResourceRef } from '../../resources/definition.ts';
import { pods } from '../../resources/refs.ts';
import { same } from '../../store/index.ts';
import { findCondition, withCondition, withoutCondition } from '../../types/conditions.ts';
import type { Pod } from '../../types/core.ts';
import type { Condition, KubeObject, LabelSelector, Status } from '../../types/meta.ts';
import { matchesLabelSelector } from '../../types/selectors.ts';
import { claimPods } from './claiming.ts';
import { createPods, deletePod } from './creating.ts';
import {
  isActive,
  isAvailable,
  isFinished,
  isReady,
  isTerminating,
  podFromTemplate,
  untilAvailable,
} from './pods.ts';
import { type Selectors, controllerOf, selectors, workloadKeys } from './selecting.ts';
import { type ReplicaSet, type ReplicaSetStatus, replicaSets, replicationControllers } from './types.ts';
import { byWorth, rankByNode } from './victims.ts';

/** What one reconciliation makes or takes at most. */
const BURST = 500;
const LONGEST_RETRY = 1_000 * SECOND;

interface Variant<T extends KubeObject> {
  readonly component: string;
  readonly ref: ResourceRef<T>;
  readonly selectorOf: (object: T) => LabelSelector;
}

/** Both kinds have the same fields but for the form of their selector. */
type Replicated = KubeObject & Pick<ReplicaSet, 'status'> & { spec: Omit<ReplicaSet['spec'], 'selector'> };

function controllerFor<T extends Replicated>(variant: Variant<T>): Controller {
  const who: Selectors<T> = selectors(variant.ref, variant.selectorOf);
  return {
    name: `kube-controller-manager/${variant.component}`,
    author: variant.component,
    user: serviceAccountUser('kube-system', variant.component),
    triggers: [
      { resource: variant.ref.resource },
      { resource: pods.resource, keys: (entry, view) => workloadKeys(view, who, entry) },
    ],
    reconcile(view, key) {
      const set = view.getByKey(variant.ref, key);
      return set ? reconcile(view, variant, set) : [];
    },
  };
}

function reconcile<T extends Replicated>(view: View, variant: Variant<T>, set: T): Change[] {
  const { owned, changes } = claimPods(view, set, variant.selectorOf(set));
  const active = owned.filter(isActive);
  const difference = active.length - set.spec.replicas;
  const going = isTerminating(set);
  const missing = going ? 0 : Math.min(BURST, -difference);
  if (!going && difference > 0) changes.push(...shrink(view, set, active, difference));

  const status = nextStatus(view, set, owned, active, missing > 0);
  if (!same(status, set.status)) changes.push(write(variant.ref, set, status));
  if (missing > 0) {
    const make = Array.from({ length: missing }, () => podFromTemplate(set.spec.template, set));
    changes.push(...createPods(set, make, refusal => failedCreate(view, variant.ref, set, refusal)));
  }
  const soon = untilAvailable(active, set.spec.minReadySeconds, view.now);
  return soon === undefined ? changes : [...changes, after(soon)];
}

function write<T extends Replicated>(ref: ResourceRef<T>, set: T, status: ReplicaSetStatus): Change {
  return updateStatus(ref, set, draft => {
    draft.status = status;
  });
}

function shrink(view: View, set: Replicated, active: readonly Pod[], difference: number): Change[] {
  const count = Math.min(difference, BURST);
  const rank = rankByNode(relatedPods(view, set));
  return byWorth(active, rank, view.now)
    .slice(0, count)
    .flatMap(pod => deletePod(set, pod));
}

/** The pods of all replica sets that share the owner, a deployment's old and new ones. */
function relatedPods(view: View, set: Replicated): Pod[] {
  const owner = controllerOf(set);
  const siblings = owner ? view.lookup('owner', owner.uid, replicaSets) : [set];
  return siblings.flatMap(sibling => view.lookup('owner', sibling.metadata.uid, pods)).filter(isActive);
}

function nextStatus(
  view: View,
  set: Replicated,
  owned: readonly Pod[],
  active: readonly Pod[],
  failing: boolean,
): ReplicaSetStatus {
  const { template, minReadySeconds } = set.spec;
  const labelled = active.filter(pod =>
    matchesLabelSelector({ matchLabels: template.metadata?.labels ?? {} }, pod.metadata.labels),
  ).length;
  const ready = active.filter(isReady);
  const available = ready.filter(pod => isAvailable(pod, minReadySeconds, view.now)).length;
  const known = set.status?.conditions;
  // A refusal stands until there is nothing left to create.
  const conditions = failing ? (known ?? []) : withoutCondition(known, 'ReplicaFailure');
  return {
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(conditions.length > 0 ? { conditions: conditions as Condition[] } : {}),
    ...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
    observedGeneration: set.metadata.generation,
    ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
    replicas: active.length,
    ...(set.kind === 'ReplicaSet' ? { terminatingReplicas: terminating(owned) } : {}),
  };
}

function terminating(owned: readonly Pod[]): number {
  return owned.filter(pod => isTerminating(pod) && !isFinished(pod)).length;
}

/** Says that the API refuses, and tries again after as long as it has refused already, as a rate limiter would. */
function failedCreate<T extends Replicated>(
  view: View,
  ref: ResourceRef<T>,
  set: T,
  refusal: Status,
): Change[] {
  const current = view.getByKey(ref, `${set.metadata.namespace}/${set.metadata.name}`) ?? set;
  const since = findCondition(current.status?.conditions, 'ReplicaFailure')?.lastTransitionTime;
  const failing = since ? view.now - parseTimestamp(since) : 0;
  return [
    updateStatus(ref, set, draft => {
      if (!draft.status) return;
      draft.status.conditions = withCondition(draft.status.conditions, {
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: refusal.message,
        lastTransitionTime: since ?? timestamp(view.now),
      }) as Condition[];
    }),
    after(Math.min(Math.max(failing, SECOND), LONGEST_RETRY)),
  ];
}

export const replicaSetController = controllerFor({
  component: 'replicaset-controller',
  ref: replicaSets,
  selectorOf: ({ spec }) => spec.selector,
});

export const replicationControllerController = controllerFor({
  component: 'replication-controller',
  ref: replicationControllers,
  selectorOf: ({ spec }) => ({ matchLabels: spec.selector }),
});
