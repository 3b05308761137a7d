import { describe, expect, test } from 'vitest';
import { cells, object } from './build.ts';

const running = (name: string, ready = true, more = {}) => ({
  name,
  ready,
  restartCount: 0,
  state: { running: { startedAt: '2026-01-01T11:56:00Z' } },
  ...more,
});
const waiting = (name: string, reason: string) => ({
  name,
  ready: false,
  restartCount: 0,
  state: { waiting: { reason } },
});
const ended = (name: string, exitCode: number, more = {}) => ({
  name,
  ready: false,
  restartCount: 0,
  state: { terminated: { exitCode, ...more } },
});

interface Case {
  containers?: string[];
  init?: (string | { name: string; restartPolicy: string })[];
  status: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  expected: [ready: string, status: string, restarts: string];
}

const deleted = { deletionTimestamp: '2026-01-01T11:59:00Z' };
const ready = [{ type: 'Ready', status: 'True' }];

const CASES: Record<string, Case> = {
  'a pod nobody looked at': { status: { phase: 'Pending' }, expected: ['0/1', 'Pending', '0'] },
  'a gated pod': {
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
    },
    expected: ['0/1', 'SchedulingGated', '0'],
  },
  'a reason beats the phase': {
    status: { phase: 'Failed', reason: 'Evicted' },
    expected: ['0/1', 'Evicted', '0'],
  },
  'containers being created': {
    status: { phase: 'Pending', containerStatuses: [waiting('a', 'ContainerCreating')] },
    expected: ['0/1', 'ContainerCreating', '0'],
  },
  'a ready container': {
    status: { phase: 'Running', containerStatuses: [running('a')], conditions: ready },
    expected: ['1/1', 'Running', '0'],
  },
  'a running container that is not ready': {
    status: { phase: 'Running', containerStatuses: [running('a', false)] },
    expected: ['0/1', 'Running', '0'],
  },
  'an image that cannot be pulled': {
    status: { phase: 'Pending', containerStatuses: [waiting('a', 'ImagePullBackOff')] },
    expected: ['0/1', 'ImagePullBackOff', '0'],
  },
  'the first container of several decides': {
    containers: ['a', 'b'],
    status: {
      phase: 'Running',
      containerStatuses: [waiting('a', 'CrashLoopBackOff'), waiting('b', 'ErrImagePull')],
    },
    expected: ['0/2', 'CrashLoopBackOff', '0'],
  },
  'a finished pod': {
    status: { phase: 'Succeeded', containerStatuses: [ended('a', 0, { reason: 'Completed' })] },
    expected: ['0/1', 'Completed', '0'],
  },
  'a failed pod': {
    status: { phase: 'Failed', containerStatuses: [ended('a', 1, { reason: 'Error' })] },
    expected: ['0/1', 'Error', '0'],
  },
  'an exit code without a reason': {
    status: { phase: 'Failed', containerStatuses: [ended('a', 3)] },
    expected: ['0/1', 'ExitCode:3', '0'],
  },
  'a signal without a reason': {
    status: { phase: 'Failed', containerStatuses: [ended('a', 137, { signal: 9 })] },
    expected: ['0/1', 'Signal:9', '0'],
  },
  'one of two containers completed, the pod ready': {
    containers: ['a', 'b'],
    status: {
      phase: 'Running',
      conditions: ready,
      containerStatuses: [ended('a', 0, { reason: 'Completed' }), running('b')],
    },
    expected: ['1/2', 'Running', '0'],
  },
  'one of two containers completed, the pod not ready': {
    containers: ['a', 'b'],
    status: { phase: 'Running', containerStatuses: [ended('a', 0, { reason: 'Completed' }), running('b')] },
    expected: ['1/2', 'NotReady', '0'],
  },
  'init containers at work': {
    init: ['i', 'j'],
    status: {
      phase: 'Pending',
      initContainerStatuses: [ended('i', 0), running('j', false)],
      containerStatuses: [waiting('a', 'PodInitializing')],
    },
    expected: ['0/1', 'Init:1/2', '0'],
  },
  'an init container that waits to initialise': {
    init: ['i'],
    status: { phase: 'Pending', initContainerStatuses: [waiting('i', 'PodInitializing')] },
    expected: ['0/1', 'Init:0/1', '0'],
  },
  'an init container that cannot start': {
    init: ['i'],
    status: { phase: 'Pending', initContainerStatuses: [waiting('i', 'CrashLoopBackOff')] },
    expected: ['0/1', 'Init:CrashLoopBackOff', '0'],
  },
  'an init container that failed without a reason': {
    init: ['i'],
    status: { phase: 'Pending', initContainerStatuses: [ended('i', 2)] },
    expected: ['0/1', 'Init:ExitCode:2', '0'],
  },
  'a side-car counts': {
    init: [{ name: 's', restartPolicy: 'Always' }],
    status: {
      phase: 'Running',
      conditions: ready,
      initContainerStatuses: [running('s', true, { started: true })],
      containerStatuses: [running('a')],
    },
    expected: ['2/2', 'Running', '0'],
  },
  'restarts say when the last one was': {
    status: {
      phase: 'Running',
      conditions: ready,
      containerStatuses: [
        running('a', true, {
          restartCount: 3,
          lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T11:54:30Z' } },
        }),
      ],
    },
    expected: ['1/1', 'Running', '3 (5m30s ago)'],
  },
  'a pod being deleted': {
    metadata: deleted,
    status: { phase: 'Running', containerStatuses: [running('a')], conditions: ready },
    expected: ['1/1', 'Terminating', '0'],
  },
  'a finished pod being deleted stays finished': {
    metadata: deleted,
    status: { phase: 'Succeeded', containerStatuses: [ended('a', 0, { reason: 'Completed' })] },
    expected: ['0/1', 'Completed', '0'],
  },
  'a deleted pod on a lost node': {
    metadata: deleted,
    status: { phase: 'Running', reason: 'NodeLost', containerStatuses: [running('a')] },
    expected: ['1/1', 'Unknown', '0'],
  },
};

describe('READY, STATUS and RESTARTS of', () => {
  test.each(Object.entries(CASES))(
    '%s',
    (_, { containers = ['a'], init = [], status, metadata, expected }) => {
      const pod = object(
        'Pod',
        {
          spec: {
            containers: containers.map(name => ({ name })),
            initContainers: init.map(entry => (typeof entry === 'string' ? { name: entry } : entry)),
          },
          status,
        },
        metadata,
      );
      const printed = cells('pods', pod);
      expect([printed.Ready, printed.Status, printed.Restarts]).toEqual(expected);
    },
  );
});

test('the wide columns of a pod that is nowhere', () => {
  const printed = cells(
    'pods',
    object('Pod', { spec: { containers: [] }, status: { phase: 'Pending' } }),
    true,
  );
  expect(printed).toMatchObject({
    IP: '<none>',
    Node: '<none>',
    'Nominated Node': '<none>',
    'Readiness Gates': '<none>',
  });
});

test('readiness gates count the conditions that are true', () => {
  const pod = object('Pod', {
    spec: { containers: [], readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] },
    status: { conditions: [{ type: 'b', status: 'True' }] },
  });
  expect(cells('pods', pod, true)['Readiness Gates']).toBe('1/2');
});
