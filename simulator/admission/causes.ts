/**
 * Reasons for refusing an object. Paths are plain strings in Kubernetes' notation (`spec.domain.cpu`), put together
 * only where a cause is reported, so that accepting an object builds none.
 */
import type { StatusCause } from '../types/meta.ts';

function cause(reason: string, message: string, field: string | undefined): StatusCause {
  return field === undefined ? { reason, message } : { reason, message, field };
}

export function invalid(message: string, field?: string): StatusCause {
  return cause('FieldValueInvalid', message, field);
}

export function required(message: string, field?: string): StatusCause {
  return cause('FieldValueRequired', message, field);
}

export function notFound(message: string, field?: string): StatusCause {
  return cause('FieldValueNotFound', message, field);
}

export function notSupported(message: string, field?: string): StatusCause {
  return cause('FieldValueNotSupported', message, field);
}

export function duplicate(message: string, field?: string): StatusCause {
  return cause('FieldValueDuplicate', message, field);
}

export function forbidden(message: string, field?: string): StatusCause {
  return cause('FieldValueForbidden', message, field);
}

/** A string as Go's %q prints it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}
