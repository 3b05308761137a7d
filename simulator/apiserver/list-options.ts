/** Options of lists and watches: their rules (apimachinery pkg/apis/meta/internalversion/validation) and selectors. */
import type { ResourceDefinition } from '../resources/definition.ts';
import type { KubeObject, StatusCause } from '../types/meta.ts';
import { type ApiError, aggregate, badRequest, invalid, plainError } from './errors.ts';
import { fieldForbidden, invalidValue, notSupported } from './field-errors.ts';
import { quote } from './go-format.ts';
import { type FieldTerms, exactValue, matchesFields, parseFieldSelector } from './field-selector.ts';
import { type LabelRequirements, matchesLabels, parseLabelSelector } from './label-selector.ts';
import type { RequestOptions } from './request.ts';

export interface Selection {
  /** Neither labels nor fields are asked for. */
  readonly everything: boolean;
  /** The one name that can match, where the selector says so. */
  readonly name: string | undefined;
  /** The one namespace that can match. */
  readonly namespace: string | undefined;
  matches(object: KubeObject): boolean;
}

const EVERYTHING: FieldTerms & LabelRequirements = [];

export function selectionOf(
  definition: ResourceDefinition,
  namespace: string | undefined,
  options: RequestOptions,
): Selection {
  const labels = options.labelSelector ? parseLabelSelector(options.labelSelector) : EVERYTHING;
  const fields = options.fieldSelector ? parseFieldSelector(options.fieldSelector, definition) : EVERYTHING;
  return {
    everything: labels.length === 0 && fields.length === 0,
    name: exactValue(fields, 'metadata.name'),
    namespace: namespace ?? exactValue(fields, 'metadata.namespace'),
    matches: object => matchesLabels(labels, object) && matchesFields(fields, object),
  };
}

const UINT = /^\d+$/;
const MOST_UINT64 = 2n ** 64n - 1n;

/**
 * A resourceVersion as a number; undefined where none is given.
 * @throws ApiError 400 of a list; 500 of a get or a watch, which do not tell this error from one of their own.
 */
export function parseResourceVersion(
  text: string | undefined,
  verb: 'get' | 'list' | 'watch',
): number | undefined {
  if (text === undefined || text === '') return undefined;
  const isNumber = UINT.test(text);
  if (isNumber && BigInt(text) <= MOST_UINT64) return Number(text);
  const why = isNumber ? 'value out of range' : 'invalid syntax';
  const problem = aggregate([
    invalidValue('resourceVersion', text, `strconv.ParseUint: parsing ${quote(text)}: ${why}`),
  ]);
  throw verb === 'list' ? badRequest(`invalid resource version: ${problem}`) : plainError(problem);
}

/** @throws ApiError 422 for combinations that a list does not allow. */
export function checkListOptions(options: RequestOptions): void {
  const causes: StatusCause[] = [];
  const { resourceVersionMatch: match, resourceVersion, sendInitialEvents } = options;
  if (match) {
    if (!resourceVersion) {
      causes.push(
        fieldForbidden(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden unless resourceVersion is provided',
        ),
      );
    }
    if (options.continue) causes.push(forbiddenWithContinue());
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      causes.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      causes.push(
        fieldForbidden(
          'resourceVersionMatch',
          'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
      );
    }
  }
  if (sendInitialEvents !== undefined) {
    causes.push(fieldForbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (causes.length > 0) throw invalidOptions('ListOptions', causes);
}

/** @throws ApiError 422 for combinations that a watch does not allow. */
export function checkWatchOptions(options: RequestOptions): void {
  const causes: StatusCause[] = [];
  const { resourceVersionMatch: match, sendInitialEvents } = options;
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    causes.push(
      fieldForbidden(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    );
  }
  if (match) {
    if (sendInitialEvents === undefined) {
      causes.push(
        fieldForbidden(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
      );
    }
    if (match !== 'NotOlderThan') causes.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']));
    if (options.continue) causes.push(forbiddenWithContinue());
  }
  if (causes.length > 0) throw invalidOptions('ListOptions', causes);
}

export function invalidOptions(kind: string, causes: readonly StatusCause[]): ApiError {
  return invalid({ group: 'meta.k8s.io', kind }, '', causes);
}

function forbiddenWithContinue(): StatusCause {
  return fieldForbidden(
    'resourceVersionMatch',
    'resourceVersionMatch is forbidden when continue is provided',
  );
}
