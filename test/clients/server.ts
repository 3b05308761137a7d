/** A real server on a free port for one test file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeKubeconfig } from '../../api/kubeconfig.ts';
import { type RunningServer, startServer } from '../../api/server.ts';
import { startCluster } from '../../api/start-cluster.ts';
import type { Cluster } from '../../simulator/cluster.ts';

export interface TestServer extends RunningServer {
  readonly cluster: Cluster;
  readonly kubeconfigFile: string;
  /** A HOME for clients, removed with the server. */
  readonly home: string;
  /** Bugs of the simulator that requests ran into. */
  readonly bugs: unknown[];
}

export async function startTestServer(options: { speed?: number } = {}): Promise<TestServer> {
  const cluster = await startCluster({ seed: 1, timing: 'fast' });
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
