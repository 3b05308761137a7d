import { describe, expect, it } from 'vitest';
import { TestServer } from './fixture.ts';

function filled(names: string[], options = {}): TestServer {
  const server = new TestServer(options);
  for (const name of names)
    server.configMap(name, { n: name }, { labels: { name, half: name < 'c' ? '1' : '2' } });
  return server;
}

const token = (value: unknown) => btoa(JSON.stringify(value)).replaceAll('=', '');

describe('get', () => {
  it('answers in the request’s version', () => {
    const server = new TestServer();
    server.ok('create', 'machines', { body: { metadata: { name: 'm' } } });
    expect(server.ok('get', 'machines', { name: 'm', version: 'v1beta1' }).apiVersion).toBe(
      'example.com/v1beta1',
    );
  });

  it('refuses revisions of the future', () => {
    const server = filled(['a']);
    expect(
      server.refused('get', 'configmaps', { name: 'a', options: { resourceVersion: '100' } }),
    ).toMatchObject({
      code: 504,
      reason: 'Timeout',
      message: 'Timeout: Too large resource version: 100, current: 3',
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    });
  });
});

describe('list', () => {
  it('gives objects in key order at the store’s revision', () => {
    const server = filled(['b', 'a']);
    expect(server.list('configmaps')).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMapList',
      resourceVersion: '4',
      items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
    });
    expect(server.list('pods').items).toEqual([]);
  });

  it('covers all namespaces without one', () => {
    const server = filled(['a']);
    server.ok('create', 'namespaces', { body: { metadata: { name: 'other' } } });
    server.ok('create', 'configmaps', { namespace: 'other', body: { metadata: { name: 'z' } } });
    expect(server.names('configmaps', { namespace: undefined })).toEqual(['a', 'z']);
    expect(server.names('configmaps')).toEqual(['a']);
  });

  it('pages through one consistent snapshot, whatever is written meanwhile', () => {
    const server = filled(['a', 'b', 'c', 'd', 'e']);
    const first = server.list('configmaps', { options: { limit: 2 } });
    expect(first.remainingItemCount).toBe(3);
    server.request('delete', 'configmaps', { name: 'd' });
    server.configMap('c2');
    server.ok('patch', 'configmaps', { name: 'e', patchType: 'merge', body: { data: { n: 'changed' } } });
    const second = server.list('configmaps', { options: { limit: 2, continue: first.continue } });
    const third = server.list('configmaps', { options: { limit: 2, continue: second.continue } });
    const items = [first, second, third].flatMap(page => page.items);
    expect(items.map(object => object.metadata.name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(third.items[0]).toHaveProperty('data', { n: 'e' });
    expect(new Set([first, second, third].map(page => page.resourceVersion))).toEqual(new Set(['7']));
    expect(third.continue).toBeUndefined();
    expect(third.remainingItemCount).toBeUndefined();
  });

  it('offers an inconsistent continuation where history does not reach', () => {
    const server = filled(['a', 'b', 'c'], { journalCapacity: 2 });
    const first = server.list('configmaps', { options: { limit: 1 } });
    for (let count = 0; count < 3; count += 1) server.configMap(`x${count}`);
    const refusal = server.refused('list', 'configmaps', { options: { continue: first.continue } });
    expect(refusal).toMatchObject({ code: 410, reason: 'Expired' });
    expect(refusal.message).toMatch(/^The provided continue parameter is too old/);
    const rest = server.names('configmaps', { options: { continue: refusal.metadata.continue } });
    expect(rest).toEqual(['b', 'c', 'x0', 'x1', 'x2']);
  });

  it('reads exact revisions from history', () => {
    const server = filled(['a']);
    server.configMap('b');
    const options = { resourceVersion: '3', resourceVersionMatch: 'Exact' as const };
    expect(server.list('configmaps', { options })).toMatchObject({ resourceVersion: '3', items: [{}] });
    expect(
      server.names('configmaps', { options: { ...options, resourceVersionMatch: 'NotOlderThan' } }),
    ).toEqual(['a', 'b']);
  });

  it.each([
    [
      { resourceVersionMatch: 'Exact' },
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      { resourceVersionMatch: 'Exact', resourceVersion: '0' },
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      { sendInitialEvents: true },
      422,
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    ],
    [
      { continue: token({ v: 'meta.k8s.io/v1', rv: 3, start: 'default/a' }), resourceVersion: '3' },
      400,
      'specifying resource version is not allowed when using continue',
    ],
    ...(
      [
        ['x', ': illegal base64 data at input byte 0'],
        ['ab=', ': illegal base64 data at input byte 2'],
        [token('x'), ': json: cannot unmarshal string into Go value of type storage.continueToken'],
        [btoa('xyz'), ": invalid character 'x' looking for beginning of value"],
        [token({}), ': server does not recognize this encoded version '],
        [token({ v: 'v2' }), ': server does not recognize this encoded version v2'],
        [
          token({ v: 'meta.k8s.io/v1' }),
          ': incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
        ],
        [token({ v: 'meta.k8s.io/v1', rv: 3 }), ': encoded start key empty (version meta.k8s.io/v1)'],
        [token({ v: 'meta.k8s.io/v1', rv: 3, start: '../a' }), ': ../a'],
        [
          token({ v: 'meta.k8s.io/v1', rv: 'a' }),
          ': json: cannot unmarshal string into Go struct field continueToken.rv of type int64',
        ],
      ] as const
    ).map(
      ([value, why]) =>
        [{ continue: value }, 400, `invalid continue token: continue key is not valid${why}`] as const,
    ),
    [
      { resourceVersion: 'x' },
      400,
      'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      { resourceVersion: '18446744073709551616' },
      400,
      'invalid resource version: resourceVersion: Invalid value: "18446744073709551616": strconv.ParseUint: parsing "18446744073709551616": value out of range',
    ],
    [{ resourceVersion: '99' }, 504, 'Timeout: Too large resource version: 99, current: 3'],
    [{ fieldSelector: 'spec.x=1' }, 400, 'field label not supported: spec.x'],
    [
      { fieldSelector: 'metadata.name' },
      400,
      "invalid selector: 'metadata.name'; can't understand 'metadata.name'",
    ],
    [
      { labelSelector: 'a b' },
      400,
      "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
    ],
    [{ labelSelector: 'a,' }, 400, "found '', expected: identifier after ','"],
  ] as const)('refuses %j', (options, code, message) => {
    expect(filled(['a']).refused('list', 'configmaps', { options })).toMatchObject({ code, message });
  });

  it('tells of a bad revision differently where one object is asked for, or a watch', () => {
    const server = filled(['a']);
    const options = { resourceVersion: '-1' };
    const message = 'resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": invalid syntax';
    const status = server.refused('get', 'configmaps', { name: 'a', options });
    expect(status).toMatchObject({ code: 500, message });
    expect(status.reason).toBeUndefined();
    expect(() => server.watch('configmaps', { options })).toThrow(message);
  });

  it('takes the revision of a page to the letter', () => {
    const server = filled(['a', 'b']);
    const options = { resourceVersion: '3', limit: 10 };
    expect(server.names('configmaps', { options })).toEqual(['a']);
    expect(server.names('configmaps', { options: { resourceVersion: '3' } })).toEqual(['a', 'b']);
  });

  it('names the fields that a custom resource knows', () => {
    const server = new TestServer();
    expect(server.refused('list', 'machines', { options: { fieldSelector: 'spec.x=1' } }).message).toBe(
      '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  it('selects by labels and fields', () => {
    const server = filled(['a', 'b', 'c']);
    const names = (options: object) => server.names('configmaps', { options });
    expect(names({ labelSelector: 'half=1,name!=a' })).toEqual(['b']);
    expect(names({ fieldSelector: 'metadata.name=c' })).toEqual(['c']);
    expect(names({ fieldSelector: 'metadata.name!=c', labelSelector: 'name in (a, c)' })).toEqual(['a']);
  });

  it('refuses verbs a resource does not have', () => {
    const server = new TestServer();
    expect(server.refused('get', 'nothing', { name: 'x' })).toMatchObject({
      code: 404,
      message: 'the server could not find the requested resource',
    });
  });
});

describe('watch', () => {
  const told = (
    events: readonly { type: string; object: { metadata: { name?: string; resourceVersion: string } } }[],
  ) =>
    events.map(
      ({ type, object }) => `${type} ${object.metadata.name ?? ''} ${object.metadata.resourceVersion}`,
    );

  it('begins with what exists and goes on with what changes', () => {
    const server = filled(['a']);
    const watch = server.watch('configmaps');
    expect(told(watch.initial)).toEqual(['ADDED a 3']);
    server.ok('patch', 'configmaps', { name: 'a', patchType: 'merge', body: { data: { n: '2' } } });
    server.ok('create', 'pods', { body: { metadata: { name: 'p' }, spec: {} } });
    server.request('delete', 'configmaps', { name: 'a' });
    expect(told(watch.poll())).toEqual(['MODIFIED a 4', 'DELETED a 6']);
    expect(watch.poll()).toEqual([]);
  });

  it('resumes after a revision', () => {
    const server = filled(['a', 'b', 'c']);
    expect(told(server.watch('configmaps', { options: { resourceVersion: '4' } }).poll())).toEqual([
      'ADDED c 5',
    ]);
  });

  it('tells of objects that enter or leave its selection', () => {
    const server = filled(['a']);
    const watch = server.watch('configmaps', { options: { labelSelector: 'on=yes' } });
    const label = (on: string | null) =>
      server.ok('patch', 'configmaps', {
        name: 'a',
        patchType: 'merge',
        body: { metadata: { labels: { on } } },
      });
    label('yes');
    label('no');
    const events = watch.poll();
    expect(told(events)).toEqual(['ADDED a 4', 'DELETED a 5']);
    expect(events[1]?.object.metadata.labels?.on).toBe('yes');
  });

  it('refuses what the journal has forgotten', () => {
    const server = filled(['a', 'b', 'c'], { journalCapacity: 2 });
    expect(() => server.watch('configmaps', { options: { resourceVersion: '2' } })).toThrow(
      'too old resource version: 2 (3)',
    );
    const slow = server.watch('configmaps');
    for (const name of ['d', 'e', 'f']) server.configMap(name);
    expect(() => slow.poll()).toThrow('too old resource version: 5 (6)');
  });

  it('streams lists: existing objects, a marked bookmark, changes', () => {
    const server = filled(['a']);
    const watch = server.watch('configmaps', {
      options: { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true },
    });
    expect(told(watch.initial)).toEqual(['ADDED a 3', 'BOOKMARK  3']);
    expect(watch.initial[1]).toEqual({
      type: 'BOOKMARK',
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { resourceVersion: '3', annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    });
    server.configMap('b');
    expect(told(watch.poll())).toEqual(['ADDED b 4']);
  });

  it('begins now where initial events are declined', () => {
    const server = filled(['a']);
    const options = { sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan' as const };
    expect(server.watch('configmaps', { options }).initial).toEqual([]);
  });

  it.each([
    [
      { sendInitialEvents: true },
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
    [
      { resourceVersionMatch: 'NotOlderThan' },
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
  ] as const)('refuses %j', (options, message) => {
    expect(() => new TestServer().watch('configmaps', { options })).toThrow(
      `ListOptions.meta.k8s.io "" is invalid: ${message}`,
    );
  });
});
