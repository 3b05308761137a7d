/**
 * A short notation for schema tables that people keep by hand: one line a field.
 *
 *   'int32 ! min:0 # How many replicas.'      required, with a minimum and a description
 *   '[]Disk list:map(name) maxItems:256'      an associative list of a definition of the same table
 *   'map<quantity> null'                      a nullable map of quantities
 *   '... preserve'                            no type: only change flags of a field that exists already
 *
 * Types: string, boolean, integer, int32, int64, number, float, double, time, micro-time, quantity, int-or-string,
 * bytes, object (empty struct), any (everything is kept), []T, map<T>, or a definition's name.
 * Flags: ! required, -! no longer required, null nullable, -null, =JSON default, enum(a|b), list:atomic|set|map(k,k),
 * map:atomic|granular, patch:merge(key), patch:retainKeys, patch:merge,retainKeys(key), patch:replace, format:x, min: max: minLength:
 * maxLength: minItems: maxItems:, preserve, embedded, pattern:REGEXP (no blanks), of:FLAG for the items of a typed list or map.
 */
import type { JsonValue } from '../types/meta.ts';
import {
  INT_OR_STRING,
  type ListType,
  MICRO_TIME,
  QUANTITY,
  type Schema,
  TIME,
  type ValidationRule,
} from './schema.ts';

export type FieldLine = string | { field: string; rules: readonly ValidationRule[] };
export type FieldTable = { readonly [definition: string]: { readonly [field: string]: FieldLine } };

export interface ParsedField {
  schema: Schema;
  /** The line gave a type, so it replaces the field; otherwise it only changes flags of it. */
  typed: boolean;
  required: boolean | undefined;
  dropNullable: boolean;
}

const scalars: { readonly [name: string]: Schema } = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  integer: { type: 'integer' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  number: { type: 'number' },
  float: { type: 'number', format: 'float' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  'date-time': { type: 'string', format: 'date-time' },
  object: { type: 'object' },
  any: { 'x-kubernetes-preserve-unknown-fields': true },
  time: { $ref: TIME },
  'micro-time': { $ref: MICRO_TIME },
  quantity: { $ref: QUANTITY },
  'int-or-string': { $ref: INT_OR_STRING },
};

/** Parses a type of the notation; `nameOf` turns a definition's name into a component's name. */
export function parseType(text: string, nameOf: (definition: string) => string): Schema {
  if (text.startsWith('[]')) return { type: 'array', items: parseType(text.slice(2), nameOf) };
  if (text.startsWith('map<') && text.endsWith('>')) {
    return { type: 'object', additionalProperties: parseType(text.slice(4, -1), nameOf) };
  }
  const scalar = scalars[text];
  if (scalar) return { ...scalar };
  if (!/^[A-Za-z][\w.-]*$/.test(text)) throw new Error(`unknown type ${JSON.stringify(text)}`);
  return { $ref: nameOf(text) };
}

const numericFlags: { readonly [flag: string]: keyof Schema } = {
  min: 'minimum',
  max: 'maximum',
  minLength: 'minLength',
  maxLength: 'maxLength',
  minItems: 'minItems',
  maxItems: 'maxItems',
  minProperties: 'minProperties',
  maxProperties: 'maxProperties',
};

type Writable = { -readonly [K in keyof Schema]: Schema[K] };

/** Parses one field line. Throws an Error which names the part that it does not understand. */
export function parseField(line: FieldLine, nameOf: (definition: string) => string): ParsedField {
  const text = typeof line === 'string' ? line : line.field;
  const hash = text.indexOf('#');
  const words = (hash < 0 ? text : text.slice(0, hash)).trim().split(/\s+/);
  const head = words.shift() ?? '';
  const typed = head !== '...';
  const schema: Writable = typed ? parseType(head, nameOf) : {};
  const field: ParsedField = { schema, typed, required: undefined, dropNullable: false };
  if (hash >= 0) schema.description = text.slice(hash + 1).trim();
  for (const word of words) applyFlag(field, schema, word);
  if (typeof line !== 'string') schema['x-kubernetes-validations'] = line.rules;
  return field;
}

function applyFlag(field: ParsedField, schema: Writable, word: string): void {
  if (word === '!') field.required = true;
  else if (word === '-!') field.required = false;
  else if (word === 'null') schema.nullable = true;
  else if (word === '-null') field.dropNullable = true;
  else if (word === 'preserve') schema['x-kubernetes-preserve-unknown-fields'] = true;
  else if (word === 'embedded') schema['x-kubernetes-embedded-resource'] = true;
  else if (word === 'map:atomic') schema['x-kubernetes-map-type'] = 'atomic';
  else if (word === 'map:granular') schema['x-kubernetes-map-type'] = 'granular';
  else if (word.startsWith('=')) schema.default = JSON.parse(word.slice(1)) as JsonValue;
  else if (word.startsWith('enum(')) schema.enum = word.slice(5, -1).split('|');
  else if (word.startsWith('of:')) {
    const item = schema.items ?? schema.additionalProperties;
    if (typeof item !== 'object') throw new Error(`${word}: not a list or map`);
    applyFlag(field, item, word.slice(3));
  } else if (word.startsWith('format:')) schema.format = word.slice(7);
  else if (word.startsWith('pattern:')) schema.pattern = word.slice(8);
  else if (word.startsWith('list:')) {
    const [type, keys] = split(word.slice(5));
    schema['x-kubernetes-list-type'] = type as ListType;
    if (keys) schema['x-kubernetes-list-map-keys'] = keys.split(',');
    else delete schema['x-kubernetes-list-map-keys'];
  } else if (word.startsWith('patch:')) {
    const [strategy, key] = split(word.slice(6));
    schema['x-kubernetes-patch-strategy'] = strategy;
    if (key) schema['x-kubernetes-patch-merge-key'] = key;
  } else {
    const colon = word.indexOf(':');
    const name = numericFlags[word.slice(0, colon)];
    if (!name) throw new Error(`unknown flag ${JSON.stringify(word)}`);
    Object.assign(schema, { [name]: Number(word.slice(colon + 1)) });
  }
}

function split(text: string): [string, string | undefined] {
  const open = text.indexOf('(');
  return open < 0 ? [text, undefined] : [text.slice(0, open), text.slice(open + 1, -1)];
}

/**
 * Adds a table to a set of definitions: new definitions, new fields, and changed flags.
 * The field `*` carries flags of the definition itself. `null`-typed lines do not exist: to drop a field use `drop`.
 */
export function applyTable(
  definitions: Record<string, Schema>,
  table: FieldTable,
  nameOf: (definition: string) => string,
): void {
  for (const [definition, fields] of Object.entries(table)) {
    const name = nameOf(definition);
    const before = definitions[name] ?? { type: 'object' };
    const properties: Record<string, Schema> = { ...before.properties };
    const required = new Set(before.required);
    let own: Schema = { ...before };
    for (const [field, line] of Object.entries(fields)) {
      const parsed = parseField(line, nameOf);
      if (field === '*') {
        own = parsed.typed ? { ...parsed.schema } : { ...own, ...parsed.schema };
        continue;
      }
      const old = properties[field];
      if (!parsed.typed && !old) throw new Error(`${definition}.${field}: no such field to change`);
      const next: Writable = parsed.typed
        ? { ...(old?.description ? { description: old.description } : {}), ...parsed.schema }
        : { ...old, ...parsed.schema };
      if (parsed.dropNullable) delete next.nullable;
      properties[field] = next;
      if (parsed.required === true) required.add(field);
      if (parsed.required === false) required.delete(field);
    }
    if (Object.keys(properties).length > 0) own = { ...own, properties };
    const { required: _dropped, ...rest } = own;
    definitions[name] = required.size > 0 ? { ...rest, required: [...required].sort() } : rest;
  }
}
