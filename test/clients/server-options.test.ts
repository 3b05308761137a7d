/** The `serve` command as a person meets it: its options, its one message, its file, its end, its refusals. */
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCertificates } from '../../api/tls.ts';
import { send } from './http.ts';
import { type Program, readKubeconfig, runProgram, startProgram } from './program.ts';
import { eventually } from './session.ts';

const READY = 'is ready at';

let folder: string;
const running: Program[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubevirt-simulator-serve-'));
});

afterEach(async () => {
  for (const program of running.splice(0)) {
    program.process.kill('SIGKILL');
    await program.ended;
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (args: string, cwd = folder): Program => {
  const program = startProgram(['serve', ...args.split(' ')], cwd);
  running.push(program);
  return program;
};

/** Serves on a free port; the way in comes from the kubeconfig that it writes. */
async function serve(args = '') {
  const file = join(await mkdtemp(join(folder, 'run-')), 'kubeconfig');
  const program = start(`--port 0 --kubeconfig ${file}${args && ` ${args}`}`);
  await program.until('Ctrl-C');
  const access = await readKubeconfig(file);
  const ask = (path: string) => send(access, path);
  const names = async (path: string): Promise<string[]> =>
    (await ask(path)).json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  return { program, file, access, ask, names };
}

const VM = `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: loaded, namespace: default}
spec:
  runStrategy: Always
  template:
    spec:
      domain: {devices: {}, memory: {guest: 64Mi}}
`;

describe('a start', () => {
  test('says where it is and what to type next, in the default folder', async () => {
    const cwd = await mkdtemp(join(folder, 'cwd-'));
    const program = start('--port 0', cwd);
    const text = await program.until('Ctrl-C');
    const file = join(cwd, '.kubevirt-simulator', 'kubeconfig');
    const { url } = await readKubeconfig(file);
    expect(text).toBe(
      [
        `KubeVirt v1.9 on Kubernetes v1.35 is ready at ${url} (seed 1, timing fast, speed 1x).`,
        '',
        '  export KUBECONFIG=.kubevirt-simulator/kubeconfig',
        '  kubectl get nodes',
        '  kubectl apply -f my-vm.yaml',
        '',
        'Ctrl-C ends it; nothing is kept.',
        '',
      ].join('\n'),
    );
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  });

  test('the kubeconfig is there only when the server answers, whole, and for its owner alone', async () => {
    const file = join(folder, 'deep', 'er', 'kubeconfig');
    const program = start(`--port 0 --kubeconfig ${file}`);
    await eventually('a kubeconfig', () =>
      stat(file).then(
        () => true,
        () => false,
      ),
    );
    // At the very moment that it is seen:
    const access = await readKubeconfig(file);
    expect((await send(access, '/readyz')).text).toBe('ok');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'deep', 'er'))).toEqual(['kubeconfig']);
    await program.until(READY);
  });

  test('--kubeconfig replaces an older file, and makes it private', async () => {
    const file = join(folder, 'older');
    await writeFile(file, 'old', { mode: 0o644 });
    await start(`--port 0 --kubeconfig ${file}`).until(READY);
    expect(await readFile(file, 'utf8')).toContain('current-context: kubevirt-simulator');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('the server shows a certificate of the CA in the kubeconfig', async () => {
    const { access } = await serve();
    expect(access.authority).toContain('BEGIN CERTIFICATE');
    expect((await send(access, '/api/v1/namespaces/default')).code).toBe(200);
    const { authority } = await createCertificates();
    await expect(send({ ...access, authority: authority.certificate }, '/version')).rejects.toThrow();
  });

  test('--bind: any address of this machine', async () => {
    const { access, ask } = await serve('--bind 0.0.0.0');
    expect(access.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    expect((await ask('/readyz')).text).toBe('ok');
  });

  test('--port N', async () => {
    const port = await freePort();
    const file = join(folder, 'port');
    await start(`--port ${port} --kubeconfig ${file}`).until(READY);
    expect((await readKubeconfig(file)).port).toBe(port);
  });
});

describe('the cluster that is asked for', () => {
  test('--nodes N', async () => {
    const { names } = await serve('--nodes 5');
    expect(await names('/api/v1/nodes')).toEqual(['node01', 'node02', 'node03', 'node04', 'node05']);
  });

  test('--nodes FILE: machines of several kinds', async () => {
    const file = join(folder, 'nodes.yaml');
    await writeFile(
      file,
      `nodes:
  - {profile: small-intel, count: 2, namePrefix: intel, zone: a}
  - {profile: amd-epyc, name: epyc, zone: b}
  - profile:
      name: tiny
      cpu: {model: Haswell, sockets: 1, coresPerSocket: 2, threadsPerCore: 1}
      memory: 4Gi
    name: attic
`,
    );
    const { ask, names } = await serve(`--nodes ${file}`);
    expect(await names('/api/v1/nodes')).toEqual(['attic', 'epyc', 'intel01', 'intel02']);
    const { metadata, status } = (await ask('/api/v1/nodes/attic')).json;
    expect(status.capacity).toMatchObject({ cpu: '2', memory: '4Gi' });
    expect(metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'attic',
      'kubernetes.io/arch': 'amd64',
    });
    const epyc = (await ask('/api/v1/nodes/epyc')).json.metadata.labels;
    expect(epyc).toMatchObject({
      'cpu-vendor.node.kubevirt.io/AMD': 'true',
      'topology.kubernetes.io/zone': 'b',
    });
  });

  test('--load: applied in order, running as if a user had applied them', async () => {
    const first = join(folder, 'first.yaml');
    const second = join(folder, 'second.json');
    await writeFile(first, `apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n---\n${VM}`);
    await writeFile(
      second,
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'note', namespace: 'team' } }),
    );
    const { ask } = await serve(`--load ${first} ${second}`);
    expect((await ask('/api/v1/namespaces/team/configmaps/note')).code).toBe(200);
    await eventually('it runs', async () => {
      const vm = await ask('/apis/kubevirt.io/v1/namespaces/default/virtualmachines/loaded');
      return vm.json.status?.printableStatus === 'Running';
    });
  });

  /** How long a VM takes, in seconds of the cluster's own clock, and of ours. */
  async function timeToRun(options: string): Promise<{ virtual: number; wall: number }> {
    const { access, ask } = await serve(options);
    const path = '/apis/kubevirt.io/v1/namespaces/default/virtualmachine';
    const begin = performance.now();
    const created = await send(access, `${path}s`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/yaml' },
      body: VM,
    });
    expect(created.code).toBe(201);
    // oxlint-disable-next-line no-explicit-any
    let vmi: any;
    await eventually('it runs', async () => {
      vmi = (await ask(`${path}instances/loaded`)).json;
      return vmi.status?.phase === 'Running';
    });
    const wall = (performance.now() - begin) / 1_000;
    const since = (text: string) => Date.parse(text) - Date.parse(created.json.metadata.creationTimestamp);
    const reached = vmi.status.phaseTransitionTimestamps.find(
      ({ phase }: { phase: string }) => phase === 'Running',
    );
    return { virtual: since(reached.phaseTransitionTimestamp) / 1_000, wall };
  }

  test('--timing instant: nothing takes time', async () => {
    expect((await timeToRun('--timing instant')).virtual).toBe(0);
  });

  test('--timing realistic --speed 50x: as long as in a real cluster, fifty times as fast', async () => {
    const { virtual, wall } = await timeToRun('--timing realistic --speed 50x');
    expect(virtual).toBeGreaterThanOrEqual(5);
    expect(virtual).toBeLessThanOrEqual(60);
    expect(wall).toBeLessThan(virtual);
  });

  test('--seed: the same names, addresses and UIDs for the same requests, others for another', async () => {
    const play = async (seed: number) => {
      const { access, ask } = await serve(`--seed ${seed} --timing instant`);
      const uids = [];
      for (const name of ['one', 'two']) {
        const { json } = await send(access, '/api/v1/namespaces/default/configmaps', {
          method: 'POST',
          body: JSON.stringify({ metadata: { generateName: `${name}-` } }),
        });
        uids.push(json.metadata.name, json.metadata.uid);
      }
      const node = (await ask('/api/v1/nodes/node01')).json;
      return [...uids, node.metadata.uid];
    };
    const first = await play(7);
    expect(await play(7)).toEqual(first);
    const other = await play(8);
    for (const [index, value] of other.entries()) expect(value).not.toBe(first[index]);
  });
});

describe('nobody else gets in', () => {
  test('without credentials, with a wrong token, with a certificate of another CA', async () => {
    const { access } = await serve();
    const path = '/api/v1/namespaces/default/secrets';
    expect((await send(access, path)).code).toBe(200);
    expect((await send(access, path, { withCertificate: true })).code).toBe(200);
    const unauthorized = { reason: 'Unauthorized', message: 'Unauthorized', code: 401 };
    expect((await send(access, path, { stranger: true })).json).toMatchObject(unauthorized);
    expect((await send({ ...access, token: `${access.token}x` }, path)).json).toMatchObject(unauthorized);
    const { client } = await createCertificates();
    const forged = { ...access, certificate: client.certificate, key: client.key };
    expect((await send(forged, path, { withCertificate: true })).json).toMatchObject(unauthorized);
  });

  test('every start has its own CA and token', async () => {
    const [one, two] = await Promise.all([serve(), serve()]);
    expect(one.access.token).not.toBe(two.access.token);
    expect((await send({ ...two.access, token: one.access.token }, '/api/v1/pods')).code).toBe(401);
    const swapped = { ...two.access, certificate: one.access.certificate!, key: one.access.key! };
    expect((await send(swapped, '/api/v1/pods', { withCertificate: true })).code).toBe(401);
  });
});

describe('an end', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s: at once, with 0, whoever is connected', async signal => {
    const { program, access } = await serve();
    const watching = send(access, '/api/v1/pods?watch=1').catch(() => undefined);
    await new Promise(resolve => setTimeout(resolve, 200));
    const begin = performance.now();
    program.process.kill(signal);
    const { code, signal: killedBy, stderr } = await program.ended;
    expect({ code, killedBy, stderr }).toEqual({ code: 0, killedBy: null, stderr: '' });
    expect(performance.now() - begin).toBeLessThan(1_000);
    await watching;
  });

  test('SIGINT before it is ready', async () => {
    const program = start('--port 0');
    await new Promise(resolve => setTimeout(resolve, 400));
    program.process.kill('SIGINT');
    const { code, signal } = await program.ended;
    expect([0, null]).toContain(code);
    expect(code === 0 || signal === 'SIGINT').toBe(true);
  });
});

describe('refusals: one clear line, an exit code, no kubeconfig', () => {
  test.each([
    ['--colour red', /^error: unknown option '--colour'\n$/],
    ['--prot 1', /^error: unknown option '--prot' \(Did you mean --port\?\)\n$/],
    ['more', /^error: too many arguments for 'serve'/],
    ['--port', /^error: option '--port <N>' argument missing\n$/],
    ['--port x', /^error: option '--port <N>' argument 'x' is invalid\. .*0 to 65535\.\n$/],
    ['--port 65536', /^error: option '--port <N>' argument '65536' is invalid\. .*0 to 65535\.\n$/],
    ['--bind 192.0.2.1', /^error: 192\.0\.2\.1 is no address of this machine: .*--bind\n$/],
    ['--speed fast', /^error: option '--speed <X>' argument 'fast' is invalid\. .*10x.*\n$/],
    ['--speed -1', /^error: option '--speed <X>' argument '-1' is invalid\. .*\n$/],
    [
      '--timing slow',
      /^error: option '--timing <PROFILE>' argument 'slow' is invalid\. Allowed choices are instant, fast, realistic\.\n$/,
    ],
    ['--seed x', /^error: option '--seed <N>' argument 'x' is invalid\. .*\n$/],
    ['--nodes 0', /^error: --nodes 0: give 1 to 10000\n$/],
    ['--nodes absent.yaml', /^error: --nodes absent\.yaml: cannot be read: ENOENT\n$/],
    [
      '--nodes unknown-key.yaml',
      /^error: --nodes unknown-key\.yaml: line 3, column 12: nodes\[0\]\.cuont: unknown key \(did you mean "count"\?\)\n$/,
    ],
    ['--nodes no-yaml.yaml', /^error: --nodes no-yaml\.yaml: line 2, column 1: [^\n]+\n$/],
    ['--load absent.yaml', /^error: absent\.yaml: cannot be read: ENOENT\n$/],
    [
      '--load bad-kind.yaml',
      /^error: bad-kind\.yaml: document 2: Gizmo "a": no matches for kind "Gizmo" in version "v1"\n$/,
    ],
    [
      '--load bad-field.yaml',
      /^error: bad-field\.yaml: document 1: VirtualMachine "loaded": [^\n]*colour[^\n]*\n$/,
    ],
    ['--load no-yaml.yaml', /^error: no-yaml\.yaml: [^\n]+\n$/],
    [
      '--kubeconfig unknown-key.yaml/kubeconfig',
      /^error: \S+kubeconfig: cannot be written: (ENOTDIR|EEXIST)\n$/,
    ],
  ])('serve %s', async (args, line) => {
    const cwd = await mkdtemp(join(folder, 'bad-'));
    await Promise.all([
      writeFile(join(cwd, 'unknown-key.yaml'), 'nodes:\n  - profile: small-intel\n    cuont: 2\n'),
      writeFile(join(cwd, 'no-yaml.yaml'), '- { profile: small-intel\n'),
      writeFile(join(cwd, 'bad-kind.yaml'), `${VM}---\napiVersion: v1\nkind: Gizmo\nmetadata: {name: a}\n`),
      writeFile(join(cwd, 'bad-field.yaml'), VM.replace('runStrategy', 'colour: red\n  runStrategy')),
    ]);
    const free = args.includes('--port') || args === 'more' ? '' : ' --port 0';
    const { code, stdout, stderr } = await runProgram(['serve', ...`${args}${free}`.split(' ')], cwd);
    expect(stderr).toMatch(line);
    expect(stdout).toBe('');
    expect(code).toBe(1);
    await expect(stat(join(cwd, '.kubevirt-simulator'))).rejects.toThrow('ENOENT');
  });

  test('a port in use; what listens there goes on', async () => {
    const { access } = await serve();
    const cwd = join(folder, 'in-use');
    await mkdir(cwd);
    const second = await runProgram(['serve', '--port', String(access.port)], cwd);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(
      `error: port ${access.port} on 127.0.0.1 is in use: stop what listens there or choose another with --port (0: any free one)\n`,
    );
    expect(await readdir(cwd)).toEqual([]);
    expect((await send(access, '/readyz')).text).toBe('ok');
  });

  test('an unknown command', async () => {
    expect(await runProgram(['sevre'], folder)).toMatchObject({
      code: 1,
      stderr: "error: unknown command 'sevre' (Did you mean serve?)\n",
    });
  });

  test('--help names every option', async () => {
    const { code, stdout } = await runProgram(['serve', '--help'], folder);
    expect(code).toBe(0);
    for (const option of ['port', 'bind', 'kubeconfig', 'nodes', 'seed', 'speed', 'timing', 'load'])
      expect(stdout).toContain(`--${option} <`);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
