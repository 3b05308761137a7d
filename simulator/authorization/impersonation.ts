/** Acting as somebody else (apiserver v0.35 pkg/endpoints/filters/impersonation; constrained impersonation is an alpha there and off). */
import { type ApiError, badRequest, checkLabelName, checkSubdomain } from '../apiserver/index.ts';
import type { View } from '../controller.ts';
import type { UserInfo } from '../types/meta.ts';
import { authorize } from './authorize.ts';
import { AUTHENTICATION_GROUP } from './identity-reviews.ts';
import { forbiddenError } from './messages.ts';
import type { ResourceAttributes } from './types.ts';

/** The headers of a request that ask for another identity, already taken apart. */
export interface ImpersonationHeaders {
  /** `Impersonate-User`; absent and empty are the same. */
  readonly user?: string;
  /** Every `Impersonate-Group`, in order. */
  readonly groups?: readonly string[];
  /** `Impersonate-Uid`. */
  readonly uid?: string;
  /** `Impersonate-Extra-…` by what follows the prefix, as sent. Keys are decoded and put in lower case here. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const ANONYMOUS = 'system:anonymous';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const ACCOUNT = 'system:serviceaccount:';

interface Wish {
  readonly kind: 'User' | 'ServiceAccount' | 'Group' | 'UserExtra' | 'UID';
  readonly name: string;
  readonly namespace?: string;
  /** The key of an extra. */
  readonly field?: string;
}

/**
 * Who a request is made as: the asker without such headers, otherwise the one asked for. An error is the answer to give:
 * 400 for headers without a user, 403 where the asker may not act as one of what it asks for.
 */
export function impersonate(view: View, asker: UserInfo, headers: ImpersonationHeaders): UserInfo | ApiError {
  const wishes = wishesOf(headers);
  if (wishes.length === 0) return asker;
  if (!headers.user) {
    return badRequest(`requested [${wishes.map(printed).join(' ')}] without impersonating a user`);
  }
  for (const wish of wishes) {
    const attributes = attributesFor(asker, wish);
    const { allowed, reason } = authorize(view, attributes);
    if (!allowed) return forbiddenError(attributes, reason);
  }
  return identityOf(wishes);
}

function wishesOf({ user, groups = [], uid, extra = {} }: ImpersonationHeaders): Wish[] {
  const wishes: Wish[] = [];
  if (user) wishes.push(accountOf(user) ?? { kind: 'User', name: user });
  for (const name of groups) wishes.push({ kind: 'Group', name });
  for (const [key, values] of Object.entries(extra)) {
    const field = decoded(key.toLowerCase());
    for (const name of values) wishes.push({ kind: 'UserExtra', name, field });
  }
  if (uid) wishes.push({ kind: 'UID', name: uid });
  return wishes;
}

function accountOf(user: string): Wish | undefined {
  if (!user.startsWith(ACCOUNT)) return undefined;
  const [namespace = '', name = '', ...rest] = user.slice(ACCOUNT.length).split(':');
  const named =
    rest.length === 0 && checkLabelName(namespace).length === 0 && checkSubdomain(name).length === 0;
  return named ? { kind: 'ServiceAccount', namespace, name } : undefined;
}

function attributesFor(user: UserInfo, { kind, name, namespace, field }: Wish): ResourceAttributes {
  const wish = { user, verb: 'impersonate', apiGroup: '', name, namespace };
  switch (kind) {
    case 'User':
      return { ...wish, resource: 'users' };
    case 'ServiceAccount':
      return { ...wish, resource: 'serviceaccounts' };
    case 'Group':
      return { ...wish, resource: 'groups' };
    case 'UID':
      return { ...wish, apiGroup: AUTHENTICATION_GROUP, resource: 'uids' };
    case 'UserExtra':
      return { ...wish, apiGroup: AUTHENTICATION_GROUP, resource: 'userextras', subresource: field };
  }
}

function identityOf(wishes: readonly Wish[]): UserInfo {
  let username = '';
  let uid: string | undefined;
  let groups = wishes.filter(({ kind }) => kind === 'Group').map(({ name }) => name);
  const extra: Record<string, string[]> = {};
  for (const { kind, name, namespace = '', field = '' } of wishes) {
    if (kind === 'User') username = name;
    else if (kind === 'UID') uid = name;
    else if (kind === 'UserExtra') extra[field] = [...(extra[field] ?? []), name];
    else if (kind === 'ServiceAccount') {
      username = `${ACCOUNT}${namespace}:${name}`;
      // Groups that are named are the only ones.
      if (groups.length === 0) groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
    }
  }
  const own = username === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  if (!groups.includes(own) && !groups.includes(UNAUTHENTICATED)) groups = [...groups, own];
  return {
    username,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** An ObjectReference as Go's `%v` prints it: kind, namespace, name, UID, apiVersion, resourceVersion, fieldPath. */
function printed({ kind, name, namespace = '', field = '' }: Wish): string {
  const version = kind === 'UserExtra' || kind === 'UID' ? `${AUTHENTICATION_GROUP}/v1` : '';
  return `{${kind} ${namespace} ${name}  ${version}  ${field}}`;
}
