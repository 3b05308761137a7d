/**
 * What node agents keep for themselves, as objects in the store, so that it forks, travels and replays with the
 * cluster. No client sees these kinds: none of their versions is served. Times are milliseconds of virtual time,
 * because the whole seconds of Kubernetes' timestamps are too coarse to run a machine by.
 */
import type { KubeObject, Millis } from '../types/meta.ts';
import type { ResourceDefinition } from './definition.ts';
import { ref } from './refs.ts';

const GROUP = 'internal.simulator.kubevirt.io';

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

export const podRuntimes = ref<PodRuntime>(GROUP, 'v1', 'podruntimes', 'PodRuntime');
export const domains = ref<Domain>(GROUP, 'v1', 'domains', 'Domain');

export const internalDefinitions: readonly ResourceDefinition[] = [podRuntimes, domains].map(
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
