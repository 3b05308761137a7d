/**
 * The pods that virt-controller renders for a machine: the launcher, a migration's target, hotplug attachments
 * (KubeVirt v1.9 pkg/virt-controller/services, pkg/hypervisor). Pure: a VMI, the configuration and look-ups go in,
 * the pod comes out as virt-controller would post it; what Kubernetes defaults on a new pod is the API server's part.
 * Left out: export server pods, image pull secrets of virt-controller itself, the pod webhook for container paths.
 */
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Pod } from '../../types/core.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { NewObject } from '../../types/meta.ts';
import type { RenderContext } from './context.ts';
import { renderPod } from './render.ts';

export { computeResources } from './compute-resources.ts';
export { PodRenderError, type RenderContext, type ResourceQuotaLike } from './context.ts';
export { renderHotplugAttachmentPod, renderHotplugTriggerPod } from './hotplug-attachment.ts';
export { memoryOverhead } from './memory-overhead.ts';
export { renderMigrationTargetPod } from './migration-target.ts';
export { hashedInterfaceName } from './networks.ts';
export { type NodePlacement, nodePlacement } from './node-placement.ts';
export { hostnameOf, needsBackendStorage, vmiId } from './traits.ts';

/**
 * Renders the pod that runs a VMI.
 * @throws PodRenderError with reason FailedPvcNotFound when a claim is missing, else FailedCreate; its message is what
 * KubeVirt puts behind "failed to render launch manifest: ".
 * @throws RangeError when the VMI holds text that is no quantity.
 */
export function renderLauncherPod(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
): NewObject<Pod> {
  return renderPod(vmi, config, context);
}

/**
 * Renders the pod that stands in for a VMI's until claims that wait for a first consumer are bound: the same place and
 * the same claims, but nothing runs.
 * @throws PodRenderError as renderLauncherPod does.
 */
export function renderProvisioningPod(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
): NewObject<Pod> {
  return renderPod(vmi, config, context, { temporary: true });
}
