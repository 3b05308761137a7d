/** Every plugin's opinion of every node: what kube-scheduler knows for an instant and never tells. */
import type { Pod } from '../types/core.ts';
import type { Cycle, SchedulingContext } from './cycle.ts';
import { FILTER_PLUGINS } from './filters.ts';
import type { NodeInfo } from './node-info.ts';
import { podInfo } from './pod-info.ts';
import { SCORE_PLUGINS } from './scores.ts';

export interface Opinion {
  readonly plugin: string;
  readonly node: string;
  readonly verdict: 'passes' | 'rejects' | 'scores';
  /** Why the node is rejected. */
  readonly reason?: string;
  /** 0 to 100, before the weight. */
  readonly score?: number;
  readonly weight?: number;
}

/**
 * All filters on all nodes (the scheduler itself stops at a node's first rejection), then the scores of the nodes
 * that no filter rejects. Plugins that the pod gives nothing to do are left out.
 */
export function explain(pod: Pod, nodes: readonly NodeInfo[], context: SchedulingContext): Opinion[] {
  const cycle: Cycle = { pod: podInfo(pod), nodes, context };
  const opinions: Opinion[] = [];
  const rejected = new Set<string>();
  for (const plugin of FILTER_PLUGINS) {
    const prepared = plugin.prepare(cycle);
    if (prepared.kind === 'skip') continue;
    for (const node of nodes) {
      const reasons = prepared.kind === 'reject' ? [prepared.message] : prepared.filter(node)?.reasons;
      if (!reasons) opinions.push({ plugin: plugin.name, node: node.name, verdict: 'passes' });
      else {
        rejected.add(node.name);
        opinions.push({
          plugin: plugin.name,
          node: node.name,
          verdict: 'rejects',
          reason: reasons.join(', '),
        });
      }
    }
  }
  const feasible = nodes.filter(({ name }) => !rejected.has(name));
  for (const { name, weight, score } of SCORE_PLUGINS) {
    score(cycle, feasible)?.forEach((value, index) => {
      opinions.push({ plugin: name, node: feasible[index]!.name, verdict: 'scores', score: value, weight });
    });
  }
  return opinions;
}
