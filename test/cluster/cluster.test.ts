import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cluster, LivelockError } from '../../simulator/cluster.ts';
import {
  type Change,
  type Controller,
  after,
  create as createChange,
  event,
  serviceAccountUser,
  update,
} from '../../simulator/controller.ts';
import * as refs from '../../simulator/resources/refs.ts';
import type { ConfigMap } from '../../simulator/types/core.ts';
import type { JsonValue } from '../../simulator/types/meta.ts';
import {
  type SmallClusterOptions,
  act,
  create,
  createVm,
  destroy,
  entries,
  everything,
  history,
  journal,
  launchersOf,
  phaseOf,
  request,
  smallCluster,
  statusOf,
  untilStatus,
} from './fixture.ts';
import { type Action, actions, perform } from './operations.ts';

/** All that makes a cluster's value, as far as it can be seen. */
function value(cluster: Cluster) {
  return {
    now: cluster.now,
    revision: cluster.revision,
    next: cluster.nextEventAt,
    random: cluster.random.state,
    objects: everything(cluster),
    journal: journal(cluster),
  };
}

function started(options: SmallClusterOptions = {}): Cluster {
  return smallCluster({ nodes: 2, ...options });
}

function performAll(cluster: Cluster, steps: readonly Action[]): Cluster {
  for (const step of steps) perform(cluster, step);
  return cluster;
}

describe('the same seed and the same requests', () => {
  test('give the same journal to the last byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), actions(15), (seed, steps) => {
        const one = performAll(started({ seed }), steps);
        const two = performAll(started({ seed }), steps);
        expect(journal(two)).toEqual(journal(one));
        expect(value(two)).toEqual(value(one));
      }),
      { numRuns: 25 },
    );
  });

  test('with another seed give other names, UIDs and times', () => {
    const run = (seed: number) => {
      const cluster = started({ seed, timing: 'realistic' });
      createVm(cluster, 'vm', { runStrategy: 'Always' });
      untilStatus(cluster, 'Running');
      return { pod: launchersOf(cluster)[0]?.metadata, at: cluster.now };
    };
    const [one, two] = [run(1), run(2)];
    expect(one.pod?.name).not.toBe(two.pod?.name);
    expect(one.pod?.uid).not.toBe(two.pod?.uid);
    expect(one.at).not.toBe(two.at);
  });

  test('however time is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 8 }), spans => {
        const run = (pieces: readonly number[]) => {
          const cluster = started();
          createVm(cluster, 'vm', { runStrategy: 'Always' });
          for (const span of pieces) cluster.advance(span);
          return cluster;
        };
        const total = spans.reduce((sum, span) => sum + span, 0);
        expect(value(run(spans))).toEqual(value(run([total])));
      }),
      { numRuns: 20 },
    );
  });
});

describe('forks', () => {
  test('never disturb their parent, nor it them', () => {
    fc.assert(
      fc.property(
        actions(8),
        fc.array(fc.tuple(fc.boolean(), actions(3)), { maxLength: 6 }),
        (past, future) => {
          const parent = performAll(started(), past);
          const fork = parent.fork();
          // Twins that live through the same alone.
          const twins = [performAll(started(), past), performAll(started(), past)] as const;
          for (const [inFork, steps] of future) {
            performAll(inFork ? fork : parent, steps);
            performAll(inFork ? twins[1] : twins[0], steps);
          }
          expect(value(parent)).toEqual(value(twins[0]));
          expect(value(fork)).toEqual(value(twins[1]));
        },
      ),
      { numRuns: 20 },
    );
  });

  test('hear nothing of what listeners of the parent hear', () => {
    const parent = started();
    const heard: number[] = [];
    parent.onCommit(({ revision }) => heard.push(revision));
    const fork = parent.fork();
    createVm(fork, 'vm');
    expect(heard).toEqual([]);
    createVm(parent, 'vm');
    expect(heard.length).toBeGreaterThan(0);
  });
});

describe('checkpoints', () => {
  test('restored, run on as if they had never been left', () => {
    fc.assert(
      fc.property(actions(8), actions(6), actions(6), (past, aside, future) => {
        const cluster = performAll(started(), past);
        const checkpoint = cluster.checkpoint();
        const before = value(cluster);
        performAll(cluster, aside);
        cluster.restore(checkpoint);
        expect(value(cluster)).toEqual(before);
        performAll(cluster, future);
        const straight = performAll(performAll(started(), past), future);
        expect(value(cluster)).toEqual(value(straight));
        // A second time too: running on has not touched the checkpoint.
        expect(value(Cluster.from(checkpoint))).toEqual(before);
      }),
      { numRuns: 20 },
    );
  });

  test('taken in the middle of things hold the work that is pending', () => {
    const cluster = started();
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    const seen = new Set<string | undefined>();
    while (statusOf(cluster) !== 'Running') {
      seen.add(phaseOf(cluster));
      const fork = cluster.fork();
      expect(fork.nextEventAt).toBe(cluster.nextEventAt);
      untilStatus(fork, 'Running');
      expect(cluster.step()).toBe(true);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['Pending', 'Scheduling', 'Scheduled', 'Running']));
  });

  test('say what moment they are of', () => {
    const cluster = started();
    cluster.advance(1_234);
    expect(cluster.checkpoint()).toMatchObject({ time: cluster.now, revision: cluster.revision });
  });

  test('of a fork can be restored in its parent', () => {
    const parent = started();
    const fork = parent.fork();
    createVm(fork, 'vm', { runStrategy: 'Always' });
    untilStatus(fork, 'Running');
    parent.restore(fork.checkpoint());
    expect(statusOf(parent)).toBe('Running');
    expect(value(parent)).toEqual(value(fork));
  });
});

describe('revisions and the journal', () => {
  test('every write has one revision and every revision one entry, with author, cause and time', () => {
    fc.assert(
      fc.property(actions(15), steps => {
        const cluster = performAll(started(), steps);
        const all = entries(cluster);
        expect(all.map(({ revision }) => revision)).toEqual(all.map((_, at) => at + 2));
        expect(all.at(-1)?.revision).toBe(cluster.revision);
        let time = 0;
        for (const entry of all) {
          expect(entry.object.metadata.resourceVersion).toBe(String(entry.revision));
          expect(entry.author).not.toBe('');
          expect(entry.cause.text).not.toBe('');
          expect(entry.cause.revision).toBeLessThan(entry.revision);
          expect(entry.time).toBeGreaterThanOrEqual(time);
          time = entry.time;
        }
        // What is stored is what was written last.
        const stored = everything(cluster);
        for (const { resource, key, type, object } of all) {
          const now = stored.get(`${resource} ${key}`);
          if (now?.metadata.resourceVersion === object.metadata.resourceVersion)
            expect(type).not.toBe('DELETED');
        }
      }),
      { numRuns: 25 },
    );
  });

  test('a write that changes nothing is none', () => {
    const cluster = started();
    createVm(cluster, 'vm');
    cluster.advance(5_000);
    const { revision } = cluster;
    request(cluster, 'patch', refs.virtualMachines, {
      name: 'vm',
      patchType: 'merge',
      body: { spec: { runStrategy: 'Halted' } },
    });
    expect(cluster.revision).toBe(revision);
  });

  test('refused requests and dry runs write nothing', () => {
    const cluster = started();
    const before = value(cluster);
    const bodies: JsonValue[] = [
      { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: { name: 'vm' }, spec: {} },
      { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: {}, spec: { runStrategy: 'Halted' } },
    ];
    for (const body of bodies)
      expect(request(cluster, 'create', refs.virtualMachines, { body }).code).toBe(422);
    const { random: _, ...unchanged } = value(cluster);
    const { random: __, ...expected } = before;
    expect(unchanged).toEqual(expected);
  });

  test('a cause names the revision that led to a write', () => {
    const cluster = started();
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    cluster.advance(5_000);
    const all = entries(cluster);
    const created = all.find(({ type, resource }) => type === 'ADDED' && resource === 'pods');
    expect(created?.author).toBe('virt-controller');
    expect(created?.cause.text).toBe('reconcile virt-controller/vmi default/vm');
    const because = all.find(({ revision }) => revision === created?.cause.revision);
    expect(because?.resource).toBe('virtualmachineinstances.kubevirt.io');
  });
});

describe('watches', () => {
  test('replayed from their beginning, give the list at any moment', () => {
    fc.assert(
      fc.property(actions(20), fc.constantFrom('list first', 'stream'), (steps, mode) => {
        const cluster = started();
        const watched = [refs.virtualMachines, refs.virtualMachineInstances, refs.pods, refs.events];
        const cursors = watched.map(ref => {
          const [group = '', version = ''] = ref.apiVersion.includes('/')
            ? ref.apiVersion.split('/')
            : ['', 'v1'];
          const resource = ref.resource.split('.')[0] ?? '';
          const options = mode === 'stream' ? { resourceVersion: '0' } : {};
          return {
            ref,
            known: new Map<string, unknown>(),
            watch: cluster.watch({ group, version, resource, user: { username: 'x', groups: [] }, options }),
          };
        });
        for (const { known, watch } of cursors) {
          for (const { object } of watch.initial) known.set(object.metadata.uid, object);
        }
        for (const step of steps) {
          perform(cluster, step);
          for (const { ref, known, watch } of cursors) {
            for (const { type, object } of watch.poll()) {
              if (type === 'DELETED') expect(known.delete(object.metadata.uid)).toBe(true);
              else {
                expect(known.has(object.metadata.uid)).toBe(type === 'MODIFIED');
                known.set(object.metadata.uid, object);
              }
            }
            const listed = new Map(
              cluster.store.list(ref.resource).map(object => [object.metadata.uid, object]),
            );
            expect(known).toEqual(listed);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('until', () => {
  test('stops at the moment the condition holds', () => {
    const cluster = started();
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    const start = cluster.now;
    expect(cluster.until(() => phaseOf(cluster) === 'Running', 60_000)).toBe(true);
    expect(cluster.now - start).toBe(820);
    const { revision } = cluster;
    expect(cluster.until(() => true, 60_000)).toBe(true);
    expect(cluster.revision).toBe(revision);
  });

  test('gives up when the limit has passed, not earlier and not later', () => {
    const cluster = started();
    const end = cluster.now + 12_345;
    expect(cluster.until(() => false, 12_345)).toBe(false);
    expect(cluster.now).toBe(end);
  });

  test('looks once more at the very end', () => {
    const cluster = started();
    const end = cluster.now + 500;
    expect(cluster.until(view => view.now >= end, 500)).toBe(true);
  });
});

// --- controllers of the tests' own ---

const user = serviceAccountUser('default', 'test');

function controller(name: string, reconcile: Controller['reconcile']): Controller {
  return { name, author: name, user, triggers: [{ resource: refs.configMaps.resource }], reconcile };
}

function configMap(name: string, data: Record<string, string> = {}): object {
  return { metadata: { name, namespace: 'default' }, data };
}

describe('controllers', () => {
  test('that never come to rest are reported by name', () => {
    const spinning = controller('test/spinning', (view, key) => {
      const object = view.getByKey(refs.configMaps, key);
      return object?.metadata.name === 'spin' ? [after(0)] : [];
    });
    const cluster = started({ moreControllers: [spinning], nodes: 1 });
    create(cluster, refs.configMaps, configMap('spin'));
    expect(() => cluster.advance(1)).toThrow(LivelockError);
    expect(() => cluster.advance(1)).toThrow(
      'test/spinning default/spin at 2026-01-01T00:00:00Z never comes to rest',
    );
  });

  test('whose write is refused do none of what would have followed, and look again later', () => {
    let looks = 0;
    const stumbling = controller('test/stumbling', (view, key) => {
      const object = view.getByKey(refs.configMaps, key);
      if (object?.metadata.name !== 'trigger') return [];
      looks += 1;
      const copy = (name: string): Change =>
        createChange(refs.configMaps, configMap(name) as Omit<ConfigMap, 'apiVersion' | 'kind'>);
      return [copy('before'), copy('taken'), copy('after')];
    });
    const cluster = started({ moreControllers: [stumbling], nodes: 1 });
    const refused: string[] = [];
    cluster.onRefusal(({ name }, key, { status }) => refused.push(`${name} ${key} ${status.reason}`));
    create(cluster, refs.configMaps, configMap('taken'));
    create(cluster, refs.configMaps, configMap('trigger'));
    cluster.advance(0);
    expect(looks).toBe(1);
    expect(refused).toEqual(['test/stumbling default/trigger AlreadyExists']);
    const names = () => cluster.view.list(refs.configMaps, 'default').map(({ metadata }) => metadata.name);
    expect(names()).toContain('before');
    expect(names()).not.toContain('after');
    cluster.advance(1_000);
    expect(looks).toBe(2);
    // The first of its writes is refused now: what had been written stays written.
    expect(refused).toHaveLength(2);
  });

  test('may say what to do about a refusal, and go on', () => {
    const prepared = controller('test/prepared', (view, key) => {
      const object = view.getByKey(refs.configMaps, key);
      if (object?.metadata.name !== 'trigger' || object.data?.done) return [];
      return [
        createChange(refs.configMaps, configMap('taken') as Omit<ConfigMap, 'apiVersion' | 'kind'>, {
          refused: ({ reason }) => [event(object, 'Warning', 'Refused', String(reason))],
        }),
        update(refs.configMaps, object, draft => {
          draft.data = { done: 'yes' };
        }),
      ];
    });
    const cluster = started({ moreControllers: [prepared], nodes: 1 });
    create(cluster, refs.configMaps, configMap('taken'));
    create(cluster, refs.configMaps, configMap('trigger'));
    cluster.advance(5_000);
    expect(cluster.view.get(refs.configMaps, 'default', 'trigger')?.data).toEqual({ done: 'yes' });
    const [only, ...others] = cluster.view
      .list(refs.events, 'default')
      .filter(({ reason }) => reason === 'Refused');
    expect(only).toMatchObject({
      message: 'AlreadyExists',
      count: 1,
      source: { component: 'test/prepared' },
    });
    expect(others).toEqual([]);
  });

  test('what is gone by the time of a write is no refusal', () => {
    const late = controller('test/late', (view, key) => {
      const object = view.getByKey(refs.configMaps, key);
      if (object?.metadata.name !== 'trigger') return [];
      return [
        { op: 'delete', ref: refs.configMaps, key: 'default/nothing' },
        createChange(refs.configMaps, configMap('after') as Omit<ConfigMap, 'apiVersion' | 'kind'>, {
          refused: () => [],
        }),
      ];
    });
    const cluster = started({ moreControllers: [late], nodes: 1 });
    create(cluster, refs.configMaps, configMap('trigger'));
    cluster.advance(0);
    expect(cluster.view.get(refs.configMaps, 'default', 'after')).toBeDefined();
  });

  test('that repeat an event count it up', () => {
    const telling = controller('test/telling', (view, key) => {
      const object = view.getByKey(refs.configMaps, key);
      return object?.metadata.name === 'trigger' ? [event(object, 'Normal', 'Looked', 'at it')] : [];
    });
    const cluster = started({ moreControllers: [telling], nodes: 1 });
    create(cluster, refs.configMaps, configMap('trigger'));
    cluster.advance(2_000);
    for (const round of ['1', '2']) {
      request(cluster, 'patch', refs.configMaps, {
        name: 'trigger',
        patchType: 'merge',
        body: { data: { round } },
      });
      cluster.advance(2_000);
    }
    const [only, ...others] = cluster.view.list(refs.events, 'default');
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      count: 3,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:04Z',
    });
  });

  test('are woken by commits, and asked by key once an instant', () => {
    const looked: string[] = [];
    const looking = controller('test/looking', (_view, key) => {
      looked.push(key);
      return [];
    });
    const cluster = started({ moreControllers: [looking], nodes: 1 });
    looked.length = 0;
    create(cluster, refs.configMaps, configMap('a', { x: '1' }));
    request(cluster, 'patch', refs.configMaps, { name: 'a', patchType: 'merge', body: { data: { x: '2' } } });
    create(cluster, refs.configMaps, configMap('b'));
    cluster.advance(0);
    expect(looked).toEqual(['default/a', 'default/b']);
    cluster.enqueue('test/looking', 'default/b', 250);
    cluster.advance(249);
    expect(looked).toHaveLength(2);
    cluster.advance(1);
    expect(looked).toHaveLength(3);
  });
});

describe('projections', () => {
  const podsPerNode = {
    resources: ['pods'],
    build: (view: Cluster['view']) => {
      const counts = new Map<string, number>();
      for (const pod of view.list(refs.pods)) {
        const node = pod.spec.nodeName ?? '';
        counts.set(node, (counts.get(node) ?? 0) + 1);
      }
      return counts;
    },
    apply: (counts: Map<string, number>, entry: ReturnType<typeof entries>[number]) => {
      const move = (object: unknown, by: number) => {
        const node = (object as { spec: { nodeName?: string } }).spec.nodeName ?? '';
        const count = (counts.get(node) ?? 0) + by;
        if (count === 0) counts.delete(node);
        else counts.set(node, count);
      };
      if (entry.previous) move(entry.previous, -1);
      if (entry.type !== 'DELETED') move(entry.object, 1);
    },
  };

  test('equal what is built anew, at any moment and after restores and forks', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            { weight: 1, arbitrary: fc.constantFrom('fork', 'checkpoint', 'restore') },
            { weight: 6, arbitrary: actions(3) },
          ),
          {
            maxLength: 14,
          },
        ),
        steps => {
          let cluster = started();
          let checkpoint = cluster.checkpoint();
          const agree = () => {
            expect(cluster.view.project(podsPerNode)).toEqual(podsPerNode.build(cluster.view));
          };
          for (const step of steps) {
            if (step === 'fork') {
              agree();
              cluster = cluster.fork();
            } else if (step === 'checkpoint') checkpoint = cluster.checkpoint();
            else if (step === 'restore') cluster.restore(checkpoint);
            else performAll(cluster, step as Action[]);
            agree();
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('know nothing of what a restore has undone, nor take another past for their own', () => {
    const cluster = started();
    const checkpoint = cluster.checkpoint();
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    cluster.advance(5_000);
    expect(cluster.view.project(podsPerNode).size).toBe(1);
    cluster.restore(checkpoint);
    expect(cluster.view.project(podsPerNode).size).toBe(0);
    for (const name of ['a', 'b', 'c', 'd']) createVm(cluster, name, { runStrategy: 'Always' });
    cluster.advance(5_000);
    expect(cluster.view.project(podsPerNode)).toEqual(podsPerNode.build(cluster.view));
  });

  test('are built anew where the journal does not reach back', () => {
    const cluster = started({ journalCapacity: 5 });
    expect(cluster.view.project(podsPerNode).size).toBe(0);
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    cluster.advance(5_000);
    expect(cluster.view.project(podsPerNode)).toEqual(podsPerNode.build(cluster.view));
    expect(cluster.view.project(podsPerNode).size).toBe(1);
  });
});

describe('the view', () => {
  test('gives the same delay for the same subject, and all delays of a subject at the same quantile', () => {
    const { view } = started({ timing: 'realistic' });
    expect(view.delay('imagePull', 'a')).toBe(view.delay('imagePull', 'a'));
    const subjects = Array.from({ length: 50 }, (_, each) => `subject-${each}`);
    const order = (name: 'imagePull' | 'containerStart') =>
      subjects.toSorted((a, b) => view.delay(name, a) - view.delay(name, b));
    expect(order('imagePull')).toEqual(order('containerStart'));
  });

  test('is the same object for the life of a cluster and always up to date', () => {
    const cluster = started();
    const { view } = cluster;
    createVm(cluster, 'vm');
    expect(view.get(refs.virtualMachines, 'default', 'vm')).toBeDefined();
    destroy(cluster, refs.virtualMachines, 'vm');
    cluster.advance(5_000);
    expect(view.get(refs.virtualMachines, 'default', 'vm')).toBeUndefined();
    expect(view.count(refs.virtualMachines)).toBe(0);
  });
});

describe('a cluster at rest', () => {
  test('does nothing but keep its heartbeats', () => {
    const cluster = started();
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    cluster.advance(30_000);
    const { revision } = cluster;
    cluster.advance(3 * 60_000);
    const authors = new Set(
      entries(cluster, revision).map(({ author, resource }) => `${author} ${resource}`),
    );
    expect([...authors]).toEqual(['virt-handler nodes']);
  });

  test('tells its story commit by commit', () => {
    const cluster = started();
    createVm(cluster, 'vm', { runStrategy: 'Manual' });
    const seen = history(cluster, each => statusOf(each));
    cluster.advance(1_000);
    act(cluster, 'start', 'vm');
    cluster.advance(5_000);
    expect(seen()).toEqual([undefined, 'Stopped', 'Starting', 'Running']);
  });
});
