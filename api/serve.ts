/** The `serve` command: from its options to a server that runs until it is told to stop. */
import { relative, resolve } from 'node:path';
import type { TimingProfileName } from '../simulator/clock/timing.ts';
import { userOf } from './authentication.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { ADMINISTRATOR, createCertificates } from './tls.ts';

export interface ServeOptions {
  readonly port: number;
  readonly bind: string;
  readonly kubeconfig: string;
  /** A number, or a file of hardware profiles. */
  readonly nodes?: string;
  readonly seed: number;
  readonly speed: number;
  readonly timing: TimingProfileName;
  readonly load?: readonly string[];
}

/**
 * Serves until SIGINT or SIGTERM.
 * @throws SetupError for what a person can mend.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const stop: (() => Promise<void>)[] = [];
  const end = () => {
    // Nothing is worth waiting for: the cluster lives in memory.
    void Promise.allSettled(stop.map(close => close())).then(() => process.exit(0));
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);

  // Keys are made on other threads while the rest of the program loads.
  const certificates = createCertificates([options.bind]);
  const { startCluster } = await import('./start-cluster.ts');
  const { startServer } = await import('./server.ts');
  const cluster = await startCluster(options);
  if (options.load) {
    const { loadManifests } = await import('./load.ts');
    await loadManifests(cluster, options.load, userOf(ADMINISTRATOR.user, ADMINISTRATOR.groups));
  }
  const server = await startServer({
    cluster,
    port: options.port,
    bind: options.bind,
    speed: options.speed,
    certificates: await certificates,
  });
  stop.push(() => server.close());
  const file = resolve(options.kubeconfig);
  await writeKubeconfig(file, server.kubeconfig);
  process.stdout.write(greeting(server.url, file, options));
}

function greeting(url: string, kubeconfig: string, { seed, timing, speed }: ServeOptions): string {
  const near = relative(process.cwd(), kubeconfig);
  const file = near.startsWith('..') ? kubeconfig : near;
  return [
    `KubeVirt v1.9 on Kubernetes v1.35 is ready at ${url} (seed ${seed}, timing ${timing}, speed ${speed}x).`,
    '',
    `  export KUBECONFIG=${file.includes(' ') ? JSON.stringify(file) : file}`,
    '  kubectl get nodes',
    '  kubectl apply -f my-vm.yaml',
    '',
    'Ctrl-C ends it; nothing is kept.',
    '',
  ].join('\n');
}
