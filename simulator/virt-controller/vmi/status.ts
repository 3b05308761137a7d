/**
 * The next state of an instance as virt-controller sees it, from its pods alone
 * (KubeVirt v1.9 pkg/virt-controller/watch/vmi updateStatus). Scheduled and Running instances belong to virt-handler;
 * of those virt-controller changes conditions, active pods, volumes and interfaces only.
 */
import { timestamp } from '../../clock/index.ts';
import type { View } from '../../controller.ts';
import { virtualMachines } from '../../resources/refs.ts';
import { withCondition } from '../../types/conditions.ts';
import type { Pod } from '../../types/core.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceStatus, VmiPhase } from '../../types/kubevirt.ts';
import { formatUnits } from '../../types/quantity.ts';
import {
  type Conditions,
  type SyncError,
  readyCondition,
  withEvictionRequest,
  withSchedulingOf,
  withSyncError,
} from './conditions.ts';
import { interfaceStatuses, volumeStatuses } from './devices.ts';
import { imageError, isPodDownOrGoingDown, isPodReady, podsOf } from './pods.ts';

export const VM_FINALIZER = 'kubevirt.io/virtualMachineControllerFinalize';
export const VMI_FINALIZER = 'kubevirt.io/foregroundDeleteVirtualMachine';
const NODE_NAME_LABEL = 'kubevirt.io/nodeName';
const OUTDATED_LAUNCHER_LABEL = 'kubevirt.io/outdatedLauncherImage';

/** What virt-controller would make of an instance, and what it has to report. */
export interface NextState {
  readonly vmi: VirtualMachineInstance;
  /** Dedicated CPUs were asked for, but the pod is not Guaranteed. */
  readonly notGuaranteed: boolean;
}

export function nextState(
  view: View,
  vmi: VirtualMachineInstance,
  pod: Pod | undefined,
  syncError: SyncError | undefined,
  launcherImage: string,
): NextState {
  const { now } = view;
  const status: VirtualMachineInstanceStatus = { ...vmi.status };
  let { labels, finalizers } = vmi.metadata;
  let conditions: Conditions = withCondition(status.conditions, readyCondition(vmi, pod, now));
  let error = syncError;
  let notGuaranteed = false;
  const phase = status.phase ?? '';

  const owned = podsOf(view, vmi);
  if (owned.length > 0 || status.activePods) {
    status.activePods = Object.fromEntries(owned.map(each => [each.metadata.uid, each.spec.nodeName ?? '']));
  }
  if (pod) {
    const image = pod.spec.containers.find(container => container.name === 'compute')?.image;
    status.launcherContainerImageVersion = image;
    labels = markOutdated(labels, image !== undefined && image !== launcherImage);
    const overhead = pod.metadata.annotations?.['kubevirt.io/memory-overhead-bytes'];
    if (overhead) {
      status.memory = { ...status.memory, memoryOverhead: formatUnits(BigInt(overhead), 'BinarySI') };
    }
  }

  switch (phase) {
    case '':
    case 'Pending':
      if (pod) status.phase = 'Scheduling';
      else if (vmi.metadata.deletionTimestamp !== undefined) status.phase = 'Failed';
      else {
        status.phase = 'Pending';
        if (error?.reason === 'FailedPvcNotFound') {
          conditions = withCondition(conditions, {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: error.message,
            lastProbeTime: null,
            lastTransitionTime: null,
          });
        }
      }
      break;
    case 'Scheduling':
      if (!pod) {
        status.phase = 'Failed';
        break;
      }
      status.qosClass = pod.status?.qosClass;
      conditions = withSchedulingOf(conditions, pod);
      error = imageError(pod) ?? error;
      if (isPodReady(pod) && vmi.metadata.deletionTimestamp === undefined) {
        if (vmi.spec.domain.cpu?.dedicatedCpuPlacement && pod.status?.qosClass !== 'Guaranteed') {
          notGuaranteed = true;
          error = { reason: 'FailedGuaranteeResources', message: 'failed to guarantee pod resources' };
          break;
        }
        status.volumeStatus = volumeStatuses(view, vmi);
        status.interfaces = interfaceStatuses(vmi);
        status.phase = 'Scheduled';
        status.nodeName = pod.spec.nodeName;
        labels = { ...labels, [NODE_NAME_LABEL]: pod.spec.nodeName ?? '' };
        status.migrationTransport = 'Unix';
      } else if (isPodDownOrGoingDown(pod)) {
        status.phase = 'Failed';
      }
      break;
    case 'Scheduled':
      if (!pod) status.phase = 'Failed';
      else status.volumeStatus = volumeStatuses(view, vmi);
      break;
    case 'Running':
      if (!pod) status.phase = 'Failed';
      else {
        status.volumeStatus = volumeStatuses(view, vmi);
        status.interfaces = interfaceStatuses(vmi);
      }
      break;
    case 'Succeeded':
    case 'Failed':
      if (owned.length === 0) {
        finalizers = finalizers?.filter(finalizer => finalizer !== VMI_FINALIZER);
        labels = markOutdated(labels, false);
        status.launcherContainerImageVersion = undefined;
      }
      if (!hasOwner(view, vmi)) finalizers = finalizers?.filter(finalizer => finalizer !== VM_FINALIZER);
      break;
    default:
      break;
  }

  conditions = withEvictionRequest(conditions, vmi, now);
  // What virt-handler owns reports its own failures.
  if (phase !== 'Running' && phase !== 'Scheduled') conditions = withSyncError(conditions, error, now);
  status.conditions = conditions as VirtualMachineInstanceStatus['conditions'];
  if (status.phase !== phase) {
    status.phaseTransitionTimestamps = withTransition(status, status.phase ?? '', timestamp(now));
  }
  const metadata = { ...vmi.metadata };
  if (labels !== vmi.metadata.labels) metadata.labels = labels;
  if (finalizers?.length !== vmi.metadata.finalizers?.length) metadata.finalizers = finalizers;
  return { vmi: { ...vmi, metadata, status }, notGuaranteed };
}

/** One entry a phase, at the moment it was first entered. */
export function withTransition(
  status: VirtualMachineInstanceStatus,
  phase: VmiPhase,
  at: string,
): NonNullable<VirtualMachineInstanceStatus['phaseTransitionTimestamps']> {
  const known = status.phaseTransitionTimestamps ?? [];
  return known.some(entry => entry.phase === phase)
    ? known
    : [...known, { phase, phaseTransitionTimestamp: at }];
}

function markOutdated(
  labels: Record<string, string> | undefined,
  outdated: boolean,
): Record<string, string> | undefined {
  const marked = labels?.[OUTDATED_LAUNCHER_LABEL] !== undefined;
  if (marked === outdated) return labels;
  if (outdated) return { ...labels, [OUTDATED_LAUNCHER_LABEL]: '' };
  const { [OUTDATED_LAUNCHER_LABEL]: _, ...rest } = labels ?? {};
  return rest;
}

function hasOwner(view: View, vmi: VirtualMachineInstance): boolean {
  const owner = vmi.metadata.ownerReferences?.find(reference => reference.controller);
  if (owner?.kind !== 'VirtualMachine') return false;
  return view.get(virtualMachines, vmi.metadata.namespace, owner.name)?.metadata.uid === owner.uid;
}
