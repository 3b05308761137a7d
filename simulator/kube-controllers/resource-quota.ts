/** Quotas say what is used of them (kube-controller-manager 1.35 pkg/controller/resourcequota). */
import { MEASURED, policiesIn, resourceQuotas, usedList } from '../admission-kubernetes/index.ts';
import { type Controller, type View, serviceAccountUser, updateStatus } from '../controller.ts';
import { keyOf } from '../resources/definition.ts';
import { type JournalEntry, same } from '../store/index.ts';

const NO_KEYS: readonly string[] = [];

export const resourceQuotaController: Controller = {
  name: 'kube-controller-manager/resource-quota',
  author: 'kube-controller-manager',
  user: serviceAccountUser('kube-system', 'resourcequota-controller'),
  triggers: [{ resource: '*', keys: quotasWokenBy }],
  reconcile(view, key) {
    const quota = view.getByKey(resourceQuotas, key);
    if (!quota || quota.metadata.deletionTimestamp !== undefined) return [];
    const hard = quota.spec?.hard ?? {};
    const used = usedList(view, quota, hard);
    if (same(hard, quota.status?.hard) && same(used, quota.status?.used)) return [];
    return [
      updateStatus(resourceQuotas, quota, draft => {
        draft.status = { ...draft.status, hard, used };
      }),
    ];
  },
};

/** Coming and going counts for every kind, other changes only where amounts are measured. */
function quotasWokenBy({ type, resource, object }: JournalEntry, view: View): readonly string[] {
  const { namespace } = object.metadata;
  if (namespace === undefined) return NO_KEYS;
  if (type === 'MODIFIED' && !MEASURED.has(resource) && resource !== resourceQuotas.resource) return NO_KEYS;
  return policiesIn(view).quotas.get(namespace)?.map(keyOf) ?? NO_KEYS;
}
