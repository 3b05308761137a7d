/** Small ways to define kinds and to ask for their objects. */
import { type ApiRequest, type ApiResponse, Cluster, createCluster } from '../../simulator/index.ts';
import type { Schema } from '../../simulator/schemas/index.ts';
import type { JsonObject, KubeObject } from '../../simulator/types/meta.ts';

const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
export const GROUP = 'stable.example.com';
export const NAME = `crontabs.${GROUP}`;

/** One installed cluster, copied for each test. */
const installed = createCluster({ nodes: 1 }).checkpoint();
export function freshCluster(): Cluster {
  return Cluster.from(installed);
}

/** The schema of a CronTab: what the documentation's example says, with defaults and limits. */
export const CRON_SCHEMA: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['cronSpec'],
      properties: {
        cronSpec: { type: 'string', default: '5 0 * * *' },
        image: { type: 'string' },
        replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
      },
    },
    status: {
      type: 'object',
      properties: { replicas: { type: 'integer' }, labelSelector: { type: 'string' } },
    },
  },
};

export type VersionChanges = Record<string, unknown> & { schema?: { openAPIV3Schema?: object } };

export function version(changes: VersionChanges = {}): JsonObject {
  return {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: CRON_SCHEMA },
    ...changes,
  } as unknown as JsonObject;
}

export function definition(
  versions: JsonObject[] = [version()],
  changes: Record<string, unknown> = {},
): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: NAME },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'] },
      versions,
      ...changes,
    },
  } as unknown as JsonObject;
}

/** A definition whose `spec` has this schema and nothing else. */
export function withSchema(spec: object, more: VersionChanges = {}): JsonObject {
  return definition([
    version({ schema: { openAPIV3Schema: { type: 'object', properties: { spec } } }, ...more }),
  ]);
}

export class Client {
  readonly cluster: Cluster;

  constructor(cluster = freshCluster()) {
    this.cluster = cluster;
  }

  define(body: JsonObject, verb: ApiRequest['verb'] = 'create', more: Partial<ApiRequest> = {}): Answer {
    const name = (body.metadata as { name: string }).name;
    return this.ask({ ...DEFINITIONS, verb, body, ...(verb === 'create' ? {} : { name }), ...more });
  }

  definition(verb: 'get' | 'delete' = 'get', name = NAME): Answer {
    return this.ask({ ...DEFINITIONS, verb, name });
  }

  create(body: JsonObject, more: Partial<ApiRequest> = {}): Answer {
    const apiVersion = `${GROUP}/${more.version ?? 'v1'}`;
    const metadata = { name: 'a', ...(body.metadata as JsonObject | undefined) };
    return this.cron('create', { body: { apiVersion, kind: 'CronTab', ...body, metadata }, ...more });
  }

  cron(verb: ApiRequest['verb'], more: Partial<ApiRequest> = {}): Answer {
    const named = verb === 'create' || verb === 'list' ? {} : { name: 'a' };
    return this.ask({
      group: GROUP,
      version: 'v1',
      resource: 'crontabs',
      namespace: 'default',
      verb,
      ...named,
      ...more,
    });
  }

  ask(request: Omit<ApiRequest, 'user'>): Answer {
    return answerOf(this.cluster.request({ user: ADMIN, options: {}, ...request } as ApiRequest));
  }
}

export interface Answer {
  readonly code: number;
  readonly message: string;
  /** `field: message` of every cause. */
  readonly causes: readonly string[];
  readonly object: KubeObject & Record<string, any>; // oxlint-disable-line no-explicit-any
  readonly items: readonly (KubeObject & Record<string, any>)[]; // oxlint-disable-line no-explicit-any
  readonly warnings: readonly string[];
}

function answerOf(response: ApiResponse): Answer {
  const status = response.type === 'status' ? response.status : undefined;
  return {
    code: response.code,
    message: status?.message ?? '',
    causes: (status?.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`),
    object: (response.type === 'object' ? response.object : {}) as Answer['object'],
    items: (response.type === 'list' ? response.list.items : []) as Answer['items'],
    warnings: response.warnings,
  };
}

export function conditions(object: Answer['object']): Record<string, string> {
  const list = (object.status?.conditions ?? []) as { type: string; status: string; reason: string }[];
  return Object.fromEntries(list.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
}
