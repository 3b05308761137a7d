/**
 * Binds claims: to a volume that is there and suits, else to one made of the claim's storage class, at once or when the
 * first pod that uses the claim has a node, as the class says.
 */
import { timestamp } from '../clock/index.ts';
import {
  type Change,
  type Controller,
  type Projection,
  type View,
  create,
  event,
  serviceAccountUser,
  update,
  updateStatus,
} from '../controller.ts';
import { persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '../resources/refs.ts';
import type {
  ObjectReference,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../types/core.ts';
import { findVolume, isFor } from './claim-matching.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export const claimBinder: Controller = {
  name: 'kube-controller-manager/claim-binder',
  author: 'persistentvolume-controller',
  user: serviceAccountUser('kube-system', 'persistent-volume-binder'),
  triggers: [
    { resource: persistentVolumeClaims.resource },
    {
      resource: pods.resource,
      // Its binding to a node is all that a claim waits for.
      keys: ({ object, previous }) => {
        const pod = object as Pod;
        return pod.spec.nodeName && !(previous as Pod | undefined)?.spec.nodeName ? claimsOf(pod) : [];
      },
    },
    {
      resource: persistentVolumes.resource,
      keys: ({ type, object }, view) => {
        const { claimRef } = (object as PersistentVolume).spec;
        if (claimRef) return type === 'DELETED' ? [`${claimRef.namespace}/${claimRef.name}`] : [];
        return type === 'DELETED' ? [] : pendingClaims(view);
      },
    },
    { resource: storageClasses.resource, keys: (_entry, view) => pendingClaims(view) },
  ],
  reconcile(view, key) {
    const claim = view.getByKey(persistentVolumeClaims, key);
    if (!claim || claim.metadata.deletionTimestamp !== undefined) return [];
    if (claim.status?.phase === 'Bound') return checkBound(view, claim);
    if (claim.status?.phase === 'Lost') return [];
    const defaulted = useDefaultClass(view, claim);
    if (defaulted.length > 0) return defaulted;
    const storageClass = view.get(storageClasses, undefined, claim.spec.storageClassName ?? '');
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !hasConsumer(view, claim);
    const volume = waits ? undefined : existingVolume(view, claim);
    if (volume) return bind(view, claim, volume);
    // A claim that names its volume waits for that one and no other.
    if (claim.spec.volumeName) return [];
    if (!storageClass) return cannotBind(claim);
    if (waits) {
      return [
        event(
          claim,
          'Normal',
          'WaitForFirstConsumer',
          'waiting for first consumer to be created before binding',
        ),
      ];
    }
    return provision(view, claim, storageClass);
  },
};

function claimsOf(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap(volume => {
    const name = (volume.persistentVolumeClaim as { claimName?: string } | undefined)?.claimName;
    return name ? [`${pod.metadata.namespace}/${name}`] : [];
  });
}

function pendingClaims(view: View): string[] {
  return view
    .list(persistentVolumeClaims)
    .filter(claim => claim.status?.phase !== 'Bound')
    .map(claim => `${claim.metadata.namespace}/${claim.metadata.name}`);
}

function useDefaultClass(view: View, claim: PersistentVolumeClaim): Change[] {
  if (claim.spec.storageClassName !== undefined) return [];
  const fallback = view
    .list(storageClasses)
    .find(each => each.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true');
  if (!fallback) return [];
  return [
    update(persistentVolumeClaims, claim, draft => {
      draft.spec.storageClassName = fallback.metadata.name;
    }),
  ];
}

/** Claims by their keys with the number of pods on nodes that use them. */
const consumers: Projection<Map<string, number>> = {
  resources: [pods.resource],
  build(view) {
    const state = new Map<string, number>();
    for (const pod of view.list(pods)) count(state, pod, 1);
    return state;
  },
  apply(state, { type, object, previous }) {
    const [now, before] = [object as Pod, previous as Pod | undefined];
    // Volumes of a pod never change, so only its binding and its end make a difference.
    if (type === 'MODIFIED' && before?.spec.nodeName === now.spec.nodeName) return;
    if (before) count(state, before, -1);
    if (type !== 'DELETED') count(state, now, 1);
  },
};

function count(state: Map<string, number>, pod: Pod, by: number): void {
  if (!pod.spec.nodeName) return;
  for (const key of claimsOf(pod)) {
    const next = (state.get(key) ?? 0) + by;
    if (next > 0) state.set(key, next);
    else state.delete(key);
  }
}

function hasConsumer(view: View, claim: PersistentVolumeClaim): boolean {
  if (claim.metadata.annotations?.[SELECTED_NODE] !== undefined) return true;
  return view.project(consumers).has(`${claim.metadata.namespace}/${claim.metadata.name}`);
}

/** The volume that the claim names, or the best of those that are free; volumes of provisioners belong to their claims. */
function existingVolume(view: View, claim: PersistentVolumeClaim): PersistentVolume | undefined {
  const { volumeName } = claim.spec;
  if (volumeName) {
    const named = view.get(persistentVolumes, undefined, volumeName);
    return named && (!named.spec.claimRef || isFor(named, claim)) ? named : undefined;
  }
  return findVolume([...view.project(freeVolumes).values()], claim);
}

/** Volumes that are bound to nobody: unreserved, or reserved by name. */
const freeVolumes: Projection<Map<string, PersistentVolume>> = {
  resources: [persistentVolumes.resource],
  build(view) {
    const state = new Map<string, PersistentVolume>();
    for (const volume of view.list(persistentVolumes)) {
      if (!volume.spec.claimRef?.uid) state.set(volume.metadata.name, volume);
    }
    return state;
  },
  apply(state, { type, object }) {
    const volume = object as PersistentVolume;
    if (type === 'DELETED' || volume.spec.claimRef?.uid) state.delete(volume.metadata.name);
    else state.set(volume.metadata.name, volume);
  },
};

function cannotBind(claim: PersistentVolumeClaim): Change[] {
  const name = claim.spec.storageClassName;
  if (name === '' || name === undefined) {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return [event(claim, 'Normal', 'FailedBinding', message)];
  }
  const message = `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`;
  return [event(claim, 'Warning', 'ProvisioningFailed', message)];
}

/** A bound claim whose volume is gone is lost, with what was on it. */
function checkBound(view: View, claim: PersistentVolumeClaim): Change[] {
  const { volumeName } = claim.spec;
  if (!volumeName || view.get(persistentVolumes, undefined, volumeName)) return [];
  return [
    updateStatus(persistentVolumeClaims, claim, draft => {
      draft.status = { ...draft.status, phase: 'Lost' };
    }),
    event(
      claim,
      'Warning',
      'ClaimLost',
      'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ),
  ];
}

function claimReference({ metadata }: PersistentVolumeClaim): ObjectReference {
  const { name, namespace, uid } = metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid };
}

function bind(view: View, claim: PersistentVolumeClaim, volume: PersistentVolume): Change[] {
  return [
    update(persistentVolumes, volume, draft => {
      if (draft.spec.claimRef?.uid) return;
      draft.spec.claimRef = claimReference(claim);
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        'pv.kubernetes.io/bound-by-controller': 'yes',
      };
    }),
    updateStatus(persistentVolumes, volume, draft => {
      if (draft.status?.phase === 'Bound') return;
      draft.status = { ...draft.status, phase: 'Bound', lastPhaseTransitionTime: timestamp(view.now) };
    }),
    ...bound(claim, volume.metadata.name, volume.spec.accessModes, volume.spec.capacity?.storage ?? '', {}),
  ];
}

function bound(
  claim: PersistentVolumeClaim,
  volumeName: string,
  accessModes: string[] | undefined,
  storage: string,
  annotations: Record<string, string>,
): Change[] {
  const chosen = claim.spec.volumeName === undefined;
  return [
    update(persistentVolumeClaims, claim, draft => {
      draft.spec.volumeName = volumeName;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        'pv.kubernetes.io/bind-completed': 'yes',
        ...(chosen ? { 'pv.kubernetes.io/bound-by-controller': 'yes' } : {}),
        ...annotations,
      };
    }),
    updateStatus(persistentVolumeClaims, claim, draft => {
      draft.status = { ...draft.status, phase: 'Bound', accessModes, capacity: { storage } };
    }),
  ];
}

function provision(view: View, claim: PersistentVolumeClaim, storageClass: StorageClass): Change[] {
  const name = `pvc-${claim.metadata.uid}`;
  const storage = claim.spec.resources?.requests?.storage ?? '1Gi';
  const volume = {
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner } },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage },
      claimRef: claimReference(claim),
      csi: { driver: storageClass.provisioner, volumeHandle: name },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
    },
  };
  return [
    create(persistentVolumes, volume, {
      created: created => [
        updateStatus(persistentVolumes, created, draft => {
          draft.status = { phase: 'Bound', lastPhaseTransitionTime: timestamp(view.now) };
        }),
      ],
    }),
    ...bound(claim, name, claim.spec.accessModes, storage, {
      'volume.kubernetes.io/storage-provisioner': storageClass.provisioner,
    }),
    event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`),
  ];
}
