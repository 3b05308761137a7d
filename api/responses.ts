/** Writing answers: status line, headers and a body in one piece. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import type { Status } from '../simulator/types/meta.ts';

const WARNING_BYTES = 4096;

/** Go's HTTP server names the reason itself; Node's does, too, so only the code is given. */
export function sendText(
  response: ServerResponse,
  code: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  send(response, code, text, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
}

export function sendJson(
  response: ServerResponse,
  code: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  send(response, code, text, { 'Content-Type': 'application/json', ...headers });
}

/** As sigs.k8s.io/yaml writes: keys in order, lists at the margin, timestamps and YAML 1.1 words in quotes. */
const GO_STYLE = { lineWidth: 0, sortMapEntries: true, indentSeq: false, version: '1.1' } as const;

/** JSON text in the format that was asked for; `pretty` for people at a terminal. */
export function sendFormatted(
  response: ServerResponse,
  code: number,
  json: string,
  format: 'json' | 'yaml',
  headers: OutgoingHttpHeaders = {},
): void {
  if (format === 'yaml') {
    const text = stringify(JSON.parse(json), GO_STYLE);
    send(response, code, text, { 'Content-Type': 'application/yaml', ...headers });
  } else {
    const text = wantsPretty(response.req) ? `${JSON.stringify(JSON.parse(json), null, 2)}\n` : `${json}\n`;
    sendJson(response, code, text, headers);
  }
}

/** The fields in the order in which Go writes them. */
export function encodeStatus({
  kind,
  apiVersion,
  metadata,
  status,
  message,
  reason,
  details,
  code,
}: Status): string {
  return JSON.stringify({ kind, apiVersion, metadata, status, message, reason, details, code });
}

export function sendStatus(
  response: ServerResponse,
  status: Status,
  headers: OutgoingHttpHeaders = {},
): void {
  const retry = status.details?.retryAfterSeconds;
  sendFormatted(response, status.code, encodeStatus(status), 'json', {
    ...(retry === undefined || status.status === 'Success' ? {} : { 'Retry-After': String(retry) }),
    ...headers,
  });
}

/** A code and no body. */
export function sendEmpty(response: ServerResponse, code: number, headers: OutgoingHttpHeaders = {}): void {
  send(response, code, '', headers);
}

function send(response: ServerResponse, code: number, text: string, headers: OutgoingHttpHeaders): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(text, 'utf8');
  response.writeHead(code, {
    'Audit-Id': randomUUID(),
    'Cache-Control': 'no-cache, private',
    'Content-Length': bytes.length,
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** Warning headers (RFC 7234 5.5, as apimachinery writes them), cut off where Kubernetes cuts them off. */
export function warningHeaders(warnings: readonly string[]): OutgoingHttpHeaders {
  if (warnings.length === 0) return {};
  const values: string[] = [];
  let size = 0;
  for (const warning of new Set(warnings)) {
    const text = printable(warning).replace(/[\\"]/g, '\\$&');
    // Header values are bytes: what is beyond Latin-1 travels as UTF-8.
    const value = Buffer.from(`299 - "${text}"`, 'utf8').toString('latin1');
    size += value.length;
    if (size > WARNING_BYTES) break;
    values.push(value);
  }
  return { Warning: values };
}

function printable(text: string): string {
  let result = '';
  for (const char of text) result += char < ' ' || char === '\u007f' ? ' ' : char;
  return result;
}

function wantsPretty(request: IncomingMessage): boolean {
  const at = request.url?.indexOf('?') ?? -1;
  const pretty = at < 0 ? null : new URLSearchParams(request.url?.slice(at + 1)).get('pretty');
  if (pretty !== null) return pretty === '' || pretty === 'true' || pretty === '1';
  const agent = request.headers['user-agent'] ?? '';
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0');
}
