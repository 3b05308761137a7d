/** The filters of the default profile, in kube-scheduler's order, and how they are run. */
import type { Cycle, FilterPlugin, NodeFilter, Rejection } from './cycle.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import {
  nodeAffinity,
  nodeName,
  nodePorts,
  nodeResourcesFit,
  nodeUnschedulable,
  taintToleration,
} from './node-filters.ts';
import type { NodeInfo } from './node-info.ts';
import { podTopologySpread } from './topology-spread.ts';
import { volumeBinding, volumeRestrictions } from './volume-filters.ts';

export const FILTER_PLUGINS: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  volumeBinding,
  podTopologySpread,
  interPodAffinity,
];

export interface NamedFilter {
  readonly name: string;
  readonly filter: NodeFilter;
}

export type Prepared =
  | {
      readonly kind: 'filters';
      readonly filters: readonly NamedFilter[];
      /** Nodes other than these are not looked at; undefined means all are. */
      readonly nodeNames: ReadonlySet<string> | undefined;
    }
  | { readonly kind: 'reject'; readonly plugin: string; readonly message: string };

/** Makes the filters ready for one pod, or finds that no node can take it. */
export function prepareFilters(cycle: Cycle): Prepared {
  const filters: NamedFilter[] = [];
  let nodeNames: ReadonlySet<string> | undefined;
  for (const plugin of FILTER_PLUGINS) {
    const result = plugin.prepare(cycle);
    if (result.kind === 'reject') return { kind: 'reject', plugin: plugin.name, message: result.message };
    if (result.kind === 'skip') continue;
    filters.push({ name: plugin.name, filter: result.filter });
    if (result.nodeNames) nodeNames = result.nodeNames;
  }
  return { kind: 'filters', filters, nodeNames };
}

export interface PluginRejection extends Rejection {
  readonly plugin: string;
}

/** The first filter's objection, as kube-scheduler stops at it. */
export function firstRejection(filters: readonly NamedFilter[], node: NodeInfo): PluginRejection | undefined {
  for (const { name, filter } of filters) {
    const rejection = filter(node);
    if (rejection) return { plugin: name, reasons: rejection.reasons, resolvable: rejection.resolvable };
  }
  return undefined;
}
