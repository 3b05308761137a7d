/**
 * Cluster roles that gather others (kube-controller-manager 1.35 pkg/controller/clusterroleaggregation): `admin`, `edit`
 * and `view` are the sum of the cluster roles that ask to be aggregated to them.
 */
import { type ClusterRole, type PolicyRule, clusterRoles } from '../authorization/index.ts';
import { type Controller, serviceAccountUser, update } from '../controller.ts';
import { same } from '../store/index.ts';
import { matchesLabelSelector } from '../types/selectors.ts';

export const clusterRoleAggregationController: Controller = {
  name: 'kube-controller-manager/clusterrole-aggregation',
  author: 'kube-controller-manager',
  user: serviceAccountUser('kube-system', 'clusterrole-aggregation-controller'),
  triggers: [
    {
      resource: clusterRoles.resource,
      keys: (_entry, view) =>
        view
          .list(clusterRoles)
          .filter(role => role.aggregationRule !== undefined)
          .map(role => role.metadata.name),
    },
  ],
  reconcile(view, key) {
    const role = view.getByKey(clusterRoles, key);
    if (!role?.aggregationRule) return [];
    const rules = gathered(role, view.list(clusterRoles));
    if (same(rules, role.rules ?? [])) return [];
    return [
      update(clusterRoles, role, draft => {
        draft.rules = rules;
      }),
    ];
  },
};

/** Rules of the selected roles, selector by selector, each role in order of names, none twice. */
function gathered(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of all) {
      if (other.metadata.name === role.metadata.name) continue;
      if (!matchesLabelSelector(selector, other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) if (!rules.some(known => same(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
