/** What admission looks up with every pod and claim, kept up from the journal: most namespaces have none of it. */
import type { Projection, View } from '../controller.ts';
import { ref, storageClasses } from '../resources/refs.ts';
import type { KubeObject, LabelSelectorRequirement, ResourceList } from '../types/meta.ts';

export interface PriorityClass extends KubeObject {
  value: number;
  globalDefault?: boolean;
  preemptionPolicy?: string;
}

export interface LimitRangeItem {
  type: string;
  max?: ResourceList;
  min?: ResourceList;
  default?: ResourceList;
  defaultRequest?: ResourceList;
  maxLimitRequestRatio?: ResourceList;
}

export interface LimitRange extends KubeObject {
  spec?: { limits?: LimitRangeItem[] };
}

export interface ScopeRequirement {
  scopeName: string;
  operator: LabelSelectorRequirement['operator'];
  values?: string[];
}

export interface ResourceQuota extends KubeObject {
  spec?: {
    hard?: ResourceList;
    scopes?: string[];
    scopeSelector?: { matchExpressions?: ScopeRequirement[] };
  };
  status?: { hard?: ResourceList; used?: ResourceList };
}

export const priorityClasses = ref<PriorityClass>(
  'scheduling.k8s.io',
  'v1',
  'priorityclasses',
  'PriorityClass',
  false,
);
export const limitRanges = ref<LimitRange>('', 'v1', 'limitranges', 'LimitRange');
export const resourceQuotas = ref<ResourceQuota>('', 'v1', 'resourcequotas', 'ResourceQuota');

export interface Policies {
  defaultPriority: PriorityClass | undefined;
  defaultStorageClass: string | undefined;
  readonly limitRanges: Map<string, readonly LimitRange[]>;
  readonly quotas: Map<string, readonly ResourceQuota[]>;
}

interface State extends Policies {
  readonly priorityClasses: Map<string, PriorityClass>;
  readonly storageClasses: Map<string, KubeObject>;
}

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
const OLD_DEFAULT_CLASS = 'storageclass.beta.kubernetes.io/is-default-class';

const policies: Projection<State> = {
  resources: [priorityClasses, limitRanges, resourceQuotas, storageClasses].map(({ resource }) => resource),
  build(view) {
    const state: State = {
      defaultPriority: undefined,
      defaultStorageClass: undefined,
      limitRanges: new Map(),
      quotas: new Map(),
      priorityClasses: new Map(),
      storageClasses: new Map(),
    };
    for (const each of [priorityClasses, limitRanges, resourceQuotas, storageClasses]) {
      for (const object of view.list<KubeObject>(each)) put(state, each.resource, object, true);
    }
    return state;
  },
  apply(state, { type, resource, object }) {
    put(state, resource, object, type !== 'DELETED');
  },
};

export function policiesIn(view: View): Policies {
  return view.project(policies);
}

function put(state: State, resource: string, object: KubeObject, exists: boolean): void {
  const { name } = object.metadata;
  switch (resource) {
    case priorityClasses.resource:
      if (exists) state.priorityClasses.set(name, object as PriorityClass);
      else state.priorityClasses.delete(name);
      state.defaultPriority = defaultPriorityOf(state.priorityClasses.values());
      return;
    case storageClasses.resource:
      if (exists) state.storageClasses.set(name, object);
      else state.storageClasses.delete(name);
      state.defaultStorageClass = defaultStorageClassOf(state.storageClasses.values());
      return;
    case limitRanges.resource:
      replace(state.limitRanges, object as LimitRange, exists);
      return;
    default:
      replace(state.quotas, object as ResourceQuota, exists);
  }
}

function replace<T extends KubeObject>(
  byNamespace: Map<string, readonly T[]>,
  object: T,
  exists: boolean,
): void {
  const { namespace = '', name } = object.metadata;
  const others = (byNamespace.get(namespace) ?? []).filter(({ metadata }) => metadata.name !== name);
  const all = exists ? [...others, object].sort(byName) : others;
  if (all.length > 0) byNamespace.set(namespace, all);
  else byNamespace.delete(namespace);
}

function byName(a: KubeObject, b: KubeObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** Of several defaults the one of the lowest value. */
function defaultPriorityOf(classes: Iterable<PriorityClass>): PriorityClass | undefined {
  return [...classes]
    .filter(({ globalDefault }) => globalDefault)
    .sort((a, b) => a.value - b.value || byName(a, b))[0];
}

/** Of several defaults the youngest, and of those the first by name. */
function defaultStorageClassOf(classes: Iterable<KubeObject>): string | undefined {
  const defaults = [...classes].filter(
    ({ metadata }) =>
      metadata.annotations?.[DEFAULT_CLASS] === 'true' ||
      metadata.annotations?.[OLD_DEFAULT_CLASS] === 'true',
  );
  const youngest = defaults.sort((a, b) => {
    const [left, right] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
    return left === right ? byName(a, b) : left > right ? -1 : 1;
  })[0];
  return youngest?.metadata.name;
}
