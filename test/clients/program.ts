/** The program as a person starts it: a process with a command line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Credentials } from './http.ts';

const BIN = fileURLToPath(new URL('../../api/bin.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Stdout up to now. */
  output(): string;
  /** Until stdout says so; fails when the program ends before. */
  until(text: string): Promise<string>;
}

export function startProgram(args: readonly string[], cwd: string): Program {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    process: child,
    ended,
    output: () => stdout,
    until: text =>
      new Promise((resolve, reject) => {
        const look = () => stdout.includes(text) && resolve(stdout);
        child.stdout.on('data', look);
        void ended.then(result => reject(new Error(`it ended: ${JSON.stringify(result)}`)), reject);
        look();
      }),
  };
}

/** Runs it to its end. */
export function runProgram(args: readonly string[], cwd: string): Promise<Ended> {
  return startProgram(args, cwd).ended;
}

/** What a kubeconfig says: where the server is and how to be let in. */
export async function readKubeconfig(file: string): Promise<Credentials & { url: string; text: string }> {
  const text = await readFile(file, 'utf8');
  const { clusters, users } = parse(text) as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  const decode = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString();
  const cluster = clusters[0]?.cluster ?? {};
  const url = cluster.server ?? '';
  return {
    text,
    url,
    port: Number(new URL(url).port),
    token: users.find(({ user }) => user.token)?.user.token ?? '',
    authority: decode(cluster['certificate-authority-data']),
    certificate: decode(users[0]?.user['client-certificate-data']),
    key: decode(users[0]?.user['client-key-data']),
  };
}
