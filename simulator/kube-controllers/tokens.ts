/**
 * Secrets of type `kubernetes.io/service-account-token` (kube-controller-manager 1.35 pkg/controller/serviceaccount
 * tokens_controller.go): filled with a token of the account they name, deleted when it is gone.
 */
import { issueSecretToken } from '../authorization/index.ts';
import { type Controller, type View, remove, serviceAccountUser, update } from '../controller.ts';
import { keyOf } from '../resources/definition.ts';
import { configMaps, secrets, serviceAccounts } from '../resources/refs.ts';
import type { JournalEntry } from '../store/index.ts';
import type { Secret } from '../types/core.ts';
import type { KubeObject } from '../types/meta.ts';
import { CLUSTER_CA } from './namespace-defaults.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
const NO_KEYS: readonly string[] = [];

export const tokensController: Controller = {
  name: 'kube-controller-manager/tokens',
  author: 'kube-controller-manager',
  user: serviceAccountUser('kube-system', 'token-controller'),
  triggers: [
    { resource: secrets.resource, keys: ({ object, key }) => (isToken(object) ? [key] : NO_KEYS) },
    { resource: serviceAccounts.resource, keys: tokensOf },
  ],
  reconcile(view, key) {
    const secret = view.getByKey(secrets, key);
    if (!secret || !isToken(secret) || secret.metadata.deletionTimestamp !== undefined) return [];
    const { namespace = '', name, uid: secretUid, annotations = {} } = secret.metadata;
    const account = view.get(serviceAccounts, namespace, annotations[ACCOUNT_NAME] ?? '');
    const wantedUid = annotations[ACCOUNT_UID];
    if (!account || (wantedUid && wantedUid !== account.metadata.uid)) {
      return [remove(secrets, secret, { preconditions: { uid: secretUid } })];
    }
    const { data = {} } = secret;
    const missing: Record<string, string> = {};
    if (!data.token) missing.token = btoa(issueSecretToken(view, account, name));
    if (!data.namespace) missing.namespace = btoa(namespace);
    const authority = authorityOf(view);
    if (authority !== '' && data['ca.crt'] !== btoa(authority)) missing['ca.crt'] = btoa(authority);
    if (wantedUid && Object.keys(missing).length === 0) return [];
    return [
      update(secrets, secret, draft => {
        draft.data = { ...draft.data, ...missing };
        draft.metadata.annotations = { ...draft.metadata.annotations, [ACCOUNT_UID]: account.metadata.uid };
      }),
    ];
  },
};

function isToken(object: KubeObject): object is Secret {
  return (object as Secret).type === TYPE;
}

/** A new account may be what a secret waits for, a deleted one what it was for. */
function tokensOf({ object, type }: JournalEntry, view: View): readonly string[] {
  if (type === 'MODIFIED') return NO_KEYS;
  const { namespace, name } = object.metadata;
  return view
    .list(secrets, namespace)
    .filter(secret => isToken(secret) && secret.metadata.annotations?.[ACCOUNT_NAME] === name)
    .map(keyOf);
}

function authorityOf(view: View): string {
  return view.get(configMaps, CLUSTER_CA.namespace, CLUSTER_CA.name)?.data?.['ca.crt'] ?? '';
}
