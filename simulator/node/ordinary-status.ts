/** What the kubelet reports of a pod that is not a launcher, from the records of its containers (pkg/kubelet/kubelet_pods.go). */
import { timestamp } from '../clock/index.ts';
import type { ContainerRuntime, EndedRun, PodRuntime } from '../resources/internal.ts';
import type { Container, ContainerState, ContainerStatus, Pod, PodPhase, PodStatus } from '../types/core.ts';
import type { Condition, Millis } from '../types/meta.ts';
import { backOff, isSidecar, restarts } from './containers.ts';
import { imageProblem } from './images.ts';
import { containerId, imageId, readyCondition, withTimes } from './pod-status.ts';

const UNKNOWN: ContainerRuntime = { stage: 'waiting', restarts: 0, crashes: 0, pullFailures: 0 };

interface Seen {
  readonly container: Container;
  readonly runtime: ContainerRuntime;
}

export function ordinaryStatus(now: Millis, pod: Pod, runtime: PodRuntime, hostIP: string): PodStatus {
  const see = (container: Container): Seen => ({
    container,
    runtime: runtime.containers?.[container.name] ?? UNKNOWN,
  });
  const main = pod.spec.containers.map(see);
  const inits = (pod.spec.initContainers ?? []).map(see);
  const phase = phaseOf(pod, main, inits);
  const finished = phase === 'Succeeded' || phase === 'Failed';
  const initialized = inits.every(isInitialized);
  const anyStarted = [...main, ...inits].some(({ runtime }) => runtime.startedAt !== undefined);
  const status: PodStatus = {
    ...pod.status,
    phase,
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime: pod.status?.startTime ?? timestamp(now),
    conditions: conditions(now, pod, { main, inits, phase, initialized, anyStarted }),
    containerStatuses: main.map(seen => containerStatus(now, pod, seen, initialized, finished)),
  };
  if (anyStarted) {
    status.podIP = runtime.podIP;
    status.podIPs = [{ ip: runtime.podIP }];
  }
  if (inits.length > 0) {
    let previousDone = true;
    status.initContainerStatuses = inits.map(seen => {
      const own = containerStatus(now, pod, seen, previousDone, finished);
      previousDone &&= isInitialized(seen);
      const ready = isSidecar(seen.container) ? own.ready : isInitialized(seen);
      return { ...own, ready };
    });
  }
  return status;
}

function isInitialized({ container, runtime }: Seen): boolean {
  if (isSidecar(container)) return runtime.stage === 'running' || runtime.ended !== undefined;
  return runtime.stage === 'ended' && runtime.ended?.exitCode === 0;
}

/** The phase as the kubelet's getPhase has it. */
function phaseOf(pod: Pod, main: readonly Seen[], inits: readonly Seen[]): PodPhase {
  for (const seen of inits) {
    if (isInitialized(seen)) continue;
    const { runtime, container } = seen;
    const code = runtime.stage === 'ended' ? runtime.ended?.exitCode : undefined;
    return code !== undefined && !restarts(pod, container, code) ? 'Failed' : 'Pending';
  }
  let waiting = 0;
  let running = 0;
  let succeeded = 0;
  let final = 0;
  for (const { container, runtime } of main) {
    const { stage, ended } = runtime;
    if (stage === 'running') running += 1;
    else if (!ended) waiting += 1;
    else if (stage === 'ended' && ended.exitCode === 0) succeeded += 1;
    if (stage === 'ended' && ended && !restarts(pod, container, ended.exitCode)) final += 1;
  }
  if (waiting > 0) return 'Pending';
  if (running > 0 || final < main.length) return 'Running';
  return succeeded === main.length ? 'Succeeded' : 'Failed';
}

interface Whole {
  readonly main: readonly Seen[];
  readonly inits: readonly Seen[];
  readonly phase: PodPhase;
  readonly initialized: boolean;
  readonly anyStarted: boolean;
}

function conditions(
  now: Millis,
  pod: Pod,
  { main, inits, phase, initialized, anyStarted }: Whole,
): Condition[] {
  const finished = phase === 'Succeeded' || phase === 'Failed';
  const unready = [...main, ...inits.filter(({ container }) => isSidecar(container))].filter(
    ({ runtime }) => !isReady(runtime, now),
  );
  const names = (list: readonly Seen[]) => `[${list.map(({ container }) => container.name).join(' ')}]`;
  const done = phase === 'Failed' ? { reason: 'PodFailed' } : { reason: 'PodCompleted' };
  const why: Partial<Condition> | undefined = finished
    ? done
    : unready.length > 0
      ? { reason: 'ContainersNotReady', message: `containers with unready status: ${names(unready)}` }
      : undefined;
  const incomplete = inits.filter(seen => !isInitialized(seen));
  const missing = {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${names(incomplete)}`,
  } as const;
  return withTimes(now, pod, [
    { type: 'PodReadyToStartContainers', status: anyStarted && !finished ? 'True' : 'False' },
    initialized
      ? { type: 'Initialized', status: 'True', ...(phase === 'Succeeded' ? done : {}) }
      : { type: 'Initialized', ...missing },
    { type: 'Ready', ...readyCondition(pod, why) },
    { type: 'ContainersReady', status: why ? 'False' : 'True', ...why },
  ]);
}

function isReady({ stage, readyAt, neverReady }: ContainerRuntime, now: Millis): boolean {
  return stage === 'running' && !neverReady && (readyAt === undefined || readyAt <= now);
}

function containerStatus(
  now: Millis,
  pod: Pod,
  { container, runtime }: Seen,
  turn: boolean,
  finished: boolean,
): ContainerStatus {
  const { stage, ended, previous, restarts: restartCount } = runtime;
  const running = stage === 'running';
  const startedOnce = runtime.startedAt !== undefined || ended !== undefined;
  const image = container.image ?? '';
  const id = (run: number) => containerId(pod, run === 0 ? container.name : `${container.name}/${run}`);
  const last = stage === 'backOff' ? ended : previous;
  return {
    name: container.name,
    ready: isReady(runtime, now),
    started: running,
    restartCount,
    image,
    imageID: startedOnce ? imageId(image) : '',
    ...(startedOnce ? { containerID: id(restartCount) } : {}),
    state: stateOf(pod, container, runtime, turn, finished, id(restartCount)),
    ...(last ? { lastState: { terminated: terminated(last, id(lastRun(stage, restartCount))) } } : {}),
  };
}

/** While it waits to be started again the last run is the one that is counted already. */
function lastRun(stage: ContainerRuntime['stage'], restartCount: number): number {
  return stage === 'backOff' ? restartCount : Math.max(0, restartCount - 1);
}

function terminated(run: EndedRun, containerID: string): NonNullable<ContainerState['terminated']> {
  return {
    exitCode: run.exitCode,
    reason: run.reason,
    startedAt: timestamp(run.startedAt),
    finishedAt: timestamp(run.finishedAt),
    containerID,
  };
}

function stateOf(
  pod: Pod,
  container: Container,
  runtime: ContainerRuntime,
  turn: boolean,
  finished: boolean,
  containerID: string,
): ContainerState {
  const image = JSON.stringify(container.image ?? '');
  switch (runtime.stage) {
    case 'waiting':
      if (finished && runtime.startedAt === undefined) return { waiting: { reason: 'PodInitializing' } };
      return {
        waiting: {
          reason: turn && !pod.spec.initContainers?.length ? 'ContainerCreating' : 'PodInitializing',
        },
      };
    case 'badImage':
      return { waiting: { reason: 'InvalidImageName', message: problemOf(container) } };
    case 'pullFailed':
      return { waiting: { reason: 'ErrImagePull', message: problemOf(container) } };
    case 'pullBackOff': {
      const message = `Back-off pulling image ${image}: ErrImagePull: ${problemOf(container)}`;
      return { waiting: { reason: 'ImagePullBackOff', message } };
    }
    case 'running':
      return { running: { startedAt: timestamp(runtime.startedAt ?? 0) } };
    case 'ended':
      return runtime.ended ? { terminated: terminated(runtime.ended, containerID) } : {};
    case 'backOff': {
      const { name, namespace, uid } = pod.metadata;
      const wait = goDuration(backOff(runtime.crashes - 1));
      const message = `back-off ${wait} restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`;
      return { waiting: { reason: 'CrashLoopBackOff', message } };
    }
  }
}

function problemOf({ image = '' }: Container): string {
  return imageProblem(image)?.message ?? '';
}

/** `10s`, `1m20s`, `5m0s`. */
function goDuration(span: Millis): string {
  const seconds = Math.round(span / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
