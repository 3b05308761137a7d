/**
 * virt-handler with the launcher and libvirt behind it (KubeVirt v1.9 pkg/virt-handler): starts the domain of an
 * instance whose pod is ready, reports what it shows, and shuts it down. The domain is an object in the store.
 * Left out: the guest agent, hotplug, freezing, memory dumps; migrations come with their controller.
 */
import { SECOND, timestamp } from '../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  after,
  create,
  event,
  remove,
  serviceAccountUser,
  update,
} from '../controller.ts';
import { effectiveConfig } from '../kubevirt-config/index.ts';
import { type Domain, domains } from '../resources/internal.ts';
import { kubeVirts, nodes, pods, virtualMachineInstances } from '../resources/refs.ts';
import { same } from '../store/index.ts';
import { hasCondition, withCondition, withoutCondition } from '../types/conditions.ts';
import type { Pod } from '../types/core.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceStatus, VmiPhase } from '../types/kubevirt.ts';
import type { Condition, Millis, UserInfo } from '../types/meta.ts';
import { concreteMachine, interfaceStatusesOf, volumeStatusesOf } from './domain-status.ts';
import { migratability } from './migratability.ts';

/** The grace an instance has when it names none. */
const DEFAULT_GRACE_SECONDS = 30;

export const virtHandlerController: Controller = {
  name: 'virt-handler/vmi',
  author: 'virt-handler',
  user: identityOn,
  triggers: [
    { resource: virtualMachineInstances.resource },
    { resource: domains.resource },
    {
      // A launcher that is told to end asks for its guest's shutdown; one that has gone takes its domain with it.
      resource: pods.resource,
      keys: ({ object, type }) => {
        const name = object.metadata.annotations?.['kubevirt.io/domain'];
        const ends = type === 'DELETED' || object.metadata.deletionTimestamp !== undefined;
        return name !== undefined && ends ? [`${object.metadata.namespace}/${name}`] : [];
      },
    },
  ],
  reconcile(view, key) {
    const vmi = view.getByKey(virtualMachineInstances, key);
    const domain = view.getByKey(domains, key);
    if (
      domain &&
      (domain.vmiUid !== vmi?.metadata.uid || !view.get(pods, domain.metadata.namespace, domain.podName))
    ) {
      return [remove(domains, domain), ...(vmi ? report(view, vmi, undefined) : [])];
    }
    if (!vmi) return [];
    if (!domain) return isStartable(vmi) ? define(view, vmi) : [];
    if (isFinal(vmi)) return [];
    if (isAlive(domain) && shouldShutDown(view, vmi, domain)) return shutDown(view, vmi, domain);
    if (view.now < domain.startedAt) return [after(domain.startedAt - view.now)];
    return report(view, vmi, domain);
  },
};

/** Each node's virt-handler has a token of its own; KubeVirt lets it change only what runs on that node. */
function identityOn(view: View, key: string): UserInfo {
  const node = view.getByKey(virtualMachineInstances, key)?.status?.nodeName;
  return {
    ...serviceAccountUser('kubevirt', 'kubevirt-handler'),
    ...(node === undefined ? {} : { extra: { 'authentication.kubernetes.io/node-name': [node] } }),
  };
}

function isStartable(vmi: VirtualMachineInstance): boolean {
  return vmi.status?.phase === 'Scheduled' && vmi.metadata.deletionTimestamp === undefined;
}

function isFinal(vmi: VirtualMachineInstance): boolean {
  return vmi.status?.phase === 'Succeeded' || vmi.status?.phase === 'Failed';
}

function isAlive(domain: Domain): boolean {
  return domain.state !== 'Shutoff' && domain.state !== 'Crashed';
}

function launcherOn(view: View, vmi: VirtualMachineInstance): Pod | undefined {
  return view
    .lookup('createdBy', vmi.metadata.uid, pods)
    .find(pod => pod.spec.nodeName === vmi.status?.nodeName && pod.metadata.deletionTimestamp === undefined);
}

function define(view: View, vmi: VirtualMachineInstance): Change[] {
  const pod = launcherOn(view, vmi);
  if (!pod) return [];
  const takes = view.delay('domainStart', vmi.metadata.uid);
  return [
    create(domains, {
      metadata: { name: vmi.metadata.name, namespace: vmi.metadata.namespace },
      vmiUid: vmi.metadata.uid,
      podName: pod.metadata.name,
      nodeName: vmi.status?.nodeName ?? '',
      state: vmi.spec.startStrategy === 'Paused' ? 'Paused' : 'Running',
      startedAt: view.now + takes,
    }),
    event(vmi, 'Normal', 'Created', 'VirtualMachineInstance defined.'),
    after(takes),
  ];
}

function shouldShutDown(view: View, vmi: VirtualMachineInstance, domain: Domain): boolean {
  const pod = view.get(pods, vmi.metadata.namespace, domain.podName);
  return vmi.metadata.deletionTimestamp !== undefined || pod?.metadata.deletionTimestamp !== undefined;
}

/**
 * Asks the guest to power off and, where it has not by the end of its grace period, pulls the plug. A paused guest
 * hears nothing; one without grace is not asked.
 */
function shutDown(view: View, vmi: VirtualMachineInstance, domain: Domain): Change[] {
  const grace = (vmi.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * SECOND;
  if (grace === 0) {
    return [turnOff(domain, 'Destroyed'), event(vmi, 'Normal', 'Deleted', 'VirtualMachineInstance stopping')];
  }
  if (domain.state !== 'Shutdown' && domain.destroyAt === undefined) {
    const deaf = domain.state === 'Paused' || vmi.spec.domain.features?.acpi?.enabled === false;
    const shutdownAt = deaf ? undefined : view.now + view.delay('guestShutdown', vmi.metadata.uid);
    const destroyAt = view.now + grace;
    return [
      update(domains, domain, draft => {
        if (shutdownAt !== undefined) draft.state = 'Shutdown';
        draft.shutdownAt = shutdownAt;
        draft.destroyAt = destroyAt;
      }),
      event(vmi, 'Normal', 'ShuttingDown', 'Signaled Graceful Shutdown'),
      after(Math.min(shutdownAt ?? destroyAt, destroyAt) - view.now),
    ];
  }
  if (domain.shutdownAt !== undefined && view.now >= domain.shutdownAt) return [turnOff(domain, 'Shutdown')];
  if (domain.destroyAt !== undefined && view.now >= domain.destroyAt) {
    return [turnOff(domain, 'Destroyed'), event(vmi, 'Normal', 'Deleted', 'VirtualMachineInstance stopping')];
  }
  const next = Math.min(
    domain.shutdownAt ?? Number.POSITIVE_INFINITY,
    domain.destroyAt ?? Number.POSITIVE_INFINITY,
  );
  return [after(next - view.now)];
}

function turnOff(domain: Domain, reason: Domain['reason']): Change {
  return update(domains, domain, draft => {
    draft.state = 'Shutoff';
    draft.reason = reason;
  });
}

/** Writes what the domain shows into the instance, where that is news. */
function report(view: View, vmi: VirtualMachineInstance, domain: Domain | undefined): Change[] {
  const phase = phaseOf(vmi, domain);
  if (isFinal(vmi)) return [];
  const status = domain ? statusOf(view, vmi, domain, phase) : { ...vmi.status, phase };
  if (phase !== vmi.status?.phase) {
    status.phaseTransitionTimestamps = [
      ...(vmi.status?.phaseTransitionTimestamps ?? []).filter(entry => entry.phase !== phase),
      { phase, phaseTransitionTimestamp: timestamp(view.now) },
    ];
  }
  if (same(status, vmi.status)) return [];
  const changes: Change[] = [
    update(virtualMachineInstances, vmi, draft => {
      draft.status = status;
    }),
  ];
  if (phase === vmi.status?.phase) return [...changes, ...pauseEvents(vmi, status)];
  if (phase === 'Running') changes.push(event(vmi, 'Normal', 'Started', 'VirtualMachineInstance started.'));
  if (phase === 'Succeeded') {
    changes.push(event(vmi, 'Normal', 'Stopped', 'The VirtualMachineInstance was shut down.'));
  }
  if (phase === 'Failed') {
    changes.push(event(vmi, 'Warning', 'Stopped', 'The VirtualMachineInstance crashed.'));
  }
  if (phase === 'Succeeded' || phase === 'Failed') {
    changes.push(event(vmi, 'Normal', 'Deleted', 'Signaled Deletion'));
  }
  return changes;
}

/** A running guest that was paused or resumed; one that starts paused says nothing. */
function pauseEvents(vmi: VirtualMachineInstance, next: VirtualMachineInstanceStatus): Change[] {
  const was = hasCondition(vmi.status?.conditions, 'Paused', 'True');
  const is = hasCondition(next.conditions, 'Paused', 'True');
  if (was === is) return [];
  return is
    ? [event(vmi, 'Normal', 'Paused', 'VirtualMachineInstance paused')]
    : [event(vmi, 'Normal', 'Unpaused', 'VirtualMachineInstance unpaused')];
}

function phaseOf(vmi: VirtualMachineInstance, domain: Domain | undefined): VmiPhase {
  const phase = vmi.status?.phase ?? '';
  if (!domain) return phase === 'Running' ? 'Failed' : phase;
  switch (domain.state) {
    case 'Crashed':
      return 'Failed';
    case 'Shutoff': {
      const asked =
        vmi.spec.terminationGracePeriodSeconds !== 0 && vmi.spec.domain.features?.acpi?.enabled !== false;
      // A guest that had to be destroyed although it could have followed the signal has failed to stop.
      return domain.reason === 'Destroyed' && asked
        ? 'Failed'
        : domain.reason === 'Crashed'
          ? 'Failed'
          : 'Succeeded';
    }
    default:
      return phase === 'Scheduled' || phase === 'Running' ? 'Running' : phase;
  }
}

function statusOf(
  view: View,
  vmi: VirtualMachineInstance,
  domain: Domain,
  phase: VmiPhase,
): VirtualMachineInstanceStatus {
  const config = effectiveConfig(view.list(kubeVirts)[0]);
  const { live, storage, method } = migratability(vmi, view.get(nodes, undefined, domain.nodeName), config);
  let conditions: readonly Condition[] = vmi.status?.conditions ?? [];
  conditions = withCondition(conditions, live);
  conditions = withCondition(conditions, storage);
  conditions = withPause(conditions, domain, view.now);
  const machine = concreteMachine(vmi.spec.domain.machine?.type);
  return {
    ...vmi.status,
    phase,
    conditions: conditions as Condition[],
    migrationMethod: method,
    ...(machine === undefined ? {} : { machine: { type: machine } }),
    selinuxContext: 'none',
    interfaces: interfaceStatusesOf(view, vmi, domain),
    ...(vmi.status?.volumeStatus ? { volumeStatus: volumeStatusesOf(vmi) } : {}),
  };
}

function withPause(conditions: readonly Condition[], domain: Domain, now: Millis): readonly Condition[] {
  if (domain.state !== 'Paused') return withoutCondition(conditions, 'Paused');
  if (hasCondition(conditions, 'Paused', 'True')) return conditions;
  return withCondition(conditions, {
    type: 'Paused',
    status: 'True',
    reason: 'PausedByUser',
    message: 'VMI was paused by user',
    lastProbeTime: timestamp(now),
    lastTransitionTime: timestamp(now),
  });
}
