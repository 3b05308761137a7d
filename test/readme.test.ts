/** The README tells the truth: its console blocks are typed again, in order, and print what they say they print. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findKubectls } from './clients/kubectl.ts';
import { type TestServer, startTestServer } from './clients/server.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KUBECTL = findKubectls().at(-1);

interface Command {
  readonly text: string;
  readonly output: string;
}

/** Commands begin with `$ `, their further lines with `> `; what follows is what they print. */
function commandsOf(markdown: string): Command[] {
  const blocks = [...markdown.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(match => match[1] ?? '');
  return blocks.flatMap(block =>
    block
      .split(/^\$ /m)
      .filter(part => part !== '')
      .map(part => {
        const [first = '', ...rest] = part.split('\n');
        const isMore = (line: string) => line === '>' || line.startsWith('> ');
        const more = rest.filter(isMore).map(line => line.slice(2));
        return { text: [first, ...more].join('\n'), output: rest.filter(line => !isMore(line)).join('\n') };
      }),
  );
}

/** What may differ from run to run: ages, generated names, addresses, nodes, and the width of columns that hold them. */
function comparable(output: string): string {
  return output
    .replaceAll(/\b10\.244\.\d+\.\d+\b/g, 'ADDRESS')
    .replaceAll(/\b(?:\d+h)?(?:\d+m)?\d+[smh]\b/g, 'AGE')
    .replaceAll(/(virt-launcher-\w+)-[a-z0-9]{5}\b/g, '$1-SUFFIX')
    .replaceAll(/\bnode0\d\b/g, 'NODE')
    .replaceAll(/ +/g, ' ')
    .replaceAll(/ $/gm, '')
    .trim();
}

const commands = commandsOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));

describe.skipIf(KUBECTL === undefined)('the README (needs a kubectl)', () => {
  let server: TestServer;
  let folder: string;

  beforeAll(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'readme-'));
    symlinkSync(join(ROOT, 'scenarios'), join(folder, 'scenarios'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });

  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  function type(text: string): Promise<{ code: number; output: string }> {
    // The file that `npm start` would have written is that of the test's server; npx finds this program.
    const script = text
      .replace('export KUBECONFIG=.kubevirt-simulator/kubeconfig', 'true')
      .replace(/^npx kubevirt-simulator/, `"${process.execPath}" "${join(ROOT, 'api', 'bin.js')}"`);
    const env = {
      ...process.env,
      HOME: folder,
      KUBECONFIG: server.kubeconfigFile,
      PATH: `${dirname(KUBECTL?.path ?? '')}:${process.env.PATH}`,
    };
    return new Promise(resolve => {
      const child = execFile(
        'bash',
        ['-c', `exec 2>&1\n${script}`],
        { cwd: folder, env },
        (error, stdout) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout });
        },
      );
      child.stdin?.end();
    });
  }

  test('has commands to try', () => {
    expect(commands.length).toBeGreaterThan(10);
  });

  test.each(commands)('$text', async ({ text, output }) => {
    const result = await type(text);
    if (text.startsWith('npx kubevirt-simulator run')) {
      expect(result.output).toMatch(/\ndigest: [0-9a-f]{64}\n$/);
    } else {
      expect(comparable(result.output)).toBe(comparable(output));
    }
    expect(result.code === 0).toBe(!/^(Error|The request is invalid)/m.test(output));
  });
});
