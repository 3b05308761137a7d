/** Defaults that differ by architecture (KubeVirt v1.9 pkg/defaults amd64.go, arm64.go, s390x.go). */
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';

/** s390x has no ACPI: it is switched off before the API's defaults would switch it on. */
export function setS390xFeatures(spec: VirtualMachineInstanceSpec): void {
  const features = (spec.domain.features ??= {});
  features.acpi = { ...features.acpi, enabled: features.acpi?.enabled ?? false };
}

/** Writes disk buses, watchdog, firmware and CPU model into a spec, which must be the caller's own copy. */
export function setArchitectureDefaults(
  spec: VirtualMachineInstanceSpec,
  clusterCpuModel: string | undefined,
): void {
  const { architecture, domain } = spec;
  const { watchdog } = domain.devices;
  const cpu = (domain.cpu ??= {});
  if (architecture === 'arm64') {
    if (!cpu.model) cpu.model = 'host-passthrough';
    setUefi(spec);
    setDiskBus(spec, 'virtio');
  } else if (architecture === 's390x') {
    setDiskBus(spec, 'virtio');
    if (watchdog) watchdog.diag288 = { ...watchdog.diag288, action: watchdog.diag288?.action || 'reset' };
  } else {
    setDiskBus(spec, 'sata');
    if (watchdog) watchdog.i6300esb = { ...watchdog.i6300esb, action: watchdog.i6300esb?.action || 'reset' };
  }
  if (!cpu.model) cpu.model = clusterCpuModel || 'host-model';
}

function setUefi({ domain }: VirtualMachineInstanceSpec): void {
  const firmware = (domain.firmware ??= {});
  const bootloader = (firmware.bootloader ??= { efi: {} });
  if (bootloader.efi) bootloader.efi.secureBoot ??= false;
}

function setDiskBus({ domain }: VirtualMachineInstanceSpec, bus: string): void {
  for (const { disk, cdrom, lun } of domain.devices.disks ?? []) {
    if (disk && !disk.bus) disk.bus = bus;
    if (cdrom && !cdrom.bus) cdrom.bus = bus;
    if (lun && !lun.bus) lun.bus = bus;
  }
}

/** Whether devices can be plugged behind PCIe root ports (pkg/defaults SupportsPCIeHotplug). */
export function supportsPcieHotplug({ architecture, domain }: VirtualMachineInstanceSpec): boolean {
  if (architecture && architecture !== 'amd64' && architecture !== 'arm64') return false;
  const machine = domain.machine;
  return !machine || (machine.type ?? '').includes('q35') || (machine.type ?? '').startsWith('virt');
}
