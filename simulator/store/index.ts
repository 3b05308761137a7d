/**
 * The store: what etcd and the watch cache are to kube-apiserver. Persistent trees make checkpoints and forks cheap.
 * Left out: compaction by time (the journal is bounded by count) and leases.
 */
export { BTree, compareNumbers, compareStrings } from './btree.ts';
export { type Patch, difference, same } from './difference.ts';
export type { IndexName } from './indices.ts';
export {
  type Cause,
  Journal,
  type JournalEntry,
  type WriteType,
  patchesOf,
  serializeEntry,
} from './journal.ts';
export { Store, type StoreOptions, type Write } from './store.ts';
