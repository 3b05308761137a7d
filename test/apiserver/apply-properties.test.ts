/** What server-side apply promises, for configurations with every kind of list and map. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiRequest, ApiResponse } from '../../simulator/apiserver/index.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../simulator/types/meta.ts';
import { type Loose, TestServer } from './fixture.ts';
import { schemas } from './schemas.ts';

const text = fc.constantFrom('x', 'y');
const small = fc.integer({ min: 0, max: 2 });
const texts = fc.dictionary(fc.constantFrom('k', 'l'), text, { maxKeys: 2 });
// Go writes no empty map of labels, but who applied one owns it: with it, who comes first matters.
const someTexts = fc.dictionary(fc.constantFrom('k', 'l'), text, { minKeys: 1, maxKeys: 2 });

// No empty associative lists: like structured-merge-diff, apply sees nothing in them that could be owned.
const container = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'c'),
    image: text,
    command: fc.array(text, { maxLength: 2 }),
    env: fc.uniqueArray(fc.record({ name: text, value: text }, { requiredKeys: ['name'] }), {
      selector: item => item.name,
      minLength: 1,
      maxLength: 2,
    }),
    ports: fc.uniqueArray(
      fc.record(
        { containerPort: small, protocol: fc.constantFrom('TCP', 'UDP'), name: text },
        { requiredKeys: ['containerPort'] },
      ),
      {
        selector: ({ containerPort, protocol }) => `${containerPort}/${protocol ?? 'TCP'}`,
        minLength: 1,
        maxLength: 2,
      },
    ),
  },
  { requiredKeys: ['name'] },
);

const spec = fc.record(
  {
    replicas: small,
    selector: texts,
    strategy: fc.record({ type: text, rollingUpdate: fc.record({ maxSurge: small }) }, { requiredKeys: [] }),
    tolerations: fc.array(fc.record({ key: text }), { maxLength: 2 }),
    containers: fc.uniqueArray(container, { selector: item => item.name, minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const metadata = fc.record(
  {
    labels: someTexts,
    annotations: someTexts,
    finalizers: fc.uniqueArray(fc.constantFrom('a.io/x', 'a.io/y'), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const config = fc
  .record({ metadata, spec }, { requiredKeys: ['metadata'] })
  .map(content => ({ apiVersion: 'apps/v1', kind: 'Deployment', ...content }) as unknown as JsonObject);

class Appliance extends TestServer {
  constructor() {
    super({ schemas });
  }

  try(manager: string, body: JsonObject, options: ApiRequest['options'] = {}): ApiResponse {
    const request = { name: 'd', body, options: { fieldManager: manager, ...options } };
    return this.request('patch', 'deployments', { patchType: 'apply', ...request });
  }

  apply(manager: string, body: JsonObject, options?: ApiRequest['options']): Loose {
    const response = this.try(manager, body, options);
    if (response.type !== 'object') throw new Error(JSON.stringify(response));
    return response.object as Loose;
  }

  /** A merge patch, by a manager of its own. */
  write(manager: string, { metadata, spec }: JsonObject): Loose {
    const body = { metadata, ...(spec === undefined ? {} : { spec }) } as JsonValue;
    return this.ok('patch', 'deployments', {
      name: 'd',
      patchType: 'merge',
      body,
      options: { fieldManager: manager },
    });
  }
}

const entryOf = (object: KubeObject, manager: string) =>
  object.metadata.managedFields?.find(entry => entry.manager === manager);

/** What a client wrote, without what the server adds. */
function contentOf({ metadata: { labels, annotations, finalizers }, spec }: Loose) {
  return { labels, annotations, finalizers, spec };
}

/** Whether a FieldsV1 element names something that is there; its value if so. */
function stepInto(value: JsonValue | undefined, element: string): JsonValue | undefined {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return (value as JsonObject | undefined)?.[rest];
  const list = Array.isArray(value) ? value : [];
  const wanted = JSON.parse(rest) as JsonObject;
  if (element.startsWith('v:')) return list.find(item => item === (wanted as unknown));
  const defaults: JsonObject = { protocol: 'TCP' };
  return list.find(item =>
    Object.entries(wanted).every(
      ([key, expected]) => ((item as JsonObject)[key] ?? defaults[key]) === expected,
    ),
  );
}

function missingPaths(fields: JsonObject, value: JsonValue | undefined, path: string): string[] {
  return Object.entries(fields).flatMap(([element, below]) => {
    if (element === '.') return [];
    const child = stepInto(value, element);
    const at = `${path}/${element}`;
    return child === undefined ? [at] : missingPaths(below as JsonObject, child, at);
  });
}

/** Owned paths that the object does not have. */
function danglingOwnership(object: KubeObject): string[] {
  return (object.metadata.managedFields ?? []).flatMap(({ manager, fieldsV1 }) =>
    missingPaths(fieldsV1 as JsonObject, object as unknown as JsonObject, manager ?? ''),
  );
}

interface Action {
  readonly how: 'apply' | 'force' | 'write';
  readonly manager: string;
  readonly config: JsonObject;
}
const action: fc.Arbitrary<Action> = fc.record({
  how: fc.constantFrom('apply', 'force', 'write'),
  manager: fc.constantFrom('m', 'n', 'o'),
  config,
});

function run(server: Appliance, { how, manager, config }: Action): void {
  if (how === 'write') server.write(manager, config);
  else server.try(manager, config, how === 'force' ? { force: true } : {});
}

describe('server-side apply, whatever is applied', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 4 }), config, (before, config) => {
        const server = new Appliance();
        server.apply('first', { apiVersion: 'apps/v1', kind: 'Deployment' });
        for (const step of before) run(server, step);
        const once = server.apply('m', config, { force: true });
        server.now += 60_000;
        expect(server.apply('m', config)).toBe(once);
      }),
      { numRuns: 200 },
    );
  });

  it('makes of a sole manager what that one applied last', () => {
    fc.assert(
      fc.property(fc.array(config, { maxLength: 3 }), config, (before, last) => {
        const server = new Appliance();
        const fresh = new Appliance();
        for (const earlier of before) server.apply('m', earlier);
        expect(contentOf(server.apply('m', last))).toEqual(contentOf(fresh.apply('m', last)));
      }),
      { numRuns: 400 },
    );
  });

  // A map of metadata that has lost its last entry is not written, but whoever owned the map itself still does.
  const EMPTY_METADATA_MAP = /\/f:metadata\/f:(annotations|labels)$/;

  it('keeps identity and owns nothing that is not there, through any writes', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 6 }), actions => {
        const server = new Appliance();
        const { metadata: first } = server.apply('first', { apiVersion: 'apps/v1', kind: 'Deployment' });
        for (const step of actions) {
          run(server, step);
          const object = server.ok('get', 'deployments', { name: 'd' });
          const { name, namespace, uid, creationTimestamp } = first;
          expect(object).toMatchObject({
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name, namespace, uid, creationTimestamp },
          });
          expect(danglingOwnership(object).filter(path => !EMPTY_METADATA_MAP.test(path))).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('conflicts in either order or in none', () => {
    let conflicts = 0;
    fc.assert(
      fc.property(config, config, (a, b) => {
        const forth = new Appliance();
        forth.apply('m', a);
        const back = new Appliance();
        back.apply('n', b);
        const [one, other] = [forth.try('n', b).code, back.try('m', a).code];
        if (one === 409) conflicts += 1;
        expect([one, other]).toEqual(one === 409 ? [409, 409] : [200, 200]);
      }),
      { numRuns: 400 },
    );
    expect(conflicts).toBeGreaterThan(40);
  });

  it('refuses without a trace, and takes over what it is forced to', () => {
    fc.assert(
      fc.property(config, config, (a, b) => {
        const server = new Appliance();
        const before = server.apply('m', a);
        const answer = server.try('n', b);
        if (answer.type !== 'status') return;
        expect(server.ok('get', 'deployments', { name: 'd' })).toBe(before);
        const taken = server.apply('n', b, { force: true });
        // Nobody is left to quarrel with, and the loser now quarrels with the winner.
        expect(server.try('n', b).code).toBe(200);
        expect(server.try('m', a)).toMatchObject({
          code: 409,
          status: { message: expect.stringMatching(/conflicts? with "n"/) },
        });
        const alone = new Appliance().apply('n', b);
        expect(entryOf(taken, 'n')?.fieldsV1).toEqual(entryOf(alone, 'n')?.fieldsV1);
      }),
      { numRuns: 400 },
    );
  });

  it('leaves alone what others own as well', () => {
    fc.assert(
      fc.property(config, config, (a, b) => {
        const server = new Appliance();
        server.apply('m', a);
        if (server.try('n', b).type === 'status') return;
        const left = server.apply('m', { apiVersion: 'apps/v1', kind: 'Deployment' });
        const alone = new Appliance().apply('n', b);
        expect(entryOf(left, 'm')).toBeUndefined();
        expect(entryOf(left, 'n')?.fieldsV1).toEqual(entryOf(alone, 'n')?.fieldsV1);
        expect(danglingOwnership(left)).toEqual([]);
        expect(sorted(contentOf(left))).toEqual(sorted(contentOf(alone)));
      }),
      { numRuns: 400 },
    );
  });
});

/** Lists in one order: which manager came first decides the order of a shared list. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}
