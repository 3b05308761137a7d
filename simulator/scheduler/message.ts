/** The sentence of a pod that fits nowhere (kube-scheduler 1.35 pkg/scheduler/framework FitError). */

export interface FitDiagnosis {
  nodeCount: number;
  /** Why no node was looked at at all. */
  preFilter?: string;
  /** Reasons node by node; a node with several counts for each. */
  reasons?: Iterable<readonly string[]>;
  postFilter?: string;
}

/** `0/6 nodes are available: 2 Insufficient cpu, 4 node(s) were unschedulable. preemption: …` */
export function fitMessage({ nodeCount, preFilter, reasons = [], postFilter }: FitDiagnosis): string {
  let text = `0/${nodeCount} nodes are available:`;
  if (preFilter) text += ` ${preFilter}.`;
  else {
    const counts = new Map<string, number>();
    for (const list of reasons) for (const reason of list) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    // Sorted as text, counts and all: "10 …" comes before "2 …".
    const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort(byCodePoint);
    if (parts.length) text += ` ${parts.join(', ')}.`;
  }
  return postFilter ? `${text} ${postFilter}` : text;
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
