/** A small API server over an empty store, with hand-made kinds: enough of each rule, nothing of the real tables. */
import { Random } from '../../simulator/clock/index.ts';
import type { View } from '../../simulator/controller.ts';
import {
  type AdmissionPlugin,
  type ApiRequest,
  type ApiResponse,
  type ApiServerContext,
  type Origin,
  type SchemaSource,
  type SubresourceHandler,
  type WatchRequest,
  handleRequest,
  makeRegistry,
  noSchemas,
  openWatch,
} from '../../simulator/apiserver/index.ts';
import { ALL_VERBS, type ResourceDefinition, objectKey } from '../../simulator/resources/definition.ts';
import { Store } from '../../simulator/store/index.ts';
import type { KubeObject, ObjectMeta, Status, UserInfo } from '../../simulator/types/meta.ts';

export const START = Date.UTC(2026, 0, 1);
export const MINUTES = 60_000;
export const user: UserInfo = { username: 'alice', groups: ['system:authenticated'] };

/** Read without types: what an expectation says is judged by the expectation. */
type Anything = ReturnType<typeof JSON.parse>;

/** Any object, for reading in expectations. */
export type Loose = KubeObject & {
  metadata: ObjectMeta;
  spec?: Anything;
  status?: Anything;
  data?: Record<string, string>;
};

const base = {
  singular: '',
  shortNames: [],
  categories: [],
  namespaced: true,
  custom: false,
  verbs: ALL_VERBS,
  hasStatus: false,
  generation: 'none',
  nameRule: 'subdomain',
  unconditionalUpdate: true,
  createOnUpdate: false,
  deleteReturnsObject: false,
} as const;

const v1 = [{ name: 'v1', served: true, storage: true }];

export const namespaces: ResourceDefinition = {
  ...base,
  group: '',
  plural: 'namespaces',
  kind: 'Namespace',
  listKind: 'NamespaceList',
  namespaced: false,
  versions: v1,
  hasStatus: true,
  nameRule: 'label',
  deleteReturnsObject: true,
  prepareForCreate: object =>
    ({ ...object, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }) as KubeObject,
};

export const configMaps: ResourceDefinition = {
  ...base,
  group: '',
  plural: 'configmaps',
  kind: 'ConfigMap',
  listKind: 'ConfigMapList',
  versions: v1,
};

export const leases: ResourceDefinition = {
  ...base,
  group: 'coordination.k8s.io',
  plural: 'leases',
  kind: 'Lease',
  listKind: 'LeaseList',
  versions: v1,
  createOnUpdate: true,
  unconditionalUpdate: false,
};

export const pods: ResourceDefinition = {
  ...base,
  group: '',
  plural: 'pods',
  kind: 'Pod',
  listKind: 'PodList',
  versions: v1,
  hasStatus: true,
  generation: 'spec',
  deleteReturnsObject: true,
  selectableFields: {
    'spec.nodeName': object => (object as Loose).spec?.nodeName ?? '',
    'status.phase': object => (object as Loose).status?.phase ?? '',
  },
  gracePeriodSeconds: object => (object as Loose).spec?.terminationGracePeriodSeconds ?? 30,
};

export const deployments: ResourceDefinition = {
  ...base,
  group: 'apps',
  plural: 'deployments',
  kind: 'Deployment',
  listKind: 'DeploymentList',
  versions: v1,
  hasStatus: true,
  generation: 'spec',
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.spec.selector',
  },
};

/** A custom resource with two served versions. */
export const machines: ResourceDefinition = {
  ...base,
  group: 'example.com',
  plural: 'machines',
  kind: 'Machine',
  listKind: 'MachineList',
  custom: true,
  versions: [
    { name: 'v1', served: true, storage: true },
    {
      name: 'v1beta1',
      served: true,
      storage: false,
      deprecationWarning: 'example.com/v1beta1 Machine is now deprecated',
    },
    { name: 'v1alpha1', served: false, storage: false },
  ],
  hasStatus: true,
  generation: 'content',
  unconditionalUpdate: false,
};

export const jobs: ResourceDefinition = {
  ...base,
  group: 'batch',
  plural: 'jobs',
  kind: 'Job',
  listKind: 'JobList',
  versions: v1,
  hasStatus: true,
  generation: 'spec',
};

export const DEFINITIONS = [namespaces, configMaps, leases, pods, deployments, machines, jobs];

export interface ServerOptions {
  admission?: AdmissionPlugin[];
  subresources?: SubresourceHandler[];
  schemas?: SchemaSource;
  journalCapacity?: number;
}

export class TestServer implements ApiServerContext {
  readonly store: Store;
  readonly random = Random.fromSeed(7);
  readonly registry = makeRegistry(DEFINITIONS);
  readonly admission: AdmissionPlugin[];
  readonly subresources: SubresourceHandler[];
  readonly schemas: SchemaSource;
  readonly view: View;
  now = START;

  constructor(options: ServerOptions = {}) {
    this.store = Store.empty({ journalCapacity: options.journalCapacity ?? 100_000, firstRevision: 1 });
    this.admission = options.admission ?? [];
    this.subresources = options.subresources ?? [];
    this.schemas = options.schemas ?? noSchemas;
    const find = (resource: string, namespace: string | undefined, name: string) =>
      this.store.get(resource, objectKey(namespace, name));
    this.view = { find } as View;
    this.ok('create', 'namespaces', { body: { metadata: { name: 'default' } } });
  }

  commit(type: 'ADDED' | 'MODIFIED' | 'DELETED', resource: string, object: KubeObject, origin: Origin) {
    const { author, cause } = origin;
    return this.store.commit({ type, resource, object, time: this.now, author, cause });
  }

  request(verb: ApiRequest['verb'], resource: string, rest: Partial<ApiRequest> = {}): ApiResponse {
    const [plural, subresource] = resource.split('/') as [string, string?];
    const definition = DEFINITIONS.find(known => known.plural === plural);
    return handleRequest(this, {
      verb,
      group: definition?.group ?? '',
      version: 'v1',
      resource: plural,
      ...(subresource ? { subresource } : undefined),
      ...(definition?.namespaced === false ? undefined : { namespace: 'default' }),
      user,
      ...rest,
    });
  }

  /** The object a request answers with. */
  ok(verb: ApiRequest['verb'], resource: string, rest: Partial<ApiRequest> = {}): Loose {
    const response = this.request(verb, resource, rest);
    if (response.type !== 'object') throw new Error(`no object: ${JSON.stringify(response)}`);
    return response.object as Loose;
  }

  list(resource: string, rest: Partial<ApiRequest> = {}) {
    const response = this.request('list', resource, rest);
    if (response.type !== 'list') throw new Error(`no list: ${JSON.stringify(response)}`);
    return response.list;
  }

  names(resource: string, rest: Partial<ApiRequest> = {}): string[] {
    return this.list(resource, rest).items.map(object => object.metadata.name);
  }

  /** The failure a request answers with. */
  refused(verb: ApiRequest['verb'], resource: string, rest: Partial<ApiRequest> = {}): Status {
    const response = this.request(verb, resource, rest);
    if (response.type !== 'status') throw new Error(`no status: ${JSON.stringify(response)}`);
    return response.status;
  }

  watch(resource: string, rest: Partial<WatchRequest> = {}) {
    const definition = DEFINITIONS.find(known => known.plural === resource) as ResourceDefinition;
    return openWatch(this, {
      group: definition.group,
      version: 'v1',
      resource,
      ...(definition.namespaced ? { namespace: 'default' } : undefined),
      user,
      ...rest,
    });
  }

  configMap(name: string, data: Record<string, string> = {}, metadata: object = {}): Loose {
    return this.ok('create', 'configmaps', { body: { metadata: { name, ...metadata }, data } });
  }
}

/** As a component of the cluster writes. */
export const trusted: Origin = {
  author: 'virt-controller',
  cause: { text: 'reconcile', revision: 0 },
  user: {
    username: 'system:serviceaccount:kubevirt:kubevirt-controller',
    groups: ['system:serviceaccounts'],
  },
  trusted: true,
};
