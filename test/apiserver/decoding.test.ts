/** What becomes of bodies that are not what they should be. */
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../simulator/types/meta.ts';
import { withZeroValues } from '../../simulator/apiserver/index.ts';
import { TestServer } from './fixture.ts';
import { container, deployment, schemas } from './schemas.ts';

describe('a body that says of what kind it is', () => {
  const unrecognized = (why: string) =>
    `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ${why}`;

  it.each<[body: JsonValue, message: string]>([
    [
      { kind: {} },
      unrecognized('json: cannot unmarshal object into Go struct field .kind of type string ({"kind":{}})'),
    ],
    [
      { apiVersion: 1, data: { long: 'x'.repeat(30) } },
      unrecognized(
        'json: cannot unmarshal number into Go struct field .apiVersion of type string ({"apiVersion":1,"data":{"long" ...)',
      ),
    ],
    [
      [1],
      unrecognized(
        'json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b315d)',
      ),
    ],
  ])('%j', (body, message) => {
    const server = new TestServer();
    expect(server.refused('create', 'configmaps', { body })).toMatchObject({ code: 400, message });
  });

  it('without a name', () => {
    const server = new TestServer();
    server.configMap('a');
    expect(server.refused('update', 'configmaps', { name: 'a', body: {} })).toMatchObject({
      code: 400,
      message: 'the name of the object (a based on URL) was undeterminable: name must be provided',
    });
  });

  it('a patch does not make it something else', () => {
    const server = new TestServer();
    server.configMap('a');
    const body = { kind: 1 };
    const status = server.refused('patch', 'configmaps', { name: 'a', patchType: 'merge', body });
    expect(status.code).toBe(422);
    expect(status.message).toMatch(
      /: couldn't get version\/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string$/,
    );
  });
});

describe('operations of a JSON patch that are none', () => {
  it.each<[body: JsonValue, code: number, message: string]>([
    [[null], 422, 'the server rejected our request due to an error in our request'],
    [
      [1],
      400,
      'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp',
    ],
    [
      [{ op: 'add', path: [] }],
      400,
      'error decoding patch: json: cannot unmarshal array into Go struct field jsonPatchOp.path of type string',
    ],
  ])('%j', (body, code, message) => {
    const server = new TestServer();
    server.configMap('a');
    expect(server.refused('patch', 'configmaps', { name: 'a', patchType: 'json', body })).toMatchObject({
      code,
      message,
    });
  });
});

describe('null where a Go struct holds none', () => {
  it.each<[given: JsonValue, decoded: JsonValue]>([
    [{ command: ['a', null] }, { command: ['a', ''] }],
    [{ ports: [null] }, { ports: [{}] }],
    [{ image: null }, { image: null }],
    [{ unknown: [null] }, { unknown: [null] }],
  ])('%j is %j', (given, decoded) => {
    expect(withZeroValues(given, container)).toEqual(decoded);
  });

  it('in a map is the zero value', () => {
    const metadata = { labels: { a: null } };
    expect(withZeroValues({ metadata }, deployment)).toEqual({ metadata: { labels: { a: '' } } });
  });

  it('and an object without nulls stays the same', () => {
    const value = { ports: [{ containerPort: 1 }] };
    expect(withZeroValues(value, container)).toBe(value);
  });

  it('a spec is there, even if nobody sent one', () => {
    const server = new TestServer({ schemas });
    expect(server.ok('create', 'deployments', { body: { metadata: { name: 'd' } } }).spec).toEqual({});
  });
});
