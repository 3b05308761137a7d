/** apps, batch, autoscaling and policy (kubernetes pkg/registry/{apps,batch,autoscaling,policy}, v1.35). */
import { parseTimestamp, humanDuration } from '../clock/index.ts';
import type { JsonObject, JsonValue, KubeObject } from '../types/meta.ts';
import { builtIn } from './build.ts';
import { AGE, column, NONE, SELECTOR_COLUMN, since, labelText, WORKLOAD_COLUMNS, wide } from './cells.ts';
import { WORKLOAD_SCALE } from './core.ts';
import { REPLICA_SET_COLUMNS } from './core-columns.ts';
import type { Column, ColumnContext, ResourceDefinition } from './definition.ts';
import { asList, at, number, objectAt, objects, text } from './fields.ts';
import { withStatus } from './core-rules.ts';
import {
  autoscalerDefaults,
  cronJobDefaults,
  daemonSetDefaults,
  deploymentDefaults,
  jobDefaults,
  prepareJob,
  replicaSetDefaults,
  statefulSetDefaults,
  validateAutoscaler,
  validateBudget,
  validateCronJob,
  validateJob,
  validateJobUpdate,
  validateStatefulSetUpdate,
  validateWorkload,
  validateWorkloadUpdate,
} from './workload-rules.ts';

const categories = ['all'];

const count = (field: string) => (object: KubeObject) => number(at(object, 'status', field));
const readyOf = (object: KubeObject) =>
  `${number(at(object, 'status', 'readyReplicas'))}/${number(at(object, 'spec', 'replicas'))}`;

function controllerOf(object: KubeObject): string {
  const owner = object.metadata.ownerReferences?.find(reference => reference.controller);
  if (!owner) return NONE;
  const [group = ''] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [''];
  const kind = owner.kind.toLowerCase();
  return `${group ? `${kind}.${group}` : kind}/${owner.name}`;
}

const appsDefinitions = [
  builtIn({
    group: 'apps',
    plural: 'controllerrevisions',
    kind: 'ControllerRevision',
    columns: [
      column('Controller', controllerOf),
      column('Revision', object => number(at(object, 'revision'))),
      AGE,
    ],
  }),
  builtIn({
    group: 'apps',
    plural: 'daemonsets',
    kind: 'DaemonSet',
    applyDefaults: daemonSetDefaults,
    prepareForCreate: withStatus({
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    }),
    validate: validateWorkload,
    validateUpdate: validateWorkloadUpdate,
    shortNames: ['ds'],
    categories,
    hasStatus: true,
    generation: 'spec',
    columns: [
      column('Desired', count('desiredNumberScheduled'), 'integer'),
      column('Current', count('currentNumberScheduled'), 'integer'),
      column('Ready', count('numberReady'), 'integer'),
      column('Up-to-date', count('updatedNumberScheduled'), 'integer'),
      column('Available', count('numberAvailable'), 'integer'),
      column('Node Selector', object => labelText(at(object, 'spec', 'template', 'spec', 'nodeSelector'))),
      AGE,
      ...WORKLOAD_COLUMNS,
      SELECTOR_COLUMN,
    ],
  }),
  builtIn({
    group: 'apps',
    plural: 'deployments',
    kind: 'Deployment',
    applyDefaults: deploymentDefaults,
    prepareForCreate: withStatus({}),
    validate: validateWorkload,
    validateUpdate: validateWorkloadUpdate,
    shortNames: ['deploy'],
    categories,
    hasStatus: true,
    scale: WORKLOAD_SCALE,
    generation: 'spec',
    columns: [
      column('Ready', readyOf),
      column('Up-to-date', count('updatedReplicas')),
      column('Available', count('availableReplicas')),
      AGE,
      ...WORKLOAD_COLUMNS,
      SELECTOR_COLUMN,
    ],
  }),
  builtIn({
    group: 'apps',
    plural: 'replicasets',
    kind: 'ReplicaSet',
    applyDefaults: replicaSetDefaults,
    prepareForCreate: withStatus({ replicas: 0 }),
    validate: validateWorkload,
    validateUpdate: validateWorkloadUpdate,
    shortNames: ['rs'],
    categories,
    hasStatus: true,
    scale: WORKLOAD_SCALE,
    generation: 'spec',
    columns: REPLICA_SET_COLUMNS,
    selectableFields: { 'status.replicas': object => String(number(at(object, 'status', 'replicas'))) },
  }),
  builtIn({
    group: 'apps',
    plural: 'statefulsets',
    kind: 'StatefulSet',
    applyDefaults: statefulSetDefaults,
    prepareForCreate: withStatus({ availableReplicas: 0, replicas: 0 }),
    validate: validateWorkload,
    validateUpdate: validateStatefulSetUpdate,
    shortNames: ['sts'],
    categories,
    hasStatus: true,
    scale: WORKLOAD_SCALE,
    generation: 'spec',
    columns: [column('Ready', readyOf), AGE, ...WORKLOAD_COLUMNS],
  }),
];

function jobStatus(job: KubeObject): string {
  const has = (type: string) =>
    objects(at(job, 'status', 'conditions')).some(
      condition => condition.type === type && condition.status === 'True',
    );
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  if (has('SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

function jobCompletions(job: KubeObject): string {
  const succeeded = number(at(job, 'status', 'succeeded'));
  const completions = at(job, 'spec', 'completions');
  if (typeof completions === 'number') return `${succeeded}/${completions}`;
  const parallelism = number(at(job, 'spec', 'parallelism'));
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubeObject, { now }: ColumnContext): string {
  const start = text(at(job, 'status', 'startTime'));
  if (start === '') return '';
  const end = text(at(job, 'status', 'completionTime'));
  return humanDuration((end === '' ? now : parseTimestamp(end)) - parseTimestamp(start));
}

function cronTemplate(cronJob: KubeObject): JsonValue | undefined {
  return at(cronJob, 'spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers');
}

const batchDefinitions = [
  builtIn({
    group: 'batch',
    plural: 'cronjobs',
    kind: 'CronJob',
    applyDefaults: cronJobDefaults,
    prepareForCreate: withStatus({}),
    validate: validateCronJob,
    shortNames: ['cj'],
    categories,
    hasStatus: true,
    generation: 'spec',
    columns: [
      column('Schedule', object => text(at(object, 'spec', 'schedule'))),
      column('Timezone', object => text(at(object, 'spec', 'timeZone'), NONE)),
      column('Suspend', object => (at(object, 'spec', 'suspend') === true ? 'True' : 'False'), 'boolean'),
      column('Active', object => asList(at(object, 'status', 'active')).length, 'integer'),
      column('Last Schedule', (object, context) => {
        const last = at(object, 'status', 'lastScheduleTime');
        return last ? since(last, context) : NONE;
      }),
      AGE,
      wide('Containers', object =>
        objects(cronTemplate(object))
          .map(item => text(item.name))
          .join(','),
      ),
      wide('Images', object =>
        objects(cronTemplate(object))
          .map(item => text(item.image))
          .join(','),
      ),
      wide('Selector', object => cronSelector(object)),
    ],
  }),
  builtIn({
    group: 'batch',
    plural: 'jobs',
    kind: 'Job',
    applyDefaults: jobDefaults,
    prepareForCreate: prepareJob,
    validate: validateJob,
    validateUpdate: validateJobUpdate,
    categories,
    hasStatus: true,
    generation: 'spec',
    columns: [
      column('Status', jobStatus),
      column('Completions', jobCompletions),
      column('Duration', jobDuration),
      AGE,
      ...WORKLOAD_COLUMNS,
      SELECTOR_COLUMN,
    ],
    selectableFields: { 'status.successful': object => String(number(at(object, 'status', 'succeeded'))) },
  }),
];

/** Cron jobs usually have no selector, as their jobs' selectors are generated. */
function cronSelector(cronJob: KubeObject): string {
  const selector = objectAt(cronJob, 'spec', 'jobTemplate', 'spec', 'selector');
  return labelText(selector.matchLabels);
}

const resourceTarget = (metric: JsonObject) => objectAt(metric, 'resource', 'target');

/** One metric as `cpu: 10%/80%`. */
function metricText(metric: JsonObject, current: JsonObject | undefined): string {
  switch (metric.type) {
    case 'Resource': {
      const target = resourceTarget(metric);
      const now = objectAt(current, 'resource', 'current');
      const name = text(at(metric, 'resource', 'name'));
      if (target.averageValue !== undefined) {
        return `${name}: ${text(now.averageValue, '<unknown>')}/${text(target.averageValue)}`;
      }
      const used = typeof now.averageUtilization === 'number' ? `${now.averageUtilization}%` : '<unknown>';
      const wanted =
        typeof target.averageUtilization === 'number' ? `${target.averageUtilization}%` : '<auto>';
      return `${name}: ${used}/${wanted}`;
    }
    case 'Pods': {
      const now = text(at(current, 'pods', 'current', 'averageValue'), '<unknown>');
      return `${now}/${text(at(metric, 'pods', 'target', 'averageValue'))}`;
    }
    case 'Object':
    case 'External': {
      const source = metric.type === 'Object' ? 'object' : 'external';
      const average = text(at(metric, source, 'target', 'averageValue'));
      if (average !== '') {
        return `${text(at(current, source, 'current', 'averageValue'), '<unknown>')}/${average} (avg)`;
      }
      const now = text(at(current, source, 'current', 'value'), '<unknown>');
      return `${now}/${text(at(metric, source, 'target', 'value'))}`;
    }
    default:
      return '<unknown type>';
  }
}

function metricsText(autoscaler: KubeObject): string {
  const metrics = objects(at(autoscaler, 'spec', 'metrics'));
  if (metrics.length === 0) return NONE;
  const current = objects(at(autoscaler, 'status', 'currentMetrics'));
  const shown = metrics.slice(0, 2).map((metric, index) => metricText(metric, current[index]));
  const text = shown.join(', ');
  return metrics.length > 2 ? `${text} + ${metrics.length - 2} more...` : text;
}

const AUTOSCALER_COLUMNS: readonly Column[] = [
  column(
    'Reference',
    object =>
      `${text(at(object, 'spec', 'scaleTargetRef', 'kind'))}/${text(at(object, 'spec', 'scaleTargetRef', 'name'))}`,
  ),
  column('Targets', metricsText),
  column('MinPods', object => {
    const least = at(object, 'spec', 'minReplicas');
    return typeof least === 'number' ? String(least) : '<unset>';
  }),
  column('MaxPods', object => number(at(object, 'spec', 'maxReplicas'))),
  column('Replicas', object => number(at(object, 'status', 'currentReplicas'))),
  AGE,
];

/** A number or a percentage; `N/A` where neither is set. */
function budget(field: string) {
  return (object: KubeObject) => {
    const value = at(object, 'spec', field);
    return value === undefined || value === null ? 'N/A' : String(value);
  };
}

export const workloadDefinitions: readonly ResourceDefinition[] = [
  ...appsDefinitions,
  builtIn({
    group: 'autoscaling',
    version: 'v2',
    plural: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    applyDefaults: autoscalerDefaults,
    prepareForCreate: withStatus({ currentMetrics: null, desiredReplicas: 0 }),
    validate: validateAutoscaler,
    shortNames: ['hpa'],
    categories,
    hasStatus: true,
    columns: AUTOSCALER_COLUMNS,
  }),
  ...batchDefinitions,
  builtIn({
    group: 'policy',
    plural: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    prepareForCreate: withStatus({
      currentHealthy: 0,
      desiredHealthy: 0,
      disruptionsAllowed: 0,
      expectedPods: 0,
    }),
    validate: validateBudget,
    shortNames: ['pdb'],
    hasStatus: true,
    generation: 'spec',
    unconditionalUpdate: false,
    columns: [
      column('Min Available', budget('minAvailable')),
      column('Max Unavailable', budget('maxUnavailable')),
      column('Allowed Disruptions', count('disruptionsAllowed'), 'integer'),
      AGE,
    ],
  }),
];
