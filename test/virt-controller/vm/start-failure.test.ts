import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../simulator/cluster.ts';
import * as refs from '../../../simulator/resources/refs.ts';
import { startBackoffSeconds } from '../../../simulator/virt-controller/vm/start-failure.ts';
import {
  act,
  createVm,
  destroy,
  endGuest,
  history,
  launchersOf,
  phaseOf,
  smallCluster,
  statusOf,
  untilStatus,
  vmOf,
  vmiOf,
} from '../../cluster/fixture.ts';

describe('the wait after failed starts: 10 n² seconds, up to half as much on top, at most 300', () => {
  test.each([
    [0, 10, 15],
    [1, 10, 15],
    [2, 40, 60],
    [3, 90, 135],
    [4, 160, 240],
    [5, 250, 300],
    [6, 300, 300],
    [50, 300, 300],
  ])('after %d', (failures, least, most) => {
    expect(startBackoffSeconds(failures, 0)).toBe(least);
    expect(startBackoffSeconds(failures, 0.999_999)).toBe(most);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), chance => {
        const seconds = startBackoffSeconds(failures, chance);
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(least);
        expect(seconds).toBeLessThanOrEqual(most);
      }),
    );
  });
});

/** Kills the launcher before the guest runs. */
function failStart(cluster: Cluster): void {
  if (!cluster.until(() => phaseOf(cluster) === 'Scheduling', 400_000)) throw new Error('never scheduled');
  const pod = launchersOf(cluster).find(({ metadata }) => metadata.deletionTimestamp === undefined);
  destroy(cluster, refs.pods, pod?.metadata.name ?? '', { gracePeriodSeconds: 0 });
}

const failure = (cluster: Cluster) => vmOf(cluster)?.status?.startFailure;

describe('a VM whose instance never comes to run', () => {
  test('is counted once for each instance, held back longer each time, and called CrashLoopBackOff meanwhile', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    for (const count of [1, 2, 3]) {
      failStart(cluster);
      const uid = vmiOf(cluster)?.metadata.uid;
      const at = Math.floor(cluster.now / 1_000);
      cluster.advance(3_000);
      expect(failure(cluster)).toMatchObject({ consecutiveFailCount: count, lastFailedVMIUID: uid });
      expect(statusOf(cluster)).toBe('CrashLoopBackOff');
      expect(vmiOf(cluster)).toBeUndefined();
      const retry = Date.parse(failure(cluster)?.retryAfterTimestamp ?? '') / 1_000;
      expect(retry - at).toBeGreaterThanOrEqual(10 * count ** 2);
      expect(retry - at).toBeLessThanOrEqual(15 * count ** 2);
      // Not a moment before, and then at once.
      cluster.advanceTo(retry * 1_000 - 1);
      expect(vmiOf(cluster)).toBeUndefined();
      cluster.advance(1);
      expect(vmiOf(cluster)).toBeDefined();
    }
  });

  test('has a clean slate as soon as an instance runs', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    failStart(cluster);
    cluster.advance(3_000);
    expect(failure(cluster)).toBeDefined();
    untilStatus(cluster, 'Running');
    cluster.advance(0);
    expect(failure(cluster)).toBeUndefined();
    endGuest(cluster, 'Crashed');
    cluster.advance(2_000);
    expect(failure(cluster)).toBeUndefined();
  });

  test('RerunOnFailure is held back and tried again too', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'RerunOnFailure' });
    failStart(cluster);
    cluster.advance(3_000);
    expect(statusOf(cluster)).toBe('CrashLoopBackOff');
    expect(vmOf(cluster)?.status?.stateChangeRequests).toEqual([{ action: 'Start' }]);
    untilStatus(cluster, 'Running');
  });

  test('Once is not tried again', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'Once' });
    failStart(cluster);
    cluster.advance(400_000);
    expect(phaseOf(cluster)).toBe('Failed');
    expect(statusOf(cluster)).toBe('CrashLoopBackOff');
    expect(failure(cluster)?.consecutiveFailCount).toBe(1);
  });

  test('Manual is not counted', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'Manual' });
    act(cluster, 'start', 'vm');
    const seen = history(cluster, each => statusOf(each));
    failStart(cluster);
    cluster.advance(30_000);
    expect(failure(cluster)).toBeUndefined();
    expect(seen()).toEqual([undefined, 'Starting', 'Stopped']);
  });

  test('stopped meanwhile is Stopped, and its count forgotten', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    failStart(cluster);
    cluster.advance(3_000);
    act(cluster, 'stop', 'vm');
    cluster.advance(400_000);
    expect(statusOf(cluster)).toBe('Stopped');
    expect(failure(cluster)).toBeUndefined();
    expect(vmiOf(cluster)).toBeUndefined();
  });
});
