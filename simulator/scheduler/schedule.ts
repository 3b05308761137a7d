/** One attempt to place one pod (kube-scheduler 1.35 pkg/scheduler/schedule_one.go). */
import type { Pod } from '../types/core.ts';
import type { Cycle, SchedulingContext } from './cycle.ts';
import { firstRejection, type NamedFilter, type PluginRejection, prepareFilters } from './filters.ts';
import { fitMessage } from './message.ts';
import type { NodeInfo } from './node-info.ts';
import { podInfo } from './pod-info.ts';
import { preempt } from './preemption.ts';
import { SCORE_PLUGINS } from './scores.ts';

export interface NodeRejection {
  readonly node: string;
  readonly plugin: string;
  readonly reasons: readonly string[];
}

export interface NodeScore {
  readonly node: string;
  /** The sum of all plugins' scores times their weights. */
  readonly score: number;
}

export interface Scheduled {
  readonly kind: 'scheduled';
  readonly node: string;
  /** The feasible nodes; empty when only one was feasible, as nothing is scored then. */
  readonly scores: readonly NodeScore[];
  /** For `startIndex` of the next attempt. */
  readonly nextStartIndex: number;
}

export interface Unschedulable {
  readonly kind: 'unschedulable';
  /** What the PodScheduled condition and the FailedScheduling event say. */
  readonly message: string;
  readonly perNode: readonly NodeRejection[];
  /** The plugin that turned the pod down before any node was looked at. */
  readonly rejectedBy?: string;
  /** Where evicting `victims` will make room: becomes status.nominatedNodeName. */
  readonly nominated?: { readonly node: string; readonly victims: readonly Pod[] };
  readonly nextStartIndex: number;
}

/** Held back by its own scheduling gates: no attempt is made and no event is written. */
export interface Gated {
  readonly kind: 'gated';
  /** What the PodScheduled condition says, with reason SchedulingGated. */
  readonly message: string;
}

export type SchedulingOutcome = Scheduled | Unschedulable | Gated;

/** What PostFilter adds when DynamicResources saw the pod and it has no claims, and when it never saw it. */
const NO_CLAIMS = 'no new claims to deallocate';
const NEVER_SEEN = 'not found';

/**
 * Finds the node for a pod, or says why there is none.
 * @throws Error when the pod has claims and the context cannot look up volumes.
 */
export function schedule(
  pod: Pod,
  nodes: readonly NodeInfo[],
  context: SchedulingContext,
): SchedulingOutcome {
  if (pod.spec.schedulingGates?.length) {
    return { kind: 'gated', message: 'Scheduling is blocked due to non-empty scheduling gates' };
  }
  const start = nodes.length ? (context.startIndex ?? 0) % nodes.length : 0;
  if (nodes.length === 0) {
    return {
      kind: 'unschedulable',
      message: 'no nodes available to schedule pods',
      perNode: [],
      nextStartIndex: 0,
    };
  }
  const cycle: Cycle = { pod: podInfo(pod), nodes, context };
  const prepared = prepareFilters(cycle);
  if (prepared.kind === 'reject') return rejectedAsAWhole(cycle, prepared.plugin, prepared.message, start);
  const { filters, nodeNames } = prepared;

  const nominated = pod.status?.nominatedNodeName;
  const promised = nominated ? nodes.find(({ name }) => name === nominated) : undefined;
  if (promised && !firstRejection(filters, promised)) {
    return { kind: 'scheduled', node: promised.name, scores: [], nextStartIndex: start };
  }

  const found = findFeasible(cycle, filters, nodeNames, start);
  const [first] = found.feasible;
  if (!first) return unschedulable(cycle, found);
  const { nextStartIndex } = found;
  if (found.feasible.length === 1) return { kind: 'scheduled', node: first.name, scores: [], nextStartIndex };
  const scores = totalScores(cycle, found.feasible);
  return { kind: 'scheduled', node: pickBest(scores, context), scores, nextStartIndex };
}

interface Found {
  feasible: NodeInfo[];
  rejections: Map<string, PluginRejection>;
  nextStartIndex: number;
}

function findFeasible(
  { nodes }: Cycle,
  filters: readonly NamedFilter[],
  nodeNames: ReadonlySet<string> | undefined,
  start: number,
): Found {
  const feasible: NodeInfo[] = [];
  const rejections = new Map<string, PluginRejection>();
  const enough = feasibleNodesToFind(nodes.length);
  let looked = 0;
  while (looked < nodes.length && feasible.length < enough) {
    const node = nodes[(start + looked) % nodes.length]!;
    looked += 1;
    if (nodeNames && !nodeNames.has(node.name)) continue;
    const rejection = firstRejection(filters, node);
    if (rejection) rejections.set(node.name, rejection);
    else feasible.push(node);
  }
  // Nodes beyond the named ones are not worth remembering when one of the named ones will do.
  if (nodeNames && feasible.length === 0) {
    const rejection: PluginRejection = {
      plugin: 'NodeAffinity',
      reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"],
      resolvable: false,
    };
    for (const { name } of nodes) if (!nodeNames.has(name)) rejections.set(name, rejection);
  }
  return { feasible, rejections, nextStartIndex: (start + looked) % nodes.length };
}

/** Half of the nodes, less one percent for every 125, but never below 5 percent or 100 nodes. */
function feasibleNodesToFind(nodeCount: number): number {
  if (nodeCount < 100) return nodeCount;
  const percentage = Math.max(5, 50 - Math.trunc(nodeCount / 125));
  return Math.max(100, Math.trunc((nodeCount * percentage) / 100));
}

function totalScores(cycle: Cycle, feasible: readonly NodeInfo[]): NodeScore[] {
  const totals = feasible.map(() => 0);
  for (const { weight, score } of SCORE_PLUGINS) {
    const scores = score(cycle, feasible);
    if (!scores) continue;
    for (let i = 0; i < totals.length; i += 1) totals[i]! += scores[i]! * weight;
  }
  return feasible.map(({ name }, index) => ({ node: name, score: totals[index]! }));
}

function pickBest(scores: readonly NodeScore[], { tieBreak }: SchedulingContext): string {
  let best: string[] = [];
  let most = -1;
  for (const { node, score } of scores) {
    if (score > most) {
      most = score;
      best = [];
    }
    if (score === most) best.push(node);
  }
  if (best.length === 1) return best[0]!;
  const index = tieBreak(best.length);
  const chosen = best[index];
  if (chosen === undefined) throw new RangeError(`tieBreak(${best.length}) gave ${index}`);
  return chosen;
}

function rejectedAsAWhole({ nodes }: Cycle, plugin: string, message: string, start: number): Unschedulable {
  return {
    kind: 'unschedulable',
    // DynamicResources comes after every plugin that rejects pods as a whole; its PostFilter then fails the step.
    message: fitMessage({ nodeCount: nodes.length, preFilter: message, postFilter: NEVER_SEEN }),
    perNode: nodes.map(({ name }) => ({ node: name, plugin, reasons: [message] })),
    rejectedBy: plugin,
    nextStartIndex: start,
  };
}

function unschedulable(cycle: Cycle, { rejections, nextStartIndex }: Found): Unschedulable {
  const outcome = preempt(cycle, rejections);
  const message = fitMessage({
    nodeCount: cycle.nodes.length,
    reasons: [...rejections.values()].map(({ reasons }) => reasons),
    ...(outcome.kind === 'hopeless' && { postFilter: `${NO_CLAIMS}, preemption: ${outcome.message}` }),
  });
  return {
    kind: 'unschedulable',
    message,
    perNode: Array.from(rejections, ([node, { plugin, reasons }]) => ({ node, plugin, reasons })),
    ...(outcome.kind === 'nominated' && { nominated: { node: outcome.node, victims: outcome.victims } }),
    nextStartIndex,
  };
}
