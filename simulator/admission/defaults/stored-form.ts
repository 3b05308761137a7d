/**
 * The form in which KubeVirt's webhooks hand a spec back: they decode and encode it, so amounts come out in canonical
 * spelling (`1024Mi` as `1Gi`) and some empty objects appear. (Explicit zero values, which Go drops, are kept.)
 */
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { JsonObject, ResourceList } from '../../types/meta.ts';
import { printed } from '../quantities.ts';

/** Brings a spec, which must be the caller's own copy, into the form KubeVirt stores. */
export function bringIntoStoredForm(spec: VirtualMachineInstanceSpec): void {
  spec.domain ??= {} as VirtualMachineInstanceSpec['domain'];
  const { domain } = spec;
  domain.devices ??= {};
  domain.resources ??= {};
  printAmounts(domain.resources.requests);
  printAmounts(domain.resources.limits);
  const { memory } = domain;
  if (memory) {
    if (memory.guest !== undefined) memory.guest = printed(memory.guest);
    if (memory.maxGuest !== undefined) memory.maxGuest = printed(memory.maxGuest);
    const overhead = memory.reservedOverhead as JsonObject | undefined;
    if (overhead?.addedOverhead !== undefined)
      overhead.addedOverhead = printed(overhead.addedOverhead as string);
  }
  if (domain.features) domain.features.acpi ??= {};
  for (const { emptyDisk, hostDisk } of spec.volumes ?? []) {
    if (emptyDisk) emptyDisk.capacity = printed(emptyDisk.capacity);
    if (hostDisk) hostDisk.capacity = printed(hostDisk.capacity);
  }
}

function printAmounts(amounts: ResourceList | undefined): void {
  if (!amounts) return;
  for (const name of Object.keys(amounts)) amounts[name] = printed(amounts[name]);
}
