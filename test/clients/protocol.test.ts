/**
 * What client libraries rely on, byte by byte: lists in pages while others write, watches that resume, streaming lists,
 * tables, metadata alone, and the shape of every refusal. Facts of Kubernetes 1.35.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type SendOptions, open, send } from './http.ts';
import { type TestServer, startTestServer } from './server.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const VMS = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

const JOURNAL = 400;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ journalCapacity: JOURNAL });
});

afterAll(async () => {
  await server?.close();
  expect(server?.bugs).toEqual([]);
});

const ask = (path: string, options: SendOptions = {}) => send(server, path, options);
const write = (method: string, path: string, body: unknown, type = 'application/json'): Promise<Answer> =>
  ask(path, { method, headers: { 'Content-Type': type }, body: JSON.stringify(body) });
const create = async (name: string, labels: Record<string, string> = {}): Promise<string> =>
  (await write('POST', CONFIG_MAPS, { metadata: { name, labels } })).json.metadata.resourceVersion;
const relabel = async (name: string, labels: Record<string, string | null>): Promise<string> =>
  (await write('PATCH', `${CONFIG_MAPS}/${name}`, { metadata: { labels } }, 'application/merge-patch+json'))
    .json.metadata.resourceVersion;
const remove = (name: string) => ask(`${CONFIG_MAPS}/${name}`, { method: 'DELETE' });
const now = async () => (await ask(CONFIG_MAPS)).json.metadata.resourceVersion as string;
const halted = (name: string) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name },
  spec: {
    runStrategy: 'Halted',
    template: { spec: { domain: { devices: {}, memory: { guest: '64Mi' } } } },
  },
});

interface Event {
  readonly type: string;
  // oxlint-disable-next-line no-explicit-any
  readonly object: any;
}

const brief = ({ type, object }: Event) => `${type} ${object.metadata.name}`;

/** A watch to read as many events from as are wanted. */
class Watch {
  readonly #response: IncomingMessage;
  #text = '';

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8').on('data', (chunk: string) => {
      this.#text += chunk;
    });
  }

  static async open(query: string, path = CONFIG_MAPS, headers: Record<string, string> = {}): Promise<Watch> {
    const response = await open(server, `${path}?watch=1&${query}`, { headers });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    return new Watch(response);
  }

  get events(): Event[] {
    return this.#text
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Event);
  }

  async next(count: number): Promise<Event[]> {
    const late = AbortSignal.timeout(5_000);
    while (this.events.length < count) await once(this.#response, 'data', { signal: late });
    return this.events;
  }

  async end(): Promise<Event[]> {
    await once(this.#response, 'end');
    return this.events;
  }

  close(): void {
    this.#response.destroy();
  }
}

describe('watches', () => {
  test('nothing between a list and its watch is lost, nothing is told twice', async () => {
    const from = await now();
    await create('between');
    const watch = await Watch.open(`resourceVersion=${from}`);
    await create('during');
    await relabel('between', { a: 'b' });
    await remove('during');
    const events = await watch.next(4);
    expect(events.map(brief)).toEqual([
      'ADDED between',
      'ADDED during',
      'MODIFIED between',
      'DELETED during',
    ]);
    const revisions = events.map(event => Number(event.object.metadata.resourceVersion));
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    expect(new Set(revisions).size).toBe(4);
    watch.close();
  });

  test('one that breaks goes on where it was, from any event that it has seen', async () => {
    const from = await now();
    for (const name of ['r1', 'r2', 'r3']) await create(name);
    const first = await Watch.open(`resourceVersion=${from}`);
    const [one] = await first.next(1);
    first.close();
    const second = await Watch.open(`resourceVersion=${one?.object.metadata.resourceVersion}`);
    expect((await second.next(2)).map(brief)).toEqual(['ADDED r2', 'ADDED r3']);
    second.close();
  });

  test('what changes nothing is told to nobody', async () => {
    await create('still', { a: 'b' });
    const from = await now();
    const watch = await Watch.open(`resourceVersion=${from}`);
    expect(await relabel('still', { a: 'b' })).toBe(
      (await ask(`${CONFIG_MAPS}/still`)).json.metadata.resourceVersion,
    );
    await relabel('still', { a: 'c' });
    expect((await watch.next(1)).map(brief)).toEqual(['MODIFIED still']);
    watch.close();
  });

  test('objects come into a selection and leave it', async () => {
    await create('mover');
    const watch = await Watch.open(`resourceVersion=${await now()}&labelSelector=in%3Dyes`);
    await relabel('mover', { in: 'yes' });
    await relabel('mover', { in: 'yes', more: 'x' });
    const left = await relabel('mover', { in: 'no' });
    await remove('mover');
    const events = await watch.next(3);
    expect(events.map(brief)).toEqual(['ADDED mover', 'MODIFIED mover', 'DELETED mover']);
    expect(events[2]?.object.metadata.resourceVersion).toBe(left);
    watch.close();
  });

  test('a deleted object is told as it was, with the revision of its deletion', async () => {
    const made = await create('gone');
    const watch = await Watch.open('fieldSelector=metadata.name%3Dgone');
    await remove('gone');
    const events = await watch.next(2);
    expect(events.map(brief)).toEqual(['ADDED gone', 'DELETED gone']);
    expect(Number(events[1]?.object.metadata.resourceVersion)).toBeGreaterThan(Number(made));
    watch.close();
  });

  test('too old: 410, in the stream or before it, and never a gap', async () => {
    const old = await now();
    await create('busy');
    for (let count = 0; count < JOURNAL + 10; count += 1) await relabel('busy', { count: String(count) });
    const answer = await ask(`${CONFIG_MAPS}?watch=1&resourceVersion=${old}`);
    const status = answer.code === 200 ? (JSON.parse(answer.text) as Event).object : answer.json;
    expect(status).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 });
    expect(status.message).toMatch(new RegExp(`^too old resource version: ${old} \\(\\d+\\)$`));
    const exact = await ask(`${CONFIG_MAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`);
    expect(exact.json).toMatchObject({ reason: 'Expired', code: 410 });
    expect((await ask(`${CONFIG_MAPS}?resourceVersion=${old}`)).code).toBe(200);
  });

  test('from the future: 504, which tells clients to come back', async () => {
    const answer = await ask(`${CONFIG_MAPS}?resourceVersion=99999999`);
    expect(answer.json).toMatchObject({
      reason: 'Timeout',
      code: 504,
      details: { causes: [expect.objectContaining({ reason: 'ResourceVersionTooLarge' })] },
    });
    expect(answer.json.message).toMatch(/^Timeout: Too large resource version: 99999999, current: \d+$/);
  });

  test('a streaming list: all there is, its bookmark, then what happens', async () => {
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const there = (await ask(CONFIG_MAPS)).json.items.map(
      (item: { metadata: { name: string } }) => `ADDED ${item.metadata.name}`,
    );
    const watch = await Watch.open(query);
    const events = await watch.next(there.length + 1);
    expect(events.slice(0, -1).map(brief)).toEqual(there);
    const bookmark = events.at(-1);
    expect(bookmark).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: expect.objectContaining({
          resourceVersion: expect.stringMatching(/^\d+$/),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        }),
      },
    });
    await create('streamed');
    const last = (await watch.next(there.length + 2)).at(-1) as Event;
    expect(brief(last)).toBe('ADDED streamed');
    expect(Number(last.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(bookmark?.object.metadata.resourceVersion),
    );
    watch.close();
  });

  test('a streaming list of nothing still ends its beginning', async () => {
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await Watch.open(`${query}&labelSelector=nobody%3Dhas`, VMS);
    const [bookmark] = await watch.next(1);
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'VirtualMachine' } });
    watch.close();
  });

  test('timeoutSeconds ends it without a word, but for a bookmark', async () => {
    const watch = await Watch.open(`resourceVersion=${await now()}&timeoutSeconds=1`);
    expect(await watch.end()).toEqual([]);
  });

  test('metadata alone, and tables', async () => {
    const from = await now();
    const [metadata, table] = await Promise.all([
      Watch.open(`resourceVersion=${from}`, CONFIG_MAPS, { Accept: METADATA }),
      Watch.open(`resourceVersion=${from}`, CONFIG_MAPS, { Accept: TABLE }),
    ]);
    await create('shaped');
    expect((await metadata.next(1))[0]).toEqual({
      type: 'ADDED',
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: expect.objectContaining({ name: 'shaped' }),
      },
    });
    const [row] = await table.next(1);
    expect(row?.object).toMatchObject({
      kind: 'Table',
      rows: [{ cells: ['shaped', 0, expect.any(String)] }],
    });
    expect(row?.object.columnDefinitions.map((column: { name: string }) => column.name)).toEqual([
      'Name',
      'Data',
      'Age',
    ]);
    metadata.close();
    table.close();
  });

  test.each([
    [
      'resourceVersionMatch=NotOlderThan',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
    [
      'sendInitialEvents=true',
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
  ])('%s is refused', async (query, message) => {
    const answer = await ask(`${CONFIG_MAPS}?watch=1&${query}`);
    expect(answer.code).toBe(422);
    expect(answer.json.message).toContain(message);
  });
});

describe('lists in pages', () => {
  const PATH = '/api/v1/namespaces/paged/configmaps';
  const NAMES = ['a', 'b', 'c', 'd', 'e'];

  beforeAll(async () => {
    await write('POST', '/api/v1/namespaces', { metadata: { name: 'paged' } });
    for (const name of NAMES) await write('POST', PATH, { metadata: { name } });
  });

  const names = (answer: Answer) =>
    answer.json.items.map((item: { metadata: { name: string } }) => item.metadata.name);

  test('one consistent picture, whatever is written meanwhile', async () => {
    const first = await ask(`${PATH}?limit=2`);
    expect(names(first)).toEqual(['a', 'b']);
    const { continue: token, remainingItemCount, resourceVersion } = first.json.metadata;
    // The namespace has a kube-root-ca.crt, too.
    expect(remainingItemCount).toBe(4);
    await write('POST', PATH, { metadata: { name: 'bb' } });
    await ask(`${PATH}/c`, { method: 'DELETE' });
    const rest = await ask(`${PATH}?limit=10&continue=${encodeURIComponent(token)}`);
    expect(names(rest)).toEqual(['c', 'd', 'e', 'kube-root-ca.crt']);
    expect(rest.json.metadata).toEqual({ resourceVersion });
    expect(names(await ask(PATH))).toEqual(['a', 'b', 'bb', 'd', 'e', 'kube-root-ca.crt']);
  });

  test('with a selector nobody knows how many remain', async () => {
    const { metadata } = (await ask(`${PATH}?limit=1&labelSelector=!x`)).json;
    expect(metadata.continue).toEqual(expect.any(String));
    expect(metadata.remainingItemCount).toBeUndefined();
  });

  test('across namespaces and in tables', async () => {
    const first = await ask('/api/v1/configmaps?limit=3', { headers: { Accept: TABLE } });
    expect(first.json.rows).toHaveLength(3);
    expect(first.json.metadata).toMatchObject({
      continue: expect.any(String),
      remainingItemCount: expect.any(Number),
    });
  });

  test('a token that is none', async () => {
    const answer = await ask(`${PATH}?continue=nonsense`);
    expect(answer.json).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(answer.json.message).toContain('continue key is not valid');
  });

  test('a token whose picture is forgotten: 410 with another to go on by', async () => {
    const { continue: token } = (await ask(`${PATH}?limit=2`)).json.metadata;
    for (let count = 0; count < JOURNAL + 10; count += 1) await relabel('busy', { again: String(count) });
    const expired = await ask(`${PATH}?limit=2&continue=${encodeURIComponent(token)}`);
    expect(expired.json).toMatchObject({ code: 410, reason: 'Expired' });
    expect(expired.json.message).toMatch(/^The provided continue parameter is too old/);
    const onward = await ask(`${PATH}?continue=${encodeURIComponent(expired.json.metadata.continue)}`);
    expect(names(onward)).toEqual(['bb', 'd', 'e', 'kube-root-ca.crt']);
  });

  test.each([
    [
      'resourceVersionMatch=Exact',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersion=0&resourceVersionMatch=Exact',
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'resourceVersion=1&resourceVersionMatch=Some',
      'resourceVersionMatch: Unsupported value: "Some": supported values: ',
    ],
    ['sendInitialEvents=true', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
  ])('%s is refused', async (query, message) => {
    const answer = await ask(`${PATH}?${query}`);
    expect(answer.code).toBe(422);
    expect(answer.json.message).toContain(message);
  });
});

describe('forms of answers', () => {
  beforeAll(async () => {
    expect((await write('POST', VMS, halted('shown'))).code).toBe(201);
  });

  test('items of core kinds do without kind and apiVersion, custom ones have them', async () => {
    expect((await ask(CONFIG_MAPS)).json.items[0].kind).toBeUndefined();
    expect((await ask(VMS)).json).toMatchObject({
      kind: 'VirtualMachineList',
      apiVersion: 'kubevirt.io/v1',
      items: [{ kind: 'VirtualMachine', apiVersion: 'kubevirt.io/v1' }],
    });
  });

  test('an empty list is a list', async () => {
    const { json } = await ask('/apis/kubevirt.io/v1/namespaces/kube-public/virtualmachines');
    expect(json.items).toEqual([]);
  });

  test('every served version of a kind', async () => {
    const { json, headers } = await ask(
      '/apis/kubevirt.io/v1alpha3/namespaces/default/virtualmachines/shown',
    );
    expect(json).toMatchObject({ apiVersion: 'kubevirt.io/v1alpha3', kind: 'VirtualMachine' });
    expect(headers.warning).toBe(
      '299 - "kubevirt.io/v1alpha3 is now deprecated and will be removed in a future release."',
    );
  });

  test('a table of VMs: names, types, priorities, rows with metadata', async () => {
    const { json } = await ask(VMS, { headers: { Accept: TABLE } });
    expect(
      json.columnDefinitions.map(({ name, type, format, priority }: Record<string, unknown>) => ({
        name,
        type,
        format,
        priority,
      })),
    ).toEqual([
      { name: 'Name', type: 'string', format: 'name', priority: 0 },
      { name: 'Age', type: 'date', format: '', priority: 0 },
      { name: 'Status', type: 'string', format: '', priority: 0 },
      { name: 'Ready', type: 'string', format: '', priority: 0 },
    ]);
    expect(json.rows[0].object).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'shown' },
    });
    expect(
      (await ask(`${VMS}?includeObject=None`, { headers: { Accept: TABLE } })).json.rows[0].object,
    ).toBeFalsy();
    expect((await ask(`${VMS}?includeObject=Some`, { headers: { Accept: TABLE } })).code).toBe(400);
  });

  test('metadata of one object and of a list', async () => {
    const one = await ask(`${VMS}/shown`, { headers: { Accept: METADATA } });
    expect(one.json).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'shown' } });
    expect(one.json.spec).toBeUndefined();
    const list = await ask(VMS, { headers: { Accept: METADATA_LIST } });
    expect(list.json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      metadata: { resourceVersion: expect.any(String) },
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'shown' } }],
    });
  });

  test('the first form that the server knows', async () => {
    const Accept = `text/html,${TABLE},application/json`;
    expect((await ask(VMS, { headers: { Accept } })).json.kind).toBe('Table');
    const yaml = await ask(`${VMS}/shown`, { headers: { Accept: 'application/yaml' } });
    expect(yaml.headers['content-type']).toBe('application/yaml');
    expect(yaml.text).toMatch(
      /^apiVersion: kubevirt\.io\/v1\nkind: VirtualMachine\nmetadata:\n[^]*\n {2}creationTimestamp: "\d{4}-/,
    );
  });

  test('discovery and OpenAPI are the same wherever they are asked for', async () => {
    const aggregated = await ask('/apis', {
      headers: { Accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    });
    const fromAggregated = aggregated.json.items
      .flatMap(
        (group: {
          metadata: { name: string };
          versions: { version: string; resources: { resource: string }[] }[];
        }) =>
          group.versions.flatMap(({ version, resources }) =>
            resources.map(({ resource }) => `${group.metadata.name}/${version}/${resource}`),
          ),
      )
      .sort();
    const groups = (await ask('/apis')).json.groups as { versions: { groupVersion: string }[] }[];
    const legacy: string[] = [];
    for (const { groupVersion } of groups.flatMap(group => group.versions)) {
      const { resources } = (await ask(`/apis/${groupVersion}`)).json as { resources: { name: string }[] };
      for (const { name } of resources) if (!name.includes('/')) legacy.push(`${groupVersion}/${name}`);
    }
    const aggregatable = (resource: string) => !resource.startsWith('subresources.');
    expect(fromAggregated.filter(aggregatable)).toEqual(legacy.filter(aggregatable).sort());
    const { paths } = (await ask('/openapi/v3')).json;
    for (const { groupVersion } of groups
      .flatMap(group => group.versions)
      .filter(({ groupVersion }) => aggregatable(groupVersion)))
      expect(Object.keys(paths)).toContain(`apis/${groupVersion}`);
  });
});

describe('refusals', () => {
  const status = (answer: Answer) => ({
    code: answer.code,
    type: answer.headers['content-type'],
    ...answer.json,
  });

  test('404 of an object', async () => {
    expect(status(await ask(`${VMS}/absent`))).toEqual({
      code: 404,
      type: 'application/json',
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'virtualmachines.kubevirt.io "absent" not found',
      reason: 'NotFound',
      details: { name: 'absent', group: 'kubevirt.io', kind: 'virtualmachines' },
    });
    expect((await ask('/api/v1/namespaces/default/pods/absent')).json.details).toEqual({
      name: 'absent',
      kind: 'pods',
    });
  });

  test('404 of a path', async () => {
    const { code, headers, text } = await ask('/nothing');
    expect([code, headers['content-type'], text]).toEqual([
      404,
      'text/plain; charset=utf-8',
      '404 page not found\n',
    ]);
    expect((await ask('/api/v1/namespaces/default/gizmos')).json).toMatchObject({
      kind: 'Status',
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    });
  });

  test('405', async () => {
    expect((await write('POST', `${CONFIG_MAPS}/any`, {})).json).toMatchObject({
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
    });
    expect((await write('PUT', CONFIG_MAPS, {})).code).toBe(405);
  });

  test('406', async () => {
    const answer = await ask(CONFIG_MAPS, { headers: { Accept: 'text/html' } });
    expect(status(answer)).toMatchObject({ code: 406, reason: 'NotAcceptable', kind: 'Status' });
    expect(answer.json.message).toMatch(/^only the following media types are accepted: application\/json, /);
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {} };
    const table = await ask('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      method: 'POST',
      headers: { Accept: TABLE, 'Content-Type': 'application/json' },
      body: JSON.stringify(review),
    });
    expect(table.code).toBe(406);
  });

  test('409 of a stale update, of a name, of a precondition', async () => {
    await create('contested');
    const { json: current } = await ask(`${CONFIG_MAPS}/contested`);
    await relabel('contested', { once: 'more' });
    expect((await write('PUT', `${CONFIG_MAPS}/contested`, current)).json).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "contested": the object has been modified; please apply your changes to the latest version and try again',
      details: { name: 'contested', kind: 'configmaps' },
    });
    expect((await write('POST', CONFIG_MAPS, { metadata: { name: 'contested' } })).json).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "contested" already exists',
      details: { name: 'contested', kind: 'configmaps' },
    });
    const other = await write('DELETE', `${CONFIG_MAPS}/contested`, { preconditions: { uid: 'another' } });
    expect(other.json).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(other.json.message).toMatch(
      /^Operation cannot be fulfilled on ConfigMap "contested": the UID in the precondition \(another\) does not match the UID in record \([0-9a-f-]{36}\)\. The object might have been deleted and then recreated$/,
    );
  });

  test('413', async () => {
    const answer = await ask(CONFIG_MAPS, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: `{"data":{"a":"${'x'.repeat(3 * 1024 * 1024)}"}}`,
    });
    expect(status(answer)).toMatchObject({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: limit is 3145728',
    });
  });

  test('415, of bodies and of patches', async () => {
    const body = await write('POST', CONFIG_MAPS, {}, 'text/plain');
    expect(status(body)).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    expect(body.json.message).toMatch(
      /^the body of the request was in an unknown format - accepted media types include: application\/json, /,
    );
    const patch = await write('PATCH', `${VMS}/shown`, {}, 'application/strategic-merge-patch+json');
    expect(status(patch)).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    expect((await write('PATCH', `${CONFIG_MAPS}/any`, {}, 'application/json')).code).toBe(415);
  });

  test('422 names each cause', async () => {
    const answer = await write('POST', CONFIG_MAPS, { metadata: { name: 'UP', labels: { 'a b': 'c d' } } });
    expect(answer.json).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: { name: 'UP', kind: 'ConfigMap' },
    });
    expect(
      answer.json.details.causes.map(({ reason, field }: Record<string, string>) => [reason, field]),
    ).toEqual([
      ['FieldValueInvalid', 'metadata.name'],
      ['FieldValueInvalid', 'metadata.labels'],
      ['FieldValueInvalid', 'metadata.labels'],
    ]);
    expect(answer.json.message).toMatch(
      /^ConfigMap "UP" is invalid: \[metadata\.name: Invalid value: "UP": .*\]$/,
    );
  });

  test('a custom object is updated with its resourceVersion only', async () => {
    const answer = await write('PUT', `${VMS}/shown`, halted('shown'));
    expect(answer.json).toMatchObject({
      code: 422,
      message:
        'virtualmachines.kubevirt.io "shown" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    });
  });

  test.each([
    ['limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['labelSelector=a%20in%20b', 400, 'unable to parse requirement'],
    ['fieldSelector=nope%3D1', 400, 'field label not supported: nope'],
  ])('a query that cannot be read: %s', async (query, code, message) => {
    const answer = await ask(`${CONFIG_MAPS}?${query}`);
    expect(answer.code).toBe(code);
    expect(answer.json.message).toContain(message);
  });

  test.each([
    ['dryRun=Some', 'dryRun: Unsupported value: []string{"Some"}: supported values: "All"'],
    ['fieldValidation=Loud', 'fieldValidation: Unsupported value: "Loud": supported values: '],
    [`fieldManager=${'m'.repeat(129)}`, 'fieldManager: Too long: may not be more than 128 bytes'],
  ])('an option that does not exist: %s', async (query, message) => {
    const answer = await write('POST', `${CONFIG_MAPS}?${query}`, { metadata: { name: 'optional' } });
    expect(answer.code).toBe(422);
    expect(answer.json.message).toContain(message);
    expect((await ask(`${CONFIG_MAPS}/optional`)).code).toBe(404);
  });
});
