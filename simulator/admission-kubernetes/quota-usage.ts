/** What objects count for in quotas (kubernetes pkg/quota/v1/evaluator/core, v1.35), in units of 10⁻⁹. */
import { splitKey } from '../resources/definition.ts';
import type { PersistentVolumeClaim, Pod } from '../types/core.ts';
import type { KubeObject, ResourceList } from '../types/meta.ts';
import { parseQuantity, type QuantityFormat } from '../types/quantity.ts';
import { podTotal } from './limit-ranger.ts';

const ONE = 1_000_000_000n;
const EMPTY: Usage = new Map();

export interface Amount {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

/** Amounts by the name that quotas have for them. */
export type Usage = ReadonlyMap<string, Amount>;

/** Kinds that are counted under their own name besides `count/…`. */
const COUNTED = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);
/** Kinds of which more than the number matters, so that updates count too. */
export const MEASURED: ReadonlySet<string> = new Set(['pods', 'persistentvolumeclaims', 'services']);

const ONE_OBJECT: Amount = { nano: ONE, format: 'DecimalSI' };

export function usageOf(resource: string, object: KubeObject): Usage {
  if (resource === 'pods') return podUsage(object as Pod);
  const usage = new Map<string, Amount>([[`count/${resource}`, ONE_OBJECT]]);
  if (COUNTED.has(resource)) usage.set(resource, ONE_OBJECT);
  if (resource === 'persistentvolumeclaims') measureClaim(usage, object as PersistentVolumeClaim);
  else if (resource === 'services') measureService(usage, object);
  return usage;
}

/** Pods that have ended use nothing but their place in `count/pods`. */
function podUsage(pod: Pod): Usage {
  const usage = new Map<string, Amount>([['count/pods', ONE_OBJECT]]);
  if (hasEnded(pod)) return usage;
  usage.set('pods', ONE_OBJECT);
  for (const [name, amount] of Object.entries(podTotal(pod, 'requests'))) {
    const parsed = parseQuantity(amount);
    if (isComputed(name)) {
      usage.set(name, parsed);
      usage.set(`requests.${name}`, parsed);
    } else if (name.startsWith('hugepages-')) {
      usage.set(name, parsed);
      usage.set(`requests.${name}`, parsed);
    } else usage.set(`requests.${name}`, parsed);
  }
  for (const [name, amount] of Object.entries(podTotal(pod, 'limits'))) {
    if (isComputed(name)) usage.set(`limits.${name}`, parseQuantity(amount));
  }
  return usage;
}

function isComputed(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name === 'ephemeral-storage';
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function measureClaim(usage: Map<string, Amount>, { spec }: PersistentVolumeClaim): void {
  const storage = spec.resources?.requests?.storage;
  const { storageClassName } = spec;
  const ofClass = storageClassName ? `${storageClassName}.storageclass.storage.k8s.io/` : undefined;
  if (ofClass) usage.set(`${ofClass}persistentvolumeclaims`, ONE_OBJECT);
  if (storage === undefined) return;
  usage.set('requests.storage', parseQuantity(storage));
  if (ofClass) usage.set(`${ofClass}requests.storage`, parseQuantity(storage));
}

function measureService(usage: Map<string, Amount>, service: KubeObject): void {
  const { spec } = service as KubeObject & {
    spec?: { type?: string; ports?: unknown[]; allocateLoadBalancerNodePorts?: boolean };
  };
  const ports = { nano: BigInt(spec?.ports?.length ?? 0) * ONE, format: 'DecimalSI' } as const;
  if (spec?.type === 'NodePort') usage.set('services.nodeports', ports);
  if (spec?.type === 'LoadBalancer') {
    usage.set('services.loadbalancers', ONE_OBJECT);
    if (spec.allocateLoadBalancerNodePorts !== false) usage.set('services.nodeports', ports);
  }
}

/** Resources that every container must ask for where a quota limits them, by what the container leaves open. */
export function unspecified(pod: Pod, names: readonly string[]): string[] {
  const required = names.filter(name => /^(?:requests\.|limits\.)?(?:cpu|memory)$/.test(name)).sort();
  if (required.length === 0) return [];
  const missing = new Map<string, string[]>();
  for (const { name, resources = {} } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    for (const each of required) {
      if (isSpecified(each, resources.requests, resources.limits)) continue;
      missing.set(each, [...(missing.get(each) ?? []), name]);
    }
  }
  return [...missing].map(([name, containers]) => `${name} for: ${containers.sort().join(',')}`);
}

function isSpecified(name: string, requests: ResourceList = {}, limits: ResourceList = {}): boolean {
  if (name.startsWith('limits.')) return limits[name.slice('limits.'.length)] !== undefined;
  return requests[name.replace('requests.', '')] !== undefined;
}

/** The resource that a quota name counts, for names such as `count/jobs.batch`. */
export function countedResource(name: string): string | undefined {
  return name.startsWith('count/') ? splitKey(name).name : COUNTED.has(name) ? name : undefined;
}

export function addUsage(total: Map<string, Amount>, usage: Usage, sign: 1n | -1n = 1n): void {
  for (const [name, { nano, format }] of usage) {
    const known = total.get(name);
    total.set(name, { nano: (known?.nano ?? 0n) + sign * nano, format: known?.nano ? known.format : format });
  }
}

/** By how much usage grows; nothing for what shrinks or stays. */
export function growth(next: Usage, previous: Usage = EMPTY): Usage {
  const grown = new Map<string, Amount>();
  for (const [name, { nano, format }] of next) {
    const more = nano - (previous.get(name)?.nano ?? 0n);
    if (more > 0n) grown.set(name, { nano: more, format });
  }
  return grown;
}
