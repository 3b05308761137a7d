/**
 * The life of a pod's containers (Kubernetes 1.35 pkg/kubelet, pkg/kubelet/kuberuntime): init containers in order, image
 * pulls that fail and back off, processes that end, restarts with their back-off, probes. A pure function brings the
 * records up to a moment; what happened on the way comes back as events.
 */
import { MINUTE, SECOND } from '../clock/index.ts';
import type { ContainerRuntime, EndedRun, PodRuntime } from '../resources/internal.ts';
import type { Container, Pod } from '../types/core.ts';
import type { JsonObject, Millis } from '../types/meta.ts';
import { imageProblem } from './images.ts';
import { processOf } from './process.ts';

/** The first wait before a restart or a pull; each further one is twice as long. */
const BACK_OFF: Millis = 10 * SECOND;
const LONGEST_BACK_OFF: Millis = 5 * MINUTE;
/** A container that ran for so long starts with a clean slate. */
const FORGIVEN_AFTER: Millis = 10 * MINUTE;
/** How long the end of a container, or of a pull, is seen before the kubelet does something about it. */
const NOTICED_AFTER: Millis = SECOND;
/** How long an init container works whose command tells nothing. */
const INIT_WORK: Millis = 100;
/** SIGKILL, as a shell reports it. */
const KILLED = 137;

export interface KubeletEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface Progress {
  readonly containers: Record<string, ContainerRuntime>;
  readonly events: KubeletEvent[];
  /** When something happens next; undefined: nothing does by itself. */
  readonly next?: Millis;
}

export interface Timing {
  readonly containerStart: Millis;
  readonly containerReady: Millis;
}

type Draft = Map<string, ContainerRuntime>;

const WAITING: ContainerRuntime = { stage: 'waiting', restarts: 0, crashes: 0, pullFailures: 0 };

export function newContainers(pod: Pod): Record<string, ContainerRuntime> {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return Object.fromEntries(all.map(({ name }) => [name, WAITING]));
}

export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** Brings the containers of a pod up to `now`. */
export function advanceContainers(pod: Pod, runtime: PodRuntime, now: Millis, timing: Timing): Progress {
  const before = runtime.containers ?? {};
  const state: Draft = new Map(Object.entries(before));
  const events: KubeletEvent[] = [];
  // Each turn moves one container one stage further, earliest first, so that order among containers is true.
  for (;;) {
    begin(pod, runtime, state, timing);
    const due = earliest(state, now);
    if (!due) break;
    const [name, at] = due;
    const container = find(pod, name);
    const known = state.get(name);
    if (!container || !known) break;
    state.set(name, step(pod, container, known, at, timing, events));
    endSidecars(pod, state, at);
  }
  const pending = [...state.values()].flatMap(known => moments(known).filter(at => at > now));
  return {
    containers: Object.fromEntries(state),
    events,
    ...(pending.length > 0 ? { next: Math.min(...pending) } : {}),
  };
}

function find({ spec }: Pod, name: string): Container | undefined {
  return (
    spec.containers.find(each => each.name === name) ?? spec.initContainers?.find(each => each.name === name)
  );
}

/** The moments at which a container's record, or what is reported of it, changes. */
function moments({ stage, due, readyAt, killAt }: ContainerRuntime): Millis[] {
  const all = stage === 'running' ? [due, killAt, readyAt] : [due];
  return all.filter(at => at !== undefined);
}

/** The container that has waited longest for something that is due. */
function earliest(state: Draft, now: Millis): [string, Millis] | undefined {
  let found: [string, Millis] | undefined;
  for (const [name, { stage, due, killAt }] of state) {
    const at = stage === 'running' && killAt !== undefined ? Math.min(due ?? killAt, killAt) : due;
    if (at !== undefined && at <= now && (!found || at < found[1])) found = [name, at];
  }
  return found;
}

/** Gives those whose turn has come a moment to start at: one init container after the other, then all others. */
function begin(pod: Pod, runtime: PodRuntime, state: Draft, timing: Timing): void {
  let ready = runtime.pulledAt;
  for (const container of pod.spec.initContainers ?? []) {
    const known = state.get(container.name) ?? WAITING;
    if (isUntouched(known)) {
      state.set(container.name, { ...known, due: ready + timing.containerStart });
      return;
    }
    if (isSidecar(container)) {
      if (known.stage !== 'running' && known.ended === undefined) return;
      ready = Math.max(ready, known.startedAt ?? ready);
    } else {
      if (known.stage !== 'ended' || known.ended?.exitCode !== 0) return;
      ready = Math.max(ready, known.ended.finishedAt);
    }
  }
  for (const { name } of pod.spec.containers) {
    const known = state.get(name) ?? WAITING;
    if (isUntouched(known)) state.set(name, { ...known, due: ready + timing.containerStart });
  }
}

/** Side-cars end with the last of the containers they serve. */
function endSidecars(pod: Pod, state: Draft, at: Millis): void {
  const over = pod.spec.containers.every(container => {
    const known = state.get(container.name);
    return known?.stage === 'ended' && known.due === undefined;
  });
  if (!over) return;
  for (const container of pod.spec.initContainers ?? []) {
    const known = state.get(container.name);
    if (known && isSidecar(container)) state.set(container.name, stopped(container, known, at));
  }
}

/** A container that is told to end. */
function stopped(container: Container, known: ContainerRuntime, at: Millis): ContainerRuntime {
  const { due: _, killAt: _kill, readyAt: _ready, ...rest } = known;
  if (known.stage !== 'running') return rest;
  // Servers end in order; what only waits does not listen and is killed.
  const serves = processOf(container).runsFor === undefined;
  const startedAt = known.startedAt ?? at;
  const ended: EndedRun = serves
    ? { startedAt, finishedAt: at, exitCode: 0, reason: 'Completed' }
    : { startedAt, finishedAt: at, exitCode: KILLED, reason: 'Error' };
  return { ...rest, stage: 'ended', ended };
}

/** All containers of a pod that is told to end, as they are when they have. */
export function stopContainers(pod: Pod, runtime: PodRuntime, at: Millis): Record<string, ContainerRuntime> {
  const state = Object.entries(runtime.containers ?? {}).map(([name, known]) => {
    const container = find(pod, name);
    return [name, container ? stopped(container, known, at) : known] as const;
  });
  return Object.fromEntries(state);
}

function isUntouched({ stage, due }: ContainerRuntime): boolean {
  return stage === 'waiting' && due === undefined;
}

function step(
  pod: Pod,
  container: Container,
  known: ContainerRuntime,
  at: Millis,
  timing: Timing,
  events: KubeletEvent[],
): ContainerRuntime {
  switch (known.stage) {
    case 'waiting':
    case 'backOff':
    case 'pullBackOff':
      return start(pod, container, known, at, timing, events);
    case 'pullFailed': {
      const message = `Back-off pulling image ${JSON.stringify(container.image ?? '')}`;
      events.push(
        { type: 'Normal', reason: 'BackOff', message },
        { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' },
      );
      return { ...known, stage: 'pullBackOff', due: at - NOTICED_AFTER + backOff(known.pullFailures) };
    }
    case 'running':
      return end(pod, container, known, at, events);
    case 'ended':
      return again(pod, container, known, at, timing, events);
    case 'badImage': {
      const { due: _, ...rest } = known;
      return rest;
    }
  }
}

function start(
  pod: Pod,
  container: Container,
  known: ContainerRuntime,
  at: Millis,
  timing: Timing,
  events: KubeletEvent[],
): ContainerRuntime {
  const image = container.image ?? '';
  const quoted = JSON.stringify(image);
  const problem = imageProblem(image);
  if (problem?.kind === 'invalid') {
    events.push(
      { type: 'Warning', reason: 'InspectFailed', message: problem.message },
      { type: 'Warning', reason: 'Failed', message: 'Error: InvalidImageName' },
    );
    const { due: _, ...rest } = known;
    return { ...rest, stage: 'badImage' };
  }
  if (problem) {
    events.push(
      { type: 'Normal', reason: 'Pulling', message: `Pulling image ${quoted}` },
      { type: 'Warning', reason: 'Failed', message: `Failed to pull image ${quoted}: ${problem.message}` },
      { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' },
    );
    return {
      ...known,
      stage: 'pullFailed',
      pullFailures: known.pullFailures + 1,
      due: at + NOTICED_AFTER,
    };
  }
  events.push(
    { type: 'Normal', reason: 'Pulled', message: `Container image ${quoted} already present on machine` },
    { type: 'Normal', reason: 'Created', message: `Container created: ${container.name}` },
    { type: 'Normal', reason: 'Started', message: `Container started: ${container.name}` },
  );
  const runsFor = runningTime(pod, container);
  const restarted = known.ended !== undefined;
  return {
    stage: 'running',
    restarts: known.restarts + (restarted ? 1 : 0),
    crashes: known.crashes,
    pullFailures: 0,
    startedAt: at,
    ...(runsFor === undefined ? {} : { due: at + runsFor }),
    ...(known.ended ? { previous: known.ended } : {}),
    ...probed(container, at, timing),
  };
}

/** How long a container runs. Init containers whose command tells nothing are taken to do their work and end. */
function runningTime({ spec }: Pod, container: Container): Millis | undefined {
  const { runsFor, endless } = processOf(container);
  if (runsFor !== undefined || endless || isSidecar(container)) return runsFor;
  return spec.initContainers?.some(({ name }) => name === container.name) ? INIT_WORK : undefined;
}

interface Probes {
  readinessProbe?: unknown;
  livenessProbe?: unknown;
  startupProbe?: unknown;
}

/** When probes will have had their say: all succeed but those whose command is seen to fail. */
function probed(container: Container, at: Millis, timing: Timing): Partial<ContainerRuntime> {
  const { readinessProbe, livenessProbe, startupProbe } = container as Probes;
  const startup = startupProbe as JsonObject | undefined;
  const began = startup ? at + seconds(startup, 'initialDelaySeconds', 0) : at;
  const result: Partial<ContainerRuntime> = {};
  if (startup && fails(startup)) {
    result.neverReady = true;
    result.killAt = began + patience(startup);
    return result;
  }
  const readiness = readinessProbe as JsonObject | undefined;
  if (readiness && fails(readiness)) result.neverReady = true;
  else if (readiness) {
    const first = at + seconds(readiness, 'initialDelaySeconds', 0);
    const more = (number(readiness, 'successThreshold', 1) - 1) * seconds(readiness, 'periodSeconds', 10);
    result.readyAt = Math.max(first, began) + timing.containerReady + more;
  } else if (startup) result.readyAt = began + timing.containerReady;
  const liveness = livenessProbe as JsonObject | undefined;
  if (liveness && fails(liveness)) {
    const first = at + seconds(liveness, 'initialDelaySeconds', 0);
    result.killAt = Math.max(first, began) + patience(liveness);
  }
  return result;
}

/** From a probe's first try to its giving up. */
function patience(probe: JsonObject): Millis {
  return (number(probe, 'failureThreshold', 3) - 1) * seconds(probe, 'periodSeconds', 10);
}

function fails({ exec }: JsonObject): boolean {
  const command = (exec as JsonObject | undefined)?.command;
  if (!Array.isArray(command)) return false;
  const { exitCode = 0 } = processOf({ name: '', command: command as string[] });
  return exitCode !== 0;
}

function seconds(probe: JsonObject, field: string, fallback: number): Millis {
  return number(probe, field, fallback) * SECOND;
}

function number(probe: JsonObject, field: string, fallback: number): number {
  const value = probe[field];
  return typeof value === 'number' ? value : fallback;
}

function end(
  pod: Pod,
  container: Container,
  known: ContainerRuntime,
  at: Millis,
  events: KubeletEvent[],
): ContainerRuntime {
  const killed =
    known.killAt !== undefined && known.killAt <= at && (known.due === undefined || at < known.due);
  const startedAt = known.startedAt ?? at;
  // Whoever was attached to the process knows best how it ended.
  const exitCode = known.exited ?? processOf(container).exitCode ?? 0;
  const ended: EndedRun = killed
    ? { startedAt, finishedAt: at, exitCode: KILLED, reason: 'Error' }
    : { startedAt, finishedAt: at, exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
  if (killed) {
    const which = (container as Probes).livenessProbe ? 'liveness' : 'startup';
    events.push(
      {
        type: 'Warning',
        reason: 'Unhealthy',
        message: `${which === 'liveness' ? 'Liveness' : 'Startup'} probe failed: `,
      },
      {
        type: 'Normal',
        reason: 'Killing',
        message: `Container ${container.name} failed ${which} probe, will be restarted`,
      },
    );
  }
  const forgiven = at - startedAt >= FORGIVEN_AFTER;
  return {
    stage: 'ended',
    restarts: known.restarts,
    crashes: forgiven ? 0 : known.crashes,
    pullFailures: 0,
    startedAt,
    ended,
    ...(known.previous ? { previous: known.previous } : {}),
    ...(restarts(pod, container, ended.exitCode) ? { due: at + NOTICED_AFTER } : {}),
  };
}

/** Whether a container that ended with this code is started again. */
export function restarts(pod: Pod, container: Container, exitCode: number): boolean {
  if (isSidecar(container)) return true;
  const policy = pod.spec.restartPolicy ?? 'Always';
  const isInit = pod.spec.initContainers?.some(each => each.name === container.name) ?? false;
  if (isInit) return exitCode !== 0 && policy !== 'Never';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** The first restart is immediate; each further one waits. */
function again(
  pod: Pod,
  container: Container,
  known: ContainerRuntime,
  at: Millis,
  timing: Timing,
  events: KubeletEvent[],
): ContainerRuntime {
  const next = { ...known, crashes: known.crashes + 1 };
  if (known.crashes === 0) return start(pod, container, next, at, timing, events);
  const { name, namespace, uid } = pod.metadata;
  const message = `Back-off restarting failed container ${container.name} in pod ${name}_${namespace}(${uid})`;
  events.push({ type: 'Warning', reason: 'BackOff', message });
  const finishedAt = known.ended?.finishedAt ?? at;
  return { ...next, stage: 'backOff', due: finishedAt + backOff(known.crashes) };
}

export function backOff(failures: number): Millis {
  return Math.min(BACK_OFF * 2 ** Math.max(0, failures - 1), LONGEST_BACK_OFF);
}
