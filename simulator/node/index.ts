/**
 * A node and its agents: hardware, kubelet, virt-handler with the launcher and libvirt behind it
 * (Kubernetes 1.35 pkg/kubelet, KubeVirt v1.9 pkg/virt-handler).
 * Left out so far: node leases, loss of nodes, device plugins beyond their counts, domain XML.
 */
import type { Controller } from '../controller.ts';
import { heartbeatController } from './heartbeat.ts';
import { kubeletController } from './kubelet.ts';
import { virtHandlerController } from './virt-handler.ts';

export const nodeControllers: readonly Controller[] = [
  kubeletController,
  virtHandlerController,
  heartbeatController,
];
export * from './hardware/index.ts';
export { kubeletController } from './kubelet.ts';
export { missingImage, type UnpullableImage } from './images.ts';
export { type Process, processOf } from './process.ts';
