/** The wire as clients see it, against a real server. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type SendOptions, open, send } from '../clients/http.ts';
import { type TestServer, startTestServer } from '../clients/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server?.close();
  expect(server?.bugs).toEqual([]);
});

const JSON_TYPE = { 'Content-Type': 'application/json' };
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const ask = (path: string, options?: SendOptions) => send(server, path, options);
const post = (path: string, body: unknown, headers: Record<string, string> = JSON_TYPE) =>
  ask(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
const configMap = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const events = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

describe('who gets in', () => {
  test('nobody without credentials, and none with wrong ones', async () => {
    const attempts: Record<string, string>[] = [
      {},
      { Authorization: 'Bearer wrong' },
      { Authorization: 'Basic YTpi' },
    ];
    for (const headers of attempts) {
      const answer = await ask('/api/v1/pods', { stranger: true, headers });
      expect(answer.json).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      });
      expect(answer.code).toBe(401);
    }
  });

  test.each(['/healthz', '/livez', '/readyz', '/version'])('everyone sees %s', async path => {
    expect((await ask(path, { stranger: true })).code).toBe(200);
    expect((await ask(path, { stranger: true, headers: { Authorization: 'Bearer wrong' } })).code).toBe(401);
  });

  test('impersonation needs a user', async () => {
    expect((await ask('/api/v1/pods', { headers: { 'Impersonate-Group': 'a' } })).code).toBe(400);
    expect((await ask('/api/v1/pods', { headers: { 'Impersonate-User': 'a' } })).code).toBe(403);
    const masters = { 'Impersonate-User': 'a', 'Impersonate-Group': 'system:masters' };
    expect((await ask('/api/v1/pods', { headers: masters })).code).toBe(200);
  });
});

describe('paths', () => {
  test.each([
    ['/', 200, 'application/json'],
    ['/nothing', 404, 'text/plain; charset=utf-8'],
    ['/apis/example.com/v1', 404, 'text/plain; charset=utf-8'],
    ['/apis/example.com/v1/gizmos', 404, 'text/plain; charset=utf-8'],
    ['/api/v1/gizmos', 404, 'application/json'],
    ['/healthz/ping', 200, 'text/plain; charset=utf-8'],
    ['/readyz/nothing', 404, 'text/plain; charset=utf-8'],
  ])('%s: %i %s', async (path, code, type) => {
    const answer = await ask(path);
    expect([answer.code, answer.headers['content-type']]).toEqual([code, type]);
  });

  test('health in words', async () => {
    expect((await ask('/readyz?verbose&exclude=etcd&exclude=x')).text).toMatch(
      /^\[\+\]ping ok\n[^]*\[\+\]etcd excluded: ok\n[^]*no matches for "x"\nreadyz check passed\n$/,
    );
  });
});

describe('bad bodies change nothing', () => {
  const unreadable = 'the object provided is unrecognized (must be of type ConfigMap): ';
  test.each([
    [
      'no JSON',
      'hello',
      JSON_TYPE,
      400,
      `${unreadable}couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value (68656c6c6f)`,
    ],
    [
      'cut off',
      '{"kind"',
      JSON_TYPE,
      400,
      `${unreadable}couldn't get version/kind; json parse error: unexpected end of JSON input ({"kind")`,
    ],
    [
      'nothing',
      '',
      JSON_TYPE,
      400,
      `${unreadable}couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`,
    ],
    [
      'text',
      'a: b',
      { 'Content-Type': 'text/plain' },
      415,
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
    [
      'too much',
      `"${'x'.repeat(4 * 1024 * 1024)}"`,
      JSON_TYPE,
      413,
      'Request entity too large: limit is 3145728',
    ],
    [
      'no protobuf',
      '{}',
      { 'Content-Type': 'application/vnd.kubernetes.protobuf' },
      400,
      `${unreadable}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})`,
    ],
  ])('%s', async (_what, body, headers, code, message) => {
    const { revision } = server.cluster;
    const answer = await post(CONFIG_MAPS, body, headers);
    expect(answer.json).toMatchObject({ code, message, status: 'Failure' });
    expect(answer.code).toBe(code);
    expect(server.cluster.revision).toBe(revision);
  });

  test('repeated fields: refused, warned of or ignored', async () => {
    const body =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}';
    expect((await post(`${CONFIG_MAPS}?fieldValidation=Strict`, body)).json.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"',
    );
    expect((await post(`${CONFIG_MAPS}?dryRun=All`, body)).headers.warning).toBe(
      '299 - "duplicate field \\"data.a\\""',
    );
    const ignored = await post(`${CONFIG_MAPS}?fieldValidation=Ignore&dryRun=All`, body);
    expect([ignored.code, ignored.headers.warning]).toEqual([201, undefined]);
  });
});

describe('forms of bodies and answers', () => {
  test('no Content-Type is JSON, YAML is read, too', async () => {
    expect((await post(CONFIG_MAPS, configMap('plain'), {})).code).toBe(201);
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {a: "b"}\n';
    const answer = await post(CONFIG_MAPS, yaml, {
      'Content-Type': 'application/yaml',
      Accept: 'application/yaml',
    });
    expect([answer.code, answer.headers['content-type']]).toEqual([201, 'application/yaml']);
    expect(answer.text).toContain('name: yaml');
  });

  test('tables, of lists and of one object', async () => {
    const list = (await ask(CONFIG_MAPS, { headers: { Accept: TABLE } })).json;
    expect(list).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: expect.any(String) },
    });
    expect(list.columnDefinitions[0]).toMatchObject({ name: 'Name', format: 'name', priority: 0 });
    expect(list.rows[0].object.kind).toBe('PartialObjectMetadata');
    const one = (await ask(`${CONFIG_MAPS}/plain?includeObject=Object`, { headers: { Accept: TABLE } })).json;
    expect(one.rows).toHaveLength(1);
    expect(one.rows[0]).toMatchObject({
      cells: ['plain', 0, expect.any(String)],
      object: { kind: 'ConfigMap' },
    });
    const error = await ask(`${CONFIG_MAPS}/absent`, { headers: { Accept: TABLE } });
    expect(error.json).toMatchObject({ kind: 'Status', code: 404 });
  });

  test('metadata only', async () => {
    const Accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const list = (await ask(CONFIG_MAPS, { headers: { Accept } })).json;
    expect(list).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect(list.items[0]).toMatchObject({ kind: 'PartialObjectMetadata' });
    expect(Object.keys(list.items[0])).toEqual(['kind', 'apiVersion', 'metadata']);
  });

  test('people at a terminal get line breaks', async () => {
    expect((await ask('/api/v1/namespaces/default', { headers: { 'User-Agent': 'curl/8' } })).text).toMatch(
      /^\{\n {2}"kind"/,
    );
    expect((await ask('/api/v1/namespaces/default')).text).toMatch(/^\{"kind"/);
  });
});

describe('discovery', () => {
  const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

  test('aggregated, kept by its ETag', async () => {
    const answer = await ask('/apis', { headers: { Accept: AGGREGATED } });
    expect(answer.headers['content-type']).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    );
    const kubevirt = answer.json.items.find(
      (item: { metadata: { name: string } }) => item.metadata.name === 'kubevirt.io',
    );
    const vm = kubevirt.versions[0].resources.find(
      (resource: { resource: string }) => resource.resource === 'virtualmachines',
    );
    expect(vm).toMatchObject({
      responseKind: { group: 'kubevirt.io', version: 'v1', kind: 'VirtualMachine' },
      scope: 'Namespaced',
      singularResource: 'virtualmachine',
      shortNames: ['vm', 'vms'],
      categories: ['all'],
    });
    const again = await ask('/apis', {
      headers: { Accept: AGGREGATED, 'If-None-Match': answer.headers.etag ?? '' },
    });
    expect([again.code, again.text]).toEqual([304, '']);
  });

  test('legacy', async () => {
    expect((await ask('/api')).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    expect((await ask('/apis')).json).toMatchObject({ kind: 'APIGroupList' });
    expect((await ask('/apis/apps')).json).toMatchObject({
      kind: 'APIGroup',
      preferredVersion: { groupVersion: 'apps/v1' },
    });
    const pods = (await ask('/api/v1')).json.resources.filter((resource: { name: string }) =>
      resource.name.startsWith('pods'),
    );
    expect(pods).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'pods',
          singularName: 'pod',
          namespaced: true,
          kind: 'Pod',
          shortNames: ['po'],
        }),
        expect.objectContaining({ name: 'pods/eviction', group: 'policy', version: 'v1', kind: 'Eviction' }),
      ]),
    );
  });

  test("KubeVirt's own subresources are listed as virt-api lists them", async () => {
    const list = (await ask('/apis/subresources.kubevirt.io/v1')).json;
    expect(list.resources.map((resource: { name: string }) => resource.name)).toEqual(
      expect.arrayContaining([
        'expand-vm-spec',
        'virtualmachines/start',
        'virtualmachineinstances/vnc/screenshot',
      ]),
    );
    expect((await ask('/apis/subresources.kubevirt.io')).json.name).toBe('subresource.kubevirt.io');
    expect((await ask('/apis/subresources.kubevirt.io/v1/version')).json.gitVersion).toBe('v1.9.0');
  });
});

describe('OpenAPI v3', () => {
  test('documents are found by their hash', async () => {
    const { paths } = (await ask('/openapi/v3')).json;
    const url = paths['apis/kubevirt.io/v1'].serverRelativeURL;
    expect(url).toMatch(/^\/openapi\/v3\/apis\/kubevirt.io\/v1\?hash=[0-9A-F]{128}$/);
    const document = await ask(url);
    expect(document.headers['cache-control']).toBe('public, immutable');
    expect(document.json.openapi).toBe('3.0.0');
    const outdated = await ask(url.replace(/hash=.*/, 'hash=0'));
    expect([outdated.code, outdated.headers.location]).toEqual([301, url]);
    const kept = await ask(url, { headers: { 'If-None-Match': document.headers.etag ?? '' } });
    expect(kept.code).toBe(304);
  });

  test('in JSON only', async () => {
    const Accept = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
    expect((await ask('/openapi/v3', { headers: { Accept } })).code).toBe(406);
  });
});

describe('watches', () => {
  test('begin with what is there and end in time, with a bookmark', async () => {
    const { text } = await ask(`${CONFIG_MAPS}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true`);
    const lines = events(text);
    expect(lines.map(line => line.type)).toEqual([...lines.slice(1).map(() => 'ADDED'), 'BOOKMARK']);
    expect(lines.at(-1).object).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: expect.stringMatching(/^\d+$/) },
    });
  });

  test('streaming lists end their beginning', async () => {
    const query =
      'watch=1&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    const bookmark = events((await ask(`${CONFIG_MAPS}?${query}`)).text).find(
      line => line.type === 'BOOKMARK',
    );
    expect(bookmark.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  test('headers come at once, events as they happen', async () => {
    const from = (await ask(CONFIG_MAPS)).json.metadata.resourceVersion;
    const response = await open(server, `${CONFIG_MAPS}?watch=true&resourceVersion=${from}`);
    expect(response.statusCode).toBe(200);
    response.setEncoding('utf8');
    const first = once(response, 'data');
    await post(CONFIG_MAPS, configMap('live'));
    const [text] = (await first) as [string];
    expect(JSON.parse(text)).toMatchObject({
      type: 'ADDED',
      object: { kind: 'ConfigMap', metadata: { name: 'live' } },
    });
    response.destroy();
  });

  test('tables name their columns once', async () => {
    const response = await ask(`${CONFIG_MAPS}?watch=1&timeoutSeconds=1`, { headers: { Accept: TABLE } });
    const tables = events(response.text).map(line => line.object);
    expect(tables.length).toBeGreaterThan(1);
    expect(tables[0].columnDefinitions.length).toBeGreaterThan(1);
    for (const table of tables)
      expect(table).toMatchObject({ kind: 'Table', rows: [{ cells: expect.any(Array) }] });
    for (const table of tables.slice(1)) expect(table.columnDefinitions).toEqual([]);
  });

  test('of one object, in the deprecated form', async () => {
    const { text } = await ask('/api/v1/watch/namespaces/default/configmaps/plain?timeoutSeconds=1');
    expect(events(text).map(line => line.object.metadata.name)).toEqual(['plain']);
  });

  test('over a WebSocket, with the token as a sub-protocol', async () => {
    const token = Buffer.from(server.token).toString('base64url');
    const socket = new WebSocket(
      `wss://127.0.0.1:${server.port}${CONFIG_MAPS}?watch=1`,
      [`base64url.bearer.authorization.k8s.io.${token}`, 'base64.binary.k8s.io'],
      { rejectUnauthorized: false },
    );
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(socket.protocol).toBe('base64.binary.k8s.io');
    expect(JSON.parse(message.toString())).toMatchObject({ type: 'ADDED' });
    socket.terminate();
  });

  test('a stranger gets no WebSocket', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${CONFIG_MAPS}?watch=1`, {
      rejectUnauthorized: false,
    });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 401');
  });
});

describe('rude clients harm nobody', () => {
  const alive = async () => expect((await ask('/api/v1/namespaces/default')).code).toBe(200);

  test('one that hangs up in the middle of its body', async () => {
    const socket = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.write(
      `POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Length: 100\r\n\r\n{"a"`,
    );
    await sleep(50);
    socket.destroy();
    await sleep(50);
    await alive();
  });

  test('one that speaks no TLS, and one that speaks no HTTP', async () => {
    const { connect: plain } = await import('node:net');
    const first = plain(server.port, '127.0.0.1');
    first.on('error', () => {});
    first.write('GET / HTTP/1.0\r\n\r\n');
    const second = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
    second.on('error', () => {});
    await once(second, 'secureConnect');
    second.write('\u0000\u0001nonsense\r\n\r\n');
    await sleep(100);
    first.destroy();
    second.destroy();
    await alive();
  });

  test('a watcher that never reads holds up no other, and is told the rest when it reads', async () => {
    const lazy = await open(server, `${CONFIG_MAPS}?watch=1&resourceVersion=${server.cluster.revision}`);
    lazy.pause();
    const data = { text: 'x'.repeat(500_000) };
    for (let count = 0; count < 24; count += 1)
      expect((await post(CONFIG_MAPS, configMap(`big${count}`, data))).code).toBe(201);
    await alive();
    let seen = 0;
    lazy.setEncoding('utf8');
    for await (const chunk of lazy) {
      seen += (chunk as string).split('"type":"ADDED"').length - 1;
      if (seen >= 24) break;
    }
    expect(seen).toBe(24);
  });
});
