/** Containers of a pod: which there are, how one stands, and which of its runs is meant. */
import { parseTimestamp, SECOND } from '../clock/index.ts';
import type { View } from '../controller.ts';
import { podRuntimes } from '../resources/internal.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../types/core.ts';
import type { Millis } from '../types/meta.ts';

interface MoreStatuses {
  ephemeralContainerStatuses?: ContainerStatus[];
}

/** All containers, init and ephemeral ones included. */
export function containersOf(pod: Pod): Container[] {
  const { containers, initContainers = [] } = pod.spec;
  const ephemeral = (pod.spec as { ephemeralContainers?: Container[] }).ephemeralContainers ?? [];
  return [...containers, ...initContainers, ...ephemeral];
}

export function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const status = pod.status as (Pod['status'] & MoreStatuses) | undefined;
  const all = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  return all.find(each => each.name === name);
}

export function isRunning(pod: Pod, name: string): boolean {
  return statusOf(pod, name)?.state?.running !== undefined;
}

/** One run of a container. */
export interface Run {
  readonly startedAt: Millis;
  /** Undefined while it runs. */
  readonly endedAt: Millis | undefined;
  readonly exitCode: number | undefined;
  readonly restarts: number;
}

/** The run that runs or ran last, or the one before it; undefined where there has been none. */
export function runOf(view: View, pod: Pod, name: string, previous = false): Run | undefined {
  const status = statusOf(pod, name);
  if (!status) return undefined;
  const { state, lastState, restartCount } = status;
  if (previous) return runFrom(view, pod, name, lastState, restartCount - 1);
  return (
    runFrom(view, pod, name, state, restartCount) ??
    runFrom(view, pod, name, lastState, Math.max(0, restartCount - 1))
  );
}

function runFrom(
  view: View,
  pod: Pod,
  name: string,
  state: ContainerState | undefined,
  restarts: number,
): Run | undefined {
  const started = state?.running?.startedAt ?? state?.terminated?.startedAt;
  if (started === undefined) return undefined;
  const finished = state?.terminated?.finishedAt;
  return {
    startedAt: exactly(view, pod, name, started),
    endedAt: finished === undefined ? undefined : exactly(view, pod, name, finished),
    exitCode: state?.terminated?.exitCode,
    restarts,
  };
}

/** The moment that a timestamp of whole seconds stands for, from the kubelet's own records. */
function exactly(view: View, pod: Pod, name: string, text: string): Millis {
  const second = parseTimestamp(text);
  const runtime = view.get(podRuntimes, pod.metadata.namespace, pod.metadata.name);
  if (!runtime || runtime.podUid !== pod.metadata.uid) return second;
  const record = runtime.containers?.[name];
  const known = [
    record?.startedAt,
    record?.ended?.startedAt,
    record?.ended?.finishedAt,
    record?.previous?.startedAt,
    record?.previous?.finishedAt,
    runtime.startedAt,
    runtime.stoppedAt,
  ];
  return known.find(at => at !== undefined && at >= second && at < second + SECOND) ?? second;
}
