/** The pods of an instance, and what they say of it. */
import type { View } from '../../controller.ts';
import { pods } from '../../resources/refs.ts';
import { findCondition } from '../../types/conditions.ts';
import type { Pod } from '../../types/core.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { Condition } from '../../types/meta.ts';

/** All launcher and attachment pods that the instance controls, migration targets included. */
export function podsOf(view: View, vmi: VirtualMachineInstance): Pod[] {
  return view
    .lookup('owner', vmi.metadata.uid, pods)
    .filter(pod =>
      pod.metadata.ownerReferences?.some(owner => owner.controller && owner.uid === vmi.metadata.uid),
    );
}

/**
 * The pod in which the instance runs: that on its node, else the newest
 * (KubeVirt v1.9 pkg/controller CurrentVMIPod).
 */
export function currentPod(view: View, vmi: VirtualMachineInstance): Pod | undefined {
  const candidates = podsOf(view, vmi);
  const node = vmi.status?.nodeName;
  const here = node ? candidates.filter(pod => pod.spec.nodeName === node) : candidates;
  return here.reduce<Pod | undefined>((best, pod) => (best && !isNewer(pod, best) ? best : pod), undefined);
}

function isNewer(pod: Pod, than: Pod): boolean {
  const a = pod.metadata.creationTimestamp;
  const b = than.metadata.creationTimestamp;
  return a === b ? pod.metadata.name > than.metadata.name : a > b;
}

/**
 * The pod can take over the instance. Of the compute container it is enough that it runs: its readiness probe is the
 * guest's, and the guest has yet to start.
 */
export function isPodReady(pod: Pod): boolean {
  if (isPodDownOrGoingDown(pod) || pod.status?.phase !== 'Running') return false;
  return (pod.status.containerStatuses ?? []).every(status =>
    status.name === 'compute' ? status.state?.running !== undefined : status.ready,
  );
}

export function isPodDown(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function isPodDownOrGoingDown(pod: Pod): boolean {
  return isPodDown(pod) || isComputeTerminated(pod) || pod.metadata.deletionTimestamp !== undefined;
}

function isComputeTerminated(pod: Pod): boolean {
  const compute = pod.status?.containerStatuses?.find(status => status.name === 'compute');
  return compute?.state?.terminated !== undefined;
}

export function podCondition(pod: Pod, type: string): Condition | undefined {
  return findCondition(pod.status?.conditions, type);
}

/** A container that cannot get its image: the reason and message that the instance passes on. */
export function imageError(pod: Pod): { reason: string; message: string } | undefined {
  for (const status of [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ]) {
    const waiting = status.state?.waiting;
    if (waiting?.reason === 'ErrImagePull' || waiting?.reason === 'ImagePullBackOff') {
      return { reason: waiting.reason, message: waiting.message ?? '' };
    }
  }
  return undefined;
}
