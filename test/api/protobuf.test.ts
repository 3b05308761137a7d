import { describe, expect, test } from 'vitest';
import { decodeProtobuf, isProtobuf } from '../../api/protobuf.ts';

// A writer of just enough protobuf to say what a body should hold (protobuf.dev/programming-guides/encoding).
function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
const number = (field: number, value: number | bigint) => Buffer.concat([varint(field << 3), varint(value)]);
function bytes(field: number, ...parts: (string | Buffer)[]): Buffer {
  const content = Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}
const MAGIC = Buffer.from('k8s\0');
const body = (apiVersion: string, kind: string, ...fields: Buffer[]) =>
  Buffer.concat([MAGIC, bytes(1, bytes(1, apiVersion), bytes(2, kind)), bytes(2, ...fields)]);

const metadata = bytes(1, bytes(1, 'name'), bytes(3, 'ns'), bytes(8));

describe('what kubectl sends', () => {
  test('a ConfigMap: maps, bytes, an empty time', () => {
    const message = body(
      'v1',
      'ConfigMap',
      metadata,
      bytes(2, bytes(1, 'key'), bytes(2, 'värde')),
      bytes(3, bytes(1, 'binary'), bytes(2, Buffer.from([0, 255]))),
    );
    expect(isProtobuf(message)).toBe(true);
    expect(decodeProtobuf(message)).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'name', namespace: 'ns', creationTimestamp: null },
      data: { key: 'värde' },
      binaryData: { binary: 'AP8=' },
    });
  });

  test('a Deployment: pointers keep their zero, others lose it', () => {
    const container = bytes(2, bytes(1, 'web'), bytes(2, 'nginx'), bytes(5, ''), number(16, 0));
    const spec = bytes(2, number(1, 0), bytes(3, bytes(2, container)), number(7, 0));
    expect(decodeProtobuf(body('apps/v1', 'Deployment', metadata, spec))).toMatchObject({
      apiVersion: 'apps/v1',
      spec: { replicas: 0, template: { spec: { containers: [{ name: 'web', image: 'nginx' }] } } },
    });
    const decoded = decodeProtobuf(body('apps/v1', 'Deployment', metadata, spec)) as { spec: object };
    expect(Object.keys(decoded.spec)).toEqual(['replicas', 'template']);
  });

  test('a Pod: embedded structures are flat, quantities and int-or-string are values', () => {
    const volume = bytes(
      1,
      bytes(1, 'data'),
      bytes(2, bytes(2, bytes(1, 'Memory'), bytes(2, bytes(1, '1Gi')))),
    );
    const probe = bytes(
      10,
      bytes(1, bytes(2, bytes(1, '/'), bytes(2, number(1, 1), number(2, 0), bytes(3, 'http')))),
      number(3, 5),
    );
    const resources = bytes(8, bytes(2, bytes(1, 'cpu'), bytes(2, bytes(1, '100m'))));
    const decoded = decodeProtobuf(
      body('v1', 'Pod', metadata, bytes(2, volume, bytes(2, bytes(1, 'c'), probe, resources))),
    );
    expect(decoded).toMatchObject({
      spec: {
        volumes: [{ name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }],
        containers: [
          {
            name: 'c',
            livenessProbe: { httpGet: { path: '/', port: 'http' }, timeoutSeconds: 5 },
            resources: { requests: { cpu: '100m' } },
          },
        ],
      },
    });
  });

  test('an Eviction with its options, and DeleteOptions of any group', () => {
    const options = bytes(2, number(1, 0), bytes(4, 'Background'));
    expect(decodeProtobuf(body('policy/v1', 'Eviction', metadata, options))).toMatchObject({
      kind: 'Eviction',
      deleteOptions: { gracePeriodSeconds: 0, propagationPolicy: 'Background' },
    });
    expect(decodeProtobuf(body('apps/v1', 'DeleteOptions', number(1, -1)))).toMatchObject({
      gracePeriodSeconds: -1,
    });
  });

  test('a Lease: times with microseconds', () => {
    const spec = bytes(2, bytes(1, 'me'), bytes(4, number(1, 1_767_225_600), number(2, 250_000_000)));
    expect(decodeProtobuf(body('coordination.k8s.io/v1', 'Lease', metadata, spec))).toMatchObject({
      spec: { holderIdentity: 'me', renewTime: '2026-01-01T00:00:00.250000Z' },
    });
  });

  test('fields of newer clients are passed over', () => {
    expect(decodeProtobuf(body('v1', 'ConfigMap', metadata, bytes(200, 'x'), number(201, 1)))).toMatchObject({
      kind: 'ConfigMap',
    });
  });
});

describe('what is refused', () => {
  test('other bytes are no protobuf of Kubernetes', () => {
    expect(isProtobuf(Buffer.from('{}'))).toBe(false);
  });

  test.each([
    [
      'a custom kind',
      body('kubevirt.io/v1', 'VirtualMachine', metadata),
      /no kind "VirtualMachine" is registered/,
    ],
    ['a body cut short', body('v1', 'ConfigMap', metadata).subarray(0, -3), /unexpected EOF/],
    ['an unknown wire type', Buffer.concat([MAGIC, Buffer.from([0x0f])]), /illegal wireType 7/],
  ])('%s', (_what, message, error) => {
    expect(() => decodeProtobuf(message)).toThrow(error);
  });
});
