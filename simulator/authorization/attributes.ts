/** What a request wants, as authorisation sees it (apiserver v0.35 pkg/endpoints/request/requestinfo.go). */
import type { ApiRequest, WatchRequest } from '../apiserver/index.ts';
import type { ResourceAttributes } from './types.ts';

const NAME_FIELD = 'metadata.name';

/** Everything a request on resources is asked with, streams included. */
export type AccessRequest = Pick<
  ApiRequest,
  'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'user' | 'options'
> & { readonly verb?: ApiRequest['verb'] | 'watch' };

/** A request without verb is a watch. */
export function attributesOf(request: ApiRequest | WatchRequest | AccessRequest): ResourceAttributes {
  const { group, resource, namespace, user } = request;
  const { verb = 'watch', name, subresource } = request as AccessRequest;
  const collection = verb === 'list' || verb === 'watch';
  return {
    user,
    // A GET without a name is a list, even where what it finds is one thing.
    verb: verb === 'get' && name === undefined ? 'list' : verb,
    apiGroup: group,
    resource,
    ...(subresource === undefined ? undefined : { subresource: firstSegment(subresource) }),
    // A namespace is cluster-wide itself, yet its requests count as made within it.
    namespace: namespace ?? (group === '' && resource === 'namespaces' ? (name ?? '') : ''),
    name: name ?? (collection ? selectedName(request.options?.fieldSelector) : ''),
  };
}

/** kube-apiserver looks at one path segment behind the name; what follows is the resource's own affair. */
function firstSegment(subresource: string): string {
  const slash = subresource.indexOf('/');
  return slash < 0 ? subresource : subresource.slice(0, slash);
}

/** `metadata.name=x` makes a list one of a single name. Names have nothing in them that selectors escape. */
function selectedName(selector: string | undefined): string {
  if (!selector?.includes(NAME_FIELD)) return '';
  const term = selector.split(',').find(part => part.startsWith(`${NAME_FIELD}=`));
  if (term === undefined) return '';
  return term.slice(NAME_FIELD.length).replace(/^==?/, '');
}
