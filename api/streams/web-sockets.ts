/** Accepts WebSockets, with sub-protocols that are no HTTP tokens (`SPDY/3.1+portforward.k8s.io`), which ws refuses. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeRequest } from './context.ts';

const LARGEST_MESSAGE = 4 * 1024 * 1024;

export class WebSockets {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE });
  readonly #chosen = new WeakMap<IncomingMessage, string>();

  constructor() {
    this.#server.on('headers', (headers: string[], request: IncomingMessage) => {
      const protocol = this.#chosen.get(request);
      if (protocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
    });
  }

  /** @param protocol the one to speak, in the client's words; none where it is empty. */
  accept(
    { request, socket, head }: Pick<UpgradeRequest, 'request' | 'socket' | 'head'>,
    protocol: string,
    accepted: (client: WebSocket) => void,
  ): void {
    // ws would choose by itself and knows tokens only: it is told nothing and the header is added behind its back.
    delete request.headers['sec-websocket-protocol'];
    if (protocol !== '') this.#chosen.set(request, protocol);
    this.#server.handleUpgrade(request, socket, head, client => {
      client.on('error', () => client.terminate());
      accepted(client);
    });
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}

/** Answers with text and ends the connection. */
export function refuseInText(socket: Duplex, code: number, text: string): void {
  const body = Buffer.from(text);
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${text}`,
  );
}
