/**
 * Stateful sets (kubernetes pkg/controller/statefulset, v1.35): ordered or parallel, with partitions and claims.
 * Left out: repair of labels and names that somebody took from a pod.
 */
import { SECOND } from '../../../clock/index.ts';
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
import { controllerRevisions, persistentVolumeClaims, pods } from '../../../resources/refs.ts';
import { same } from '../../../store/index.ts';
import type { ControllerRevision, Pod } from '../../../types/core.ts';
import type { Status } from '../../../types/meta.ts';
import { isEmptySelector } from '../../../types/selectors.ts';
import { scaledAmount } from '../amounts.ts';
import { claimPods } from '../claiming.ts';
import { isAvailable, isFinished, isReady, isTerminating, untilAvailable } from '../pods.ts';
import { findRevision, newRevision, revisionsOf, surplusRevisions } from '../revisions.ts';
import { selectors, workloadKeys } from '../selecting.ts';
import { type PodTemplate, type StatefulSet, type StatefulSetStatus, statefulSets } from '../types.ts';
import { claimsChanges } from './claims.ts';
import { REVISION_LABEL, claimsOf, firstOrdinal, ordinalOf, podName, statefulPod } from './identity.ts';

const COMPONENT = 'statefulset-controller';
const HASH_LABEL = 'controller.kubernetes.io/hash';
const RETRY = 10 * SECOND;
const who = selectors(statefulSets, ({ spec }) => spec.selector);

export const statefulSetController: Controller = {
  name: `kube-controller-manager/${COMPONENT}`,
  author: COMPONENT,
  user: serviceAccountUser('kube-system', COMPONENT),
  triggers: [
    { resource: statefulSets.resource },
    { resource: pods.resource, keys: (entry, view) => workloadKeys(view, who, entry) },
  ],
  reconcile(view, key) {
    const set = view.getByKey(statefulSets, key);
    return set ? reconcile(view, set) : [];
  },
};

/** Everything a round of decisions is about. */
interface Round {
  readonly view: View;
  readonly set: StatefulSet;
  /** Pods by number, of those that should be. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Pods beyond, the highest number first. */
  readonly condemned: readonly Pod[];
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
}

function reconcile(view: View, set: StatefulSet): Change[] {
  if (isEmptySelector(set.spec.selector) || isTerminating(set)) return [];
  const revisions = revisionsOf(view, set);
  const updateRevision = findRevision(revisions, set.spec.template);
  const latest = revisions.at(-1)?.revision ?? 0;
  if (!updateRevision) return recordRevision(set, latest + 1);
  if (updateRevision.revision < latest) {
    return [
      update(controllerRevisions, updateRevision, draft => {
        draft.revision = latest + 1;
      }),
    ];
  }
  const known = set.status?.currentRevision;
  const current = revisions.find(({ metadata }) => metadata.name === known) ?? updateRevision;
  const { owned, changes } = claimPods(view, set, set.spec.selector);
  const numbered = owned.filter(pod => ordinalOf(set, pod) !== undefined);
  const round = roundOf(view, set, numbered, current, updateRevision);
  const status = nextStatus(round, numbered);
  if (!same(status, set.status)) {
    changes.push(
      updateStatus(statefulSets, set, draft => {
        draft.status = status;
      }),
    );
  }
  changes.push(
    ...claimsChanges(view, set, numbered, round.condemned),
    ...decide({ ...round, set: { ...set, status } }),
  );
  changes.push(...cleanUp(set, revisions, status, numbered));
  const soon = untilAvailable(numbered, set.spec.minReadySeconds, view.now);
  return soon === undefined ? changes : [...changes, after(soon)];
}

function recordRevision(set: StatefulSet, number: number): Change[] {
  const revision = newRevision(set, number, HASH_LABEL, set.status?.collisionCount);
  const refused = (status: Status): Change[] => {
    if (status.reason !== 'AlreadyExists') return [after(RETRY)];
    return [
      updateStatus(statefulSets, set, draft => {
        if (draft.status) draft.status.collisionCount = (draft.status.collisionCount ?? 0) + 1;
      }),
    ];
  };
  return [create(controllerRevisions, revision, { refused, created: () => [after(0)] })];
}

function roundOf(
  view: View,
  set: StatefulSet,
  numbered: readonly Pod[],
  current: ControllerRevision,
  updateRevision: ControllerRevision,
): Round {
  const first = firstOrdinal(set);
  const replicas: (Pod | undefined)[] = Array.from({ length: set.spec.replicas }, () => undefined);
  const condemned: Pod[] = [];
  for (const pod of numbered) {
    const index = (ordinalOf(set, pod) ?? 0) - first;
    if (index >= 0 && index < replicas.length) replicas[index] = pod;
    else condemned.push(pod);
  }
  condemned.sort((a, b) => (ordinalOf(set, b) ?? 0) - (ordinalOf(set, a) ?? 0));
  return { view, set, replicas, condemned, current, update: updateRevision };
}

const revisionOf = ({ metadata }: Pod) => metadata.labels?.[REVISION_LABEL];
const isCreated = ({ status }: Pod) => status?.phase !== undefined;
const isRunningAndReady = (pod: Pod) => pod.status?.phase === 'Running' && isReady(pod);
const isHealthy = (pod: Pod) => isRunningAndReady(pod) && !isTerminating(pod);

function nextStatus(
  { view, set, current, update: updateRevision }: Round,
  numbered: readonly Pod[],
): StatefulSetStatus {
  const created = numbered.filter(isCreated);
  const ready = created.filter(isRunningAndReady);
  const available = ready.filter(pod => isAvailable(pod, set.spec.minReadySeconds, view.now)).length;
  const living = created.filter(pod => !isTerminating(pod));
  const count = (revision: string) => living.filter(pod => revisionOf(pod) === revision).length;
  let currentName = current.metadata.name;
  const updateName = updateRevision.metadata.name;
  const updated = count(updateName);
  const { replicas } = set.spec;
  const complete =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    updated === replicas &&
    ready.length === replicas &&
    created.length === replicas;
  if (complete) currentName = updateName;
  const currents = count(currentName);
  const { collisionCount = 0, conditions } = set.status ?? {};
  return {
    availableReplicas: available,
    collisionCount,
    ...(conditions ? { conditions } : {}),
    ...(currents > 0 ? { currentReplicas: currents } : {}),
    currentRevision: currentName,
    observedGeneration: set.metadata.generation,
    ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
    replicas: created.length,
    updateRevision: updateName,
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
  };
}

/** What to do now: bring up what is missing, take what is too much, then update; in order, one step at a time. */
function decide(round: Round): Change[] {
  const { view, set, replicas, condemned } = round;
  const ordered = set.spec.podManagementPolicy !== 'Parallel';
  const available = (pod: Pod) =>
    isRunningAndReady(pod) && isAvailable(pod, set.spec.minReadySeconds, view.now);
  const changes: Change[] = [];
  for (let index = 0; index < replicas.length; index += 1) {
    const pod = replicas[index];
    const ordinal = firstOrdinal(set) + index;
    if (!pod) {
      changes.push(...makePod(round, ordinal));
      if (ordered) return changes;
    } else if (isFinished(pod)) {
      if (!isTerminating(pod)) changes.push(...recreate(set, pod));
      if (ordered) return changes;
    } else if (ordered && (isTerminating(pod) || !available(pod))) {
      return changes;
    }
  }
  const unhealthy = [...replicas.filter(pod => pod !== undefined), ...[...condemned].reverse()].find(
    pod => !isHealthy(pod),
  );
  for (const pod of condemned) {
    if (isTerminating(pod)) {
      if (ordered) return changes;
      continue;
    }
    if (ordered && !isRunningAndReady(pod) && pod !== unhealthy) return changes;
    changes.push(...deletePod(set, pod));
    if (ordered) return changes;
  }
  return [...changes, ...updateOld(round, available)];
}

function updateOld(
  { set, replicas, update: updateRevision }: Round,
  available: (pod: Pod) => boolean,
): Change[] {
  const { type = 'RollingUpdate', rollingUpdate = {} } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return [];
  const { partition = 0, maxUnavailable = 1 } = rollingUpdate;
  const least = Math.max(0, partition - firstOrdinal(set));
  const total = set.spec.replicas;
  const allowed = Math.max(1, scaledAmount(maxUnavailable, total, 'up'));
  const name = updateRevision.metadata.name;
  let missing = replicas.filter(pod => !pod || isTerminating(pod) || !available(pod)).length;
  const changes: Change[] = [];
  for (let index = replicas.length - 1; index >= least; index -= 1) {
    const pod = replicas[index];
    if (!pod) {
      if (allowed === 1) return changes;
      continue;
    }
    if (revisionOf(pod) !== name && !isTerminating(pod)) {
      // An old pod that does not serve can go without anybody missing it.
      const harmless = !available(pod);
      if (!harmless && missing >= allowed) return changes;
      changes.push(...deletePod(set, pod));
      if (!harmless) missing += 1;
      if (allowed === 1) return changes;
    } else if (allowed === 1 && !isHealthy(pod)) return changes;
  }
  return changes;
}

/** Below the partition, and until they are all updated below the number of current ones, pods keep the old template. */
function revisionFor({ set, current, update: updateRevision }: Round, ordinal: number): ControllerRevision {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return updateRevision;
  const below = rollingUpdate
    ? ordinal < firstOrdinal(set) + (rollingUpdate.partition ?? 0)
    : ordinal < firstOrdinal(set) + (set.status?.currentReplicas ?? 0);
  return below ? current : updateRevision;
}

function makePod(round: Round, ordinal: number): Change[] {
  const { view, set } = round;
  const revision = revisionFor(round, ordinal);
  const data = revision.data as unknown as { spec: { template: PodTemplate & { $patch?: string } } };
  const { $patch: _, ...template } = data.spec.template;
  const pod = statefulPod(set, template, revision.metadata.name, ordinal);
  const name = podName(set, ordinal);
  const { name: setName, namespace } = set.metadata;
  const claims = claimsOf(set, ordinal).filter(
    claim => !view.get(persistentVolumeClaims, namespace, claim.metadata.name ?? ''),
  );
  const failed = (what: string) => (status: Status) => [
    event(
      set,
      'Warning',
      'FailedCreate',
      `create ${what} in StatefulSet ${setName} failed error: ${status.message}`,
    ),
    after(RETRY),
  ];
  return [
    ...claims.flatMap(claim => [
      create(persistentVolumeClaims, claim, {
        refused: failed(`Claim ${claim.metadata.name} for Pod ${name}`),
      }),
      event(
        set,
        'Normal',
        'SuccessfulCreate',
        `create Claim ${claim.metadata.name} Pod ${name} in StatefulSet ${setName} success`,
      ),
    ]),
    create(pods, pod, {
      created: () => [
        event(set, 'Normal', 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${setName} successful`),
      ],
      refused: failed(`Pod ${name}`),
    }),
  ];
}

function deletePod(set: StatefulSet, pod: Pod): Change[] {
  const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  return [
    remove(pods, pod, { preconditions: { uid: pod.metadata.uid } }),
    event(set, 'Normal', 'SuccessfulDelete', message),
  ];
}

/** A pod that ended is replaced: its set is to keep running. */
function recreate(set: StatefulSet, pod: Pod): Change[] {
  const { namespace, name } = set.metadata;
  const failed = pod.status?.phase === 'Failed';
  const what = failed ? 'failed' : 'terminated';
  const reason = failed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod';
  const message = `StatefulSet ${namespace}/${name} is recreating ${what} Pod ${pod.metadata.name}`;
  return [event(set, failed ? 'Warning' : 'Normal', reason, message), ...deletePod(set, pod)];
}

function cleanUp(
  set: StatefulSet,
  revisions: readonly ControllerRevision[],
  status: StatefulSetStatus,
  numbered: readonly Pod[],
): Change[] {
  const inUse = new Set(numbered.map(pod => revisionOf(pod) ?? ''));
  inUse.add(status.currentRevision ?? '').add(status.updateRevision ?? '');
  return surplusRevisions(revisions, inUse, set.spec.revisionHistoryLimit ?? 10).map(revision =>
    remove(controllerRevisions, revision),
  );
}
