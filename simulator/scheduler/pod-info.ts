/**
 * A pod as the scheduler reads it, worked out once per stored pod object (pkg/scheduler/framework PodInfo).
 * Stored objects are frozen, so what was worked out stays right for as long as the object lives.
 */
import type { LabelSelector } from '../types/meta.ts';
import type {
  NodeSelectorTerm,
  Pod,
  PodAffinityTerm,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from '../types/core.ts';
import { type Labels, matchesLabelSelector } from '../types/selectors.ts';
import { type Amounts, podRequests } from './amounts.ts';

export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: LabelSelector | undefined;
  readonly namespaces: readonly string[];
  readonly namespaceSelector: LabelSelector | undefined;
}

export interface WeightedAffinityTerm extends AffinityTerm {
  readonly weight: number;
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

export interface PodInfo {
  readonly pod: Pod;
  readonly namespace: string;
  readonly labels: Labels;
  readonly requests: Amounts;
  readonly scoredMilliCpu: number;
  readonly scoredMemory: number;
  readonly hostPorts: readonly HostPort[];
  readonly claims: readonly string[];
  readonly nodeSelector: readonly (readonly [key: string, value: string])[];
  /** Terms of which one must match; undefined when the pod requires none. */
  readonly nodeTerms: readonly NodeSelectorTerm[] | undefined;
  /** `nodeSelector` and `nodeTerms` as one text: the same for pods that ask the same of their node. */
  readonly nodeQuestion: string;
  readonly preferredNodeTerms: readonly { weight: number; preference: NodeSelectorTerm }[];
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedAffinityTerm[];
  readonly preferredAntiAffinity: readonly WeightedAffinityTerm[];
  readonly hasPodAffinity: boolean;
  readonly hardSpread: readonly TopologySpreadConstraint[];
  readonly softSpread: readonly TopologySpreadConstraint[];
  readonly tolerations: readonly Toleration[];
  readonly priority: number;
}

const known = new WeakMap<Pod, PodInfo>();
const NONE: readonly never[] = Object.freeze([]);

/** The pod, worked out; the same object for the same stored pod. */
export function podInfo(pod: Pod): PodInfo {
  let info = known.get(pod);
  if (!info) {
    info = workOut(pod);
    known.set(pod, info);
  }
  return info;
}

function workOut(pod: Pod): PodInfo {
  const { spec, metadata } = pod;
  const namespace = metadata.namespace ?? '';
  const { nodeAffinity, podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const spread = spec.topologySpreadConstraints ?? NONE;
  const nodeSelector = Object.entries(spec.nodeSelector ?? {});
  const nodeTerms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return {
    pod,
    namespace,
    labels: metadata.labels ?? {},
    ...podRequests(pod),
    hostPorts: hostPorts(pod),
    claims: claimNames(pod),
    nodeSelector,
    nodeTerms,
    nodeQuestion: JSON.stringify([nodeSelector, nodeTerms]),
    preferredNodeTerms: nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? NONE,
    affinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? NONE).map(term =>
      affinityTerm(term, namespace),
    ),
    antiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? NONE).map(term =>
      affinityTerm(term, namespace),
    ),
    preferredAffinity: weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, namespace),
    preferredAntiAffinity: weighted(
      podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
      namespace,
    ),
    hasPodAffinity: podAffinity !== undefined || podAntiAffinity !== undefined,
    hardSpread: spread.filter(constraint => constraint.whenUnsatisfiable === 'DoNotSchedule'),
    softSpread: spread.filter(constraint => constraint.whenUnsatisfiable === 'ScheduleAnyway'),
    tolerations: spec.tolerations ?? NONE,
    priority: spec.priority ?? 0,
  };
}

function affinityTerm(term: PodAffinityTerm, namespace: string): AffinityTerm {
  const named = term.namespaces ?? NONE;
  return {
    topologyKey: term.topologyKey,
    selector: term.labelSelector,
    // Neither a list nor a selector of namespaces means the pod's own.
    namespaces: named.length === 0 && !term.namespaceSelector ? [namespace] : named,
    namespaceSelector: term.namespaceSelector,
  };
}

function weighted(
  terms: readonly { weight: number; podAffinityTerm: PodAffinityTerm }[] | undefined,
  namespace: string,
): readonly WeightedAffinityTerm[] {
  return (
    terms?.map(({ weight, podAffinityTerm }) => ({ weight, ...affinityTerm(podAffinityTerm, namespace) })) ??
    NONE
  );
}

function hostPorts({ spec }: Pod): readonly HostPort[] {
  const ports: HostPort[] = [];
  const sidecars = spec.initContainers?.filter(container => container.restartPolicy === 'Always') ?? NONE;
  for (const container of [...sidecars, ...spec.containers]) {
    for (const { hostPort, protocol, hostIP } of (container.ports ?? NONE) as {
      hostPort?: number;
      protocol?: string;
      hostIP?: string;
    }[]) {
      if (hostPort) ports.push({ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort });
    }
  }
  return ports.length ? ports : NONE;
}

function claimNames({ spec, metadata }: Pod): readonly string[] {
  const names: string[] = [];
  for (const volume of spec.volumes ?? NONE) {
    const claim = volume.persistentVolumeClaim as { claimName: string } | undefined;
    if (claim) names.push(claim.claimName);
    // A generic ephemeral volume's claim is named after the pod and the volume.
    else if (volume.ephemeral !== undefined) names.push(`${metadata.name}-${volume.name}`);
  }
  return names.length ? names : NONE;
}

/** Whether a term speaks of `pod`; `namespaceLabels` are those of the pod's namespace. */
export function termMatches(term: AffinityTerm, pod: PodInfo, namespaceLabels: () => Labels): boolean {
  if (!term.namespaces.includes(pod.namespace)) {
    if (!term.namespaceSelector || !matchesLabelSelector(term.namespaceSelector, namespaceLabels()))
      return false;
  }
  return matchesLabelSelector(term.selector, pod.labels);
}

/** Whether one of the tolerations tolerates the taint (core/v1 Toleration.ToleratesTaint). */
export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  for (const { key, operator, value, effect } of tolerations) {
    if (effect && effect !== taint.effect) continue;
    if (key && key !== taint.key) continue;
    if (operator === 'Exists') return true;
    if ((operator === undefined || operator === 'Equal') && (value ?? '') === (taint.value ?? ''))
      return true;
  }
  return false;
}
