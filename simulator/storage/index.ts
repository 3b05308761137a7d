/**
 * Storage: claims are bound by a simulated CSI provisioner (kube-controller-manager 1.35 pkg/controller/volume).
 * Left out so far: data volumes' imports, snapshots, expansion, reclaiming.
 */
import type { Controller } from '../controller.ts';
import { claimBinder } from './claim-binder.ts';

export const storageControllers: readonly Controller[] = [claimBinder];
