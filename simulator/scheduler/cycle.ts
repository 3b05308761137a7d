/** What one attempt to place one pod knows, and what the filters answer. */
import type { PersistentVolumeClaim, StorageClass } from '../types/core.ts';
import type { NodeSelectorTerm } from '../types/core.ts';
import type { Labels } from '../types/selectors.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** What the scheduler has to look up of storage. */
export interface VolumeLookup {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** The node terms of a PersistentVolume (`spec.nodeAffinity.required`); undefined when there is no such volume. */
  volumeTerms(name: string): readonly NodeSelectorTerm[] | undefined;
  /** Whether an unbound, pre-made PersistentVolume would serve this claim on this node (classes without a provisioner). */
  hasFreeVolume(claim: PersistentVolumeClaim, node: NodeInfo): boolean;
}

export interface SchedulingContext {
  /**
   * Chooses among `count` nodes with the same best score: an index from 0 to `count` - 1. kube-scheduler draws
   * at random; a hash of the pod's UID keeps a simulation repeatable.
   */
  tieBreak(count: number): number;
  /** Needed for pods with claims; scheduling such a pod without it throws. */
  volumes?: VolumeLookup;
  /** Labels of a namespace, for affinity terms with a namespaceSelector. */
  namespaceLabels?(namespace: string): Labels | undefined;
  /**
   * Where to begin in the list of nodes. Above 100 nodes kube-scheduler stops when it has found enough feasible
   * nodes, and begins where the last attempt stopped; each outcome says where that is.
   */
  startIndex?: number;
}

export interface Rejection {
  readonly reasons: readonly string[];
  /** Whether removing pods from the node could help (code Unschedulable, not UnschedulableAndUnresolvable). */
  readonly resolvable: boolean;
}

export interface Cycle {
  readonly pod: PodInfo;
  readonly nodes: readonly NodeInfo[];
  readonly context: SchedulingContext;
}

/** A filter made ready for one pod: undefined lets the node pass. */
export type NodeFilter = (node: NodeInfo) => Rejection | undefined;

/** What a plugin says of the pod before any node is looked at. */
export type PreFilterResult =
  | { readonly kind: 'skip' }
  | { readonly kind: 'filter'; readonly filter: NodeFilter; readonly nodeNames?: ReadonlySet<string> }
  | { readonly kind: 'reject'; readonly message: string };

export interface FilterPlugin {
  readonly name: string;
  /** Whether the plugin has a PreFilter extension point; only those may reject the pod as a whole. */
  prepare(cycle: Cycle): PreFilterResult;
}

export const SKIP: PreFilterResult = Object.freeze({ kind: 'skip' });

export function unresolvable(...reasons: string[]): Rejection {
  return Object.freeze({ reasons: Object.freeze(reasons), resolvable: false });
}

export function resolvable(...reasons: string[]): Rejection {
  return Object.freeze({ reasons: Object.freeze(reasons), resolvable: true });
}

/** The labels of a pod's namespace, looked up when a term asks for them and then kept for the attempt. */
export function namespaceLabels({ context }: Cycle, namespace: string): () => Labels {
  let labels: Labels | undefined;
  return () => {
    labels ??= context.namespaceLabels?.(namespace) ?? {};
    return labels;
  };
}
