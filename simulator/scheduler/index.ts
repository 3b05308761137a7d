/**
 * kube-scheduler 1.35 with its default profile: which node a pod goes to, or why none takes it, in the scheduler's own
 * words. Pure functions; whoever calls them keeps the nodes' infos up to date and writes bindings and conditions.
 *
 * Left out: the queue (backoff, queueing hints), extenders, ImageLocality, VolumeZone, NodeVolumeLimits,
 * CSIStorageCapacity, dynamic resources (only their words appear), gang scheduling, default topology spread
 * constraints, pod-level resources, resizing in place, other pods' nominations and disruption budgets in preemption.
 */
export type { Amounts } from './amounts.ts';
export { schedulerController } from './controller.ts';
export type { SchedulingContext, VolumeLookup } from './cycle.ts';
export { explain, type Opinion } from './explain.ts';
export { addPod, makeNodeInfo, type NodeInfo, removePod, withNode } from './node-info.ts';
export { matchesRequiredNodeAffinity } from './node-affinity.ts';
export { hasUntoleratedTaint } from './node-filters.ts';
export { type PodInfo, podInfo, tolerates } from './pod-info.ts';
export {
  type Gated,
  type NodeRejection,
  type NodeScore,
  schedule,
  type Scheduled,
  type SchedulingOutcome,
  type Unschedulable,
} from './schedule.ts';
