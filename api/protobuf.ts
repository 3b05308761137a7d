/**
 * Reads Kubernetes' protobuf bodies into the JSON that the same object would have been sent as. kubectl since 1.32,
 * helm 4 and controller-runtime send built-in kinds only so. Nothing is ever written in protobuf.
 *
 * The facts are in protobuf-fields.json: message, field number, and a line of JSON name (nothing: the message's fields
 * stand in its place), type, and a mark: `?` a pointer (a zero is a value), `-` a zero is left out.
 */
import { readFileSync } from 'node:fs';
import { badRequest } from '../simulator/apiserver/index.ts';
import { microTimestamp, timestamp } from '../simulator/clock/index.ts';
import type { JsonObject, JsonValue } from '../simulator/types/meta.ts';

interface Field {
  readonly name: string;
  readonly type: string;
  readonly pointer: boolean;
  readonly omitZero: boolean;
}

type Messages = ReadonlyMap<string, ReadonlyMap<number, Field>>;

const NO_BYTES: Buffer = Buffer.alloc(0);
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const ZERO_TIME_SECONDS = -62_135_596_800n;

let messages: Messages | undefined;

/** Read with the first protobuf body, not at start. */
function knownMessages(): Messages {
  messages ??= new Map(
    Object.entries(
      JSON.parse(readFileSync(new URL('./protobuf-fields.json', import.meta.url), 'utf8')) as Record<
        string,
        Record<string, string>
      >,
    ).map(([message, fields]) => [
      message,
      new Map(
        Object.entries(fields).map(([number, line]) => {
          const [name = '', type = '', mark] = line.split(' ');
          return [Number(number), { name, type, pointer: mark === '?', omitZero: mark === '-' }];
        }),
      ),
    ]),
  );
  return messages;
}

export function isProtobuf(body: Buffer): boolean {
  return body.length >= MAGIC.length && body.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * The object in a body that starts with Kubernetes' magic bytes.
 * @throws ApiError 400 for kinds without a protobuf form and for bytes that end too early.
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  let apiVersion = '';
  let kind = '';
  let raw = NO_BYTES;
  for (const { number, bytes } of new Reader(body.subarray(MAGIC.length)).fields()) {
    if (number === 1) {
      for (const field of new Reader(bytes).fields()) {
        if (field.number === 1) apiVersion = field.bytes.toString('utf8');
        if (field.number === 2) kind = field.bytes.toString('utf8');
      }
    } else if (number === 2) {
      raw = bytes;
    }
  }
  const message = messageOf(apiVersion, kind);
  if (!knownMessages().has(message)) {
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in protobuf`,
    );
  }
  return { kind, apiVersion, ...decodeMessage(raw, message) };
}

function messageOf(apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions') return 'meta/v1.DeleteOptions';
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return `core/${apiVersion}.${kind}`;
  const group = apiVersion.slice(
    0,
    apiVersion.indexOf('.') < 0 ? slash : Math.min(slash, apiVersion.indexOf('.')),
  );
  return `${group}/${apiVersion.slice(slash + 1)}.${kind}`;
}

interface WireField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
  readonly wire: number;
  readonly varint: bigint;
  readonly bytes: Buffer;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  *fields(): Generator<WireField> {
    while (this.#at < this.#bytes.length) {
      const tag = Number(this.varint());
      const number = tag >>> 3;
      const wire = tag & 7;
      if (wire === 0) yield { number, wire, varint: this.varint(), bytes: NO_BYTES };
      else if (wire === 1) yield { number, wire, varint: 0n, bytes: this.#take(8) };
      else if (wire === 2) yield { number, wire, varint: 0n, bytes: this.#take(Number(this.varint())) };
      else if (wire === 5) yield { number, wire, varint: 0n, bytes: this.#take(4) };
      else throw badRequest(`proto: illegal wireType ${wire}`);
    }
  }

  *varints(): Generator<bigint> {
    while (this.#at < this.#bytes.length) yield this.varint();
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw badRequest('unexpected EOF');
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw badRequest('proto: integer overflow');
  }

  #take(length: number): Buffer {
    if (length < 0 || this.#at + length > this.#bytes.length) throw badRequest('unexpected EOF');
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

function decodeMessage(bytes: Buffer, message: string): JsonObject {
  const fields = knownMessages().get(message);
  if (!fields) throw badRequest(`proto: no message ${message}`);
  const object: JsonObject = {};
  for (const wire of new Reader(bytes).fields()) {
    // Fields of newer clients are skipped, as Go's decoder does.
    const field = fields.get(wire.number);
    if (!field) continue;
    const { name, type, pointer, omitZero } = field;
    if (type.startsWith('[]')) {
      const list = (object[name] ??= []) as JsonValue[];
      if (wire.wire === 2 && (type === '[]int32' || type === '[]int64')) {
        for (const value of new Reader(wire.bytes).varints()) list.push(Number(value));
      } else {
        list.push(decodeValue(wire, type.slice(2)));
      }
    } else if (type.startsWith('{}')) {
      const map = (object[name] ??= {}) as JsonObject;
      const [key, value] = decodeEntry(wire.bytes, type.slice(2));
      Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
    } else {
      const value = decodeValue(wire, type);
      if (name === '') Object.assign(object, value);
      else if (!(omitZero && !pointer && isZero(value))) object[name] = value;
    }
  }
  return object;
}

/** A zero that Go's JSON would leave out; structures are never zero to it. */
function isZero(value: JsonValue): boolean {
  return value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
}

function decodeEntry(bytes: Buffer, type: string): [string, JsonValue] {
  let key = '';
  let value: JsonValue | undefined;
  for (const wire of new Reader(bytes).fields()) {
    if (wire.number === 1) key = wire.bytes.toString('utf8');
    else if (wire.number === 2) value = decodeValue(wire, type);
  }
  return [key, value ?? (type.startsWith('@') ? {} : '')];
}

function decodeValue(wire: WireField, type: string): JsonValue {
  if (type.startsWith('@')) return decodeTyped(wire.bytes, type.slice(1));
  if (type.startsWith('<>')) {
    return [...new Reader(wire.bytes).fields()].map(item => decodeValue(item, type.slice(2)));
  }
  switch (type) {
    case 'string':
      return wire.bytes.toString('utf8');
    case 'bool':
      return wire.varint !== 0n;
    case 'int32':
    case 'int64':
      return Number(wire.varint);
    case 'float64':
      return wire.bytes.readDoubleLE(0);
    case 'bytes':
      return wire.bytes.toString('base64');
    case 'Quantity':
      return first(wire.bytes, 1)?.bytes.toString('utf8') ?? '0';
    case 'IntOrString':
      return intOrString(wire.bytes);
    case 'Raw':
      return rawJson(wire.bytes);
    default:
      throw new TypeError(`protobuf-fields.json knows no type ${type}`);
  }
}

/** Messages whose JSON is not an object of their fields. */
function decodeTyped(bytes: Buffer, message: string): JsonValue {
  switch (message) {
    case 'meta/v1.Time':
    case 'meta/v1.MicroTime': {
      const seconds = first(bytes, 1)?.varint ?? 0n;
      if (bytes.length === 0 || seconds === ZERO_TIME_SECONDS) return null;
      const at = Number(seconds) * 1_000 + Math.floor(Number(first(bytes, 2)?.varint ?? 0n) / 1e6);
      return message === 'meta/v1.Time' ? timestamp(at) : microTimestamp(at);
    }
    case 'meta/v1.Duration':
      return `${Number(first(bytes, 1)?.varint ?? 0n) / 1e9}s`;
    case 'meta/v1.FieldsV1':
    case 'apiextensions/v1.JSON':
      return rawJson(bytes);
    case 'apiextensions/v1.JSONSchemaPropsOrBool': {
      const schema = first(bytes, 2);
      return schema
        ? decodeMessage(schema.bytes, 'apiextensions/v1.JSONSchemaProps')
        : first(bytes, 1)?.varint === 1n;
    }
    case 'apiextensions/v1.JSONSchemaPropsOrArray': {
      const schema = first(bytes, 1);
      if (schema) return decodeMessage(schema.bytes, 'apiextensions/v1.JSONSchemaProps');
      return all(bytes, 2).map(item => decodeMessage(item.bytes, 'apiextensions/v1.JSONSchemaProps'));
    }
    case 'apiextensions/v1.JSONSchemaPropsOrStringArray': {
      const schema = first(bytes, 1);
      if (schema) return decodeMessage(schema.bytes, 'apiextensions/v1.JSONSchemaProps');
      return all(bytes, 2).map(item => item.bytes.toString('utf8'));
    }
    default:
      return decodeMessage(bytes, message);
  }
}

function first(bytes: Buffer, number: number): WireField | undefined {
  for (const field of new Reader(bytes).fields()) if (field.number === number) return field;
  return undefined;
}

function all(bytes: Buffer, number: number): WireField[] {
  return [...new Reader(bytes).fields()].filter(field => field.number === number);
}

function intOrString(bytes: Buffer): JsonValue {
  const isString = first(bytes, 1)?.varint === 1n;
  return isString ? (first(bytes, 3)?.bytes.toString('utf8') ?? '') : Number(first(bytes, 2)?.varint ?? 0n);
}

function rawJson(bytes: Buffer): JsonValue {
  const text = first(bytes, 1)?.bytes.toString('utf8') ?? '';
  if (text === '') return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw badRequest(`invalid JSON in a raw field: ${text.slice(0, 30)}`);
  }
}
