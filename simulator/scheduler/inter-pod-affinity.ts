/** Affinity and anti-affinity between pods (kube-scheduler 1.35 plugins/interpodaffinity). */
import { type Cycle, type FilterPlugin, namespaceLabels, resolvable, SKIP, unresolvable } from './cycle.ts';
import type { NodeInfo } from './node-info.ts';
import { type AffinityTerm, type PodInfo, termMatches } from './pod-info.ts';

const AFFINITY = unresolvable("node(s) didn't match pod affinity rules");
const ANTI_AFFINITY = resolvable("node(s) didn't match pod anti-affinity rules");
const EXISTING_ANTI_AFFINITY = resolvable("node(s) didn't satisfy existing pods anti-affinity rules");
/** What an existing pod's required affinity is worth when nodes are scored (hardPodAffinityWeight). */
const HARD_AFFINITY_WEIGHT = 1;

/** How often something holds in each topology domain, by topology key and value. */
class DomainCounts {
  readonly #counts = new Map<string, Map<string, number>>();

  add({ labels }: NodeInfo, key: string, amount: number): void {
    const value = labels[key];
    if (value === undefined) return;
    let values = this.#counts.get(key);
    if (!values) {
      values = new Map();
      this.#counts.set(key, values);
    }
    values.set(value, (values.get(value) ?? 0) + amount);
  }

  at({ labels }: NodeInfo, key: string): number {
    const value = labels[key];
    return value === undefined ? 0 : (this.#counts.get(key)?.get(value) ?? 0);
  }

  /** The sum over all keys of what holds at the node. */
  total(node: NodeInfo): number {
    let sum = 0;
    for (const key of this.#counts.keys()) sum += this.at(node, key);
    return sum;
  }

  any(node: NodeInfo): boolean {
    for (const key of this.#counts.keys()) if (this.at(node, key) > 0) return true;
    return false;
  }

  get empty(): boolean {
    return this.#counts.size === 0;
  }
}

export const interPodAffinity: FilterPlugin = {
  name: 'InterPodAffinity',
  prepare(cycle) {
    const { pod } = cycle;
    const existing = existingAntiAffinity(cycle);
    const { affinity, antiAffinity } = pod;
    if (existing.empty && affinity.length === 0 && antiAffinity.length === 0) return SKIP;

    const wanted = new DomainCounts();
    const unwanted = new DomainCounts();
    if (affinity.length || antiAffinity.length) {
      for (const node of cycle.nodes) {
        for (const other of node.pods) {
          if (matchesAll(cycle, affinity, other))
            for (const term of affinity) wanted.add(node, term.topologyKey, 1);
          for (const term of antiAffinity) {
            if (matches(cycle, term, other)) unwanted.add(node, term.topologyKey, 1);
          }
        }
      }
    }
    // The first pod of a group that wants to be together may go anywhere.
    const mayBeFirst = wanted.empty && matchesAll(cycle, affinity, pod);
    return {
      kind: 'filter',
      filter(node) {
        let together = true;
        for (const { topologyKey } of affinity) {
          if (node.labels[topologyKey] === undefined) return AFFINITY;
          if (wanted.at(node, topologyKey) <= 0) together = false;
        }
        if (!together && !mayBeFirst) return AFFINITY;
        for (const { topologyKey } of antiAffinity)
          if (unwanted.at(node, topologyKey) > 0) return ANTI_AFFINITY;
        return existing.any(node) ? EXISTING_ANTI_AFFINITY : undefined;
      },
    };
  },
};

function existingAntiAffinity(cycle: Cycle): DomainCounts {
  const counts = new DomainCounts();
  const labels = namespaceLabels(cycle, cycle.pod.namespace);
  for (const node of cycle.nodes) {
    for (const other of node.podsWithAntiAffinity) {
      for (const term of other.antiAffinity) {
        if (termMatches(term, cycle.pod, labels)) counts.add(node, term.topologyKey, 1);
      }
    }
  }
  return counts;
}

function matches(cycle: Cycle, term: AffinityTerm, other: PodInfo): boolean {
  return termMatches(term, other, namespaceLabels(cycle, other.namespace));
}

function matchesAll(cycle: Cycle, terms: readonly AffinityTerm[], other: PodInfo): boolean {
  return terms.length > 0 && terms.every(term => matches(cycle, term, other));
}

/** The scores before normalisation, in the order of `feasible`; undefined when no preference concerns the pod. */
export function interPodPreference(cycle: Cycle, feasible: readonly NodeInfo[]): number[] | undefined {
  const { pod, nodes } = cycle;
  const prefers = pod.preferredAffinity.length > 0 || pod.preferredAntiAffinity.length > 0;
  const domains = new DomainCounts();
  const labels = namespaceLabels(cycle, pod.namespace);
  for (const node of nodes) {
    for (const other of prefers ? node.pods : node.podsWithAffinity) {
      for (const term of pod.preferredAffinity) {
        if (matches(cycle, term, other)) domains.add(node, term.topologyKey, term.weight);
      }
      for (const term of pod.preferredAntiAffinity) {
        if (matches(cycle, term, other)) domains.add(node, term.topologyKey, -term.weight);
      }
      for (const term of other.affinity) {
        if (termMatches(term, pod, labels)) domains.add(node, term.topologyKey, HARD_AFFINITY_WEIGHT);
      }
      for (const term of other.preferredAffinity) {
        if (termMatches(term, pod, labels)) domains.add(node, term.topologyKey, term.weight);
      }
      for (const term of other.preferredAntiAffinity) {
        if (termMatches(term, pod, labels)) domains.add(node, term.topologyKey, -term.weight);
      }
    }
  }
  return domains.empty ? undefined : feasible.map(node => domains.total(node));
}
