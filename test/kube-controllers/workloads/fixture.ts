/** A cluster with nodes, scheduler, kubelet and the workload controllers, without KubeVirt. */
import YAML from 'yaml';
import { type ApiResponse, makeRegistry, podSubresources } from '../../../simulator/apiserver/index.ts';
import { Cluster, type ClusterSettings } from '../../../simulator/cluster.ts';
import type { Controller } from '../../../simulator/controller.ts';
import { install } from '../../../simulator/install.ts';
import { kubeControllers } from '../../../simulator/kube-controllers/index.ts';
import {
  type HardwareProfile,
  nodeControllers,
  nodeObject,
  readyMadeProfile,
} from '../../../simulator/node/index.ts';
import { allDefinitions } from '../../../simulator/resources/index.ts';
import { internalDefinitions } from '../../../simulator/resources/internal.ts';
import { schedulerController } from '../../../simulator/scheduler/index.ts';
import { storageControllers } from '../../../simulator/storage/index.ts';
import type { KubeObject, NewObject } from '../../../simulator/types/meta.ts';

const user = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** Read without types: what an expectation says is judged by the expectation. */
export type Loose = ReturnType<typeof JSON.parse>;

export interface Lab {
  readonly cluster: Cluster;
  /** Refusals of controllers' writes, which none of these tests should see unless it says so. */
  readonly refusals: string[];
  apply(yaml: string): void;
  create(resource: string, object: object): Loose;
  get(resource: string, name: string): Loose;
  list(resource: string): Loose[];
  /** Changes an object as a client does, by a merge patch. */
  patch(resource: string, name: string, body: object): void;
  scale(resource: string, name: string, replicas: number): void;
  remove(resource: string, name: string, options?: object): void;
  /** `reason: message` of all events about an object, in order of their first occurrence. */
  events(name: string): string[];
  seconds(count: number): void;
}

export function makeLab(
  settings: Partial<ClusterSettings> & { nodes?: number; more?: Controller[] } = {},
): Lab {
  const { nodes = 3, more = [], ...rest } = settings;
  const registry = makeRegistry([...allDefinitions(), ...internalDefinitions]);
  const cluster = new Cluster(
    {
      registry,
      admission: [],
      subresources: [...podSubresources],
      controllers: [
        ...nodeControllers,
        schedulerController,
        ...storageControllers,
        ...kubeControllers(),
        ...more,
      ],
    },
    rest,
  );
  for (let index = 1; index <= nodes; index += 1) addNode(cluster, index);
  for (const name of ['default', 'kube-system']) {
    const metadata = { name };
    const object = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata,
      status: { phase: 'Active' },
    } as NewObject;
    install(cluster, [{ resource: 'namespaces', object }]);
  }
  const refusals: string[] = [];
  cluster.onRefusal((controller, key, error) => {
    refusals.push(`${controller.name} ${key}: ${error.status.message}`);
  });
  cluster.advance(1_000);

  const send = (verb: string, resource: string, more: object): ApiResponse => {
    const definition = registry.byName(resource);
    if (!definition) throw new Error(`no resource ${resource}`);
    const response = cluster.request({
      verb,
      group: definition.group,
      version: definition.versions.find(version => version.storage)?.name ?? 'v1',
      resource: definition.plural,
      ...(definition.namespaced ? { namespace: 'default' } : {}),
      user,
      ...more,
    } as Parameters<Cluster['request']>[0]);
    if (response.type === 'status' && response.status.status === 'Failure') {
      throw new Error(`${verb} ${resource}: ${response.status.message}`);
    }
    return response;
  };
  const lab: Lab = {
    cluster,
    refusals,
    apply(yaml) {
      for (const document of YAML.parseAllDocuments(yaml)) {
        const object = document.toJS() as KubeObject;
        const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] as string) : '';
        const definition = registry.byKind(group, object.kind);
        lab.create(group === '' ? (definition?.plural ?? '') : `${definition?.plural}.${group}`, object);
      }
    },
    create(resource, object) {
      const response = send('create', resource, { body: object });
      return response.type === 'object' ? response.object : undefined;
    },
    get(resource, name) {
      const namespaced = registry.byName(resource)?.namespaced;
      return cluster.view.find(resource, namespaced ? 'default' : undefined, name);
    },
    list: resource => cluster.store.list(resource, 'default') as Loose[],
    patch(resource, name, body) {
      send('patch', resource, { name, body, patchType: 'merge' });
    },
    scale(resource, name, replicas) {
      lab.patch(resource, name, { spec: { replicas } });
    },
    remove(resource, name, options = {}) {
      send('delete', resource, { name, body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options } });
    },
    events(name) {
      return (cluster.store.list('events', 'default') as Loose[])
        .filter(event => event.involvedObject.name === name)
        .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
        .map(event => `${event.reason}: ${event.message}`);
    },
    seconds(count) {
      cluster.advance(count * 1_000);
    },
  };
  return lab;
}

export function addNode(cluster: Cluster, index: number, more: (node: Loose) => Loose = node => node): void {
  const profile = readyMadeProfile('small-intel') as HardwareProfile;
  const parts = nodeObject(profile, `node${index}`, index, { now: cluster.now });
  const { kubelet, labels, annotations } = parts;
  const object = {
    ...kubelet,
    metadata: {
      ...kubelet.metadata,
      labels: { ...kubelet.metadata.labels, ...labels },
      annotations: { ...kubelet.metadata.annotations, ...annotations },
    },
  };
  install(cluster, [{ resource: 'nodes', object: more(object) as NewObject }]);
}

/** A deployment as a beginner writes it. */
export function deployment(name: string, replicas: number, spec: object = {}, image = 'nginx:1.27'): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }] },
      },
      ...spec,
    },
  };
}

export function image(image: string): object {
  const containers = [{ name: 'web', image, ports: [{ containerPort: 80 }] }];
  return { spec: { template: { spec: { containers } } } };
}

export function condition(object: Loose, type: string): Loose {
  return object.status.conditions?.find((each: Loose) => each.type === type);
}
