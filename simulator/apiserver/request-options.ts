/** Rules of the options of writes (apimachinery pkg/apis/meta/v1/validation). */
import type { DeleteOptions } from '../controller.ts';
import type { JsonValue, StatusCause } from '../types/meta.ts';
import { isObject } from './decode.ts';
import { badRequest } from './errors.ts';
import { fieldForbidden, invalidValue, notSupported, required, tooLong } from './field-errors.ts';
import { invalidOptions } from './list-options.ts';
import type { ApiRequest } from './request.ts';

const MANAGER_LIMIT = 128;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;
const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;

/** @throws ApiError 422 for options that this verb does not allow. */
export function checkWriteOptions(request: ApiRequest): void {
  const { verb, options = {}, patchType } = request;
  const causes: StatusCause[] = [];
  if (verb === 'patch') {
    if (patchType === 'apply') {
      if (!options.fieldManager) causes.push(required('fieldManager', 'is required for apply patch'));
    } else if (options.force !== undefined) {
      causes.push(fieldForbidden('force', 'may not be specified for non-apply patch'));
    }
  }
  const manager = options.fieldManager ?? '';
  if (manager.length > MANAGER_LIMIT) causes.push(tooLong('fieldManager', MANAGER_LIMIT));
  if (!PRINTABLE.test(manager)) {
    causes.push(invalidValue('fieldManager', manager, `invalid character ${unprintable(manager)}`));
  }
  const validation: string = options.fieldValidation ?? '';
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(validation)) {
    causes.push(notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (causes.length === 0) return;
  const kind = verb === 'patch' ? 'PatchOptions' : verb === 'update' ? 'UpdateOptions' : 'CreateOptions';
  throw invalidOptions(kind, causes);
}

function unprintable(text: string): string {
  let at = 0;
  for (const character of text) {
    if (!PRINTABLE.test(character)) {
      const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
      return `U+${code} (at position ${at})`;
    }
    at += character.length;
  }
  return '';
}

/** Who a write's fields belong to: the named manager, or the program of the User-Agent. */
export function managerOf(request: ApiRequest): string {
  const named = request.options?.fieldManager;
  if (named) return named;
  const program = (request.userAgent ?? '').split('/')[0] as string;
  const printable = [...program].filter(character => PRINTABLE.test(character)).join('');
  return printable.slice(0, MANAGER_LIMIT) || 'unknown';
}

/**
 * The options of a delete: a body wins over the query.
 * @throws ApiError 400 for a body that is no DeleteOptions, 422 for options that exclude each other.
 */
export function deleteOptionsOf(request: ApiRequest): DeleteOptions {
  const { options = {}, body } = request;
  if (body !== undefined && body !== null && !isObject(body)) {
    throw badRequest('expected body of kind DeleteOptions');
  }
  const given = isObject(body) ? body : undefined;
  if (given?.kind !== undefined && given.kind !== 'DeleteOptions') {
    throw badRequest(`decoded object cannot be converted to DeleteOptions`);
  }
  const result: DeleteOptions = {
    dryRun: options.dryRun === true || (Array.isArray(given?.dryRun) && given.dryRun.length > 0),
  };
  const grace = given?.gracePeriodSeconds ?? options.gracePeriodSeconds;
  if (typeof grace === 'number') result.gracePeriodSeconds = grace;
  result.propagationPolicy =
    policyOf(given?.propagationPolicy, given?.orphanDependents) ?? options.propagationPolicy;
  const causes: StatusCause[] = [];
  if (typeof given?.propagationPolicy === 'string' && typeof given.orphanDependents === 'boolean') {
    causes.push(
      invalidValue(
        'propagationPolicy',
        given.propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    );
  }
  const policy = result.propagationPolicy;
  if (policy !== undefined && !POLICIES.includes(policy)) {
    causes.push(notSupported('propagationPolicy', policy, [...POLICIES, 'nil']));
  }
  if (causes.length > 0) throw invalidOptions('DeleteOptions', causes);
  const preconditions = isObject(given?.preconditions) ? given.preconditions : options.preconditions;
  if (preconditions) {
    const { uid, resourceVersion } = preconditions;
    result.preconditions = {
      ...(typeof uid === 'string' ? { uid } : undefined),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : undefined),
    };
  }
  return result;
}

function policyOf(
  policy: JsonValue | undefined,
  orphanDependents: JsonValue | undefined,
): DeleteOptions['propagationPolicy'] {
  if (typeof policy === 'string') return policy as DeleteOptions['propagationPolicy'];
  if (typeof orphanDependents !== 'boolean') return undefined;
  return orphanDependents ? 'Orphan' : 'Background';
}
