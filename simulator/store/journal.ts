/**
 * The journal: every write with its revision, time, author, cause and patches. It is bounded; watches resume from it,
 * replays are compared by it, and "why" is answered from it.
 */
import type { ResourceName } from '../resources/definition.ts';
import type { JsonValue, KubeObject, Millis } from '../types/meta.ts';
import { BTree, compareNumbers } from './btree.ts';
import { type Patch, difference } from './difference.ts';

export type WriteType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Why a write happened: what was asked, and the revision that led to it. */
export interface Cause {
  /** `request: PATCH virtualmachines.kubevirt.io default/vm1`, `reconcile: default/vm1`. */
  readonly text: string;
  /** The revision that made the author look; 0 when it was a request or the passing of time. */
  readonly revision: number;
}

export interface JournalEntry {
  readonly revision: number;
  readonly time: Millis;
  readonly type: WriteType;
  readonly resource: ResourceName;
  readonly key: string;
  /** The object after the write; for DELETED its last state, with the revision of the deletion. */
  readonly object: KubeObject;
  /** The object before the write; undefined for ADDED. */
  readonly previous: KubeObject | undefined;
  readonly author: string;
  readonly cause: Cause;
}

/** How an entry changed its object, as JSON patch operations without `test`. */
export function patchesOf(entry: JournalEntry): Patch[] {
  if (entry.type === 'DELETED') return [{ op: 'remove', path: '' }];
  return entry.previous
    ? difference(entry.previous as unknown as JsonValue, entry.object as unknown as JsonValue)
    : [{ op: 'add', path: '', value: entry.object as unknown as JsonValue }];
}

/** One line of JSON: what replays are compared by, to the last byte. */
export function serializeEntry(entry: JournalEntry): string {
  const { revision, time, type, resource, key, author, cause } = entry;
  return JSON.stringify({ revision, time, type, resource, key, author, cause, patches: patchesOf(entry) });
}

export class Journal {
  readonly #entries: BTree<number, JournalEntry>;
  readonly capacity: number;

  constructor(capacity: number, entries?: BTree<number, JournalEntry>) {
    this.capacity = capacity;
    this.#entries = entries ?? new BTree<number, JournalEntry>([], compareNumbers);
  }

  clone(): Journal {
    return new Journal(this.capacity, this.#entries.clone());
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The revision of the oldest entry kept; undefined while there is none. */
  get oldest(): number | undefined {
    return this.#entries.minKey();
  }

  append(entry: JournalEntry): void {
    this.#entries.set(entry.revision, entry);
    if (this.#entries.size > this.capacity) {
      const oldest = this.#entries.minKey();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
  }

  at(revision: number): JournalEntry | undefined {
    return this.#entries.get(revision);
  }

  /** Whether every write after `revision` is still known. */
  reaches(revision: number): boolean {
    const oldest = this.oldest;
    return oldest === undefined || revision >= oldest - 1;
  }

  /** All entries after `revision`, oldest first. */
  *after(revision: number): Generator<JournalEntry> {
    for (const [, entry] of this.#entries.entries(revision + 1)) yield entry;
  }
}
