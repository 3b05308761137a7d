/**
 * What node agents keep for themselves, as objects in the store, so that it forks, travels and replays with the
 * cluster. No client sees these kinds: none of their versions is served. Times are milliseconds of virtual time,
 * because the whole seconds of Kubernetes' timestamps are too coarse to run a machine by.
 */
import type { KubeObject, Millis } from '../types/meta.ts';
import type { ResourceDefinition } from './definition.ts';
import { ref } from './refs.ts';

const GROUP = 'internal.simulator.kubevirt.io';

/** One run of a container that has ended. */
export interface EndedRun {
  startedAt: Millis;
  finishedAt: Millis;
  exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`. */
  reason: string;
}

/**
 * Where a container is: it waits for its turn, its image cannot be had (`pullFailed`, then `pullBackOff`; `badImage` for
 * good), it runs, has ended, or waits to be started again (`backOff`).
 */
export type ContainerStage =
  | 'waiting'
  | 'badImage'
  | 'pullFailed'
  | 'pullBackOff'
  | 'running'
  | 'ended'
  | 'backOff';

export interface ContainerRuntime {
  stage: ContainerStage;
  /** When this stage ends by itself; absent where only something else ends it. */
  due?: Millis;
  restarts: number;
  /** Ends in a row that count for the back-off, and failed pulls in a row. */
  crashes: number;
  pullFailures: number;
  startedAt?: Millis;
  /** When its readiness probe succeeds; absent: at once. */
  readyAt?: Millis;
  /** Its readiness probe can never succeed. */
  neverReady?: boolean;
  /** The run that ended last, and the one before it where the container waits to start or runs again. */
  ended?: EndedRun;
  previous?: EndedRun;
  /** Its process, which somebody was attached to, has exited with this code; the run ends when due. */
  exited?: number;
  /** The liveness probe will have failed by then. */
  killAt?: Millis;
}

/** The kubelet's plan and progress for one pod; it has the pod's name. */
export interface PodRuntime extends KubeObject {
  podUid: string;
  nodeName: string;
  podIP: string;
  /** When images are there, when containers run and when they are ready. */
  pulledAt: Millis;
  startedAt: Millis;
  readyAt: Millis;
  /** Set once the pod is asked to end: when its containers will have stopped. */
  stoppedAt?: Millis;
  /** Containers one by one, init containers among them. Launchers have none: their life is their domain's. */
  containers?: Record<string, ContainerRuntime>;
}

export type DomainState = 'Running' | 'Paused' | 'Shutdown' | 'Shutoff' | 'Crashed';

/** libvirt's domain behind a VMI, as virt-launcher holds it; it has the VMI's name. */
export interface Domain extends KubeObject {
  vmiUid: string;
  podName: string;
  nodeName: string;
  state: DomainState;
  /** How it came to be off. `Destroyed`: not by the guest's own shutdown. */
  reason?: 'Shutdown' | 'Destroyed' | 'Crashed';
  /** When qemu runs; before that the domain is defined only. */
  startedAt: Millis;
  /** When the guest will have followed an ACPI shutdown; set with the signal. */
  shutdownAt?: Millis;
  /** When an unanswered shutdown ends in destruction. */
  destroyAt?: Millis;
}

/** What has been written at a path: a file's content (text, or base64 where it is none), a directory, or a removal. */
export interface StoredFile {
  type: 'file' | 'directory' | 'removed';
  mode: number;
  changedAt: Millis;
  text?: string;
  base64?: string;
}

/**
 * Files that processes have changed. Owned by a pod or by a claim and named by its UID: what is on a claim outlives the
 * pod. Layers are a container's own disk (`container/NAME/RESTARTS`), a volume of the pod (`volume/NAME`) or the claim
 * (`claim`); paths are absolute within them.
 */
export interface ContainerFiles extends KubeObject {
  layers: Record<string, Record<string, StoredFile>>;
}

export const containerFiles = ref<ContainerFiles>(GROUP, 'v1', 'containerfiles', 'ContainerFiles');
export const podRuntimes = ref<PodRuntime>(GROUP, 'v1', 'podruntimes', 'PodRuntime');
export const domains = ref<Domain>(GROUP, 'v1', 'domains', 'Domain');

export const internalDefinitions: readonly ResourceDefinition[] = [podRuntimes, domains, containerFiles].map(
  ({ resource, kind }) => ({
    group: GROUP,
    plural: resource.slice(0, resource.indexOf('.')),
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    namespaced: true,
    shortNames: [],
    categories: [],
    versions: [{ name: 'v1', served: false, storage: true }],
    custom: true,
    verbs: [],
    hasStatus: false,
    generation: 'none',
    nameRule: 'subdomain',
    unconditionalUpdate: true,
    createOnUpdate: false,
    deleteReturnsObject: false,
  }),
);
