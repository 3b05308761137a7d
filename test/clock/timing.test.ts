import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DELAY_NAMES,
  type Distribution,
  TIMING_PROFILES,
  type TimingProfileName,
  quantile,
} from '../../simulator/clock/timing.ts';
import { createVm, smallCluster, statusOf } from '../cluster/fixture.ts';

describe('quantiles of a delay', () => {
  const delay: Distribution = { p50: 1_000, p95: 3_000, p99: 4_000 };

  test('go through the percentiles that the profile names', () => {
    expect(quantile(delay, 0)).toBe(500);
    expect(quantile(delay, 0.5)).toBe(1_000);
    expect(quantile(delay, 0.95)).toBe(3_000);
    expect(quantile(delay, 0.99)).toBe(4_000);
    expect(quantile(delay, 1)).toBe(4_500);
  });

  test('of one number are that number', () => {
    expect(quantile(250, 0)).toBe(250);
    expect(quantile(250, 0.999)).toBe(250);
  });

  test('never fall as the fraction rises, in no profile', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    const profile = fc.constantFrom(...(Object.keys(TIMING_PROFILES) as TimingProfileName[]));
    fc.assert(
      fc.property(profile, fc.constantFrom(...DELAY_NAMES), fraction, fraction, (name, step, a, b) => {
        const of = TIMING_PROFILES[name][step];
        expect(quantile(of, Math.min(a, b))).toBeLessThanOrEqual(quantile(of, Math.max(a, b)));
        expect(Number.isInteger(quantile(of, a))).toBe(true);
      }),
    );
  });

  test('every profile times every step', () => {
    for (const profile of Object.values(TIMING_PROFILES)) {
      expect(Object.keys(profile).sort()).toEqual([...DELAY_NAMES].sort());
    }
  });
});

/** Seconds from creation to Running of each of `count` VMs, on virtual time. */
function startTimes(timing: TimingProfileName, count: number, seed: number): number[] {
  const cluster = smallCluster({ timing, seed, nodes: Math.max(1, Math.ceil(count / 20)) });
  const start = cluster.now;
  const waiting = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    createVm(cluster, `vm-${index}`, { runStrategy: 'Always' });
    waiting.add(`vm-${index}`);
  }
  const times: number[] = [];
  cluster.onCommit(({ resource, object }) => {
    const { name } = object.metadata;
    if (resource !== 'virtualmachines.kubevirt.io' || !waiting.has(name)) return;
    if (statusOf(cluster, name) !== 'Running') return;
    waiting.delete(name);
    times.push((cluster.now - start) / 1_000);
  });
  cluster.until(() => waiting.size === 0, 120_000);
  expect([...waiting]).toEqual([]);
  return times.sort((a, b) => a - b);
}

/** The smallest value that at least this share of all values does not exceed. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

describe('timing profiles, from creation to Running', () => {
  test('instant: no time at all', () => {
    expect(startTimes('instant', 10, 1)).toEqual(Array.from({ length: 10 }, () => 0));
  });

  test('fast: about a second', () => {
    for (const time of startTimes('fast', 10, 1)) {
      expect(time).toBeGreaterThan(0.5);
      expect(time).toBeLessThan(1.5);
    }
  });

  test('realistic: the percentiles that KubeVirt publishes for 100 VMs on real clusters', () => {
    const times = startTimes('realistic', 100, 1);
    expect(Math.abs(percentile(times, 0.5) - 16.8)).toBeLessThan(2);
    expect(Math.abs(percentile(times, 0.95) - 28.1)).toBeLessThan(2);
    expect(Math.abs(percentile(times, 0.99) - 29.6)).toBeLessThan(1.5);
  });

  test('realistic: over many VMs they are met closely', () => {
    const times = [1, 2, 3].flatMap(seed => startTimes('realistic', 200, seed)).sort((a, b) => a - b);
    expect(Math.abs(percentile(times, 0.5) - 16.8)).toBeLessThan(1);
    expect(Math.abs(percentile(times, 0.95) - 28.1)).toBeLessThan(1);
    expect(Math.abs(percentile(times, 0.99) - 29.6)).toBeLessThan(1);
  });

  test('the same VM of the same seed takes the same time again', () => {
    expect(startTimes('realistic', 5, 4)).toEqual(startTimes('realistic', 5, 4));
    expect(startTimes('realistic', 5, 4)).not.toEqual(startTimes('realistic', 5, 5));
  });
});
