/**
 * `pods/portforward` over its three transports: SPDY, SPDY tunnelled in WebSocket messages, and numbered WebSocket
 * channels (Kubernetes 1.35 pkg/kubelet, staging cri-streaming portforward).
 */
import { createHash } from 'node:crypto';
import { type WebSocket, createWebSocketStream } from 'ws';
import { badRequest } from '../../simulator/apiserver/index.ts';
import { listenerOf } from '../../simulator/processes/index.ts';
import { pods } from '../../simulator/resources/refs.ts';
import type { Pod } from '../../simulator/types/core.ts';
import {
  PlainRefusal,
  type StreamContext,
  type UpgradeRequest,
  authorizeStream,
  isSpdy,
  isWebSocket,
  listed,
  offeredProtocols,
  upgradeRequired,
} from './context.ts';
import { fullName, podOf, requireHost } from './pod-target.ts';
import { splice } from './port-server.ts';
import { acceptSpdy } from './spdy-upgrade.ts';
import { SpdyConnection, type SpdyStream } from './spdy.ts';
import { channelWriter, parseMessage } from './websocket-remote-command.ts';

const SPDY_PROTOCOL = 'portforward.k8s.io';
const TUNNEL_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';
const CHANNEL_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'];

/** @throws ApiError or PlainRefusal before the upgrade. */
export function servePortForward(context: StreamContext, upgrade: UpgradeRequest): void {
  const { route, user, query, request } = upgrade;
  authorizeStream(context.cluster, route, user, route.verb === 'create' ? 'create' : 'get');
  if (route.verb !== 'create') authorizeStream(context.cluster, route, user, 'create');
  if (!isWebSocket(request) && !isSpdy(request)) throw upgradeRequired();
  const pod = podOf(context.cluster, route);
  requireHost(pod);
  if (pod.status?.phase !== 'Running')
    throw new PlainRefusal(500, `pod not found (${JSON.stringify(fullName(pod))})`);
  if (isSpdy(request)) {
    const offered = listed(request.headers['x-stream-protocol-version']);
    if (!offered.includes(SPDY_PROTOCOL)) {
      const client = `[${offered.join(' ')}]`;
      throw new PlainRefusal(
        403,
        `unable to upgrade: unable to negotiate protocol: client supports ${client}, server accepts [${SPDY_PROTOCOL}]`,
      );
    }
    forwardStreams(context, pod, acceptSpdy(upgrade, SPDY_PROTOCOL));
    return;
  }
  const offered = offeredProtocols(request);
  if (offered.includes(TUNNEL_PROTOCOL)) {
    context.sockets.accept(upgrade, TUNNEL_PROTOCOL, client => {
      forwardStreams(context, pod, new SpdyConnection(createWebSocketStream(client), Buffer.alloc(0)));
    });
    return;
  }
  const protocol = offered.length === 0 ? '' : CHANNEL_PROTOCOLS.find(each => offered.includes(each));
  if (protocol === undefined) {
    throw new PlainRefusal(403, `requested protocol(s) are not supported: [${offered.join(' ')}]`);
  }
  const ports = portsOf(query);
  context.sockets.accept(upgrade, protocol, client =>
    forwardChannels(context, pod, client, ports, protocol.includes('base64')),
  );
}

function portsOf(query: URLSearchParams): number[] {
  const texts = query.getAll('ports').flatMap(each => each.split(','));
  if (texts.length === 0) throw badRequest('query parameter "port" is required');
  return texts.map(text => {
    const port = Number(text);
    if (!Number.isInteger(port))
      throw badRequest(
        `unable to parse ${JSON.stringify(text)} as a port: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
      );
    if (port < 1 || port > 65_535) throw badRequest(`port ${JSON.stringify(text)} must be > 0`);
    return port;
  });
}

/** The pod as it is now: what listens may have changed since the connection was made. */
function listenerNow({ cluster }: StreamContext, pod: Pod, port: number) {
  const current = cluster.view.get(pods, pod.metadata.namespace, pod.metadata.name);
  return current?.metadata.uid === pod.metadata.uid ? listenerOf(cluster.view, current, port) : undefined;
}

/** What a node says when nothing listens there. */
function refusal(pod: Pod, port: number): string {
  const sandbox = createHash('sha256').update(`sandbox ${pod.metadata.uid}`).digest('hex');
  const { uid } = pod.metadata;
  return `error forwarding port ${port} to pod ${sandbox}, uid : failed to execute portforward in network namespace "/var/run/netns/cni-${uid}": failed to connect to localhost:${port} inside namespace ${JSON.stringify(sandbox)}, IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6 [::1]:${port}: connect: connection refused `;
}

/** A stream for data and one for errors belong together by their request. */
function forwardStreams(context: StreamContext, pod: Pod, connection: SpdyConnection): void {
  const waiting = new Map<string, { error?: SpdyStream; data?: SpdyStream }>();
  const stopWatching = endWithPod(context, pod, () => connection.destroy());
  connection.on('close', stopWatching);
  connection.on('stream', stream => {
    const type = stream.headers.get('streamtype');
    if (type !== 'error' && type !== 'data') {
      stream.destroy();
      return;
    }
    // Clients of old have one pair at a time and no identifier for it: the error stream comes first.
    const id = stream.headers.get('requestid') ?? String(type === 'error' ? stream.id : stream.id - 2);
    const pair = { ...waiting.get(id), [type]: stream };
    waiting.set(id, pair);
    if (!pair.error || !pair.data) return;
    waiting.delete(id);
    forwardPair(context, pod, pair.data, pair.error);
  });
}

function forwardPair(context: StreamContext, pod: Pod, data: SpdyStream, error: SpdyStream): void {
  error.resume();
  const port = Number(data.headers.get('port'));
  const listener = listenerNow(context, pod, port);
  if (!listener) {
    error.end(refusal(pod, port));
    data.resume();
    data.end();
    return;
  }
  const target = context.ports.connect(listener);
  splice(data, target);
  data.on('close', () => error.end());
}

/** Channel 2i carries the data of the i-th port and 2i+1 its errors; each begins with the number of the port. */
function forwardChannels(
  context: StreamContext,
  pod: Pod,
  client: WebSocket,
  ports: readonly number[],
  base64: boolean,
): void {
  const stopWatching = endWithPod(context, pod, () => client.terminate());
  client.on('close', stopWatching);
  const targets = ports.map((port, index) => {
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    const data = channelWriter(client, 2 * index, base64);
    const error = channelWriter(client, 2 * index + 1, base64);
    data.write(number);
    error.write(number);
    const listener = listenerNow(context, pod, port);
    if (!listener) {
      error.write(refusal(pod, port));
      return undefined;
    }
    const target = context.ports.connect(listener);
    target.on('data', (chunk: Buffer) => {
      if (!data.write(chunk)) target.pause();
    });
    data.on('drain', () => target.resume());
    client.on('close', () => target.destroy());
    return target;
  });
  client.on('message', message => {
    const parsed = parseMessage(message, base64);
    if (!parsed || parsed.channel % 2 !== 0) return;
    const target = targets[parsed.channel / 2];
    if (!target || target.writableEnded || target.write(parsed.bytes)) return;
    client.pause();
    target.once('drain', () => client.resume());
  });
}

/** Connections to a pod end with it. */
function endWithPod({ cluster, ticker }: StreamContext, pod: Pod, end: () => void): () => void {
  const { namespace, name, uid } = pod.metadata;
  return ticker.onTick(() => {
    const current = cluster.view.get(pods, namespace, name);
    if (current?.metadata.uid !== uid || current.status?.phase !== 'Running') end();
  });
}
