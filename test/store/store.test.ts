import jsonPatch, { type Operation } from 'fast-json-patch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type JournalEntry,
  Store,
  type Write,
  type WriteType,
  patchesOf,
  serializeEntry,
} from '../../simulator/store/index.ts';
import type { KubeObject } from '../../simulator/types/meta.ts';
import { INDICES } from '../../simulator/store/indices.ts';

const RESOURCES = ['pods', 'virtualmachines.kubevirt.io', 'events', 'configmaps'] as const;
type Resource = (typeof RESOURCES)[number];

/** What a random write is made of; whether it adds, changes or removes follows from what is there. */
interface Step {
  readonly resource: Resource;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly remove: boolean;
  readonly owners: readonly string[];
  readonly node: string | undefined;
  readonly claims: readonly string[];
}

const step: fc.Arbitrary<Step> = fc.record({
  resource: fc.constantFrom(...RESOURCES),
  name: fc.constantFrom('a', 'a-1', 'b', 'z'),
  namespace: fc.constantFrom(undefined, 'default', 'default-2', 'x'),
  remove: fc.boolean(),
  owners: fc.uniqueArray(fc.constantFrom('u1', 'u2', 'u3'), { maxLength: 2 }),
  node: fc.constantFrom(undefined, 'node1', 'node2'),
  claims: fc.uniqueArray(fc.constantFrom('c1', 'c2'), { maxLength: 2 }),
});

function objectOf({ resource, name, namespace, owners, node, claims }: Step): KubeObject {
  const head = {
    apiVersion: 'v1',
    kind: resource,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: `${resource}-${namespace}-${name}`,
      resourceVersion: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: node ? { 'kubevirt.io/created-by': `vmi-${node}` } : {},
      ownerReferences: owners.map(uid => ({ apiVersion: 'v1', kind: 'Owner', name: 'owner', uid })),
    },
  };
  const volumes = claims.map(claimName => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  switch (resource) {
    case 'pods':
      return {
        ...head,
        spec: { nodeName: node },
        status: { podIP: node && `10.0.0.${node.at(-1)}` },
      } as KubeObject;
    case 'virtualmachines.kubevirt.io':
      return { ...head, spec: { template: { spec: { volumes } } } } as KubeObject;
    case 'events':
      return { ...head, involvedObject: { uid: owners[0] } } as KubeObject;
    default:
      return { ...head, data: { claims: claims.join() } } as KubeObject;
  }
}

function keyOf({ name, namespace }: Step): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Does what the step asks for, if it can be done. */
function write(store: Store, each: Step): JournalEntry | undefined {
  const known = store.get(each.resource, keyOf(each));
  if (each.remove && !known) return undefined;
  const type: WriteType = each.remove ? 'DELETED' : known ? 'MODIFIED' : 'ADDED';
  return store.commit({
    type,
    resource: each.resource,
    object: each.remove ? (known as KubeObject) : objectOf(each),
    time: 0,
    author: 'test',
    cause: { text: 'test', revision: 0 },
  });
}

function empty(journalCapacity = 1_000): Store {
  return Store.empty({ journalCapacity, firstRevision: 1 });
}

/** All that can be seen of a store. */
function contents(store: Store) {
  return {
    revision: store.revision,
    objects: RESOURCES.map(resource => store.list(resource)),
    journal: [...store.journal.after(0)].map(serializeEntry),
    indices: INDICES.map(({ name }) =>
      ['u1', 'u2', 'node1', '', 'default/c1'].map(value => store.lookup(name, value)),
    ),
  };
}

function a(write: Partial<Write> & Pick<Write, 'type'>): Write {
  return {
    resource: 'configmaps',
    object: objectOf({
      resource: 'configmaps',
      name: 'a',
      namespace: 'default',
      remove: false,
      owners: [],
      node: undefined,
      claims: [],
    }),
    time: 5,
    author: 'me',
    cause: { text: 'because', revision: 3 },
    ...write,
  };
}

describe('a write', () => {
  test('takes the next revision, gives it to its object and leaves one entry', () => {
    const store = empty();
    const entry = store.commit(a({ type: 'ADDED' }));
    expect(store.revision).toBe(2);
    expect(entry.object.metadata.resourceVersion).toBe('2');
    expect([...store.journal.after(0)]).toEqual([entry]);
    expect(entry).toMatchObject({
      revision: 2,
      time: 5,
      type: 'ADDED',
      key: 'default/a',
      author: 'me',
      cause: { text: 'because', revision: 3 },
      previous: undefined,
    });
  });

  test.each<[WriteType, boolean]>([
    ['ADDED', true],
    ['MODIFIED', false],
    ['DELETED', false],
  ])('%s that cannot be is refused and changes nothing', (type, exists) => {
    const store = empty();
    if (exists) store.commit(a({ type: 'ADDED' }));
    const before = contents(store);
    expect(() => store.commit(a({ type }))).toThrow('configmaps default/a');
    expect(contents(store)).toEqual(before);
  });

  test('of a deletion keeps the last state, with the revision of the deletion', () => {
    const store = empty();
    store.commit(a({ type: 'ADDED' }));
    const { object, previous } = store.commit(a({ type: 'DELETED' }));
    expect(object.metadata.resourceVersion).toBe('3');
    expect(previous?.metadata.resourceVersion).toBe('2');
    expect(store.get('configmaps', 'default/a')).toBeUndefined();
    expect(store.count('configmaps')).toBe(0);
  });

  test('freezes its object to the last leaf', () => {
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    fc.assert(
      fc.property(step, each => {
        const store = empty();
        const entry = write(store, { ...each, remove: false });
        expect(frozen(entry?.object)).toBe(true);
      }),
    );
  });

  test('in any sequence: revisions are strictly one apart and each has its entry', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const store = empty();
        let done = 0;
        for (const each of steps) {
          const before = store.revision;
          const entry = write(store, each);
          if (entry) done += 1;
          expect(store.revision).toBe(before + (entry ? 1 : 0));
          if (entry) {
            expect(entry.object.metadata.resourceVersion).toBe(String(store.revision));
            expect(store.journal.at(store.revision)).toBe(entry);
          }
        }
        expect(store.journal.size).toBe(done);
        expect([...store.journal.after(0)].map(({ revision }) => revision)).toEqual(
          Array.from({ length: done }, (_, at) => at + 2),
        );
      }),
    );
  });

  test("in any sequence: an entry's patches turn the old object into the new", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const store = empty();
        for (const each of steps) {
          const entry = write(store, each);
          if (!entry || entry.type === 'DELETED') continue;
          const start = entry.previous ? structuredClone(entry.previous) : null;
          const patches = structuredClone(patchesOf(entry)) as Operation[];
          const result = JSON.parse(JSON.stringify(jsonPatch.applyPatch(start, patches).newDocument));
          expect(result).toEqual(JSON.parse(JSON.stringify(entry.object)));
        }
      }),
    );
  });
});

describe('reading', () => {
  test('is in the order of namespace and name, and stays within a namespace', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const store = empty();
        for (const each of steps) write(store, each);
        for (const resource of RESOURCES) {
          const all = store.list(resource);
          const keys = all.map(({ metadata: { namespace, name } }) =>
            namespace ? `${namespace}/${name}` : name,
          );
          expect(keys).toEqual(keys.toSorted());
          expect(store.count(resource)).toBe(all.length);
          for (const namespace of ['default', 'default-2', 'x', 'nowhere']) {
            expect(store.list(resource, namespace)).toEqual(
              all.filter(object => object.metadata.namespace === namespace),
            );
          }
          expect([...store.objects(resource, undefined, keys[1])]).toEqual(
            all.slice(keys.length > 1 ? 1 : 0),
          );
        }
      }),
    );
  });

  test('by index finds what a scan finds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const store = empty();
        for (const each of steps) write(store, each);
        for (const { name } of INDICES) {
          const expected = new Map<string, KubeObject[]>();
          for (const resource of [...RESOURCES].sort()) {
            for (const index of INDICES) {
              if (index.name !== name || (index.resource !== undefined && index.resource !== resource))
                continue;
              for (const object of store.list(resource)) {
                for (const value of index.values(object)) {
                  expected.set(`${value}`, [...(expected.get(value) ?? []), object]);
                  expect(store.lookup(name, value, resource)).toContain(object);
                }
              }
            }
          }
          for (const value of [...expected.keys(), 'u1', 'u', 'node1', '', 'nothing']) {
            expect(store.lookup(name, value)).toEqual(expected.get(value) ?? []);
          }
        }
      }),
    );
  });
});

describe('clones', () => {
  test('share the past and neither sees the future of the other', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 20 }),
        fc.array(fc.tuple(fc.boolean(), step), { maxLength: 30 }),
        (past, future) => {
          // Two stores that go through the same alone are the witnesses.
          const [left, alone, otherAlone] = [empty(), empty(), empty()];
          for (const each of past) for (const store of [left, alone, otherAlone]) write(store, each);
          const right = left.clone();
          expect(contents(right)).toEqual(contents(left));
          for (const [toLeft, each] of future) {
            for (const store of toLeft ? [left, alone] : [right, otherAlone]) write(store, each);
            expect(contents(left)).toEqual(contents(alone));
            expect(contents(right)).toEqual(contents(otherAlone));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the journal', () => {
  test('keeps as many entries as it may, the newest', () => {
    const store = empty(3);
    for (let index = 0; index < 10; index += 1) store.commit(a({ type: index === 0 ? 'ADDED' : 'MODIFIED' }));
    expect(store.journal.size).toBe(3);
    expect(store.journal.oldest).toBe(9);
    expect([...store.journal.after(0)].map(({ revision }) => revision)).toEqual([9, 10, 11]);
    expect([...store.journal.after(10)].map(({ revision }) => revision)).toEqual([11]);
    expect([...store.journal.after(11)]).toEqual([]);
  });

  test('knows how far back it reaches: to where every later write is known', () => {
    const store = empty(3);
    expect(store.journal.reaches(0)).toBe(true);
    for (let index = 0; index < 10; index += 1) store.commit(a({ type: index === 0 ? 'ADDED' : 'MODIFIED' }));
    expect(store.journal.reaches(7)).toBe(false);
    expect(store.journal.reaches(8)).toBe(true);
    expect(store.journal.reaches(11)).toBe(true);
  });

  test('is printed one line of JSON an entry', () => {
    const store = empty();
    store.commit(a({ type: 'ADDED' }));
    const line = serializeEntry(store.commit(a({ type: 'DELETED' })));
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      revision: 3,
      time: 5,
      type: 'DELETED',
      resource: 'configmaps',
      key: 'default/a',
      author: 'me',
      cause: { text: 'because', revision: 3 },
      patches: [{ op: 'remove', path: '' }],
    });
  });
});
