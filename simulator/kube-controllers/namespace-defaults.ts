/** What every namespace gets: the service account `default` and the cluster's certificate authority. */
import { type Change, type Controller, create, serviceAccountUser } from '../controller.ts';
import { configMaps, namespaces, serviceAccounts } from '../resources/refs.ts';
import type { JournalEntry } from '../store/index.ts';

const CA_NAME = 'kube-root-ca.crt';
const CA_DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** The name of the config map that holds the CA in `kube-system`; the API's own certificate is put there at start. */
export const CLUSTER_CA = { namespace: 'kube-system', name: CA_NAME };

export const namespaceDefaultsController: Controller = {
  name: 'kube-controller-manager/namespace-defaults',
  author: 'kube-controller-manager',
  user: serviceAccountUser('kube-system', 'service-account-controller'),
  triggers: [
    { resource: namespaces.resource },
    { resource: serviceAccounts.resource, keys: whenNamed('default') },
    { resource: configMaps.resource, keys: whenNamed(CA_NAME) },
  ],
  reconcile(view, key) {
    const namespace = view.getByKey(namespaces, key);
    if (!namespace || namespace.metadata.deletionTimestamp !== undefined) return [];
    const changes: Change[] = [];
    if (!view.get(serviceAccounts, key, 'default')) {
      changes.push(create(serviceAccounts, { metadata: { name: 'default', namespace: key } }));
    }
    if (!view.get(configMaps, key, CA_NAME)) {
      const source = view.get(configMaps, CLUSTER_CA.namespace, CLUSTER_CA.name);
      changes.push(
        create(configMaps, {
          metadata: {
            name: CA_NAME,
            namespace: key,
            annotations: { 'kubernetes.io/description': CA_DESCRIPTION },
          },
          data: source?.data ?? { 'ca.crt': '' },
        }),
      );
    }
    return changes;
  },
};

/** Someone deleted it: it comes back. */
function whenNamed(name: string): (entry: JournalEntry) => string[] {
  return ({ type, object }) =>
    type === 'DELETED' && object.metadata.name === name ? [object.metadata.namespace ?? ''] : [];
}
