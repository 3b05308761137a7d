/** Field errors in Kubernetes' words (apimachinery pkg/util/validation/field, v1.35). */
import type { StatusCause } from '../types/meta.ts';

/** Strings quoted as Go does, everything else as JSON. */
function shown(value: unknown): string {
  return JSON.stringify(value ?? null);
}

export function required(field: string, detail = ''): StatusCause {
  const message = detail === '' ? 'Required value' : `Required value: ${detail}`;
  return { reason: 'FieldValueRequired', message, field };
}

export function invalid(field: string, value: unknown, detail: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${shown(value)}: ${detail}`, field };
}

export function duplicate(field: string, value: unknown): StatusCause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}`, field };
}

export function notFound(field: string, value: unknown): StatusCause {
  return { reason: 'FieldValueNotFound', message: `Not found: ${shown(value)}`, field };
}

export function forbidden(field: string, detail: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): StatusCause {
  const list = supported.map(item => JSON.stringify(item)).join(', ');
  const message = `Unsupported value: ${shown(value)}: supported values: ${list}`;
  return { reason: 'FieldValueNotSupported', message, field };
}

export const IMMUTABLE = 'field is immutable';
export const NOT_NEGATIVE = 'must be greater than or equal to 0';

/** Deep equality of plain JSON; stored objects share what did not change, so most comparisons end at once. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') {
    return (a ?? undefined) === (b ?? undefined);
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (!same(left[key], right[key])) return false;
  for (const key in right)
    if (!(key in left) && right[key] !== undefined && right[key] !== null) return false;
  return true;
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_ERROR =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/** A DNS label that names an item of a list: required, well-formed and unique. */
export function nameCauses(field: string, name: unknown, seen: Set<string>): StatusCause[] {
  if (typeof name !== 'string' || name === '') return [required(field)];
  const causes: StatusCause[] = [];
  if (name.length > 63) causes.push(invalid(field, name, 'must be no more than 63 bytes'));
  if (!LABEL.test(name)) causes.push(invalid(field, name, LABEL_ERROR));
  if (seen.has(name)) causes.push(duplicate(field, name));
  seen.add(name);
  return causes;
}

export function portCauses(field: string, port: unknown): StatusCause[] {
  if (port === undefined || port === null || port === 0) return [required(field)];
  if (typeof port === 'number' && port >= 1 && port <= 65535) return [];
  return [invalid(field, port, 'must be between 1 and 65535, inclusive')];
}
