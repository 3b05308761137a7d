/** Field errors in the words of apimachinery (k8s.io/apimachinery pkg/util/validation/field). */
import type { JsonValue } from '../types/meta.ts';

export type FieldErrorReason =
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueInvalid'
  | 'FieldValueNotFound'
  | 'FieldValueNotSupported'
  | 'FieldValueRequired'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid';

/** One cause of a 422: `message` is the text without the path, as `status.details.causes` carries it. */
export interface FieldError {
  reason: FieldErrorReason;
  field: string;
  message: string;
}

/** A value as error texts print it: strings quoted as Go does, the rest as JSON. */
export function printValue(value: JsonValue | undefined): string {
  return value === undefined ? 'null' : goJson(value);
}

/** JSON with the keys of objects sorted and `<`, `>`, `&` escaped, as Go marshals values of no fixed type. */
function goJson(value: JsonValue): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return JSON.stringify(sortKeys(value)).replace(
    /[<>&]/g,
    letter => `\\u00${letter.charCodeAt(0).toString(16)}`,
  );
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, sortKeys(value[key]!)]),
  );
}

/** Go's `%q`. */
export function goQuote(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u00([01][0-9a-f])/g, '\\x$1')
    .replace(/\x7f/g, '\\x7f');
}

export function invalid(field: string, value: JsonValue | undefined, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${printValue(value)}: ${detail}` };
}

export function typeInvalid(field: string, value: JsonValue | undefined, detail: string): FieldError {
  return {
    reason: 'FieldValueTypeInvalid',
    field,
    message: `Invalid value: ${printValue(value)}: ${detail}`,
  };
}

export function required(field: string, detail = ''): FieldError {
  return {
    reason: 'FieldValueRequired',
    field,
    message: detail ? `Required value: ${detail}` : 'Required value',
  };
}

export function notSupported(field: string, value: JsonValue, supported: readonly JsonValue[]): FieldError {
  const list = supported
    .map(item => goQuote(typeof item === 'string' ? item : JSON.stringify(item)))
    .join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${printValue(value)}${list ? `: supported values: ${list}` : ''}`,
  };
}

export function duplicate(field: string, value: JsonValue): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${printValue(value)}` };
}

export function tooLong(field: string, maximum: number): FieldError {
  return {
    reason: 'FieldValueTooLong',
    field,
    message: `Too long: may not be more than ${maximum} ${maximum === 1 ? 'byte' : 'bytes'}`,
  };
}

export function tooMany(field: string, actual: number, maximum: number): FieldError {
  return {
    reason: 'FieldValueTooMany',
    field,
    message: `Too many: ${actual}: must have at most ${maximum} ${maximum === 1 ? 'item' : 'items'}`,
  };
}
