/** How kubectl prints pods (kubernetes pkg/printers/internalversion printPod, v1.35). */
import { parseTimestamp } from '../clock/index.ts';
import type { Container, ContainerStatus, Pod } from '../types/core.ts';
import type { Condition, KubeObject, Millis, Timestamp } from '../types/meta.ts';
import { AGE, column, NONE, wide } from './cells.ts';
import type { Column } from './definition.ts';
import { age } from './table.ts';

export interface PodSummary {
  /** Containers that are ready, and all there are; side-cars count. */
  ready: number;
  total: number;
  /** The STATUS column. */
  status: string;
  restarts: number;
  lastRestart?: Timestamp;
}

/** Restart counts with the time of the latest restart. */
interface Restarts {
  count: number;
  last?: Timestamp;
}

/** Works out READY, STATUS and RESTARTS of a pod. */
export function summarizePod(pod: Pod): PodSummary {
  const status = pod.status ?? {};
  const phase = status.phase ?? '';
  let reason = status.reason || phase;
  for (const condition of status.conditions ?? []) {
    if (condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated')
      reason = 'SchedulingGated';
  }

  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter(isSidecar).map(container => container.name),
  );
  const total = pod.spec.containers.length + sidecars.size;
  let ready = 0;
  let initializing = false;
  let restarts: Restarts = { count: 0 };
  let sidecarRestarts: Restarts = { count: 0 };
  const inits = status.initContainerStatuses ?? [];
  for (let index = 0; index < inits.length; index += 1) {
    const container = inits[index] as ContainerStatus;
    const sidecar = sidecars.has(container.name);
    restarts = withRestarts(restarts, container);
    if (sidecar) sidecarRestarts = withRestarts(sidecarRestarts, container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated && terminated.exitCode === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) ready += 1;
      continue;
    }
    initializing = true;
    if (terminated) reason = `Init:${terminationText(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`;
    else reason = `Init:${index}/${pod.spec.initContainers?.length ?? 0}`;
    break;
  }

  if (!initializing || isTrue(status.conditions, 'Initialized')) {
    restarts = sidecarRestarts;
    let running = false;
    const containers = status.containerStatuses ?? [];
    for (let index = containers.length - 1; index >= 0; index -= 1) {
      const container = containers[index] as ContainerStatus;
      restarts = withRestarts(restarts, container);
      const { waiting, terminated, running: runningState } = container.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = terminationText(terminated);
      else if (container.ready && runningState) {
        running = true;
        ready += 1;
      }
    }
    if (reason === 'Completed' && running)
      reason = isTrue(status.conditions, 'Ready') ? 'Running' : 'NotReady';
  }

  if (pod.metadata.deletionTimestamp) {
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (phase !== 'Failed' && phase !== 'Succeeded') reason = 'Terminating';
  }
  return { ready, total, status: reason, restarts: restarts.count, lastRestart: restarts.last };
}

/** `3 (5m ago)`. */
export function restartsText({ restarts, lastRestart }: PodSummary, now: Millis): string {
  return restarts !== 0 && lastRestart ? `${restarts} (${age(lastRestart, now)} ago)` : String(restarts);
}

function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

function withRestarts(before: Restarts, container: ContainerStatus): Restarts {
  const finished = container.lastState?.terminated?.finishedAt;
  const later =
    finished && (!before.last || parseTimestamp(finished) > parseTimestamp(before.last))
      ? finished
      : before.last;
  return { count: before.count + (container.restartCount ?? 0), last: later };
}

function terminationText(terminated: { reason?: string; signal?: number; exitCode: number }): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some(condition => condition.type === type && condition.status === 'True') ?? false;
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const passed = gates.filter(gate => isTrue(pod.status?.conditions, gate.conditionType)).length;
  return `${passed}/${gates.length}`;
}

const asPod = (object: KubeObject) => object as Pod;

export const POD_COLUMNS: readonly Column[] = [
  column('Ready', object => {
    const { ready, total } = summarizePod(asPod(object));
    return `${ready}/${total}`;
  }),
  column('Status', object => summarizePod(asPod(object)).status),
  column('Restarts', (object, { now }) => restartsText(summarizePod(asPod(object)), now)),
  AGE,
  wide('IP', object => asPod(object).status?.podIPs?.[0]?.ip ?? asPod(object).status?.podIP ?? NONE),
  wide('Node', object => asPod(object).spec.nodeName || NONE),
  wide('Nominated Node', object => asPod(object).status?.nominatedNodeName || NONE),
  wide('Readiness Gates', object => readinessGates(asPod(object))),
];
