/** Logs, commands, copies and forwarded ports, as real clients see them: kubectl over each of its protocols, and raw WebSockets. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { open, send } from './http.ts';
import { type KubectlBinary, type Result, findKubectls, kubectl } from './kubectl.ts';
import { type TestServer, startTestServer } from './server.ts';

const PODS = `
apiVersion: v1
kind: Pod
metadata: {name: box}
spec:
  containers:
  - name: main
    image: busybox
    command: [sh, -c, 'i=0; while true; do i=$((i+1)); echo line $i; sleep 1; done']
    ports: [{containerPort: 8080}]
    volumeMounts: [{name: shared, mountPath: /shared}]
  volumes: [{name: shared, emptyDir: {}}]
---
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  initContainers: [{name: prep, image: busybox, command: [echo, prepared]}]
  containers:
  - {name: web, image: nginx}
  - {name: side, image: busybox, command: [sleep, infinity]}
---
apiVersion: v1
kind: Pod
metadata: {name: unplaced}
spec:
  nodeSelector: {no: such-node}
  containers: [{name: main, image: busybox, command: [sleep, infinity]}]
---
apiVersion: v1
kind: Pod
metadata: {name: broken}
spec:
  containers: [{name: main, image: registry.invalid/nothing}]
---
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: vm}
spec:
  domain:
    devices: {interfaces: [{name: default, masquerade: {}}]}
    resources: {requests: {memory: 64Mi}}
  networks: [{name: default, pod: {}}]
---
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: deaf}
spec:
  domain:
    devices: {autoattachSerialConsole: false, autoattachGraphicsDevice: false}
    resources: {requests: {memory: 64Mi}}
`;

const kubectls = findKubectls();
const VMI = '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances';
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  const [binary] = kubectls;
  if (!binary) return;
  await run(binary, ['apply', '-f', '-'], { input: PODS });
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { stdout } = await run(binary, ['get', 'pods,vmi', '--no-headers']);
    const { stdout: printed } = await run(binary, ['logs', 'box', '--ignore-errors']);
    if (
      printed.includes('line 4') &&
      /box +1\/1/.test(stdout) &&
      /two +2\/2/.test(stdout) &&
      /\/vm .*Running/.test(stdout)
    )
      break;
    if (Date.now() > deadline) throw new Error(`they never run: ${stdout}`);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
});

afterAll(async () => {
  await server?.close();
  expect(server?.bugs).toEqual([]);
});

interface Options {
  input?: string;
  environment?: Record<string, string>;
  until?: (stdout: string) => boolean;
  cwd?: string;
}

async function run(binary: KubectlBinary, args: readonly string[], options: Options = {}): Promise<Result> {
  const home = await mkdtemp(join(server.home, 'home-'));
  return kubectl(binary, args, { kubeconfig: server.kubeconfigFile, home, timeoutMs: 20_000, ...options });
}

describe.each(kubectls)('logs with kubectl $name', binary => {
  const logs = (command: string, options?: Options) => run(binary, ['logs', ...command.split(' ')], options);

  test('all of it, its end, its beginning, since a while, with times', async () => {
    expect((await logs('box')).stdout).toMatch(/^line 1\nline 2\n/);
    expect((await logs('box --tail=2')).stdout).toMatch(/^line \d+\nline \d+\n$/);
    expect((await logs('box --limit-bytes=10')).stdout).toBe('line 1\nlin');
    expect((await logs('box --since=2s')).stdout).not.toContain('line 1\n');
    expect((await logs('box --tail=1 --timestamps')).stdout).toMatch(
      /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line \d+\n$/,
    );
  });

  test('follows', async () => {
    const { stdout } = await logs('box -f --tail=1', { until: text => text.split('\n').length > 3 });
    const numbers = [...stdout.matchAll(/line (\d+)/g)].map(match => Number(match[1]));
    expect(numbers.slice(0, 3)).toEqual([0, 1, 2].map(each => each + (numbers[0] ?? 0)));
  });

  test('of one of several containers', async () => {
    expect(await logs('two -c prep')).toMatchObject({ stdout: 'prepared\n', stderr: '' });
    expect((await logs('two')).stderr).toBe('Defaulted container "web" out of: web, side, prep (init)\n');
    expect((await logs('two --all-containers --prefix')).stdout).toContain('[pod/two/prep] prepared\n');
  });

  test('of KubeVirt, in its own form', async () => {
    const launcher = await logs('-l kubevirt.io=virt-launcher -c compute --tail=-1');
    expect(launcher.stdout).toContain('"msg":"Found PID for default_vm: 80"');
    const handlers = await logs('-n kubevirt -l kubevirt.io=virt-handler --tail=-1');
    // The expression of KubeVirt's own suite.
    expect(handlers.stdout).toMatch(
      /"kind":"Domain","level":"info","msg":"Domain is in state Running reason Unknown","name":"vm"/,
    );
    for (const line of handlers.stdout.trim().split('\n'))
      expect(JSON.parse(line)).toHaveProperty('timestamp');
  });

  test('are refused in the kubelet’s words', async () => {
    expect((await logs('box -p')).stderr).toBe(
      'Error from server (BadRequest): previous terminated container "main" in pod "box" not found\n',
    );
    expect((await logs('broken')).stderr).toMatch(
      /^Error from server \(BadRequest\): container "main" in pod "broken" is waiting to start: (trying and failing to pull image|image can't be pulled)\n$/,
    );
    expect(await logs('unplaced')).toMatchObject({ code: 0, stdout: '' });
  });
});

const PROTOCOLS: readonly { protocol: string; environment: Record<string, string> }[] = [
  { protocol: 'WebSocket', environment: {} },
  {
    protocol: 'SPDY',
    environment: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
  },
];
const WAYS = kubectls.flatMap(binary => PROTOCOLS.map(way => ({ ...way, binary, name: binary.name })));

describe.each(WAYS)('kubectl $name over $protocol', ({ binary, environment, protocol }) => {
  const exec = (args: readonly string[], input?: string) =>
    run(binary, ['exec', ...args], { environment, ...(input === undefined ? {} : { input }) });

  test('exec: output, errors and exit code', async () => {
    expect(await exec(['box', '--', 'echo', 'hi'])).toEqual({ code: 0, stdout: 'hi\n', stderr: '' });
    expect(await exec(['box', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      code: 7,
      stdout: 'out\n',
      stderr: 'err\ncommand terminated with exit code 7\n',
    });
    expect((await exec(['two', '-c', 'side', '--', 'hostname'])).stdout).toBe('two\n');
  });

  test('exec: standard input to its end', async () => {
    expect((await exec(['-i', 'box', '--', 'cat'], 'typed\n')).stdout).toBe('typed\n');
    expect(await exec(['-i', 'box', '--', 'sh'], 'x=4\necho x$x\nexit $x\n')).toMatchObject({
      code: 4,
      stdout: 'x4\n',
    });
    const long = 'abcdefgh\n'.repeat(100_000);
    expect((await exec(['-i', 'box', '--', 'wc', '-c'], long)).stdout).toBe('900000\n');
  });

  test('exec: what cannot be run', async () => {
    expect(await exec(['box', '--', 'nosuch'])).toMatchObject({ code: 1, stdout: '' });
    expect((await exec(['box', '--', 'nosuch'])).stderr).toMatch(
      /error executing command in container: failed to exec in container: .*exec: "nosuch": executable file not found in \$PATH: unknown\n$/,
    );
    expect((await exec(['unplaced', '--', 'ls'])).stderr).toContain(
      'pod unplaced does not have a host assigned',
    );
    expect((await exec(['broken', '--', 'ls'])).stderr).toBe(
      `error: ${protocol === 'SPDY' ? '' : 'Internal error occurred: '}unable to upgrade connection: container not found ("main")\n`,
    );
  });

  test('attach prints what comes', async () => {
    const { stdout } = await run(binary, ['attach', 'box'], {
      environment,
      until: text => text.includes('line'),
    });
    expect(stdout).toMatch(/line \d+\n/);
  });

  test('run -i: attached until it ends', async () => {
    const name = `run-${randomBytes(3).toString('hex')}`;
    const args = [
      'run',
      name,
      '-i',
      '--quiet',
      '--restart=Never',
      '--image=busybox',
      '--command',
      '--',
      'cat',
    ];
    expect(await run(binary, args, { environment, input: 'to the end' })).toMatchObject({
      code: 0,
      stdout: 'to the end',
    });
  });

  test('cp there and back', async () => {
    const cwd = await mkdtemp(join(server.home, 'files-'));
    await mkdir(join(cwd, 'tree', 'inner'), { recursive: true });
    const bytes = randomBytes(200_000);
    await writeFile(join(cwd, 'tree', 'text'), 'text\n');
    await writeFile(join(cwd, 'tree', 'inner', 'bytes'), bytes);
    const target = `/shared/${randomBytes(4).toString('hex')}`;
    expect(await run(binary, ['cp', 'tree', `box:${target}`], { environment, cwd })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect((await exec(['box', '--', 'cat', `${target}/text`])).stdout).toBe('text\n');
    expect(await run(binary, ['cp', `box:${target}`, 'back'], { environment, cwd })).toMatchObject({
      code: 0,
    });
    expect(await readFile(join(cwd, 'back', 'inner', 'bytes'))).toEqual(bytes);
  });

  async function forwarded<T>(
    args: readonly string[],
    use: (port: number) => Promise<T>,
  ): Promise<{ result: T; log: string }> {
    const child = spawn(binary.path, ['port-forward', ...args], {
      env: { PATH: process.env.PATH, HOME: server.home, KUBECONFIG: server.kubeconfigFile, ...environment },
    });
    let log = '';
    const ended = new Promise(resolve => child.on('close', resolve));
    try {
      const port = await new Promise<number>((resolve, reject) => {
        const look = (chunk: Buffer) => {
          log += chunk.toString();
          const match = /127\.0\.0\.1:(\d+) ->/.exec(log);
          if (match) resolve(Number(match[1]));
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.on('close', () => reject(new Error(log)));
      });
      return { result: await use(port), log };
    } finally {
      setTimeout(() => child.kill('SIGINT'), 500);
      await ended;
    }
  }

  test('port-forward: HTTP, several connections', async () => {
    const { result } = await forwarded(['pod/two', ':80'], async port => {
      const pages = [1, 2, 3].map(async () => (await fetch(`http://127.0.0.1:${port}/`)).text());
      return Promise.all(pages);
    });
    expect(result.map(page => page.includes('Welcome to nginx!'))).toEqual([true, true, true]);
  });

  test('port-forward: nothing listens there', async () => {
    const { result } = await forwarded(['pod/box', ':99'], async port => {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
      return answer instanceof Error;
    });
    expect(result).toBe(true);
  });

  test('port-forward: KubeVirt’s health over TLS, with the configuration’s revision', async () => {
    const revision = (
      await run(binary, [
        'get',
        'kubevirt',
        '-n',
        'kubevirt',
        '-o',
        'jsonpath={.items[0].metadata.resourceVersion}',
      ])
    ).stdout;
    const pods = (
      await run(binary, ['get', 'pods', '-n', 'kubevirt', '-l', 'kubevirt.io=virt-handler', '-o', 'name'])
    ).stdout;
    const { result } = await forwarded(['-n', 'kubevirt', pods.split('\n')[0] ?? '', ':8443'], async port => {
      const target = { ...server, port };
      const moved = await send(target, '//healthz');
      return { moved: [moved.code, moved.headers.location], health: (await send(target, '/healthz')).json };
    });
    expect(result.moved).toEqual([301, '/healthz']);
    expect(result.health).toMatchObject({
      apiserver: { connectivity: 'ok' },
      'config-resource-version': revision,
    });
  });
});

interface Conversation {
  readonly protocol: string;
  /** All messages; in a channel protocol each with its channel before it. */
  readonly messages: string[];
  readonly code: number;
}

function talk(
  path: string,
  protocols: string[],
  input: readonly Buffer[] = [],
  after = 0,
): Promise<Conversation> {
  return new Promise((resolve, reject) => {
    const client = connect(path, protocols);
    const messages: string[] = [];
    client.on('open', () => {
      for (const each of input) client.send(each);
      if (after > 0) setTimeout(() => client.close(), after);
    });
    client.on('message', (data: Buffer) => messages.push(data.toString('latin1')));
    client.on('close', code => resolve({ protocol: client.protocol, messages, code }));
    client.on('error', reject);
  });
}

function connect(path: string, protocols: string[]): WebSocket {
  const headers = { Authorization: `Bearer ${server.token}` };
  return new WebSocket(`${server.url.replace('https', 'wss')}${path}`, protocols, {
    rejectUnauthorized: false,
    headers,
  });
}

/** The answer to an upgrade that is refused. */
function refused(path: string): Promise<{ code: number; message: string }> {
  return new Promise((resolve, reject) => {
    const client = connect(path, ['plain.kubevirt.io']);
    client.on('open', () => reject(new Error('it was not refused')));
    client.on('error', () => {});
    client.on('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({
          code: response.statusCode ?? 0,
          message: (JSON.parse(text) as { message: string }).message,
        });
      });
    });
  });
}

describe.runIf(kubectls.length > 0)('WebSockets', () => {
  const EXEC =
    '/api/v1/namespaces/default/pods/box/exec?stdout=true&stderr=true&command=sh&command=-c&command=';
  const script = `${EXEC}${encodeURIComponent('echo x; exit 3')}`;
  const status = (text: string) => JSON.parse(text.slice(1)) as Record<string, unknown>;

  test.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])('%s ends with a Status', async protocol => {
    const told = await talk(script, ['channel.k8s.io', protocol]);
    expect([told.protocol, told.messages[0], told.code]).toEqual([protocol, '\u0001x\n', 1000]);
    expect(status(told.messages[1] ?? '')).toMatchObject({
      metadata: {},
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    });
    const fine = await talk(`${EXEC}true`, [protocol]);
    expect(fine.messages).toEqual(['\u0003{"metadata":{},"status":"Success"}']);
  });

  test.each(['v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'])(
    '%s ends with text',
    async protocol => {
      const told = await talk(script, [protocol]);
      expect(told.messages).toEqual([
        '\u0001x\n',
        '\u0003command terminated with non-zero exit code: error executing command [sh -c echo x; exit 3], exit code 3',
      ]);
    },
  );

  test('base64 for browsers, beside their token', async () => {
    const token = `base64url.bearer.authorization.k8s.io.${Buffer.from(server.token).toString('base64url')}`;
    const told = await talk(script, [token, 'base64.channel.k8s.io']);
    expect([told.protocol, told.messages[0]]).toEqual(['base64.channel.k8s.io', '1eAo=']);
  });

  test('v5 closes standard input alone', async () => {
    const path = '/api/v1/namespaces/default/pods/box/exec?stdin=true&stdout=true&command=cat';
    const told = await talk(path, ['v5.channel.k8s.io'], [Buffer.from('\0abc'), Buffer.from([255, 0])]);
    expect(told.messages).toEqual(['\u0001abc', '\u0003{"metadata":{},"status":"Success"}']);
  });

  test('a terminal echoes, prompts, edits and interrupts', async () => {
    const path = '/api/v1/namespaces/default/pods/box/exec?stdin=true&stdout=true&tty=true&command=sh';
    const client = connect(path, ['v4.channel.k8s.io']);
    let screen = '';
    client.on('message', (data: Buffer) => {
      if (data[0] === 1) screen += data.subarray(1).toString();
    });
    const shows = async (text: string) => expect.poll(() => screen, { timeout: 5_000 }).toContain(text);
    const type = (text: string) => client.send(Buffer.from(`\0${text}`));
    await shows('/ # ');
    client.send(Buffer.from('\u0004{"Width":80,"Height":24}\n'));
    type('echo ax\u007fb\r');
    await shows('\r\nab\r\n/ # ');
    type('sleep 100\r');
    await shows('sleep 100\r\n');
    type('\u0003');
    await shows('^C\r\n/ # ');
    type('exit\r');
    await new Promise(resolve => client.once('close', resolve));
  });

  test('ports by numbered channels', async () => {
    const path = '/api/v1/namespaces/default/pods/box/portforward?ports=8080&ports=99';
    const told = await talk(path, ['v4.channel.k8s.io'], [Buffer.from('\0GET / HTTP/1.0\r\n\r\n')], 700);
    const channel = (number: number) =>
      told.messages
        .filter(each => each.charCodeAt(0) === number)
        .map(each => each.slice(1))
        .join('');
    expect(channel(0)).toMatch(/^\x90\x1fHTTP\/1\.1 200 OK[^]*pod default\/box, port 8080\n$/);
    expect(channel(1)).toBe('\x90\x1f');
    expect(channel(3)).toMatch(/^c\0error forwarding port 99 to pod .*connect: connection refused $/);
  });

  test('a request that asks for no upgrade is told to', async () => {
    const answer = await send(server, `${EXEC}true`, { method: 'POST' });
    expect(answer).toMatchObject({
      code: 400,
      json: { message: 'Upgrade request required', reason: 'BadRequest' },
    });
  });

  test('a log is a stream of text', async () => {
    const response = await open(server, '/api/v1/namespaces/default/pods/box/log?follow=true&tailLines=1');
    expect(response.headers).toMatchObject({ 'content-type': 'text/plain', 'transfer-encoding': 'chunked' });
    response.destroy();
    const wrong = await send(server, '/api/v1/namespaces/default/pods/two/log');
    expect(wrong.json.message).toBe(
      'a container name must be specified for pod two, choose one of: [web side] or one of the init containers: [prep]',
    );
    const invalid = await send(server, '/api/v1/namespaces/default/pods/box/log?tailLines=-1&sinceSeconds=0');
    expect(invalid.json.message).toBe(
      'PodLogOptions "box" is invalid: [tailLines: Invalid value: -1: must be greater than or equal to 0, sinceSeconds: Invalid value: 0: must be greater than 0]',
    );
  });
});

describe.runIf(kubectls.length > 0)('virtual machines', () => {
  test('a console echoes, asks who is there, and belongs to whoever came last', async () => {
    const first = connect(`${VMI}/vm/console`, ['fantasy.protocol', 'plain.kubevirt.io']);
    let screen = '';
    first.on('message', (data: Buffer) => (screen += data.toString()));
    const cut = new Promise<number>(resolve => first.once('close', resolve));
    await new Promise(resolve => first.once('open', resolve));
    expect(first.protocol).toBe('plain.kubevirt.io');
    await expect
      .poll(
        () => {
          if (!screen.includes('login: ')) first.send(Buffer.from('\n'));
          return screen;
        },
        { interval: 300, timeout: 10_000 },
      )
      .toContain('vm login: ');
    first.send(Buffer.from('root\n'));
    await expect.poll(() => screen).toContain('root\r\nPassword: ');
    const second = connect(`${VMI}/vm/console`, []);
    // Cut off without a close frame: Go's client reports an unexpected EOF.
    expect(await cut).toBe(1006);
    second.terminate();
  });

  test('port 22 of a guest greets, others refuse', async () => {
    const told = await talk(`${VMI}/vm/portforward/22`, ['plain.kubevirt.io']);
    expect(told.messages.join('')).toMatch(/^SSH-2\.0-OpenSSH/);
    expect(await refused(`${VMI}/vm/portforward/80/tcp`)).toMatchObject({
      code: 500,
      message: expect.stringMatching(
        /^Internal error occurred: dialing VM: dial tcp [\d.]+:80: connect: connection refused$/,
      ),
    });
  });

  test.each([
    ['nobody/console', 404, 'virtualmachineinstance.kubevirt.io "nobody" not found'],
    ['deaf/console', 400, 'No serial consoles are present.'],
    ['deaf/vnc', 400, 'No graphics devices are present.'],
    [
      'vm/usbredir',
      409,
      'Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "vm": Not configured with USB Redirection',
    ],
    ['vm/vsock?port=1', 400, 'VSOCK is not attached.'],
  ])('%s is refused before the upgrade', async (path, code, message) => {
    expect(await refused(`${VMI}/${path}`)).toEqual({ code, message });
  });
});
