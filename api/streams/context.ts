/** What all streams work with, and how they are refused. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError, type ApiRequest, badRequest, internalError } from '../../simulator/apiserver/index.ts';
import type { Cluster } from '../../simulator/cluster.ts';
import type { UserInfo } from '../../simulator/types/meta.ts';
import type { ClockDriver } from '../clock-driver.ts';
import type { Route } from '../routing.ts';
import type { PortServer } from './port-server.ts';
import type { Ticker } from './ticker.ts';
import type { WebSockets } from './web-sockets.ts';

export interface StreamContext {
  readonly cluster: Cluster;
  readonly clock: ClockDriver;
  readonly ticker: Ticker;
  readonly sockets: WebSockets;
  readonly ports: PortServer;
  readonly report: (error: unknown) => void;
}

/** A connection that asks to become a stream. */
export interface UpgradeRequest {
  readonly route: Route;
  readonly user: UserInfo;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** An answer that is text and no Status, such as those of a kubelet that are passed on as they are. */
export class PlainRefusal extends Error {
  override readonly name = 'PlainRefusal';
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/**
 * Asks whether a stream may be opened.
 * @throws ApiError or PlainRefusal where it may not.
 */
export function authorizeStream(
  cluster: Cluster,
  { group, version, resource, subresource, namespace, name }: Route,
  user: UserInfo,
  verb: ApiRequest['verb'],
): void {
  const answer = cluster.authorize({
    verb,
    group,
    version,
    resource,
    user,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  });
  if (!answer) return;
  if (answer.type === 'status') throw new ApiError(answer.status);
  if (answer.type === 'raw') throw new PlainRefusal(answer.code, String(answer.value ?? ''));
  throw internalError('authorisation answered with an object');
}

export function upgradeRequired(): ApiError {
  return badRequest('Upgrade request required');
}

export function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

export function isSpdy(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'spdy/3.1';
}

/** The values of a header that may be repeated or listed. */
export function listed(header: string | string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .flatMap(each => each.split(','))
    .map(each => each.trim())
    .filter(each => each !== '');
}

const BEARER_PREFIX = 'base64url.bearer.authorization.k8s.io.';

/** The sub-protocols that a WebSocket offers; a token among them says who asks, not how to speak. */
export function offeredProtocols(request: IncomingMessage): string[] {
  return listed(request.headers['sec-websocket-protocol']).filter(each => !each.startsWith(BEARER_PREFIX));
}
