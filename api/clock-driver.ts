/** Keeps a cluster's virtual time at wall time, or a multiple of it, without ever holding up the event loop for long. */
import type { Cluster } from '../simulator/cluster.ts';
import type { Millis } from '../simulator/types/meta.ts';

/** How long one stretch of work may keep clients waiting. */
const STRETCH_MS = 20;
/** Timers beyond this are cut short and set again; setTimeout knows 31 bits. */
const LONGEST_WAIT_MS = 60_000;

export interface ClockDriver {
  /** What is due has to be looked at: a request may have added to it. */
  wake(): void;
  /** Brings an idle cluster's clock up to date; a busy one is left to its work. */
  catchUp(): void;
  stop(): void;
}

/** @param speed virtual seconds a wall second; 0 lets no time pass but still runs what is due. */
export function driveClock(cluster: Cluster, speed: number, onError: (error: unknown) => void): ClockDriver {
  const origin: Millis = cluster.now;
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let stopped = false;

  const target = () => origin + Math.floor((performance.now() - started) * speed);

  function run(): void {
    immediate = undefined;
    if (stopped) return;
    const deadline = performance.now() + STRETCH_MS;
    try {
      while (performance.now() < deadline) {
        const next = cluster.nextEventAt;
        if (next === undefined || next > target()) {
          cluster.advanceTo(target());
          sleepUntil(cluster.nextEventAt);
          return;
        }
        cluster.step();
      }
    } catch (error) {
      onError(error);
    }
    // The rest comes after whatever clients have sent meanwhile. The clock of a cluster that cannot keep up lags behind
    // its target: it never runs ahead of the work.
    immediate = setImmediate(run);
  }

  function sleepUntil(next: Millis | undefined): void {
    clearTimeout(timer);
    timer = undefined;
    if (next === undefined || speed === 0) return;
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil((next - target()) / speed)));
    timer = setTimeout(run, wait);
    timer.unref();
  }

  function wake(): void {
    if (!stopped && immediate === undefined) immediate = setImmediate(run);
  }

  wake();
  return {
    wake,
    catchUp() {
      const next = cluster.nextEventAt;
      const now = target();
      if (next === undefined || next > now) cluster.advanceTo(now);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };
}
