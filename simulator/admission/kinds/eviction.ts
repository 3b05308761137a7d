/** Evictions of launcher pods turn into evacuations (KubeVirt v1.9 admitters/pod-eviction-admitter.go). */
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Pod } from '../../types/core.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { KubeObject } from '../../types/meta.ts';
import { tooManyRequests } from '../denial.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, denied, type SideEffect } from '../webhook.ts';

const COMPONENT_LABEL = 'kubevirt.io';
const VMI_ANNOTATION = 'kubevirt.io/domain';
const EVICTION_SOURCE = 'kubevirt.io/eviction-source';
const DESCHEDULER = 'sigs.k8s.io/descheduler';

export type EvictionDecision =
  | { readonly evict: true }
  | {
      readonly evict: false;
      readonly message: string;
      /** The VMI is to be marked for evacuation from this node. */
      readonly evacuateFrom?: string;
    };

/**
 * Whether a running launcher pod may be evicted. Where its VMI should move instead, the answer is no and the VMI is to
 * be marked, which the evacuation controller, or for External somebody else, then acts upon.
 */
export function decideEviction(
  pod: Pod,
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
): EvictionDecision {
  const { metadata, spec, status } = vmi;
  const strategy = spec.evictionStrategy ?? config.evictionStrategy;
  const migratable = status?.conditions?.some(
    condition => condition.type === 'LiveMigratable' && condition.status === 'True',
  );
  if (strategy === 'LiveMigrate' && !migratable) {
    const message = `VMI ${metadata.name} is configured with an eviction strategy but is not live-migratable`;
    return { evict: false, message };
  }
  const evacuate =
    strategy === 'LiveMigrate' ||
    strategy === 'External' ||
    (strategy === 'LiveMigrateIfPossible' && migratable);
  if (!evacuate) return { evict: true };
  const triggered = `Eviction triggered evacuation of VMI "${metadata.namespace ?? ''}/${metadata.name}"`;
  if (status?.evacuationNodeName) return { evict: false, message: `Evacuation in progress: ${triggered}` };
  const node = pod.spec.nodeName ?? '';
  if ((status?.nodeName ?? '') !== node) return { evict: false, message: 'Eviction request for target Pod' };
  return { evict: false, message: triggered, evacuateFrom: node };
}

/**
 * `virt-launcher-eviction-interceptor.kubevirt.io` and `hotplug-pod-eviction-interceptor.kubevirt.io`. The object is
 * the Eviction; the mark on the VMI comes back as a side effect, without one when the eviction is a dry run.
 */
export function validateEviction(request: AdmissionRequest): AdmissionResult {
  const pod = request.lookup.get('pods', request.namespace, request.name ?? '') as Pod | undefined;
  if (!pod) return ALLOWED;
  if (isHotplugPod(pod)) return validateHotplugPodEviction(pod, request);
  return isRunningLauncher(pod) ? validateLauncherEviction(pod, request) : ALLOWED;
}

function validateLauncherEviction(pod: Pod, request: AdmissionRequest): AdmissionResult {
  const { config, lookup, namespace, object } = request;
  const name = pod.metadata.annotations?.[VMI_ANNOTATION];
  if (name === undefined) return ALLOWED;
  const resource = 'virtualmachineinstances.kubevirt.io';
  const vmi = lookup.get(resource, namespace, name) as VirtualMachineInstance | undefined;
  if (!vmi) {
    const message = `kubevirt failed getting the vmi: ${resource} ${JSON.stringify(name)} not found`;
    return denied(tooManyRequests(message));
  }
  const decision = decideEviction(pod, vmi, config);
  if (decision.evict) return ALLOWED;
  const denial = tooManyRequests(decision.message);
  if (decision.evacuateFrom === undefined || isDryRun(request)) return { allowed: false, denial };
  const byDescheduler = object?.metadata.annotations?.['requested-by'] === DESCHEDULER;
  return { allowed: false, denial, sideEffect: evacuationMark(vmi, decision.evacuateFrom, byDescheduler) };
}

function isDryRun({ dryRun, object }: AdmissionRequest): boolean {
  const eviction = object as (KubeObject & { deleteOptions?: { dryRun?: string[] } }) | undefined;
  return dryRun || eviction?.deleteOptions?.dryRun?.[0] === 'All';
}

function evacuationMark(
  { metadata }: VirtualMachineInstance,
  node: string,
  byDescheduler: boolean,
): SideEffect {
  const patch: { op: 'add' | 'replace'; path: string; value: unknown }[] = [
    { op: 'add', path: '/status/evacuationNodeName', value: node },
  ];
  if (byDescheduler) {
    patch.push(
      metadata.annotations && Object.keys(metadata.annotations).length > 0
        ? {
            op: 'add',
            path: `/metadata/annotations/${EVICTION_SOURCE.replace('/', '~1')}`,
            value: 'descheduler',
          }
        : { op: 'add', path: '/metadata/annotations', value: { [EVICTION_SOURCE]: 'descheduler' } },
    );
  }
  return {
    resource: 'virtualmachineinstances.kubevirt.io',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    patch,
  };
}

function validateHotplugPodEviction(pod: Pod, { lookup }: AdmissionRequest): AdmissionResult {
  const { name, namespace, ownerReferences } = pod.metadata;
  const owner = lookup.get('pods', namespace, ownerReferences?.[0]?.name ?? '') as Pod | undefined;
  const vmi = owner && isRunningLauncher(owner) ? owner.metadata.annotations?.[VMI_ANNOTATION] : undefined;
  if (vmi === undefined || !lookup.get('virtualmachineinstances.kubevirt.io', namespace, vmi)) return ALLOWED;
  return denied(
    tooManyRequests(
      `cannot evict hotplug pod: ${name} associated with running vmi: ${vmi} in namespace ${namespace}`,
    ),
  );
}

function isRunningLauncher({ metadata, status }: Pod): boolean {
  const over = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  return metadata.labels?.[COMPONENT_LABEL] === 'virt-launcher' && !over;
}

function isHotplugPod({ metadata }: Pod): boolean {
  return metadata.labels?.[COMPONENT_LABEL] === 'hotplug-disk' && metadata.ownerReferences?.length === 1;
}
