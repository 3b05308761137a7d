/** The verbs on a resource and on its `status`, each as kube-apiserver's handler for it (apiserver pkg/endpoints/handlers). */
import { type ResourceDefinition, keyOf, objectKey } from '../resources/definition.ts';
import type { KubeObject, NewObject, ObjectMeta } from '../types/meta.ts';
import { answer } from './answer.ts';
import { createObject } from './create.ts';
import { checkUrlName, decodeBody, withNamespace } from './decode.ts';
import { type DeleteResult, deleteObject } from './delete.ts';
import { ApiError, deletedStatus, methodNotAllowed } from './errors.ts';
import { trackWrite } from './managed-fields.ts';
import { withoutRepeatedOwners } from './metadata.ts';
import { patchObject } from './patch.ts';
import { getObject, listObjects } from './read.ts';
import { checkWriteOptions, deleteOptionsOf } from './request-options.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import { transformObject } from './update.ts';
import type { VerbContext } from './write-context.ts';

export function serveMain(verb: VerbContext): ApiResponse {
  const { context, definition, request } = verb;
  switch (request.verb) {
    case 'get':
      return { type: 'object', code: 200, object: getObject(context, definition, request), warnings: [] };
    case 'list':
      return { type: 'list', code: 200, list: listObjects(context, definition, request), warnings: [] };
    case 'create':
      return create(verb);
    case 'update':
      return update(verb);
    case 'patch':
      return patchObject(verb);
    case 'delete':
      return remove(verb);
    case 'deletecollection':
      return removeCollection(verb);
  }
}

/** `status` and the `finalize` of namespaces: a view of the whole object of which only a part can be written. */
export function servePart(verb: VerbContext): ApiResponse {
  const { context, definition, request } = verb;
  const isFinalize = request.subresource === 'finalize';
  if (request.verb === 'get' && !isFinalize) {
    return { type: 'object', code: 200, object: getObject(context, definition, request), warnings: [] };
  }
  if (request.verb === 'update') return update(verb);
  if (request.verb === 'patch' && !isFinalize) return patchObject(verb);
  throw methodNotAllowed(definition, definition.custom, request.verb);
}

function create(verb: VerbContext): ApiResponse {
  const { context, definition, request, origin, warn } = verb;
  checkWriteOptions(request);
  const decoded = decodeBody(context, definition, request, warn);
  let object = withNamespace(definition, request, withoutSystemFields(decoded));
  object = withoutRepeatedOwners(object, warn, false);
  object = trackWrite(verb, undefined, object as KubeObject);
  const { version, options } = request;
  const result = createObject(context, definition, object, origin, { dryRun: options?.dryRun, version });
  return answer(request, 201, result);
}

function update(verb: VerbContext): ApiResponse {
  const { context, definition, request, origin, warn } = verb;
  checkWriteOptions(request);
  let object = withNamespace(
    definition,
    request,
    decodeBody(context, definition, request, warn),
  ) as KubeObject;
  checkUrlName(request, object);
  object = withoutRepeatedOwners(object, warn, false);
  const result = transformObject(
    context,
    definition,
    keyOf(object),
    current => trackWrite(verb, current, object),
    origin,
    {
      subresource: request.subresource,
      dryRun: request.options?.dryRun,
      version: request.version,
      createMissing: definition.createOnUpdate && request.subresource === undefined,
    },
  );
  return answer(request, result.outcome === 'created' ? 201 : 200, result);
}

function remove(verb: VerbContext): ApiResponse {
  const { context, definition, request, origin } = verb;
  const key = objectKey(definition.namespaced ? request.namespace : undefined, request.name ?? '');
  const options = { ...deleteOptionsOf(request), version: request.version };
  const result = deleteObject(context, definition, key, origin, options);
  return deletionAnswer(definition, request, result);
}

/** Deletes all that a list with these options gives, and answers with that list. */
function removeCollection(verb: VerbContext): ApiResponse {
  const { context, definition, request, origin } = verb;
  const options = { ...deleteOptionsOf(request), version: request.version };
  const list = listObjects(context, definition, request);
  const warnings: string[] = [];
  for (const object of list.items) {
    try {
      warnings.push(...deleteObject(context, definition, keyOf(object), origin, options).warnings);
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
    }
  }
  return { type: 'list', code: 200, list, warnings };
}

function deletionAnswer(
  definition: ResourceDefinition,
  request: ApiRequest,
  { object, outcome, warnings }: DeleteResult,
): ApiResponse {
  if (outcome === 'pending' || definition.deleteReturnsObject) {
    return answer(request, 200, { object, warnings });
  }
  const status = deletedStatus(definition, object.metadata.name, object.metadata.uid);
  return { type: 'status', code: 200, status, warnings };
}

/** What only the server sets is dropped from what a client creates. */
function withoutSystemFields(object: NewObject): NewObject {
  const metadata: Partial<ObjectMeta> & { selfLink?: string } = { ...object.metadata };
  delete metadata.uid;
  delete metadata.creationTimestamp;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  if (metadata.resourceVersion === '') delete metadata.resourceVersion;
  return { ...object, metadata };
}
