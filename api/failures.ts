/**
 * Refusals that the wire makes before a request reaches the cluster, as Kubernetes words them
 * (apimachinery v0.35 pkg/api/errors and apiserver pkg/endpoints/handlers).
 */
import {
  ApiError,
  type StatusDetails,
  apiError,
  invalid,
  methodNotAllowed,
  requestEntityTooLarge,
} from '../simulator/apiserver/index.ts';
import type { StatusCause } from '../simulator/types/meta.ts';

/** A path nobody serves: answered with text and no Status, as the mux of a real server does. */
export class UnknownPath extends Error {
  override readonly name = 'UnknownPath';
}

export function unauthorized(): ApiError {
  return apiError('Unauthorized', 'Unauthorized');
}

export function forbidden(message: string, details: StatusDetails): ApiError {
  return apiError('Forbidden', message, details);
}

/** A method that a path does not know; custom resources name the verb. */
export function wrongMethod(resource = { group: '', plural: '' }, custom = false, verb = ''): ApiError {
  return methodNotAllowed(resource, custom, verb);
}

export function notAcceptable(types: readonly string[]): ApiError {
  return apiError('NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`);
}

export function entityTooLarge(limit: number): ApiError {
  return requestEntityTooLarge(`limit is ${limit}`);
}

/** What a real cluster has and this one has not: said in words rather than by silence. */
export function notServedYet(what: string): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `the simulator does not serve ${what}`,
    reason: 'NotImplemented',
    code: 501,
  });
}

/** Options that are well-formed and wrong: `CreateOptions.meta.k8s.io "" is invalid: …`. */
export function invalidOptions(kind: string, cause: StatusCause): ApiError {
  return invalid({ group: 'meta.k8s.io', kind }, '', [cause]);
}
