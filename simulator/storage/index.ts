/**
 * Storage: claims are bound by a simulated CSI provisioner (kube-controller-manager 1.35 pkg/controller/volume).
 * Left out so far: data volumes' imports, snapshots, expansion.
 */
import type { Controller } from '../controller.ts';
import { claimBinder } from './claim-binder.ts';
import { volumePhases } from './volume-phases.ts';

export const storageControllers: readonly Controller[] = [claimBinder, volumePhases];
