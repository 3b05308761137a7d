/**
 * What a kube-apiserver says when a body does not fit the Go type of a built-in kind: it cannot be decoded, so there is
 * no 422 with fields but a 400 with the text of the JSON decoder (sigs.k8s.io/json, apimachinery's custom decoders).
 */
import type { JsonValue } from '../types/meta.ts';
import { compileSchema, type CompiledSchema } from './compile.ts';
import { goQuote } from './field-error.ts';
import { hasFormat, isDateTime } from './formats.ts';
import { INT_OR_STRING, MICRO_TIME, OBJECT_META, QUANTITY, type Schema, TIME } from './schema.ts';

/** Apart from unknown fields, only these of any object are decoded by Go structs when it is a custom resource. */
export const partialObject: Schema = {
  type: 'object',
  properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { $ref: OBJECT_META } },
};

interface Place {
  /** Go type that holds the field, and the names of the fields on the way to it, without indexes. */
  struct: string;
  fields: readonly string[];
}

/**
 * The decoder's error, as a list of at most one text because Go reports the first only:
 * `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`.
 * `kind` names the root's Go type. Go's names of string types (`v1.Protocol`) are not known to schemas: they read `string`.
 */
export function decodeErrors(schema: Schema, kind: string, value: unknown): string[] {
  const root = compileSchema(schema);
  const error = decode(
    { ref: schema.$ref, schema },
    root,
    value as JsonValue,
    { struct: kind, fields: [] },
    kind,
  );
  return error === undefined ? [] : [error];
}

interface Slot {
  ref: string | undefined;
  schema: Schema;
}

function decode(
  slot: Slot,
  node: CompiledSchema,
  value: JsonValue,
  place: Place,
  own: string,
): string | undefined {
  if (value === null) return undefined; // null leaves a Go value as it is
  const special = decodeSpecial(slot, value);
  if (special !== undefined) return special || undefined;
  const { type, schema } = node;
  if (type === undefined) return undefined;
  const found = jsonKind(value);
  switch (type) {
    case 'object': {
      if (found !== 'object') return mismatch(found, place, goType(slot));
      const fields = node.fields;
      for (const [key, child] of Object.entries(value as Record<string, JsonValue>)) {
        const field = schema.properties?.[key];
        const next =
          field ??
          (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
        const compiled = fields.get(key) ?? node.values;
        if (next === undefined || compiled === undefined) continue;
        const at = field ? { struct: own, fields: [...place.fields, key] } : place;
        const error = decode({ ref: next.$ref, schema: next }, compiled, child, at, structName(next) ?? own);
        if (error !== undefined) return error;
      }
      return undefined;
    }
    case 'array': {
      if (found !== 'array') return mismatch(found, place, goType(slot));
      const items = schema.items;
      if (items === undefined) return undefined;
      for (const child of value as JsonValue[]) {
        const error = decode(
          { ref: items.$ref, schema: items },
          node.items!,
          child,
          place,
          structName(items) ?? own,
        );
        if (error !== undefined) return error;
      }
      return undefined;
    }
    case 'integer':
      if (found !== 'number') return mismatch(found, place, goType(slot));
      return fitsInteger(value as number, schema.format)
        ? undefined
        : mismatch(`number ${value as number}`, place, goType(slot));
    case 'number':
      return found === 'number' ? undefined : mismatch(found, place, goType(slot));
    case 'boolean':
      return found === 'bool' ? undefined : mismatch(found, place, goType(slot));
    case 'string':
      if (found !== 'string') return mismatch(found, place, goType(slot));
      if (schema.format === 'byte' && !hasFormat('byte', value as string)) {
        return `illegal base64 data at input byte ${base64Error(value as string)}`;
      }
      return undefined;
  }
}

/** Types with decoders of their own, whose errors carry no place. An empty text means: decoded without error. */
function decodeSpecial(slot: Slot, value: JsonValue): string | undefined {
  const found = jsonKind(value);
  switch (slot.ref) {
    case QUANTITY:
      if (found === 'number' || (found === 'string' && quantity.test(value as string))) return '';
      return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    case INT_OR_STRING:
      if (found === 'string' || (found === 'number' && fitsInteger(value as number, 'int32'))) return '';
      return `json: cannot unmarshal ${found === 'number' ? `number ${value as number}` : found} into Go value of type int32`;
    case TIME:
    case MICRO_TIME: {
      if (found !== 'string') return `json: cannot unmarshal ${found} into Go value of type string`;
      if (isDateTime(value as string)) return '';
      const layout = slot.ref === TIME ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
      return `parsing time ${goQuote(value as string)} as "${layout}": ${timeError(value as string)}`;
    }
    default:
      return undefined;
  }
}

const quantity = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** Where Go's time parser stops: at the first part of the layout that the text does not have. */
function timeError(text: string): string {
  const parts: [RegExp, string][] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d\d/, '01'],
    [/^-/, '-'],
    [/^\d\d/, '02'],
    [/^T/, 'T'],
    [/^\d\d/, '15'],
    [/^:/, ':'],
    [/^\d\d/, '04'],
    [/^:/, ':'],
    [/^\d\d(?:[.,]\d+)?/, '05'],
    [/^(?:Z|[+-]\d\d:\d\d)/, 'Z07:00'],
  ];
  let rest = text;
  for (const [pattern, layout] of parts) {
    const match = pattern.exec(rest);
    if (match === null) return `cannot parse ${goQuote(rest)} as "${layout}"`;
    rest = rest.slice(match[0].length);
  }
  return rest === '' ? 'day out of range' : `extra text: ${goQuote(rest)}`;
}

function base64Error(text: string): number {
  const index = text.search(/[^A-Za-z0-9+/\r\n]/);
  return index < 0 ? text.length : index;
}

function mismatch(found: string, place: Place, type: string): string {
  if (place.fields.length === 0) return `json: cannot unmarshal ${found} into Go value of type ${type}`;
  return `json: cannot unmarshal ${found} into Go struct field ${place.struct}.${place.fields.join('.')} of type ${type}`;
}

function jsonKind(value: JsonValue): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function fitsInteger(value: number, format: string | undefined): boolean {
  if (!Number.isInteger(value)) return false;
  return format !== 'int32' || (value >= -2147483648 && value <= 2147483647);
}

/** `io.k8s.api.apps.v1.DeploymentSpec` → `DeploymentSpec`. */
function structName(schema: Schema): string | undefined {
  return schema.$ref?.slice(schema.$ref.lastIndexOf('.') + 1);
}

function goType({ ref, schema }: Slot): string {
  if (ref !== undefined) {
    if (ref === QUANTITY) return 'resource.Quantity';
    return ref.split('.').slice(-2).join('.');
  }
  if (schema.type === 'array') {
    return schema.items === undefined
      ? '[]interface {}'
      : `[]${goType({ ref: schema.items.$ref, schema: schema.items })}`;
  }
  if (schema.type === 'object') {
    const values = schema.additionalProperties;
    if (typeof values !== 'object') return 'map[string]interface {}';
    if (values.$ref === QUANTITY) return 'v1.ResourceList';
    return `map[string]${goType({ ref: values.$ref, schema: values })}`;
  }
  if (schema.type === 'integer') return schema.format ?? 'int';
  if (schema.type === 'number') return 'float64';
  if (schema.type === 'boolean') return 'bool';
  return schema.format === 'byte' ? '[]uint8' : 'string';
}
