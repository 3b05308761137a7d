/** Who can be reached behind services, and who may be evicted (kube-controller-manager 1.35). */
import type { Controller } from '../../controller.ts';
import { disruptionController } from './disruption.ts';
import { endpointsController } from './endpoints.ts';
import { endpointSliceController } from './endpoint-slices.ts';

export const serviceControllers: readonly Controller[] = [
  endpointsController,
  endpointSliceController,
  disruptionController,
];
