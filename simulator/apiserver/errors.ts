/**
 * Every refusal of the API as one table of builders (apimachinery pkg/api/errors, Kubernetes 1.35): reason, code,
 * message and details as clients see them. Most errors name the resource's plural in `details.kind`; Invalid names
 * the kind.
 */
import type { Status, StatusCause } from '../types/meta.ts';
import { quote } from './go-format.ts';

/** Reasons with the HTTP code each is sent with. */
export const REASON_CODES = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  Gone: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

export type Reason = keyof typeof REASON_CODES;
export type StatusDetails = NonNullable<Status['details']>;

/** The part of a definition that error messages need. */
export interface GroupResource {
  readonly group: string;
  readonly plural: string;
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** What every function of this area throws when the API refuses. */
export class ApiError extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? String(status.code));
    this.name = 'ApiError';
    this.status = status;
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string | undefined {
    return this.status.reason;
  }
}

/** The Status to answer with. Anything but an ApiError is a bug and is thrown on. */
export function statusOf(error: unknown): Status {
  if (error instanceof ApiError) return error.status;
  throw error;
}

/** An error of one of Kubernetes' reasons; `code` only where it differs from the table. */
export function apiError(
  reason: Reason | '',
  message: string,
  details?: StatusDetails,
  code: number = reason === '' ? 500 : REASON_CODES[reason],
): ApiError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code };
  if (reason !== '') status.reason = reason;
  if (details) status.details = details;
  return new ApiError(status);
}

/** `pods`, `virtualmachines.kubevirt.io`: how messages name a resource. */
export function qualified({ group, plural }: GroupResource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function detailsOf(resource: GroupResource, name: string, more: StatusDetails = {}): StatusDetails {
  const details: StatusDetails = {};
  if (name !== '') details.name = name;
  if (resource.group !== '') details.group = resource.group;
  if (resource.plural !== '') details.kind = resource.plural;
  return { ...details, ...more };
}

export function notFound(resource: GroupResource, name: string): ApiError {
  return apiError('NotFound', `${qualified(resource)} ${quote(name)} not found`, detailsOf(resource, name));
}

/** The answer under a registered API group when nothing is served at the path. */
export function noSuchResource(): ApiError {
  return apiError('NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(resource: GroupResource, name: string, beingDeleted = false): ApiError {
  const message = `${qualified(resource)} ${quote(name)} already exists`;
  return apiError(
    'AlreadyExists',
    beingDeleted ? `object is being deleted: ${message}` : message,
    detailsOf(resource, name),
  );
}

export function generateNameConflict(resource: GroupResource, name: string): ApiError {
  return apiError(
    'AlreadyExists',
    `${qualified(resource)} ${quote(name)} already exists, the server was not able to generate a unique name for the object`,
    detailsOf(resource, name, { retryAfterSeconds: 1 }),
  );
}

export const OPTIMISTIC_LOCK_MESSAGE =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(
  resource: GroupResource,
  name: string,
  why: string = OPTIMISTIC_LOCK_MESSAGE,
): ApiError {
  return apiError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} ${quote(name)}: ${why}`,
    detailsOf(resource, name),
  );
}

export function applyConflict(message: string, causes: StatusCause[]): ApiError {
  return apiError('Conflict', message, { causes });
}

export function forbidden(
  resource: GroupResource,
  name: string,
  why: string,
  causes?: StatusCause[],
): ApiError {
  const what = name === '' ? qualified(resource) : `${qualified(resource)} ${quote(name)}`;
  return apiError(
    'Forbidden',
    `${what} is forbidden: ${why}`,
    detailsOf(resource, name, causes && { causes }),
  );
}

export function badRequest(message: string): ApiError {
  return apiError('BadRequest', message);
}

/** 422 with one cause a field error. Causes that print alike are named once in the message. */
export function invalid({ group, kind }: GroupKind, name: string, causes: readonly StatusCause[]): ApiError {
  const what = `${group === '' ? kind : `${kind}.${group}`} ${quote(name)} is invalid`;
  const details: StatusDetails = {};
  if (name !== '') details.name = name;
  if (group !== '') details.group = group;
  if (kind !== '') details.kind = kind;
  details.causes = [...causes];
  return apiError('Invalid', causes.length === 0 ? what : `${what}: ${aggregate(causes)}`, details);
}

/** How Go joins several errors: one as it is, more in brackets, each only once. */
export function aggregate(causes: readonly StatusCause[]): string {
  const texts = [
    ...new Set(causes.map(({ field, message }) => `${field ? field : '<nil>'}: ${message ?? ''}`)),
  ];
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`;
}

/** 422 for patches that cannot be applied. The reason why is not told to clients, only that it is theirs. */
export function unprocessable(): ApiError {
  return apiError('Invalid', 'the server rejected our request due to an error in our request', {});
}

export function methodNotAllowed(resource: GroupResource, custom: boolean, verb: string): ApiError {
  return custom
    ? apiError(
        'MethodNotAllowed',
        `${verb} is not supported on resources of kind ${quote(qualified(resource))}`,
        detailsOf(resource, ''),
      )
    : apiError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return apiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

export function requestEntityTooLarge(message: string): ApiError {
  return apiError('RequestEntityTooLarge', `Request entity too large: ${message}`);
}

/** 410 of reason Expired; the token in `metadata.continue` lets a client go on inconsistently. */
export function expired(message: string, continueToken?: string): ApiError {
  const error = apiError('Expired', message);
  return continueToken === undefined
    ? error
    : new ApiError({ ...error.status, metadata: { continue: continueToken } });
}

export function tooOldResourceVersion(requested: number, oldest: number): ApiError {
  return expired(`too old resource version: ${requested} (${oldest})`);
}

export function tooLargeResourceVersion(requested: number, current: number): ApiError {
  return apiError('Timeout', `Timeout: Too large resource version: ${requested}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

export function tooManyRequests(
  message: string,
  retryAfterSeconds: number,
  causes?: StatusCause[],
): ApiError {
  const details: StatusDetails = causes ? { causes } : {};
  if (retryAfterSeconds > 0) details.retryAfterSeconds = retryAfterSeconds;
  return apiError('TooManyRequests', message, details);
}

export function internalError(why: string): ApiError {
  return apiError('InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });
}

/** 500 without a reason: what kube-apiserver answers where its code returns a bare Go error. */
export function plainError(message: string): ApiError {
  return apiError('', message);
}

export function serviceUnavailable(message: string): ApiError {
  return apiError('ServiceUnavailable', message);
}

/** The answer to a delete whose resource does not return the deleted object. */
export function deletedStatus(resource: GroupResource, name: string, uid: string): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: detailsOf(resource, name, { uid }),
    code: 200,
  };
}
