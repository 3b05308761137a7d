import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runScenario, textReport } from '../../scenarios/index.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const files = readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.yaml'))
  .sort();

test('the library is there', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'instancetypes/conflict.yaml',
      'instancetypes/missing-then-healed.yaml',
      'lifecycle/run-strategies.yaml',
      'preferences/disk-bus.yaml',
      'preferences/interface-model.yaml',
      'scheduling/no-room.yaml',
    ]),
  );
});

describe.each(files)('%s', name => {
  const file = join(root, 'scenarios', name);
  const source = { file: relative(root, file), text: readFileSync(file, 'utf8') };

  test('passes, and gives the same digest again', () => {
    const result = runScenario(source);
    expect(textReport(result)).not.toContain('✗');
    expect(result.passed).toBe(true);
    expect(runScenario(source).digest).toBe(result.digest);
  });

  test('passes with other seeds', () => {
    for (const seed of [0, 4711]) {
      const result = runScenario(source, { seed });
      expect(textReport(result)).not.toContain('✗');
      expect(result.seed).toBe(seed);
    }
  });
});
