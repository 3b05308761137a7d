import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Terminal,
  forTerminal,
  readTar,
  toBytes,
  toText,
  writeTar,
} from '../../simulator/processes/index.ts';

const name = fc.stringMatching(/^[a-zäß0-9_-]{1,60}$/);
const entry = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/')),
  type: fc.constant('file' as const),
  mode: fc.integer({ min: 0, max: 0o777 }),
  changedAt: fc.integer({ min: 0, max: 4_000_000_000 }),
  content: fc.uint8Array({ maxLength: 2000 }),
});

describe('archives', () => {
  test('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), entries => {
        expect(readTar(writeTar(entries))).toEqual(entries);
      }),
    );
  });

  test('are read by tar', () => {
    const long = `${'directory/'.repeat(15)}file`;
    const archive = writeTar([
      { path: 'a', type: 'directory', mode: 0o755, changedAt: 0, content: toBytes('') },
      { path: 'a/b', type: 'file', mode: 0o644, changedAt: 0, content: toBytes('text') },
      { path: long, type: 'file', mode: 0o644, changedAt: 0, content: toBytes('') },
    ]);
    const listing = execFileSync('tar', ['tf', '-'], { input: archive, encoding: 'utf8' });
    expect(listing).toBe(`a/\na/b\n${long}\n`);
  });

  test('are refused where they are none', () => {
    expect(() => readTar(toBytes('x'.repeat(600)))).toThrow('This does not look like a tar archive');
    const whole = writeTar([
      { path: 'a', type: 'file', mode: 0o644, changedAt: 0, content: toBytes('x'.repeat(900)) },
    ]);
    expect(() => readTar(whole.slice(0, 1024))).toThrow('Unexpected EOF in archive');
  });
});

describe('a terminal', () => {
  const typed = (text: string) => {
    const { echo, lines, ...rest } = new Terminal().type(toBytes(text));
    return { echo: toText(echo), lines: lines.map(toText), ...rest };
  };

  test.each([
    ['ab\r', { echo: 'ab\r\n', lines: ['ab\n'], interrupted: false, ended: false }],
    ['ax\x7fb\n', { echo: 'ax\b \bb\r\n', lines: ['ab\n'], interrupted: false, ended: false }],
    ['ab\x03', { echo: 'ab^C\r\n', lines: [], interrupted: true, ended: false }],
    ['\x04', { echo: '', lines: [], interrupted: false, ended: true }],
    ['ab\x04', { echo: 'ab', lines: ['ab'], interrupted: false, ended: false }],
  ])('%j', (text, expected) => {
    expect(typed(text)).toEqual(expected);
  });

  test('puts a carriage return before each line end', () => {
    expect(toText(forTerminal(toBytes('a\nb\n')))).toBe('a\r\nb\r\n');
  });
});
