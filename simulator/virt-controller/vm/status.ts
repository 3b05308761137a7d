/** `status` of a VM: what its instance shows, and what the controller could not do (KubeVirt v1.9 updateStatus). */
import { timestamp } from '../../clock/index.ts';
import type { View } from '../../controller.ts';
import { withCondition, withoutCondition } from '../../types/conditions.ts';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineStatus } from '../../types/kubevirt.ts';
import type { Condition, Millis } from '../../types/meta.ts';
import { hasFailedDataVolume, hasProvisioningDataVolume, hasUnboundClaim } from '../volumes.ts';
import { GENERATION_ANNOTATION } from './instance.ts';
import { printableStatus } from './printable-status.ts';
import { isFinal, runStrategyOf } from './run-strategy.ts';
import { nextStartFailure } from './start-failure.ts';
import { volumeSnapshotStatuses } from './volume-snapshots.ts';

export interface VmSyncError {
  readonly reason: string;
  readonly message: string;
}

/** What one reconciliation has done so far that the store does not show yet. */
export interface Progress {
  readonly startExpected: boolean;
  readonly stopExpected: boolean;
  readonly error?: VmSyncError;
}

/** Conditions of the instance that the VM keeps its own account of. */
const OWN_CONDITIONS = ['Ready', 'Failure', 'RestartRequired'];

export function nextStatus(
  view: View,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  progress: Progress,
): VirtualMachineStatus {
  const { now } = view;
  const status: VirtualMachineStatus = { ...vm.status };
  const ready = vmi?.status?.conditions?.some(
    ({ type, status: value }) => type === 'Ready' && value === 'True',
  );
  if (vmi) status.created = true;
  else delete status.created;
  if (ready) status.ready = true;
  else delete status.ready;

  const observed = Number(vmi?.metadata.annotations?.[GENERATION_ANNOTATION]);
  if (vmi && Number.isInteger(observed)) {
    status.observedGeneration = observed;
    status.desiredGeneration = vm.metadata.generation ?? 0;
  }
  // Recorded with the first instance, so that it tells whether the VM was ever started.
  const strategy = runStrategyOf(vm);
  if (strategy && (status.runStrategy !== undefined || vmi)) status.runStrategy = strategy;

  if (isFirstRequestDone(vm, vmi)) {
    const rest = vm.status?.stateChangeRequests?.slice(1) ?? [];
    if (rest.length > 0) status.stateChangeRequests = rest;
    else delete status.stateChangeRequests;
  }
  const chance = view.chance('start-backoff', vm.metadata.uid, vmi?.metadata.uid ?? '');
  const startFailure = nextStartFailure(vm, vmi, now, chance);
  if (startFailure) status.startFailure = startFailure;
  else delete status.startFailure;

  status.conditions = nextConditions(status.conditions, vmi, progress.error, now) as Condition[];
  status.volumeSnapshotStatuses = volumeSnapshotStatuses(view, vm, vmi);
  if (status.volumeSnapshotStatuses.length === 0) delete status.volumeSnapshotStatuses;
  const { namespace } = vm.metadata;
  const volumes = vm.spec.template.spec.volumes ?? [];
  status.printableStatus = printableStatus({ ...vm, status }, vmi, {
    startExpected: progress.startExpected,
    stopExpected: progress.stopExpected,
    dataVolumeFailed: hasFailedDataVolume(view, namespace, volumes),
    dataVolumeProvisioning: hasProvisioningDataVolume(view, namespace, volumes),
    unboundClaim: hasUnboundClaim(view, namespace, volumes),
  });
  return status;
}

/** Requests are worked off head first: a stop when its instance has gone, a start when one lives. */
export function isFirstRequestDone(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): boolean {
  const request = vm.status?.stateChangeRequests?.[0];
  if (!request) return false;
  if (request.action === 'Stop') return !vmi || request.uid === undefined || request.uid !== vmi.metadata.uid;
  return vmi !== undefined && vmi.metadata.deletionTimestamp === undefined && !isFinal(vmi);
}

function nextConditions(
  known: readonly Condition[] | undefined,
  vmi: VirtualMachineInstance | undefined,
  error: VmSyncError | undefined,
  now: Millis,
): readonly Condition[] {
  let conditions = withCondition(known, readyCondition(vmi, now));
  conditions = error
    ? withCondition(conditions, {
        type: 'Failure',
        status: 'True',
        reason: error.reason,
        message: error.message,
        lastProbeTime: null,
        lastTransitionTime: timestamp(now),
      })
    : withoutCondition(conditions, 'Failure');
  if (!vmi) return conditions;
  const shown = vmi.status?.conditions?.filter(({ type }) => !OWN_CONDITIONS.includes(type)) ?? [];
  for (const condition of shown) conditions = withCondition(conditions, condition);
  for (const { type } of conditions) {
    if (!OWN_CONDITIONS.includes(type) && !shown.some(condition => condition.type === type)) {
      conditions = withoutCondition(conditions, type);
    }
  }
  return conditions;
}

function readyCondition(vmi: VirtualMachineInstance | undefined, now: Millis): Condition {
  const because = (reason: string, message: string): Condition => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
    lastProbeTime: timestamp(now),
    lastTransitionTime: timestamp(now),
  });
  if (!vmi) return because('VMINotExists', 'VMI does not exist');
  return (
    vmi.status?.conditions?.find(({ type }) => type === 'Ready') ??
    because('VMIConditionMissing', 'VMI is missing the Ready condition')
  );
}
