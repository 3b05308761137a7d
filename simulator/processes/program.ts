/**
 * What a simulated process is: a generator that says what it wants of the world and is told the answer. It neither
 * waits nor reads a clock, so the same program serves a live session, a replay of a log and a test.
 */
import type { Millis } from '../types/meta.ts';
import { toBytes } from './bytes.ts';
import type { Files } from './files.ts';

export type Effect =
  | { readonly op: 'write'; readonly to: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  /** Answered with the next bytes of standard input; undefined at its end. */
  | { readonly op: 'read' }
  | { readonly op: 'sleep'; readonly span: Millis };

/** Returns its exit code. */
export type Program = Generator<Effect, number, Uint8Array | undefined>;

/** What a process runs on: one container. */
export interface Machine {
  /** Virtual time; whoever runs the program keeps it. */
  now: Millis;
  /** May be replaced while a program waits: others write to the same container. */
  files: Files;
  readonly hostname: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly user: { readonly uid: number; readonly gid: number; readonly name: string };
  /** The container's own command, as `ps` shows it. */
  readonly mainCommand: string;
  readonly startedAt: Millis;
  readonly kernel: string;
}

/** A shell's or a command's own part of a machine. */
export interface Context {
  readonly machine: Machine;
  readonly variables: Map<string, string>;
  directory: string;
}

/** Ctrl-C. */
export class Interrupt extends Error {
  override readonly name = 'Interrupt';
}

/** What shells report for processes that SIGINT ended. */
export const INTERRUPTED = 130;

export function* print(text: string): Program {
  if (text !== '') yield { op: 'write', to: 'stdout', bytes: toBytes(text) };
  return 0;
}

/** Prints `PROGRAM: MESSAGE` and fails. */
export function* fail(message: string, code = 1): Program {
  yield { op: 'write', to: 'stderr', bytes: toBytes(`${message}\n`) };
  return code;
}

/** All of standard input. */
export function* readAll(): Generator<Effect, Uint8Array[], Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const bytes = yield { op: 'read' };
    if (bytes === undefined) return parts;
    parts.push(bytes);
  }
}
