/** One container as a machine that programs run on, and how they are started there. */
import type { View } from '../controller.ts';
import { nodes } from '../resources/refs.ts';
import type { Container, Pod } from '../types/core.ts';
import type { Millis } from '../types/meta.ts';
import { type ContainerTree, openContainer } from './container-files.ts';
import { runOf } from './containers.ts';
import { environmentOf, expandReferences, hostnameOf } from './environment.ts';
import { FileError, resolvePath } from './files.ts';
import { imageContents } from './images.ts';
import { type Context, INTERRUPTED, Interrupt, type Machine, type Program, fail } from './program.ts';
import { findProgram } from './programs.ts';

/** What the container runtime says of a command that no image has. */
export class NoSuchProgram extends Error {
  override readonly name = 'NoSuchProgram';
}

export interface ContainerMachine extends Machine {
  readonly tree: ContainerTree;
}

/** The command that a container runs, references to its environment resolved. */
export function mainCommand(container: Container, environment: ReadonlyMap<string, string>): string[] {
  const { command, args } = container;
  const words = command
    ? [...command, ...(args ?? [])]
    : (args ?? imageContents(container.image ?? '').command);
  return words.map(word => expandReferences(word, environment));
}

export function openMachine(
  view: View,
  pod: Pod,
  container: Container,
  restarts: number,
  now: Millis,
): ContainerMachine {
  const environment = environmentOf(view, pod, container);
  const tree = openContainer(view, pod, container, restarts);
  const security = { ...(pod.spec.securityContext as object), ...(container.securityContext as object) } as {
    runAsUser?: number;
    runAsGroup?: number;
  };
  const uid = security.runAsUser ?? 0;
  const node = view.get(nodes, undefined, pod.spec.nodeName ?? '');
  return {
    now,
    files: tree.files,
    tree,
    hostname: hostnameOf(pod),
    environment,
    user: { uid, gid: security.runAsGroup ?? 0, name: uid === 0 ? 'root' : String(uid) },
    mainCommand: mainCommand(container, environment).join(' '),
    startedAt: runOf(view, pod, container.name)?.startedAt ?? now,
    kernel: node?.status?.nodeInfo?.kernelVersion ?? '',
  };
}

/**
 * Starts a command as `kubectl exec` does.
 * @throws NoSuchProgram with the runtime's reason.
 */
export function startProgram(
  machine: Machine,
  command: readonly string[],
  container: Container,
  tty: boolean,
): Program {
  const [name = '', ...args] = command;
  const variables = new Map(machine.environment);
  if (tty) variables.set('TERM', 'xterm');
  const workingDirectory = (container as { workingDir?: string }).workingDir ?? '/';
  const context: Context = { machine, variables, directory: workingDirectory };
  const program = findProgram(context, name);
  if (!program) {
    const quoted = JSON.stringify(name);
    const path = resolvePath(workingDirectory, name);
    const reason = !name.includes('/')
      ? 'executable file not found in $PATH'
      : machine.files.get(path)
        ? 'permission denied'
        : `stat ${name}: no such file or directory`;
    throw new NoSuchProgram(`exec: ${quoted}: ${reason}`);
  }
  return guarded(program(context, args, name), name);
}

/** A program that is interrupted ends; one that runs into an error of a file says so. */
function* guarded(program: Program, name: string): Program {
  try {
    return yield* program;
  } catch (error) {
    if (error instanceof Interrupt) return INTERRUPTED;
    if (error instanceof FileError) return yield* fail(`${name}: ${error.message}`);
    throw error;
  }
}
