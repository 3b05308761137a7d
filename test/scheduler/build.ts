/** Short ways to write the nodes and pods of the scheduler's tests. */
import {
  addPod,
  makeNodeInfo,
  type NodeInfo,
  type SchedulingContext,
} from '../../simulator/scheduler/index.ts';
import type { Node, Pod, PodSpec, Taint } from '../../simulator/types/core.ts';

const META = { uid: '', resourceVersion: '', creationTimestamp: '2026-01-01T00:00:00Z' };

export const FIRST: SchedulingContext = { tieBreak: () => 0 };

export interface NodeSketch {
  labels?: Record<string, string>;
  taints?: Taint[];
  unschedulable?: boolean;
  allocatable?: Record<string, string>;
}

export function node(name: string, sketch: NodeSketch = {}, pods: Pod[] = []): NodeInfo {
  const object: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...META, name, labels: { 'kubernetes.io/hostname': name, ...sketch.labels } },
    spec: {
      ...(sketch.taints && { taints: sketch.taints }),
      ...(sketch.unschedulable && { unschedulable: true }),
    },
    status: {
      allocatable: {
        cpu: '4',
        memory: '8Gi',
        'ephemeral-storage': '50Gi',
        pods: '110',
        'devices.kubevirt.io/kvm': '1k',
        ...sketch.allocatable,
      },
    },
  };
  return pods.reduce(addPod, makeNodeInfo(object));
}

export function pod(
  name: string,
  requests: Record<string, string> = {},
  spec: Partial<PodSpec> = {},
  labels: Record<string, string> = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...META, name, namespace: 'default', labels },
    spec: { containers: [{ name: 'compute', resources: { requests } }], ...spec },
  };
}
