/** Subresources of pods that write: binding, eviction, ephemeralcontainers, resize (kubernetes pkg/registry/core/pod, v1.35). */
import { apiVersionOf, objectKey } from '../resources/definition.ts';
import type { Pod } from '../types/core.ts';
import type { JsonObject, KubeObject, LabelSelector, Status } from '../types/meta.ts';
import { Admission } from './admission.ts';
import type { ApiServerContext, SubresourceHandler } from './context.ts';
import { isObject } from './decode.ts';
import { deleteObject } from './delete.ts';
import { badRequest, conflict, notFound, tooManyRequests } from './errors.ts';
import { originOf } from './handle.ts';
import { patchedValue } from './patch.ts';
import { deleteOptionsOf } from './request-options.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import { transformObject } from './update.ts';
import type { VerbContext } from './write-context.ts';

const PODS = { group: '', plural: 'pods' };
const BUDGET_MESSAGE = "Cannot evict pod as it would violate the pod's disruption budget.";

function podVerb(context: ApiServerContext, request: ApiRequest, warnings: string[]): VerbContext {
  const definition = context.registry.find('', 'pods');
  if (!definition) throw new Error('pods are not defined');
  const warn = (text: string) => {
    warnings.push(text);
  };
  return { context, definition, request, origin: originOf(request), warn };
}

function podOf({ context }: VerbContext, request: ApiRequest): Pod {
  const pod = context.store.get<Pod>('pods', objectKey(request.namespace, request.name ?? ''));
  if (!pod) throw notFound(PODS, request.name ?? '');
  return pod;
}

function success(code: number): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code };
}

/** POST pods/x/binding: assigns a pod to a node, once. */
function bind(context: ApiServerContext, request: ApiRequest): ApiResponse {
  const warnings: string[] = [];
  const verb = podVerb(context, request, warnings);
  const target = isObject(request.body) && isObject(request.body.target) ? request.body.target : undefined;
  const node = target?.name;
  if (typeof node !== 'string' || node === '') throw badRequest('binding without a target node');
  const pod = podOf(verb, request);
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw conflict(
      { group: '', plural: 'pods/binding' },
      pod.metadata.name,
      `pod ${pod.metadata.name} is being deleted, cannot be assigned to a host`,
    );
  }
  if (pod.spec.nodeName) {
    throw conflict(
      { group: '', plural: 'pods/binding' },
      pod.metadata.name,
      `pod ${pod.metadata.name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`,
    );
  }
  const key = objectKey(request.namespace, request.name ?? '');
  const assign = (current: KubeObject | undefined): KubeObject => {
    const bound = current as Pod;
    return { ...bound, spec: { ...bound.spec, nodeName: node } } as Pod;
  };
  // The body was judged above: what is written is no client's object.
  const origin = { ...verb.origin, trusted: true };
  transformObject(context, verb.definition, key, assign, origin, {
    subresource: 'binding',
    dryRun: request.options?.dryRun,
  });
  return { type: 'status', code: 201, status: success(201), warnings };
}

interface Budget extends KubeObject {
  spec?: { selector?: LabelSelector };
  status?: {
    disruptionsAllowed?: number;
    desiredHealthy?: number;
    currentHealthy?: number;
    observedGeneration?: number;
  };
}

/** POST pods/x/eviction: a delete that admission and disruption budgets may refuse. */
function evict(context: ApiServerContext, request: ApiRequest): ApiResponse {
  const warnings: string[] = [];
  const verb = podVerb(context, request, warnings);
  const pod = podOf(verb, request);
  const body: JsonObject = isObject(request.body) ? request.body : {};
  const metadata = isObject(body.metadata) ? body.metadata : {};
  if (metadata.name !== undefined && metadata.name !== request.name) {
    throw badRequest(`name in URL does not match name in Eviction object`);
  }
  const dryRun = request.options?.dryRun === true || isDryRun(body.deleteOptions);
  const admission = new Admission(context, verb.definition, 'CREATE', verb.origin, {
    name: pod.metadata.name,
    namespace: pod.metadata.namespace,
    subresource: 'eviction',
    dryRun,
  });
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', ...body } as unknown as KubeObject;
  admission.validate(admission.mutate(eviction));
  warnings.push(...admission.warnings);
  if (needsBudget(pod)) refuseOverBudget(context, pod);
  const key = objectKey(request.namespace, request.name ?? '');
  const options = deleteOptionsOf({ ...request, body: body.deleteOptions });
  const result = deleteObject(context, verb.definition, key, verb.origin, { ...options, dryRun });
  return { type: 'status', code: 201, status: success(201), warnings: [...warnings, ...result.warnings] };
}

function isDryRun(options: unknown): boolean {
  return isObject(options as JsonObject) && Array.isArray((options as JsonObject).dryRun);
}

function needsBudget(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return (
    pod.metadata.deletionTimestamp === undefined &&
    phase !== 'Succeeded' &&
    phase !== 'Failed' &&
    phase !== 'Pending'
  );
}

function refuseOverBudget(context: ApiServerContext, pod: Pod): void {
  const budgets = context.store
    .list<Budget>('poddisruptionbudgets.policy', pod.metadata.namespace)
    .filter(budget => selects(budget.spec?.selector, pod.metadata.labels ?? {}));
  if (budgets.length > 1) {
    throw badRequest(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = budgets;
  if (!budget || (budget.status?.disruptionsAllowed ?? 0) > 0) return;
  const { desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {};
  throw tooManyRequests(BUDGET_MESSAGE, 0, [
    {
      reason: 'DisruptionBudget',
      message: `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    },
  ]);
}

/** policy/v1: a missing selector selects nothing, an empty one everything. */
function selects(selector: LabelSelector | undefined, labels: Record<string, string>): boolean {
  if (!selector) return false;
  const byLabel = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    byLabel &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      return (operator === 'Exists') === (value !== undefined);
    })
  );
}

type ChangedPart = (pod: JsonObject, requested: JsonObject) => JsonObject;

/** Only ephemeral containers may be added: existing ones stay. */
const withEphemeralContainers: ChangedPart = (pod, requested) => ({
  ...pod,
  spec: {
    ...(pod.spec as JsonObject),
    ephemeralContainers: (requested.spec as JsonObject | undefined)?.ephemeralContainers ?? [],
  },
});

/** Only resources of containers may change. */
const withResizedContainers: ChangedPart = (pod, requested) => {
  const wanted = (requested.spec as JsonObject | undefined)?.containers;
  const spec = pod.spec as JsonObject;
  if (!Array.isArray(wanted) || !Array.isArray(spec.containers)) return pod;
  const containers = spec.containers.map(container => {
    const other = wanted.find(item => isObject(item) && isObject(container) && item.name === container.name);
    if (!isObject(other) || !isObject(container) || other.resources === undefined) return container;
    return { ...container, resources: other.resources };
  });
  return { ...pod, spec: { ...spec, containers } };
};

function partHandler(subresource: string, change: ChangedPart): SubresourceHandler {
  return {
    group: '',
    resource: 'pods',
    subresource,
    verbs: ['get', 'update', 'patch'],
    handle(context, request) {
      const warnings: string[] = [];
      const verb = podVerb(context, request, warnings);
      const pod = podOf(verb, request);
      if (request.verb === 'get') return { type: 'object', code: 200, object: pod, warnings };
      const result = transformObject(
        context,
        verb.definition,
        objectKey(request.namespace, request.name ?? ''),
        current => {
          const before = current as unknown as JsonObject;
          return change(before, requestedPod(verb, before)) as unknown as KubeObject;
        },
        { ...verb.origin, trusted: true },
        { subresource, dryRun: request.options?.dryRun },
      );
      const code = 200;
      return { type: 'object', code, object: result.object, warnings: [...warnings, ...result.warnings] };
    },
  };
}

function requestedPod(verb: VerbContext, pod: JsonObject): JsonObject {
  const { request } = verb;
  const isPatch = request.verb === 'patch';
  if (isPatch && (request.patchType === undefined || request.patchType === 'apply')) {
    throw badRequest('this subresource takes JSON, merge and strategic merge patches only');
  }
  const value = isPatch
    ? patchedValue(verb, pod, request.patchType as 'json' | 'merge' | 'strategic')
    : request.body;
  if (!isObject(value) || value.apiVersion !== apiVersionOf('', 'v1') || value.kind !== 'Pod') {
    throw badRequest('the object provided is unrecognized (must be of type Pod)');
  }
  return value;
}

export const podSubresources: readonly SubresourceHandler[] = [
  { group: '', resource: 'pods', subresource: 'binding', verbs: ['create'], handle: bind },
  { group: '', resource: 'pods', subresource: 'eviction', verbs: ['create'], handle: evict },
  partHandler('ephemeralcontainers', withEphemeralContainers),
  partHandler('resize', withResizedContainers),
];
