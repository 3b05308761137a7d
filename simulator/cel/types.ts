/** Schemas as CEL types and values as CEL values (apiserver v1.35 pkg/cel/common/schemas.go, values.go). */
import type { Environment } from '@marcbachmann/cel-js';
import { resolveSchema, type Schema } from '../schemas/index.ts';
import type { JsonObject, JsonValue } from '../types/meta.ts';
import { celEnvironment } from './environment.ts';
import { escapeName } from './escape.ts';
import { celEqual } from './values.ts';

/** A type by the name an environment knows it under, with the way from JSON to its values. */
export interface CelType {
  readonly name: string;
  convert(value: JsonValue): unknown;
}

const STRING: Schema = { type: 'string' };
const IDENTITY: Readonly<Record<string, Schema>> = {
  apiVersion: STRING,
  kind: STRING,
  metadata: { type: 'object', properties: { name: STRING, generateName: STRING } },
};
const same = (value: JsonValue): unknown => value;

const DYNAMIC: CelType = { name: 'dyn', convert: dynamic };
const SCALARS: Readonly<Record<string, CelType>> = {
  string: { name: 'string', convert: same },
  boolean: { name: 'bool', convert: same },
  number: { name: 'double', convert: same },
  integer: { name: 'int', convert: value => (typeof value === 'number' ? BigInt(Math.trunc(value)) : value) },
};

/** A value without schema: whole numbers are integers, everything else is what it is. */
export function dynamic(value: JsonValue): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(dynamic);
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, dynamic(child)]));
}

const durationOf = celEnvironment().registerVariable('text', 'string').parse('duration(text)');

/** Declares the types of schemas in one environment. */
export class SchemaTypes {
  readonly #environment: Environment;
  readonly #known = new Map<Schema, CelType | undefined>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The type of a schema's values; undefined where rules cannot read them. `root`: a whole object with metadata. */
  typeOf(schema: Schema, root = schema['x-kubernetes-embedded-resource'] === true): CelType | undefined {
    const target = resolveSchema(schema);
    if (this.#known.has(target)) return this.#known.get(target);
    const type = this.#make(target, root);
    this.#known.set(target, type);
    return type;
  }

  #make(schema: Schema, root: boolean): CelType | undefined {
    if (schema['x-kubernetes-int-or-string']) return DYNAMIC;
    const type = this.#ofType(schema, root);
    // A null has no type of its own that a typed field could have beside its own.
    return type && schema.nullable
      ? { name: 'dyn', convert: value => (value === null ? null : type.convert(value)) }
      : type;
  }

  #ofType(schema: Schema, root: boolean): CelType | undefined {
    switch (schema.type) {
      case 'array': {
        const items = schema.items && this.typeOf(schema.items);
        return items && { name: `list<${items.name}>`, convert: value => listOf(value, items) };
      }
      case 'object':
        return this.#object(schema, root);
      case 'string':
        return this.#text(schema.format);
      case undefined:
        return undefined;
      default:
        return SCALARS[schema.type];
    }
  }

  #object(schema: Schema, root: boolean): CelType | undefined {
    const { additionalProperties } = schema;
    if (typeof additionalProperties === 'object' && !root) {
      const values = this.typeOf(additionalProperties);
      return values && { name: `map<string, ${values.name}>`, convert: value => mapOf(value, values) };
    }
    const fields = new Map<string, { readonly as: string; readonly type: CelType }>();
    for (const [name, property] of Object.entries({ ...schema.properties, ...(root ? IDENTITY : {}) })) {
      const type = this.typeOf(property);
      const as = escapeName(name);
      if (type && as !== undefined) fields.set(name, { as, type });
    }
    const name = `object${this.#known.size}_${fields.size}`;
    // Each type needs a constructor of its own: it is how a value tells its type.
    class TypedObject {}
    this.#environment.registerType(name, {
      ctor: TypedObject,
      fields: Object.fromEntries([...fields.values()].map(({ as, type }) => [as, type.name])),
    });
    this.#environment.registerOperator(`${name} == ${name}`, celEqual);
    return {
      name,
      convert: value => {
        const object = new TypedObject() as Record<string, unknown>;
        for (const [field, child] of Object.entries(value as JsonObject)) {
          const known = fields.get(field);
          if (known) object[known.as] = known.type.convert(child);
        }
        return object;
      },
    };
  }

  #text(format: string | undefined): CelType {
    switch (format) {
      case 'byte':
        return {
          name: 'bytes',
          convert: value => Uint8Array.from(atob(value as string), byte => byte.charCodeAt(0)),
        };
      case 'date':
      case 'date-time':
        return { name: 'google.protobuf.Timestamp', convert: value => new Date(value as string) };
      case 'duration':
        return { name: 'google.protobuf.Duration', convert: value => durationOf({ text: value as string }) };
      default:
        return SCALARS.string as CelType;
    }
  }
}

function listOf(value: JsonValue, items: CelType): unknown {
  return Array.isArray(value) ? value.map(item => items.convert(item)) : value;
}

function mapOf(value: JsonValue, values: CelType): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, values.convert(child)]));
}
