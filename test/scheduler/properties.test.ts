import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addPod, makeNodeInfo, removePod, schedule } from '../../simulator/scheduler/index.ts';
import { FIRST, node, pod } from './build.ts';

const requests = fc.record({
  cpu: fc.integer({ min: 0, max: 5000 }).map(milli => `${milli}m`),
  memory: fc.integer({ min: 0, max: 9000 }).map(mebi => `${mebi}Mi`),
  'devices.kubevirt.io/kvm': fc.constantFrom('0', '1'),
});
const nodeSketch = fc.record({
  unschedulable: fc.boolean(),
  allocatable: fc.record({
    cpu: fc.integer({ min: 1, max: 8 }).map(String),
    pods: fc.integer({ min: 1, max: 4 }).map(String),
  }),
});

test('a pod that is scheduled fits: nothing is ever overcommitted', () => {
  fc.assert(
    fc.property(
      fc.array(nodeSketch, { minLength: 1, maxLength: 6 }),
      fc.array(requests, { maxLength: 30 }),
      (sketches, pods) => {
        const nodes = sketches.map((sketch, i) => node(`n${i}`, sketch));
        pods.forEach((request, i) => {
          const incoming = pod(`p${i}`, request);
          const outcome = schedule(incoming, nodes, FIRST);
          if (outcome.kind !== 'scheduled') return;
          const index = nodes.findIndex(({ name }) => name === outcome.node);
          nodes[index] = addPod(nodes[index]!, incoming);
        });
        for (const { requested, allocatable, pods: on, allowedPods, node: object } of nodes) {
          expect(requested.milliCpu).toBeLessThanOrEqual(allocatable.milliCpu);
          expect(requested.memory).toBeLessThanOrEqual(allocatable.memory);
          expect(on.length).toBeLessThanOrEqual(allowedPods);
          if (object.spec.unschedulable) expect(on).toEqual([]);
        }
      },
    ),
  );
});

test('adding and then removing a pod restores the node', () => {
  fc.assert(
    fc.property(fc.array(requests, { maxLength: 5 }), requests, fc.boolean(), (there, request, affine) => {
      const before = node(
        'a',
        {},
        there.map((r, i) => pod(`p${i}`, r)),
      );
      const term = { labelSelector: { matchLabels: { a: 'b' } }, topologyKey: 'zone' };
      const extra = pod('extra', request, {
        containers: [
          { name: 'c', resources: { requests: request }, ports: [{ containerPort: 1, hostPort: 1 }] },
        ],
        ...(affine && {
          affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
        }),
      });
      expect(removePod(addPod(before, extra), extra)).toEqual(before);
    }),
  );
});

test('adding pods one by one gives the same as making the node with them', () => {
  const pods = [pod('a', { cpu: '1' }), pod('b', { memory: '1Gi' })];
  const empty = node('n');
  expect(makeNodeInfo(empty.node, pods)).toEqual(pods.reduce(addPod, empty));
  expect(() => removePod(empty, pods[0]!)).toThrow('pod default/a is not on node n');
});

test('a pod without a place is told why by every node', () => {
  fc.assert(
    fc.property(fc.array(nodeSketch, { minLength: 1, maxLength: 6 }), sketches => {
      const nodes = sketches.map((sketch, i) => node(`n${i}`, sketch));
      const outcome = schedule(pod('huge', { cpu: '100' }), nodes, FIRST);
      if (outcome.kind !== 'unschedulable') throw new Error('scheduled');
      expect(outcome.perNode.map(({ node: name }) => name).sort()).toEqual(
        nodes.map(({ name }) => name).sort(),
      );
      const counts = outcome.message
        .split('. no new')[0]!
        .match(/\d+ (?=node|Insuff)/g)!
        .map(Number);
      // The first number is the total.
      expect(counts.slice(1).reduce((a, b) => a + b, 0)).toBe(
        counts[0] === nodes.length ? nodes.length : Number.NaN,
      );
    }),
  );
});

test('requests: sidecars add up, init containers count by their peak, overhead on top', () => {
  const c = (cpu: string, restartPolicy?: string) => ({
    name: cpu,
    resources: { requests: { cpu } },
    ...(restartPolicy && { restartPolicy }),
  });
  const busy = pod(
    'p',
    {},
    {
      containers: [c('1'), c('500m')],
      initContainers: [c('200m', 'Always'), c('3')],
      overhead: { cpu: '50m' },
    },
  );
  // Containers and sidecar: 1700m; the init container beside the sidecar: 3200m.
  expect(addPod(node('a'), busy).requested.milliCpu).toBe(3250);
});
