/** The served resources by every name they are asked for, and the order in which discovery lists their groups. */
import { type ResourceDefinition, type ResourceName, resourceName } from '../resources/definition.ts';
import type { ResourceRegistry } from './context.ts';

/**
 * Priorities of API groups, as the aggregator registers them; the higher comes first, and an ambiguous short name goes
 * to it. Groups of CustomResourceDefinitions have {@link CUSTOM_GROUP_PRIORITY}.
 */
const GROUP_PRIORITIES: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_650,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'resource.k8s.io': 15_900,
  'metrics.k8s.io': 100,
};
const CUSTOM_GROUP_PRIORITY = 1_000;

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

/** Kubernetes' order of versions: GA before beta before alpha, the higher number first, anything else after those. */
export function compareVersions(a: string, b: string): number {
  const left = VERSION.exec(a);
  const right = VERSION.exec(b);
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  const rank = (match: RegExpExecArray) => (match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0);
  return (
    rank(right) - rank(left) ||
    Number(right[1]) - Number(left[1]) ||
    Number(right[3] ?? 0) - Number(left[3] ?? 0)
  );
}

/**
 * Indexes definitions.
 * @throws Error when two definitions serve the same resource or the same kind of a group.
 */
export function makeRegistry(definitions: readonly ResourceDefinition[]): ResourceRegistry {
  const byName = new Map<ResourceName, ResourceDefinition>();
  const byKind = new Map<string, ResourceDefinition>();
  for (const definition of definitions) {
    const name = resourceName(definition.group, definition.plural);
    if (byName.has(name)) throw new Error(`${name} is defined twice`);
    byName.set(name, definition);
    const kind = `${definition.group}/${definition.kind}`;
    if (byKind.has(kind)) throw new Error(`${kind} is defined twice`);
    byKind.set(kind, definition);
  }
  const groups = groupsOf(definitions);
  const all = Object.freeze([...definitions]);
  return {
    find: (group, plural) => byName.get(resourceName(group, plural)),
    byName: resource => byName.get(resource),
    byKind: (group, kind) => byKind.get(`${group}/${kind}`),
    all: () => all,
    groups: () => groups,
  };
}

function groupsOf(definitions: readonly ResourceDefinition[]): { group: string; versions: string[] }[] {
  const versionsByGroup = new Map<string, Set<string>>();
  for (const { group, versions } of definitions) {
    let known = versionsByGroup.get(group);
    if (!known) versionsByGroup.set(group, (known = new Set()));
    for (const version of versions) if (version.served) known.add(version.name);
  }
  return [...versionsByGroup]
    .filter(([, versions]) => versions.size > 0)
    .map(([group, versions]) => ({ group, versions: [...versions].sort(compareVersions) }))
    .sort((a, b) => priorityOf(b.group) - priorityOf(a.group) || (a.group < b.group ? -1 : 1));
}

function priorityOf(group: string): number {
  return GROUP_PRIORITIES[group] ?? CUSTOM_GROUP_PRIORITY;
}
