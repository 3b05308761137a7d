import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../simulator/cluster.ts';
import * as refs from '../../../simulator/resources/refs.ts';
import type {
  RunStrategy,
  VirtualMachine,
  VirtualMachineInstance,
} from '../../../simulator/types/kubevirt.ts';
import {
  type Decision,
  decide,
  isSetToStart,
  runStrategyOf,
} from '../../../simulator/virt-controller/vm/run-strategy.ts';
import {
  START,
  act,
  createVm,
  destroy,
  endGuest,
  history,
  launchersOf,
  patch,
  phaseOf,
  smallCluster,
  statusOf,
  untilStatus,
  vmOf,
  vmiOf,
} from '../../cluster/fixture.ts';

// --- the decision alone ---

type Requests = NonNullable<NonNullable<VirtualMachine['status']>['stateChangeRequests']>;

function vm(runStrategy: string | undefined, requests: Requests = [], status: object = {}): VirtualMachine {
  return {
    metadata: { name: 'vm' },
    spec: { runStrategy },
    status: { stateChangeRequests: requests, ...status },
  } as unknown as VirtualMachine;
}

function vmi(phase: string, more: object = {}): VirtualMachineInstance {
  return {
    metadata: { name: 'vm', uid: 'u1', ...more },
    status: { phase },
  } as unknown as VirtualMachineInstance;
}

const START_REQUEST: Requests = [{ action: 'Start' }];
const STOP_REQUEST: Requests = [{ action: 'Stop', uid: 'u1' }];
const OLD_STOP: Requests = [{ action: 'Stop', uid: 'another' }];
const none: Decision = { action: 'none' };
const start: Decision = { action: 'start' };
const stop: Decision = { action: 'stop' };
const stopped: Decision = { action: 'stop', rerun: false };
const rerun: Decision = { action: 'stop', rerun: true };

/** Columns: no instance, running, succeeded, failed (KubeVirt v1.9 syncRunStrategy; B4-20 … B4-25). */
const TABLE: readonly (readonly [RunStrategy, string, Requests, Decision, Decision, Decision, Decision])[] = [
  ['Always', 'no request', [], start, none, stop, stop],
  ['Always', 'a stop request for it', STOP_REQUEST, start, stop, stop, stop],
  ['Always', 'a stop request for its predecessor', OLD_STOP, start, none, stop, stop],
  ['Always', 'a start request', START_REQUEST, start, none, stop, stop],
  ['RerunOnFailure', 'no request, for the first time', [], start, none, stopped, rerun],
  ['RerunOnFailure', 'a stop request for it', STOP_REQUEST, start, stopped, stopped, rerun],
  ['Manual', 'no request', [], none, none, none, none],
  ['Manual', 'a start request', START_REQUEST, start, none, none, none],
  ['Manual', 'a stop request for it', STOP_REQUEST, none, stop, stop, stop],
  ['Manual', 'a stop request for its predecessor', OLD_STOP, none, none, none, none],
  ['Halted', 'no request', [], none, stop, stop, stop],
  ['Halted', 'a start request', START_REQUEST, { action: 'unhalt' }, stop, stop, stop],
  ['Once', 'no request', [], start, none, none, none],
  ['Once', 'a stop request for it', STOP_REQUEST, start, none, none, none],
  ['WaitAsReceiver', 'no request', [], start, none, none, none],
];

describe('what a run strategy does', () => {
  test.each(TABLE)('%s with %s', (strategy, _what, requests, absent, running, succeeded, failed) => {
    const of = (instance?: VirtualMachineInstance) => decide(vm(strategy, requests), instance, START);
    expect(of()).toEqual(absent);
    expect(of(vmi('Running'))).toEqual(running);
    expect(of(vmi('Succeeded'))).toEqual(succeeded);
    expect(of(vmi('Failed'))).toEqual(failed);
  });

  test('RerunOnFailure starts by itself only where another strategy was recorded', () => {
    expect(decide(vm('RerunOnFailure', [], { runStrategy: 'RerunOnFailure' }), undefined, START)).toEqual(
      none,
    );
    expect(decide(vm('RerunOnFailure', [], { runStrategy: 'Halted' }), undefined, START)).toEqual(start);
    const asked = vm('RerunOnFailure', START_REQUEST, { runStrategy: 'RerunOnFailure' });
    expect(decide(asked, undefined, START)).toEqual(start);
  });

  test('RerunOnFailure leaves an instance alone that is on its way out', () => {
    const going = vmi('Failed', { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(decide(vm('RerunOnFailure'), going, START)).toEqual(none);
  });

  test.each<RunStrategy>(['Always', 'RerunOnFailure'])(
    '%s waits out the time after failed starts',
    strategy => {
      const held = vm(strategy, [], { startFailure: { retryAfterTimestamp: '2026-01-01T00:00:12Z' } });
      expect(decide(held, undefined, START)).toEqual({ action: 'wait', delay: 12_000 });
      expect(decide(held, undefined, START + 11_500)).toEqual({ action: 'wait', delay: 1_000 });
      expect(decide(held, undefined, START + 12_000)).toEqual(start);
    },
  );

  test.each<RunStrategy>(['Manual', 'Once'])('%s does not wait', strategy => {
    const held = vm(strategy, START_REQUEST, {
      startFailure: { retryAfterTimestamp: '2026-01-01T00:05:00Z' },
    });
    expect(decide(held, undefined, START)).toEqual(start);
  });

  test('an unknown strategy is an error', () => {
    expect(decide(vm('Sometimes'), undefined, START)).toEqual({
      action: 'fail',
      message: 'unknown runstrategy: Sometimes',
    });
  });

  test('running is the old spelling of Always and Halted; both at once are neither', () => {
    const of = (spec: object) => runStrategyOf({ spec } as unknown as VirtualMachine);
    expect(of({ running: true })).toBe('Always');
    expect(of({ running: false })).toBe('Halted');
    expect(of({ runStrategy: 'Manual' })).toBe('Manual');
    expect(of({})).toBeUndefined();
    expect(of({ running: true, runStrategy: 'Always' })).toBeUndefined();
  });

  test.each<[RunStrategy, Requests, VirtualMachineInstance | undefined, boolean]>([
    ['Always', [], undefined, true],
    ['Halted', [], vmi('Running'), false],
    ['Manual', [], undefined, false],
    ['Manual', START_REQUEST, undefined, true],
    ['Manual', [], vmi('Running'), true],
    ['Manual', STOP_REQUEST, vmi('Running'), false],
    ['RerunOnFailure', [], undefined, true],
    ['RerunOnFailure', [], vmi('Failed'), true],
    ['RerunOnFailure', [], vmi('Succeeded'), false],
    ['Once', [], undefined, true],
    ['Once', [], vmi('Running'), false],
    ['WaitAsReceiver', [], undefined, false],
  ])('%s with %j is set to start or not', (strategy, requests, instance, expected) => {
    expect(isSetToStart(vm(strategy, requests), instance)).toBe(expected);
  });
});

// --- the same in a cluster ---

type Happening =
  | 'is created'
  | 'is started'
  | 'is stopped'
  | 'is restarted'
  | 'shuts down in its guest'
  | 'crashes'
  | 'loses its pod'
  | 'is halted';

/** What becomes of the instance: it is another, the same, or there is none. */
type Fate = 'another' | 'the same' | 'none';

/** strategy, what happens, what the VM is called in the end, its instance and its phase. */
const OUTCOMES: readonly (readonly [RunStrategy, Happening, string, Fate, string | undefined])[] = [
  ['Always', 'is created', 'Running', 'another', 'Running'],
  ['Always', 'is restarted', 'Running', 'another', 'Running'],
  ['Always', 'shuts down in its guest', 'Running', 'another', 'Running'],
  ['Always', 'crashes', 'Running', 'another', 'Running'],
  ['Always', 'loses its pod', 'Running', 'another', 'Running'],
  ['Always', 'is stopped', 'Stopped', 'none', undefined],
  ['Always', 'is halted', 'Stopped', 'none', undefined],
  ['RerunOnFailure', 'is created', 'Running', 'another', 'Running'],
  ['RerunOnFailure', 'is restarted', 'Running', 'another', 'Running'],
  ['RerunOnFailure', 'shuts down in its guest', 'Stopped', 'none', undefined],
  ['RerunOnFailure', 'crashes', 'Running', 'another', 'Running'],
  ['RerunOnFailure', 'loses its pod', 'Stopped', 'none', undefined],
  ['RerunOnFailure', 'is stopped', 'Stopped', 'none', undefined],
  ['RerunOnFailure', 'is halted', 'Stopped', 'none', undefined],
  ['Manual', 'is created', 'Stopped', 'none', undefined],
  ['Manual', 'is started', 'Running', 'another', 'Running'],
  ['Manual', 'is restarted', 'Running', 'another', 'Running'],
  ['Manual', 'shuts down in its guest', 'Stopped', 'the same', 'Succeeded'],
  ['Manual', 'crashes', 'Stopped', 'the same', 'Failed'],
  ['Manual', 'loses its pod', 'Stopped', 'the same', 'Succeeded'],
  ['Manual', 'is stopped', 'Stopped', 'none', undefined],
  ['Manual', 'is halted', 'Stopped', 'none', undefined],
  ['Halted', 'is created', 'Stopped', 'none', undefined],
  ['Halted', 'is started', 'Running', 'another', 'Running'],
  ['Once', 'is created', 'Running', 'another', 'Running'],
  ['Once', 'shuts down in its guest', 'Stopped', 'the same', 'Succeeded'],
  ['Once', 'crashes', 'Stopped', 'the same', 'Failed'],
  ['Once', 'loses its pod', 'Stopped', 'the same', 'Succeeded'],
  ['Once', 'is stopped', 'Stopped', 'none', undefined],
  ['Once', 'is halted', 'Stopped', 'none', undefined],
];

function happen(cluster: Cluster, what: Happening): void {
  switch (what) {
    case 'is created':
      return;
    case 'is started':
      return act(cluster, 'start', 'vm');
    case 'is stopped':
      return act(cluster, 'stop', 'vm');
    case 'is restarted':
      return act(cluster, 'restart', 'vm');
    case 'shuts down in its guest':
      return endGuest(cluster, 'Shutdown');
    case 'crashes':
      return endGuest(cluster, 'Crashed');
    case 'loses its pod':
      destroy(cluster, refs.pods, launchersOf(cluster)[0]?.metadata.name ?? '');
      return;
    case 'is halted':
      patch(cluster, refs.virtualMachines, 'vm', { spec: { runStrategy: 'Halted' } });
  }
}

/** A VM as it is before something happens to it: running, where that is what it is about. */
function prepared(strategy: RunStrategy, what: Happening): Cluster {
  const cluster = smallCluster({ nodes: 1 });
  createVm(cluster, 'vm', { runStrategy: strategy });
  if (what === 'is created') return cluster;
  cluster.advance(3_000);
  if (what === 'is started') return cluster;
  if (strategy === 'Manual') act(cluster, 'start', 'vm');
  untilStatus(cluster, 'Running');
  return cluster;
}

describe('a VM in a cluster', () => {
  test.each(OUTCOMES)('%s that %s ends up %s, its instance %s', (strategy, what, status, fate, phase) => {
    const cluster = prepared(strategy, what);
    const before = vmiOf(cluster)?.metadata.uid;
    happen(cluster, what);
    cluster.advance(60_000);
    expect(statusOf(cluster)).toBe(status);
    expect(phaseOf(cluster)).toBe(phase);
    const after = vmiOf(cluster)?.metadata.uid;
    if (fate === 'none') expect(after).toBeUndefined();
    else if (fate === 'the same') expect(after).toBe(before);
    else {
      expect(after).toBeDefined();
      expect(after).not.toBe(before);
    }
    expect(vmOf(cluster)?.status?.stateChangeRequests).toBeUndefined();
    expect(launchersOf(cluster).filter(pod => pod.status?.phase === 'Running')).toHaveLength(
      phase === 'Running' ? 1 : 0,
    );
  });

  test.each<Happening>(['shuts down in its guest', 'crashes'])(
    'Manual that %s can be started again',
    what => {
      const cluster = prepared('Manual', what);
      const before = vmiOf(cluster)?.metadata.uid;
      happen(cluster, what);
      cluster.advance(5_000);
      expect(vmOf(cluster)?.status?.printableStatus).toBe('Stopped');
      act(cluster, 'start', 'vm');
      cluster.advance(10_000);
      expect(statusOf(cluster)).toBe('Running');
      expect(vmiOf(cluster)?.metadata.uid).not.toBe(before);
    },
  );

  test('running: true and false are followed like Always and Halted, and start and stop rewrite them', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { running: false });
    cluster.advance(2_000);
    expect(statusOf(cluster)).toBe('Stopped');
    act(cluster, 'start', 'vm');
    untilStatus(cluster, 'Running');
    expect(vmOf(cluster)?.spec).toMatchObject({ running: true });
    expect(vmOf(cluster)?.spec.runStrategy).toBeUndefined();
    act(cluster, 'stop', 'vm');
    untilStatus(cluster, 'Stopped');
    expect(vmOf(cluster)?.spec).toMatchObject({ running: false });
  });
});

describe('the statuses a VM goes through', () => {
  test.each<[RunStrategy, Happening, readonly (string | undefined)[]]>([
    ['Halted', 'is started', ['Stopped', 'Starting', 'Running']],
    ['Always', 'is stopped', ['Running', 'Stopping', 'Stopped']],
    ['Always', 'is restarted', ['Running', 'Stopping', 'Stopped', 'Starting', 'Running']],
    ['Manual', 'shuts down in its guest', ['Running', 'Stopped']],
    ['Manual', 'crashes', ['Running', 'Stopped']],
  ])('%s that %s: %j', (strategy, what, statuses) => {
    const cluster = prepared(strategy, what);
    const seen = history(cluster, each => statusOf(each));
    happen(cluster, what);
    cluster.advance(60_000);
    expect(seen()).toEqual(statuses);
  });

  test('the phases of its instance', () => {
    const cluster = smallCluster({ nodes: 1 });
    const seen = history(cluster, each => phaseOf(each));
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    cluster.advance(5_000);
    act(cluster, 'stop', 'vm');
    cluster.advance(20_000);
    expect(seen()).toEqual([
      undefined,
      'Pending',
      'Scheduling',
      'Scheduled',
      'Running',
      'Succeeded',
      undefined,
    ]);
  });
});

describe('requests', () => {
  const pending = (cluster: Cluster) =>
    JSON.stringify(vmOf(cluster)?.status?.stateChangeRequests?.map(each => each.action));

  test('of a restart are worked off one after the other', () => {
    const cluster = prepared('Manual', 'is restarted');
    const uid = vmiOf(cluster)?.metadata.uid;
    const seen = history(cluster, pending);
    act(cluster, 'restart', 'vm');
    expect(vmOf(cluster)?.status?.stateChangeRequests).toEqual([
      { action: 'Stop', uid },
      { action: 'Start' },
    ]);
    cluster.advance(30_000);
    expect(seen()).toEqual([undefined, '["Stop","Start"]', '["Start"]', undefined]);
  });

  test('to start are done when an instance lives, before it runs', () => {
    const cluster = prepared('Manual', 'is started');
    act(cluster, 'start', 'vm');
    expect(pending(cluster)).toBe('["Start"]');
    cluster.advance(0);
    expect(pending(cluster)).toBeUndefined();
    expect(phaseOf(cluster)).not.toBe('Running');
  });

  test('to start a halted VM paused make it Always, and its guest paused', () => {
    const cluster = prepared('Halted', 'is started');
    act(cluster, 'start', 'vm', { paused: true });
    expect(vmOf(cluster)?.spec.runStrategy).toBe('Halted');
    expect(vmOf(cluster)?.status?.stateChangeRequests).toEqual([
      { action: 'Start', data: { paused: 'true' } },
    ]);
    cluster.advance(10_000);
    expect(vmOf(cluster)?.spec.runStrategy).toBe('Always');
    expect(vmiOf(cluster)?.spec.startStrategy).toBe('Paused');
    expect(statusOf(cluster)).toBe('Paused');
    expect(vmOf(cluster)?.spec.template.spec.startStrategy).toBeUndefined();
  });

  test('to stop that are for a predecessor are dropped', () => {
    const cluster = prepared('Manual', 'is restarted');
    patch(cluster, refs.virtualMachines, 'vm', {});
    cluster.request({
      verb: 'patch',
      group: 'kubevirt.io',
      version: 'v1',
      resource: 'virtualmachines',
      subresource: 'status',
      namespace: 'default',
      name: 'vm',
      patchType: 'merge',
      body: { status: { stateChangeRequests: [{ action: 'Stop', uid: 'somebody-else' }] } },
      user: { username: 'admin', groups: ['system:masters'] },
    });
    expect(pending(cluster)).toBe('["Stop"]');
    const uid = vmiOf(cluster)?.metadata.uid;
    cluster.advance(5_000);
    expect(pending(cluster)).toBeUndefined();
    expect(vmiOf(cluster)?.metadata.uid).toBe(uid);
    expect(statusOf(cluster)).toBe('Running');
  });
});
