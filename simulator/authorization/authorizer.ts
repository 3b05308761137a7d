/** Role-based access control as the cluster asks it about every request of a client. */
import {
  type ApiRequest,
  type ApiResponse,
  type ApiServerContext,
  type AuthorizedRequest,
  type Authorizer,
  statusOf,
} from '../apiserver/index.ts';
import { objectKey, resourceName } from '../resources/definition.ts';
import type { UserInfo } from '../types/meta.ts';
import { attributesOf } from './attributes.ts';
import { MASTERS, authorize } from './authorize.ts';
import { forbiddenError } from './messages.ts';
import type { Attributes } from './types.ts';
import { VIRT_API_GROUP, authorizeAtVirtApi, virtApiRefusal } from './virt-api.ts';

/** Answers what may not be with 403, or with virt-api's 401; undefined for what may. */
export const rbacAuthorizer: Authorizer = {
  request(context, request) {
    // The most common asker of all is spared the attributes.
    if (request.user.groups.includes(MASTERS)) return undefined;
    const attributes = attributesOf(request);
    const refused = refusal(context, attributes);
    if (refused) return refused;
    if (request.group === VIRT_API_GROUP) {
      const decision = authorizeAtVirtApi(context.view, request as AuthorizedRequest);
      return decision.allowed ? undefined : virtApiRefusal(decision);
    }
    return createsByWriting(context, request as ApiRequest)
      ? refusal(context, { ...attributes, verb: 'create' })
      : undefined;
  },
  path(context, user: UserInfo, verb: string, path: string) {
    return refusal(context, { user, verb, path });
  },
};

function refusal({ view }: ApiServerContext, attributes: Attributes): ApiResponse | undefined {
  const { allowed, reason } = authorize(view, attributes);
  if (allowed) return undefined;
  const status = statusOf(forbiddenError(attributes, reason));
  return { type: 'status', code: status.code, status, warnings: [] };
}

/** A PUT or an apply of something that is not there creates it, which takes that right too. */
function createsByWriting({ registry, store }: ApiServerContext, request: ApiRequest): boolean {
  const { verb, patchType, group, resource, subresource, namespace, name } = request;
  if (verb !== 'update' && !(verb === 'patch' && patchType === 'apply')) return false;
  const definition = registry.find(group, resource);
  if (!definition || subresource !== undefined || name === undefined) return false;
  if (verb === 'update' && !definition.createOnUpdate) return false;
  const key = objectKey(definition.namespaced ? namespace : undefined, name);
  return store.get(resourceName(group, resource), key) === undefined;
}
