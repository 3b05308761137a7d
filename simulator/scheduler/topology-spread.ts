/**
 * Spreading pods over topology domains (kube-scheduler 1.35 plugins/podtopologyspread), with the API's default
 * inclusion policies (node affinity honoured, taints ignored). Left out: matchLabelKeys (the API server merges them
 * into the selector), and the cluster's default constraints, which need the services and owners of a pod.
 */
import type { TopologySpreadConstraint } from '../types/core.ts';
import { isEmptySelector, matchesLabelSelector } from '../types/selectors.ts';
import { type Cycle, type FilterPlugin, resolvable, SKIP, unresolvable } from './cycle.ts';
import { matchesRequiredNodeAffinity } from './node-affinity.ts';
import type { NodeInfo } from './node-info.ts';

const MISMATCH = "node(s) didn't match pod topology spread constraints";
const SKEWED = resolvable(MISMATCH);
const NO_LABEL = unresolvable(`${MISMATCH} (missing required label)`);
const HOSTNAME = 'kubernetes.io/hostname';

export const podTopologySpread: FilterPlugin = {
  name: 'PodTopologySpread',
  prepare(cycle) {
    const { pod, nodes } = cycle;
    const constraints = pod.hardSpread;
    if (constraints.length === 0) return SKIP;
    const eligible = nodes.filter(
      node => hasAllKeys(constraints, node) && matchesRequiredNodeAffinity(pod, node),
    );
    const prepared = constraints.map(constraint => {
      const counts = new Map<string, number>();
      for (const node of eligible) {
        const value = node.labels[constraint.topologyKey]!;
        counts.set(value, (counts.get(value) ?? 0) + countPods(cycle, constraint, node));
      }
      const fewest = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
      return {
        constraint,
        counts,
        fewest,
        self: matchesLabelSelector(constraint.labelSelector, pod.labels) ? 1 : 0,
      };
    });
    return {
      kind: 'filter',
      filter({ labels }) {
        for (const { constraint, counts, fewest, self } of prepared) {
          const value = labels[constraint.topologyKey];
          if (value === undefined) return NO_LABEL;
          if ((counts.get(value) ?? 0) + self - fewest > constraint.maxSkew) return SKEWED;
        }
        return undefined;
      },
    };
  },
};

function hasAllKeys(constraints: readonly TopologySpreadConstraint[], { labels }: NodeInfo): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

function countPods({ pod }: Cycle, { labelSelector }: TopologySpreadConstraint, node: NodeInfo): number {
  if (!labelSelector || isEmptySelector(labelSelector)) return 0;
  let count = 0;
  for (const other of node.pods) {
    if (other.namespace !== pod.namespace || other.pod.metadata.deletionTimestamp) continue;
    if (matchesLabelSelector(labelSelector, other.labels)) count += 1;
  }
  return count;
}

/**
 * Scores from 0 to 100 for the constraints that are only wishes, in the order of `feasible`; undefined when the
 * pod has none.
 */
export function spreadScores(cycle: Cycle, feasible: readonly NodeInfo[]): number[] | undefined {
  const { pod, nodes } = cycle;
  const constraints = pod.softSpread;
  if (constraints.length === 0) return undefined;
  const considered = feasible.map(node => hasAllKeys(constraints, node));
  const prepared = constraints.map(constraint => {
    const domains = new Map<string, number>();
    feasible.forEach((node, index) => {
      if (considered[index]) domains.set(node.labels[constraint.topologyKey]!, 0);
    });
    for (const node of nodes) {
      if (!hasAllKeys(constraints, node) || !matchesRequiredNodeAffinity(pod, node)) continue;
      const value = node.labels[constraint.topologyKey]!;
      const count = domains.get(value);
      if (count !== undefined) domains.set(value, count + countPods(cycle, constraint, node));
    }
    const size = constraint.topologyKey === HOSTNAME ? considered.filter(Boolean).length : domains.size;
    return { constraint, domains, weight: Math.log(size + 2) };
  });
  const raw = feasible.map((node, index) => {
    if (!considered[index]) return undefined;
    let score = 0;
    for (const { constraint, domains, weight } of prepared) {
      const count =
        constraint.topologyKey === HOSTNAME
          ? countPods(cycle, constraint, node)
          : domains.get(node.labels[constraint.topologyKey]!)!;
      score += count * weight + (constraint.maxSkew - 1);
    }
    return Math.round(score);
  });
  const known = raw.filter(score => score !== undefined);
  const most = Math.max(0, ...known);
  const least = Math.min(...known);
  return raw.map(score => {
    if (score === undefined) return 0;
    return most === 0 ? 100 : Math.trunc((100 * (most + least - score)) / most);
  });
}
