/** One request through the API server: what it asks for, whether that is served, and which verb answers. */
import {
  type ResourceDefinition,
  type VersionDefinition,
  apiVersionOf,
  objectKey,
  resourceName,
} from '../resources/definition.ts';
import type { ApiServerContext, Origin, SubresourceHandler } from './context.ts';
import { decodeBody, withNamespace } from './decode.ts';
import { ApiError, methodNotAllowed, noSuchResource, statusOf } from './errors.ts';
import { servedVersion } from './identity.ts';
import { checkWriteOptions } from './request-options.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import { serveScale } from './scale.ts';
import { serveMain, servePart } from './verbs.ts';
import type { VerbContext } from './write-context.ts';

/** Serves one decoded and authenticated request. API errors are answers; it throws only for bugs. */
export function handleRequest(context: ApiServerContext, request: ApiRequest): ApiResponse {
  const refusal = context.authorizer?.request(context, request);
  if (refusal) return refusal;
  const warnings: string[] = [];
  try {
    const response = dispatch(context, request, warnings);
    return warnings.length === 0 ? response : { ...response, warnings: [...warnings, ...response.warnings] };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { type: 'status', code: error.status.code, status: statusOf(error), warnings };
  }
}

function dispatch(context: ApiServerContext, request: ApiRequest, warnings: string[]): ApiResponse {
  const definition = context.registry.find(request.group, request.resource);
  const handler = definition && request.subresource === undefined ? undefined : handlerOf(context, request);
  const version = definition && servedVersion(definition, request.version);
  if (handler) {
    if (!handler.verbs.includes(request.verb)) {
      throw methodNotAllowed({ group: request.group, plural: request.resource }, false, request.verb);
    }
    return handler.handle(context, request);
  }
  if (!definition) return serveVirtual(context, request, warnings);
  if (!version) throw noSuchResource();
  warnOfDeprecation(definition, version, warnings);
  const verb: VerbContext = {
    context,
    definition,
    request,
    origin: originOf(request),
    warn: text => {
      warnings.push(text);
    },
  };
  switch (request.subresource) {
    case undefined:
      if (!definition.verbs.includes(request.verb)) {
        throw methodNotAllowed(definition, definition.custom, request.verb);
      }
      return serveMain(verb);
    case 'scale':
      if (!definition.scale) throw noSuchResource();
      return serveScale(verb, definition.scale);
    case 'status':
      if (!definition.hasStatus) throw noSuchResource();
      return servePart(verb);
    case 'finalize':
      if (definition.group !== '' || definition.plural !== 'namespaces') throw noSuchResource();
      return servePart(verb);
    default:
      throw noSuchResource();
  }
}

/** What is answered without being stored: a created object comes back with its status, and that is all. */
function serveVirtual(context: ApiServerContext, request: ApiRequest, warnings: string[]): ApiResponse {
  const { group, resource, version, subresource, verb } = request;
  const virtual = context.virtualResources?.find(
    ({ definition }) => definition.group === group && definition.plural === resource,
  );
  if (!virtual || subresource !== undefined || !servedVersion(virtual.definition, version)) {
    throw noSuchResource();
  }
  const { definition } = virtual;
  if (verb !== 'create') throw methodNotAllowed(definition, definition.custom, verb);
  checkWriteOptions(request);
  const decoded = decodeBody(context, definition, request, text => {
    warnings.push(text);
  });
  const object = virtual.create(context, request, withNamespace(definition, request, decoded));
  return { type: 'object', code: 201, object, warnings: [] };
}

/** An origin for what a client asks for. */
export function originOf(request: ApiRequest): Origin {
  const { verb, group, resource, subresource, namespace, name = '', user } = request;
  const what = resourceName(group, resource) + (subresource ? `/${subresource}` : '');
  return {
    author: user.username,
    cause: { text: `request: ${verb} ${what} ${objectKey(namespace, name)}`, revision: 0 },
    user,
    trusted: false,
  };
}

/** Handlers of paths without resource (`expand-vm-spec`) are asked for by the word that stands where resources do. */
function handlerOf(context: ApiServerContext, request: ApiRequest): SubresourceHandler | undefined {
  const { group, resource, subresource } = request;
  return context.subresources.find(handler => {
    if (handler.group !== group) return false;
    if (handler.resource) return handler.resource === resource && handler.subresource === subresource;
    return subresource === undefined && handler.subresource === resource;
  });
}

function warnOfDeprecation(
  definition: ResourceDefinition,
  version: VersionDefinition,
  warnings: string[],
): void {
  if (version.deprecationWarning) warnings.push(version.deprecationWarning);
  else if (version.deprecated) {
    warnings.push(`${apiVersionOf(definition.group, version.name)} ${definition.kind} is deprecated`);
  }
}
