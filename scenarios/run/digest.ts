/** The digest of a journal: what two runs are compared by. */
import { type Hash, createHash } from 'node:crypto';
import { type Cluster, type JournalEntry, serializeEntry } from '../../simulator/index.ts';

/** SHA-256 over the lines of a cluster's journal, kept up with every commit. */
export class JournalDigest {
  readonly #hash: Hash;
  readonly #stop: () => void;

  private constructor(cluster: Cluster, hash: Hash) {
    this.#hash = hash;
    this.#stop = cluster.onCommit(entry => {
      hash.update(line(entry));
    });
  }

  /** @throws Error when the journal has already forgotten its beginning. */
  static of(cluster: Cluster): JournalDigest {
    const { journal } = cluster.store;
    if (journal.size >= journal.capacity) throw new Error('the journal no longer reaches its beginning');
    const hash = createHash('sha256');
    for (const entry of journal.after(0)) hash.update(line(entry));
    return new JournalDigest(cluster, hash);
  }

  /** The digest of a fork, which has the same past and a future of its own. */
  continueOn(fork: Cluster): JournalDigest {
    return new JournalDigest(fork, this.#hash.copy());
  }

  /** In hexadecimal, as of now. */
  get hex(): string {
    return this.#hash.copy().digest('hex');
  }

  /** No longer follows the cluster. */
  stop(): void {
    this.#stop();
  }
}

/** One digest for several: of their texts, in order. */
export function combineDigests(digests: readonly string[]): string {
  return createHash('sha256').update(digests.join('\n')).digest('hex');
}

function line(entry: JournalEntry): string {
  return `${serializeEntry(entry)}\n`;
}
