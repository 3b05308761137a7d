/**
 * Binds claims: makes a volume of the claim's storage class, at once or when the first pod that uses the claim has a
 * node, as the class says.
 */
import { timestamp } from '../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  create,
  event,
  serviceAccountUser,
  update,
  updateStatus,
} from '../controller.ts';
import { persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '../resources/refs.ts';
import type { PersistentVolumeClaim, Pod, StorageClass } from '../types/core.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export const claimBinder: Controller = {
  name: 'kube-controller-manager/claim-binder',
  author: 'persistentvolume-controller',
  user: serviceAccountUser('kube-system', 'persistent-volume-binder'),
  triggers: [
    { resource: persistentVolumeClaims.resource },
    {
      resource: pods.resource,
      keys: ({ object }) => ((object as Pod).spec.nodeName ? claimsOf(object as Pod) : []),
    },
    { resource: storageClasses.resource, keys: (_entry, view) => pendingClaims(view) },
  ],
  reconcile(view, key) {
    const claim = view.getByKey(persistentVolumeClaims, key);
    if (!claim || claim.metadata.deletionTimestamp !== undefined || claim.status?.phase === 'Bound')
      return [];
    if (claim.spec.storageClassName === undefined) return useDefaultClass(view, claim);
    const storageClass = view.get(storageClasses, undefined, claim.spec.storageClassName);
    if (!storageClass) return [];
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && !hasConsumer(view, claim)) {
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

function hasConsumer(view: View, claim: PersistentVolumeClaim): boolean {
  if (claim.metadata.annotations?.[SELECTED_NODE] !== undefined) return true;
  const key = `${claim.metadata.namespace}/${claim.metadata.name}`;
  return view
    .list(pods, claim.metadata.namespace)
    .some(pod => pod.spec.nodeName !== undefined && claimsOf(pod).includes(key));
}

function provision(view: View, claim: PersistentVolumeClaim, storageClass: StorageClass): Change[] {
  const name = `pvc-${claim.metadata.uid}`;
  const storage = claim.spec.resources?.requests?.storage ?? '1Gi';
  const volume = {
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner } },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: claim.metadata.name,
        namespace: claim.metadata.namespace,
        uid: claim.metadata.uid,
      },
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
    update(persistentVolumeClaims, claim, draft => {
      draft.spec.volumeName = name;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        'pv.kubernetes.io/bind-completed': 'yes',
        'pv.kubernetes.io/bound-by-controller': 'yes',
        'volume.kubernetes.io/storage-provisioner': storageClass.provisioner,
      };
    }),
    updateStatus(persistentVolumeClaims, claim, draft => {
      draft.status = {
        ...draft.status,
        phase: 'Bound',
        accessModes: claim.spec.accessModes,
        capacity: { storage },
      };
    }),
    event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`),
  ];
}
