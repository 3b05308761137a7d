/**
 * From bytes to the decoded body of a request (apiserver v0.35 pkg/endpoints/handlers, apimachinery
 * pkg/runtime/serializer): JSON, YAML, protobuf, and the four kinds of patches.
 */
import {
  PATCH_MEDIA_TYPES,
  type PatchType,
  badRequest,
  patchTypesOf,
  unsupportedMediaType,
} from '../simulator/apiserver/index.ts';
import type { ResourceDefinition } from '../simulator/resources/index.ts';
import type { JsonValue } from '../simulator/types/meta.ts';
import { duplicateFields, jsonProblem } from './json-scanner.ts';
import { ManifestError, readYaml } from '../scenarios/index.ts';
import { ACCEPTED_TYPES } from './negotiation.ts';
import { decodeProtobuf, isProtobuf } from './protobuf.ts';

export interface Decoded {
  /** Undefined for an empty body. */
  readonly value: JsonValue | undefined;
  /** `duplicate field "spec.replicas"`. */
  readonly errors: readonly string[];
}

const NO_ERRORS: readonly string[] = [];
/** Its errors are not wrapped in words about the object. */
export const DELETE_OPTIONS = 'DeleteOptions';
/** How much of an unreadable body Kubernetes quotes. */
const SUMMARY_BYTES = 30;

function mediaType(header: string | undefined): string {
  const semicolon = header?.indexOf(';') ?? -1;
  return (semicolon < 0 ? (header ?? '') : (header ?? '').slice(0, semicolon)).trim().toLowerCase();
}

/** @throws ApiError 415 naming the patch types that the resource takes. */
export function patchTypeOf(
  contentType: string | undefined,
  definition: ResourceDefinition | undefined,
): PatchType {
  const media = mediaType(contentType);
  const taken = definition ? patchTypesOf(definition) : [];
  const type = taken.find(candidate => PATCH_MEDIA_TYPES[candidate] === media);
  if (type === undefined) throw unsupportedMediaType(taken.map(candidate => PATCH_MEDIA_TYPES[candidate]));
  return type;
}

/** @throws ApiError 400 for a document that cannot be read. */
export function decodePatch(body: Buffer, type: PatchType, wantDuplicates: boolean): Decoded {
  const text = body.toString('utf8');
  if (type === 'apply') return decodeApply(text, wantDuplicates);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw badRequest(`error decoding patch: ${jsonProblem(text) ?? 'invalid JSON'}`);
  }
  if (type === 'json' && !Array.isArray(value)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goKind(value)} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  if (type !== 'json' && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goKind(value)} into Go value of type map[string]interface {}`,
    );
  }
  const errors = wantDuplicates ? duplicateFields(text) : NO_ERRORS;
  return { value, errors: type === 'json' ? errors.map(error => `json patch ${error}`) : errors };
}

function decodeApply(text: string, wantDuplicates: boolean): Decoded {
  if (/^\s*\{/.test(text)) {
    try {
      return {
        value: JSON.parse(text) as JsonValue,
        errors: wantDuplicates ? duplicateFields(text) : NO_ERRORS,
      };
    } catch {
      // YAML may begin like this, too.
    }
  }
  const { value, errors } = decodeYaml(text, problem =>
    badRequest(`error decoding YAML: error converting YAML to JSON: ${problem}`),
  );
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goKind(value)} into Go value of type map[string]interface {}`,
    );
  }
  return { value, errors };
}

export interface BodyContext {
  /** The kind that the path expects: `Pod`, `Scale`, `DeleteOptions`. */
  readonly kind: string;
  readonly wantDuplicates: boolean;
}

/**
 * The body of a create, update or delete; Content-Type missing means JSON.
 * @throws ApiError 415 for a type nobody reads, 400 for what is not of its type.
 */
export function decodeObject(body: Buffer, contentType: string | undefined, context: BodyContext): Decoded {
  const type = mediaType(contentType);
  if (type === '' || type === 'application/json') return decodeJson(body, context);
  if (type === 'application/yaml' || type === 'application/x-yaml') {
    return decodeYaml(body.toString('utf8'), problem =>
      unrecognized(body, context, `error converting YAML to JSON: ${problem}`),
    );
  }
  if (type === 'application/vnd.kubernetes.protobuf') {
    if (!isProtobuf(body)) {
      throw unrecognized(
        body,
        context,
        'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
      );
    }
    return { value: decodeProtobuf(body), errors: NO_ERRORS };
  }
  throw unsupportedMediaType(ACCEPTED_TYPES);
}

function decodeJson(body: Buffer, context: BodyContext): Decoded {
  const text = body.toString('utf8');
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw unrecognized(
      body,
      context,
      `couldn't get version/kind; json parse error: ${jsonProblem(text) ?? 'invalid JSON'}`,
    );
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    const target =
      'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
    const problem = `json: cannot unmarshal ${goKind(value)} into Go value of type ${target}`;
    throw unrecognized(body, context, `couldn't get version/kind; json parse error: ${problem}`);
  }
  return { value: value ?? {}, errors: context.wantDuplicates ? duplicateFields(text) : NO_ERRORS };
}

function decodeYaml(text: string, refuse: (problem: string) => Error): Decoded {
  try {
    const [document] = readYaml(text);
    const duplicates = document?.duplicates ?? [];
    const errors =
      duplicates.length === 0 ? NO_ERRORS : [`yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`];
    return { value: document?.value ?? {}, errors };
  } catch (error) {
    if (error instanceof ManifestError) throw refuse(error.message);
    throw error;
  }
}

function unrecognized(body: Buffer, { kind }: BodyContext, problem: string): Error {
  if (kind === DELETE_OPTIONS) return badRequest(problem);
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${problem} (${summary(body)})`,
  );
}

function summary(body: Buffer): string {
  if (body.length === 0) return '<empty>';
  const start = body.subarray(0, SUMMARY_BYTES);
  return start.toString(body[0] === 0x7b ? 'utf8' : 'hex') + (body.length > SUMMARY_BYTES ? ' ...' : '');
}

function goKind(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null || value === undefined ? 'null' : typeof value;
}
