/** The scale subresource: an autoscaling/v1 Scale as a view of two numbers and a selector (registry customresource, apps). */
import { type ScalePaths, objectKey } from '../resources/definition.ts';
import { decodeErrors, schemaFor } from '../schemas/index.ts';
import type { JsonObject, JsonValue, KubeObject } from '../types/meta.ts';
import { isObject, unidentified } from './decode.ts';
import { badRequest, conflict, internalError, invalid, methodNotAllowed, notFound } from './errors.ts';
import { invalidValue } from './field-errors.ts';
import { quote } from './go-format.ts';
import { identityOf } from './identity.ts';
import { trackWrite } from './managed-fields.ts';
import { patchedValue } from './patch.ts';
import { checkWriteOptions } from './request-options.ts';
import type { ApiResponse } from './request.ts';
import { transformObject } from './update.ts';
import type { VerbContext } from './write-context.ts';

const SCALE_VERSION = 'autoscaling/v1';

export function serveScale(verb: VerbContext, paths: ScalePaths): ApiResponse {
  const { context, definition, request } = verb;
  const key = objectKey(definition.namespaced ? request.namespace : undefined, request.name ?? '');
  if (request.verb === 'get') {
    const object = context.store.get(identityOf(definition).resource, key);
    if (!object) throw notFound(definition, request.name ?? '');
    return answerScale(scaleOf(object, paths), []);
  }
  if (request.verb !== 'update' && request.verb !== 'patch') {
    throw methodNotAllowed(definition, definition.custom, request.verb);
  }
  checkWriteOptions(request);
  const { object, warnings } = transformObject(
    context,
    definition,
    key,
    current => scaled(verb, current as KubeObject, paths),
    verb.origin,
    { subresource: 'scale', dryRun: request.options?.dryRun, version: request.version },
  );
  return answerScale(scaleOf(object, paths), warnings);
}

function answerScale(scale: JsonObject, warnings: readonly string[]): ApiResponse {
  return { type: 'object', code: 200, object: scale as unknown as KubeObject, warnings };
}

/** The object with the replicas that the request's Scale asks for. */
function scaled(verb: VerbContext, current: KubeObject, paths: ScalePaths): KubeObject {
  const { definition, request } = verb;
  const scale = requestedScale(verb, scaleOf(current, paths));
  const metadata = isObject(scale.metadata) ? scale.metadata : {};
  const { name } = current.metadata;
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`,
    );
  }
  const { resourceVersion } = metadata;
  if (resourceVersion && resourceVersion !== current.metadata.resourceVersion)
    throw conflict(definition, name);
  const replicas = isObject(scale.spec) ? (scale.spec.replicas ?? 0) : 0;
  if (typeof replicas !== 'number' || replicas < 0) {
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
      invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  }
  const path = paths.specReplicasPath;
  const next = withValueAt(
    current as unknown as JsonObject,
    partsOf(path),
    replicas,
  ) as unknown as KubeObject;
  return trackWrite({ ...verb, request: { ...request, subresource: 'scale' } }, current, next);
}

/** @throws ApiError 400 for what is no Scale. */
function requestedScale(verb: VerbContext, current: JsonObject): JsonObject {
  const scale = readScale(verb, current);
  const schema = schemaFor('autoscaling', 'v1', 'Scale');
  const [problem] = schema ? decodeErrors(schema, 'Scale', scale) : [];
  if (problem === undefined) return scale;
  throw badRequest(`Scale in version "v1" cannot be handled as a Scale: ${problem}`);
}

function readScale(verb: VerbContext, current: JsonObject): JsonObject {
  const { request } = verb;
  if (request.verb === 'patch') {
    if (request.patchType === undefined || request.patchType === 'apply') {
      throw badRequest('scale takes JSON, merge and strategic merge patches only');
    }
    // Without lists, a strategic merge of a Scale is a merge.
    const type = request.patchType === 'strategic' ? 'merge' : request.patchType;
    const value = patchedValue(verb, current, type);
    if (isObject(value)) return value;
  } else if (isObject(request.body) && unidentified(request.body) === undefined) {
    const { apiVersion = SCALE_VERSION, kind = 'Scale' } = request.body;
    if (apiVersion === SCALE_VERSION && kind === 'Scale') return request.body;
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${SCALE_VERSION})`,
    );
  }
  throw badRequest('the object provided is unrecognized (must be of type Scale)');
}

function scaleOf(object: KubeObject, paths: ScalePaths): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = valueAt(object, paths.specReplicasPath);
  if (typeof replicas !== 'number') {
    throw internalError(`the spec replicas field ${quote(paths.specReplicasPath)} does not exist`);
  }
  const status: JsonObject = { replicas: Number(valueAt(object, paths.statusReplicasPath) ?? 0) };
  const selector = paths.labelSelectorPath && selectorText(valueAt(object, paths.labelSelectorPath));
  if (selector) status.selector = selector;
  const metadata: JsonObject = { name, uid, resourceVersion, creationTimestamp };
  if (namespace) metadata.namespace = namespace;
  return { apiVersion: SCALE_VERSION, kind: 'Scale', metadata, spec: { replicas }, status };
}

/** A selector as text: CRDs store one, built-in kinds are asked for theirs. */
function selectorText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return undefined;
  const terms: string[] = [];
  const labels = isObject(value.matchLabels) ? value.matchLabels : {};
  for (const key of Object.keys(labels).sort()) terms.push(`${key}=${String(labels[key])}`);
  for (const expression of Array.isArray(value.matchExpressions) ? value.matchExpressions : []) {
    if (!isObject(expression)) continue;
    const values = Array.isArray(expression.values) ? `(${expression.values.join(',')})` : '()';
    const key = String(expression.key);
    if (expression.operator === 'In') terms.push(`${key} in ${values}`);
    else if (expression.operator === 'NotIn') terms.push(`${key} notin ${values}`);
    else terms.push(expression.operator === 'Exists' ? key : `!${key}`);
  }
  return terms.join(',');
}

function partsOf(path: string): string[] {
  return path.split('.').filter(part => part !== '');
}

function valueAt(object: KubeObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object as unknown as JsonObject;
  for (const part of partsOf(path)) value = isObject(value) ? value[part] : undefined;
  return value;
}

function withValueAt(object: JsonObject, parts: readonly string[], value: JsonValue): JsonObject {
  const [part, ...rest] = parts as [string, ...string[]];
  const child = object[part];
  if (rest.length === 0) return child === value ? object : { ...object, [part]: value };
  return { ...object, [part]: withValueAt(isObject(child) ? child : {}, rest, value) };
}
