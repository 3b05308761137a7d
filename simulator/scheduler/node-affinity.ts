/** Node selectors and node affinity (component-helpers v0.35 scheduling/corev1/nodeaffinity). */
import type { NodeSelectorTerm } from '../types/core.ts';
import { matchesRequirements } from '../types/selectors.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** Answers by node and by what is asked: thousands of VMs ask the same of the same nodes. */
const answers = new WeakMap<NodeInfo['node'], Map<string, boolean>>();
const MOST_ANSWERS = 256;

/** Whether the node suits the pod's nodeSelector and required node affinity. */
export function matchesRequiredNodeAffinity(pod: PodInfo, node: NodeInfo): boolean {
  let known = answers.get(node.node);
  if (!known) {
    known = new Map();
    answers.set(node.node, known);
  }
  let answer = known.get(pod.nodeQuestion);
  if (answer === undefined) {
    answer = judge(pod, node);
    if (known.size >= MOST_ANSWERS) known.clear();
    known.set(pod.nodeQuestion, answer);
  }
  return answer;
}

function judge({ nodeSelector, nodeTerms }: PodInfo, node: NodeInfo): boolean {
  for (const [key, value] of nodeSelector) if (node.labels[key] !== value) return false;
  return nodeTerms === undefined || matchesAnyTerm(nodeTerms, node);
}

/** Terms are alternatives; an empty term matches nothing. */
export function matchesAnyTerm(terms: readonly NodeSelectorTerm[], node: NodeInfo): boolean {
  for (const term of terms) if (matchesTerm(term, node)) return true;
  return false;
}

export function matchesTerm({ matchExpressions, matchFields }: NodeSelectorTerm, node: NodeInfo): boolean {
  if (!matchExpressions?.length && !matchFields?.length) return false;
  if (matchExpressions?.length && !matchesRequirements(matchExpressions, node.labels)) return false;
  return !matchFields?.length || matchesRequirements(matchFields, { 'metadata.name': node.name });
}

/**
 * The only nodes that the terms leave open when every one of them names nodes, else undefined; an empty set
 * when the names contradict each other.
 */
export function nodeNamesOf(terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined {
  if (terms.length === 0) return undefined;
  const all = new Set<string>();
  for (const { matchFields = [] } of terms) {
    let names: string[] | undefined;
    for (const { key, operator, values = [] } of matchFields) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      names = names ? names.filter(name => values.includes(name)) : values;
    }
    if (!names) return undefined;
    for (const name of names) all.add(name);
  }
  return all;
}

/** The sum of the weights of the preferred terms that match; never normalised here. */
export function nodePreference({ preferredNodeTerms }: PodInfo, node: NodeInfo): number {
  let sum = 0;
  for (const { weight, preference } of preferredNodeTerms) if (matchesTerm(preference, node)) sum += weight;
  return sum;
}
