/** Daemon sets: one pod on every node that fits (kubernetes pkg/controller/daemon, v1.35). */
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
import { SECOND } from '../../../clock/index.ts';
import { controllerRevisions, nodes, pods } from '../../../resources/refs.ts';
import { same } from '../../../store/index.ts';
import type { ControllerRevision, Node, Pod } from '../../../types/core.ts';
import type { Status } from '../../../types/meta.ts';
import { isEmptySelector } from '../../../types/selectors.ts';
import { claimPods } from '../claiming.ts';
import { createPods, deletePod } from '../creating.ts';
import { byCreation, isAvailable, isReady, isTerminating, keyOfObject, untilAvailable } from '../pods.ts';
import { findRevision, newRevision, revisionsOf, surplusRevisions } from '../revisions.ts';
import { selectors, workloadKeys } from '../selecting.ts';
import { type DaemonSet, type DaemonSetStatus, daemonSets } from '../types.ts';
import { HASH_LABEL, daemonPod, isUpdated, nodeOf, placementOf } from './nodes.ts';
import { updateStep } from './update.ts';

const COMPONENT = 'daemonset-controller';
const RETRY = 10 * SECOND;
const who = selectors(daemonSets, ({ spec }) => spec.selector);

export const daemonSetController: Controller = {
  name: `kube-controller-manager/${COMPONENT}`,
  author: COMPONENT,
  user: serviceAccountUser('kube-system', 'daemon-set-controller'),
  triggers: [
    { resource: daemonSets.resource },
    { resource: pods.resource, keys: (entry, view) => workloadKeys(view, who, entry) },
    {
      resource: nodes.resource,
      keys({ object, previous }, view) {
        const [now, before] = [object as Node, previous as Node | undefined];
        const moved =
          before?.metadata.labels !== now.metadata.labels || before?.spec.taints !== now.spec.taints;
        return moved || isTerminating(now) ? view.list(daemonSets).map(keyOfObject) : [];
      },
    },
  ],
  reconcile(view, key) {
    const set = view.getByKey(daemonSets, key);
    return set ? reconcile(view, set) : [];
  },
};

function reconcile(view: View, set: DaemonSet): Change[] {
  if (isEmptySelector(set.spec.selector)) {
    const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
    return [event(set, 'Warning', 'SelectingAll', message)];
  }
  if (isTerminating(set)) return [];
  const revisions = revisionsOf(view, set);
  const current = findRevision(revisions, set.spec.template);
  const latest = revisions.at(-1)?.revision ?? 0;
  if (!current) return recordRevision(set, latest + 1);
  if (current.revision < latest) {
    // Going back to a template makes its revision the newest.
    return [
      update(controllerRevisions, current, draft => {
        draft.revision = latest + 1;
      }),
    ];
  }
  const hash = current.metadata.labels?.[HASH_LABEL] ?? '';
  const { owned, changes } = claimPods(view, set, set.spec.selector);
  const byNode = podsByNode(view, set, owned);
  const { make, drop } = manage(view, set, byNode, hash);
  const wanted = view.list(nodes).filter(node => placementOf(set, node).shouldRun);
  if (make.length === 0 && drop.length === 0) {
    const wantedNames = new Set(wanted.map(({ metadata }) => metadata.name));
    const candidates = new Map([...byNode].filter(([name]) => wantedNames.has(name)));
    const next = updateStep(set, candidates, wanted.length, hash, view.now);
    changes.push(...next.remove.flatMap(pod => deletePod(set, pod)));
    make.push(...next.surgeOn.flatMap(name => view.get(nodes, undefined, name) ?? []));
  }
  for (const { pod, failed } of drop) {
    if (failed) changes.push(...tellFailed(set, pod));
    changes.push(...deletePod(set, pod));
  }
  const status = nextStatus(view, set, byNode, hash);
  if (!same(status, set.status)) {
    changes.push(
      updateStatus(daemonSets, set, draft => {
        draft.status = status;
      }),
    );
  }
  changes.push(...cleanUp(set, revisions, current, owned));
  const newPods = make.map(node => daemonPod(set, node, hash));
  changes.push(...createPods(set, newPods, () => [after(RETRY)]));
  const soon = untilAvailable(owned, set.spec.minReadySeconds, view.now);
  return soon === undefined ? changes : [...changes, after(soon)];
}

function recordRevision(set: DaemonSet, number: number): Change[] {
  const revision = newRevision(set, number, HASH_LABEL, set.status?.collisionCount);
  const refused = (status: Status): Change[] => {
    if (status.reason !== 'AlreadyExists') return [after(RETRY)];
    return [
      updateStatus(daemonSets, set, draft => {
        if (draft.status) draft.status.collisionCount = (draft.status.collisionCount ?? 0) + 1;
      }),
    ];
  };
  // With its revision there the set is looked at again.
  return [create(controllerRevisions, revision, { refused, created: () => [after(0)] })];
}

function podsByNode(view: View, set: DaemonSet, owned: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const node of view.list(nodes)) {
    if (placementOf(set, node).shouldRun) byNode.set(node.metadata.name, []);
  }
  for (const pod of owned) {
    const node = nodeOf(pod) ?? '';
    const known = byNode.get(node);
    if (known) known.push(pod);
    else byNode.set(node, [pod]);
  }
  return byNode;
}

interface Managed {
  readonly make: Node[];
  readonly drop: { pod: Pod; failed: boolean }[];
}

/** One pod on every node that should have one, none on the others. */
function manage(
  view: View,
  set: DaemonSet,
  byNode: ReadonlyMap<string, readonly Pod[]>,
  hash: string,
): Managed {
  const make: Node[] = [];
  const drop: Managed['drop'] = [];
  for (const [name, all] of byNode) {
    const node = name === '' ? undefined : view.get(nodes, undefined, name);
    const living = all.filter(pod => !isTerminating(pod));
    if (!node) {
      for (const pod of name === '' ? [] : living) drop.push({ pod, failed: false });
      continue;
    }
    const { shouldRun, mayStay } = placementOf(set, node);
    if (!shouldRun) {
      if (!mayStay) for (const pod of living) drop.push({ pod, failed: false });
      continue;
    }
    // Pods that are going still hold the node: the next one waits.
    if (all.length === 0) make.push(node);
    const finished = living.filter(
      ({ status }) => status?.phase === 'Failed' || status?.phase === 'Succeeded',
    );
    for (const pod of finished) drop.push({ pod, failed: pod.status?.phase === 'Failed' });
    const running = living.filter(pod => !finished.includes(pod)).sort(byCreation);
    const [fresh, old] = [
      running.filter(pod => isUpdated(set, pod, hash)),
      running.filter(pod => !isUpdated(set, pod, hash)),
    ];
    for (const extra of [...fresh.slice(1), ...old.slice(1)]) drop.push({ pod: extra, failed: false });
    const surging = set.spec.updateStrategy?.rollingUpdate?.maxSurge;
    if (fresh.length > 0 && old.length > 0 && (surging === undefined || surging === 0 || surging === '0%')) {
      for (const pod of old.slice(0, 1)) drop.push({ pod, failed: false });
    }
  }
  return { make, drop };
}

function tellFailed(set: DaemonSet, pod: Pod): Change[] {
  const where = `${pod.metadata.namespace}/${pod.metadata.name} on node ${pod.spec.nodeName}`;
  return [event(set, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${where}, will try to kill it`)];
}

function nextStatus(
  view: View,
  set: DaemonSet,
  byNode: ReadonlyMap<string, readonly Pod[]>,
  hash: string,
): DaemonSetStatus {
  let [desired, current, misplaced, ready, updated, available] = [0, 0, 0, 0, 0, 0];
  for (const node of view.list(nodes)) {
    const all = byNode.get(node.metadata.name) ?? [];
    const { shouldRun } = placementOf(set, node);
    if (!shouldRun) {
      if (all.length > 0) misplaced += 1;
      continue;
    }
    desired += 1;
    if (all.length === 0) continue;
    current += 1;
    // The oldest stands for all on the node, but one that serves comes before one that does not.
    const [pod] = [...all].sort((a, b) => Number(isReady(b)) - Number(isReady(a)) || byCreation(a, b));
    if (!pod) continue;
    if (isReady(pod)) {
      ready += 1;
      if (isAvailable(pod, set.spec.minReadySeconds, view.now)) available += 1;
    }
    if (isUpdated(set, pod, hash)) updated += 1;
  }
  const unavailable = desired - available;
  const { collisionCount, conditions } = set.status ?? {};
  return {
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
    currentNumberScheduled: current,
    desiredNumberScheduled: desired,
    ...(available > 0 ? { numberAvailable: available } : {}),
    numberMisscheduled: misplaced,
    numberReady: ready,
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
    observedGeneration: set.metadata.generation,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
  };
}

function cleanUp(
  set: DaemonSet,
  revisions: readonly ControllerRevision[],
  current: ControllerRevision,
  owned: readonly Pod[],
): Change[] {
  const hashes = new Set(owned.map(({ metadata }) => metadata.labels?.[HASH_LABEL]));
  const inUse = new Set([current.metadata.name]);
  for (const { metadata } of revisions) {
    if (hashes.has(metadata.labels?.[HASH_LABEL])) inUse.add(metadata.name);
  }
  const limit = set.spec.revisionHistoryLimit ?? 10;
  return surplusRevisions(revisions, inUse, limit).map(revision => remove(controllerRevisions, revision));
}
