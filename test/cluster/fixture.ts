/**
 * A small cluster with KubeVirt's controllers and webhooks but without a whole installation: three ordinary nodes,
 * three namespaces, a KubeVirt resource and two storage classes. It starts in milliseconds.
 */
import {
  type ApiRequest,
  type ApiResponse,
  makeRegistry,
  podSubresources,
} from '../../simulator/apiserver/index.ts';
import { Cluster, type ClusterParts, type ClusterSettings } from '../../simulator/cluster.ts';
import type { Controller } from '../../simulator/controller.ts';
import { install } from '../../simulator/install.ts';
import { kubeControllers } from '../../simulator/kube-controllers/index.ts';
import { kubevirtAdmission } from '../../simulator/kubevirt-webhooks.ts';
import { nodeControllers, nodeObject, readyMadeProfile } from '../../simulator/node/index.ts';
import type { ResourceRef } from '../../simulator/resources/definition.ts';
import { allDefinitions } from '../../simulator/resources/index.ts';
import { type Domain, domains, internalDefinitions } from '../../simulator/resources/internal.ts';
import * as refs from '../../simulator/resources/refs.ts';
import { schedulerController } from '../../simulator/scheduler/index.ts';
import { type JournalEntry, serializeEntry } from '../../simulator/store/index.ts';
import { storageControllers } from '../../simulator/storage/index.ts';
import type { Pod } from '../../simulator/types/core.ts';
import type {
  RunStrategy,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceSpec,
} from '../../simulator/types/kubevirt.ts';
import type { JsonObject, JsonValue, KubeObject, NewObject, UserInfo } from '../../simulator/types/meta.ts';
import { virtApiSubresources } from '../../simulator/virt-api/index.ts';
import { virtControllers } from '../../simulator/virt-controller/index.ts';

export const START = Date.UTC(2026, 0, 1);
export const NAMESPACE = 'default';
export const admin: UserInfo = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};

export interface SmallClusterOptions extends Partial<ClusterSettings> {
  readonly nodes?: number;
  /** `spec.configuration` of the KubeVirt resource. */
  readonly configuration?: JsonObject;
  /** Instead of all of them; the parts of a test that has controllers of its own. */
  readonly controllers?: readonly Controller[];
  /** Besides all of them. */
  readonly moreControllers?: readonly Controller[];
}

export function clusterParts(options: SmallClusterOptions = {}): ClusterParts {
  const registry = makeRegistry([...allDefinitions(), ...internalDefinitions]);
  return {
    registry,
    admission: kubevirtAdmission(),
    subresources: [...virtApiSubresources, ...podSubresources],
    controllers: [
      ...(options.controllers ?? [
        ...virtControllers,
        ...nodeControllers,
        schedulerController,
        ...storageControllers,
        ...kubeControllers(),
      ]),
      ...(options.moreControllers ?? []),
    ],
  };
}

export function smallCluster(options: SmallClusterOptions = {}): Cluster {
  const { nodes = 3, configuration, controllers: _, moreControllers: __, ...settings } = options;
  const cluster = new Cluster(clusterParts(options), settings);
  for (let index = 1; index <= nodes; index += 1) addNode(cluster, `node${index}`, index);
  for (const name of ['default', 'kube-system', 'kubevirt']) {
    install(cluster, [
      {
        resource: 'namespaces',
        object: { ...headOf(refs.namespaces, name), status: { phase: 'Active' } } as NewObject,
      },
    ]);
  }
  install(cluster, [
    {
      resource: refs.kubeVirts.resource,
      object: {
        apiVersion: refs.kubeVirts.apiVersion,
        kind: refs.kubeVirts.kind,
        metadata: { name: 'kubevirt', namespace: 'kubevirt' },
        spec: configuration ? { configuration } : {},
      } as NewObject,
    },
    storageClass('immediate', 'Immediate'),
    storageClass('late', 'WaitForFirstConsumer'),
  ]);
  cluster.advance(0);
  return cluster;
}

function headOf(ref: ResourceRef, name: string): NewObject {
  return { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name } };
}

function storageClass(name: string, volumeBindingMode: string) {
  return {
    resource: refs.storageClasses.resource,
    object: {
      ...headOf(refs.storageClasses, name),
      provisioner: 'csi.example.com',
      reclaimPolicy: 'Delete',
      volumeBindingMode,
    } as NewObject,
  };
}

/** A node as its agents have made it together: kubelet, labeller, heartbeat, device plugins. */
export function addNode(cluster: Cluster, name: string, index: number, profile = 'small-intel'): void {
  const hardware = readyMadeProfile(profile);
  if (!hardware) throw new Error(`no hardware is called ${profile}`);
  const parts = nodeObject(hardware, name, index, { now: cluster.now });
  const { kubelet, labels, annotations, devices } = parts;
  const object = {
    ...kubelet,
    metadata: {
      ...kubelet.metadata,
      labels: { ...kubelet.metadata.labels, ...labels },
      annotations: { ...kubelet.metadata.annotations, ...annotations },
    },
    status: {
      ...kubelet.status,
      capacity: { ...kubelet.status?.capacity, ...devices.capacity },
      allocatable: { ...kubelet.status?.allocatable, ...devices.allocatable },
    },
  } as NewObject;
  install(cluster, [{ resource: 'nodes', object }]);
}

// --- requests ---

type Rest = Partial<Omit<ApiRequest, 'verb' | 'group' | 'version' | 'resource'>>;

export function request(
  cluster: Cluster,
  verb: ApiRequest['verb'],
  ref: ResourceRef,
  rest: Rest = {},
): ApiResponse {
  const [group = '', version = ''] = ref.apiVersion.includes('/')
    ? ref.apiVersion.split('/')
    : ['', ref.apiVersion];
  const resource = ref.resource.split('.')[0] ?? '';
  return cluster.request({
    verb,
    group,
    version,
    resource,
    user: admin,
    ...(ref.namespaced ? { namespace: NAMESPACE } : {}),
    ...rest,
  });
}

/** Creates an object; a refusal is an error of the test. */
export function create<T extends KubeObject>(cluster: Cluster, ref: ResourceRef<T>, object: object): T {
  // As it arrives over the wire: what is undefined is not there.
  const body = JSON.parse(
    JSON.stringify({ apiVersion: ref.apiVersion, kind: ref.kind, ...object }),
  ) as JsonObject;
  const namespace = (object as { metadata?: { namespace?: string } }).metadata?.namespace;
  return objectOf(
    request(cluster, 'create', ref, { body, ...(namespace ? { namespace } : {}) }),
  ) as unknown as T;
}

export function objectOf(response: ApiResponse): KubeObject {
  if (response.type !== 'object') throw new Error(`no object: ${JSON.stringify(response)}`);
  return response.object;
}

/** A merge patch; a refusal is an error of the test. */
export function patch<T extends KubeObject>(
  cluster: Cluster,
  ref: ResourceRef<T>,
  name: string,
  body: object,
): T {
  return objectOf(
    request(cluster, 'patch', ref, { name, body: body as JsonValue, patchType: 'merge' }),
  ) as unknown as T;
}

/** Deletes an object; being told that it is gone is fine. */
export function destroy(
  cluster: Cluster,
  ref: ResourceRef,
  name: string,
  options: ApiRequest['options'] = {},
): ApiResponse {
  return request(cluster, 'delete', ref, { name, options });
}

/** A call of subresources.kubevirt.io. */
export function call(
  cluster: Cluster,
  path: string,
  options: { body?: JsonValue; verb?: 'get' | 'update'; namespace?: string } = {},
): ApiResponse {
  const [resource = '', name = '', subresource = ''] = path.split('/');
  const { body, verb = 'update', namespace = NAMESPACE } = options;
  return cluster.request({
    verb,
    group: 'subresources.kubevirt.io',
    version: 'v1',
    resource,
    subresource,
    name,
    namespace,
    user: admin,
    ...(body === undefined ? {} : { body }),
  });
}

/** `virtualmachines/NAME/ACTION`, accepted. */
export function act(
  cluster: Cluster,
  action: 'start' | 'stop' | 'restart',
  name: string,
  body?: JsonValue,
): void {
  const response = call(cluster, `virtualmachines/${name}/${action}`, body === undefined ? {} : { body });
  if (response.code !== 202) throw new Error(`${action}: ${JSON.stringify(response)}`);
}

// --- objects ---

export interface MachineOptions {
  readonly runStrategy?: RunStrategy;
  readonly spec?: Partial<VirtualMachineInstanceSpec>;
  readonly memory?: string;
  readonly labels?: Record<string, string>;
  /** The old spelling, instead of `runStrategy`. */
  readonly running?: boolean;
  /** Beside `template` and `runStrategy` in the VM's spec. */
  readonly more?: object;
}

export function instanceSpec(
  memory = '128Mi',
  spec: Partial<VirtualMachineInstanceSpec> = {},
): VirtualMachineInstanceSpec {
  return {
    domain: { memory: { guest: memory }, devices: { interfaces: [{ name: 'default', masquerade: {} }] } },
    networks: [{ name: 'default', pod: {} }],
    volumes: [{ name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:42' } }],
    ...spec,
  };
}

export function machine(name: string, options: MachineOptions = {}): object {
  const { runStrategy = 'Halted', running, memory, spec, labels, more } = options;
  const wish = running === undefined ? { runStrategy } : { running };
  return {
    metadata: { name, namespace: NAMESPACE, ...(labels ? { labels } : {}) },
    spec: { ...wish, template: { spec: instanceSpec(memory, spec) }, ...more },
  };
}

export function createVm(cluster: Cluster, name: string, options: MachineOptions = {}): VirtualMachine {
  return create(cluster, refs.virtualMachines, machine(name, options));
}

export function claim(name: string, storageClassName: string, accessModes = ['ReadWriteOnce']): object {
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: { accessModes, storageClassName, resources: { requests: { storage: '1Gi' } } },
  };
}

export function onClaim(name: string): Partial<VirtualMachineInstanceSpec> {
  return { volumes: [{ name: 'root', persistentVolumeClaim: { claimName: name } }] };
}

// --- looking ---

export function vmOf(cluster: Cluster, name = 'vm'): VirtualMachine | undefined {
  return cluster.view.get(refs.virtualMachines, NAMESPACE, name);
}

export function vmiOf(cluster: Cluster, name = 'vm'): VirtualMachineInstance | undefined {
  return cluster.view.get(refs.virtualMachineInstances, NAMESPACE, name);
}

/** Launcher pods of an instance, whether it lives or not, by name. */
export function launchersOf(cluster: Cluster, name = 'vm'): Pod[] {
  return cluster.view
    .list(refs.pods, NAMESPACE)
    .filter(pod => pod.metadata.annotations?.['kubevirt.io/domain'] === name);
}

export function statusOf(cluster: Cluster, name = 'vm'): string | undefined {
  return vmOf(cluster, name)?.status?.printableStatus;
}

export function phaseOf(cluster: Cluster, name = 'vm'): string | undefined {
  return vmiOf(cluster, name)?.status?.phase;
}

/** The values something takes from commit to commit, each once in a row, until the returned function is called. */
export function history<T>(cluster: Cluster, look: (cluster: Cluster) => T): () => T[] {
  const seen: T[] = [look(cluster)];
  const stop = cluster.onCommit(() => {
    const value = look(cluster);
    if (value !== seen.at(-1)) seen.push(value);
  });
  return () => {
    stop();
    return seen;
  };
}

/** Events about an object of this name: `Warning FailedCreate: text`. */
export function eventsOf(cluster: Cluster, kind: string, name: string): string[] {
  return cluster.view
    .list(refs.events, NAMESPACE)
    .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
    .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
}

/** The journal to the last byte. */
export function journal(cluster: Cluster, after = 0): string[] {
  return entries(cluster, after).map(serializeEntry);
}

export function entries(cluster: Cluster, after = 0): JournalEntry[] {
  return [...cluster.store.journal.after(after)];
}

/** Everything that is, by resource and key. */
export function everything(cluster: Cluster): Map<string, KubeObject> {
  const all = new Map<string, KubeObject>();
  for (const resource of cluster.store.resources()) {
    for (const object of cluster.store.list(resource)) {
      const { namespace, name } = object.metadata;
      all.set(`${resource} ${namespace ? `${namespace}/` : ''}${name}`, object);
    }
  }
  return all;
}

export const RUNNING_LIMIT = 60_000;

/** Lets time pass until the VM's status is this; fails the test after a minute. */
export function untilStatus(cluster: Cluster, status: string, name = 'vm'): void {
  const reached = cluster.until(() => statusOf(cluster, name) === status, RUNNING_LIMIT);
  if (!reached)
    throw new Error(`${name} is ${statusOf(cluster, name)} (${phaseOf(cluster, name)}), not ${status}`);
}

// --- what happens inside a guest, where no request reaches ---

/** The guest ends: by its own shutdown, or by a crash. */
export function endGuest(cluster: Cluster, how: 'Shutdown' | 'Crashed', name = 'vm'): void {
  const domain = cluster.view.get(domains, NAMESPACE, name);
  if (!domain) throw new Error(`${name} has no domain`);
  const state = how === 'Shutdown' ? 'Shutoff' : 'Crashed';
  cluster.commit('MODIFIED', domains.resource, { ...domain, state, reason: how } as Domain, {
    author: 'guest',
    cause: { text: `guest ${how}`, revision: 0 },
    user: admin,
    trusted: true,
  });
}
