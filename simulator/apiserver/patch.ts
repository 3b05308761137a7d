/** PATCH in its four forms (apiserver pkg/endpoints/handlers/patch.go, v1.35). */
import { type ResourceDefinition, apiVersionOf, objectKey } from '../resources/definition.ts';
import type { JsonObject, JsonValue, KubeObject } from '../types/meta.ts';
import { answer } from './answer.ts';
import { applyObject } from './apply.ts';
import { checkUrlName, isObject, jsonType, strictProblems, unidentified, withNamespace } from './decode.ts';
import {
  type ApiError,
  badRequest,
  invalid,
  requestEntityTooLarge,
  unprocessable,
  unsupportedMediaType,
} from './errors.ts';
import { invalidValue } from './field-errors.ts';
import { type JsonPatchOperation, JsonPatchError, applyJsonPatch } from './json-patch.ts';
import { trackWrite } from './managed-fields.ts';
import { applyMergePatch } from './merge-patch.ts';
import { withoutRepeatedOwners } from './metadata.ts';
import { checkWriteOptions } from './request-options.ts';
import type { ApiResponse, PatchType } from './request.ts';
import { decodeWithSchema, inVersion, rootSchema, withDefaults } from './schema-gate.ts';
import { applyStrategicPatch } from './strategic-merge.ts';
import { transformObject } from './update.ts';
import type { VerbContext } from './write-context.ts';

const MOST_JSON_PATCH_OPERATIONS = 10_000;

/** Content types of patches. */
export const PATCH_MEDIA_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** The patch types a resource takes; custom resources have no strategic merge. */
export function patchTypesOf(definition: ResourceDefinition): PatchType[] {
  return definition.custom ? ['json', 'merge', 'apply'] : ['json', 'merge', 'strategic', 'apply'];
}

export function patchObject(verb: VerbContext): ApiResponse {
  const { context, definition, request, origin } = verb;
  const type = checkedType(verb);
  checkWriteOptions(request);
  const isApply = type === 'apply';
  const key = objectKey(definition.namespaced ? request.namespace : undefined, request.name ?? '');
  const result = transformObject(
    context,
    definition,
    key,
    (current, warn) => {
      if (isApply) return withoutRepeatedOwners(applyObject(verb, current), warn, false);
      return patched(verb, current as KubeObject, type);
    },
    origin,
    {
      subresource: request.subresource,
      dryRun: request.options?.dryRun,
      version: request.version,
      createMissing: isApply && request.subresource === undefined,
    },
  );
  return answer(request, result.outcome === 'created' ? 201 : 200, result);
}

function checkedType({ definition, request }: VerbContext): PatchType {
  const known = patchTypesOf(definition);
  if (request.patchType && known.includes(request.patchType)) return request.patchType;
  throw unsupportedMediaType(known.map(type => PATCH_MEDIA_TYPES[type]));
}

function patched(verb: VerbContext, current: KubeObject, type: Exclude<PatchType, 'apply'>): KubeObject {
  const { context, definition, request } = verb;
  const versioned = inVersion(definition, current, apiVersionOf(request.group, request.version));
  const value = patchedValue(verb, versioned as unknown as JsonObject, type);
  const object = readPatched(verb, value, type);
  const filled = withDefaults(context, definition, request.version, object);
  const next = withNamespace(definition, request, filled);
  checkUrlName(request, next);
  return trackWrite(verb, current, next);
}

/** A document after one of the three patches that work on plain values. */
export function patchedValue(
  { context, definition, request }: VerbContext,
  value: JsonObject,
  type: Exclude<PatchType, 'apply'>,
): JsonValue {
  const { body } = request;
  const isLenient = request.options?.fieldValidation === 'Ignore';
  if (type === 'json') {
    if (!Array.isArray(body)) {
      const into = isLenient ? 'jsonpatch.Patch' : '[]handlers.jsonPatchOp';
      const what = `json: cannot unmarshal ${jsonType(body)} into Go value of type ${into}`;
      throw badRequest(isLenient ? what : `error decoding patch: ${what}`);
    }
    if (body.length > MOST_JSON_PATCH_OPERATIONS) {
      throw requestEntityTooLarge(
        `The allowed maximum operations in a JSON patch is ${MOST_JSON_PATCH_OPERATIONS}, got ${body.length}`,
      );
    }
    checkOperations(body);
    try {
      return applyJsonPatch(value, body as unknown as JsonPatchOperation[]);
    } catch (error) {
      if (error instanceof JsonPatchError) throw unprocessable();
      throw error;
    }
  }
  if (!isObject(body)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonType(body)} into Go value of type map[string]interface {}`,
    );
  }
  if (type === 'merge') return applyMergePatch(value, body);
  return applyStrategicPatch(value, body, rootSchema(context, definition, request.version));
}

/** @throws ApiError 400 for what does not decode as operations, 422 for one that is null. */
function checkOperations(operations: readonly JsonValue[]): void {
  for (const operation of operations) {
    if (operation === null) throw unprocessable();
    const refused = (value: JsonValue, into: string) =>
      badRequest(`error decoding patch: json: cannot unmarshal ${jsonType(value)} into Go ${into}`);
    if (!isObject(operation)) throw refused(operation, 'value of type handlers.jsonPatchOp');
    for (const field of ['op', 'path', 'from'] as const) {
      const value = operation[field] ?? '';
      if (typeof value !== 'string') {
        throw refused(value, `struct field jsonPatchOp.${field} of type string`);
      }
    }
  }
}

/** Reads the patched document as the kind it must still be. */
function readPatched(
  { context, definition, request, warn }: VerbContext,
  value: JsonValue,
  type: PatchType,
): KubeObject {
  const refused = (why: string): ApiError =>
    invalid({ group: '', kind: '' }, '', [
      invalidValue('patch', type === 'strategic' ? goMap(request.body) : JSON.stringify(value), why),
    ]);
  if (!isObject(value) || !isObject(value.metadata)) {
    throw refused(`json: cannot unmarshal ${jsonType(value)} into Go value of type ${definition.kind}`);
  }
  const problem = unidentified(value);
  if (problem !== undefined) throw refused(problem);
  const expected = apiVersionOf(request.group, request.version);
  if (value.apiVersion !== expected || value.kind !== definition.kind) {
    throw badRequest(
      `the API version in the data (${String(value.apiVersion ?? '')}, Kind=${String(value.kind ?? '')}) does not match the expected API version (${expected}, Kind=${definition.kind})`,
    );
  }
  const { object, unknown, error } = decodeWithSchema(context, definition, request.version, value);
  if (error !== undefined) throw refused(error);
  const problems = strictProblems(request, unknown);
  if (problems.length > 0) {
    if (request.options?.fieldValidation === 'Strict') {
      throw refused(`strict decoding error: ${problems.join(', ')}`);
    }
    for (const problem of problems) warn(problem);
  }
  return object as unknown as KubeObject;
}

/** `%+v` of a decoded document: `map[spec:map[replicas:2]]`. */
export function goMap(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (value === null || value === undefined) return '<nil>';
  if (typeof value !== 'object') return String(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map(field => `${field}:${goMap(value[field])}`).join(' ')}]`;
}
