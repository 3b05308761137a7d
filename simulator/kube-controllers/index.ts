/**
 * What kube-controller-manager does (Kubernetes 1.35): garbage collection, namespaces and what each of them gets,
 * aggregated cluster roles, secrets with tokens, quotas,
 * workloads, endpoints, disruption budgets.
 * Left out so far: node lifecycle, horizontal autoscaling, mirrored endpoint slices.
 */
import type { Controller } from '../controller.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts';
import { garbageCollector } from './garbage-collector.ts';
import { namespaceController } from './namespace.ts';
import { namespaceDefaultsController } from './namespace-defaults.ts';
import { resourceQuotaController } from './resource-quota.ts';
import { serviceControllers } from './services/index.ts';
import { tokensController } from './tokens.ts';
import { workloadControllers } from './workloads/index.ts';

export function kubeControllers(): readonly Controller[] {
  return [
    garbageCollector,
    namespaceController,
    namespaceDefaultsController,
    clusterRoleAggregationController,
    tokensController,
    resourceQuotaController,
    ...workloadControllers,
    ...serviceControllers,
  ];
}
