/**
 * sorted-btree is CommonJS: Node hands out `{ default: BTree }`, bundlers the class itself.
 * This is the one place that knows.
 */
import module from 'sorted-btree';

/** A sorted map with O(1) copy-on-write `clone()`. */
export const BTree = ('default' in module ? module.default : module) as typeof module.default;
export type BTree<K, V> = module.default<K, V>;

export function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function compareNumbers(a: number, b: number): number {
  return a - b;
}
