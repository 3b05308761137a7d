/**
 * Query parameters of resource requests, with kube-apiserver's refusals of what it cannot read; which values an option
 * knows is the cluster's to say
 * (apimachinery v0.35 pkg/conversion/queryparams and pkg/apis/meta/v1/validation).
 */
import { type RequestOptions, badRequest } from '../simulator/apiserver/index.ts';
import { invalidOptions } from './failures.ts';

export type OptionsKind =
  | 'CreateOptions'
  | 'UpdateOptions'
  | 'PatchOptions'
  | 'DeleteOptions'
  | 'ListOptions'
  | 'GetOptions';

/** As Go converts a query value to a boolean: all but `false` and `0` is true, even nothing at all. */
export function booleanParameter(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  return value.toLowerCase() !== 'false' && value !== '0';
}

export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^[+-]?\d+$/.test(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  const number = Number(value);
  if (Math.abs(number) > 2 ** 63) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`);
  }
  return number;
}

function textParameter(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

/**
 * The options of one request.
 * @throws ApiError 400 for what is no number, 422 for a value that its option does not know.
 */
export function requestOptions(query: URLSearchParams, kind: OptionsKind): RequestOptions {
  if (query.size === 0) return {};
  const options: RequestOptions = {};
  if (kind === 'ListOptions' || kind === 'DeleteOptions' || kind === 'GetOptions')
    listOptions(query, options);
  if (kind === 'DeleteOptions') deleteOptions(query, options);
  if (kind !== 'ListOptions' && kind !== 'GetOptions') writeOptions(query, kind, options);
  return options;
}

function listOptions(query: URLSearchParams, options: RequestOptions): void {
  assign(options, 'labelSelector', textParameter(query, 'labelSelector'));
  assign(options, 'fieldSelector', textParameter(query, 'fieldSelector'));
  assign(options, 'limit', integerParameter(query, 'limit'));
  assign(options, 'continue', textParameter(query, 'continue'));
  assign(options, 'resourceVersion', textParameter(query, 'resourceVersion'));
  assign(
    options,
    'resourceVersionMatch',
    textParameter(query, 'resourceVersionMatch') as RequestOptions['resourceVersionMatch'],
  );
  assign(options, 'allowWatchBookmarks', booleanParameter(query, 'allowWatchBookmarks'));
  assign(options, 'sendInitialEvents', booleanParameter(query, 'sendInitialEvents'));
}

function deleteOptions(query: URLSearchParams, options: RequestOptions): void {
  assign(options, 'gracePeriodSeconds', integerParameter(query, 'gracePeriodSeconds'));
  const policy = textParameter(query, 'propagationPolicy') as RequestOptions['propagationPolicy'];
  const orphan = booleanParameter(query, 'orphanDependents');
  if (policy !== undefined && orphan !== undefined) {
    const problem = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalidOptions('DeleteOptions', {
      field: 'propagationPolicy',
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(policy)}: ${problem}`,
    });
  }
  if (policy !== undefined) options.propagationPolicy = policy;
  else if (orphan !== undefined) options.propagationPolicy = orphan ? 'Orphan' : 'Background';
}

function writeOptions(query: URLSearchParams, kind: OptionsKind, options: RequestOptions): void {
  const dryRun = query.getAll('dryRun').filter(value => value !== '');
  if (dryRun.some(value => value !== 'All')) {
    const given = `[]string{${dryRun.map(value => JSON.stringify(value)).join(', ')}}`;
    throw invalidOptions(kind, {
      field: 'dryRun',
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${given}: supported values: "All"`,
    });
  }
  if (dryRun.length > 0) options.dryRun = true;
  if (kind === 'DeleteOptions') return;
  assign(options, 'fieldManager', textParameter(query, 'fieldManager'));
  assign(
    options,
    'fieldValidation',
    textParameter(query, 'fieldValidation') as RequestOptions['fieldValidation'],
  );
  if (kind === 'PatchOptions') assign(options, 'force', booleanParameter(query, 'force'));
}

function assign<K extends keyof RequestOptions>(
  options: RequestOptions,
  key: K,
  value: RequestOptions[K] | undefined,
): void {
  if (value !== undefined) options[key] = value;
}
