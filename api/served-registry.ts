/**
 * All that is served, for routes and documents: the kinds of a cluster, and those that are answered but never stored
 * (reviews). The same list comes back until a kind comes or goes.
 */
import type { ResourceDefinition, ResourceRegistry } from '../simulator/resources/index.ts';
import type { Cluster } from '../simulator/cluster.ts';

export function servedRegistry(cluster: Cluster): ResourceRegistry {
  const virtual = (cluster.virtualResources ?? []).map(({ definition }) => definition);
  const virtualGroups = groupsOf(virtual);
  let stored: readonly ResourceDefinition[] | undefined;
  let all: readonly ResourceDefinition[] = virtual;
  return {
    find: (group, plural) =>
      cluster.registry.find(group, plural) ??
      virtual.find(definition => definition.group === group && definition.plural === plural),
    byName: resource => cluster.registry.byName(resource),
    byKind: (group, kind) =>
      cluster.registry.byKind(group, kind) ??
      virtual.find(definition => definition.group === group && definition.kind === kind),
    all() {
      const current = cluster.registry.all();
      if (current !== stored) {
        stored = current;
        all = [...current, ...virtual];
      }
      return all;
    },
    groups() {
      const known = cluster.registry.groups();
      const more = virtualGroups.filter(({ group }) => !known.some(other => other.group === group));
      if (more.length === 0) return known;
      // After apps, where a real server lists authentication and authorization.
      const at = known.findIndex(({ group }) => group === 'apps') + 1;
      return [...known.slice(0, at), ...more, ...known.slice(at)];
    },
  };
}

function groupsOf(
  definitions: readonly ResourceDefinition[],
): { group: string; versions: readonly string[] }[] {
  const groups = new Map<string, Set<string>>();
  for (const { group, versions } of definitions) {
    const names = groups.get(group) ?? new Set();
    for (const { name } of versions) names.add(name);
    groups.set(group, names);
  }
  return [...groups].map(([group, versions]) => ({ group, versions: [...versions] }));
}
