/**
 * From a URL to a request on a resource: kube-apiserver's path grammar (apiserver v0.35
 * pkg/endpoints/request/requestinfo.go) and which paths and methods exist at all.
 */
import {
  type ResourceRegistry,
  type SubresourceHandler,
  noSuchResource,
} from '../simulator/apiserver/index.ts';
import type { ResourceDefinition, Verb } from '../simulator/resources/definition.ts';
import { AGGREGATED_GROUPS } from './aggregated-groups.ts';
import { UnknownPath, wrongMethod } from './failures.ts';

/** What a path under `/api/v1` or `/apis/GROUP/VERSION` names. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** All that follows the name: `status`, `vnc/screenshot`. */
  readonly subresource: string | undefined;
  /** The deprecated form `/api/v1/watch/pods`. */
  readonly legacyWatch: boolean;
}

/** The parts of a resource path; undefined for what is none, such as discovery documents. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = path
    .split('/')
    .filter(part => part !== '')
    .map(decode);
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const group = core ? '' : parts[1];
  const version = core ? parts[1] : parts[2];
  let rest = parts.slice(core ? 2 : 3);
  if (group === undefined || version === undefined || rest.length === 0) return undefined;

  const legacyWatch = rest[0] === 'watch';
  if (legacyWatch) rest = rest.slice(1);
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [resource, name, ...subresource] = rest;
  if (resource === undefined) return undefined;
  return {
    group,
    version,
    resource,
    namespace,
    name,
    subresource: subresource.length === 0 ? undefined : subresource.join('/'),
    legacyWatch,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export interface Route extends ResourcePath {
  readonly verb: Verb;
  /** Undefined for aggregated APIs, which serve paths rather than objects. */
  readonly definition: ResourceDefinition | undefined;
}

/** What routes are resolved against; a cluster is one. */
export interface Served {
  readonly registry: ResourceRegistry;
  readonly subresources: readonly SubresourceHandler[];
}

/**
 * The resource and verb of a request.
 * @throws UnknownPath for what no server knows, ApiError 404 or 405 for what this one does not serve.
 */
export function resolveRoute(served: Served, method: string, path: ResourcePath, watch: boolean): Route {
  const verb = verbOf(method, path, watch || path.legacyWatch);
  if (AGGREGATED_GROUPS.some(group => group.name === path.group && group.versions.includes(path.version))) {
    return aggregatedRoute(served, path, verb, method);
  }
  const definition = served.registry.find(path.group, path.resource);
  const custom = served.registry.all().some(other => other.group === path.group && other.custom);
  const exists =
    definition?.versions.some(version => version.name === path.version && version.served) &&
    (definition.namespaced || path.namespace === undefined);
  if (!definition || !exists) throw missing(served, path, custom);
  if (verb === undefined) throw wrongMethod();

  const acrossNamespaces = definition.namespaced && path.namespace === undefined;
  if (path.subresource !== undefined) {
    if (acrossNamespaces || !knowsSubresource(served, definition, path.subresource))
      throw missing(served, path, custom);
  } else {
    if (acrossNamespaces && path.name !== undefined) throw missing(served, path, custom);
    const misplaced =
      (verb === 'create' && path.name !== undefined) ||
      ((verb === 'update' || verb === 'patch') && path.name === undefined) ||
      (acrossNamespaces && verb !== 'list' && verb !== 'watch');
    if (misplaced) throw wrongMethod(definition, custom, verb);
    if (!definition.verbs.includes(verb)) {
      throw wrongMethod(definition, custom, verb);
    }
  }
  return { ...path, verb, definition };
}

function verbOf(method: string, path: ResourcePath, watch: boolean): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (watch && path.subresource === undefined) return 'watch';
      return path.name === undefined ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return path.name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}

function aggregatedRoute(served: Served, path: ResourcePath, verb: Verb | undefined, method: string): Route {
  const handlers = served.subresources.filter(handler => {
    if (handler.group !== path.group) return false;
    // A path without a resource, such as expand-vm-spec, is a subresource of none.
    return handler.resource === ''
      ? handler.subresource === path.resource && path.name === undefined
      : handler.resource === path.resource && handler.subresource === path.subresource;
  });
  if (handlers.length === 0) throw new UnknownPath();
  // What has no name is one thing there, not a collection.
  const single = method === 'GET' || method === 'HEAD' ? 'get' : verb;
  if (
    single === undefined ||
    !handlers.some(handler => (handler.verbs as readonly Verb[]).includes(single))
  ) {
    throw wrongMethod();
  }
  return { ...path, verb: single, definition: undefined };
}

function knowsSubresource(served: Served, definition: ResourceDefinition, subresource: string): boolean {
  if (subresource === 'status') return definition.hasStatus;
  if (subresource === 'scale') return definition.scale !== undefined;
  return (
    definition.subresources?.some(other => other.name === subresource) ||
    served.subresources.some(
      handler =>
        handler.group === definition.group &&
        handler.resource === definition.plural &&
        handler.subresource === subresource,
    )
  );
}

/** Built-in groups answer with a Status; unknown groups and the groups of custom resources with plain text. */
function missing(served: Served, path: ResourcePath, custom: boolean): Error {
  const builtIn =
    !custom &&
    served.registry
      .groups()
      .some(({ group, versions }) => group === path.group && versions.includes(path.version));
  return builtIn ? noSuchResource() : new UnknownPath();
}
