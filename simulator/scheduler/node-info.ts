/**
 * A node with what its pods take of it (kube-scheduler 1.35 pkg/scheduler/framework NodeInfo). Never changed in
 * place: adding or removing a pod gives a new one, at the cost of copying the lists of pods.
 */
import type { Node, Pod } from '../types/core.ts';
import { type Labels } from '../types/selectors.ts';
import { type Amounts, NO_AMOUNTS, addAmounts, amountsOf } from './amounts.ts';
import { type HostPort, type PodInfo, podInfo } from './pod-info.ts';

export interface NodeInfo {
  readonly node: Node;
  readonly name: string;
  readonly labels: Labels;
  readonly allocatable: Amounts;
  readonly allowedPods: number;
  readonly requested: Amounts;
  /** CPU and memory with the defaults of containers that ask for none: only for scores. */
  readonly scoredMilliCpu: number;
  readonly scoredMemory: number;
  readonly pods: readonly PodInfo[];
  readonly podsWithAffinity: readonly PodInfo[];
  readonly podsWithAntiAffinity: readonly PodInfo[];
  readonly hostPorts: readonly HostPort[];
}

const NONE: readonly never[] = Object.freeze([]);

/** A node and the pods on it that still hold its resources (the caller leaves out Succeeded and Failed ones). */
export function makeNodeInfo(node: Node, pods: Iterable<Pod> = NONE): NodeInfo {
  let info: NodeInfo = {
    ...readNode(node),
    requested: NO_AMOUNTS,
    scoredMilliCpu: 0,
    scoredMemory: 0,
    pods: NONE,
    podsWithAffinity: NONE,
    podsWithAntiAffinity: NONE,
    hostPorts: NONE,
  };
  for (const pod of pods) info = addPod(info, pod);
  return info;
}

/** The same pods on a changed node object (labels, taints, allocatable). */
export function withNode(info: NodeInfo, node: Node): NodeInfo {
  return info.node === node ? info : { ...info, ...readNode(node) };
}

function readNode(node: Node): Pick<NodeInfo, 'node' | 'name' | 'labels' | 'allocatable' | 'allowedPods'> {
  return {
    node,
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    allocatable: amountsOf(node.status?.allocatable),
    allowedPods: Number(node.status?.allocatable?.pods ?? 0),
  };
}

/** The node with one more pod. */
export function addPod(info: NodeInfo, pod: Pod): NodeInfo {
  const added = podInfo(pod);
  return {
    node: info.node,
    name: info.name,
    labels: info.labels,
    allocatable: info.allocatable,
    allowedPods: info.allowedPods,
    requested: addAmounts(info.requested, added.requests),
    scoredMilliCpu: info.scoredMilliCpu + added.scoredMilliCpu,
    scoredMemory: info.scoredMemory + added.scoredMemory,
    pods: info.pods.concat(added),
    podsWithAffinity: added.hasPodAffinity ? info.podsWithAffinity.concat(added) : info.podsWithAffinity,
    podsWithAntiAffinity: added.antiAffinity.length
      ? info.podsWithAntiAffinity.concat(added)
      : info.podsWithAntiAffinity,
    hostPorts: added.hostPorts.length ? info.hostPorts.concat(added.hostPorts) : info.hostPorts,
  };
}

/**
 * The node without a pod, found by its namespace and name; a later version of the pod object will do.
 * @throws RangeError when the pod is not on the node.
 */
export function removePod(info: NodeInfo, pod: Pod): NodeInfo {
  const { name, namespace = '' } = pod.metadata;
  const index = info.pods.findIndex(
    other => other.pod.metadata.name === name && other.namespace === namespace,
  );
  const removed = info.pods[index];
  if (!removed) throw new RangeError(`pod ${namespace}/${name} is not on node ${info.name}`);
  const without = (list: readonly PodInfo[]) => list.filter(other => other !== removed);
  return {
    ...info,
    requested: addAmounts(info.requested, removed.requests, -1),
    scoredMilliCpu: info.scoredMilliCpu - removed.scoredMilliCpu,
    scoredMemory: info.scoredMemory - removed.scoredMemory,
    pods: info.pods.toSpliced(index, 1),
    podsWithAffinity: removed.hasPodAffinity ? without(info.podsWithAffinity) : info.podsWithAffinity,
    podsWithAntiAffinity: removed.antiAffinity.length
      ? without(info.podsWithAntiAffinity)
      : info.podsWithAntiAffinity,
    hostPorts: withoutPorts(info.hostPorts, removed.hostPorts),
  };
}

function withoutPorts(all: readonly HostPort[], removed: readonly HostPort[]): readonly HostPort[] {
  return removed.length ? all.filter(port => !removed.includes(port)) : all;
}
