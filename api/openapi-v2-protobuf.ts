/**
 * Writes an OpenAPI v2 document as gnostic's `openapi.v2.Document` (github.com/google/gnostic openapiv2): the only form
 * in which kubectl up to 1.28 and helm up to 3.11 take it.
 */
import type { JsonObject, JsonValue } from '../simulator/types/meta.ts';
import type { OpenApiV2 } from './openapi-v2.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** The whole document: some megabytes and some ten milliseconds. */
export function openApiV2Protobuf({ paths, definitions }: OpenApiV2, version: string): Buffer {
  const writer = new ProtobufWriter();
  writer.string(1, '2.0');
  writer.message(2, () => {
    writer.string(1, 'Kubernetes');
    writer.string(2, version);
  });
  writer.message(8, () => writeNamed(writer, 2, paths, writePathItem));
  writer.message(9, () => writeNamed(writer, 1, definitions, writeSchema));
  return writer.bytes();
}

type Write = (writer: ProtobufWriter, value: JsonObject) => void;

/** A map, as a list of names and values. */
function writeNamed(writer: ProtobufWriter, field: number, map: JsonValue, write: Write): void {
  for (const [name, value] of Object.entries(map as JsonObject)) {
    writer.message(field, () => {
      writer.string(1, name);
      writer.message(2, () => write(writer, value as JsonObject));
    });
  }
}

const OPERATION_FIELDS: readonly (readonly [method: string, field: number])[] = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['patch', 8],
];

function writePathItem(writer: ProtobufWriter, item: JsonObject): void {
  for (const [method, field] of OPERATION_FIELDS) {
    const operation = item[method];
    if (operation) writer.message(field, () => writeOperation(writer, operation as JsonObject));
  }
  writeParameters(writer, 9, item.parameters);
}

function writeOperation(writer: ProtobufWriter, operation: JsonObject): void {
  writer.strings(1, operation.tags);
  writer.string(3, operation.description);
  writer.string(5, operation.operationId);
  writer.strings(6, operation.produces);
  writer.strings(7, operation.consumes);
  writeParameters(writer, 8, operation.parameters);
  writer.message(9, () => writeNamed(writer, 1, operation.responses ?? {}, writeResponse));
  writer.strings(10, operation.schemes);
  writeExtensions(writer, 13, operation);
}

function writeResponse(writer: ProtobufWriter, { description, schema }: JsonObject): void {
  writer.message(1, () => {
    writer.string(1, description);
    if (schema) writer.message(2, () => writer.message(1, () => writeSchema(writer, schema as JsonObject)));
  });
}

function writeParameters(writer: ProtobufWriter, field: number, parameters: JsonValue | undefined): void {
  for (const parameter of (parameters ?? []) as JsonObject[]) {
    writer.message(field, () => writer.message(1, () => writeParameter(writer, parameter)));
  }
}

function writeParameter(writer: ProtobufWriter, parameter: JsonObject): void {
  const { in: place, name, description, required, type, uniqueItems, schema } = parameter;
  if (place === 'body') {
    writer.message(1, () => {
      writer.string(1, description);
      writer.string(2, name);
      writer.string(3, place);
      writer.bool(4, required);
      writer.message(5, () => writeSchema(writer, schema as JsonObject));
    });
    return;
  }
  const isQuery = place === 'query';
  writer.message(2, () =>
    writer.message(isQuery ? 3 : 4, () => {
      writer.bool(1, required);
      writer.string(2, place);
      writer.string(3, description);
      writer.string(4, name);
      writer.string(isQuery ? 6 : 5, type);
      writer.bool(isQuery ? 20 : 19, uniqueItems);
    }),
  );
}

type Kind = 'string' | 'strings' | 'bool' | 'integer' | 'double' | 'any' | 'anys';

/** Fields of a schema that hold plain values. */
const SCHEMA_FIELDS: Readonly<Record<string, readonly [field: number, kind: Kind]>> = {
  $ref: [1, 'string'],
  format: [2, 'string'],
  title: [3, 'string'],
  description: [4, 'string'],
  default: [5, 'any'],
  multipleOf: [6, 'double'],
  maximum: [7, 'double'],
  exclusiveMaximum: [8, 'bool'],
  minimum: [9, 'double'],
  exclusiveMinimum: [10, 'bool'],
  maxLength: [11, 'integer'],
  minLength: [12, 'integer'],
  pattern: [13, 'string'],
  maxItems: [14, 'integer'],
  minItems: [15, 'integer'],
  uniqueItems: [16, 'bool'],
  maxProperties: [17, 'integer'],
  minProperties: [18, 'integer'],
  required: [19, 'strings'],
  enum: [20, 'anys'],
};

function writeSchema(writer: ProtobufWriter, schema: JsonObject): void {
  for (const key in schema) {
    const value = schema[key] as JsonValue;
    const known = SCHEMA_FIELDS[key];
    if (known) writeValue(writer, known[0], known[1], value);
    else if (key === 'type') writer.message(22, () => writer.string(1, value));
    else if (key === 'items') {
      writer.message(23, () => writer.message(1, () => writeSchema(writer, value as JsonObject)));
    } else if (key === 'properties') {
      writer.message(25, () => writeNamed(writer, 1, value, writeSchema));
    } else if (key === 'additionalProperties') {
      writer.message(21, () => {
        if (typeof value === 'boolean') writer.bool(2, value, true);
        else writer.message(1, () => writeSchema(writer, value as JsonObject));
      });
    }
  }
  writeExtensions(writer, 31, schema);
}

function writeValue(writer: ProtobufWriter, field: number, kind: Kind, value: JsonValue): void {
  switch (kind) {
    case 'string':
      return writer.string(field, value);
    case 'strings':
      return writer.strings(field, value);
    case 'bool':
      return writer.bool(field, value);
    case 'integer':
      return writer.integer(field, value as number);
    case 'double':
      return writer.double(field, value as number);
    case 'any':
      return writeAny(writer, field, value);
    case 'anys':
      for (const item of value as JsonValue[]) writeAny(writer, field, item);
  }
}

/** JSON is YAML. */
function writeAny(writer: ProtobufWriter, field: number, value: JsonValue): void {
  writer.message(field, () => writer.string(2, JSON.stringify(value)));
}

function writeExtensions(writer: ProtobufWriter, field: number, value: JsonObject): void {
  for (const name in value) {
    if (!name.startsWith('x-')) continue;
    writer.message(field, () => {
      writer.string(1, name);
      writeAny(writer, 2, value[name] as JsonValue);
    });
  }
}
