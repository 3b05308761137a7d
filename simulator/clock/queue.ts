/**
 * What is due and when: a sorted map keyed by time and sequence. One entry a (controller, key) pair; asking for the
 * same work again keeps the earlier of the two moments, as a work queue does.
 */
import { BTree, compareStrings } from '../store/btree.ts';
import type { Millis } from '../types/meta.ts';

export interface QueueEntry {
  readonly at: Millis;
  readonly sequence: number;
  readonly controller: string;
  readonly key: string;
  /** The revision whose commit asked for this work; 0 when nothing but time did. */
  readonly revision: number;
}

interface Due {
  readonly at: Millis;
  readonly sequence: number;
}

function compareDue(a: Due, b: Due): number {
  return a.at - b.at || a.sequence - b.sequence;
}

export class EventQueue {
  #byTime: BTree<Due, QueueEntry>;
  #byWork: BTree<string, QueueEntry>;
  #sequence: number;

  constructor(source?: EventQueue) {
    this.#byTime = source ? source.#byTime.clone() : new BTree<Due, QueueEntry>([], compareDue);
    this.#byWork = source ? source.#byWork.clone() : new BTree<string, QueueEntry>([], compareStrings);
    this.#sequence = source ? source.#sequence : 0;
  }

  get size(): number {
    return this.#byTime.size;
  }

  clone(): EventQueue {
    return new EventQueue(this);
  }

  /** The earliest entry, left where it is. */
  peek(): QueueEntry | undefined {
    const key = this.#byTime.minKey();
    return key && this.#byTime.get(key);
  }

  add(at: Millis, controller: string, key: string, revision: number): void {
    const work = `${controller}\u0000${key}`;
    const known = this.#byWork.get(work);
    if (known) {
      if (known.at <= at) return;
      this.#byTime.delete(known);
    }
    this.#sequence += 1;
    const entry: QueueEntry = { at, sequence: this.#sequence, controller, key, revision };
    this.#byTime.set(entry, entry);
    this.#byWork.set(work, entry);
  }

  /** Takes the earliest entry out. */
  shift(): QueueEntry | undefined {
    const entry = this.peek();
    if (!entry) return undefined;
    this.#byTime.delete(entry);
    this.#byWork.delete(`${entry.controller}\u0000${entry.key}`);
    return entry;
  }

  /** All entries in the order in which they will run. */
  entries(): QueueEntry[] {
    return this.#byTime.valuesArray();
  }
}
