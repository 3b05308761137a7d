/** LimitRanger (kubernetes plugin/pkg/admission/limitranger, v1.35): defaults and bounds of what a namespace's pods and claims ask for. */
import type { AdmissionAttributes, AdmissionPlugin } from '../apiserver/index.ts';
import type { Container, PersistentVolumeClaim, Pod } from '../types/core.ts';
import type { KubeObject, ResourceList } from '../types/meta.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
} from '../types/quantity.ts';
import { denied, withSpec } from './pods.ts';
import { type LimitRange, type LimitRangeItem, policiesIn } from './policies.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';
const NONE: ResourceList = {};

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  resources: ['pods', 'persistentvolumeclaims'],
  operations: ['CREATE', 'UPDATE'],
  mutate(attributes) {
    const object = attributes.object as KubeObject;
    if (attributes.resource !== 'pods' || attributes.operation !== 'CREATE') return object;
    const ranges = rangesOf(attributes);
    return ranges ? ranges.reduce((pod, range) => withDefaults(pod, range), object as Pod) : object;
  },
  validate(attributes) {
    // What a pod asks for does not change by an update.
    if (attributes.resource === 'pods' && attributes.operation !== 'CREATE') return;
    for (const { spec } of rangesOf(attributes) ?? []) {
      const errors = (spec?.limits ?? []).flatMap(item =>
        attributes.resource === 'pods'
          ? podErrors(item, attributes.object as Pod)
          : claimErrors(item, attributes.object as PersistentVolumeClaim),
      );
      const [first] = errors;
      if (first !== undefined)
        throw denied(attributes, errors.length === 1 ? first : `[${errors.join(', ')}]`);
    }
  },
};

function rangesOf({ view, namespace = '' }: AdmissionAttributes): readonly LimitRange[] | undefined {
  return policiesIn(view).limitRanges.get(namespace);
}

/** Requests and limits that containers leave open; an annotation tells which. */
function withDefaults(pod: Pod, { spec }: LimitRange): Pod {
  const items = (spec?.limits ?? []).filter(({ type }) => type === 'Container');
  const requests: ResourceList = Object.assign({}, ...items.map(item => item.defaultRequest));
  const limits: ResourceList = Object.assign({}, ...items.map(item => item.default));
  const notes: string[] = [];
  const complete = (container: Container, what: string): Container => {
    const { resources = {} } = container;
    const newRequests = absent(resources.requests, requests);
    const newLimits = absent(resources.limits, limits);
    if (newRequests.length === 0 && newLimits.length === 0) return container;
    if (newRequests.length > 0) notes.push(`${newRequests.join(', ')} request for ${what} ${container.name}`);
    if (newLimits.length > 0) notes.push(`${newLimits.join(', ')} limit for ${what} ${container.name}`);
    return {
      ...container,
      resources: {
        ...resources,
        requests: { ...requests, ...resources.requests },
        limits: { ...limits, ...resources.limits },
      },
    };
  };
  const containers = (pod.spec.containers ?? []).map(container => complete(container, 'container'));
  const initContainers = pod.spec.initContainers?.map(container => complete(container, 'init container'));
  if (notes.length === 0) return pod;
  const annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
  const completed = withSpec(pod, { containers, ...(initContainers ? { initContainers } : {}) });
  return { ...completed, metadata: { ...pod.metadata, annotations } };
}

function absent(given: ResourceList = NONE, defaults: ResourceList): string[] {
  return Object.keys(defaults)
    .filter(name => given[name] === undefined)
    .sort();
}

function podErrors(item: LimitRangeItem, pod: Pod): string[] {
  const { containers = [], initContainers = [] } = pod.spec;
  if (item.type === 'Container') {
    return [...containers, ...initContainers].flatMap(({ resources = {} }) =>
      constraintErrors(item, resources.requests ?? NONE, resources.limits ?? NONE),
    );
  }
  return item.type === 'Pod'
    ? constraintErrors(item, podTotal(pod, 'requests'), podTotal(pod, 'limits'))
    : [];
}

function claimErrors(item: LimitRangeItem, claim: PersistentVolumeClaim): string[] {
  if (item.type !== 'PersistentVolumeClaim') return [];
  const requests = claim.spec.resources?.requests ?? NONE;
  const errors = each(item.min, (name, min) => tooLittle(item.type, name, min, requests[name], undefined));
  return errors.concat(
    each(item.max, (name, max) => {
      const request = requests[name];
      const text = `maximum ${name} usage per ${item.type} is ${max}`;
      if (request === undefined) return `${text}. No request is specified`;
      return compareQuantities(request, max) > 0 ? `${text}, but request is ${request}` : undefined;
    }),
  );
}

function constraintErrors(item: LimitRangeItem, requests: ResourceList, limits: ResourceList): string[] {
  const { type } = item;
  return [
    ...each(item.min, (name, min) => tooLittle(type, name, min, requests[name], limits[name])),
    ...each(item.max, (name, max) => tooMuch(type, name, max, requests[name], limits[name])),
    ...each(item.maxLimitRequestRatio, (name, ratio) =>
      tooUneven(type, name, ratio, requests[name], limits[name]),
    ),
  ];
}

function each(
  list: ResourceList = NONE,
  check: (name: string, amount: string) => string | undefined,
): string[] {
  return Object.entries(list)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => check(name, amount))
    .filter(error => error !== undefined);
}

type Amount = string | undefined;

function tooLittle(
  type: string,
  name: string,
  min: string,
  request: Amount,
  limit: Amount,
): string | undefined {
  const text = `minimum ${name} usage per ${type} is ${min}`;
  if (request === undefined) return `${text}. No request is specified`;
  if (compareQuantities(request, min) < 0) return `${text}, but request is ${request}`;
  return limit !== undefined && compareQuantities(limit, min) < 0
    ? `${text}, but limit is ${limit}`
    : undefined;
}

function tooMuch(
  type: string,
  name: string,
  max: string,
  request: Amount,
  limit: Amount,
): string | undefined {
  const text = `maximum ${name} usage per ${type} is ${max}`;
  if (limit === undefined) return `${text}. No limit is specified`;
  if (compareQuantities(limit, max) > 0) return `${text}, but limit is ${limit}`;
  return request !== undefined && compareQuantities(request, max) > 0
    ? `${text}, but request is ${request}`
    : undefined;
}

function tooUneven(
  type: string,
  name: string,
  max: string,
  request: Amount,
  limit: Amount,
): string | undefined {
  const text = `${name} max limit to request ratio per ${type} is ${max}`;
  const low = request === undefined ? 0 : quantityMilliValue(request);
  const high = limit === undefined ? 0 : quantityMilliValue(limit);
  if (low === 0) return `${text}, but no request is specified or request is 0`;
  if (high === 0) return `${text}, but no limit is specified or limit is 0`;
  const ratio = high / low;
  return ratio * 1_000 > quantityMilliValue(max)
    ? `${text}, but provided ratio is ${ratio.toFixed(6)}`
    : undefined;
}

/** The sum of what containers ask for, and never less than what one init container does. */
export function podTotal(pod: Pod, list: 'requests' | 'limits'): ResourceList {
  const { containers = [], initContainers = [] } = pod.spec;
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const total: ResourceList = {};
  for (const { resources } of [...containers, ...sidecars]) {
    for (const [name, amount] of Object.entries(resources?.[list] ?? NONE)) {
      total[name] = total[name] === undefined ? canonical(amount) : addQuantities(total[name], amount);
    }
  }
  const before: ResourceList = {};
  for (const { resources, restartPolicy } of initContainers) {
    const own = resources?.[list] ?? NONE;
    const runsOn = restartPolicy === 'Always';
    for (const name of new Set([...Object.keys(own), ...Object.keys(before)])) {
      const amount = addQuantities(before[name] ?? '0', own[name] ?? '0');
      if (runsOn) before[name] = amount;
      if (total[name] === undefined || compareQuantities(amount, total[name]) > 0) total[name] = amount;
    }
  }
  return total;
}

function canonical(amount: string): string {
  return formatQuantity(parseQuantity(amount));
}
