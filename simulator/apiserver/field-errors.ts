/**
 * The vocabulary of field errors (apimachinery pkg/util/validation/field). Each builder gives one StatusCause, whose
 * message leaves the path to `field`. Values are printed as Go does: strings quoted, numbers and booleans plain,
 * anything else as JSON.
 */
import type { StatusCause } from '../types/meta.ts';
import { goJson, quote } from './go-format.ts';

export const FIELD_IMMUTABLE = 'field is immutable';

function printed(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined ? 'null' : goJson(value);
}

function cause(reason: string, body: string, field: string, detail: string | undefined): StatusCause {
  return { reason, message: detail ? `${body}: ${detail}` : body, field };
}

export function required(field: string, detail?: string): StatusCause {
  return cause('FieldValueRequired', 'Required value', field, detail);
}

export function invalidValue(field: string, value: unknown, detail: string): StatusCause {
  return cause('FieldValueInvalid', `Invalid value: ${printed(value)}`, field, detail);
}

export function typeInvalid(field: string, value: unknown, detail: string): StatusCause {
  return cause('FieldValueTypeInvalid', `Invalid value: ${printed(value)}`, field, detail);
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): StatusCause {
  const detail = supported.length > 0 ? `supported values: ${supported.map(quote).join(', ')}` : undefined;
  return cause('FieldValueNotSupported', `Unsupported value: ${printed(value)}`, field, detail);
}

export function fieldForbidden(field: string, detail: string): StatusCause {
  return cause('FieldValueForbidden', 'Forbidden', field, detail);
}

export function duplicate(field: string, value: unknown): StatusCause {
  return cause('FieldValueDuplicate', `Duplicate value: ${printed(value)}`, field, undefined);
}

export function fieldNotFound(field: string, value: unknown): StatusCause {
  return cause('FieldValueNotFound', `Not found: ${printed(value)}`, field, undefined);
}

/** `max` in bytes. */
export function tooLong(field: string, max: number): StatusCause {
  return cause(
    'FieldValueTooLong',
    'Too long',
    field,
    `may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`,
  );
}

export function tooMany(field: string, actual: number, max: number): StatusCause {
  const detail = `must have at most ${max} ${max === 1 ? 'item' : 'items'}`;
  return cause('FieldValueTooMany', `Too many: ${actual}`, field, detail);
}

export function fieldInternal(field: string, detail: string): StatusCause {
  return cause('InternalError', 'Internal error', field, detail);
}

export function immutable(field: string, value: unknown): StatusCause {
  return invalidValue(field, value, FIELD_IMMUTABLE);
}
