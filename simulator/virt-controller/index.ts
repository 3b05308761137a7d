/**
 * virt-controller (KubeVirt v1.9 pkg/virt-controller): VMs become instances, instances become launcher pods.
 * Left out so far: migrations, replica sets, pools, snapshots, restores, clones, exports, evacuation, workload updates.
 */
import type { Controller } from '../controller.ts';
import { vmController } from './vm/controller.ts';
import { vmiController } from './vmi/controller.ts';

export const virtControllers: readonly Controller[] = [vmController, vmiController];
export { VIRT_CONTROLLER, virtControllerUser } from './identity.ts';
