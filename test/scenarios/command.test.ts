import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { combineDigests } from '../../scenarios/index.ts';
import { command, scenario } from './build.ts';

const folder = mkdtempSync(join(tmpdir(), 'scenarios-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const good = file('good.yaml', scenario('- name: wait\n  advance: 5s'));
const failing = file('failing.yaml', scenario('- expect: {kind: vm, name: nobody}'));
const bad = file('bad.yaml', scenario('- advanse: 5s'));

function digestsOf(out: string): string[] {
  return [...out.matchAll(/^digest: ([0-9a-f]{64})$/gm)].map(match => match[1] as string);
}

describe('exit codes and output', () => {
  test('0 when all passed; the last line is the digest', async () => {
    const { code, out, error } = await command([good]);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out.split('\n')).toEqual([
      `test (${good}, seed 1)`,
      '        +5s ✓ wait',
      'PASSED: 1 passed in 5s of virtual time',
      expect.stringMatching(/^digest: [0-9a-f]{64}$/),
      '',
    ]);
  });

  test('the same output twice, another digest for another seed', async () => {
    const first = await command([good]);
    expect(await command([good])).toEqual(first);
    const other = await command([good], { seed: 5 });
    expect(other.out).toContain('seed 5');
    expect(digestsOf(other.out)).not.toEqual(digestsOf(first.out));
  });

  test('1 when one failed', async () => {
    const { code, out } = await command([failing]);
    expect(code).toBe(1);
    expect(out).toContain('there is no such object');
    expect(out).toMatch(/digest: [0-9a-f]{64}\n$/);
  });

  test('2 for a file that cannot be understood, in one line with its place', async () => {
    expect(await command([bad])).toEqual({
      code: 2,
      out: '',
      error: `error: ${bad}:7:7: spec.steps[0]: unknown key "advanse" (did you mean "advance"?)\n`,
    });
    const missing = join(folder, 'missing.yaml');
    expect(await command([missing])).toEqual({
      code: 2,
      out: '',
      error: `error: ${missing}: cannot be read: ENOENT\n`,
    });
  });

  test('several files: a digest after each report, the last line for all of them', async () => {
    const { code, out } = await command([good, failing]);
    expect(code).toBe(1);
    const digests = digestsOf(out);
    expect(digests).toHaveLength(3);
    expect(digests[2]).toBe(combineDigests(digests.slice(0, 2)));
    expect(out.trimEnd().split('\n').at(-1)).toBe(`digest: ${digests[2]}`);
    expect(out).toContain('2 scenarios: 1 passed, 1 failed\n');
    expect((await command([good, bad])).code).toBe(2);
  });
});
