/** `kubevirt-simulator run FILE…`: plays scenarios, prints what came of them, and gives the exit code. */
import { readFileSync } from 'node:fs';
import { ScenarioError } from './language/source.ts';
import { textReport } from './report/text.ts';
import { combineDigests } from './run/digest.ts';
import type { ScenarioResult } from './run/result.ts';
import { runScenario } from './run/run.ts';

export interface RunCommandOptions {
  /** Overrides the seed of every scenario. */
  readonly seed?: number;
}

export interface Output {
  out(text: string): void;
  error(text: string): void;
}

const standardOutput: Output = {
  out: text => {
    process.stdout.write(text);
  },
  error: text => {
    process.stderr.write(text);
  },
};

/**
 * Runs the files in order. The last line is `digest: HEX`: of the one scenario, or of all digests together.
 * @returns 0 when all passed, 1 when one failed, 2 when one could not be read or understood.
 */
export async function runCommand(
  files: readonly string[],
  { seed }: RunCommandOptions = {},
  output: Output = standardOutput,
): Promise<number> {
  const results: ScenarioResult[] = [];
  let bad = 0;
  for (const file of files) {
    try {
      const result = runScenario({ file, text: readScenario(file) }, { seed });
      results.push(result);
      output.out(textReport(result));
      output.out(`digest: ${result.digest}\n`);
    } catch (error) {
      if (!(error instanceof ScenarioError) && !(error instanceof UnreadableError)) throw error;
      bad += 1;
      output.error(`error: ${error.message}\n`);
    }
  }
  if (files.length > 1) output.out(overview(results, bad));
  if (bad > 0) return 2;
  return results.every(result => result.passed) ? 0 : 1;
}

class UnreadableError extends Error {}

function readScenario(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UnreadableError(
      `${file}: cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
    );
  }
}

function overview(results: readonly ScenarioResult[], bad: number): string {
  const failed = results.filter(result => !result.passed);
  const counts = [
    `${results.length - failed.length} passed`,
    `${failed.length} failed`,
    ...(bad > 0 ? [`${bad} not understood`] : []),
  ];
  const lines = [
    '',
    `${results.length + bad} scenarios: ${counts.join(', ')}`,
    ...failed.map(({ file, title }) => `  ✗ ${title} (${file})`),
    `digest: ${combineDigests(results.map(result => result.digest))}`,
  ];
  return `${lines.join('\n')}\n`;
}
