/**
 * Making room by evicting pods of lower priority (kube-scheduler 1.35 pkg/scheduler/framework/preemption and
 * plugins/defaultpreemption). Left out: disruption budgets, nominated pods of other attempts, and the random tenth of
 * the nodes that large clusters look at: every node that could help is tried.
 */
import type { Pod } from '../types/core.ts';
import type { Cycle } from './cycle.ts';
import { firstRejection, type PluginRejection, prepareFilters } from './filters.ts';
import { fitMessage } from './message.ts';
import { addPod, type NodeInfo, removePod } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

export type PreemptionOutcome =
  | { readonly kind: 'nominated'; readonly node: string; readonly victims: readonly Pod[] }
  | { readonly kind: 'hopeless'; readonly message: string };

const NOT_HELPFUL = ['Preemption is not helpful for scheduling'];
const NO_VICTIMS = ['No preemption victims found for incoming pod'];

/** Where evicting pods of lower priority would make room, and whom it would cost. */
export function preempt(cycle: Cycle, rejections: ReadonlyMap<string, PluginRejection>): PreemptionOutcome {
  const { pod, nodes } = cycle;
  if (pod.pod.spec.preemptionPolicy === 'Never') {
    return { kind: 'hopeless', message: 'not eligible due to preemptionPolicy=Never.' };
  }
  if (waitsForVictims(cycle, rejections)) {
    return { kind: 'hopeless', message: 'not eligible due to a terminating pod on the nominated node.' };
  }
  const reasons: (readonly string[])[] = [];
  const candidates: Candidate[] = [];
  nodes.forEach((node, index) => {
    if (!rejections.get(node.name)?.resolvable) {
      reasons.push(NOT_HELPFUL);
      return;
    }
    const found = selectVictims(cycle, index);
    if (found.victims) candidates.push({ node: node.name, victims: found.victims });
    else reasons.push(found.reasons);
  });
  const best = pickCandidate(candidates);
  if (best) return { kind: 'nominated', node: best.node, victims: best.victims.map(victim => victim.pod) };
  return { kind: 'hopeless', message: fitMessage({ nodeCount: nodes.length, reasons }) };
}

interface Candidate {
  node: string;
  /** The most important first. */
  victims: readonly PodInfo[];
}

function waitsForVictims({ pod, nodes }: Cycle, rejections: ReadonlyMap<string, PluginRejection>): boolean {
  const nominated = pod.pod.status?.nominatedNodeName;
  if (!nominated || rejections.get(nominated)?.resolvable === false) return false;
  const node = nodes.find(({ name }) => name === nominated);
  return node?.pods.some(victim => victim.priority < pod.priority && isBeingPreempted(victim.pod)) ?? false;
}

function isBeingPreempted({ metadata, status }: Pod): boolean {
  if (!metadata.deletionTimestamp) return false;
  return (
    status?.conditions?.some(
      ({ type, status, reason }) =>
        type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler',
    ) ?? false
  );
}

/** Removes every pod of lower priority, then takes back as many as still fit, the important ones first. */
function selectVictims(
  cycle: Cycle,
  index: number,
):
  | { victims: readonly PodInfo[]; reasons?: undefined }
  | { victims?: undefined; reasons: readonly string[] } {
  const { pod, nodes } = cycle;
  const node = nodes[index]!;
  const lower = node.pods.filter(({ priority }) => priority < pod.priority);
  if (lower.length === 0) return { reasons: NO_VICTIMS };
  let emptied = node;
  for (const victim of lower) emptied = removePod(emptied, victim.pod);
  const rejection = rejectionOn(cycle, index, emptied);
  if (rejection) return { reasons: rejection.reasons };
  const victims: PodInfo[] = [];
  for (const candidate of lower.sort(byImportance)) {
    const reprieved = addPod(emptied, candidate.pod);
    if (rejectionOn(cycle, index, reprieved)) victims.push(candidate);
    else emptied = reprieved;
  }
  return { victims };
}

function rejectionOn(cycle: Cycle, index: number, node: NodeInfo): PluginRejection | undefined {
  const changed: Cycle = { ...cycle, nodes: cycle.nodes.with(index, node) };
  const prepared = prepareFilters(changed);
  if (prepared.kind === 'reject') {
    return { plugin: prepared.plugin, reasons: [prepared.message], resolvable: false };
  }
  return firstRejection(prepared.filters, node);
}

/** Higher priority first, then whoever has run longer. */
function byImportance(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || compareText(startTime(a), startTime(b));
}

// A pod that has not started counts as starting now: later than every timestamp.
function startTime({ pod }: PodInfo): string {
  return pod.status?.startTime ?? '9999';
}

/** The node whose victims matter least; the first of equals. */
function pickCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of candidates) if (!best || cheaper(candidate, best)) best = candidate;
  return best;
}

const PRIORITY_OFFSET = 2 ** 31;

function cheaper(a: Candidate, b: Candidate): boolean {
  const difference =
    a.victims[0]!.priority - b.victims[0]!.priority ||
    prioritySum(a) - prioritySum(b) ||
    a.victims.length - b.victims.length ||
    compareText(earliestTopStart(b), earliestTopStart(a));
  return difference < 0;
}

// Shifted above zero, so that more victims of negative priority do not look cheaper.
function prioritySum({ victims }: Candidate): number {
  return victims.reduce((sum, { priority }) => sum + priority + PRIORITY_OFFSET, 0);
}

/** When the first of the most important victims started. */
function earliestTopStart({ victims }: Candidate): string {
  const top = victims.filter(({ priority }) => priority === victims[0]!.priority);
  return top.map(startTime).sort(compareText)[0]!;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
