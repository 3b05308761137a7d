/**
 * What a container has printed. For a command that this area can run it is a replay of that command in virtual time;
 * for KubeVirt's own components it follows from the journal. Nothing is stored: the same cluster gives the same log.
 */
import type { View } from '../controller.ts';
import type { Store } from '../store/index.ts';
import type { Container, Pod } from '../types/core.ts';
import type { Millis } from '../types/meta.ts';
import { concatBytes, toBytes } from './bytes.ts';
import { componentLog } from './component-logs.ts';
import type { Run } from './containers.ts';
import { imageContents } from './images.ts';
import { NoSuchProgram, mainCommand, openMachine, startProgram } from './machine.ts';
import type { Machine, Program } from './program.ts';

export interface LogLine {
  readonly at: Millis;
  readonly stream: 'stdout' | 'stderr';
  /** With its line end, where it has one. */
  readonly bytes: Uint8Array;
}

export interface LogReader {
  /** Lines up to a moment that have not been given before. */
  read(until: Millis): LogLine[];
}

/** What logs are made from. */
export interface LogSource {
  readonly view: View;
  readonly store: Store;
}

/** The log of one run of a container. */
export function openLog(source: LogSource, pod: Pod, container: Container, run: Run): LogReader {
  const component = componentLog(source, pod, container, run);
  if (component) return bounded(component, run);
  const machine = openMachine(source.view, pod, container, run.restarts, run.startedAt);
  const command = mainCommand(container, machine.environment);
  const interactive = (container as { stdin?: boolean; tty?: boolean }).stdin === true;
  const tty = (container as { tty?: boolean }).tty === true;
  try {
    return bounded(new Replay(machine, startProgram(machine, command, container, tty), interactive), run);
  } catch (error) {
    if (!(error instanceof NoSuchProgram)) throw error;
  }
  return bounded(new FixedLog(startupLines(container, run)), run);
}

function startupLines(container: Container, run: Run): LogLine[] {
  // A command of the pod's own replaces the image's, and with it what that prints.
  if (container.command) return [];
  const { startup = [], stderr = false } = imageContents(container.image ?? '');
  return startup.map(([after, line]) => ({
    at: run.startedAt + after,
    stream: stderr ? 'stderr' : 'stdout',
    bytes: toBytes(`${line}\n`),
  }));
}

function bounded(reader: LogReader, { endedAt }: Run): LogReader {
  return endedAt === undefined ? reader : { read: until => reader.read(Math.min(until, endedAt)) };
}

class FixedLog implements LogReader {
  readonly #lines: readonly LogLine[];
  #at = 0;

  constructor(lines: readonly LogLine[]) {
    this.#lines = lines;
  }

  read(until: Millis): LogLine[] {
    const start = this.#at;
    while ((this.#lines[this.#at]?.at ?? Number.POSITIVE_INFINITY) <= until) this.#at += 1;
    return this.#lines.slice(start, this.#at);
  }
}

/** So much work for one log, then its program counts as hung. */
const MOST_STEPS = 2_000_000;

class Replay implements LogReader {
  readonly #machine: Machine;
  readonly #program: Program;
  readonly #interactive: boolean;
  #wakesAt: Millis;
  #steps = 0;
  #ended = false;
  readonly #partial: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };

  constructor(machine: Machine, program: Program, interactive: boolean) {
    this.#machine = machine;
    this.#program = program;
    this.#interactive = interactive;
    this.#wakesAt = machine.now;
  }

  read(until: Millis): LogLine[] {
    const lines: LogLine[] = [];
    while (!this.#ended && this.#wakesAt <= until) {
      this.#machine.now = this.#wakesAt;
      const step = this.#program.next();
      this.#steps += 1;
      if (step.done) {
        this.#ended = true;
        this.#flush(lines);
      } else if (step.value.op === 'write') {
        this.#take(step.value.to, step.value.bytes, lines);
      } else if (step.value.op === 'sleep') {
        this.#wakesAt += step.value.span;
      } else if (this.#interactive) {
        // It waits for somebody to type; what they do is theirs and in no log.
        this.#ended = true;
        this.#flush(lines);
      }
      if (this.#steps >= MOST_STEPS) this.#ended = true;
    }
    return lines;
  }

  #take(stream: 'stdout' | 'stderr', bytes: Uint8Array, lines: LogLine[]): void {
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      const parts = [...this.#partial[stream], bytes.subarray(start, end + 1)];
      this.#partial[stream] = [];
      lines.push({ at: this.#machine.now, stream, bytes: concatBytes(parts) });
      start = end + 1;
    }
    if (start < bytes.length) this.#partial[stream].push(bytes.subarray(start));
  }

  #flush(lines: LogLine[]): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const parts = this.#partial[stream];
      if (parts.length > 0) lines.push({ at: this.#machine.now, stream, bytes: concatBytes(parts) });
      this.#partial[stream] = [];
    }
  }
}
