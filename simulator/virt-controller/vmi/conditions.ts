/** Conditions that virt-controller keeps on an instance (KubeVirt v1.9 pkg/virt-controller/watch/vmi). */
import { timestamp } from '../../clock/index.ts';
import { findCondition, hasCondition, withCondition, withoutCondition } from '../../types/conditions.ts';
import type { Pod } from '../../types/core.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { Condition, Millis } from '../../types/meta.ts';
import { isPodDownOrGoingDown, podCondition } from './pods.ts';

export type Conditions = readonly Condition[];

/** Why a reconciliation could not do what it should. Its reason ends up in the Synchronized condition. */
export interface SyncError {
  readonly reason: string;
  readonly message: string;
}

/** Ready follows the pod's own readiness once the guest runs; before, it says what is missing. */
export function readyCondition(vmi: VirtualMachineInstance, pod: Pod | undefined, now: Millis): Condition {
  const because = (reason: string, message: string): Condition => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
    lastProbeTime: timestamp(now),
    lastTransitionTime: timestamp(now),
  });
  if (!pod) return because('PodNotExists', 'virt-launcher pod has not yet been scheduled');
  if (isPodDownOrGoingDown(pod)) return because('PodTerminating', 'virt-launcher pod is terminating');
  if (vmi.status?.phase !== 'Running') {
    return because('GuestNotRunning', 'Guest VM is not reported as running');
  }
  const ready = podCondition(pod, 'Ready');
  if (!ready) return because('PodConditionMissing', 'virt-launcher pod is missing the Ready condition');
  return {
    type: 'Ready',
    status: ready.status,
    ...(ready.reason ? { reason: ready.reason } : {}),
    ...(ready.message ? { message: ready.message } : {}),
    lastProbeTime: ready.lastProbeTime ?? null,
    lastTransitionTime: ready.lastTransitionTime ?? null,
  };
}

/** An instance passes on that its pod cannot be placed, and takes it back when it can. */
export function withSchedulingOf(conditions: Conditions, pod: Pod): Conditions {
  const scheduled = podCondition(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return withoutCondition(conditions, 'PodScheduled');
  const { reason, message, lastProbeTime, lastTransitionTime } = scheduled;
  return withCondition(conditions, {
    type: 'PodScheduled',
    status: 'False',
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    lastProbeTime: lastProbeTime ?? null,
    lastTransitionTime: lastTransitionTime ?? null,
  });
}

/** Synchronized is there only while it is False. */
export function withSyncError(conditions: Conditions, error: SyncError | undefined, now: Millis): Conditions {
  if (!error) return withoutCondition(conditions, 'Synchronized');
  const known = findCondition(conditions, 'Synchronized');
  const next: Condition = {
    type: 'Synchronized',
    status: 'False',
    reason: error.reason,
    message: error.message,
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
  };
  // A new reason replaces the old: image pulls alternate between two.
  return known && known.reason !== error.reason
    ? [...withoutCondition(conditions, 'Synchronized'), next]
    : withCondition(conditions, next);
}

export function withEvictionRequest(
  conditions: Conditions,
  vmi: VirtualMachineInstance,
  now: Millis,
): Conditions {
  if (!vmi.status?.evacuationNodeName) return withoutCondition(conditions, 'EvictionRequested');
  if (hasCondition(conditions, 'EvictionRequested', 'True')) return conditions;
  return withCondition(conditions, {
    type: 'EvictionRequested',
    status: 'True',
    reason: 'EvictionRequested',
    message: 'VMI is marked for eviction',
    lastProbeTime: timestamp(now),
    lastTransitionTime: timestamp(now),
  });
}
