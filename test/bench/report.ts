/** How figures are taken and printed. */
import { cpus, release, totalmem, type as osType } from 'node:os';

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function describeMachine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}, ${memory} GiB, ${osType()} ${release()}, Node ${process.version}`;
}

export function heading(text: string): void {
  print(`\n${text}`);
}

/** One figure; `goal` is what the project wants of it. */
export function figure(name: string, value: string, goal?: string): void {
  print(`  ${name.padEnd(58)} ${value}${goal ? `   (goal ${goal})` : ''}`);
}

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(3)} ms` : `${Math.round(value)} ms`;
}

export function perSecond(count: number, elapsedMs: number): string {
  return `${Math.round((count / elapsedMs) * 1_000).toLocaleString('en')}/s`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

/** Bytes of live heap, after everything that can go has gone. */
export function liveHeap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
