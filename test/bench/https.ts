/** Over HTTPS with keep-alive: this process asks, another one serves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'yaml';
import { virtualMachine } from './objects.ts';
import { figure, heading, milliseconds, perSecond, percentile } from './report.ts';

const CONNECTIONS = 16;
const GETS = 20_000;
const CREATES = 10_000;
const WATCHERS = 100;
const CHANGES = 200;
const VMS = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines';

export async function benchHttps(): Promise<void> {
  heading(`HTTPS with keep-alive, ${CONNECTIONS} connections, server in a process of its own`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const server = spawn(process.execPath, ['api/bin.js', 'serve', '--port', '0', '--kubeconfig', kubeconfig], {
    stdio: 'ignore',
  });
  try {
    while (!existsSync(kubeconfig)) await wait(20);
    const client = new Client(kubeconfig);
    await creates(client);
    await gets(client);
    await lists(client);
    await watches(client);
    client.close();
  } finally {
    await stop(server);
    rmSync(folder, { recursive: true });
  }
}

async function creates(client: Client): Promise<void> {
  const latencies = await load(CREATES, at =>
    client.send('POST', VMS, virtualMachine(`vm-${at}`, 'Halted'), 201),
  );
  report(`create a VM (${CREATES.toLocaleString('en')})`, latencies);
}

async function gets(client: Client): Promise<void> {
  report('GET a VM', await load(GETS, at => client.send('GET', `${VMS}/vm-${at % CREATES}`, undefined, 200)));
}

async function lists(client: Client): Promise<void> {
  const first = await timed(() => client.send('GET', VMS, undefined, 200));
  const again = await timed(() => client.send('GET', VMS, undefined, 200));
  figure(
    `LIST of ${CREATES.toLocaleString('en')} VMs, first / repeated`,
    `${milliseconds(first)} / ${milliseconds(again)}`,
  );
}

async function watches(client: Client): Promise<void> {
  const arrivals: number[] = [];
  const sent = new Map<string, number>();
  const streams = await Promise.all(
    Array.from({ length: WATCHERS }, () =>
      client.watch('/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=0', line => {
        const name = /"name":"(watched-\d+)"/.exec(line)?.[1];
        const began = name && sent.get(name);
        if (began) arrivals.push(performance.now() - began);
      }),
    ),
  );
  for (let at = 0; at < CHANGES; at += 1) {
    const name = `watched-${at}`;
    sent.set(name, performance.now());
    await client.send(
      'POST',
      '/api/v1/namespaces/default/configmaps',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { at: String(at) } },
      201,
    );
    await wait(10);
  }
  for (let round = 0; arrivals.length < WATCHERS * CHANGES && round < 500; round += 1) await wait(10);
  for (const stream of streams) stream.destroy();
  figure(
    `fan-out to ${WATCHERS} watchers: delivered, delay p50 / p99`,
    `${arrivals.length} of ${WATCHERS * CHANGES}, ${milliseconds(percentile(arrivals, 0.5))} / ${milliseconds(percentile(arrivals, 0.99))}`,
  );
}

async function load(
  count: number,
  one: (at: number) => Promise<void>,
): Promise<{ latencies: number[]; elapsed: number }> {
  const latencies: number[] = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < count) {
        const at = next;
        next += 1;
        latencies.push(await timed(() => one(at)));
      }
    }),
  );
  return { latencies, elapsed: performance.now() - began };
}

function report(name: string, { latencies, elapsed }: { latencies: number[]; elapsed: number }): void {
  figure(
    `${name}: rate, delay p50 / p99`,
    `${perSecond(latencies.length, elapsed)}, ${milliseconds(percentile(latencies, 0.5))} / ${milliseconds(percentile(latencies, 0.99))}`,
  );
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

async function stop(server: ChildProcess): Promise<void> {
  server.kill('SIGTERM');
  await new Promise(resolve => server.once('exit', resolve));
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data'?: string; 'client-key-data'?: string } }[];
}

class Client {
  readonly #options: RequestOptions;
  readonly #agent: Agent;

  constructor(kubeconfig: string) {
    const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const cluster = clusters[0]?.cluster;
    const user = users.find(each => each.user['client-certificate-data'])?.user;
    if (!cluster || !user) throw new Error('the kubeconfig has no cluster or no client certificate');
    const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
    const credentials = {
      ca: decode(cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    };
    this.#agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS + WATCHERS, ...credentials });
    const { hostname, port } = new URL(cluster.server);
    this.#options = { agent: this.#agent, hostname, port };
  }

  close(): void {
    this.#agent.destroy();
  }

  send(method: string, path: string, body: unknown, expected: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = request(
        {
          ...this.#options,
          method,
          path,
          headers: payload
            ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
            : {},
        },
        response => {
          response.resume();
          response.once('end', () => {
            if (response.statusCode === expected) resolve();
            else reject(new Error(`${method} ${path}: ${response.statusCode}`));
          });
        },
      );
      outgoing.once('error', reject);
      outgoing.end(payload);
    });
  }

  watch(path: string, onLine: (line: string) => void): Promise<{ destroy(): void }> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ ...this.#options, method: 'GET', path }, response => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) onLine(line);
        });
        response.on('error', () => {});
        resolve({ destroy: () => outgoing.destroy() });
      });
      outgoing.once('error', reject);
      outgoing.end();
    });
  }
}
