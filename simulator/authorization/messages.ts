/** How refusals read (apiserver v0.35 pkg/endpoints/handlers/responsewriters/errors.go). */
import { type ApiError, apiError, forbidden, quote } from '../apiserver/index.ts';
import type { Attributes } from './types.ts';

/** `User "jane" cannot list resource "pods" in API group "" in the namespace "default"`. */
export function forbiddenMessage(attributes: Attributes): string {
  const who = `User ${quote(attributes.user.username)} cannot ${attributes.verb}`;
  if (attributes.path !== undefined) return `${who} path ${quote(attributes.path)}`;
  const { resource, subresource, apiGroup, namespace } = attributes;
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace ${quote(namespace)}` : 'at the cluster scope';
  return `${who} resource ${quote(what)} in API group ${quote(apiGroup)} ${where}`;
}

/** The 403 for a refused wish. */
export function forbiddenError(attributes: Attributes, reason = ''): ApiError {
  const message = sanitized(forbiddenMessage(attributes));
  const why = reason === '' ? message : `${message}: ${reason}`;
  if (attributes.path !== undefined) return apiError('Forbidden', `forbidden: ${why}`, {});
  return forbidden({ group: attributes.apiGroup, plural: attributes.resource }, attributes.name ?? '', why);
}

/** Errors must not look like markup to a browser. */
function sanitized(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
