/** Wakes streams as virtual time goes on: one timer for all of them, and none while there are none. */
import type { Cluster } from '../../simulator/cluster.ts';
import type { Millis } from '../../simulator/types/meta.ts';
import type { ClockDriver } from '../clock-driver.ts';

const TICK_MS = 40;

export class Ticker {
  readonly #cluster: Cluster;
  readonly #clock: ClockDriver;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(cluster: Cluster, clock: ClockDriver) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  /** Virtual time, brought up to date. */
  now(): Millis {
    this.#clock.catchUp();
    return this.#cluster.now;
  }

  /** Calls `listener` again and again until the returned function is called. */
  onTick(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.#clock.catchUp();
    for (const listener of [...this.#listeners]) listener();
  }
}
