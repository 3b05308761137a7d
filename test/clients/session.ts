/** One person at a terminal: a kubectl, a kubeconfig and a HOME. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type KubectlBinary, type Result, type RunOptions, kubectl } from './kubectl.ts';

/** A command line split at its spaces, or its words where one of them holds a space. */
export type Command = string | readonly string[];

export type SessionOptions = Partial<Pick<RunOptions, 'input' | 'timeoutMs' | 'until' | 'environment'>>;

export interface Session {
  readonly home: string;
  /** Runs a command, whatever comes of it. */
  run(command: Command, options?: SessionOptions): Promise<Result>;
  /** The stdout of a command that ends with 0 and warns of nothing. */
  succeed(command: Command, options?: SessionOptions): Promise<string>;
  /** The stderr of a command that ends with 1 and prints nothing else. */
  fail(command: Command, options?: SessionOptions): Promise<string>;
  /** Applies manifests: the lines it prints. */
  apply(manifest: string): Promise<string>;
  /** One object, or a list, as JSON. */
  // oxlint-disable-next-line no-explicit-any
  json(what: string): Promise<any>;
}

export async function openSession(
  binary: KubectlBinary,
  server: { readonly kubeconfigFile: string; readonly home: string },
): Promise<Session> {
  const home = await mkdtemp(join(server.home, 'home-'));
  const words = (command: Command) => (typeof command === 'string' ? command.split(' ') : command);
  const session: Session = {
    home,
    run: (command, options = {}) =>
      kubectl(binary, words(command), { kubeconfig: server.kubeconfigFile, home, ...options }),
    async succeed(command, options) {
      const { code, stdout, stderr } = await session.run(command, options);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      return stdout;
    },
    async fail(command, options) {
      const { code, stdout, stderr } = await session.run(command, options);
      expect({ command, code, stdout }).toEqual({ command, code: 1, stdout: '' });
      return stderr;
    },
    async apply(manifest) {
      const { code, stdout, stderr } = await session.run('apply -f -', { input: manifest });
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('rror') });
      return stdout;
    },
    json: async what => JSON.parse(await session.succeed(`get ${what} -o json`)),
  };
  return session;
}

/** Waits until something is so. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 10_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`after ${timeoutMs} ms it is still not so: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}
