/** Gives the simulated listeners of pods and guests real protocols: HTTP, TLS, or a few bytes and a hang-up. */
import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { TLSSocket, type SecureContext, createSecureContext } from 'node:tls';
import type { Listener } from '../../simulator/processes/index.ts';
import type { ClusterCertificates } from '../tls.ts';

type Answering = Extract<Listener, { protocol: 'http' | 'https' }>;

export class PortServer {
  readonly #http: Server;
  readonly #answering = new WeakMap<object, Answering>();
  readonly #certificates: ClusterCertificates;
  #secure: SecureContext | undefined;

  constructor(certificates: ClusterCertificates) {
    this.#certificates = certificates;
    this.#http = new Server((request, response) => this.#serve(request, response));
    this.#http.on('clientError', (_error, socket) => socket.destroy());
  }

  /** The client's end of a connection to a listener. */
  connect(listener: Listener): Duplex {
    const [near, far] = duplexPair();
    near.on('error', () => {});
    far.on('error', () => {});
    if (listener.protocol === 'banner') {
      far.resume();
      far.end(listener.text);
    } else if (listener.protocol === 'http') {
      this.#hand(far, listener);
    } else {
      const socket = new TLSSocket(far as never, { isServer: true, secureContext: this.#secureContext() });
      socket.on('error', () => near.destroy());
      this.#hand(socket, listener);
    }
    return near;
  }

  close(): void {
    this.#http.closeAllConnections();
  }

  #hand(socket: Duplex, listener: Answering): void {
    this.#answering.set(socket, listener);
    this.#http.emit('connection', socket);
  }

  #secureContext(): SecureContext {
    const { key, certificate } = this.#certificates.server;
    this.#secure ??= createSecureContext({ key, cert: certificate });
    return this.#secure;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const listener = this.#answering.get(request.socket);
    if (!listener) {
      response.destroy();
      return;
    }
    const { code, headers, body } = listener.answer(request.method ?? 'GET', request.url ?? '/');
    request.resume();
    response.writeHead(code, { ...headers, 'Content-Length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}

/** Joins two connections until both have ended. */
export function splice(left: Duplex, right: Duplex): void {
  left.on('error', () => right.destroy());
  right.on('error', () => left.destroy());
  left.on('close', () => right.destroy());
  left.pipe(right);
  right.pipe(left);
}
