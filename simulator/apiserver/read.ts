/** Reading: one object, and lists with selectors, pages and revisions (apiserver pkg/storage, v1.35). */
import { type ResourceDefinition, apiVersionOf, objectKey } from '../resources/definition.ts';
import type { KubeObject } from '../types/meta.ts';
import type { ApiServerContext } from './context.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { badRequest, expired, notFound, tooLargeResourceVersion } from './errors.ts';
import { identityOf } from './identity.ts';
import { type Selection, checkListOptions, parseResourceVersion, selectionOf } from './list-options.ts';
import type { ApiRequest, ObjectList, RequestOptions } from './request.ts';
import { inVersion } from './schema-gate.ts';
import { snapshotAt } from './snapshot.ts';

const EXPIRED_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
const EXPIRED_EXACT = 'The resourceVersion for the provided list is too old.';

/** @throws ApiError 404 without the object, 504 for a resourceVersion that is yet to come. */
export function getObject(
  context: ApiServerContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): KubeObject {
  refuseFuture(context, parseResourceVersion(request.options?.resourceVersion, 'get'));
  const name = request.name ?? '';
  const key = objectKey(definition.namespaced ? request.namespace : undefined, name);
  const object = context.store.get(identityOf(definition).resource, key);
  if (!object) throw notFound(definition, name);
  return inVersion(definition, object, apiVersionOf(request.group, request.version));
}

/**
 * One page, or all, of a resource's objects as they were at one revision.
 * @throws ApiError 400 for selectors and tokens that cannot be read, 410 for a revision that is forgotten, 422 for options
 * that exclude each other, 504 for a resourceVersion that is yet to come.
 */
export function listObjects(
  context: ApiServerContext,
  definition: ResourceDefinition,
  request: ApiRequest,
): ObjectList {
  const options = request.options ?? {};
  checkListOptions(options);
  const namespace = definition.namespaced ? request.namespace : undefined;
  const selection = selectionOf(definition, namespace, options);
  const { revision, start } = whereToRead(context, options);
  const apiVersion = apiVersionOf(request.group, request.version);
  const objects = objectsAt(context, definition, selection, revision, start, options);
  const page = pageOf(objects, selection, options.limit ?? 0);
  const at = revision ?? context.store.revision;
  const list: ObjectList = {
    apiVersion,
    kind: definition.listKind,
    items: converted(definition, page.items, apiVersion),
    resourceVersion: String(at),
  };
  if (page.last !== undefined) {
    const { namespace: own, name } = page.last.metadata;
    list.continue = encodeContinue({ revision: at, start: `${objectKey(own, name)}\u0000` });
    if (selection.everything) list.remainingItemCount = page.remaining;
  }
  return list;
}

function refuseFuture(context: ApiServerContext, revision: number | undefined): void {
  if (revision !== undefined && revision > context.store.revision) {
    throw tooLargeResourceVersion(revision, context.store.revision);
  }
}

function whereToRead(
  context: ApiServerContext,
  options: RequestOptions,
): { revision: number | undefined; start: string | undefined } {
  if (options.continue) {
    const token = decodeContinue(options.continue);
    if (options.resourceVersion && options.resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    return token;
  }
  const requested = parseResourceVersion(options.resourceVersion, 'list');
  refuseFuture(context, requested);
  const match = options.resourceVersionMatch;
  // A page of a revision is exact even where the request does not say so.
  const isExact = match === 'Exact' || (!match && (options.limit ?? 0) > 0 && requested !== 0);
  return { revision: isExact ? requested : undefined, start: undefined };
}

function objectsAt(
  context: ApiServerContext,
  definition: ResourceDefinition,
  selection: Selection,
  revision: number | undefined,
  start: string | undefined,
  options: RequestOptions,
): readonly KubeObject[] {
  const { store } = context;
  const { resource } = identityOf(definition);
  const { name, namespace } = selection;
  const present = revision === undefined || revision === store.revision;
  if (name !== undefined && present && (namespace !== undefined || !definition.namespaced)) {
    const key = objectKey(definition.namespaced ? namespace : undefined, name);
    const object = store.get(resource, key);
    return object && (start === undefined || key >= start) ? [object] : [];
  }
  const objects = snapshotAt(store, resource, namespace, revision, start);
  if (objects) return objects;
  throw options.continue
    ? expired(EXPIRED_CONTINUE, encodeContinue({ revision: undefined, start: start as string }))
    : expired(EXPIRED_EXACT);
}

interface Page {
  readonly items: readonly KubeObject[];
  /** The last object of a page that more objects follow. */
  readonly last?: KubeObject;
  readonly remaining: number;
}

function pageOf(objects: readonly KubeObject[], selection: Selection, limit: number): Page {
  const matching = selection.everything ? objects : objects.filter(object => selection.matches(object));
  if (limit <= 0 || matching.length <= limit) return { items: matching, remaining: 0 };
  const items = matching.slice(0, limit);
  return { items, last: items[items.length - 1], remaining: matching.length - limit };
}

function converted(
  definition: ResourceDefinition,
  objects: readonly KubeObject[],
  apiVersion: string,
): readonly KubeObject[] {
  // Objects of a built-in kind are all stored with the same version.
  const changes =
    identityOf(definition).storage.schema !== undefined || objects[0]?.apiVersion !== apiVersion;
  return changes ? objects.map(object => inVersion(definition, object, apiVersion)) : objects;
}
