/** Deployments (kubernetes pkg/controller/deployment, v1.35). */
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
import { pods } from '../../../resources/refs.ts';
import { findCondition } from '../../../types/conditions.ts';
import type { Pod } from '../../../types/core.ts';
import type { Status } from '../../../types/meta.ts';
import { isEmptySelector, matchesLabelSelector } from '../../../types/selectors.ts';
import { claim } from '../claiming.ts';
import { contentHash } from '../hash.ts';
import { controllerReference, isFinished, isTerminating, keyOfObject } from '../pods.ts';
import { controllerOf, ownerKey } from '../selecting.ts';
import {
  type Deployment,
  type DeploymentStatus,
  type ReplicaSet,
  type WorkloadCondition,
  deployments,
  replicaSets,
} from '../types.ts';
import { isRollingUpdate, limitsOf, newSetSize } from './limits.ts';
import {
  DESIRED_REPLICAS,
  HASH_LABEL,
  MAX_REPLICAS,
  REVISION,
  findNew,
  newAnnotations,
  nextRevision,
  revisionOf,
  sameTemplate,
} from './revisions.ts';
import { growNew, isActiveSet, isScaling, resize, scale, shrinkOld } from './scaling.ts';
import {
  condition,
  countedStatus,
  hasDeadline,
  isComplete,
  rolloutStatus,
  withWorkloadCondition,
  writeStatus,
} from './status.ts';

/** How long to wait before a refused replica set is tried again. */
const RETRY = 10 * SECOND;
const COMPONENT = 'deployment-controller';

export const deploymentController: Controller = {
  name: `kube-controller-manager/${COMPONENT}`,
  author: COMPONENT,
  user: serviceAccountUser('kube-system', COMPONENT),
  triggers: [
    { resource: deployments.resource },
    {
      resource: replicaSets.resource,
      keys({ object, previous }, view) {
        const keys = [object, previous].map(each => each && ownerKey(each, deployments));
        const owners = [...new Set(keys.filter(key => key !== undefined))];
        return owners.length > 0 || controllerOf(object) ? owners : selecting(view, object as ReplicaSet);
      },
    },
    {
      // Recreate waits for the last old pod to be gone, of which no replica set's status tells.
      resource: pods.resource,
      keys({ type, object }, view) {
        const owner = type === 'DELETED' ? ownerKey(object, replicaSets) : undefined;
        const set = owner === undefined ? undefined : view.getByKey(replicaSets, owner);
        const key = set && ownerKey(set, deployments);
        const deployment = key === undefined ? undefined : view.getByKey(deployments, key);
        return key !== undefined && deployment && !isRollingUpdate(deployment) ? [key] : [];
      },
    },
  ],
  reconcile(view, key) {
    const deployment = view.getByKey(deployments, key);
    return deployment ? reconcile(view, deployment) : [];
  },
};

function selecting(view: View, set: ReplicaSet): string[] {
  return view
    .list(deployments, set.metadata.namespace)
    .filter(({ spec }) => matchesLabelSelector(spec.selector, set.metadata.labels))
    .map(keyOfObject);
}

/** The replica sets of a deployment: the one of its template, where there is one, and all others. */
interface Sets {
  readonly newSet: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  readonly all: readonly ReplicaSet[];
}

function reconcile(view: View, deployment: Deployment): Change[] {
  const { namespace } = deployment.metadata;
  const { selector } = deployment.spec;
  if (isEmptySelector(selector)) {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    return [event(deployment, 'Warning', 'SelectingAll', message)];
  }
  const owned = view.lookup('owner', deployment.metadata.uid, replicaSets);
  const orphans = view.list(replicaSets, namespace).filter(set => !controllerOf(set));
  const claimed = claim(replicaSets, deployment, selector, owned, orphans);
  // What was adopted or released is looked at in the light of that.
  if (claimed.changes.length > 0) return claimed.changes;

  const all = claimed.owned;
  const newSet = findNew(deployment, all);
  const sets: Sets = { newSet, old: all.filter(set => set !== newSet), all };
  if (isTerminating(deployment)) {
    return writeStatus(view, deployment, countedStatus(view, deployment, all, newSet));
  }
  const pausing = pauseCondition(view, deployment);
  if (pausing) return [writeConditions(deployment, pausing)];
  const synced = syncRevision(view, deployment, sets);
  if (synced.length > 0) return synced;
  if (deployment.spec.paused || isScaling(deployment, all)) return sync(view, deployment, sets);
  return isRollingUpdate(deployment) ? roll(view, deployment, sets) : recreate(view, deployment, sets);
}

function writeConditions(deployment: Deployment, conditions: readonly WorkloadCondition[]): Change {
  return updateStatus(deployments, deployment, draft => {
    draft.status = { ...draft.status, conditions: [...conditions] } as DeploymentStatus;
  });
}

/** Pausing stops the clock of the deadline, resuming starts it anew. Undefined when nothing changes. */
function pauseCondition(view: View, deployment: Deployment): readonly WorkloadCondition[] | undefined {
  if (!hasDeadline(deployment)) return undefined;
  const conditions = deployment.status?.conditions ?? [];
  const current = findCondition(conditions, 'Progressing');
  if (current?.reason === 'ProgressDeadlineExceeded') return undefined;
  const told = current?.reason === 'DeploymentPaused';
  const paused = deployment.spec.paused === true;
  if (paused === told) return undefined;
  const next = paused
    ? condition(view.now, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
    : condition(view.now, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
  return withWorkloadCondition(conditions, next);
}

/** Numbers the new replica set, hands the deployment's annotations to it and its number to the deployment. */
function syncRevision(view: View, deployment: Deployment, { newSet, old }: Sets): Change[] {
  if (!newSet) return [];
  const annotations = newAnnotations(deployment, newSet.metadata.annotations, nextRevision(old));
  const { minReadySeconds } = deployment.spec;
  if (
    annotations !== newSet.metadata.annotations ||
    (newSet.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)
  ) {
    return [
      update(replicaSets, newSet, draft => {
        draft.metadata.annotations = annotations;
        if (minReadySeconds) draft.spec.minReadySeconds = minReadySeconds;
        else delete draft.spec.minReadySeconds;
      }),
    ];
  }
  const revision = annotations[REVISION] ?? '';
  const numbered = deployment.metadata.annotations?.[REVISION] === revision;
  const conditions = deployment.status?.conditions ?? [];
  const told = !hasDeadline(deployment) || findCondition(conditions, 'Progressing') !== undefined;
  if (numbered && told) return [];
  const message = `Found new replica set ${JSON.stringify(newSet.metadata.name)}`;
  const found = condition(view.now, 'Progressing', 'True', 'FoundNewReplicaSet', message);
  return [
    updateStatus(deployments, deployment, draft => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: revision };
      if (!told) {
        draft.status = { ...draft.status, conditions: [...withWorkloadCondition(conditions, found)] };
      }
    }),
  ];
}

function sync(view: View, deployment: Deployment, { newSet, old, all }: Sets): Change[] {
  const scaled = scale(deployment, newSet, old);
  if (scaled.length > 0) return scaled;
  const cleaned = deployment.spec.paused ? cleanUp(deployment, old) : [];
  return [...cleaned, ...writeStatus(view, deployment, countedStatus(view, deployment, all, newSet))];
}

function roll(view: View, deployment: Deployment, { newSet, old, all }: Sets): Change[] {
  if (!newSet) return createNew(view, deployment, all);
  const grown = growNew(deployment, newSet, all);
  if (grown.length > 0) return grown;
  const shrunk = shrinkOld(deployment, newSet, old);
  if (shrunk.length > 0) return shrunk;
  return finish(view, deployment, { newSet, old, all });
}

function recreate(view: View, deployment: Deployment, { newSet, old, all }: Sets): Change[] {
  const active = old.filter(isActiveSet);
  if (active.length > 0) return active.flatMap(set => resize(deployment, set, 0));
  if (old.some(set => hasRunningPods(view, set))) {
    return writeStatus(view, deployment, rolloutStatus(view, deployment, all, newSet));
  }
  if (!newSet) return createNew(view, deployment, all);
  const { replicas } = deployment.spec;
  if (newSet.spec.replicas !== replicas) return resize(deployment, newSet, replicas);
  return finish(view, deployment, { newSet, old, all });
}

function hasRunningPods(view: View, set: ReplicaSet): boolean {
  return view.lookup<Pod>('owner', set.metadata.uid, pods).some(pod => !isFinished(pod));
}

function finish(view: View, deployment: Deployment, { newSet, old, all }: Sets): Change[] {
  const cleaned = isComplete(deployment, deployment.status ?? {}) ? cleanUp(deployment, old) : [];
  return [...cleaned, ...writeStatus(view, deployment, rolloutStatus(view, deployment, all, newSet))];
}

/** Deletes the oldest empty replica sets beyond what the history may hold. */
function cleanUp(deployment: Deployment, old: readonly ReplicaSet[]): Change[] {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined) return [];
  const candidates = old.filter(set => !isTerminating(set));
  return candidates
    .sort((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, candidates.length - limit))
    .filter(
      ({ spec, status, metadata }) =>
        spec.replicas === 0 &&
        (status?.replicas ?? 0) === 0 &&
        (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0),
    )
    .map(set => remove(replicaSets, set, { propagationPolicy: 'Background' }));
}

function createNew(view: View, deployment: Deployment, all: readonly ReplicaSet[]): Change[] {
  const { template, selector, minReadySeconds, replicas } = deployment.spec;
  const hash = contentHash(template, deployment.status?.collisionCount);
  const name = `${deployment.metadata.name}-${hash}`;
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const size = newSetSize(deployment, all, undefined);
  const revision = nextRevision(all);
  const conditions = deployment.status?.conditions ?? [];
  const progress = `Created new replica set ${JSON.stringify(name)}`;
  return [
    create(
      replicaSets,
      {
        metadata: {
          name,
          namespace: deployment.metadata.namespace,
          labels,
          annotations: {
            ...newAnnotations(deployment, undefined, revision),
            [DESIRED_REPLICAS]: String(replicas),
            [MAX_REPLICAS]: String(replicas + limitsOf(deployment).maxSurge),
          },
          ownerReferences: [controllerReference(deployment)],
        },
        spec: {
          ...(minReadySeconds ? { minReadySeconds } : {}),
          replicas: size,
          selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
          template: { ...template, metadata: { ...template.metadata, labels } },
        },
      },
      {
        created: () => [
          ...(size > 0 ? [scaledFromNothing(deployment, name, size)] : []),
          updateStatus(deployments, deployment, draft => {
            draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: String(revision) };
            if (!hasDeadline(deployment)) return;
            const made = condition(view.now, 'Progressing', 'True', 'NewReplicaSetCreated', progress);
            draft.status = { ...draft.status, conditions: [...withWorkloadCondition(conditions, made)] };
          }),
        ],
        refused: refusal => notCreated(view, deployment, name, refusal),
      },
    ),
  ];
}

function scaledFromNothing(deployment: Deployment, name: string, size: number): Change {
  const message = `Scaled up replica set ${name} from 0 to ${size}`;
  return event(deployment, 'Normal', 'ScalingReplicaSet', message);
}

function notCreated(view: View, deployment: Deployment, name: string, refusal: Status): Change[] {
  if (refusal.reason === 'AlreadyExists') {
    const existing = view.get(replicaSets, deployment.metadata.namespace, name);
    const ours =
      existing &&
      controllerOf(existing)?.uid === deployment.metadata.uid &&
      sameTemplate(existing.spec.template, deployment.spec.template);
    if (ours) return [];
    // Another template has the same hash, or somebody took the name: count up, so that the next hash is another.
    return [
      updateStatus(deployments, deployment, draft => {
        draft.status = { ...draft.status, collisionCount: (draft.status?.collisionCount ?? 0) + 1 };
      }),
    ];
  }
  const message = `Failed to create new replica set ${JSON.stringify(name)}: ${refusal.message}`;
  const conditions = deployment.status?.conditions ?? [];
  const failed = condition(view.now, 'Progressing', 'False', 'ReplicaSetCreateError', message);
  return [
    ...(hasDeadline(deployment)
      ? [writeConditions(deployment, withWorkloadCondition(conditions, failed))]
      : []),
    event(deployment, 'Warning', 'ReplicaSetCreateError', message),
    after(RETRY),
  ];
}
