/** Addresses of pods, from the range of their node as a CNI's host-local allocation gives them. */
import type { Projection, View } from '../controller.ts';
import { type PodRuntime, podRuntimes } from '../resources/internal.ts';
import type { Node, Pod } from '../types/core.ts';

const DEFAULT_RANGE = '10.244.0.0/24';

/** How many pods hold an address: those that are only planned hold theirs already. */
const taken: Projection<Map<string, number>> = {
  resources: [podRuntimes.resource],
  build(view) {
    const state = new Map<string, number>();
    for (const { podIP } of view.list(podRuntimes)) count(state, podIP, 1);
    return state;
  },
  apply(state, { type, object }) {
    if (type === 'MODIFIED') return;
    count(state, (object as PodRuntime).podIP, type === 'ADDED' ? 1 : -1);
  },
};

function count(state: Map<string, number>, address: string, by: number): void {
  const next = (state.get(address) ?? 0) + by;
  if (next > 0) state.set(address, next);
  else state.delete(address);
}

/** A free address of the node's range; the empty text when there is none. */
export function podAddress(view: View, node: Node, pod: Pod): string {
  const [base = '', bits = '24'] = (node.spec.podCIDR ?? DEFAULT_RANGE).split('/');
  const size = 2 ** (32 - Number(bits));
  const first = base.split('.').reduce((number, part) => number * 256 + Number(part), 0);
  // The network, its gateway and the broadcast address are nobody's.
  const usable = size - 3;
  const start = Math.floor(view.chance('pod-address', pod.metadata.uid) * usable);
  const held = view.project(taken);
  for (let offset = 0; offset < usable; offset += 1) {
    const address = dotted(first + 2 + ((start + offset) % usable));
    if (!held.has(address)) return address;
  }
  return '';
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.');
}
