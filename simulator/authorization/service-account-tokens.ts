/**
 * Tokens of service accounts (kubernetes pkg/serviceaccount/claims.go, legacy.go and jwt.go, v1.35): JSON Web Tokens
 * with the claims of real ones. They are signed by HMAC with a key that follows from the cluster's seed, where a real
 * cluster has an RSA key; nobody but the cluster can tell, as only it checks them.
 */
import { hmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';
import type { View } from '../controller.ts';
import { pods, secrets, serviceAccounts } from '../resources/refs.ts';
import type { KubeObject, UserInfo } from '../types/meta.ts';

export const API_AUDIENCE = 'https://kubernetes.default.svc.cluster.local';
const LEGACY_ISSUER = 'kubernetes/serviceaccount';
const LEGACY = 'kubernetes.io/serviceaccount/';
const KEY_PARTS = 8;

interface Reference {
  name: string;
  uid: string;
}

/** Claims under `kubernetes.io`. */
interface Bound {
  namespace: string;
  serviceaccount: Reference;
  pod?: Reference;
  secret?: Reference;
  node?: Reference;
}

interface BoundClaims {
  aud: string[];
  exp: number;
  iat: number;
  nbf: number;
  iss: string;
  jti: string;
  sub: string;
  'kubernetes.io': Bound;
}

export interface TokenOrder {
  readonly account: KubeObject;
  readonly audiences: readonly string[];
  readonly seconds: number;
  /** A UUID. */
  readonly id: string;
  readonly pod?: KubeObject & { spec: { nodeName?: string } };
  readonly secret?: KubeObject;
  readonly node?: KubeObject;
}

/** A token that ends, as TokenRequest and projected volumes give it. */
export function issueToken(view: View, order: TokenOrder): { token: string; expiresAt: number } {
  const { account, audiences, seconds, id, pod, secret, node } = order;
  const now = Math.floor(view.now / 1_000);
  const { namespace = '', name, uid } = account.metadata;
  const claims: BoundClaims = {
    aud: [...audiences],
    exp: now + seconds,
    iat: now,
    iss: API_AUDIENCE,
    jti: id,
    'kubernetes.io': {
      namespace,
      ...(node ? { node: referenceTo(node) } : {}),
      ...(pod ? { pod: referenceTo(pod) } : {}),
      ...(secret ? { secret: referenceTo(secret) } : {}),
      serviceaccount: { name, uid },
    },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  return { token: sign(view, claims), expiresAt: (now + seconds) * 1_000 };
}

/** A token without end, as it stands in a secret of type `kubernetes.io/service-account-token`. */
export function issueSecretToken(view: View, account: KubeObject, secretName: string): string {
  const { namespace = '', name, uid } = account.metadata;
  return sign(view, {
    iss: LEGACY_ISSUER,
    [`${LEGACY}namespace`]: namespace,
    [`${LEGACY}secret.name`]: secretName,
    [`${LEGACY}service-account.name`]: name,
    [`${LEGACY}service-account.uid`]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  });
}

/** The service account behind a bearer token; undefined for a token that is no longer, or never was, one of this cluster. */
export function authenticateToken(view: View, token: string): UserInfo | undefined {
  const result = reviewToken(view, token, [API_AUDIENCE]);
  return 'user' in result ? withGroup(result.user) : undefined;
}

export type TokenVerdict = { user: UserInfo; audiences: string[] } | { error: string };

/** What a token is worth for some audiences, in the server's words where it is worth nothing. */
export function reviewToken(view: View, token: string, audiences: readonly string[]): TokenVerdict {
  const claims = verified(view, token);
  if (!claims) return { error: 'invalid bearer token' };
  if (claims.iss === LEGACY_ISSUER) return reviewSecretToken(view, token, claims, audiences);
  const bound = claims as unknown as BoundClaims;
  const shared = audiences.filter(audience => bound.aud.includes(audience));
  if (shared.length === 0) {
    return failure(
      `token audiences [${quoted(bound.aud)}] is invalid for the target audiences [${quoted(audiences)}]`,
    );
  }
  const seconds = view.now / 1_000;
  if (seconds < bound.nbf) return failure('service account token is not valid yet');
  if (seconds >= bound.exp) return failure('service account token has expired');
  const { namespace, serviceaccount, pod, secret, node } = bound['kubernetes.io'];
  const account = view.get(serviceAccounts, namespace, serviceaccount.name);
  if (!isThere(account, serviceaccount)) return INVALIDATED;
  if (pod && !isThere(view.get(pods, namespace, pod.name), pod)) return INVALIDATED;
  if (secret && !isThere(view.get(secrets, namespace, secret.name), secret)) return INVALIDATED;
  const extra: Record<string, string[]> = {
    'authentication.kubernetes.io/credential-id': [`JTI=${bound.jti}`],
  };
  if (node) {
    extra['authentication.kubernetes.io/node-name'] = [node.name];
    extra['authentication.kubernetes.io/node-uid'] = [node.uid];
  }
  if (pod) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name];
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
  }
  return { user: { ...accountUser(namespace, serviceaccount), extra }, audiences: shared };
}

function reviewSecretToken(
  view: View,
  token: string,
  claims: Claims,
  audiences: readonly string[],
): TokenVerdict {
  const claim = (name: string) => String(claims[`${LEGACY}${name}`] ?? '');
  const namespace = claim('namespace');
  const reference = { name: claim('service-account.name'), uid: claim('service-account.uid') };
  const secret = view.get(secrets, namespace, claim('secret.name'));
  const held = secret?.data?.token;
  if (!secret || secret.metadata.deletionTimestamp !== undefined || held !== btoa(token)) return INVALIDATED;
  if (!isThere(view.get(serviceAccounts, namespace, reference.name), reference)) return INVALIDATED;
  // Tokens from secrets are for the API alone.
  const shared = audiences.filter(audience => audience === API_AUDIENCE);
  if (shared.length === 0) return failure('token audiences is invalid for the target audiences');
  return { user: accountUser(namespace, reference), audiences: shared };
}

const INVALIDATED = failure('service account token has been invalidated');

function failure(error: string): { error: string } {
  return { error: `[invalid bearer token, ${error}]` };
}

function quoted(texts: readonly string[]): string {
  return texts.map(text => JSON.stringify(text)).join(' ');
}

function isThere(object: KubeObject | undefined, { uid }: Reference): boolean {
  return (
    object !== undefined && object.metadata.uid === uid && object.metadata.deletionTimestamp === undefined
  );
}

function referenceTo({ metadata: { name, uid } }: KubeObject): Reference {
  return { name, uid };
}

function accountUser(namespace: string, { name, uid }: Reference): UserInfo {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  };
}

function withGroup(user: UserInfo): UserInfo {
  return { ...user, groups: [...user.groups, 'system:authenticated'] };
}

type Claims = Record<string, unknown>;

function sign(view: View, claims: object): string {
  const { key, id } = signingKey(view);
  const signed = `${encode({ alg: 'HS256', kid: id })}.${encode(claims)}`;
  return `${signed}.${base64Url(hmac(sha256, key, signed))}`;
}

/** The claims of a token that this cluster signed. What it says may still be out of date. */
function verified(view: View, token: string): Claims | undefined {
  const end = token.lastIndexOf('.');
  const parts = token.split('.');
  if (parts.length !== 3 || end < 0) return undefined;
  const signature = base64Url(hmac(sha256, signingKey(view).key, token.slice(0, end)));
  if (signature !== parts[2]) return undefined;
  return JSON.parse(decodeText(parts[1] ?? '')) as Claims;
}

interface SigningKey {
  readonly key: Uint8Array;
  /** Tells keys apart, as `kid` in a token's header. */
  readonly id: string;
}

// Follows from the view's seed alone.
const keys = new WeakMap<View, SigningKey>();

function signingKey(view: View): SigningKey {
  let known = keys.get(view);
  if (!known) {
    const parts = Array.from({ length: KEY_PARTS }, (_, part) =>
      view.chance('service-account-key', String(part)),
    );
    const key = sha256(parts.join(' '));
    known = { key, id: base64Url(sha256(key)) };
    keys.set(view, known);
  }
  return known;
}

function encode(value: object): string {
  // Names and texts in tokens are ASCII; anything else would not be base64 of bytes.
  return base64Text(JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, escapeUnit));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function base64Url(bytes: Uint8Array): string {
  return base64Text(String.fromCharCode(...bytes));
}

function base64Text(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function decodeText(text: string): string {
  return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
}
