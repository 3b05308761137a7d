import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VirtualMachine, VirtualMachineInstance } from '../../../simulator/types/kubevirt.ts';
import {
  PRINTABLE_STATUSES,
  type StatusFacts,
  printableStatus,
} from '../../../simulator/virt-controller/vm/printable-status.ts';

const QUIET: StatusFacts = {
  startExpected: false,
  stopExpected: false,
  dataVolumeFailed: false,
  dataVolumeProvisioning: false,
  unboundClaim: false,
};

type Condition = readonly [type: string, status: string, reason?: string];

function vm(runStrategy = 'Always', more: { deleting?: boolean; failures?: number } = {}): VirtualMachine {
  return {
    metadata: { name: 'vm', ...(more.deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { runStrategy },
    status: more.failures ? { startFailure: { consecutiveFailCount: more.failures } } : {},
  } as unknown as VirtualMachine;
}

function vmi(
  phase: string,
  conditions: readonly Condition[] = [],
  more: object = {},
): VirtualMachineInstance {
  const { deleting, ...status } = more as { deleting?: boolean };
  return {
    metadata: { name: 'vm', uid: 'u', ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    status: {
      phase,
      conditions: conditions.map(([type, value, reason]) => ({ type, status: value, reason })),
      ...status,
    },
  } as unknown as VirtualMachineInstance;
}

const unsynchronized = (reason: string): Condition => ['Synchronized', 'False', reason];
const paused: Condition = ['Paused', 'True', 'PausedByUser'];
const unschedulable: Condition = ['PodScheduled', 'False', 'Unschedulable'];
const migrating = { migrationState: { startTimestamp: '2026-01-01T00:00:00Z' } };
const migrated = {
  migrationState: { startTimestamp: '2026-01-01T00:00:00Z', endTimestamp: '2026-01-01T00:01:00Z' },
};

describe('printableStatus', () => {
  test('asks in the order of KubeVirt v1.9 (setPrintableStatus)', () => {
    expect(PRINTABLE_STATUSES.map(([name]) => name)).toEqual([
      'Terminating',
      'Stopping',
      'Migrating',
      'Paused',
      'Running',
      'ErrorPvcNotFound',
      'DataVolumeError',
      'ErrorUnschedulable',
      'Provisioning',
      'WaitingForVolumeBinding',
      'ErrImagePull',
      'ImagePullBackOff',
      'Starting',
      'CrashLoopBackOff',
      'Stopped',
      'WaitingForReceiver',
    ]);
  });

  test.each<[string, VirtualMachine, VirtualMachineInstance | undefined, Partial<StatusFacts>]>([
    ['Terminating', vm('Always', { deleting: true }), undefined, {}],
    ['Terminating', vm('Always', { deleting: true }), vmi('Running', [paused]), {}],
    ['Stopping', vm(), vmi('Running', [], { deleting: true }), {}],
    ['Stopping', vm(), vmi('Running'), { stopExpected: true }],
    ['Stopping', vm(), vmi('Scheduling', [], { deleting: true }), {}],
    ['Stopped', vm(), vmi('Succeeded', [], { deleting: true }), {}],
    ['Migrating', vm(), vmi('Running', [], migrating), {}],
    ['Migrating', vm(), vmi('Running', [paused], migrating), {}],
    ['Running', vm(), vmi('Running', [], migrated), {}],
    ['Paused', vm(), vmi('Running', [paused]), {}],
    ['Running', vm(), vmi('Running', [['Paused', 'False']]), {}],
    [
      'Running',
      vm(),
      vmi('Running', [unsynchronized('ErrImagePull'), unschedulable]),
      { dataVolumeFailed: true },
    ],
    ['ErrorPvcNotFound', vm(), vmi('Pending', [unsynchronized('FailedPvcNotFound'), unschedulable]), {}],
    ['DataVolumeError', vm(), vmi('Pending', [unschedulable]), { dataVolumeFailed: true }],
    ['DataVolumeError', vm('Halted'), undefined, { dataVolumeFailed: true, dataVolumeProvisioning: true }],
    ['ErrorUnschedulable', vm(), vmi('Scheduling', [unschedulable]), { dataVolumeProvisioning: true }],
    ['Starting', vm(), vmi('Scheduling', [['PodScheduled', 'False', 'SchedulerError']]), {}],
    ['Starting', vm(), vmi('Scheduling', [['PodScheduled', 'True', 'Unschedulable']]), {}],
    ['Provisioning', vm(), undefined, { dataVolumeProvisioning: true, unboundClaim: true }],
    [
      'WaitingForVolumeBinding',
      vm(),
      vmi('Scheduling', [unsynchronized('ErrImagePull')]),
      { unboundClaim: true },
    ],
    ['WaitingForVolumeBinding', vm('RerunOnFailure'), undefined, { unboundClaim: true }],
    ['Stopped', vm('Halted'), undefined, { unboundClaim: true }],
    ['Stopped', vm('Manual'), undefined, { unboundClaim: true }],
    ['ErrImagePull', vm(), vmi('Scheduling', [unsynchronized('ErrImagePull')]), {}],
    ['ImagePullBackOff', vm(), vmi('Scheduling', [unsynchronized('ImagePullBackOff')]), {}],
    ['Starting', vm(), vmi('', []), {}],
    ['Starting', vm(), vmi('Pending'), {}],
    ['Starting', vm(), vmi('Scheduling'), {}],
    ['Starting', vm(), vmi('Scheduled'), {}],
    ['Starting', vm('Always', { failures: 3 }), undefined, { startExpected: true }],
    ['CrashLoopBackOff', vm('Always', { failures: 1 }), undefined, {}],
    ['CrashLoopBackOff', vm('Once', { failures: 1 }), vmi('Failed'), {}],
    ['Stopped', vm('Manual', { failures: 1 }), undefined, {}],
    ['Stopped', vm(), undefined, {}],
    ['Stopped', vm('Manual'), vmi('Failed'), {}],
    ['Stopped', vm('WaitAsReceiver'), undefined, {}],
    ['WaitingForReceiver', vm('WaitAsReceiver'), vmi('WaitingForSync'), {}],
    ['Unknown', vm(), vmi('WaitingForSync'), {}],
    ['Unknown', vm(), vmi('Unknown'), {}],
  ])('%s', (expected, machine, instance, facts) => {
    expect(printableStatus(machine, instance, { ...QUIET, ...facts })).toBe(expected);
  });

  test('is the first of the questions that holds, whatever else holds', () => {
    const strategies = fc.constantFrom(
      'Always',
      'Halted',
      'Manual',
      'RerunOnFailure',
      'Once',
      'WaitAsReceiver',
    );
    const condition = fc.constantFrom<Condition>(
      paused,
      unschedulable,
      ...['FailedPvcNotFound', 'ErrImagePull', 'ImagePullBackOff'].map(unsynchronized),
    );
    const instance = fc
      .record({
        phase: fc.constantFrom(
          '',
          'Pending',
          'Scheduling',
          'Scheduled',
          'Running',
          'Succeeded',
          'Failed',
          'WaitingForSync',
        ),
        conditions: fc.uniqueArray(condition, { selector: ([type]) => type }),
        deleting: fc.boolean(),
        state: fc.constantFrom({}, migrating, migrated),
      })
      .map(({ phase, conditions, deleting, state }) => vmi(phase, conditions, { deleting, ...state }));
    const facts = fc.record({
      startExpected: fc.boolean(),
      stopExpected: fc.boolean(),
      dataVolumeFailed: fc.boolean(),
      dataVolumeProvisioning: fc.boolean(),
      unboundClaim: fc.boolean(),
    });
    const machine = fc
      .record({ strategy: strategies, deleting: fc.boolean(), failures: fc.nat(2) })
      .map(({ strategy, ...more }) => vm(strategy, more));
    fc.assert(
      fc.property(machine, fc.option(instance, { nil: undefined }), facts, (owner, of, around) => {
        const status = printableStatus(owner, of, around);
        const at = PRINTABLE_STATUSES.findIndex(([name]) => name === status);
        const answers = PRINTABLE_STATUSES.map(([, holds]) => holds(owner, of, around));
        expect(answers.indexOf(true)).toBe(at);
        // Some that must hold whatever else does.
        if (owner.metadata.deletionTimestamp) expect(status).toBe('Terminating');
        else if (of?.status?.phase === 'Running') {
          expect(['Stopping', 'Migrating', 'Paused', 'Running']).toContain(status);
        } else if (!of) expect(['Paused', 'Running', 'Migrating', 'Stopping']).not.toContain(status);
      }),
      { numRuns: 500 },
    );
  });
});
