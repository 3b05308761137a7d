/** Files that processes write belong to the cluster's value: they fork with it and go with their pod. */
import { expect, test } from 'vitest';
import { createCluster } from '../../simulator/index.ts';
import {
  openLog,
  openMachine,
  runOf,
  startProgram,
  storeFiles,
  takeChanges,
  toText,
} from '../../simulator/processes/index.ts';
import { containerFiles } from '../../simulator/resources/internal.ts';
import { pods } from '../../simulator/resources/refs.ts';
import { finish } from './fixture.ts';

type Cluster = ReturnType<typeof createCluster>;
const user = { username: 'admin', groups: ['system:masters'] };

function clusterWithPod(): Cluster {
  const cluster = createCluster({ nodes: 1, timing: 'instant' });
  const body = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'box' },
    spec: {
      containers: ['main', 'other'].map(name => ({
        name,
        image: 'busybox',
        command: ['sh', '-c', 'while true; do date +%S; sleep 1; done'],
        env: [{ name: 'WHERE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
      })),
      volumes: [{ name: 'shared', emptyDir: {} }],
    },
  };
  cluster.request({
    verb: 'create',
    group: '',
    version: 'v1',
    resource: 'pods',
    namespace: 'default',
    user,
    body,
  });
  const running = cluster.until(
    view => view.get(pods, 'default', 'box')?.status?.phase === 'Running',
    60_000,
  );
  expect(running).toBe(true);
  cluster.advance(5_000);
  return cluster;
}

function sh(cluster: Cluster, container: string, script: string): string {
  const pod = cluster.view.get(pods, 'default', 'box');
  const found = pod?.spec.containers.find(({ name }) => name === container);
  if (!pod || !found) throw new Error('no such container');
  const machine = openMachine(cluster.view, pod, found, 0, cluster.now);
  const { stdout, stderr } = finish(machine, startProgram(machine, ['sh', '-c', script], found, false));
  storeFiles(cluster, pod, takeChanges(machine.tree));
  return stdout + stderr;
}

test('what one container writes to a volume the other reads, and nothing else of it', () => {
  const cluster = clusterWithPod();
  sh(cluster, 'main', 'echo shared > /shared/f; echo own > /tmp/f; printf "\\0\\0" > /shared/zeros');
  expect(sh(cluster, 'other', 'cat /shared/f; ls /shared /tmp')).toBe(
    'shared\n/shared:\nf\nzeros\n\n/tmp:\n',
  );
  expect(sh(cluster, 'main', 'cat /tmp/f; rm /tmp/f /shared/f; ls /tmp /shared')).toBe(
    'own\n/shared:\nzeros\n'.replace('own\n', 'own\n/tmp:\n\n'),
  );
  expect(sh(cluster, 'other', 'cat /shared/f')).toBe(
    "cat: can't open '/shared/f': No such file or directory\n",
  );
});

test('a fork has its own files', () => {
  const cluster = clusterWithPod();
  sh(cluster, 'main', 'echo before > /tmp/f');
  const fork = cluster.fork();
  sh(fork, 'main', 'echo after > /tmp/f');
  expect(sh(cluster, 'main', 'cat /tmp/f')).toBe('before\n');
  expect(sh(fork, 'main', 'cat /tmp/f')).toBe('after\n');
});

test('files go with their pod', () => {
  const cluster = clusterWithPod();
  sh(cluster, 'main', 'echo x > /tmp/f');
  expect(cluster.view.count(containerFiles)).toBe(1);
  const options = { gracePeriodSeconds: 0 };
  cluster.request({
    verb: 'delete',
    group: '',
    version: 'v1',
    resource: 'pods',
    namespace: 'default',
    name: 'box',
    user,
    options,
  });
  cluster.advance(60_000);
  expect(cluster.view.count(containerFiles)).toBe(0);
});

test('the environment and the token are those of the pod', () => {
  const cluster = clusterWithPod();
  const node = cluster.view.get(pods, 'default', 'box')?.spec.nodeName;
  expect(sh(cluster, 'main', 'echo $WHERE $HOSTNAME $KUBERNETES_SERVICE_PORT')).toBe(`${node} box 443\n`);
  const token = sh(cluster, 'main', 'cat /var/run/secrets/kubernetes.io/serviceaccount/token');
  expect(token.split('.')).toHaveLength(3);
});

test('a log says what was printed when, and the same each time', () => {
  const cluster = clusterWithPod();
  const pod = cluster.view.get(pods, 'default', 'box');
  const [container] = pod?.spec.containers ?? [];
  const current = pod && container && runOf(cluster.view, pod, container.name);
  if (!current) throw new Error('it does not run');
  const reader = () => openLog({ view: cluster.view, store: cluster.store }, pod, container, current);
  const read = (until: number) =>
    reader()
      .read(until)
      .map(({ at, bytes }) => `${at}: ${toText(bytes)}`);
  expect(read(cluster.now).length).toBeGreaterThanOrEqual(4);
  expect(read(cluster.now)).toEqual(read(cluster.now));
  const whole = reader();
  const parts = [...whole.read(current.startedAt + 2_500), ...whole.read(cluster.now)];
  expect(parts.map(({ at, bytes }) => `${at}: ${toText(bytes)}`)).toEqual(read(cluster.now));
});
