/**
 * Who asks: client certificates of the cluster's own authority and bearer tokens, with impersonation on top
 * (apiserver v0.35 pkg/authentication and pkg/endpoints/filters). What they may do, the cluster decides.
 */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { ApiError } from '../simulator/apiserver/index.ts';
import {
  type ImpersonationHeaders,
  authenticateToken,
  impersonate,
} from '../simulator/authorization/index.ts';
import type { Cluster } from '../simulator/cluster.ts';
import type { UserInfo } from '../simulator/types/meta.ts';

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

const AUTHENTICATED = 'system:authenticated';

export interface Authenticator {
  /**
   * The user behind a request; undefined when it shows no credentials or wrong ones.
   * @throws ApiError when it asks to act as somebody else and may not.
   */
  authenticate(request: IncomingMessage): UserInfo | undefined;
}

/**
 * Knows one administrator by certificate or token, and the cluster's service accounts by theirs. A certificate counts
 * once TLS has checked it against the authority.
 */
export function createAuthenticator(tokens: ReadonlyMap<string, UserInfo>, cluster: Cluster): Authenticator {
  const certified = new WeakMap<object, UserInfo | null>();
  const owner = (token: string) => tokens.get(token) ?? authenticateToken(cluster.view, token);
  return {
    authenticate(request) {
      const asker = byToken(request, owner) ?? byCertificate(request, certified);
      if (!asker) return undefined;
      const user = impersonate(cluster.view, asker, impersonationOf(request));
      if (user instanceof ApiError) throw user;
      return user;
    },
  };
}

/** The user that a certificate or token stands for, with the group that everybody known is in. */
export function userOf(username: string, groups: readonly string[]): UserInfo {
  return { username, groups: groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED] };
}

function byToken(
  request: IncomingMessage,
  owner: (token: string) => UserInfo | undefined,
): UserInfo | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) {
    return header.slice(0, 7).toLowerCase() === 'bearer ' ? owner(header.slice(7).trim()) : undefined;
  }
  // Browsers cannot set headers on WebSockets: they offer the token as a sub-protocol.
  const protocols = request.headers['sec-websocket-protocol'];
  if (protocols === undefined) return undefined;
  for (const protocol of protocols.split(',')) {
    const prefix = 'base64url.bearer.authorization.k8s.io.';
    const offered = protocol.trim();
    if (offered.startsWith(prefix)) {
      return owner(Buffer.from(offered.slice(prefix.length), 'base64url').toString('utf8'));
    }
  }
  return undefined;
}

function byCertificate(
  request: IncomingMessage,
  known: WeakMap<object, UserInfo | null>,
): UserInfo | undefined {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const cached = known.get(socket);
  if (cached !== undefined) return cached ?? undefined;
  const subject = socket.getPeerCertificate().subject as { CN?: string; O?: string | string[] } | undefined;
  const groups = subject?.O === undefined ? [] : [subject.O].flat();
  const user = subject?.CN === undefined ? undefined : userOf(subject.CN, groups);
  known.set(socket, user ?? null);
  return user;
}

/** What the request's headers say of whom it is made for. */
function impersonationOf(request: IncomingMessage): ImpersonationHeaders {
  const user = single(request.headers['impersonate-user']);
  const groups = several(request, 'impersonate-group');
  const uid = single(request.headers['impersonate-uid']);
  const extra = extraOf(request);
  return {
    ...(user === undefined ? {} : { user }),
    ...(groups.length > 0 ? { groups } : {}),
    ...(uid === undefined ? {} : { uid }),
    ...(extra ? { extra } : {}),
  };
}

function extraOf(request: IncomingMessage): Record<string, string[]> | undefined {
  const prefix = 'impersonate-extra-';
  let extra: Record<string, string[]> | undefined;
  for (const header of Object.keys(request.headers)) {
    if (!header.startsWith(prefix)) continue;
    extra ??= {};
    extra[decodeURIComponent(header.slice(prefix.length)).toLowerCase()] = several(request, header);
  }
  return extra;
}

/** Node joins repeated headers with commas; groups may contain commas, so the raw list is read. */
function several(request: IncomingMessage, name: string): string[] {
  if (request.headers[name] === undefined) return [];
  const values: string[] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    if (request.rawHeaders[at]?.toLowerCase() === name) values.push(request.rawHeaders[at + 1] ?? '');
  }
  return values;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
