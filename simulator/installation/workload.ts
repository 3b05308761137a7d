/** Deployments and daemon sets that already run: the workload, its replica set and its pods, ready on their nodes. */
import { timestamp } from '../clock/index.ts';
import type { PodSpec } from '../types/core.ts';
import type { Millis, NewObject } from '../types/meta.ts';
import { type InstallationStep, type OwnerPointer, step, suffix } from './step.ts';

export interface InstalledNode {
  readonly name: string;
  readonly controlPlane: boolean;
}

export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly selector: Record<string, string>;
  /** Ignored for daemon sets, which have one pod a node. */
  readonly replicas: number;
  readonly podName?: string;
  readonly podLabels: Record<string, string>;
  readonly podAnnotations?: Record<string, string>;
  readonly spec: PodSpec;
  /** Its pods go to control-plane nodes only. */
  readonly controlPlane?: boolean;
}

function template(workload: Workload) {
  const { podName, podLabels, podAnnotations, spec } = workload;
  return {
    metadata: {
      ...(podName ? { name: podName } : {}),
      labels: podLabels,
      ...(podAnnotations ? { annotations: podAnnotations } : {}),
    },
    spec,
  };
}

function metadataOf(workload: Workload, name = workload.name): NewObject['metadata'] {
  const { namespace, labels, annotations } = workload;
  return { name, namespace, labels, ...(annotations ? { annotations } : {}) };
}

function pod(
  workload: Workload,
  name: string,
  node: InstalledNode,
  owner: OwnerPointer,
  extraLabels: Record<string, string>,
): InstallationStep {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: workload.namespace,
      labels: { ...workload.podLabels, ...extraLabels },
      ...(workload.podAnnotations ? { annotations: workload.podAnnotations } : {}),
    },
    spec: { ...workload.spec, nodeName: node.name },
  } as NewObject;
  return { ...step('pods', object, owner), running: true };
}

/** Nodes for pods with or without a tie to the control plane; all nodes where none has the role. */
export function nodesFor(nodes: readonly InstalledNode[], controlPlane: boolean): readonly InstalledNode[] {
  const fitting = controlPlane ? nodes.filter(node => node.controlPlane) : nodes;
  return fitting.length > 0 ? fitting : nodes;
}

/** A deployment with its replica set and running pods. */
export function deployment(
  workload: Workload,
  nodes: readonly InstalledNode[],
  now: Millis,
): InstallationStep[] {
  const { name, namespace, replicas, selector } = workload;
  const hash = suffix(`${namespace}/${name}`, 10);
  const set = `${name}-${hash}`;
  const hashLabel = { 'pod-template-hash': hash };
  const base = template(workload);
  const at = timestamp(now);
  const counts = { replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: 1 };
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: at,
    lastUpdateTime: at,
  });
  const revision = { 'deployment.kubernetes.io/revision': '1' };
  const owner = (resource: string, ownerName: string): OwnerPointer => ({
    resource,
    namespace,
    name: ownerName,
  });
  const candidates = nodesFor(nodes, workload.controlPlane === true);
  return [
    step('deployments.apps', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadataOf(workload), annotations: { ...workload.annotations, ...revision } },
      spec: { replicas, selector: { matchLabels: selector }, template: base },
      status: {
        ...counts,
        updatedReplicas: replicas,
        conditions: [
          condition('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'),
          condition(
            'Progressing',
            'NewReplicaSetAvailable',
            `ReplicaSet "${set}" has successfully progressed.`,
          ),
        ],
      },
    } as NewObject),
    step(
      'replicasets.apps',
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: set,
          namespace,
          labels: { ...workload.podLabels, ...hashLabel },
          annotations: {
            ...workload.annotations,
            'deployment.kubernetes.io/desired-replicas': String(replicas),
            'deployment.kubernetes.io/max-replicas': String(replicas + Math.ceil(replicas / 4)),
            ...revision,
          },
        },
        spec: {
          replicas,
          selector: { matchLabels: { ...selector, ...hashLabel } },
          template: {
            ...base,
            metadata: { ...base.metadata, labels: { ...workload.podLabels, ...hashLabel } },
          },
        },
        status: { ...counts, fullyLabeledReplicas: replicas },
      } as NewObject,
      owner('deployments.apps', name),
    ),
    ...Array.from({ length: replicas }, (_, index) =>
      pod(
        workload,
        `${set}-${suffix(`${namespace}/${set}/${index}`, 5)}`,
        candidates[index % candidates.length] as InstalledNode,
        owner('replicasets.apps', set),
        hashLabel,
      ),
    ),
  ];
}

/** A daemon set with a running pod on every node. */
export function daemonSet(workload: Workload, nodes: readonly InstalledNode[]): InstallationStep[] {
  const { name, namespace, selector } = workload;
  const count = nodes.length;
  const hash = suffix(`${namespace}/${name}/revision`, 10);
  const owner: OwnerPointer = { resource: 'daemonsets.apps', namespace, name };
  return [
    step('daemonsets.apps', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: {
        ...metadataOf(workload),
        annotations: { ...workload.annotations, 'deprecated.daemonset.template.generation': '1' },
      },
      spec: { selector: { matchLabels: selector }, template: template(workload) },
      status: {
        currentNumberScheduled: count,
        desiredNumberScheduled: count,
        numberAvailable: count,
        numberMisscheduled: 0,
        numberReady: count,
        observedGeneration: 1,
        updatedNumberScheduled: count,
      },
    } as NewObject),
    ...nodes.map(node =>
      pod(workload, `${name}-${suffix(`${namespace}/${name}/${node.name}`, 5)}`, node, owner, {
        'controller-revision-hash': hash,
        'pod-template-generation': '1',
      }),
    ),
  ];
}
