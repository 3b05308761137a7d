/**
 * What kube-controller-manager does (Kubernetes 1.35): garbage collection, namespaces and what each of them gets.
 * Left out so far: workloads, endpoints, quotas, tokens, node lifecycle, disruption budgets.
 */
import type { Controller } from '../controller.ts';
import type { ResourceRegistry } from '../resources/definition.ts';
import { garbageCollector } from './garbage-collector.ts';
import { namespaceController } from './namespace.ts';
import { namespaceDefaultsController } from './namespace-defaults.ts';

export function kubeControllers(registry: ResourceRegistry): readonly Controller[] {
  return [garbageCollector(registry), namespaceController(registry), namespaceDefaultsController];
}
