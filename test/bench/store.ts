/** The store at 100,000 objects: writes, clones, forks. */
import { Store } from '../../simulator/store/index.ts';
import { createCluster } from '../../simulator/index.ts';
import type { KubeObject } from '../../simulator/types/meta.ts';
import { virtualMachine } from './objects.ts';
import { figure, heading, median, milliseconds, perSecond } from './report.ts';

const OBJECTS = 100_000;
const WRITES = 100_000;
const CLONES = 201;

export function benchStore(): void {
  heading(`Store of ${OBJECTS.toLocaleString('en')} VMs`);
  const store = Store.empty({ journalCapacity: 20_000, firstRevision: 1 });
  fill(store, OBJECTS);
  const began = performance.now();
  for (let write = 0; write < WRITES; write += 1) {
    const name = `vm-${(write * 7919) % OBJECTS}`;
    const old = store.get('virtualmachines.kubevirt.io', `default/${name}`);
    if (!old) throw new Error(`${name} is missing`);
    store.commit({
      type: 'MODIFIED',
      resource: 'virtualmachines.kubevirt.io',
      object: { ...old, metadata: { ...old.metadata, labels: { touched: String(write) } } },
      time: write,
      author: 'bench',
      cause: { text: 'bench', revision: 0 },
    });
  }
  figure('updates', perSecond(WRITES, performance.now() - began));
  figure('clone, median', milliseconds(median(times(CLONES, () => store.clone()))));

  const cluster = createCluster({ nodes: 3 });
  fill(cluster.store, OBJECTS);
  figure('cluster.checkpoint(), median', milliseconds(median(times(CLONES, () => cluster.checkpoint()))));
  figure('cluster.fork(), median', milliseconds(median(times(CLONES, () => cluster.fork()))));
}

function fill(store: Store, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const name = `vm-${at}`;
    const vm = virtualMachine(name, 'Halted') as unknown as KubeObject;
    store.commit({
      type: 'ADDED',
      resource: 'virtualmachines.kubevirt.io',
      object: {
        ...vm,
        metadata: { ...vm.metadata, uid: `uid-${at}`, creationTimestamp: '2026-01-01T00:00:00Z' },
      },
      time: 0,
      author: 'bench',
      cause: { text: 'bench', revision: 0 },
    });
  }
}

function times(count: number, run: () => unknown): number[] {
  return Array.from({ length: count }, () => {
    const began = performance.now();
    run();
    return performance.now() - began;
  });
}
