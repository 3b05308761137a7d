/** Who virt-controller is to the API server. */
import { serviceAccountUser } from '../controller.ts';

export const VIRT_CONTROLLER = 'virt-controller';
export const virtControllerUser = serviceAccountUser('kubevirt', 'kubevirt-controller');
export const LAUNCHER_IMAGE = 'quay.io/kubevirt/virt-launcher:v1.9.0';
