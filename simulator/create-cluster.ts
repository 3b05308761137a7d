/** A cluster with Kubernetes, KubeVirt and CDI installed, as if they had been there for a while. */
import { admissionPolicies, checkingAdmissionPolicies } from './admission-policies/index.ts';
import { kubernetesAdmission, resourceQuota } from './admission-kubernetes/index.ts';
import { makeRegistry, podSubresources } from './apiserver/index.ts';
import { rbacAuthorizer, reviewResources, tokenSubresource } from './authorization/index.ts';
import { MINUTE } from './clock/index.ts';
import { Cluster, type ClusterParts, type ClusterSettings, DEFAULT_SETTINGS } from './cluster.ts';
import {
  customResourceAdmission,
  customResourceControllers,
  servingCustomResources,
} from './custom-resources/index.ts';
import { installation } from './installation/index.ts';
import { kubeControllers } from './kube-controllers/index.ts';
import { kubevirtAdmission } from './kubevirt-webhooks.ts';
import {
  type NodeSpec,
  kubeletController,
  nodeControllers,
  nodeNames,
  nodeObject,
  readyMadeProfile,
} from './node/index.ts';
import { internalDefinitions } from './resources/internal.ts';
import { allDefinitions, nodes } from './resources/index.ts';
import { schedulerController } from './scheduler/index.ts';
import { install } from './install.ts';
import { storageControllers } from './storage/index.ts';
import type { NewObject } from './types/meta.ts';
import { virtApiSubresources } from './virt-api/index.ts';
import { virtControllers } from './virt-controller/index.ts';

export interface ClusterOptions extends Partial<ClusterSettings> {
  /** A number of ordinary servers, or machines by hardware profile. Default: {@link DEFAULT_NODE_COUNT}. */
  readonly nodes?: number | readonly NodeSpec[];
  /** False: no kubelet runs pods, which stay Pending once they are scheduled. Default: true. */
  readonly kubelet?: boolean;
}

export const DEFAULT_NODE_COUNT = 3;
const DEFAULT_PROFILE = 'small-intel';
/** How long before its start a cluster was installed. */
const SETTLING_TIME = 2 * MINUTE;
export const KUBERNETES_VERSION = 'v1.35.0';

/** The same parts serve every cluster of a process: none of them holds anything of a cluster. */
function clusterParts(kubelet: boolean): ClusterParts {
  const registry = makeRegistry([
    ...allDefinitions().map(servingCustomResources).map(checkingAdmissionPolicies),
    ...internalDefinitions,
  ]);
  return {
    registry,
    admission: [
      ...customResourceAdmission,
      ...kubernetesAdmission(),
      admissionPolicies,
      ...kubevirtAdmission(),
      resourceQuota,
    ],
    subresources: [...virtApiSubresources, ...podSubresources, tokenSubresource],
    virtualResources: reviewResources,
    authorizer: rbacAuthorizer,
    controllers: [
      ...virtControllers,
      ...nodeControllers.filter(controller => kubelet || controller !== kubeletController),
      schedulerController,
      ...storageControllers,
      ...customResourceControllers,
      ...kubeControllers(),
    ],
  };
}

/**
 * Makes a cluster that was installed {@link SETTLING_TIME} before its start and has come to rest since: nodes ready,
 * components running, nothing left to do but heartbeats.
 */
export function createCluster(options: ClusterOptions = {}): Cluster {
  const { nodes: wanted = DEFAULT_NODE_COUNT, kubelet = true, ...settings } = options;
  const startTime = settings.startTime ?? DEFAULT_SETTINGS.startTime;
  const cluster = new Cluster(clusterParts(kubelet), { ...settings, startTime: startTime - SETTLING_TIME });
  const machines = typeof wanted === 'number' ? ordinaryNodes(wanted) : wanted;
  const nodeObjects = buildNodes(machines, cluster.now);
  install(
    cluster,
    nodeObjects.map(object => ({ resource: nodes.resource, object })),
  );
  install(
    cluster,
    installation({
      nodes: nodeObjects.map(({ metadata }) => ({
        name: metadata.name ?? '',
        controlPlane: metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined,
      })),
      kubernetesVersion: KUBERNETES_VERSION,
      now: cluster.now,
    }),
  );
  cluster.advanceTo(startTime);
  return cluster;
}

function ordinaryNodes(count: number): NodeSpec[] {
  return [{ profile: readyMadeProfile(DEFAULT_PROFILE), count, namePrefix: 'node' } as NodeSpec];
}

/** Nodes as kubelet, node-labeller, heartbeat and device plugins leave them together. */
function buildNodes(machines: readonly NodeSpec[], now: number): NewObject[] {
  let first = 1;
  return machines.flatMap(machine => {
    const names = nodeNames(machine, first);
    const objects = names.map((name, index) => {
      const parts = nodeObject(machine.profile, name, first + index, {
        now,
        zone: machine.zone,
        region: machine.region,
      });
      const { kubelet, labels, annotations, devices } = parts;
      return {
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
    });
    first += names.length;
    return objects;
  });
}
