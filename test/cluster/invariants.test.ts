import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../simulator/cluster.ts';
import { objectKey } from '../../simulator/resources/definition.ts';
import * as refs from '../../simulator/resources/refs.ts';
import { decodeErrors, prune, schemaFor, validateObject } from '../../simulator/schemas/index.ts';
import type { Pod } from '../../simulator/types/core.ts';
import type { KubeObject } from '../../simulator/types/meta.ts';
import { addQuantities, compareQuantities } from '../../simulator/types/quantity.ts';
import {
  act,
  addNode,
  claim,
  create,
  createVm,
  destroy,
  endGuest,
  onClaim,
  smallCluster,
  untilStatus,
} from './fixture.ts';
import { type Action, actions, perform } from './operations.ts';

/** Long enough for every grace period and start to be over; starts that are held back come to no harm. */
const REST = 150_000;

const nameOf = ({ kind, metadata }: KubeObject) => `${kind} ${objectKey(metadata.namespace, metadata.name)}`;

function* all(cluster: Cluster): Generator<KubeObject> {
  for (const resource of cluster.store.resources()) yield* cluster.store.objects(resource);
}

/** Objects all of whose owners are gone. */
function dangling(cluster: Cluster): string[] {
  const uids = new Set([...all(cluster)].map(({ metadata }) => metadata.uid));
  return [...all(cluster)]
    .filter(
      ({ metadata }) =>
        metadata.ownerReferences?.length && !metadata.ownerReferences.some(({ uid }) => uids.has(uid)),
    )
    .map(nameOf);
}

/** Launchers that run for nobody: without an instance of their own, and not on their way out. */
function strayLaunchers(cluster: Cluster): string[] {
  return cluster.view
    .list(refs.pods)
    .filter(({ metadata }) => metadata.labels?.['kubevirt.io'] === 'virt-launcher')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => {
      const uid = metadata.labels?.['kubevirt.io/created-by'] ?? '';
      return cluster.view.lookup('uid', uid, refs.virtualMachineInstances).length === 0;
    })
    .map(nameOf);
}

const isOver = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Nodes on which more is requested than there is. */
function overbooked(cluster: Cluster): string[] {
  const found: string[] = [];
  for (const node of cluster.view.list(refs.nodes)) {
    const requested: Record<string, string> = {};
    const bound = cluster.view.lookup('podNode', node.metadata.name, refs.pods).filter(pod => !isOver(pod));
    for (const pod of bound) {
      for (const { resources } of pod.spec.containers) {
        for (const [name, amount] of Object.entries(resources?.requests ?? {})) {
          requested[name] = addQuantities(requested[name] ?? '0', amount);
        }
      }
    }
    for (const [name, amount] of Object.entries(requested)) {
      if (compareQuantities(amount, node.status?.allocatable?.[name] ?? '0') > 0) {
        found.push(`${node.metadata.name}: ${amount} of ${name}`);
      }
    }
    if (bound.length > Number(node.status?.allocatable?.pods))
      found.push(`${node.metadata.name}: ${bound.length} pods`);
  }
  return found;
}

const internal = 'internal.simulator.kubevirt.io';

/**
 * Objects with fields that their kind does not have, or with values that it does not allow: by the schema for custom
 * kinds, by decoder and rules for those that are built in.
 */
function invalidObjects(cluster: Cluster, objects: Iterable<KubeObject>): string[] {
  const found: string[] = [];
  for (const object of objects) {
    const slash = object.apiVersion.indexOf('/');
    const group = slash < 0 ? '' : object.apiVersion.slice(0, slash);
    if (group === internal) continue;
    const { kind } = object;
    const schema = schemaFor(group, object.apiVersion.slice(slash + 1), kind);
    const definition = cluster.registry.byKind(group, kind);
    if (!schema || !definition) throw new Error(`${object.apiVersion} ${kind} has no schema`);
    // As a client reads it: what is undefined is not there.
    const json = JSON.parse(JSON.stringify(object)) as KubeObject;
    for (const path of prune(schema, json).unknown) found.push(`${kind}: unknown ${path}`);
    const errors = definition.custom
      ? validateObject(schema, json as never)
      : (definition.validate?.(json) ?? []);
    for (const { field, message } of errors) found.push(`${kind}: ${field}: ${message}`);
    if (!definition.custom) found.push(...decodeErrors(schema, kind, json));
  }
  return [...new Set(found)];
}

function live(options = {}): Cluster {
  return smallCluster({ nodes: 2, ...options });
}

describe('whatever is done to a cluster', () => {
  test('at any moment: no node is overbooked, no instance has two live guests', () => {
    fc.assert(
      fc.property(actions(25), steps => {
        const cluster = live();
        for (const step of steps) {
          perform(cluster, step);
          expect(overbooked(cluster)).toEqual([]);
          const alive = cluster.view
            .list(refs.pods)
            .filter(
              pod =>
                pod.metadata.labels?.['kubevirt.io'] === 'virt-launcher' &&
                !isOver(pod) &&
                !pod.metadata.deletionTimestamp,
            )
            .map(({ metadata }) => metadata.labels?.['kubevirt.io/created-by']);
          expect(new Set(alive).size).toBe(alive.length);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('at rest: nothing dangles, no launcher runs for nobody, VMs say what is', () => {
    fc.assert(
      fc.property(actions(25), steps => {
        const cluster = live();
        for (const step of steps) perform(cluster, step);
        cluster.advance(REST);
        expect(dangling(cluster)).toEqual([]);
        expect(strayLaunchers(cluster)).toEqual([]);
        for (const vm of cluster.view.list(refs.virtualMachines)) {
          const vmi = cluster.view.get(refs.virtualMachineInstances, 'default', vm.metadata.name);
          const owned = vmi?.metadata.ownerReferences?.some(({ uid }) => uid === vm.metadata.uid)
            ? vmi
            : undefined;
          expect(vm.metadata.deletionTimestamp).toBeUndefined();
          expect(vm.status?.created ?? false).toBe(owned !== undefined);
          if (vm.status?.printableStatus === 'Running') expect(owned?.status?.phase).toBe('Running');
          if (owned?.status?.phase === 'Running')
            expect(['Running', 'Paused']).toContain(vm.status?.printableStatus);
        }
        for (const vmi of cluster.view.list(refs.virtualMachineInstances)) {
          expect(vmi.metadata.deletionTimestamp).toBeUndefined();
          expect(['Pending', 'Scheduling', 'Running', 'Succeeded', 'Failed']).toContain(vmi.status?.phase);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('at any moment: what controllers have written is valid', () => {
    fc.assert(
      fc.property(actions(20), steps => {
        const cluster = live();
        for (const step of steps as Action[]) perform(cluster, step);
        cluster.advance(3_000);
        expect(invalidObjects(cluster, all(cluster))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('a namespace of it can be emptied', () => {
    fc.assert(
      fc.property(actions(15), steps => {
        const cluster = live();
        create(cluster, refs.namespaces, { metadata: { name: 'space' } });
        for (const step of steps) perform(cluster, step);
        for (const name of ['vm', 'web', 'db']) destroy(cluster, refs.virtualMachines, name);
        cluster.advance(1_000);
        for (const name of ['vm', 'web', 'db']) destroy(cluster, refs.virtualMachineInstances, name);
        cluster.advance(REST);
        const left = [...all(cluster)].filter(
          ({ kind, metadata }) => metadata.namespace === 'default' && kind !== 'Event',
        );
        expect(
          left
            .map(nameOf)
            .filter(name => !name.startsWith('PersistentVolumeClaim'))
            .sort(),
        ).toEqual(['ConfigMap default/kube-root-ca.crt', 'ServiceAccount default/default']);
      }),
      { numRuns: 20 },
    );
  });
});

describe('every state of every object on its way is valid', () => {
  const story: readonly (readonly [string, (cluster: Cluster) => void])[] = [
    [
      'a start, a restart and a stop',
      cluster => {
        createVm(cluster, 'vm', { runStrategy: 'Always', labels: { app: 'x' } });
        untilStatus(cluster, 'Running');
        act(cluster, 'restart', 'vm');
        cluster.advance(20_000);
        act(cluster, 'stop', 'vm');
        cluster.advance(60_000);
      },
    ],
    [
      'a crash and a deletion',
      cluster => {
        createVm(cluster, 'vm', { runStrategy: 'RerunOnFailure' });
        untilStatus(cluster, 'Running');
        endGuest(cluster, 'Crashed');
        cluster.advance(20_000);
        destroy(cluster, refs.virtualMachines, 'vm', { propagationPolicy: 'Foreground' });
        cluster.advance(60_000);
      },
    ],
    [
      'a claim that comes late, and a VM that fits nowhere',
      cluster => {
        createVm(cluster, 'vm', { runStrategy: 'Always', spec: onClaim('data') });
        createVm(cluster, 'big', { runStrategy: 'Always', memory: '900Gi' });
        cluster.advance(5_000);
        create(cluster, refs.persistentVolumeClaims, claim('data', 'late'));
        untilStatus(cluster, 'Running');
        addNode(cluster, 'node9', 9);
        cluster.advance(5_000);
      },
    ],
    [
      'an instancetype and a preference',
      cluster => {
        create(cluster, refs.instancetypes, {
          metadata: { name: 'small', namespace: 'default' },
          spec: { cpu: { guest: 2 }, memory: { guest: '256Mi' } },
        });
        createVm(cluster, 'vm', {
          runStrategy: 'Always',
          spec: { domain: { devices: {} }, networks: [{ name: 'default', pod: {} }].slice(1) },
          more: {
            instancetype: { kind: 'VirtualMachineInstancetype', name: 'small' },
            preference: { kind: 'VirtualMachinePreference', name: 'late' },
          },
        });
        cluster.advance(5_000);
        create(cluster, refs.preferences, {
          metadata: { name: 'late', namespace: 'default' },
          spec: { devices: { preferredDiskBus: 'virtio' } },
        });
        untilStatus(cluster, 'Running');
      },
    ],
    [
      'a namespace that ends',
      cluster => {
        create(cluster, refs.namespaces, { metadata: { name: 'space' } });
        create(cluster, refs.configMaps, {
          metadata: { name: 'held', namespace: 'space', finalizers: ['example.com/hold'] },
        });
        destroy(cluster, refs.namespaces, 'space');
        cluster.advance(10_000);
      },
    ],
  ];

  test.each(story)('%s', (_name, tell) => {
    const cluster = live();
    const written: KubeObject[] = [];
    cluster.onCommit(({ object }) => written.push(object));
    tell(cluster);
    expect(written.length).toBeGreaterThan(3);
    expect(invalidObjects(cluster, written)).toEqual([]);
  });
});
