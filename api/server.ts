/** A cluster behind TLS: the API on plain Node, everything else on express, WebSockets beside them. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:https';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import express from 'express';
import type { Cluster } from '../simulator/cluster.ts';
import { createAuthenticator, userOf } from './authentication.ts';
import { type ClockDriver, driveClock } from './clock-driver.ts';
import { ApiHandler } from './handler.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { SetupError } from './setup-error.ts';
import { ADMINISTRATOR, type ClusterCertificates, createCertificates } from './tls.ts';
import { Streams } from './streams/index.ts';
import { serveUpgrades } from './upgrades.ts';

/** Go's clients keep idle connections for 90 seconds; a server that closes first breaks their next request. */
const KEEP_ALIVE_MS = 120_000;

export interface ServerOptions {
  readonly cluster: Cluster;
  /** 0: any free one. */
  readonly port: number;
  readonly bind: string;
  /** Virtual seconds a wall second. */
  readonly speed: number;
  /** Made by the caller where there is something else to do meanwhile. */
  readonly certificates?: ClusterCertificates;
  /** Told of bugs. */
  readonly report?: (error: unknown) => void;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly kubeconfig: string;
  readonly clock: ClockDriver;
  /** Where what is not Kubernetes is mounted. */
  readonly app: express.Express;
  close(): Promise<void>;
}

/**
 * Starts to serve.
 * @throws SetupError when it cannot listen there.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { cluster, bind, speed } = options;
  const report = options.report ?? reportOnStderr;
  const certificates = options.certificates ?? (await createCertificates([bind]));
  const token = randomBytes(24).toString('base64url');
  const administrator = userOf(ADMINISTRATOR.user, ADMINISTRATOR.groups);
  const clock = driveClock(cluster, speed, report);
  const streams = new Streams({ cluster, clock, certificates, report });
  const api = new ApiHandler({
    cluster,
    authenticator: createAuthenticator(new Map([[token, administrator]]), cluster),
    clock,
    streams,
    report,
  });
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response) => api.handle(request, response));

  const server = createServer(
    {
      key: certificates.server.key,
      cert: certificates.server.certificate,
      ca: certificates.authority.certificate,
      requestCert: true,
      // Strangers are refused by the handler, in Kubernetes' words, not by a broken handshake.
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      noDelay: true,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: 0,
    },
    (request, response) => {
      if (isKubernetes(request.url ?? '')) api.handle(request, response);
      else app(request, response);
    },
  );
  server.headersTimeout = KEEP_ALIVE_MS;
  server.timeout = 0;
  const sockets = trackSockets(server);
  const upgrades = serveUpgrades(api, streams, report);
  server.on('upgrade', (request, socket, head) => upgrades.handle(request, socket, head));
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());

  try {
    server.listen(options.port, bind);
    await once(server, 'listening');
  } catch (error) {
    clock.stop();
    api.hub.close();
    throw new SetupError(listenProblem(error as NodeJS.ErrnoException, bind, options.port));
  }
  api.prepare();
  const { port } = server.address() as AddressInfo;
  const url = `https://${reachableHost(bind)}:${port}`;
  return {
    url,
    port,
    token,
    kubeconfig: renderKubeconfig({ server: url, certificates, token }),
    clock,
    app,
    async close() {
      clock.stop();
      api.hub.close();
      upgrades.close();
      streams.close();
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function reportOnStderr(error: unknown): void {
  process.stderr.write(`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

function isKubernetes(url: string): boolean {
  return url.startsWith('/api/') || url.startsWith('/apis/');
}

function trackSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** A wildcard address is no address to call. */
function reachableHost(bind: string): string {
  if (bind === '0.0.0.0' || bind === '') return '127.0.0.1';
  if (bind === '::') return '[::1]';
  return isIPv6(bind) ? `[${bind}]` : bind;
}

function listenProblem(error: NodeJS.ErrnoException, bind: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${bind} is in use: stop what listens there or choose another with --port (0: any free one)`;
    case 'EACCES':
      return `port ${port} on ${bind} may not be opened by this user: choose one above 1023 with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${bind} is no address of this machine: choose another with --bind`;
    default:
      return `cannot listen on ${bind}:${port}: ${error.message}`;
  }
}
