import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue, type QueueEntry } from '../../simulator/clock/index.ts';

/** What the queue should be: a plain list, searched and sorted anew each time. */
class Model {
  readonly #entries: QueueEntry[];
  #sequence: number;

  constructor(entries: readonly QueueEntry[] = [], sequence = 0) {
    this.#entries = [...entries];
    this.#sequence = sequence;
  }

  add(at: number, controller: string, key: string, revision: number): void {
    const known = this.#entries.findIndex(entry => entry.controller === controller && entry.key === key);
    if (known >= 0) {
      if ((this.#entries[known] as QueueEntry).at <= at) return;
      this.#entries.splice(known, 1);
    }
    this.#sequence += 1;
    this.#entries.push({ at, sequence: this.#sequence, controller, key, revision });
  }

  entries(): QueueEntry[] {
    return this.#entries.toSorted((a, b) => a.at - b.at || a.sequence - b.sequence);
  }

  shift(): QueueEntry | undefined {
    const first = this.entries()[0];
    if (first) this.#entries.splice(this.#entries.indexOf(first), 1);
    return first;
  }

  clone(): Model {
    return new Model(this.#entries, this.#sequence);
  }
}

const drain = (queue: EventQueue) => {
  const out: string[] = [];
  for (let entry = queue.shift(); entry; entry = queue.shift()) out.push(`${entry.key}@${entry.at}`);
  return out;
};

describe('the event queue', () => {
  test('gives the earliest first, and at one moment what was asked for first', () => {
    const queue = new EventQueue();
    queue.add(20, 'c', 'late', 0);
    queue.add(10, 'c', 'first', 0);
    queue.add(10, 'c', 'second', 0);
    queue.add(0, 'c', 'now', 0);
    expect(drain(queue)).toEqual(['now@0', 'first@10', 'second@10', 'late@20']);
  });

  test('asked twice for the same work, it keeps the earlier moment and its cause', () => {
    const queue = new EventQueue();
    queue.add(10, 'c', 'k', 7);
    queue.add(20, 'c', 'k', 8);
    expect(queue.entries()).toMatchObject([{ at: 10, revision: 7 }]);
    queue.add(5, 'c', 'k', 9);
    expect(queue.entries()).toMatchObject([{ at: 5, revision: 9 }]);
    expect(queue.size).toBe(1);
  });

  test('keeps the same key of two controllers apart', () => {
    const queue = new EventQueue();
    queue.add(1, 'a', 'k', 0);
    queue.add(1, 'b', 'k', 0);
    expect(queue.size).toBe(2);
  });

  test('forgets what it has given, so that the work can be asked for again', () => {
    const queue = new EventQueue();
    queue.add(1, 'a', 'k', 0);
    queue.shift();
    expect(queue.peek()).toBeUndefined();
    queue.add(9, 'a', 'k', 0);
    expect(queue.peek()).toMatchObject({ at: 9 });
  });

  test('behaves as a sorted list does, in it and in every clone of it', () => {
    const operation = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('add' as const),
          on: fc.nat(3),
          at: fc.nat(20),
          controller: fc.constantFrom('a', 'b'),
          key: fc.constantFrom('x', 'y', 'z', 'ns/x'),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('shift' as const), on: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('clone' as const), on: fc.nat(3) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), operations => {
        const pairs = [{ queue: new EventQueue(), model: new Model() }];
        for (const [revision, step] of operations.entries()) {
          const pair = pairs[step.on % pairs.length] as (typeof pairs)[number];
          if (step.do === 'clone') {
            if (pairs.length < 4) pairs.push({ queue: pair.queue.clone(), model: pair.model.clone() });
          } else if (step.do === 'shift') {
            expect(pair.queue.shift()).toEqual(pair.model.shift());
          } else {
            pair.queue.add(step.at, step.controller, step.key, revision);
            pair.model.add(step.at, step.controller, step.key, revision);
          }
          for (const { queue, model } of pairs) {
            expect(queue.entries()).toEqual(model.entries());
            expect(queue.peek()).toEqual(model.entries()[0]);
            expect(queue.size).toBe(model.entries().length);
          }
        }
      }),
    );
  });
});
