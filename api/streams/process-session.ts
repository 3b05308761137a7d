/** Runs one simulated process against a client's streams, in virtual time. */
import { setImmediate as turn } from 'node:timers/promises';
import { ApiError } from '../../simulator/apiserver/index.ts';
import {
  type ContainerMachine,
  Interrupt,
  type Program,
  Terminal,
  forTerminal,
  openContainer,
  revisionOf,
  runOf,
  storeFiles,
  takeChanges,
} from '../../simulator/processes/index.ts';
import { pods } from '../../simulator/resources/refs.ts';
import type { Container, Pod } from '../../simulator/types/core.ts';
import type { StreamContext } from './context.ts';
import type { RemoteStreams } from './remote-streams.ts';

/** What a process that its container's end has killed exits with. */
export const KILLED = 137;
/** A process may be ahead of virtual time by so much: loops that hardly wait need not wait for each turn. */
const LEAD_MS = 50;
const EFFECTS_PER_TURN = 200;

export interface ProcessSession {
  readonly pod: Pod;
  readonly container: Container;
  readonly machine: ContainerMachine;
  readonly program: Program;
  readonly tty: boolean;
}

/** @returns the exit code; undefined when the client went away first. */
export async function runProcess(
  context: StreamContext,
  session: ProcessSession,
  streams: RemoteStreams,
): Promise<number | undefined> {
  const input = new Input(streams, session.tty);
  const isOver = containerWatch(context, session);
  let gone = false;
  streams.onClose(() => {
    gone = true;
    input.wake();
  });
  const stopTicking = context.ticker.onTick(() => input.wake());
  try {
    return await new Run(context, session, streams, input, () => gone, isOver).toEnd();
  } finally {
    stopTicking();
    session.program.return(0);
  }
}

/** Whether the container has ended, or its pod is another one by now. */
export function containerWatch(
  { cluster }: StreamContext,
  { pod, container }: Pick<ProcessSession, 'pod' | 'container'>,
): () => boolean {
  const { namespace, name, uid } = pod.metadata;
  const started = runOf(cluster.view, pod, container.name);
  return () => {
    const current = cluster.view.get(pods, namespace, name);
    if (current?.metadata.uid !== uid) return true;
    const run = runOf(cluster.view, current, container.name);
    return run === undefined || run.endedAt !== undefined || run.restarts !== started?.restarts;
  };
}

class Run {
  readonly #context: StreamContext;
  readonly #session: ProcessSession;
  readonly #streams: RemoteStreams;
  readonly #input: Input;
  readonly #isGone: () => boolean;
  readonly #isOver: () => boolean;
  #tree: ContainerMachine['tree'];
  #revision: string;

  constructor(
    context: StreamContext,
    session: ProcessSession,
    streams: RemoteStreams,
    input: Input,
    isGone: () => boolean,
    isOver: () => boolean,
  ) {
    this.#context = context;
    this.#session = session;
    this.#streams = streams;
    this.#input = input;
    this.#isGone = isGone;
    this.#isOver = isOver;
    this.#tree = session.machine.tree;
    this.#revision = session.machine.tree.revision;
  }

  async toEnd(): Promise<number | undefined> {
    const { program, machine } = this.#session;
    machine.now = Math.max(machine.now, this.#context.ticker.now());
    let step = program.next();
    for (let count = 1; !step.done; count += 1) {
      const effect = step.value;
      let answer: Uint8Array | undefined;
      if (effect.op === 'write') {
        await this.#write(effect.to, effect.bytes);
      } else {
        this.#save();
        if (effect.op === 'read') answer = await this.#input.next(() => this.#isGone() || this.#isOver());
        else await this.#sleep(machine.now + effect.span);
        this.#refresh();
      }
      if (this.#isGone()) return undefined;
      if (this.#isOver()) return KILLED;
      if (count % EFFECTS_PER_TURN === 0) await turn();
      step = this.#input.takeInterrupt() ? program.throw(new Interrupt()) : program.next(answer);
    }
    this.#save();
    return step.value;
  }

  async #write(to: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> {
    const { tty } = this.#session;
    const stream = to === 'stdout' || tty ? this.#streams.stdout : this.#streams.stderr;
    if (!stream || stream.writableEnded || stream.destroyed) return;
    if (stream.write(tty ? forTerminal(bytes) : bytes)) return;
    await new Promise<void>(resolve => {
      stream.once('drain', resolve);
      this.#streams.onClose(() => resolve());
    });
  }

  async #sleep(until: number): Promise<void> {
    const { machine } = this.#session;
    machine.now = until;
    while (this.#context.ticker.now() + LEAD_MS < until) {
      if (this.#isGone() || this.#isOver() || this.#input.isInterrupted) return;
      await this.#input.woken();
    }
  }

  #save(): void {
    const changes = takeChanges(this.#tree);
    if (changes.length === 0) return;
    try {
      storeFiles(this.#context.cluster, this.#session.pod, changes);
    } catch (error) {
      // The namespace may be going away, and the files with it.
      if (!(error instanceof ApiError)) throw error;
    }
    this.#context.clock.wake();
    this.#revision = revisionOf(this.#context.cluster.view, this.#tree.mounts);
  }

  /** Takes over what other processes have written meanwhile. */
  #refresh(): void {
    const { machine, pod, container } = this.#session;
    machine.now = Math.max(machine.now, this.#context.ticker.now());
    const { view } = this.#context.cluster;
    const revision = revisionOf(view, this.#tree.mounts);
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#tree = openContainer(view, pod, container, runOf(view, pod, container.name)?.restarts ?? 0);
    machine.files = this.#tree.files;
  }
}

/** What the client types, through a terminal where there is one. */
class Input {
  readonly #queue: (Uint8Array | undefined)[] = [];
  readonly #terminal: Terminal | undefined;
  readonly #streams: RemoteStreams;
  #ended = false;
  #wake: (() => void) | undefined;
  isInterrupted = false;

  constructor(streams: RemoteStreams, tty: boolean) {
    this.#streams = streams;
    this.#terminal = tty ? new Terminal() : undefined;
    const { stdin } = streams;
    if (!stdin) this.#ended = true;
    stdin?.on('data', (chunk: Buffer) => this.#take(chunk));
    const end = () => {
      this.#ended = true;
      this.wake();
    };
    stdin?.on('end', end);
    stdin?.on('close', end);
    stdin?.on('error', end);
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  woken(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }

  takeInterrupt(): boolean {
    const interrupted = this.isInterrupted;
    this.isInterrupted = false;
    return interrupted;
  }

  /** The next bytes; undefined at the end, or once `over` holds. */
  async next(over: () => boolean): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#queue.length > 0) {
        const bytes = this.#queue.shift();
        if (this.#queue.length < MOST_QUEUED) this.#streams.stdin?.resume();
        return bytes;
      }
      if (this.#ended || this.isInterrupted || over()) return undefined;
      await this.woken();
    }
  }

  #take(chunk: Buffer): void {
    if (this.#terminal) {
      const { echo, lines, interrupted, ended } = this.#terminal.type(chunk);
      if (echo.length > 0) this.#streams.stdout?.write(echo);
      this.#queue.push(...lines);
      if (interrupted) this.isInterrupted = true;
      if (ended) this.#queue.push(undefined);
    } else {
      this.#queue.push(chunk);
    }
    if (this.#queue.length >= MOST_QUEUED) this.#streams.stdin?.pause();
    this.wake();
  }
}

const MOST_QUEUED = 64;
