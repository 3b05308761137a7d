/** Starts that fail are held back longer and longer (KubeVirt v1.9 pkg/virt-controller/watch/vm, CrashLoopBackOff). */
import { SECOND, timestamp } from '../../clock/index.ts';
import type {
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineStartFailure,
} from '../../types/kubevirt.ts';
import type { Millis } from '../../types/meta.ts';
import { isFinal, runStrategyOf } from './run-strategy.ts';

const MAXIMUM_SECONDS = 300;
const INTERVAL_SECONDS = 10;

/**
 * Seconds to wait after the n-th failure in a row: 10 n², and up to half of it on top, at most 300.
 * @param chance in [0, 1), spreads VMs that fail together
 */
export function startBackoffSeconds(failures: number, chance: number): number {
  const seconds = INTERVAL_SECONDS * Math.max(failures, 1) ** 2;
  const extra = Math.floor(chance * (Math.floor(seconds / 2) + 1));
  return Math.min(seconds + extra, MAXIMUM_SECONDS);
}

/** `status.startFailure` after looking at the instance; each instance is counted once. */
export function nextStartFailure(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  now: Millis,
  chance: number,
): VirtualMachineStartFailure | undefined {
  const old = vm.status?.startFailure;
  const ran = vmi?.status?.phaseTransitionTimestamps?.some(({ phase }) => phase === 'Running') ?? false;
  if (ran || !['Always', 'RerunOnFailure', 'Once'].includes(runStrategyOf(vm) ?? '')) return undefined;
  if (!vmi || !isFinal(vmi) || old?.lastFailedVMIUID === vmi.metadata.uid) return old;
  const count = (old?.consecutiveFailCount ?? 0) + 1;
  return {
    consecutiveFailCount: count,
    lastFailedVMIUID: vmi.metadata.uid,
    retryAfterTimestamp: timestamp(now + startBackoffSeconds(count, chance) * SECOND),
  };
}
