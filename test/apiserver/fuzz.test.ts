/**
 * Requests that no sane client sends, to a whole cluster: each is answered, none throws, and what is refused leaves no
 * trace.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ApiRequest, ApiError } from '../../simulator/apiserver/index.ts';
import { type Cluster, createCluster } from '../../simulator/index.ts';
import type { JsonObject, JsonValue, KubeObject, UserInfo } from '../../simulator/types/meta.ts';
import { BASES, type Base } from './fuzz-objects.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 1_500);
const user: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

const junk: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<JsonValue>(
      null,
      true,
      0,
      -1,
      1.5,
      1e300,
      '',
      'x',
      '1Gi',
      '-1',
      'a/b',
      '{}',
      '\u0000',
      '2026-01-01T00:00:00Z',
      'é😀',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('name', 'spec', 'metadata', 'labels', '__proto__', 'constructor', '$patch', 'x', ''),
      tie('value'),
      { maxKeys: 3 },
    ) as fc.Arbitrary<JsonObject>,
  ) as fc.Arbitrary<JsonValue>,
})).value;

type Path = (string | number)[];

function pathsOf(value: JsonValue, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const children = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [path, ...[...children].flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}

/** The value with something else at a path; undefined takes it away. */
function changed(value: JsonValue, path: Path, to: JsonValue | undefined): JsonValue {
  const [key, ...rest] = path;
  if (key === undefined) return to as JsonValue;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as JsonObject) }) as JsonObject;
  const next = rest.length === 0 ? to : changed(copy[key] as JsonValue, rest, to);
  if (next === undefined) delete copy[key];
  else copy[key] = next;
  return Array.isArray(copy) ? copy.filter(item => item !== undefined) : copy;
}

/** A good object gone bad in a few places. */
function spoiled(good: JsonObject): fc.Arbitrary<JsonValue> {
  const paths = pathsOf(good);
  const change = fc.tuple(fc.constantFrom(...paths), fc.option(junk, { nil: undefined, freq: 4 }));
  return fc.array(change, { maxLength: 3 }).map(changes =>
    changes.reduce<JsonValue>((value, [path, to]) => {
      try {
        return path.length === 0 ? value : changed(value, path, to);
      } catch {
        return value;
      }
    }, good),
  );
}

/** One branch of an object, with something at its end: a patch that finds its way. */
function branch(good: JsonObject): fc.Arbitrary<JsonObject> {
  const paths = pathsOf(good).filter(path => path.every(key => typeof key === 'string') && path.length > 0);
  return fc
    .tuple(
      fc.constantFrom(...paths),
      junk,
      fc.constantFrom('', '$patch', '$retainKeys', '$setElementOrder/x'),
    )
    .map(([path, leaf, directive]) => {
      const end = directive === '' ? leaf : { [directive]: leaf, x: leaf };
      return path.reduceRight<JsonValue>((value, key) => ({ [key]: value }), end) as JsonObject;
    });
}

const pointer = (good: JsonObject) =>
  fc.oneof(
    fc.constantFrom(...pathsOf(good)).map(path => path.map(key => `/${String(key)}`).join('')),
    fc.constantFrom(
      '',
      '/',
      'x',
      '/metadata/-',
      '/spec/~2',
      '/metadata/labels/a~1b',
      '/__proto__/x',
      '/a/-1',
    ),
  );

function jsonPatch(good: JsonObject): fc.Arbitrary<JsonValue> {
  const op = fc.constantFrom('add', 'remove', 'replace', 'test', 'move', 'copy', 'nonsense');
  const step = fc.record(
    { op, path: pointer(good), from: pointer(good), value: junk },
    { requiredKeys: ['op', 'path'] },
  );
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(step, { maxLength: 3 }) as unknown as fc.Arbitrary<JsonValue> },
    junk,
  );
}

const expression = fc.oneof(
  fc.constantFrom('a=b', 'a in (b,c)', '!a', 'metadata.name=x', 'status.phase!=Running', 'a>1', ''),
  fc.string({ maxLength: 6 }),
  fc
    .array(
      fc.constantFrom('a', '=', '==', '!', ',', '(', ')', ' in ', 'notin', '<', '\\', '/', 'metadata.name'),
      {
        maxLength: 8,
      },
    )
    .map(parts => parts.join('')),
);
const revision = fc.constantFrom('', '0', '1', '-1', 'x', '99999999', '1e3', '18446744073709551616', ' 1');
const token = fc.oneof(
  fc.constantFrom('', 'x', '!!', btoa('{}'), btoa('{"v":"meta.k8s.io/v1","rv":1,"start":"a"}'), btoa('null')),
  fc.record({ v: fc.constantFrom('meta.k8s.io/v1', 'x'), rv: junk, start: junk }).map(it => {
    // Only Latin letters go through btoa.
    return btoa(JSON.stringify(it).replaceAll(/[^ -~]/g, '?'));
  }),
);
const preconditions = fc.record(
  { uid: fc.constantFrom('', 'x'), resourceVersion: revision },
  { requiredKeys: [] },
);

const options: fc.Arbitrary<ApiRequest['options']> = fc.record(
  {
    dryRun: fc.boolean(),
    fieldManager: fc.constantFrom('m', 'kubectl', '', 'x'.repeat(129), '\u0007'),
    fieldValidation: fc.constantFrom('Ignore', 'Warn', 'Strict', 'Nonsense' as 'Warn'),
    labelSelector: expression,
    fieldSelector: expression,
    limit: fc.constantFrom(0, 1, 3, -1),
    continue: token,
    resourceVersion: revision,
    resourceVersionMatch: fc.constantFrom('Exact', 'NotOlderThan', 'Nonsense' as 'Exact'),
    force: fc.boolean(),
    gracePeriodSeconds: fc.constantFrom(0, 1, -1, 1e12),
    propagationPolicy: fc.constantFrom('Orphan', 'Background', 'Foreground', 'Nonsense' as 'Orphan'),
    preconditions,
    allowWatchBookmarks: fc.boolean(),
    sendInitialEvents: fc.boolean(),
  },
  { requiredKeys: [] },
);
/** Mostly few options: with many, the first check refuses all. */
const someOptions = fc.tuple(options, fc.nat(3)).map(([all, count]) => {
  const kept = Object.entries(all ?? {}).slice(-count || undefined, count === 0 ? 0 : undefined);
  return Object.fromEntries(kept) as ApiRequest['options'];
});

function requestFor(base: Base): fc.Arbitrary<ApiRequest> {
  const { group, version, resource, subresources, object } = base;
  const common = fc.record({
    subresource: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.constantFrom(...subresources)),
    options: someOptions,
    name: fc.constantFrom('x', 'x', 'x', 'y', '', 'é'),
    namespace: fc.constantFrom('default', 'default', 'missing'),
  });
  const body = spoiled(object);
  const content: fc.Arbitrary<Partial<ApiRequest> & Pick<ApiRequest, 'verb'>> = fc.oneof(
    fc.record({
      verb: fc.constantFrom('create' as const, 'update' as const),
      body: fc.oneof({ weight: 9, arbitrary: body }, junk),
    }),
    fc.record({
      verb: fc.constant('patch' as const),
      patchType: fc.constantFrom('merge' as const, 'strategic' as const, 'apply' as const),
      body: fc.oneof({ weight: 4, arbitrary: branch(object) }, { weight: 4, arbitrary: body }, junk),
    }),
    fc.record({
      verb: fc.constant('patch' as const),
      patchType: fc.constant('json' as const),
      body: jsonPatch(object),
    }),
    fc.record({
      verb: fc.constantFrom('delete' as const, 'deletecollection' as const),
      body: fc.option(
        fc.record(
          {
            kind: fc.constantFrom('DeleteOptions', 'x'),
            gracePeriodSeconds: junk,
            propagationPolicy: junk,
            preconditions: junk,
          },
          { requiredKeys: [] },
        ) as unknown as fc.Arbitrary<JsonValue>,
        { nil: undefined },
      ),
    }),
    fc.record({ verb: fc.constantFrom('get' as const, 'list' as const) }),
  );
  return fc.tuple(common, content).map(([{ subresource, namespace, name, options }, rest]) => {
    const request = { group, version, resource, user, options, ...rest } as ApiRequest;
    if (base.namespaced) request.namespace = namespace;
    if (request.verb !== 'create' && request.verb !== 'list' && request.verb !== 'deletecollection') {
      request.name = name;
    }
    if (subresource !== undefined) {
      request.subresource = subresource;
      request.name = name;
    }
    return request;
  });
}

function fixture(): Cluster {
  const cluster = createCluster({ nodes: 1, seed: 1, startTime: Date.UTC(2026, 0, 1) });
  for (const { group, version, resource, namespaced, object } of BASES) {
    const request: ApiRequest = { verb: 'create', group, version, resource, user, body: object };
    if (namespaced) request.namespace = 'default';
    const answer = cluster.request(request);
    if (answer.code !== 201) throw new Error(`${resource}: ${JSON.stringify(answer)}`);
  }
  return cluster;
}

/** What is wrong with a stored object whatever was asked. */
function halfWritten(object: KubeObject): string[] {
  const { apiVersion, kind, metadata } = object;
  const { name, uid, resourceVersion, creationTimestamp } = metadata ?? {};
  return Object.entries({ apiVersion, kind, name, uid, resourceVersion, creationTimestamp })
    .filter(([, value]) => typeof value !== 'string' || value === '')
    .map(([field]) => field);
}

/** Writes that may do more than one thing. */
function isCompound({ verb, subresource, resource }: ApiRequest): boolean {
  return verb === 'deletecollection' || subresource !== undefined || resource === 'namespaces';
}

describe('any request', () => {
  const template = fixture();
  const tally = { tried: 0, accepted: 0, refused: new Map<number, number>() };

  it.each(BASES)(
    'for $group $resource is answered',
    base => {
      fc.assert(
        fc.property(fc.array(requestFor(base), { minLength: 1, maxLength: 4 }), requests => {
          const cluster = template.fork();
          for (const request of requests) {
            const before = cluster.store.revision;
            const answer = cluster.request(request);
            tally.tried += 1;
            const written = cluster.store.revision - before;
            if (answer.type === 'status' && answer.code >= 400) {
              tally.refused.set(answer.code, (tally.refused.get(answer.code) ?? 0) + 1);
              expect(answer.status).toMatchObject({ kind: 'Status', status: 'Failure', code: answer.code });
              expect(answer.status.message).not.toMatch(/undefined|\[object Object\]|NaN/);
              if (!isCompound(request)) expect(written).toBe(0);
            } else {
              tally.accepted += 1;
              if (request.options?.dryRun || request.verb === 'get' || request.verb === 'list')
                expect(written).toBe(0);
              else if (!isCompound(request)) expect(written).toBeLessThanOrEqual(2);
            }
            for (const entry of cluster.store.journal.after(before))
              expect(halfWritten(entry.object)).toEqual([]);
          }
        }),
        { numRuns: RUNS },
      );
    },
    120_000,
  );

  it('to watch is answered', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BASES),
        someOptions,
        ({ group, version, resource, namespaced }, options) => {
          const cluster = template.fork();
          tally.tried += 1;
          try {
            const request = { group, version, resource, user, options: options ?? {} };
            const watch = cluster.watch(namespaced ? { ...request, namespace: 'default' } : request);
            expect(Array.isArray(watch.poll())).toBe(true);
          } catch (error) {
            if (!(error instanceof ApiError)) throw error;
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('is tried often enough, with both outcomes', () => {
    const refused = [...tally.refused.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `fuzz: ${tally.tried} requests, ${tally.accepted} accepted, refused: ${JSON.stringify(Object.fromEntries([...tally.refused].sort()))}\n`,
    );
    expect(tally.accepted).toBeGreaterThan(tally.tried / 20);
    expect(refused).toBeGreaterThan(tally.tried / 20);
    expect(tally.refused.get(400)).toBeGreaterThan(0);
    expect(tally.refused.get(422)).toBeGreaterThan(0);
  });
});
