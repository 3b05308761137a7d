/** Defaults and refusals of workloads (kubernetes pkg/apis/{apps,batch,autoscaling,policy}, v1.35). */
import type { PodSpec } from '../types/core.ts';
import type { JsonObject, JsonValue, KubeObject, LabelSelector, StatusCause } from '../types/meta.ts';
import { onSpec } from './core-rules.ts';
import { forbidden, IMMUTABLE, invalid, NOT_NEGATIVE, notSupported, required, same } from './field-errors.ts';
import { asObject, at, mapList, objectAt, withDefaults, withField } from './fields.ts';
import { claimSpecDefaults, templateDefaults } from './pod-defaults.ts';
import { validatePodSpec } from './pod-rules.ts';

/** Defaults of a workload's spec, and of the pod template within. */
function workload(
  defaults: Readonly<Record<string, unknown>>,
  more: (spec: JsonObject) => JsonObject = spec => spec,
) {
  return onSpec(spec => more(withField(withDefaults(spec, defaults), 'template', templateDefaults)));
}

/** Defaults of a rolling update where that is the strategy. */
function rolling(field: string, defaults: Readonly<Record<string, unknown>>) {
  return (spec: JsonObject) =>
    withField(spec, field, strategy => {
      const given = withDefaults(strategy as JsonObject, { type: 'RollingUpdate' });
      if (given.type !== 'RollingUpdate') return given;
      const update = asObject(given.rollingUpdate);
      const complete = withDefaults(update ?? {}, defaults);
      return complete === update ? given : { ...given, rollingUpdate: complete };
    });
}

export const deploymentDefaults = workload(
  { progressDeadlineSeconds: 600, replicas: 1, revisionHistoryLimit: 10, strategy: {} },
  rolling('strategy', { maxSurge: '25%', maxUnavailable: '25%' }),
);
export const replicaSetDefaults = workload({ replicas: 1 });
export const daemonSetDefaults = workload(
  { revisionHistoryLimit: 10, updateStrategy: {} },
  rolling('updateStrategy', { maxSurge: 0, maxUnavailable: 1 }),
);
export const statefulSetDefaults = workload(
  {
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    podManagementPolicy: 'OrderedReady',
    replicas: 1,
    revisionHistoryLimit: 10,
    updateStrategy: {},
  },
  spec =>
    withField(rolling('updateStrategy', { partition: 0 })(spec), 'volumeClaimTemplates', claims =>
      Array.isArray(claims) ? mapList(claims, claimTemplateDefaults) : claims,
    ),
);

function claimTemplateDefaults(claim: JsonValue): JsonValue {
  const given = asObject(claim);
  if (!given) return claim;
  const complete = withDefaults(given, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    status: { phase: 'Pending' },
  });
  return withField(complete, 'spec', spec => claimSpecDefaults(spec as JsonObject));
}

const JOB = {
  backoffLimit: 6,
  completionMode: 'NonIndexed',
  parallelism: 1,
  podReplacementPolicy: 'TerminatingOrFailed',
  suspend: false,
};

export const jobDefaults = onSpec(spec => {
  const counted =
    spec.completions === undefined && spec.parallelism === undefined ? { ...spec, completions: 1 } : spec;
  // With a policy for failed pods only failed ones are replaced.
  const policy = counted.podFailurePolicy ? { ...JOB, podReplacementPolicy: 'Failed' } : JOB;
  return withField(withDefaults(counted, policy), 'template', templateDefaults);
});

/** A job's pods carry its name and UID, and its selector looks for the UID, unless it says otherwise. */
export function prepareJob(object: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec');
  const { name, uid } = object.metadata;
  if (spec.manualSelector === true || !uid) return { ...object, status: {} } as KubeObject;
  const template = objectAt(spec, 'template');
  const metadata = objectAt(template, 'metadata');
  const labels = {
    ...objectAt(metadata, 'labels'),
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  return {
    ...object,
    spec: {
      ...spec,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: { ...template, metadata: { ...metadata, labels } },
    },
    status: {},
  } as unknown as KubeObject;
}

export const cronJobDefaults = onSpec(spec => {
  const complete = withDefaults(spec, {
    concurrencyPolicy: 'Allow',
    failedJobsHistoryLimit: 1,
    successfulJobsHistoryLimit: 3,
    suspend: false,
  });
  return withField(complete, 'jobTemplate', template =>
    withField(template as JsonObject, 'spec', job =>
      withField(job as JsonObject, 'template', templateDefaults),
    ),
  );
});

const DEFAULT_METRICS = [
  { resource: { name: 'cpu', target: { averageUtilization: 80, type: 'Utilization' } }, type: 'Resource' },
];

export const autoscalerDefaults = onSpec(spec => {
  const metrics = Array.isArray(spec.metrics) && spec.metrics.length > 0;
  const complete = withDefaults(spec, { minReplicas: 1 });
  return metrics ? complete : { ...complete, metrics: DEFAULT_METRICS };
});

const RESTART: Readonly<Record<string, readonly string[]>> = {
  job: ['OnFailure', 'Never'],
  other: ['Always'],
};

/** Whether labels satisfy a selector; malformed requirements match nothing. */
function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: JsonObject): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key] as string | undefined;
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      if (operator === 'Exists') return value !== undefined;
      return operator === 'DoesNotExist' && value === undefined;
    })
  );
}

/** Refusals of everything with replicas, a selector and a pod template. */
export function validateWorkload(object: KubeObject): StatusCause[] {
  const spec = objectAt(object, 'spec');
  const causes: StatusCause[] = [];
  if (typeof spec.replicas === 'number' && spec.replicas < 0) {
    causes.push(invalid('spec.replicas', spec.replicas, NOT_NEGATIVE));
  }
  const labels = objectAt(spec, 'template', 'metadata', 'labels');
  const selector = asObject(spec.selector) as LabelSelector | undefined;
  if (!selector) causes.push(required('spec.selector'));
  else if (!selector.matchLabels && !selector.matchExpressions?.length) {
    causes.push(invalid('spec.selector', selector, 'empty selector is invalid for deployment'));
  } else if (!selects(selector, labels)) {
    causes.push(
      invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    );
  }
  return [...causes, ...validateTemplate(spec, 'other')];
}

export function validateReplicationController(object: KubeObject): StatusCause[] {
  const spec = objectAt(object, 'spec');
  const selector = asObject(spec.selector) ?? {};
  const labels = objectAt(spec, 'template', 'metadata', 'labels');
  const causes: StatusCause[] = [];
  if (Object.keys(selector).length === 0) causes.push(required('spec.selector'));
  else if (!selects({ matchLabels: selector as Record<string, string> }, labels)) {
    causes.push(
      invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    );
  }
  return [...causes, ...validateTemplate(spec, 'other')];
}

export function validateJob(object: KubeObject): StatusCause[] {
  const spec = objectAt(object, 'spec');
  const causes: StatusCause[] = [];
  for (const field of ['parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds']) {
    const value = spec[field];
    if (typeof value === 'number' && value < 0) causes.push(invalid(`spec.${field}`, value, NOT_NEGATIVE));
  }
  return [...causes, ...validateTemplate(spec, 'job')];
}

export function validateCronJob(object: KubeObject): StatusCause[] {
  const schedule = at(object, 'spec', 'schedule');
  const causes: StatusCause[] = [];
  if (typeof schedule !== 'string' || schedule === '') causes.push(required('spec.schedule'));
  else if (!schedule.startsWith('@')) {
    const parts = schedule.trim().split(/\s+/);
    if (parts.length !== 5) {
      const detail = `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
      causes.push(invalid('spec.schedule', schedule, detail));
    }
  }
  const job = objectAt(object, 'spec', 'jobTemplate', 'spec');
  return [
    ...causes,
    ...validateTemplate(job, 'job').map(cause => ({
      ...cause,
      field: cause.field?.replace(/^spec\./, 'spec.jobTemplate.spec.'),
    })),
  ];
}

function validateTemplate(spec: JsonObject, kind: 'job' | 'other'): StatusCause[] {
  const pod = asObject(at(spec, 'template', 'spec')) as unknown as PodSpec | undefined;
  const path = 'spec.template.spec';
  const causes = validatePodSpec(pod, path);
  const policies = RESTART[kind] as readonly string[];
  const policy = pod?.restartPolicy;
  if (!policy || policies.includes(policy)) return causes;
  if (kind === 'job' && policy === 'Always') {
    return [...causes, required(`${path}.restartPolicy`, 'valid values: "OnFailure", "Never"')];
  }
  return [...causes, notSupported(`${path}.restartPolicy`, policy, policies)];
}

/** The selector is fixed at creation. */
export function validateWorkloadUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const selector = at(object, 'spec', 'selector');
  return same(selector, at(old, 'spec', 'selector')) ? [] : [invalid('spec.selector', selector, IMMUTABLE)];
}

const STATEFUL_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const STATEFUL_UPDATE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

export function validateStatefulSetUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const fixed = (from: KubeObject) =>
    Object.fromEntries(
      Object.entries(objectAt(from, 'spec')).filter(([name]) => !STATEFUL_MUTABLE.includes(name)),
    );
  return same(fixed(object), fixed(old)) ? [] : [forbidden('spec', STATEFUL_UPDATE)];
}

export function validateJobUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const field of ['selector', 'template', 'completionMode']) {
    const value = at(object, 'spec', field);
    if (!same(value, at(old, 'spec', field))) causes.push(invalid(`spec.${field}`, value, IMMUTABLE));
  }
  return causes;
}

export function validateAutoscaler(object: KubeObject): StatusCause[] {
  const { minReplicas = 1, maxReplicas = 0 } = objectAt(object, 'spec') as Record<string, number>;
  const causes: StatusCause[] = [];
  if (minReplicas < 1)
    causes.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < 1) causes.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  else if (maxReplicas < minReplicas) {
    causes.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  return causes;
}

export function validateBudget(object: KubeObject): StatusCause[] {
  const spec = objectAt(object, 'spec');
  const both = spec.minAvailable !== undefined && spec.maxUnavailable !== undefined;
  return both ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : [];
}
