/**
 * Turns instances into launcher pods and follows them (KubeVirt v1.9 pkg/virt-controller/watch/vmi).
 * Left out until storage and hotplug arrive: attachment pods, backend storage, temporary pods for volumes that wait
 * for their first consumer, topology hints.
 */
import { SECOND } from '../../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  after,
  create,
  event,
  remove,
  update,
  updateStatus,
} from '../../controller.ts';
import { timestamp } from '../../clock/index.ts';
import { effectiveConfig } from '../../kubevirt-config/index.ts';
import { kubeVirts, pods, virtualMachineInstances } from '../../resources/refs.ts';
import { type JournalEntry, same } from '../../store/index.ts';
import { findCondition, withCondition } from '../../types/conditions.ts';
import type { Pod } from '../../types/core.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { Status } from '../../types/meta.ts';
import { LAUNCHER_IMAGE, VIRT_CONTROLLER, virtControllerUser } from '../identity.ts';
import { renderLauncherPod } from '../launcher-pod/index.ts';
import { usersOfClaim, volumeReadiness } from '../volumes.ts';
import type { SyncError } from './conditions.ts';
import { currentPod, podsOf } from './pods.ts';
import { nextState } from './status.ts';

/** How long to wait before a pod that could not be created is tried again. */
const CREATE_RETRY = 5 * SECOND;
const UNPAUSED = 'kubevirt.io/virtual-machine-unpaused';

export const vmiController: Controller = {
  name: 'virt-controller/vmi',
  author: VIRT_CONTROLLER,
  user: virtControllerUser,
  triggers: [
    { resource: virtualMachineInstances.resource, keys: entry => (isOwnReport(entry) ? [] : [entry.key]) },
    {
      resource: pods.resource,
      keys: ({ object }) => {
        const owner = object.metadata.ownerReferences?.find(reference => reference.controller);
        return owner?.kind === 'VirtualMachineInstance' ? [`${object.metadata.namespace}/${owner.name}`] : [];
      },
    },
    { resource: 'persistentvolumeclaims', keys: usersOfClaim(virtualMachineInstances) },
    { resource: 'datavolumes.cdi.kubevirt.io', keys: usersOfClaim(virtualMachineInstances) },
  ],
  reconcile(view, key) {
    const vmi = view.getByKey(virtualMachineInstances, key);
    if (!vmi) return [];
    const pod = currentPod(view, vmi);
    if (vmi.metadata.deletionTimestamp !== undefined) {
      return [...deletePods(view, vmi), ...statusChanges(view, vmi, pod, undefined)];
    }
    if (!pod && isUnprocessed(vmi)) return startPod(view, vmi);
    return [...(pod ? podChanges(view, vmi, pod) : []), ...statusChanges(view, vmi, pod, undefined)];
  },
};

/** A status that this controller wrote is no news to it, except for the step to another phase. */
function isOwnReport({ author, object, previous }: JournalEntry): boolean {
  if (author !== VIRT_CONTROLLER || !previous) return false;
  const vmi = object as VirtualMachineInstance;
  const old = previous as VirtualMachineInstance;
  return (
    vmi.spec === old.spec &&
    vmi.metadata.deletionTimestamp === old.metadata.deletionTimestamp &&
    vmi.metadata.finalizers === old.metadata.finalizers &&
    vmi.status?.phase === old.status?.phase
  );
}

function isUnprocessed(vmi: VirtualMachineInstance): boolean {
  const phase = vmi.status?.phase;
  return phase === undefined || phase === '' || phase === 'Pending';
}

function startPod(view: View, vmi: VirtualMachineInstance): Change[] {
  const { namespace, name } = vmi.metadata;
  const volumes = volumeReadiness(view, namespace, vmi.spec.volumes ?? []);
  if (volumes.state === 'missing') {
    const message = `PVC ${namespace}/${volumes.claim} does not exist, waiting for it to appear`;
    const known = findCondition(vmi.status?.conditions, 'Synchronized')?.message === message;
    return [
      ...(known ? [] : [event(vmi, 'Normal', 'FailedPvcNotFound', message)]),
      ...statusChanges(view, vmi, undefined, { reason: 'FailedPvcNotFound', message }),
    ];
  }
  if (volumes.state === 'waiting') return statusChanges(view, vmi, undefined, undefined);

  const config = effectiveConfig(view.list(kubeVirts)[0]);
  const pod = renderLauncherPod(vmi, config, {
    lookup: (resource, ns, objectName) => view.find(resource, ns, objectName),
    resourceQuotas: view.list(resourceQuotas, namespace),
    launcherImage: LAUNCHER_IMAGE,
  });
  const refused = (status: Status): Change[] => {
    const message = status.message ?? '';
    return [
      event(vmi, 'Warning', 'FailedCreate', `Error creating pod: ${message}`),
      ...statusChanges(view, vmi, undefined, {
        reason: 'FailedCreate',
        message: `failed to create virtual machine pod: ${message}`,
      }),
      after(CREATE_RETRY),
    ];
  };
  return [
    create(pods, pod as Pod, {
      refused,
      created: created => [
        event(vmi, 'Normal', 'SuccessfulCreate', `Created virtual machine pod ${created.metadata.name}`),
        // The pod is in the store by now, so the instance moves on in the same reconciliation.
        ...statusChanges(view, view.get(virtualMachineInstances, namespace, name) ?? vmi, created, undefined),
      ],
    }),
  ];
}

const resourceQuotas = {
  resource: 'resourcequotas',
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  namespaced: true,
};

function deletePods(view: View, vmi: VirtualMachineInstance): Change[] {
  return podsOf(view, vmi)
    .filter(pod => pod.metadata.deletionTimestamp === undefined)
    .flatMap(pod => [
      remove(pods, pod),
      event(vmi, 'Normal', 'SuccessfulDelete', `Deleted virtual machine pod ${pod.metadata.name}`),
    ]);
}

/** The launcher pod says whether its guest is paused, and carries what must follow the instance. */
function podChanges(view: View, vmi: VirtualMachineInstance, pod: Pod): Change[] {
  const changes: Change[] = [];
  const paused = findCondition(vmi.status?.conditions, 'Paused')?.status === 'True';
  const known = findCondition(pod.status?.conditions, UNPAUSED)?.status === 'True';
  if (known === paused) {
    const now = timestamp(view.now);
    const next = withCondition(pod.status?.conditions, {
      type: UNPAUSED,
      status: paused ? 'False' : 'True',
      reason: paused ? 'Paused' : 'NotPaused',
      message: paused ? 'the virtual machine is paused' : 'the virtual machine is not paused',
      lastProbeTime: now,
      lastTransitionTime: now,
    });
    changes.push(
      updateStatus(pods, pod, draft => {
        draft.status = { ...draft.status, conditions: [...next] };
      }),
    );
  }
  const node = vmi.metadata.labels?.['kubevirt.io/nodeName'];
  if (node !== undefined && pod.metadata.labels?.['kubevirt.io/nodeName'] !== node) {
    changes.push(
      update(pods, pod, draft => {
        draft.metadata.labels = { ...draft.metadata.labels, 'kubevirt.io/nodeName': node };
      }),
    );
  }
  return changes;
}

function statusChanges(
  view: View,
  vmi: VirtualMachineInstance,
  pod: Pod | undefined,
  syncError: SyncError | undefined,
): Change[] {
  const { vmi: next, notGuaranteed } = nextState(view, vmi, pod, syncError, LAUNCHER_IMAGE);
  const changes: Change[] = [];
  if (notGuaranteed) {
    changes.push(event(vmi, 'Warning', 'FailedGuaranteeResources', 'failed to guarantee pod resources'));
  }
  if (!same(next, vmi)) {
    changes.push(
      update(virtualMachineInstances, vmi, draft => {
        draft.metadata.labels = next.metadata.labels;
        draft.metadata.finalizers = next.metadata.finalizers;
        draft.status = next.status;
      }),
    );
  }
  return changes;
}
