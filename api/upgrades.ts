/** Upgrades in front of the API: watches for browsers, and streams. Every other upgrade is refused in words. */
import type { IncomingMessage, ServerResponse as Response } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { sendError } from './errors.ts';
import { notServedYet } from './failures.ts';
import type { ApiHandler } from './handler.ts';
import { socketSink } from './sinks.ts';
import type { Streams } from './streams/index.ts';

const BEARER_PREFIX = 'base64url.bearer.authorization.k8s.io.';

export interface Upgrades {
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export function serveUpgrades(api: ApiHandler, streams: Streams, report: (error: unknown) => void): Upgrades {
  const server = new WebSocketServer({
    noServer: true,
    // The token is offered as a protocol, too, and is never the one to speak.
    handleProtocols: protocols =>
      [...protocols].find(protocol => !protocol.startsWith(BEARER_PREFIX)) ?? false,
  });
  return {
    handle(request, socket, head) {
      socket.on('error', () => socket.destroy());
      try {
        const { route, user, query, wanted } = api.resolveUpgrade(request);
        if (streams.upgrade({ route, user, query, request, socket, head })) return;
        if (route.verb !== 'watch') {
          throw notServedYet(`streams of ${route.resource}/${route.subresource ?? ''}`);
        }
        server.handleUpgrade(request, socket, head, client => {
          client.on('error', () => client.terminate());
          try {
            api.openWatch(route, user, query, wanted, () => socketSink(client));
          } catch (error) {
            client.close(1011, error instanceof Error ? error.message.slice(0, 100) : '');
          }
        });
      } catch (error) {
        const response: Response = new ServerResponse(request);
        response.assignSocket(socket as Socket);
        response.shouldKeepAlive = false;
        response.on('finish', () => socket.end());
        sendError(response, error, report);
      }
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
