/** A bare machine for programs, and a way to run them to their end at once. */
import {
  type Machine,
  type Program,
  concatBytes,
  startProgram,
  toBytes,
  toText,
} from '../../simulator/processes/index.ts';
import { Files } from '../../simulator/processes/files.ts';
import { PROGRAM_NAMES } from '../../simulator/processes/programs.ts';

export const START = Date.UTC(2026, 0, 1, 12);

export function newMachine(): Machine {
  const files = new Files(['/etc']);
  const directory = { type: 'directory', mode: 0o755, changedAt: START, content: toBytes('') } as const;
  for (const path of ['/tmp', '/root', '/etc', '/bin']) files.put(path, directory);
  for (const name of PROGRAM_NAMES) {
    files.put(`/bin/${name}`, { type: 'file', mode: 0o755, changedAt: START, content: toBytes('') });
  }
  files.put('/etc/hostname', { type: 'file', mode: 0o644, changedAt: START, content: toBytes('box\n') });
  return {
    now: START,
    files,
    hostname: 'box',
    environment: new Map([
      ['PATH', '/bin'],
      ['HOME', '/root'],
      ['GREETING', 'hello'],
    ]),
    user: { uid: 0, gid: 0, name: 'root' },
    mainCommand: 'sleep infinity',
    startedAt: START,
    kernel: '6.12.0',
  };
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Uint8Array;
  readonly took: number;
}

/** Runs a program; its input is there at once and every sleep is over at once. */
export function finish(machine: Machine, program: Program, input: readonly Uint8Array[] = []): Outcome {
  const began = machine.now;
  const out: Uint8Array[] = [toBytes('')];
  const err: Uint8Array[] = [toBytes('')];
  const queue = [...input];
  let step = program.next();
  for (let count = 0; !step.done; count += 1) {
    if (count > 100_000) throw new Error('it never ends');
    const effect = step.value;
    let answer: Uint8Array | undefined;
    if (effect.op === 'write') (effect.to === 'stdout' ? out : err).push(effect.bytes);
    else if (effect.op === 'sleep') machine.now += effect.span;
    else answer = queue.shift();
    step = program.next(answer);
  }
  const bytes = concatBytes(out);
  return {
    code: step.value,
    stdout: toText(bytes),
    stderr: toText(concatBytes(err)),
    bytes,
    took: machine.now - began,
  };
}

export function run(command: readonly string[], input?: string, machine = newMachine()): Outcome {
  const program = startProgram(machine, command, { name: 'main' }, false);
  return finish(machine, program, input === undefined ? [] : [toBytes(input)]);
}

export function sh(script: string, input?: string, machine = newMachine()): Outcome {
  return run(['sh', '-c', script], input, machine);
}
