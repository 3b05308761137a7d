/** Plain HTTPS requests to a test server: what curl would send. */
import { type RequestOptions as NodeOptions, request as httpsRequest } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Where a server is and what lets a client in. */
export interface Credentials {
  readonly port: number;
  readonly token: string;
  /** PEM of the CA that the server is checked against; without it, it is not. */
  readonly authority?: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON, whatever is in it: tests say what they expect. */
  // oxlint-disable-next-line no-explicit-any
  readonly json: any;
}

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Shows no credentials. */
  readonly stranger?: boolean;
  /** Shows a client certificate in place of the token. */
  readonly withCertificate?: boolean;
}

function nodeOptions(server: Credentials, path: string, options: SendOptions): NodeOptions {
  const { authority, certificate, key } = server;
  const credentials =
    options.stranger || options.withCertificate ? {} : { Authorization: `Bearer ${server.token}` };
  return {
    host: '127.0.0.1',
    port: server.port,
    path,
    method: options.method ?? 'GET',
    ...(authority ? { ca: authority } : { rejectUnauthorized: false }),
    ...(options.withCertificate ? { cert: certificate, key } : {}),
    agent: false,
    headers: {
      ...credentials,
      // Node leaves it out where a method usually has no body, such as DELETE.
      ...(options.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(options.body) }),
      ...options.headers,
    },
  };
}

/** The head of an answer; its body is still to come. */
export function open(server: Credentials, path: string, options: SendOptions = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(nodeOptions(server, path, options), resolve);
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

export async function send(server: Credentials, path: string, options: SendOptions = {}): Promise<Answer> {
  const response = await open(server, path, options);
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk as string;
  return {
    code: response.statusCode ?? 0,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}
