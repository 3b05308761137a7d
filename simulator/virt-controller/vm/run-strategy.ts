/**
 * The run strategy state machine (KubeVirt v1.9 pkg/virt-controller/watch/vm syncRunStrategy): what to do with a VM,
 * from its strategy, its requests and its instance alone.
 */
import { SECOND, parseTimestamp } from '../../clock/index.ts';
import type { RunStrategy, VirtualMachine, VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { Millis } from '../../types/meta.ts';

export type Decision =
  | { readonly action: 'none' }
  | { readonly action: 'start' }
  /** Deletes the instance; `rerun` leaves a request behind to start it again. */
  | { readonly action: 'stop'; readonly rerun?: boolean }
  /** Starts are held back after failures. */
  | { readonly action: 'wait'; readonly delay: Millis }
  /** A start request on a halted VM: the strategy becomes Always. */
  | { readonly action: 'unhalt' }
  | { readonly action: 'fail'; readonly message: string };

const NONE: Decision = { action: 'none' };
const START: Decision = { action: 'start' };
const STOP: Decision = { action: 'stop' };

/** `spec.running` is the old spelling of Always and Halted. Undefined when a VM says neither, or both. */
export function runStrategyOf(vm: VirtualMachine): RunStrategy | undefined {
  const { running, runStrategy } = vm.spec;
  if (running !== undefined && runStrategy !== undefined) return undefined;
  if (runStrategy !== undefined) return runStrategy;
  return running === undefined ? undefined : running ? 'Always' : 'Halted';
}

export function isFinal(vmi: VirtualMachineInstance): boolean {
  return vmi.status?.phase === 'Succeeded' || vmi.status?.phase === 'Failed';
}

export function hasStartRequest(vm: VirtualMachine): boolean {
  return vm.status?.stateChangeRequests?.[0]?.action === 'Start';
}

export function hasStartPausedRequest(vm: VirtualMachine): boolean {
  return hasStartRequest(vm) && vm.status?.stateChangeRequests?.[0]?.data?.paused === 'true';
}

export function hasStopRequestFor(vm: VirtualMachine, vmi: VirtualMachineInstance): boolean {
  const request = vm.status?.stateChangeRequests?.[0];
  return request?.action === 'Stop' && request.uid === vmi.metadata.uid;
}

export function decide(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined, now: Millis): Decision {
  const strategy = runStrategyOf(vm);
  switch (strategy) {
    case 'Always':
      if (vmi) return hasStopRequestFor(vm, vmi) || isFinal(vmi) ? STOP : NONE;
      return startUnlessHeldBack(vm, now);
    case 'RerunOnFailure':
      return rerunOnFailure(vm, vmi, now);
    case 'Manual':
      if (vmi) return hasStopRequestFor(vm, vmi) ? STOP : NONE;
      return hasStartRequest(vm) ? START : NONE;
    case 'Halted':
      if (vmi) return STOP;
      return hasStartRequest(vm) ? { action: 'unhalt' } : NONE;
    case 'Once':
      return vmi ? NONE : START;
    case 'WaitAsReceiver':
      return vmi ? NONE : START;
    default:
      return { action: 'fail', message: `unknown runstrategy: ${strategy ?? ''}` };
  }
}

function rerunOnFailure(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined, now: Millis): Decision {
  if (vmi) {
    if (vmi.metadata.deletionTimestamp !== undefined) return NONE;
    const failed = vmi.status?.phase === 'Failed';
    return isFinal(vmi) || hasStopRequestFor(vm, vmi) ? { action: 'stop', rerun: failed } : NONE;
  }
  // The recorded strategy differs when the VM has just been switched to this one: then it starts once by itself.
  if (!hasStartRequest(vm) && vm.status?.runStrategy === 'RerunOnFailure') return NONE;
  return startUnlessHeldBack(vm, now);
}

function startUnlessHeldBack(vm: VirtualMachine, now: Millis): Decision {
  const retryAfter = vm.status?.startFailure?.retryAfterTimestamp;
  const delay = retryAfter === undefined ? 0 : parseTimestamp(retryAfter) - Math.floor(now / SECOND) * SECOND;
  return delay > 0 ? { action: 'wait', delay } : START;
}

/** Whether a VM's strategy and requests ask for a running instance (isSetToStart). */
export function isSetToStart(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): boolean {
  switch (runStrategyOf(vm)) {
    case 'Always':
      return true;
    case 'Manual':
      return vmi ? !hasStopRequestFor(vm, vmi) : hasStartRequest(vm);
    case 'RerunOnFailure':
      return vmi?.status?.phase !== 'Succeeded';
    case 'Once':
      return vmi === undefined;
    default:
      return false;
  }
}
