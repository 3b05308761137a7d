/**
 * The kubelet: runs the pods bound to its node (Kubernetes 1.35 pkg/kubelet). What a pod's status should be follows
 * from its runtime record and the time; the reconciler writes it where it differs. A launcher lives as long as its domain;
 * the containers of all other pods live by what their commands do.
 * Left out: failing probes other than by their command, lifecycle hooks, deadlines of pods, eviction, logs and exec.
 */
import { parseTimestamp } from '../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  after,
  create,
  event,
  remove,
  update,
  updateStatus,
} from '../controller.ts';
import { type Domain, type PodRuntime, domains, podRuntimes } from '../resources/internal.ts';
import { nodes, pods } from '../resources/refs.ts';
import { same } from '../store/index.ts';
import type { Pod } from '../types/core.ts';
import type { Millis } from '../types/meta.ts';
import { podAddress } from './pod-address.ts';
import { advanceContainers, newContainers, stopContainers } from './containers.ts';
import { ordinaryStatus } from './ordinary-status.ts';
import { podStatus } from './pod-status.ts';

export const kubeletController: Controller = {
  name: 'kubelet/pod',
  author: 'kubelet',
  user: { username: 'system:node', groups: ['system:nodes', 'system:authenticated'] },
  triggers: [
    { resource: pods.resource },
    {
      resource: domains.resource,
      keys: ({ object }) => [`${object.metadata.namespace}/${(object as Domain).podName}`],
    },
  ],
  reconcile(view, key) {
    const pod = view.getByKey(pods, key);
    const runtime = view.getByKey(podRuntimes, key);
    if (runtime && runtime.podUid !== pod?.metadata.uid) return [remove(podRuntimes, runtime)];
    if (!pod?.spec.nodeName) return [];
    if (isFinished(pod)) return pod.metadata.deletionTimestamp === undefined ? [] : finishDeletion(pod);
    if (!runtime)
      return pod.metadata.deletionTimestamp === undefined ? admit(view, pod) : finishDeletion(pod);
    const ended = endOf(view, pod, runtime);
    return ended === undefined ? run(view, pod, runtime) : stop(view, pod, runtime, ended);
  },
};

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Everything that takes time for a launcher is drawn for its instance, so that slow machines are slow throughout. */
function subjectOf(pod: Pod): string {
  return pod.metadata.labels?.['kubevirt.io/created-by'] ?? pod.metadata.uid;
}

/** Plans the pod's start and says that its containers are being made. */
function admit(view: View, pod: Pod): Change[] {
  const node = view.get(nodes, undefined, pod.spec.nodeName ?? '');
  if (!node) return [];
  const subject = subjectOf(pod);
  const pulledAt = view.now + view.delay('podAdmit', subject) + view.delay('imagePull', subject);
  const startedAt = pulledAt + view.delay('containerStart', subject);
  const runtime: PodRuntime = {
    apiVersion: podRuntimes.apiVersion,
    kind: podRuntimes.kind,
    metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace } as PodRuntime['metadata'],
    podUid: pod.metadata.uid,
    nodeName: node.metadata.name,
    podIP: pod.spec.hostNetwork ? hostAddress(node.status?.addresses) : podAddress(view, node, pod),
    pulledAt,
    startedAt,
    readyAt: startedAt + view.delay('containerReady', subject),
    ...(isLauncher(pod) ? {} : { containers: newContainers(pod) }),
  };
  return [
    create(podRuntimes, runtime),
    ...writeStatus(view, pod, runtime),
    // Launchers have nothing to do until they run; init containers may begin earlier.
    after((runtime.containers && pod.spec.initContainers ? pulledAt : startedAt) - view.now),
  ];
}

/** Pods whose main process is a domain's. */
function isLauncher(pod: Pod): boolean {
  return pod.metadata.annotations?.['kubevirt.io/domain'] !== undefined;
}

/** Brings the containers of an ordinary pod up to now. */
function runContainers(view: View, pod: Pod, runtime: PodRuntime): Change[] {
  const subject = subjectOf(pod);
  const { containers, events, next } = advanceContainers(pod, runtime, view.now, {
    containerStart: view.delay('containerStart', subject),
    containerReady: view.delay('containerReady', subject),
  });
  const changes: Change[] = [];
  if (!same(containers, runtime.containers)) {
    changes.push(
      update(podRuntimes, runtime, draft => {
        draft.containers = containers;
      }),
    );
  }
  changes.push(...writeStatus(view, pod, { ...runtime, containers }));
  for (const { type, reason, message } of events) changes.push(event(pod, type, reason, message));
  return next === undefined ? changes : [...changes, after(next - view.now)];
}

function run(view: View, pod: Pod, runtime: PodRuntime): Change[] {
  if (runtime.containers) return runContainers(view, pod, runtime);
  const changes = writeStatus(view, pod, runtime);
  const started = view.now >= runtime.startedAt;
  if (started && pod.status?.phase !== 'Running') {
    for (const { name, image } of pod.spec.containers) {
      changes.push(
        event(pod, 'Normal', 'Pulled', `Container image "${image}" already present on machine`),
        event(pod, 'Normal', 'Created', `Container created: ${name}`),
        event(pod, 'Normal', 'Started', `Container started: ${name}`),
      );
    }
  }
  const next = started ? runtime.readyAt : runtime.startedAt;
  return next > view.now ? [...changes, after(next - view.now)] : changes;
}

/**
 * When the pod's processes end: undefined while nothing asks them to. A launcher lives as long as its domain, any other
 * pod until it is deleted; no pod outlives its grace period.
 */
function endOf(view: View, pod: Pod, runtime: PodRuntime): Millis | undefined {
  if (runtime.stoppedAt !== undefined) return runtime.stoppedAt;
  const { deletionTimestamp } = pod.metadata;
  const domain = domainOf(view, pod);
  const killedAt =
    deletionTimestamp === undefined ? Number.POSITIVE_INFINITY : parseTimestamp(deletionTimestamp);
  if (domain && isAlive(domain)) return deletionTimestamp === undefined ? undefined : killedAt;
  if (!domain && deletionTimestamp === undefined) return undefined;
  return Math.min(view.now + view.delay('podStop', subjectOf(pod)), Math.max(killedAt, view.now));
}

function stop(view: View, pod: Pod, runtime: PodRuntime, ended: Millis): Change[] {
  const changes: Change[] = [];
  const alive = isAlive(domainOf(view, pod));
  if (runtime.stoppedAt === undefined && !alive) {
    changes.push(
      update(podRuntimes, runtime, draft => {
        draft.stoppedAt = ended;
      }),
    );
    if (pod.metadata.deletionTimestamp !== undefined) {
      for (const { name } of pod.spec.containers) {
        changes.push(event(pod, 'Normal', 'Killing', `Stopping container ${name}`));
      }
    }
  }
  if (ended > view.now)
    return [...changes, ...(alive ? run(view, pod, runtime) : []), after(ended - view.now)];
  if (runtime.containers) {
    const containers = stopContainers(pod, runtime, ended);
    return [...changes, ...writeStatus(view, pod, { ...runtime, containers }), ...finishDeletion(pod)];
  }
  if (pod.metadata.deletionTimestamp !== undefined) return [...changes, ...finishDeletion(pod)];
  return [...changes, ...writeStatus(view, pod, { ...runtime, stoppedAt: ended })];
}

function finishDeletion(pod: Pod): Change[] {
  return [remove(pods, pod, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } })];
}

function writeStatus(view: View, pod: Pod, runtime: PodRuntime): Change[] {
  const node = view.get(nodes, undefined, runtime.nodeName);
  const hostIP = hostAddress(node?.status?.addresses);
  const next = runtime.containers
    ? ordinaryStatus(view.now, pod, runtime, hostIP)
    : podStatus(view.now, pod, runtime, { hostIP, crashed: domainOf(view, pod)?.state === 'Crashed' });
  if (same(next, pod.status)) return [];
  return [
    updateStatus(pods, pod, draft => {
      draft.status = next;
    }),
  ];
}

function domainOf(view: View, pod: Pod): Domain | undefined {
  const name = pod.metadata.annotations?.['kubevirt.io/domain'];
  const domain = name === undefined ? undefined : view.get(domains, pod.metadata.namespace, name);
  return domain?.podName === pod.metadata.name ? domain : undefined;
}

function isAlive(domain: Domain | undefined): boolean {
  return domain !== undefined && domain.state !== 'Shutoff' && domain.state !== 'Crashed';
}

function hostAddress(addresses: readonly { type: string; address: string }[] | undefined): string {
  return addresses?.find(address => address.type === 'InternalIP')?.address ?? '';
}
