/** URLs in rules (apiserver v1.35 pkg/cel/library/urls.go): absolute URIs and absolute paths, as Go's ParseRequestURI reads them. */
import type { Environment } from '@marcbachmann/cel-js';

const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?(.*))?$/s;
const AUTHORITY = /^(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:[\]\s]*)(?::(\d*))?$/;

export class CelUrl {
  readonly scheme: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;

  constructor(scheme: string, authority: RegExpExecArray | undefined, path: string, query: string) {
    const host = authority?.[1] ?? '';
    this.scheme = scheme;
    this.hostname = host.startsWith('[') ? host.slice(1, -1) : host;
    this.port = authority?.[2] ?? '';
    this.host = authority?.[2] === undefined ? host : `${host}:${authority[2]}`;
    this.path = path;
    this.query = query;
  }

  equals(other: unknown): boolean {
    return other instanceof CelUrl && other.toString() === this.toString();
  }

  get escapedPath(): string {
    return this.path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/gu, encodeURIComponent);
  }

  get queryValues(): Record<string, string[]> {
    const values: Record<string, string[]> = {};
    for (const part of this.query.split('&')) {
      if (part === '') continue;
      const [key = '', ...rest] = part.split('=');
      (values[unescape(key)] ??= []).push(unescape(rest.join('=')));
    }
    return values;
  }

  toString(): string {
    return `${this.scheme === '' ? '' : `${this.scheme}://`}${this.host}${this.path}${this.query === '' ? '' : `?${this.query}`}`;
  }
}

function unescape(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/** @throws Error for what is neither an absolute URI nor an absolute path. */
export function parseUrl(text: string): CelUrl {
  const bad = (why: string) =>
    new Error(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${why}`);
  if (text === '') throw bad('empty url');
  if (/\p{Cc}/u.test(text)) throw bad('net/url: invalid control character in URL');
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw bad('invalid URL escape');
  if (text.startsWith('/')) {
    const at = text.indexOf('?');
    return new CelUrl('', undefined, at < 0 ? text : text.slice(0, at), at < 0 ? '' : text.slice(at + 1));
  }
  const match = ABSOLUTE.exec(text);
  if (!match) throw bad('invalid URI for request');
  const [, scheme = '', authority, path = '', query = ''] = match;
  if (authority === undefined && !path.startsWith('/')) {
    throw bad('invalid URI for request');
  }
  const parts = authority === undefined ? undefined : AUTHORITY.exec(authority);
  if (parts === null) throw bad('invalid host or port');
  return new CelUrl(scheme.toLowerCase(), parts, path, query);
}

export function registerUrls(environment: Environment): void {
  environment
    .registerType('kubernetes.URL', { ctor: CelUrl, fields: {} })
    .registerFunction('url(string): kubernetes.URL', parseUrl)
    .registerFunction('isURL(string): bool', (text: string) => {
      try {
        parseUrl(text);
        return true;
      } catch {
        return false;
      }
    })
    .registerFunction('kubernetes.URL.getScheme(): string', ({ scheme }: CelUrl) => scheme)
    .registerFunction('kubernetes.URL.getHost(): string', ({ host }: CelUrl) => host)
    .registerFunction('kubernetes.URL.getHostname(): string', ({ hostname }: CelUrl) => hostname)
    .registerFunction('kubernetes.URL.getPort(): string', ({ port }: CelUrl) => port)
    .registerFunction('kubernetes.URL.getEscapedPath(): string', ({ escapedPath }: CelUrl) => escapedPath)
    .registerFunction(
      'kubernetes.URL.getQuery(): map<string, list<string>>',
      ({ queryValues }: CelUrl) => queryValues,
    )
    .registerOperator('kubernetes.URL == kubernetes.URL', (a: CelUrl, b: CelUrl) => a.equals(b));
}
