/** From a request's body to an object of the requested version: identity checks, strictness, pruning, defaults. */
import { type ResourceDefinition, apiVersionOf } from '../resources/definition.ts';
import type { JsonObject, JsonValue, KubeObject, NewObject } from '../types/meta.ts';
import type { ApiServerContext } from './context.ts';
import { badRequest } from './errors.ts';
import { quote } from './go-format.ts';
import type { ApiRequest } from './request.ts';
import { decodeWithSchema, withDefaults } from './schema-gate.ts';

/** As many strictness errors as a message or a list of warnings names. */
const STRICT_ERRORS_SHOWN = 100;
const SUMMARY_LENGTH = 30;

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the body of a create or an update.
 * @throws ApiError 400 for another kind or version than the URL's, for fields of the wrong type, and for unknown or
 * repeated fields where the request is strict.
 */
export function decodeBody(
  context: ApiServerContext,
  definition: ResourceDefinition,
  request: ApiRequest,
  warn: (text: string) => void,
): NewObject {
  const { body, version } = request;
  const problem = unidentified(body);
  if (problem !== undefined || !isObject(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${definition.kind}): ${problem} (${summary(body)})`,
    );
  }
  checkKind(definition, request, body);
  const identified = { ...body, apiVersion: apiVersionOf(definition.group, version), kind: definition.kind };
  const { object, unknown, error } = decodeWithSchema(context, definition, version, identified);
  if (error !== undefined) throw cannotBeHandled(definition, version, error);
  reportStrict(definition, request, unknown, warn);
  return withDefaults(context, definition, version, withMetadata(object) as unknown as KubeObject);
}

/** Why a decoder cannot tell what a document is. */
export function unidentified(body: JsonValue | undefined): string | undefined {
  const because = (why: string) => `couldn't get version/kind; json parse error: ${why}`;
  if (body === undefined) return because('unexpected end of JSON input');
  if (!isObject(body)) {
    return because(
      `json: cannot unmarshal ${jsonType(body)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  }
  for (const field of ['apiVersion', 'kind'] as const) {
    const value = body[field] ?? '';
    if (typeof value !== 'string') {
      return because(
        `json: cannot unmarshal ${jsonType(value)} into Go struct field .${field} of type string`,
      );
    }
  }
  return undefined;
}

/** What Go's decoder calls the type of a JSON value. */
export function jsonType(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null || value === undefined ? 'null' : typeof value;
}

/** The beginning of a body: as it is where it looks like an object, else in hexadecimal. */
function summary(body: JsonValue | undefined): string {
  if (body === undefined) return '<empty>';
  const text = JSON.stringify(body);
  const shown = text.slice(0, SUMMARY_LENGTH);
  const rest = text.length > SUMMARY_LENGTH ? ' ...' : '';
  if (text.startsWith('{')) return shown + rest;
  const bytes = [...new TextEncoder().encode(shown)].slice(0, SUMMARY_LENGTH);
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join('') + rest;
}

/** Refuses, warns of or ignores what strict decoding finds, as the request asks. */
export function reportStrict(
  definition: ResourceDefinition,
  request: ApiRequest,
  unknown: readonly string[],
  warn: (text: string) => void,
): void {
  const problems = strictProblems(request, unknown);
  if (problems.length === 0) return;
  if (request.options?.fieldValidation === 'Strict') {
    throw cannotBeHandled(definition, request.version, `strict decoding error: ${problems.join(', ')}`);
  }
  for (const problem of problems) warn(problem);
}

/** What strictness has to say; nothing where the request does not care. */
export function strictProblems(request: ApiRequest, unknown: readonly string[]): string[] {
  if (request.options?.fieldValidation === 'Ignore') return [];
  const problems = unknown.map(path => `unknown field ${quote(path)}`);
  return [...problems, ...(request.decodingErrors ?? [])].slice(0, STRICT_ERRORS_SHOWN);
}

function cannotBeHandled({ kind }: ResourceDefinition, version: string, why: string): Error {
  return badRequest(`${kind} in version ${quote(version)} cannot be handled as a ${kind}: ${why}`);
}

function checkKind(definition: ResourceDefinition, request: ApiRequest, body: JsonObject): void {
  const expected = apiVersionOf(definition.group, request.version);
  const { apiVersion = expected, kind = definition.kind } = body;
  if (apiVersion !== expected && apiVersion !== '') {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    );
  }
  if (kind === definition.kind || kind === '') return;
  const hub = definition.group === '' ? 'core' : (definition.group.split('.')[0] as string);
  throw badRequest(
    `${String(kind)} in version ${quote(request.version)} cannot be handled as a ${definition.kind}: converting (${request.version}.${String(kind)}) to (${hub}.${definition.kind}): unknown conversion`,
  );
}

/** Metadata is an object without nulls from here on. */
function withMetadata(object: JsonObject): JsonObject {
  const { metadata } = object;
  if (!isObject(metadata)) return { ...object, metadata: {} };
  if (!Object.values(metadata).includes(null)) return object;
  return {
    ...object,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null)),
  };
}

/**
 * The object with the URL's namespace; an object of a cluster-wide kind loses its own.
 * @throws ApiError 400 where both name one and they differ.
 */
export function withNamespace<T extends NewObject>(
  definition: ResourceDefinition,
  request: ApiRequest,
  object: T,
): T {
  const expected = definition.namespaced ? (request.namespace ?? '') : '';
  const given = object.metadata.namespace ?? '';
  if (given === expected) return object;
  if (given !== '' && expected !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const { namespace: _namespace, ...metadata } = object.metadata;
  return { ...object, metadata: expected === '' ? metadata : { ...metadata, namespace: expected } };
}

/** @throws ApiError 400 where the body names another object than the URL. */
export function checkUrlName(request: ApiRequest, object: NewObject): void {
  const { name = '' } = object.metadata;
  if (name === '') {
    throw badRequest(
      `the name of the object (${request.name ?? ''} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (name !== request.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${request.name ?? ''})`,
    );
  }
}
