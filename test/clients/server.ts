/** A real server on a free port for one test file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeKubeconfig } from '../../api/kubeconfig.ts';
import { type RunningServer, startServer } from '../../api/server.ts';
import { type Cluster, createCluster } from '../../simulator/index.ts';

export interface TestServer extends RunningServer {
  readonly cluster: Cluster;
  readonly kubeconfigFile: string;
  /** A HOME for clients, removed with the server. */
  readonly home: string;
  /** Bugs of the simulator that requests ran into. */
  readonly bugs: unknown[];
}

export interface TestServerOptions {
  readonly speed?: number;
  /** How many writes are remembered; watches resume from no earlier one. */
  readonly journalCapacity?: number;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { journalCapacity } = options;
  const cluster = createCluster({
    seed: 1,
    timing: 'fast',
    startTime: Date.now(),
    ...(journalCapacity === undefined ? {} : { journalCapacity }),
  });
  const bugs: unknown[] = [];
  const server = await startServer({
    cluster,
    port: 0,
    bind: '127.0.0.1',
    speed: options.speed ?? 1,
    report: error => bugs.push(error),
  });
  const home = await mkdtemp(join(tmpdir(), 'kubevirt-simulator-'));
  const kubeconfigFile = join(home, 'kubeconfig');
  await writeKubeconfig(kubeconfigFile, server.kubeconfig);
  return {
    ...server,
    cluster,
    kubeconfigFile,
    home,
    bugs,
    async close() {
      await server.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
