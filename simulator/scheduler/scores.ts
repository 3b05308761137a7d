/**
 * Scores of the nodes that passed, with the weights of the default profile (kube-scheduler 1.35
 * apis/config/v1/default_plugins.go). Left out: ImageLocality, whose scores the simulator's nodes have no images for.
 */
import type { Cycle } from './cycle.ts';
import { interPodPreference } from './inter-pod-affinity.ts';
import { nodePreference } from './node-affinity.ts';
import type { NodeInfo } from './node-info.ts';
import { type PodInfo, tolerates } from './pod-info.ts';
import { spreadScores } from './topology-spread.ts';

const MAX = 100;

export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  /** 0 to 100 for each node, in order; undefined when the plugin has nothing to say of this pod. */
  score(cycle: Cycle, feasible: readonly NodeInfo[]): readonly number[] | undefined;
}

export const SCORE_PLUGINS: readonly ScorePlugin[] = [
  { name: 'TaintToleration', weight: 3, score: taintScores },
  { name: 'NodeAffinity', weight: 2, score: nodeAffinityScores },
  { name: 'NodeResourcesFit', weight: 1, score: leastAllocated },
  { name: 'PodTopologySpread', weight: 2, score: spreadScores },
  { name: 'InterPodAffinity', weight: 2, score: interPodScores },
  { name: 'NodeResourcesBalancedAllocation', weight: 1, score: balancedAllocation },
];

function taintScores({ pod }: Cycle, feasible: readonly NodeInfo[]): readonly number[] {
  if (!feasible.some(dislikesPods)) return feasible.map(() => MAX);
  const tolerations = pod.tolerations.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
  const disliked = feasible.map(({ node }) => {
    const { taints } = node.spec;
    if (!taints) return 0;
    return taints.filter(taint => taint.effect === 'PreferNoSchedule' && !tolerates(tolerations, taint))
      .length;
  });
  return normalize(disliked, true);
}

function dislikesPods({ node }: NodeInfo): boolean {
  const { taints } = node.spec;
  return taints?.some(({ effect }) => effect === 'PreferNoSchedule') ?? false;
}

function nodeAffinityScores({ pod }: Cycle, feasible: readonly NodeInfo[]): readonly number[] | undefined {
  if (pod.preferredNodeTerms.length === 0) return undefined;
  return normalize(feasible.map(node => nodePreference(pod, node)));
}

function interPodScores(cycle: Cycle, feasible: readonly NodeInfo[]): readonly number[] | undefined {
  const raw = interPodPreference(cycle, feasible);
  if (!raw) return undefined;
  const least = Math.min(...raw);
  const range = Math.max(...raw) - least;
  return raw.map(score => (range > 0 ? Math.trunc((MAX * (score - least)) / range) : 0));
}

/** The emptier the node would be, the better: the mean of its free CPU and free memory, in percent. */
function leastAllocated({ pod }: Cycle, feasible: readonly NodeInfo[]): readonly number[] {
  return feasible.map(node => leastAllocatedOn(pod, node));
}

function leastAllocatedOn(pod: PodInfo, { allocatable, scoredMilliCpu, scoredMemory }: NodeInfo): number {
  let sum = 0;
  let weights = 0;
  if (allocatable.milliCpu > 0) {
    sum += freePercent(scoredMilliCpu + pod.scoredMilliCpu, allocatable.milliCpu);
    weights += 1;
  }
  if (allocatable.memory > 0) {
    sum += freePercent(scoredMemory + pod.scoredMemory, allocatable.memory);
    weights += 1;
  }
  return weights === 0 ? 0 : Math.trunc(sum / weights);
}

function freePercent(requested: number, capacity: number): number {
  return requested > capacity ? 0 : Math.trunc(((capacity - requested) * MAX) / capacity);
}

/** The closer the used shares of CPU and memory, the better. Pods that ask for neither are not scored. */
function balancedAllocation({ pod }: Cycle, feasible: readonly NodeInfo[]): readonly number[] | undefined {
  const { milliCpu, memory } = pod.requests;
  if (milliCpu === 0 && memory === 0) return undefined;
  return feasible.map(({ allocatable, requested }) => {
    if (allocatable.milliCpu === 0 || allocatable.memory === 0) return MAX;
    const cpuShare = Math.min(1, (requested.milliCpu + milliCpu) / allocatable.milliCpu);
    const memoryShare = Math.min(1, (requested.memory + memory) / allocatable.memory);
    return Math.trunc((1 - Math.abs((cpuShare - memoryShare) / 2)) * MAX);
  });
}

/** Scales so that the largest becomes 100; `reverse` turns the scale round. */
function normalize(scores: number[], reverse = false): readonly number[] {
  let most = 0;
  for (const score of scores) if (score > most) most = score;
  if (most === 0) return reverse ? scores.fill(MAX) : scores;
  return scores.map(score => {
    const scaled = Math.trunc((MAX * score) / most);
    return reverse ? MAX - scaled : scaled;
  });
}
