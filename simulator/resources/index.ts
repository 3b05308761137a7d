/**
 * The kinds a KubeVirt cluster serves, as tables: names, versions, columns, subresources, defaults and rules of
 * Kubernetes v1.35, KubeVirt v1.9, CDI v1.66, the CSI snapshot API and Multus.
 * Left out: autoscaling/v1, events.k8s.io/v1, resource.k8s.io, flowcontrol, and what is served but never stored
 * (bindings, component statuses, reviews).
 */
import { addOnDefinitions } from './add-ons.ts';
import { cdiDefinitions } from './cdi.ts';
import { clusterGroupDefinitions } from './cluster-groups.ts';
import { coreDefinitions } from './core.ts';
import type { ResourceDefinition } from './definition.ts';
import { kubevirtDefinitions } from './kubevirt.ts';
import { kubevirtGroupDefinitions } from './kubevirt-groups.ts';
import { workloadDefinitions } from './workloads.ts';

/** Every kind, groups in the order in which discovery lists them. */
export function allDefinitions(): ResourceDefinition[] {
  return [
    ...coreDefinitions,
    ...workloadDefinitions,
    ...clusterGroupDefinitions,
    ...kubevirtDefinitions,
    ...kubevirtGroupDefinitions,
    ...cdiDefinitions,
    ...addOnDefinitions,
  ];
}

export * from './definition.ts';
export { findAll, findFirst, type JsonPath, parseJsonPath } from './json-path.ts';
export * from './refs.ts';
export { age, type TableColumn, type TablePrinter, tableColumns, tablePrinter, tableRow } from './table.ts';
