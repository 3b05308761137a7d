/** POST serviceaccounts/x/token (kubernetes pkg/registry/core/serviceaccount/storage/token.go, v1.35). */
import {
  type ApiRequest,
  type ApiServerContext,
  type SubresourceHandler,
  badRequest,
  conflict,
  fieldErrors,
  invalid,
  notFound,
} from '../apiserver/index.ts';
import { timestamp } from '../clock/index.ts';
import { nodes, pods, secrets, serviceAccounts } from '../resources/refs.ts';
import type { Pod } from '../types/core.ts';
import type { KubeObject, Millis, StatusCause } from '../types/meta.ts';
import { AUTHENTICATION_GROUP } from './identity-reviews.ts';
import { API_AUDIENCE, type TokenOrder, issueToken } from './service-account-tokens.ts';

interface TokenRequest {
  metadata?: { name?: string; namespace?: string };
  spec?: {
    audiences?: string[];
    expirationSeconds?: number;
    boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string } | null;
  };
}

const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3_600;

export const tokenSubresource: SubresourceHandler = {
  group: '',
  resource: 'serviceaccounts',
  subresource: 'token',
  verbs: ['create'],
  handle(context, request) {
    const { view, now, random } = context;
    const { name = '', namespace = '' } = request;
    const account = view.get(serviceAccounts, namespace, name);
    if (!account) throw notFound({ group: '', plural: 'serviceaccounts' }, name);
    const asked = bodyOf(request);
    const { audiences = [], expirationSeconds = DEFAULT_SECONDS, boundObjectRef } = asked.spec ?? {};
    const causes = lifetimeErrors(expirationSeconds);
    if (causes.length > 0) throw invalid({ group: AUTHENTICATION_GROUP, kind: 'TokenRequest' }, name, causes);
    const accepted = audiences.length > 0 ? audiences : [API_AUDIENCE];
    const { token, expiresAt } = issueToken(view, {
      account,
      audiences: accepted,
      seconds: expirationSeconds,
      id: random.uuid(),
      ...(boundObjectRef?.kind ? bound(context, name, namespace, boundObjectRef) : {}),
    });
    const object = {
      kind: 'TokenRequest',
      apiVersion: `${AUTHENTICATION_GROUP}/v1`,
      metadata: { ...asked.metadata, name, namespace, creationTimestamp: timestamp(now) },
      spec: { audiences: accepted, expirationSeconds, boundObjectRef: boundObjectRef ?? null },
      status: { token, expirationTimestamp: timestamp(expiresAt as Millis) },
    } as unknown as KubeObject;
    return { type: 'object', code: 201, object, warnings: [] };
  },
};

function bodyOf({ body }: ApiRequest): TokenRequest {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw badRequest('the object provided is unrecognized (must be of type TokenRequest)');
  }
  const { kind, apiVersion = `${AUTHENTICATION_GROUP}/v1` } = body;
  if ((kind && kind !== 'TokenRequest') || apiVersion !== `${AUTHENTICATION_GROUP}/v1`) {
    throw badRequest(
      `the object provided is unrecognized (must be of type TokenRequest): ${String(apiVersion)}, Kind=${String(kind)}`,
    );
  }
  return body as TokenRequest;
}

function lifetimeErrors(seconds: number): StatusCause[] {
  const field = 'spec.expirationSeconds';
  if (seconds < MIN_SECONDS) {
    return [fieldErrors.invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')];
  }
  return seconds > MAX_SECONDS
    ? [fieldErrors.invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
    : [];
}

/** What a token is bound to ends it when it goes. */
function bound(
  { view }: ApiServerContext,
  account: string,
  namespace: string,
  reference: { kind?: string; apiVersion?: string; name?: string; uid?: string },
): Pick<TokenOrder, 'pod' | 'secret' | 'node'> {
  const { kind = '', apiVersion = 'v1', name = '', uid } = reference;
  const plural = apiVersion === 'v1' ? { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[kind] : undefined;
  if (plural === undefined) {
    throw badRequest(
      `cannot bind token to object of type ${apiVersion.replace(/^v1$/, '/v1')}, Kind=${kind}`,
    );
  }
  const resource = { group: '', plural };
  const object =
    kind === 'Pod'
      ? view.get(pods, namespace, name)
      : kind === 'Secret'
        ? view.get(secrets, namespace, name)
        : view.get(nodes, undefined, name);
  if (!object) throw notFound(resource, name);
  if (kind === 'Pod' && (object as Pod).spec.serviceAccountName !== account) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    );
  }
  if (uid && uid !== object.metadata.uid) {
    throw conflict(
      resource,
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (kind === 'Secret') return { secret: object };
  if (kind === 'Node') return { node: object };
  const { nodeName } = (object as Pod).spec;
  const node = nodeName ? view.get(nodes, undefined, nodeName) : undefined;
  return { pod: object as Pod, ...(node ? { node } : {}) };
}
