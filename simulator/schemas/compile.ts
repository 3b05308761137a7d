/** Schemas in the form the walkers read: references followed, field tables as maps, unneeded subtrees known. */
import type { JsonValue } from '../types/meta.ts';
import { resolveSchema } from './registry.ts';
import { INT_OR_STRING, OBJECT_META, QUANTITY, type Schema } from './schema.ts';

const compiled = new WeakMap<Schema, CompiledSchema>();

/** The compiled form of a schema; made once a schema object. */
export function compileSchema(schema: Schema): CompiledSchema {
  let node = compiled.get(schema);
  if (node === undefined) {
    const target = resolveSchema(schema);
    node = (target !== schema ? compiled.get(target) : undefined) ?? new CompiledSchema(target, schema.$ref);
    compiled.set(schema, node);
    compiled.set(target, node);
  }
  return node;
}

const identity: Schema = { type: 'string' };
const objectMeta: Schema = { $ref: OBJECT_META };
const noDefaults: readonly (readonly [string, JsonValue])[] = [];

export class CompiledSchema {
  readonly schema: Schema;
  readonly intOrString: boolean;
  readonly quantity: boolean;
  /** Unknown fields stay. */
  readonly preserve: boolean;
  readonly required: readonly string[] | undefined;
  /** Has a limit, enum, format or pattern that a value of the right type may still break. */
  readonly constrained: boolean;
  readonly combined: boolean;
  readonly type: Schema['type'];
  readonly nullable: boolean;
  readonly associative: boolean;
  #fields: ReadonlyMap<string, CompiledSchema> | undefined;
  #values: CompiledSchema | undefined;
  #items: CompiledSchema | undefined;
  #defaults: readonly (readonly [string, JsonValue])[] | undefined;
  #pattern: RegExp | undefined;

  constructor(schema: Schema, ref: string | undefined) {
    this.schema = schema;
    this.quantity = ref === QUANTITY;
    this.intOrString =
      this.quantity || ref === INT_OR_STRING || schema['x-kubernetes-int-or-string'] === true;
    this.preserve =
      schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
    this.required = schema.required !== undefined && schema.required.length > 0 ? schema.required : undefined;
    this.type = this.intOrString ? undefined : schema.type;
    this.nullable = schema.nullable === true;
    this.associative =
      schema['x-kubernetes-list-type'] === 'map' || schema['x-kubernetes-list-type'] === 'set';
    this.constrained =
      this.quantity ||
      schema.enum !== undefined ||
      (schema.format !== undefined && schema.type === 'string') ||
      schema.pattern !== undefined ||
      schema.minimum !== undefined ||
      schema.maximum !== undefined ||
      schema.multipleOf !== undefined ||
      schema.minLength !== undefined ||
      schema.maxLength !== undefined ||
      schema.minItems !== undefined ||
      schema.maxItems !== undefined ||
      schema.minProperties !== undefined ||
      schema.maxProperties !== undefined;
    this.combined =
      !this.intOrString &&
      (schema.allOf !== undefined ||
        schema.anyOf !== undefined ||
        schema.oneOf !== undefined ||
        schema.not !== undefined);
  }

  /** Known fields of an object; those of an embedded resource include apiVersion, kind and metadata. */
  get fields(): ReadonlyMap<string, CompiledSchema> {
    if (this.#fields === undefined) {
      const fields = new Map<string, CompiledSchema>();
      if (this.schema['x-kubernetes-embedded-resource']) {
        fields.set('apiVersion', compileSchema(identity));
        fields.set('kind', compileSchema(identity));
      }
      for (const [name, schema] of Object.entries(this.schema.properties ?? {})) {
        fields.set(name, compileSchema(schema));
      }
      if (this.schema['x-kubernetes-embedded-resource']) fields.set('metadata', compileSchema(objectMeta));
      this.#fields = fields;
    }
    return this.#fields;
  }

  /** Schema of a map's values. */
  get values(): CompiledSchema | undefined {
    const values = this.schema.additionalProperties;
    if (typeof values !== 'object') return undefined;
    return (this.#values ??= compileSchema(values));
  }

  get items(): CompiledSchema | undefined {
    if (this.schema.items === undefined) return undefined;
    return (this.#items ??= compileSchema(this.schema.items));
  }

  /** Fields of this object that have a default value. */
  get defaults(): readonly (readonly [string, JsonValue])[] {
    if (this.#defaults === undefined) {
      const defaults: [string, JsonValue][] = [];
      for (const [name, node] of this.fields) {
        if (node.schema.default !== undefined) defaults.push([name, node.schema.default]);
      }
      this.#defaults = defaults.length > 0 ? defaults : noDefaults;
    }
    return this.#defaults;
  }

  get pattern(): RegExp | undefined {
    if (this.schema.pattern === undefined) return undefined;
    return (this.#pattern ??= new RegExp(this.schema.pattern, 'u'));
  }
}
