/** Addresses of pods, from the range of their node as a CNI's host-local allocation gives them. */
import type { View } from '../controller.ts';
import { pods } from '../resources/refs.ts';
import type { Node, Pod } from '../types/core.ts';

const DEFAULT_RANGE = '10.244.0.0/24';

/** A free address of the node's range; the empty text when there is none. */
export function podAddress(view: View, node: Node, pod: Pod): string {
  const [base = '', bits = '24'] = (node.spec.podCIDR ?? DEFAULT_RANGE).split('/');
  const size = 2 ** (32 - Number(bits));
  const first = base.split('.').reduce((number, part) => number * 256 + Number(part), 0);
  // The network, its gateway and the broadcast address are nobody's.
  const usable = size - 3;
  const start = Math.floor(view.chance('pod-address', pod.metadata.uid) * usable);
  for (let offset = 0; offset < usable; offset += 1) {
    const address = dotted(first + 2 + ((start + offset) % usable));
    if (view.lookup('podIP', address, pods).length === 0) return address;
  }
  return '';
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.');
}
