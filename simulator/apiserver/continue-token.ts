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
  let read: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    read = JSON.parse(atob(token.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    throw badRequest('invalid continue token: continue key is not valid: malformed value');
  }
  if (read.v !== VERSION) {
    throw badRequest(
      'invalid continue token: continue key is not valid: server does not recognize this encoded version',
    );
  }
  if (typeof read.rv !== 'number' || read.rv === 0) {
    throw badRequest(
      'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  }
  if (typeof read.start !== 'string' || read.start === '') {
    throw badRequest(
      'invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)',
    );
  }
  return { revision: read.rv === INCONSISTENT ? undefined : read.rv, start: read.start };
}
