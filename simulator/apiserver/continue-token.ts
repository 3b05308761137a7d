/** Continue tokens (apiserver pkg/storage/continue.go): where the next page starts and at which revision it is read. */
import { badRequest } from './errors.ts';

export interface ContinueToken {
  /** The revision of the first page; undefined in tokens that take the objects as they are by then. */
  readonly revision: number | undefined;
  /** The first key of the page. */
  readonly start: string;
}

const VERSION = 'meta.k8s.io/v1';
const INCONSISTENT = -1;

export function encodeContinue({ revision, start }: ContinueToken): string {
  const text = JSON.stringify({ v: VERSION, rv: revision ?? INCONSISTENT, start });
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @throws ApiError 400 for a token that this API never gave out. */
export function decodeContinue(token: string): ContinueToken {
  const { v = '', rv = 0, start = '' } = readToken(token);
  if (v !== VERSION) throw refused(`: server does not recognize this encoded version ${v}`);
  if (rv === 0) throw refused(`: incorrect encoded start resourceVersion (version ${VERSION})`);
  if (start === '') throw refused(`: encoded start key empty (version ${VERSION})`);
  const parts = (start.startsWith('/') ? start.slice(1) : start).split('/');
  if (parts.some(part => part === '' || part === '.' || part === '..')) throw refused(`: ${start}`);
  return { revision: rv < 0 ? undefined : rv, start };
}

function refused(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}

interface Read {
  v?: string;
  rv?: number;
  start?: string;
}

function readToken(token: string): Read {
  const foreign = token.search(/[^A-Za-z0-9_-]/);
  const bad = foreign >= 0 ? foreign : token.length % 4 === 1 ? token.length - 1 : -1;
  if (bad >= 0) throw refused(`: illegal base64 data at input byte ${bad}`);
  const text = atob(token.replaceAll('-', '+').replaceAll('_', '/'));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const [first] = text.trimStart();
    throw refused(
      first === undefined || /[[{"\d]/.test(first)
        ? ': unexpected end of JSON input'
        : `: invalid character '${first}' looking for beginning of value`,
    );
  }
  if (value === null) return {};
  const read = value as { readonly [field: string]: unknown };
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refused(`: json: cannot unmarshal ${goType(value)} into Go value of type storage.continueToken`);
  }
  return {
    ...field(read, 'v', 'string', candidate => typeof candidate === 'string'),
    ...field(read, 'rv', 'int64', Number.isSafeInteger),
    ...field(read, 'start', 'string', candidate => typeof candidate === 'string'),
  };
}

function field(
  read: { readonly [field: string]: unknown },
  name: keyof Read,
  type: string,
  fits: (value: unknown) => boolean,
): Read {
  const value = read[name] ?? undefined;
  if (value === undefined) return {};
  if (fits(value)) return { [name]: value };
  const what = typeof value === 'number' ? `number ${value}` : goType(value);
  throw refused(
    `: json: cannot unmarshal ${what} into Go struct field continueToken.${name} of type ${type}`,
  );
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
