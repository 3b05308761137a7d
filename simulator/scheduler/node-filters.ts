/** The filters that look at one node at a time (kube-scheduler 1.35 pkg/scheduler/framework/plugins). */
import type { Taint } from '../types/core.ts';
import { type FilterPlugin, type Rejection, resolvable, SKIP, unresolvable } from './cycle.ts';
import { matchesRequiredNodeAffinity, nodeNamesOf } from './node-affinity.ts';
import type { NodeInfo } from './node-info.ts';
import { type HostPort, type PodInfo, tolerates } from './pod-info.ts';

const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const UNSCHEDULABLE = unresolvable('node(s) were unschedulable');
const WRONG_NAME = unresolvable("node(s) didn't match the requested node name");
const UNTOLERATED = unresolvable('node(s) had untolerated taint(s)');
const WRONG_LABELS = unresolvable("node(s) didn't match Pod's node affinity/selector");
const PORTS_TAKEN = resolvable("node(s) didn't have free ports for the requested pod ports");

export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  prepare({ pod }) {
    if (tolerates(pod.tolerations, UNSCHEDULABLE_TAINT)) return SKIP;
    return { kind: 'filter', filter: ({ node }) => (node.spec.unschedulable ? UNSCHEDULABLE : undefined) };
  },
};

export const nodeName: FilterPlugin = {
  name: 'NodeName',
  prepare({ pod: { pod } }) {
    const wanted = pod.spec.nodeName;
    if (!wanted) return SKIP;
    return { kind: 'filter', filter: ({ name }) => (name === wanted ? undefined : WRONG_NAME) };
  },
};

export const taintToleration: FilterPlugin = {
  name: 'TaintToleration',
  prepare({ pod }) {
    return { kind: 'filter', filter: node => (hasUntoleratedTaint(pod, node) ? UNTOLERATED : undefined) };
  },
};

/** Whether a NoSchedule or NoExecute taint of the node keeps the pod away. */
export function hasUntoleratedTaint({ tolerations }: PodInfo, { node }: NodeInfo): boolean {
  const { taints } = node.spec;
  if (!taints) return false;
  for (const taint of taints) {
    if (taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint)) return true;
  }
  return false;
}

export const nodeAffinity: FilterPlugin = {
  name: 'NodeAffinity',
  prepare({ pod }) {
    if (!pod.nodeTerms && !pod.pod.spec.nodeSelector) return SKIP;
    const nodeNames = pod.nodeTerms && nodeNamesOf(pod.nodeTerms);
    if (nodeNames?.size === 0) return { kind: 'reject', message: 'pod affinity terms conflict' };
    return {
      kind: 'filter',
      filter: node => (matchesRequiredNodeAffinity(pod, node) ? undefined : WRONG_LABELS),
      ...(nodeNames && { nodeNames }),
    };
  },
};

export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  prepare({ pod: { hostPorts } }) {
    if (hostPorts.length === 0) return SKIP;
    const conflicts = (node: NodeInfo) =>
      hostPorts.some(port => node.hostPorts.some(used => clash(port, used)));
    return { kind: 'filter', filter: node => (conflicts(node) ? PORTS_TAKEN : undefined) };
  },
};

function clash(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
}

export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  prepare({ pod: { requests } }) {
    const scalars = Object.entries(requests.scalar);
    const asksNothing =
      requests.milliCpu === 0 &&
      requests.memory === 0 &&
      requests.ephemeralStorage === 0 &&
      scalars.length === 0;
    return {
      kind: 'filter',
      filter({ allocatable, requested, pods, allowedPods }) {
        // Most nodes have room: collect reasons only once one resource is short.
        let short: Shortage | undefined;
        if (pods.length + 1 > allowedPods) short = add(short, 'Too many pods', false);
        if (asksNothing) return short;
        if (requests.milliCpu > 0 && requests.milliCpu > allocatable.milliCpu - requested.milliCpu) {
          short = add(short, 'Insufficient cpu', requests.milliCpu > allocatable.milliCpu);
        }
        if (requests.memory > 0 && requests.memory > allocatable.memory - requested.memory) {
          short = add(short, 'Insufficient memory', requests.memory > allocatable.memory);
        }
        if (
          requests.ephemeralStorage > 0 &&
          requests.ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage
        ) {
          short = add(
            short,
            'Insufficient ephemeral-storage',
            requests.ephemeralStorage > allocatable.ephemeralStorage,
          );
        }
        for (const [name, amount] of scalars) {
          const capacity = allocatable.scalar[name] ?? 0;
          if (amount > capacity - (requested.scalar[name] ?? 0)) {
            short = add(short, `Insufficient ${name}`, amount > capacity);
          }
        }
        return short;
      },
    };
  },
};

interface Shortage extends Rejection {
  reasons: string[];
  resolvable: boolean;
}

/** A request larger than the whole node can never fit, whoever leaves. */
function add(shortage: Shortage | undefined, reason: string, neverFits: boolean): Shortage {
  const result = shortage ?? { reasons: [], resolvable: true };
  result.reasons.push(reason);
  if (neverFits) result.resolvable = false;
  return result;
}
