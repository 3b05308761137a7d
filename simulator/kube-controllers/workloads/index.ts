/**
 * Workloads as kube-controller-manager 1.35 runs them: deployments, replica sets, replication controllers, stateful sets,
 * daemon sets, jobs, cron jobs.
 */
import type { Controller } from '../../controller.ts';
import { cronJobController } from './cron-job/controller.ts';
import { daemonSetController } from './daemon-set/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { jobController } from './job/controller.ts';
import { replicaSetController, replicationControllerController } from './replica-set.ts';
import { statefulSetController } from './stateful-set/controller.ts';

export const workloadControllers: readonly Controller[] = [
  deploymentController,
  replicaSetController,
  replicationControllerController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
];
