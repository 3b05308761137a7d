/** From process start to a server that answers. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { figure, heading, median, milliseconds } from './report.ts';

const RUNS = 7;

export async function benchStart(): Promise<void> {
  heading(`Start: process start to kubeconfig written, ${RUNS} runs, 3 nodes`);
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) times.push(await oneStart());
  figure(
    'fastest / median',
    `${milliseconds(Math.min(...times))} / ${milliseconds(median(times))}`,
    '1,000 ms',
  );
}

async function oneStart(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const began = performance.now();
  const server = spawn(process.execPath, ['api/bin.js', 'serve', '--port', '0', '--kubeconfig', kubeconfig], {
    stdio: 'ignore',
  });
  while (!existsSync(kubeconfig) && performance.now() - began < 30_000) await wait(2);
  const took = performance.now() - began;
  server.kill('SIGTERM');
  await new Promise(resolve => server.once('exit', resolve));
  rmSync(folder, { recursive: true });
  return took;
}
