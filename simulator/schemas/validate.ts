/**
 * Validation of custom resources by schema, in the words of k8s.io/kube-openapi pkg/validation/validate as
 * apiextensions-apiserver pkg/apiserver/validation turns them into field errors.
 * CEL rules (`x-kubernetes-validations`) are not evaluated here.
 */
import type { JsonObject, JsonValue } from '../types/meta.ts';
import { type CompiledSchema, compileSchema } from './compile.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './field-error.ts';
import { hasFormat, isQuantity, quantityPattern } from './formats.ts';
import { pathText } from './path.ts';
import type { Schema } from './schema.ts';

/**
 * All violations of a schema, in document order. At the root, `metadata` is left out: the server decodes and validates
 * it on its own. `path` is put before the paths of the errors.
 */
export function validateObject(
  schema: Schema,
  value: unknown,
  options: { path?: string } = {},
): FieldError[] {
  const errors: FieldError[] = [];
  const root = options.path ?? '';
  new Validation(errors, root === '').check(
    compileSchema(schema),
    value as JsonValue,
    root === '' ? [] : [root],
  );
  return errors;
}

type Path = (string | number)[];

class Validation {
  readonly #errors: FieldError[];
  readonly #skipMetadata: boolean;

  constructor(errors: FieldError[], skipMetadata: boolean) {
    this.#errors = errors;
    this.#skipMetadata = skipMetadata;
  }

  check(node: CompiledSchema, value: JsonValue, path: Path): void {
    if (node.combined) this.#combinations(node.schema, value, path);
    if (!this.#type(node, value, path)) return;
    if (node.constrained) this.#constraints(node, value, path);
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) this.#list(node, value, path);
    else this.#object(node, value, path);
  }

  /** False if the value is null or of another type, so that nothing else about it can be judged. */
  #type(node: CompiledSchema, value: JsonValue, path: Path): boolean {
    if (value === null) {
      if (node.nullable || (node.type === undefined && !node.intOrString)) return false;
      this.#typeError(node.intOrString ? 'integer,string' : node.type!, 'null', path);
      return false;
    }
    if (node.intOrString) {
      if (typeof value === 'string' || Number.isInteger(value)) return true;
      this.#typeError('integer,string', typeName(value), path);
      return false;
    }
    if (node.type === undefined || matchesType(node.type, value)) return true;
    this.#typeError(node.type, typeName(value), path);
    if (node.schema.enum) this.#enum(node.schema.enum, value, path);
    return false;
  }

  #typeError(wanted: string, actual: string, path: Path): void {
    const field = pathText(path);
    this.#errors.push(typeInvalid(field, actual, `${name(field)} must be of type ${wanted}: "${actual}"`));
  }

  #constraints(node: CompiledSchema, value: JsonValue, path: Path): void {
    const { schema } = node;
    if (typeof value === 'string') this.#string(node, value, path);
    else if (typeof value === 'number') this.#number(schema, value, path);
    if (schema.enum) this.#enum(schema.enum, value, path);
  }

  #enum(values: readonly JsonValue[], value: JsonValue, path: Path): void {
    if (!values.some(candidate => equal(candidate, value))) {
      this.#errors.push(notSupported(pathText(path), value, values));
    }
  }

  #string(node: CompiledSchema, value: string, path: Path): void {
    const { schema } = node;
    const length = schema.minLength === undefined && schema.maxLength === undefined ? 0 : [...value].length;
    if (schema.maxLength !== undefined && length > schema.maxLength) {
      this.#errors.push(tooLong(pathText(path), schema.maxLength));
    }
    if (schema.minLength !== undefined && length < schema.minLength) {
      this.#fail(path, value, `should be at least ${schema.minLength} chars long`);
    }
    if (node.quantity) {
      if (!isQuantity(value)) this.#fail(path, value, `should match '${quantityPattern}'`);
    } else if (node.pattern !== undefined && !node.pattern.test(value)) {
      this.#fail(path, value, `should match '${schema.pattern}'`);
    }
    if (schema.format !== undefined && schema.type === 'string' && !hasFormat(schema.format, value)) {
      const field = pathText(path);
      this.#errors.push(
        typeInvalid(
          field,
          value,
          `${name(field)} must be of type ${schema.format}: ${JSON.stringify(value)}`,
        ),
      );
    }
  }

  #number(schema: Schema, value: number, path: Path): void {
    const { maximum, minimum, multipleOf } = schema;
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
      this.#fail(path, value, `should be a multiple of ${multipleOf}`);
    }
    if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
      this.#fail(
        path,
        value,
        `should be less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`,
      );
    }
    if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
      this.#fail(
        path,
        value,
        `should be greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`,
      );
    }
  }

  #fail(path: Path, value: JsonValue, text: string): void {
    const field = pathText(path);
    this.#errors.push(invalid(field, value, `${name(field)} ${text}`));
  }

  #list(node: CompiledSchema, value: JsonValue[], path: Path): void {
    const { items, schema } = node;
    if (schema.minItems !== undefined && value.length < schema.minItems) {
      const field = pathText(path);
      const text = `${name(field)} should have at least ${schema.minItems} items`;
      this.#errors.push(invalid(field, value.length, text));
    }
    if (schema.maxItems !== undefined && value.length > schema.maxItems) {
      this.#errors.push(tooMany(pathText(path), value.length, schema.maxItems));
    }
    if (items !== undefined) {
      for (let index = 0; index < value.length; index += 1) {
        path.push(index);
        this.check(items, value[index]!, path);
        path.pop();
      }
    }
    if (node.associative && value.length > 1) this.#duplicates(node, value, path);
  }

  #duplicates(node: CompiledSchema, value: JsonValue[], path: Path): void {
    const keys = node.schema['x-kubernetes-list-map-keys'];
    const seen = new Set<string>();
    value.forEach((item, index) => {
      const identity = keys === undefined ? item : keyFields(node, item, keys);
      const text = JSON.stringify(identity);
      if (seen.has(text)) this.#errors.push(duplicate(`${pathText(path)}[${index}]`, identity));
      seen.add(text);
    });
  }

  #object(node: CompiledSchema, value: JsonObject, path: Path): void {
    const { schema, values, fields } = node;
    const atRoot = path.length === 0;
    if (schema.minProperties !== undefined || schema.maxProperties !== undefined)
      this.#size(schema, value, path);
    for (const key in value) {
      const child = fields.get(key) ?? values;
      if (child === undefined || (atRoot && this.#skipMetadata && key === 'metadata')) continue;
      path.push(key);
      this.check(child, value[key]!, path);
      path.pop();
    }
    if (node.required === undefined) return;
    for (const key of node.required) {
      if (value[key] === undefined) this.#errors.push(required(atRoot ? key : `${pathText(path)}.${key}`));
    }
  }

  #size(schema: Schema, value: JsonObject, path: Path): void {
    const size = Object.keys(value).length;
    if (schema.minProperties !== undefined && size < schema.minProperties) {
      const field = pathText(path);
      this.#errors.push(
        invalid(field, size, `${name(field)} should have at least ${schema.minProperties} properties`),
      );
    }
    if (schema.maxProperties !== undefined && size > schema.maxProperties) {
      this.#errors.push(tooMany(pathText(path), size, schema.maxProperties));
    }
  }

  #combinations(schema: Schema, value: JsonValue, path: Path): void {
    const field = JSON.stringify(pathText(path));
    const complain = (text: string, also: FieldError[] = []): void => {
      this.#errors.push(invalid('<nil>', '', `${field} ${text}`), ...also);
    };
    if (schema.anyOf !== undefined) {
      const results = schema.anyOf.map(option => this.#attempt(option, value, path));
      if (results.every(errors => errors.length > 0)) {
        complain('must validate at least one schema (anyOf)', fewest(results));
      }
    }
    if (schema.oneOf !== undefined) {
      const results = schema.oneOf.map(option => this.#attempt(option, value, path));
      const valid = results.filter(errors => errors.length === 0).length;
      if (valid === 0)
        complain('must validate one and only one schema (oneOf). Found none valid', fewest(results));
      else if (valid > 1)
        complain(`must validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
    }
    if (schema.allOf !== undefined) {
      const results = schema.allOf.map(option => this.#attempt(option, value, path));
      const valid = results.filter(errors => errors.length === 0).length;
      if (valid < results.length) {
        complain(
          `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`,
          results.flat(),
        );
      }
    }
    if (schema.not !== undefined && this.#attempt(schema.not, value, path).length === 0) {
      complain('must not validate the schema (not)');
    }
  }

  #attempt(schema: Schema, value: JsonValue, path: Path): FieldError[] {
    const errors: FieldError[] = [];
    new Validation(errors, this.#skipMetadata).check(compileSchema(schema), value, path);
    return errors;
  }
}

function fewest(results: FieldError[][]): FieldError[] {
  return results.reduce((best, errors) => (errors.length < best.length ? errors : best));
}

function keyFields(node: CompiledSchema, item: JsonValue, keys: readonly string[]): JsonObject {
  const object = typeof item === 'object' && item !== null && !Array.isArray(item) ? item : {};
  const identity: JsonObject = {};
  for (const key of keys) {
    const value = object[key] ?? node.items?.fields.get(key)?.schema.default;
    if (value !== undefined) identity[key] = value;
  }
  return identity;
}

function matchesType(type: NonNullable<Schema['type']>, value: JsonValue): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function isMultiple(value: number, factor: number): boolean {
  const ratio = value / factor;
  return Math.abs(ratio - Math.round(ratio)) < 1e-9;
}

function equal(left: JsonValue, right: JsonValue): boolean {
  return left === right || (typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right));
}

function name(field: string): string {
  return field === '' ? 'in body' : `${field} in body`;
}
