/** Discovery: what is served, in the legacy and the aggregated form (apiserver v0.35 pkg/endpoints/discovery). */
import { createHash } from 'node:crypto';
import type { ResourceRegistry } from '../simulator/apiserver/index.ts';
import { type ResourceDefinition, apiVersionOf } from '../simulator/resources/definition.ts';
import { AGGREGATED_GROUPS, type AggregatedGroup } from './aggregated-groups.ts';

interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: readonly string[] | null;
  shortNames?: readonly string[];
  categories?: readonly string[];
  storageVersionHash?: string;
}

export interface GroupVersions {
  readonly group: string;
  readonly versions: readonly string[];
}

const STATUS_VERBS = ['get', 'patch', 'update'];

/** All groups in discovery order; aggregated ones stand among the groups of custom resources, by name. */
export function allGroups(registry: ResourceRegistry): GroupVersions[] {
  const groups: GroupVersions[] = registry
    .groups()
    .filter(({ group }) => AGGREGATED_GROUPS.every(aggregated => aggregated.name !== group));
  const custom = new Set(
    registry
      .all()
      .filter(definition => definition.custom)
      .map(definition => definition.group),
  );
  for (const { name, versions } of AGGREGATED_GROUPS) {
    const later = groups.findIndex(({ group }) => custom.has(group) && group > name);
    groups.splice(later < 0 ? groups.length : later, 0, { group: name, versions });
  }
  return groups;
}

/** `APIResourceList` of one group version; undefined when it is not served. */
export function resourceList(registry: ResourceRegistry, group: string, version: string): object | undefined {
  if (!allGroups(registry).some(known => known.group === group && known.versions.includes(version)))
    return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(group, version),
    resources: apiResources(registry, group, version),
  };
}

function apiResources(registry: ResourceRegistry, group: string, version: string): ApiResource[] {
  const aggregated = AGGREGATED_GROUPS.find(({ name }) => name === group);
  if (aggregated) {
    return aggregated.resources.map(({ name, kind }) => ({
      name,
      singularName: '',
      namespaced: true,
      kind,
      verbs: null,
    }));
  }
  const resources = served(registry, group, version).flatMap(definition => resourcesOf(definition));
  const custom = registry.all().some(definition => definition.group === group && definition.custom);
  return custom ? resources : resources.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function served(registry: ResourceRegistry, group: string, version: string): ResourceDefinition[] {
  return registry
    .all()
    .filter(
      definition =>
        definition.group === group &&
        definition.versions.some(({ name, served }) => name === version && served),
    );
}

function resourcesOf(definition: ResourceDefinition): ApiResource[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = definition;
  const resources: ApiResource[] = [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
      storageVersionHash: storageVersionHash(definition),
    },
  ];
  const subresource = (name: string, more: Omit<ApiResource, 'name' | 'singularName' | 'namespaced'>) =>
    resources.push({ name: `${plural}/${name}`, singularName: '', namespaced, ...more });
  if (definition.hasStatus) subresource('status', { kind, verbs: STATUS_VERBS });
  if (definition.scale) {
    subresource('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: STATUS_VERBS });
  }
  for (const { name, kind, group, version, verbs } of definition.subresources ?? []) {
    subresource(name, {
      ...(group === undefined ? {} : { group }),
      ...(version === undefined ? {} : { version }),
      kind,
      verbs,
    });
  }
  return resources;
}

function storageVersionHash({ group, kind, versions }: ResourceDefinition): string {
  const storage = versions.find(version => version.storage)?.name ?? versions[0]?.name ?? '';
  return createHash('sha256')
    .update(`${group}/${storage}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

/** `APIGroup`, as it stands alone or (without kind) in a list of groups. */
export function apiGroup(registry: ResourceRegistry, name: string): object | undefined {
  const known = allGroups(registry).find(({ group }) => group === name);
  return known && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(known) };
}

/** The document that the server behind an aggregated group writes itself. */
export function ownApiGroup({ ownName, name, versions }: AggregatedGroup): object {
  return {
    kind: 'APIGroup',
    apiVersion: 'v1',
    ...groupEntry({ group: name, versions }),
    name: ownName ?? name,
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '' }],
  };
}

function groupEntry({ group, versions }: GroupVersions) {
  const entries = versions.map(version => ({ groupVersion: apiVersionOf(group, version), version }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

export function groupList(registry: ResourceRegistry): object {
  const groups = allGroups(registry).filter(({ group }) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) };
}

export function coreVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** `APIGroupDiscoveryList` of the core group (`/api`) or of all others (`/apis`). */
export function aggregatedDiscovery(
  registry: ResourceRegistry,
  core: boolean,
  version: 'v2' | 'v2beta1',
): object {
  const items = allGroups(registry)
    .filter(({ group }) => (group === '') === core)
    .map(({ group, versions }) => ({
      metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versions.map(name => ({
        version: name,
        resources: discoveryResources(apiResources(registry, group, name), group, name),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

interface DiscoveryResource {
  resource: string;
  responseKind: { group: string; version: string; kind: string };
  scope: 'Namespaced' | 'Cluster';
  singularResource: string;
  verbs: readonly string[] | null;
  shortNames?: readonly string[];
  categories?: readonly string[];
  subresources?: object[];
}

/** Subresources without a parent get an empty one, as the aggregator makes it. */
function discoveryResources(
  resources: readonly ApiResource[],
  group: string,
  version: string,
): DiscoveryResource[] {
  const parents = new Map<string, DiscoveryResource>();
  for (const resource of resources) {
    const slash = resource.name.indexOf('/');
    const scope = resource.namespaced ? 'Namespaced' : 'Cluster';
    const kind = {
      group: resource.group ?? group,
      version: resource.version ?? version,
      kind: resource.kind,
    };
    const responseKind = resource.kind === '' ? { group: '', version: '', kind: '' } : kind;
    if (slash < 0) {
      parents.set(resource.name, {
        resource: resource.name,
        responseKind,
        scope,
        singularResource: resource.singularName,
        verbs: resource.verbs,
        ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
        ...(resource.categories ? { categories: resource.categories } : {}),
      });
      continue;
    }
    const name = resource.name.slice(0, slash);
    let parent = parents.get(name);
    if (!parent) {
      const none = { group: '', version: '', kind: '' };
      parent = { resource: name, responseKind: none, scope, singularResource: '', verbs: null };
      parents.set(name, parent);
    }
    parent.subresources ??= [];
    parent.subresources.push({
      subresource: resource.name.slice(slash + 1),
      responseKind,
      verbs: resource.verbs,
    });
  }
  return [...parents.values()];
}
