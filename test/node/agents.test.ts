import { describe, expect, test } from 'vitest';
import * as refs from '../../simulator/resources/refs.ts';
import {
  createVm,
  destroy,
  eventsOf,
  history,
  launchersOf,
  smallCluster,
  untilStatus,
} from '../cluster/fixture.ts';

describe("virt-handler's heartbeat", () => {
  test('moves once a minute, on every node', () => {
    const cluster = smallCluster({ nodes: 2 });
    const beats = () =>
      cluster.view.list(refs.nodes).map(({ metadata }) => metadata.annotations?.['kubevirt.io/heartbeat']);
    expect(beats()).toEqual(['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z']);
    cluster.advance(59_999);
    expect(new Set(beats())).toEqual(new Set(['2026-01-01T00:00:00Z']));
    cluster.advance(1);
    expect(new Set(beats())).toEqual(new Set(['2026-01-01T00:01:00Z']));
    cluster.advance(600_000);
    expect(new Set(beats())).toEqual(new Set(['2026-01-01T00:11:00Z']));
  });
});

describe('the kubelet', () => {
  test('takes a launcher pod from Pending to Running to its end', () => {
    const cluster = smallCluster({ nodes: 1 });
    const look = () => {
      const [pod] = launchersOf(cluster);
      const ready = pod?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
      return pod && `${pod.status?.phase} ${ready}${pod.metadata.deletionTimestamp ? ' deleting' : ''}`;
    };
    const seen = history(cluster, look);
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    cluster.advance(5_000);
    destroy(cluster, refs.virtualMachines, 'vm');
    cluster.advance(60_000);
    const story = seen();
    expect(story.slice(0, 5)).toEqual([
      undefined,
      'Pending undefined',
      'Pending False',
      'Running False',
      'Running True',
    ]);
    expect(story).toContain('Running True deleting');
    expect(story.at(-1)).toBeUndefined();
  });

  test('gives each pod an address of its own, in the range of its node', () => {
    const cluster = smallCluster({ nodes: 1 });
    for (let index = 0; index < 40; index += 1) createVm(cluster, `vm-${index}`, { runStrategy: 'Always' });
    cluster.until(
      () => cluster.view.list(refs.pods).filter(pod => pod.status?.phase === 'Running').length === 40,
      60_000,
    );
    const pods = cluster.view.list(refs.pods);
    const addresses = pods.map(({ status }) => status?.podIP);
    expect(new Set(addresses).size).toBe(40);
    const range = cluster.view.list(refs.nodes)[0]?.spec.podCIDR?.split('.').slice(0, 3).join('.');
    for (const address of addresses) expect(address?.startsWith(`${range}.`)).toBe(true);
    for (const pod of pods) expect(pod.status?.podIPs).toEqual([{ ip: pod.status?.podIP }]);
  });

  test('tells what it does in the events of the pod', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    untilStatus(cluster, 'Running');
    const name = launchersOf(cluster)[0]?.metadata.name ?? '';
    destroy(cluster, refs.virtualMachines, 'vm');
    cluster.advance(60_000);
    expect(eventsOf(cluster, 'Pod', name)).toEqual(
      expect.arrayContaining([
        `Normal Scheduled: Successfully assigned default/${name} to node1`,
        'Normal Created: Container created: compute',
        'Normal Started: Container started: compute',
        'Normal Killing: Stopping container compute',
      ]),
    );
  });
});
