/** The status a kubelet reports of a launcher, as a function of the pod, its runtime record and the time. */
import { timestamp } from '../clock/index.ts';
import { hashFraction } from '../clock/index.ts';
import { findCondition } from '../types/conditions.ts';
import type { Container, ContainerState, ContainerStatus, Pod, PodPhase, PodStatus } from '../types/core.ts';
import type { PodRuntime } from '../resources/internal.ts';
import type { Condition, Millis } from '../types/meta.ts';

export interface PodSurroundings {
  readonly hostIP: string;
  /** The main process ended with an error. */
  readonly crashed: boolean;
}

type Stage = 'creating' | 'running' | 'ready' | 'stopped';

export function podStatus(now: Millis, pod: Pod, runtime: PodRuntime, around: PodSurroundings): PodStatus {
  const stage = stageAt(now, runtime);
  const { hostIP, crashed } = around;
  const started = stage !== 'creating';
  const phase: PodPhase = !started
    ? 'Pending'
    : stage !== 'stopped'
      ? 'Running'
      : crashed
        ? 'Failed'
        : 'Succeeded';
  const status: PodStatus = {
    ...pod.status,
    phase,
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime: pod.status?.startTime ?? timestamp(now),
    conditions: conditions(now, pod, stage),
    containerStatuses: pod.spec.containers.map(container =>
      containerStatus(container, pod, stage, runtime, crashed),
    ),
  };
  if (started) {
    status.podIP = runtime.podIP;
    status.podIPs = [{ ip: runtime.podIP }];
  }
  if (pod.spec.initContainers?.length) {
    status.initContainerStatuses = pod.spec.initContainers.map(container =>
      initContainerStatus(container, pod, stage, runtime),
    );
  }
  return status;
}

function stageAt(now: Millis, runtime: PodRuntime): Stage {
  if (runtime.stoppedAt !== undefined && now >= runtime.stoppedAt) return 'stopped';
  if (now >= runtime.readyAt) return 'ready';
  return now >= runtime.startedAt ? 'running' : 'creating';
}

function conditions(now: Millis, pod: Pod, stage: Stage): Condition[] {
  const started = stage !== 'creating';
  const names = `[${pod.spec.containers.map(container => container.name).join(' ')}]`;
  const containersReady = stage === 'ready';
  const unready: Partial<Condition> =
    stage === 'stopped'
      ? { reason: 'PodCompleted' }
      : { reason: 'ContainersNotReady', message: `containers with unready status: ${names}` };
  const ready = readyCondition(pod, containersReady ? undefined : unready);
  const own: Condition[] = [
    { type: 'PodReadyToStartContainers', status: started && stage !== 'stopped' ? 'True' : 'False' },
    { type: 'Initialized', status: 'True', ...(stage === 'stopped' ? { reason: 'PodCompleted' } : {}) },
    { type: 'Ready', ...ready },
    {
      type: 'ContainersReady',
      status: containersReady ? 'True' : 'False',
      ...(containersReady ? {} : unready),
    },
  ];
  return withTimes(now, pod, own);
}

/** `Ready`: its containers are, and all its readiness gates are open. */
export function readyCondition(
  pod: Pod,
  unready: Partial<Condition> | undefined,
): Partial<Condition> & { status: Condition['status'] } {
  if (unready) return { status: 'False', ...unready };
  const closed = (pod.spec.readinessGates ?? []).filter(
    gate => findCondition(pod.status?.conditions, gate.conditionType)?.status !== 'True',
  );
  if (closed.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: gatesMessage(pod, closed) };
}

/** The kubelet's own conditions with their times, after those that others keep. */
export function withTimes(now: Millis, pod: Pod, own: readonly Condition[]): Condition[] {
  const known = pod.status?.conditions ?? [];
  const kept = known.filter(condition => !own.some(({ type }) => type === condition.type));
  return [...kept, ...own.map(condition => timed(condition, findCondition(known, condition.type), now))];
}

/** A condition's transition time moves with its status only. */
function timed(condition: Condition, known: Condition | undefined, now: Millis): Condition {
  return {
    ...condition,
    lastProbeTime: null,
    lastTransitionTime:
      known?.status === condition.status ? (known.lastTransitionTime ?? timestamp(now)) : timestamp(now),
  };
}

function gatesMessage(pod: Pod, gates: readonly { conditionType: string }[]): string {
  return gates
    .map(({ conditionType }) =>
      findCondition(pod.status?.conditions, conditionType)
        ? `the status of pod readiness gate "${conditionType}" is not "True", but False`
        : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
    )
    .join(', ');
}

function containerStatus(
  container: Container,
  pod: Pod,
  stage: Stage,
  runtime: PodRuntime,
  crashed: boolean,
): ContainerStatus {
  const running = stage === 'running' || stage === 'ready';
  return {
    name: container.name,
    ready: stage === 'ready',
    started: running,
    restartCount: 0,
    image: container.image ?? '',
    ...identity(pod, container, stage),
    state: containerState(pod, container.name, stage, runtime, crashed ? 1 : 0),
  };
}

/** What names the container and its image; taken from the status before where it is there, as digests are dear. */
function identity(
  pod: Pod,
  { name, image = '' }: Container,
  stage: Stage,
): Pick<ContainerStatus, 'imageID' | 'containerID'> {
  if (stage === 'creating') return { imageID: '' };
  const known = knownStatus(pod, name);
  const { imageID, containerID } = known?.image === image ? known : {};
  return { imageID: imageID || imageId(image), containerID: containerID || containerId(pod, name) };
}

function knownStatus({ status }: Pod, name: string): ContainerStatus | undefined {
  const isIt = (each: ContainerStatus) => each.name === name;
  return status?.containerStatuses?.find(isIt) ?? status?.initContainerStatuses?.find(isIt);
}

function containerState(
  pod: Pod,
  name: string,
  stage: Stage,
  runtime: PodRuntime,
  exitCode: number,
): ContainerState {
  if (stage === 'creating') {
    return { waiting: { reason: pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating' } };
  }
  const startedAt = timestamp(runtime.startedAt);
  if (stage !== 'stopped') return { running: { startedAt } };
  return {
    terminated: {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt,
      finishedAt: timestamp(runtime.stoppedAt ?? runtime.startedAt),
      containerID: knownStatus(pod, name)?.containerID || containerId(pod, name),
    },
  };
}

/** Init containers have done their work by the time the others run; side-cars among them keep running. */
function initContainerStatus(
  container: Container,
  pod: Pod,
  stage: Stage,
  runtime: PodRuntime,
): ContainerStatus {
  const sidecar = container.restartPolicy === 'Always';
  const effective: Stage = stage === 'creating' ? 'creating' : sidecar ? stage : 'stopped';
  const status = containerStatus(
    container,
    pod,
    effective,
    { ...runtime, stoppedAt: runtime.stoppedAt ?? runtime.startedAt },
    false,
  );
  return {
    ...status,
    ready: stage !== 'creating' && (sidecar ? stage !== 'stopped' : true),
    started: sidecar && stage !== 'creating' && stage !== 'stopped',
  };
}

export function containerId(pod: Pod, name: string): string {
  return `containerd://${digest(pod.metadata.uid, name)}`;
}

export function imageId(image: string): string {
  return `${image.split('@')[0]?.replace(/:[^:/]*$/, '')}@sha256:${digest(image)}`;
}

/** 64 hexadecimal digits that depend only on their parts. No cryptography: it only has to look and compare right. */
function digest(...parts: string[]): string {
  let text = '';
  for (let word = 0; word < 8; word += 1) {
    text += Math.floor(hashFraction(word, ...parts) * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  }
  return text;
}
