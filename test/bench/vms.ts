/** From apply to Running, in process, on virtual time. */
import { createCluster } from '../../simulator/index.ts';
import { virtualMachines } from '../../simulator/resources/refs.ts';
import { createRequest } from './objects.ts';
import { figure, heading, liveHeap, perSecond, print } from './report.ts';

const NODES = 100;

export function benchVms(): void {
  heading(`VMs from apply to Running, ${NODES} nodes, in process`);
  // One round that is not counted lets the engine compile what all others run.
  run(500);
  const rates = [1_000, 10_000].map(count => {
    const { elapsed, heap, writes } = run(count);
    figure(`${count.toLocaleString('en')} VMs`, perSecond(count, elapsed), '1,000/s');
    figure(
      `${count.toLocaleString('en')} VMs: heap a VM with its VMI, pod and events`,
      `${(heap / 1_024).toFixed(1)} KB`,
      '25 KB',
    );
    figure(`${count.toLocaleString('en')} VMs: writes a VM`, writes.toFixed(1));
    return elapsed / count;
  });
  const [small = 1, large = 1] = rates;
  print(
    `  A VM costs ${(large / small).toFixed(2)} times as much at 10,000 as at 1,000; 1.00 is linear growth.`,
  );
}

function run(count: number): { elapsed: number; heap: number; writes: number } {
  const cluster = createCluster({ nodes: NODES, journalCapacity: 1_000 });
  const before = liveHeap();
  const revision = cluster.revision;
  const began = performance.now();
  for (let at = 0; at < count; at += 1) {
    const response = cluster.request(createRequest(`vm-${at}`));
    if (response.code !== 201) throw new Error(`vm-${at}: ${response.code}`);
  }
  cluster.advance(30_000);
  const elapsed = performance.now() - began;
  const heap = (liveHeap() - before) / count;
  // Asked only now, so that the cluster is alive while its heap is measured.
  const running = cluster.view
    .list(virtualMachines)
    .filter(vm => vm.status?.printableStatus === 'Running').length;
  if (running !== count) throw new Error(`${running} of ${count} VMs run`);
  const writes = (cluster.revision - revision) / count;
  return { elapsed, heap, writes };
}
