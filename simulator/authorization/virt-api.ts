/**
 * The second look that virt-api takes at requests to its own API, after kube-apiserver has let them through
 * (KubeVirt v1.9 pkg/virt-api/rest/authorizer.go): a SubjectAccessReview on the whole subresource, where
 * kube-apiserver has looked at its first segment only.
 */
import type { ApiResponse } from '../apiserver/index.ts';
import type { View } from '../controller.ts';
import { type AccessRequest, attributesOf } from './attributes.ts';
import { authorize } from './authorize.ts';
import type { Decision } from './types.ts';

export const VIRT_API_GROUP = 'subresources.kubevirt.io';

/** What everyone may ask for: paths without namespace that tell of virt-api itself. */
const OPEN = new Set([
  'version',
  'guestfs',
  'healthz',
  'start-cluster-profiler',
  'stop-cluster-profiler',
  'dump-cluster-profiler',
]);
const NAMED = new Set(['virtualmachines', 'virtualmachineinstances']);
const UNNAMED = 'expand-vm-spec';

/** virt-api's own decision; the reason of a refusal is often empty. */
export function authorizeAtVirtApi(view: View, request: AccessRequest): Decision {
  const { resource, subresource, namespace, name } = request;
  if (namespace === undefined && name === undefined && OPEN.has(resource)) {
    return { allowed: true, reason: '' };
  }
  const known = name === undefined ? resource === UNNAMED : NAMED.has(resource);
  if (!known) return { allowed: false, reason: `unknown resource type ${resource}` };
  const attributes = attributesOf(request);
  // Protocol and port of a forwarded port are part of the path, and not of what is granted.
  const forwards = attributes.subresource === 'portforward';
  const whole =
    forwards || subresource === undefined || subresource === attributes.subresource
      ? attributes
      : { ...attributes, subresource };
  const { allowed, reason } = authorize(view, whole);
  return allowed ? { allowed, reason: '' } : { allowed, reason };
}

/** The answer to what virt-api refuses: 401 with the reason as its whole body and no Status. */
export function virtApiRefusal({ reason }: Decision): ApiResponse {
  return { type: 'raw', code: 401, value: reason === '' ? undefined : reason, warnings: [] };
}
