/** OpenAPI v2: what kubectl up to 1.28 and helm up to 3.11 cannot do without. Newer kubectls still read it when told to. */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { openApiV2Protobuf } from '../../api/openapi-v2-protobuf.ts';
import { OpenApiV2Builder } from '../../api/openapi-v2.ts';
import { ProtobufWriter } from '../../api/protobuf-writer.ts';
import type { JsonObject } from '../../simulator/types/meta.ts';
import { send } from '../clients/http.ts';
import { findKubectls, kubectl } from '../clients/kubectl.ts';
import { type TestServer, startTestServer } from '../clients/server.ts';

const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const ANSWERED_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** One schema as v2 has it. */
function converted(schema: JsonObject): unknown {
  const builder = new OpenApiV2Builder();
  builder.add({ paths: {}, components: { schemas: { Thing: schema } } });
  return builder.build().definitions.Thing;
}

describe('schemas in v2', () => {
  it.each<[what: string, v3: JsonObject, v2: JsonObject]>([
    [
      'references lose their wrapping',
      {
        properties: {
          a: { description: 'd', default: {}, allOf: [{ $ref: '#/components/schemas/Other' }] },
        },
      },
      { properties: { a: { description: 'd', default: {}, $ref: '#/definitions/Other' } } },
    ],
    [
      'alternatives go',
      {
        type: 'object',
        anyOf: [{ required: ['a'] }],
        oneOf: [],
        not: {},
        properties: { a: { type: 'string' } },
      },
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    [
      'an integer or a string is anything',
      { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
      { 'x-kubernetes-int-or-string': true },
    ],
    [
      'what may be null has no type and is not required',
      {
        type: 'object',
        required: ['a', 'b'],
        properties: {
          a: { type: 'array', items: { type: 'string' }, nullable: true },
          b: { type: 'string' },
        },
      },
      { type: 'object', required: ['b'], properties: { a: {}, b: { type: 'string' } } },
    ],
    [
      'free form has neither type nor properties',
      {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { a: { type: 'string' } },
      },
      { 'x-kubernetes-preserve-unknown-fields': true },
    ],
    ['lists of nothing known have no type', { type: 'array' }, {}],
    [
      'values of maps',
      { type: 'object', additionalProperties: { type: 'string', nullable: true } },
      { type: 'object', additionalProperties: {} },
    ],
  ])('%s', (_what, v3, v2) => {
    expect(converted(v3)).toEqual(v2);
  });

  it('unites the kinds of what several groups share', () => {
    const kinds = 'x-kubernetes-group-version-kind';
    const schema = (group: string) => ({
      [kinds]: [
        { group: '', kind: 'K' },
        { group, kind: 'K' },
      ],
    });
    const builder = new OpenApiV2Builder();
    for (const group of ['a', 'b']) {
      builder.add({ paths: {}, components: { schemas: { Shared: schema(group) } } });
    }
    expect(builder.build().definitions.Shared).toEqual({
      [kinds]: [
        { group: '', kind: 'K' },
        { group: 'a', kind: 'K' },
        { group: 'b', kind: 'K' },
      ],
    });
  });
});

describe('protobuf', () => {
  const written = (write: (writer: ProtobufWriter) => void) => {
    const writer = new ProtobufWriter();
    write(writer);
    return writer.bytes().toString('hex');
  };

  // Bytes as protobuf.dev/programming-guides/encoding explains them.
  it.each<[what: string, write: (writer: ProtobufWriter) => void, hex: string]>([
    ['a varint', writer => writer.integer(1, 150), '089601'],
    ['a text', writer => writer.string(2, 'testing'), '120774657374696e67'],
    ['a message', writer => writer.message(3, () => writer.integer(1, 150)), '1a03089601'],
    ['a field beyond 15', writer => writer.bool(16, true), '800101'],
    ['a double', writer => writer.double(1, 1), '09000000000000f03f'],
    ['nothing for zero values', writer => writer.string(1, ''), ''],
    [
      'a message longer than 127 bytes',
      writer => writer.message(1, () => writer.string(1, 'x'.repeat(130))),
      `0a8501${'0a8201'}${'78'.repeat(130)}`,
    ],
  ])('%s', (_what, write, hex) => {
    expect(written(write)).toBe(hex);
  });

  it('grows as needed', () => {
    const text = 'é'.repeat(1 << 20);
    const writer = new ProtobufWriter();
    writer.message(1, () => writer.string(1, text));
    expect(writer.bytes().subarray(-4).toString('utf8')).toBe('éé');
    expect(writer.bytes().length).toBe(2 * text.length + 10);
  });

  it('names and versions the document as gnostic numbers its fields', () => {
    const bytes = openApiV2Protobuf({ paths: {}, definitions: { A: { type: 'object' } } }, 'v1');
    expect(bytes.toString('hex')).toBe(
      [
        '0a03322e30', // swagger: "2.0"
        '12100a0a4b756265726e657465731202' + '7631', // info: title, version
        '4200', // paths
        '4a12' + '0a10' + '0a0141' + '120b' + 'b20108' + '0a066f626a656374', // definitions: A, of type object
      ].join(''),
    );
  });
});

describe('/openapi/v2', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });

  afterAll(async () => {
    await server?.close();
    expect(server?.bugs).toEqual([]);
  });

  const ask = (headers: Record<string, string> = {}) => send(server, '/openapi/v2', { headers });

  test('in JSON, with all that kubectl looks for', async () => {
    const { code, headers, json } = await ask();
    expect([code, headers['content-type'], json.swagger]).toEqual([200, 'application/json', '2.0']);
    const { definitions, paths } = json;
    expect(definitions['io.k8s.api.core.v1.Pod']['x-kubernetes-group-version-kind']).toEqual([
      { group: '', kind: 'Pod', version: 'v1' },
    ]);
    expect(definitions['io.k8s.api.core.v1.PodSpec'].properties.containers).toMatchObject({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    });
    expect(definitions['io.kubevirt.v1.VirtualMachine'].properties.spec.properties.runStrategy.type).toBe(
      'string',
    );
    const { patch } = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'];
    expect(patch['x-kubernetes-group-version-kind']).toEqual({
      group: 'apps',
      kind: 'Deployment',
      version: 'v1',
    });
    expect(patch.parameters).toEqual(
      expect.arrayContaining(
        ['dryRun', 'fieldValidation'].map(name =>
          expect.objectContaining({ name, in: 'query', type: 'string' }),
        ),
      ),
    );
    expect(patch.parameters[0]).toMatchObject({ name: 'body', in: 'body', required: true });
  });

  test('references lead somewhere, and arrays have items', async () => {
    const { definitions } = (await ask()).json as { definitions: Record<string, JsonObject> };
    const wrong: string[] = [];
    const look = (schema: JsonObject, path: string): void => {
      const { $ref, type, items, properties, additionalProperties } = schema;
      if (
        typeof $ref === 'string' &&
        !(definitions[$ref.replace('#/definitions/', '')] && !type && !properties)
      ) {
        wrong.push(path);
      }
      if (type === 'array' && !items) wrong.push(path);
      if (['anyOf', 'oneOf', 'allOf', 'not', 'nullable'].some(word => word in schema)) wrong.push(path);
      if (items) look(items as JsonObject, `${path}[]`);
      if (typeof additionalProperties === 'object') look(additionalProperties as JsonObject, `${path}{}`);
      for (const [name, field] of Object.entries(properties ?? {}))
        look(field as JsonObject, `${path}.${name}`);
    };
    for (const [name, schema] of Object.entries(definitions)) look(schema, name);
    expect(wrong).toEqual([]);
  });

  test.each([
    [V2_PROTOBUF, 200, ANSWERED_PROTOBUF],
    [ANSWERED_PROTOBUF, 200, ANSWERED_PROTOBUF],
    ['application/json, */*', 200, 'application/json'],
    ['application/yaml', 406, 'text/plain; charset=utf-8'],
  ])('as %s', async (Accept, code, type) => {
    const answer = await ask({ Accept });
    expect([answer.code, answer.headers['content-type']]).toEqual([code, type]);
  });

  test('keeps its ETag, one a form', async () => {
    const { etag = '' } = (await ask()).headers;
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/);
    expect((await ask({ 'If-None-Match': etag })).code).toBe(304);
    expect((await ask({ 'If-None-Match': etag, Accept: V2_PROTOBUF })).code).toBe(200);
  });

  test.each(findKubectls())('kubectl $name reads the protobuf', async binary => {
    const explain = async (path: string) => {
      const args = ['explain', path, '--output=plaintext-openapiv2'];
      const result = await kubectl(binary, args, { kubeconfig: server.kubeconfigFile });
      expect(result).toMatchObject({ code: 0, stderr: '' });
      return result.stdout;
    };
    const cpu = await explain('vm.spec.template.spec.domain.cpu');
    expect(cpu).toMatch(/^KIND: +VirtualMachine\nVERSION: +kubevirt.io\/v1\n/);
    expect(cpu).toMatch(/^ {3}cores\t<integer>$/m);
    expect(cpu).toMatch(/^ {3}realtime\t<Object>$/m);
    expect(await explain('deployment.spec.template.spec.containers.ports')).toMatch(
      /^ {3}containerPort\t<integer> -required-$/m,
    );
    expect(await explain('pods.spec.nodeSelector')).toContain('FIELD:    nodeSelector <map[string]string>');
  });
});
