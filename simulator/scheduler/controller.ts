/** The scheduler at work: binds waiting pods, and says of the others why they wait (kube-scheduler 1.35). */
import { timestamp } from '../clock/index.ts';
import {
  type Change,
  type Controller,
  type Projection,
  type View,
  event,
  remove,
  update,
  updateStatus,
} from '../controller.ts';
import {
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '../resources/refs.ts';
import type { JournalEntry } from '../store/index.ts';
import { findCondition, withCondition } from '../types/conditions.ts';
import type { Node, NodeSelectorTerm, Pod } from '../types/core.ts';
import type { KubeObject } from '../types/meta.ts';
import type { VolumeLookup } from './cycle.ts';
import { type NodeInfo, addPod, makeNodeInfo, removePod, withNode } from './node-info.ts';
import { schedule } from './schedule.ts';

const NAME = 'default-scheduler';

/** What each node holds, kept up write by write: recomputing it for every pod would be the cost of the cluster. */
const nodeInfos: Projection<Map<string, NodeInfo>> = {
  resources: [nodes.resource, pods.resource],
  build(view) {
    const infos = new Map<string, NodeInfo>();
    for (const node of view.list(nodes)) {
      infos.set(
        node.metadata.name,
        makeNodeInfo(node, view.lookup('podNode', node.metadata.name, pods).filter(holdsResources)),
      );
    }
    return infos;
  },
  apply(infos, entry) {
    if (entry.resource === nodes.resource) applyNode(infos, entry);
    else applyPod(infos, entry);
  },
};

function applyNode(infos: Map<string, NodeInfo>, { type, object }: JournalEntry): void {
  const { name } = object.metadata;
  if (type === 'DELETED') infos.delete(name);
  else {
    const known = infos.get(name);
    infos.set(name, known ? withNode(known, object as Node) : makeNodeInfo(object as Node));
  }
}

function applyPod(infos: Map<string, NodeInfo>, { type, object, previous }: JournalEntry): void {
  const before = previous && holdsResources(previous as Pod) ? (previous as Pod) : undefined;
  const now = type !== 'DELETED' && holdsResources(object as Pod) ? (object as Pod) : undefined;
  if (before && now && before.spec === now.spec && before.metadata.labels === now.metadata.labels) return;
  for (const [pod, change] of [[before, removePod] as const, [now, addPod] as const]) {
    const info = pod && infos.get(pod.spec.nodeName ?? '');
    if (pod && info) infos.set(info.name, change(info, pod));
  }
}

function holdsResources(pod: Pod): boolean {
  return Boolean(pod.spec.nodeName) && !isFinished(pod);
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export const schedulerController: Controller = {
  name: 'kube-scheduler/pod',
  author: NAME,
  user: { username: 'system:kube-scheduler', groups: ['system:authenticated'] },
  triggers: [
    { resource: pods.resource, keys: podKeys },
    { resource: nodes.resource, keys: nodeKeys },
    // A claim that has been bound may free a pod of its namespace.
    {
      resource: persistentVolumeClaims.resource,
      keys: ({ object }, view) => waiting(view, object.metadata.namespace),
    },
  ],
  reconcile(view, key) {
    const pod = view.getByKey(pods, key);
    if (!pod || pod.spec.nodeName || isFinished(pod) || pod.metadata.deletionTimestamp !== undefined)
      return [];
    if ((pod.spec.schedulerName ?? NAME) !== NAME) return [];
    const infos = [...view.project(nodeInfos).values()];
    const outcome = schedule(pod, infos, {
      tieBreak: count => Math.floor(view.chance('kube-scheduler', pod.metadata.uid) * count),
      volumes: volumeLookup(view),
      namespaceLabels: namespace => view.get(namespaces, undefined, namespace)?.metadata.labels,
    });
    if (outcome.kind === 'scheduled') return bind(view, pod, outcome.node);
    if (outcome.kind === 'gated') return refuse(view, pod, 'SchedulingGated', outcome.message);
    const victims = outcome.nominated?.victims ?? [];
    return [
      ...refuse(view, pod, 'Unschedulable', outcome.message),
      ...victims
        .filter(victim => victim.metadata.deletionTimestamp === undefined)
        .flatMap(victim => [
          remove(pods, victim),
          event(
            victim,
            'Normal',
            'Preempted',
            `Preempted by pod ${pod.metadata.uid} on node ${outcome.nominated?.node}`,
          ),
        ]),
    ];
  },
};

function podKeys({ type, object, previous, key }: JournalEntry, view: View): readonly string[] {
  const pod = object as Pod;
  if (!pod.spec.nodeName)
    return type === 'DELETED' || (type === 'MODIFIED' && !changedSpec(pod, previous)) ? [] : [key];
  const freed = type === 'DELETED' || (isFinished(pod) && previous && !isFinished(previous as Pod));
  return freed ? waiting(view) : [];
}

function changedSpec(pod: Pod, previous: KubeObject | undefined): boolean {
  return (
    pod.spec !== (previous as Pod | undefined)?.spec || pod.metadata.labels !== previous?.metadata.labels
  );
}

/** Heartbeats change nothing for the scheduler; labels, taints and resources do. */
function nodeKeys({ object, previous }: JournalEntry, view: View): readonly string[] {
  const node = object as Node;
  const old = previous as Node | undefined;
  const same =
    old !== undefined &&
    old.spec === node.spec &&
    old.metadata.labels === node.metadata.labels &&
    old.status?.allocatable === node.status?.allocatable;
  return same ? [] : waiting(view);
}

function waiting(view: View, namespace?: string): string[] {
  return view
    .lookup('podNode', '', pods)
    .filter(pod => namespace === undefined || pod.metadata.namespace === namespace)
    .map(pod => `${pod.metadata.namespace}/${pod.metadata.name}`);
}

function bind(view: View, pod: Pod, node: string): Change[] {
  const { namespace, name } = pod.metadata;
  return [
    update(
      pods,
      pod,
      draft => {
        draft.spec.nodeName = node;
        draft.status = {
          ...draft.status,
          conditions: [
            ...withCondition(pod.status?.conditions, {
              type: 'PodScheduled',
              status: 'True',
              lastProbeTime: null,
              lastTransitionTime: timestamp(view.now),
            }),
          ],
        };
      },
      { subresource: 'binding' },
    ),
    event(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`),
  ];
}

function refuse(
  view: View,
  pod: Pod,
  reason: 'Unschedulable' | 'SchedulingGated',
  message: string,
): Change[] {
  const known = findCondition(pod.status?.conditions, 'PodScheduled');
  if (known?.reason === reason && known.message === message) return [];
  const changes: Change[] = [
    updateStatus(pods, pod, draft => {
      draft.status = {
        ...draft.status,
        conditions: [
          ...withCondition(pod.status?.conditions, {
            type: 'PodScheduled',
            status: 'False',
            reason,
            message,
            lastProbeTime: null,
            lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : timestamp(view.now),
          }),
        ],
      };
    }),
  ];
  if (reason === 'Unschedulable') changes.push(event(pod, 'Warning', 'FailedScheduling', message));
  return changes;
}

function volumeLookup(view: View): VolumeLookup {
  return {
    claim: (namespace, name) => view.get(persistentVolumeClaims, namespace, name),
    storageClass: name => view.get(storageClasses, undefined, name),
    volumeTerms: name => {
      const volume = view.get(persistentVolumes, undefined, name) as
        | (KubeObject & { spec: { nodeAffinity?: { required?: { nodeSelectorTerms: NodeSelectorTerm[] } } } })
        | undefined;
      return volume && (volume.spec.nodeAffinity?.required?.nodeSelectorTerms ?? []);
    },
    hasFreeVolume: claim =>
      view.list(persistentVolumes).some(volume => {
        const { spec } = volume as KubeObject & { spec: { claimRef?: unknown; storageClassName?: string } };
        return (
          spec.claimRef === undefined && (spec.storageClassName ?? '') === (claim.spec.storageClassName ?? '')
        );
      }),
  };
}
