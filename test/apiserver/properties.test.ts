import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import {
  JsonPatchError,
  applyJsonPatch,
  applyMergePatch,
  matchesLabels,
  parseLabelSelector,
} from '../../simulator/apiserver/index.ts';
import type { JsonValue, KubeObject } from '../../simulator/types/meta.ts';
import { TestServer } from './fixture.ts';

const json = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<JsonValue>(null, true, 0, 1, 'x', ''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a/b', '~'), tie('value'), { maxKeys: 3 }),
  ) as fc.Arbitrary<JsonValue>,
})).value;

/** RFC 7386, section 2, as it is written there. */
function rfc7386(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: { [field: string]: JsonValue } = isMap ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = rfc7386(result[name], value);
  }
  return result;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}

describe('merge patch', () => {
  it('agrees with RFC 7386', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        expect(applyMergePatch(deepFreeze(target), patch)).toEqual(rfc7386(target, patch));
      }),
    );
  });

  it('returns the same reference when nothing changes', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(applyMergePatch(once, patch)).toBe(once);
      }),
    );
  });
});

describe('JSON patch', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c', '0', '1', '2', '-', 'a~1b', '~0'), { minLength: 1, maxLength: 2 })
    .map(parts => `/${parts.join('/')}`);
  // No texts: fast-json-patch takes them for lists of characters.
  const plain = json.filter(value => !/"(x)?"(?!:)/.test(JSON.stringify(value)));
  const document = fc.oneof(
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), plain, { minKeys: 1 }),
    fc.array(plain, { minLength: 1, maxLength: 3 }),
  );
  const operation = fc.oneof(
    fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path, value: json }),
    fc.record({ op: fc.constant('remove'), path }),
    fc.record({ op: fc.constantFrom('copy', 'move'), path, from: path }),
  );

  it('agrees with fast-json-patch wherever that accepts a patch by its own strict rules', () => {
    let applied = 0;
    fc.assert(
      fc.property(document, fc.array(operation, { maxLength: 3 }), (document, operations) => {
        let expected: JsonValue;
        try {
          const copy = structuredClone(document);
          expected = jsonPatch.applyPatch(
            copy,
            structuredClone(operations) as never,
            true,
            false,
          ).newDocument;
        } catch {
          return;
        }
        let actual: JsonValue;
        try {
          actual = applyJsonPatch(deepFreeze(document), operations);
        } catch (error) {
          // fast-json-patch lets a value be moved into itself, and copied or moved beyond the end of a list.
          expect(error).toBeInstanceOf(JsonPatchError);
          expect(operations.some(({ op }) => op === 'move' || op === 'copy')).toBe(true);
          return;
        }
        if (operations.length > 0) applied += 1;
        expect(actual).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
    expect(applied).toBeGreaterThan(50);
  });

  it.each([
    ['add into a list', { l: [1, 3] }, [{ op: 'add', path: '/l/1', value: 2 }], { l: [1, 2, 3] }],
    ['append', { l: [1] }, [{ op: 'add', path: '/l/-', value: 2 }], { l: [1, 2] }],
    ['negative index', { l: [1, 2] }, [{ op: 'replace', path: '/l/-1', value: 9 }], { l: [1, 9] }],
    ['move', { a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
    ['test of a missing field for null', {}, [{ op: 'test', path: '/a', value: null }], {}],
  ])('%s', (_what, document, operations, expected) => {
    expect(applyJsonPatch(document as JsonValue, operations as never)).toEqual(expected);
  });
});

describe('label selectors', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const value = fc.constantFrom('x', 'y', 'z', '');
  const words = fc.array(fc.constantFrom<string>('x', 'y', 'in', 'notin'), { minLength: 1 });
  const labels = fc.dictionary(key, fc.oneof(value, fc.constantFrom('in', 'notin')));
  const requirement = fc.oneof(
    fc.tuple(key, value).map(([k, v]) => ({ text: `${k}=${v}`, holds: (l: Labels) => l[k] === v })),
    fc.tuple(key, value).map(([k, v]) => ({ text: `${k}!=${v}`, holds: (l: Labels) => l[k] !== v })),
    fc.tuple(key, words).map(([k, vs]) => ({
      text: `${k} in (${vs.join(', ')})`,
      holds: (l: Labels) => l[k] !== undefined && vs.includes(l[k]),
    })),
    fc.tuple(key, words).map(([k, vs]) => ({
      text: `${k} notin (${vs.join(',')})`,
      holds: (l: Labels) => l[k] === undefined || !vs.includes(l[k]),
    })),
    key.map(k => ({ text: k, holds: (l: Labels) => l[k] !== undefined })),
    key.map(k => ({ text: `!${k}`, holds: (l: Labels) => l[k] === undefined })),
  );
  type Labels = Record<string, string>;

  it('hold when each of their requirements holds', () => {
    fc.assert(
      fc.property(fc.array(requirement), labels, (requirements, given) => {
        const selector = parseLabelSelector(requirements.map(({ text }) => text).join(','));
        const object = { metadata: { labels: given } } as unknown as KubeObject;
        expect(matchesLabels(selector, object)).toBe(requirements.every(({ holds }) => holds(given)));
      }),
    );
  });
});

describe('any sequence of requests', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ verb: fc.constant('create' as const), name, n: fc.nat(2), held: fc.boolean() }),
    fc.record({ verb: fc.constant('update' as const), name, n: fc.nat(2) }),
    fc.record({ verb: fc.constant('patch' as const), name, n: fc.nat(2) }),
    fc.record({ verb: fc.constant('release' as const), name }),
    fc.record({ verb: fc.constant('delete' as const), name }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function run(server: TestServer, action: Step): void {
    const { name: target } = action;
    const rest = { name: target };
    switch (action.verb) {
      case 'create': {
        const metadata = {
          name: target,
          labels: { n: String(action.n) },
          ...(action.held ? { finalizers: ['a/b'] } : {}),
        };
        server.request('create', 'configmaps', { body: { metadata, data: { n: String(action.n) } } });
        break;
      }
      case 'update':
        server.request('update', 'configmaps', {
          ...rest,
          body: { metadata: { name: target }, data: { n: String(action.n) } },
        });
        break;
      case 'patch':
        server.request('patch', 'configmaps', {
          ...rest,
          patchType: 'merge',
          body: { metadata: { labels: { n: String(action.n) } } },
        });
        break;
      case 'release':
        server.request('patch', 'configmaps', {
          ...rest,
          patchType: 'merge',
          body: { metadata: { finalizers: null } },
        });
        break;
      case 'delete':
        server.request('delete', 'configmaps', rest);
    }
  }

  const replayed = (watch: ReturnType<TestServer['watch']>, server: TestServer) => {
    const objects = new Map<string, KubeObject>();
    let last = 0;
    for (const { type, object } of [...watch.initial, ...watch.poll()]) {
      const revision = Number(object.metadata.resourceVersion);
      expect(revision).toBeGreaterThan(last);
      last = revision;
      if (type === 'DELETED') expect(objects.delete(object.metadata.name)).toBe(true);
      else {
        expect(objects.has(object.metadata.name)).toBe(type === 'MODIFIED');
        objects.set(object.metadata.name, object);
      }
    }
    expect(watch.revision).toBe(server.store.revision);
    return [...objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  };

  it('grows revisions by one a write, and a watch replays to the list, with and without selector', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), actions => {
        const server = new TestServer();
        const all = server.watch('configmaps');
        const some = server.watch('configmaps', { options: { labelSelector: 'n=1' } });
        for (const action of actions) {
          const before = server.store.revision;
          const size = server.store.journal.size;
          run(server, action);
          expect(server.store.revision - before).toBe(server.store.journal.size - size);
          expect(server.store.revision - before).toBeLessThanOrEqual(1);
        }
        expect(replayed(all, server)).toEqual(server.list('configmaps').items);
        expect(replayed(some, server)).toEqual(
          server.list('configmaps', { options: { labelSelector: 'n=1' } }).items,
        );
      }),
    );
  });

  it('writes nothing when it puts back what is there', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), actions => {
        const server = new TestServer();
        for (const action of actions) run(server, action);
        const before = server.store.revision;
        for (const object of server.list('configmaps').items) {
          const response = server.ok('update', 'configmaps', {
            name: object.metadata.name,
            body: object as never,
          });
          expect(response).toBe(object);
        }
        expect(server.store.revision).toBe(before);
      }),
    );
  });

  it('can be read back at each of its revisions', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), actions => {
        const server = new TestServer();
        const lists = new Map<string, readonly KubeObject[]>();
        for (const action of actions) {
          run(server, action);
          lists.set(String(server.store.revision), server.list('configmaps').items);
        }
        for (const [resourceVersion, items] of lists) {
          const options = { resourceVersion, resourceVersionMatch: 'Exact' as const };
          expect(server.list('configmaps', { options }).items).toEqual(items);
        }
      }),
    );
  });
});
