/**
 * Watches as streams. A cursor over the journal says what comes next, so a slow reader costs no memory: it is read for
 * only as fast as it takes, gets 410 when the journal has moved on, and is dropped when it takes nothing at all.
 */
import type { Watch, WatchEvent } from '../simulator/apiserver/index.ts';
import type { Cluster } from '../simulator/cluster.ts';
import type { ResourceName } from '../simulator/resources/definition.ts';
import type { Status } from '../simulator/types/meta.ts';
import { statusOf } from './errors.ts';
import { type FrameEncoder, errorFrame } from './watch-frames.ts';

const BOOKMARK_INTERVAL_MS = 60_000;
/** A reader that takes nothing for this long is gone. */
const STALLED_MS = 60_000;
/** So often even watches of quiet resources move on, lest the journal forgets what they have not passed. */
const UNSEEN_COMMITS = 1_000;
/** A watch ends after a random time between this and twice this when the client names none, as in a real cluster. */
const MIN_TIMEOUT_S = 1_800;

/** Where frames go: a chunked response or a WebSocket. */
export interface FrameSink {
  /** False: enough for now, `onDrain` will be called. */
  write(frame: string): boolean;
  onDrain(listener: () => void): void;
  onClose(listener: () => void): void;
  end(): void;
  destroy(): void;
}

export interface StreamOptions {
  readonly watch: Watch;
  readonly sink: FrameSink;
  readonly encoder: FrameEncoder;
  readonly timeoutSeconds: number | undefined;
}

/** All open watches of a cluster, fed by its commits. */
export class WatchHub {
  readonly #streams = new Map<ResourceName, Set<Stream>>();
  readonly #dirty = new Set<ResourceName>();
  readonly #unsubscribe: () => void;
  readonly #bookmarks: NodeJS.Timeout;
  #scheduled = false;
  /** Commits since all streams have looked. */
  #unseen = 0;

  constructor(cluster: Cluster) {
    this.#unsubscribe = cluster.onCommit(entry => {
      this.#unseen += 1;
      if (this.#streams.has(entry.resource)) this.#dirty.add(entry.resource);
      else if (this.#unseen < UNSEEN_COMMITS) return;
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
    this.#bookmarks = setInterval(() => {
      for (const streams of this.#streams.values()) for (const stream of streams) stream.tick();
    }, BOOKMARK_INTERVAL_MS);
    this.#bookmarks.unref();
  }

  get size(): number {
    let size = 0;
    for (const streams of this.#streams.values()) size += streams.size;
    return size;
  }

  open(options: StreamOptions): void {
    const { resource } = options.watch;
    const streams = this.#streams.get(resource) ?? new Set();
    this.#streams.set(resource, streams);
    const stream = new Stream(options, () => {
      streams.delete(stream);
      if (streams.size === 0) this.#streams.delete(resource);
    });
    streams.add(stream);
    stream.pump();
  }

  close(): void {
    this.#unsubscribe();
    clearInterval(this.#bookmarks);
    for (const streams of this.#streams.values()) for (const stream of streams) stream.finish();
  }

  #flush(): void {
    this.#scheduled = false;
    const all = this.#unseen >= UNSEEN_COMMITS;
    if (all) this.#unseen = 0;
    const resources = [...(all ? this.#streams.keys() : this.#dirty)];
    this.#dirty.clear();
    for (const resource of resources) {
      for (const stream of this.#streams.get(resource) ?? []) stream.pump();
    }
  }
}

class Stream {
  readonly #options: StreamOptions;
  readonly #onEnd: () => void;
  readonly #timeout: NodeJS.Timeout;
  #pending: readonly WatchEvent[];
  /** How many of the pending events are sent. */
  #sent = 0;
  #stalledSince: number | undefined;
  #ended = false;

  constructor(options: StreamOptions, onEnd: () => void) {
    this.#options = options;
    this.#pending = options.watch.initial;
    this.#onEnd = onEnd;
    const seconds = options.timeoutSeconds || MIN_TIMEOUT_S * (1 + Math.random());
    this.#timeout = setTimeout(() => this.#expire(), Math.min(seconds * 1_000, 2 ** 31 - 1));
    this.#timeout.unref();
    options.sink.onDrain(() => {
      this.#stalledSince = undefined;
      this.pump();
    });
    options.sink.onClose(() => this.#end());
  }

  /** Sends all that is new, as far as the reader takes it. */
  pump(): void {
    const { watch, sink, encoder } = this.#options;
    while (!this.#ended && this.#stalledSince === undefined) {
      const event = this.#pending[this.#sent];
      if (event) {
        this.#sent += 1;
        this.#write(encoder.encode(event), sink);
        continue;
      }
      this.#sent = 0;
      try {
        this.#pending = watch.poll();
      } catch (error) {
        const status = statusOf(error);
        if (!status) throw error;
        this.#fail(status);
        return;
      }
      if (this.#pending.length === 0) return;
    }
  }

  /** Once a minute: a bookmark for who wants it, the end for who does not read. */
  tick(): void {
    if (this.#stalledSince !== undefined) {
      if (performance.now() - this.#stalledSince < STALLED_MS) return;
      this.#end();
      this.#options.sink.destroy();
      return;
    }
    this.#bookmark();
  }

  finish(): void {
    if (this.#ended) return;
    this.#end();
    this.#options.sink.end();
  }

  #expire(): void {
    this.#bookmark();
    this.finish();
  }

  #bookmark(): void {
    const { watch, encoder, sink } = this.#options;
    this.pump();
    if (!watch.allowsBookmarks || this.#ended || this.#stalledSince !== undefined) return;
    this.#write(encoder.encode(watch.bookmark()), sink);
  }

  #fail(status: Status): void {
    this.#options.sink.write(errorFrame(status));
    this.finish();
  }

  #write(frame: string, sink: FrameSink): void {
    if (!sink.write(frame)) this.#stalledSince = performance.now();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timeout);
    this.#onEnd();
  }
}
