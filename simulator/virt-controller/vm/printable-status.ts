/**
 * `status.printableStatus`: a list of questions, the first that is answered yes wins
 * (KubeVirt v1.9 pkg/virt-controller/watch/vm setPrintableStatus). The order is the whole of it.
 */
import type { Condition } from '../../types/meta.ts';
import { findCondition, hasCondition } from '../../types/conditions.ts';
import type { VirtualMachine, VirtualMachineInstance } from '../../types/kubevirt.ts';
import { isFinal, isSetToStart, runStrategyOf } from './run-strategy.ts';

/** What the status depends on besides the VM and its instance. */
export interface StatusFacts {
  /** A create that this reconciliation has sent; the instance is not there yet. */
  readonly startExpected: boolean;
  /** A delete that this reconciliation has sent. */
  readonly stopExpected: boolean;
  readonly dataVolumeFailed: boolean;
  readonly dataVolumeProvisioning: boolean;
  readonly unboundClaim: boolean;
}

type Question = (vm: VirtualMachine, vmi: VirtualMachineInstance | undefined, facts: StatusFacts) => boolean;

const UNPROCESSED_OR_STARTING: readonly (string | undefined)[] = [
  undefined,
  '',
  'Pending',
  'Scheduling',
  'Scheduled',
];

export const PRINTABLE_STATUSES: readonly (readonly [string, Question])[] = [
  ['Terminating', vm => vm.metadata.deletionTimestamp !== undefined],
  [
    'Stopping',
    (_vm, vmi, facts) =>
      vmi !== undefined &&
      !isFinal(vmi) &&
      (vmi.metadata.deletionTimestamp !== undefined || facts.stopExpected),
  ],
  ['Migrating', (_vm, vmi) => vmi !== undefined && isMigrating(vmi)],
  ['Paused', (_vm, vmi) => vmi?.status?.phase === 'Running' && isPaused(vmi)],
  ['Running', (_vm, vmi) => vmi?.status?.phase === 'Running' && !isPaused(vmi)],
  ['ErrorPvcNotFound', (_vm, vmi) => unsynchronized(vmi)?.reason === 'FailedPvcNotFound'],
  ['DataVolumeError', (_vm, _vmi, facts) => facts.dataVolumeFailed],
  [
    'ErrorUnschedulable',
    (_vm, vmi) => {
      const scheduled = findCondition(vmi?.status?.conditions, 'PodScheduled');
      return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
    },
  ],
  ['Provisioning', (_vm, _vmi, facts) => facts.dataVolumeProvisioning],
  ['WaitingForVolumeBinding', (vm, vmi, facts) => facts.unboundClaim && isSetToStart(vm, vmi)],
  ['ErrImagePull', (_vm, vmi) => unsynchronized(vmi)?.reason === 'ErrImagePull'],
  ['ImagePullBackOff', (_vm, vmi) => unsynchronized(vmi)?.reason === 'ImagePullBackOff'],
  [
    'Starting',
    (_vm, vmi, facts) => (vmi ? UNPROCESSED_OR_STARTING.includes(vmi.status?.phase) : facts.startExpected),
  ],
  [
    'CrashLoopBackOff',
    (vm, vmi, facts) =>
      (vmi === undefined || isFinal(vmi)) &&
      !facts.startExpected &&
      (vm.status?.startFailure?.consecutiveFailCount ?? 0) > 0 &&
      ['Always', 'RerunOnFailure', 'Once'].includes(runStrategyOf(vm) ?? ''),
  ],
  ['Stopped', (_vm, vmi, facts) => (vmi ? isFinal(vmi) : !facts.startExpected)],
  [
    'WaitingForReceiver',
    (vm, vmi) =>
      (vmi === undefined || vmi.status?.phase === 'WaitingForSync') && runStrategyOf(vm) === 'WaitAsReceiver',
  ],
];

export function printableStatus(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  facts: StatusFacts,
): string {
  return PRINTABLE_STATUSES.find(([, holds]) => holds(vm, vmi, facts))?.[0] ?? 'Unknown';
}

function isPaused(vmi: VirtualMachineInstance | undefined): boolean {
  return hasCondition(vmi?.status?.conditions, 'Paused', 'True');
}

function unsynchronized(vmi: VirtualMachineInstance | undefined): Condition | undefined {
  const condition = findCondition(vmi?.status?.conditions, 'Synchronized');
  return condition?.status === 'False' ? condition : undefined;
}

/** Whether a migration of this instance has begun and not ended. */
export function isMigrating(vmi: VirtualMachineInstance): boolean {
  const state = vmi.status?.migrationState;
  return state !== undefined && state.startTimestamp !== undefined && state.endTimestamp === undefined;
}
