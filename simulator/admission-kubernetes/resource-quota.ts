/** ResourceQuota (apiserver v0.35 pkg/admission/plugin/resourcequota): refuses what would use more than a namespace may. */
import type { AdmissionPlugin } from '../apiserver/index.ts';
import type { View } from '../controller.ts';
import { ref } from '../resources/refs.ts';
import type { Pod } from '../types/core.ts';
import type { KubeObject, ResourceList } from '../types/meta.ts';
import { formatQuantity, parseQuantity } from '../types/quantity.ts';
import { denied } from './pods.ts';
import { type ResourceQuota, policiesIn } from './policies.ts';
import { inScope } from './quota-scopes.ts';
import {
  type Amount,
  addUsage,
  countedResource,
  growth,
  MEASURED,
  type Usage,
  unspecified,
  usageOf,
} from './quota-usage.ts';

export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  operations: ['CREATE', 'UPDATE'],
  validate(attributes) {
    const { view, namespace, resource, operation } = attributes;
    if (namespace === undefined) return;
    const quotas = policiesIn(view).quotas.get(namespace);
    if (!quotas || (operation === 'UPDATE' && !MEASURED.has(resource))) return;
    const object = attributes.object as KubeObject;
    const usage = usageOf(resource, object);
    for (const quota of quotas) {
      if (!inScope(quota, resource, object)) continue;
      const { name } = quota.metadata;
      const hard = quota.status?.hard ?? {};
      const limited = Object.keys(hard).filter(each => usage.has(each) || isAbout(resource, each));
      if (resource === 'pods' && operation === 'CREATE') {
        const missing = unspecified(object as Pod, limited);
        if (missing.length > 0)
          throw denied(attributes, `failed quota: ${name}: must specify ${missing.join('; ')}`);
      }
      if (quota.status?.used === undefined) {
        const wanted = Object.keys(quota.spec?.hard ?? {}).filter(each => usage.has(each));
        if (wanted.length === 0) continue;
        throw denied(attributes, `status unknown for quota: ${name}, resources: ${wanted.sort().join(',')}`);
      }
      const { oldObject } = attributes;
      const counted = oldObject !== undefined && inScope(quota, resource, oldObject);
      const more = growth(usage, counted ? usageOf(resource, oldObject) : undefined);
      const exceeded = limited.filter(each => exceeds(view, quota, each, more.get(each)));
      if (exceeded.length > 0) throw denied(attributes, textOf(view, quota, exceeded, more));
    }
  },
};

/** What a quota limits about a kind even where an object does not say it. */
function isAbout(resource: string, name: string): boolean {
  return resource === 'pods' && /^(?:requests\.|limits\.)?(?:cpu|memory)$/.test(name);
}

function exceeds(view: View, quota: ResourceQuota, name: string, more: Amount | undefined): boolean {
  if (!more) return false;
  const used = usedNow(view, quota, name)?.nano ?? 0n;
  return used + more.nano > parseQuantity(quota.status?.hard?.[name] ?? '0').nano;
}

function textOf(view: View, quota: ResourceQuota, names: readonly string[], more: Usage): string {
  const print = (amountOf: (name: string) => Amount | undefined) =>
    [...names]
      .sort()
      .map(name => `${name}=${formatQuantity(amountOf(name) ?? { nano: 0n, format: 'DecimalSI' })}`)
      .join(',');
  const hard = (name: string) => parseQuantity(quota.status?.hard?.[name] ?? '0');
  return `exceeded quota: ${quota.metadata.name}, requested: ${print(name => more.get(name))}, used: ${print(
    name => usedNow(view, quota, name),
  )}, limited: ${print(hard)}`;
}

/** Counted afresh: other writes of this moment have not reached the quota's status yet. */
function usedNow(view: View, quota: ResourceQuota, name: string): Amount | undefined {
  return quotaUsage(view, quota, [name]).get(name);
}

/** What the objects in a quota's namespace and scopes use of some of its names. */
export function quotaUsage(view: View, quota: ResourceQuota, names: readonly string[]): Usage {
  const { namespace } = quota.metadata;
  const total = new Map<string, Amount>();
  const resources = new Set(names.flatMap(resourcesBehind));
  for (const resource of resources) {
    for (const object of view.list(looseRef(resource), namespace)) {
      if (inScope(quota, resource, object)) addUsage(total, usageOf(resource, object));
    }
  }
  return total;
}

/** The kinds whose objects a quota name measures. */
function resourcesBehind(name: string): string[] {
  const counted = countedResource(name);
  if (counted !== undefined) return [counted];
  if (name.startsWith('services.')) return ['services'];
  if (name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/'))
    return ['persistentvolumeclaims'];
  return ['pods'];
}

function looseRef(resource: string) {
  const [plural = '', ...group] = resource.split('.');
  return ref<KubeObject>(group.join('.'), 'v1', plural, '');
}

/** A quota's used amounts as its status says them: for every hard name, in the format of its limit. */
export function usedList(view: View, quota: ResourceQuota, hard: ResourceList): ResourceList {
  const names = Object.keys(hard);
  const usage = quotaUsage(view, quota, names);
  const used: ResourceList = {};
  for (const name of names) used[name] = formatQuantity(usage.get(name) ?? { nano: 0n, format: 'DecimalSI' });
  return used;
}
