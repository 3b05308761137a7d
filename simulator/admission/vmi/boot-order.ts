/** What disks are mapped to and in which order devices boot (KubeVirt v1.9 vmi-create-admitter.go validateBootOrder). */
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Disk, VirtualMachineInstanceSpec, Volume } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid, required } from '../causes.ts';

type Causes = StatusCause[];

export function validateBootOrder(
  causes: Causes,
  path: string,
  spec: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): void {
  const taken: number[] = [];
  const { disks, interfaces } = spec.domain.devices;
  disks?.forEach((disk, index) => {
    const volume = spec.volumes?.findLast(({ name }) => name === disk.name);
    validateMapping(causes, path, index, disk, volume, config);
    if (disk.bootOrder === undefined) return;
    if (taken.includes(disk.bootOrder)) {
      reportTaken(causes, `${path}.domain.devices.disks[${index}].bootOrder`);
    }
    taken.push(disk.bootOrder);
  });
  interfaces?.forEach(({ bootOrder }, index) => {
    if (bootOrder === undefined) return;
    if (bootOrder < 1) {
      causes.push(
        invalid(`${path}[${index}] must have a boot order > 0, if supplied`, `${path}[${index}].bootOrder`),
      );
      return;
    }
    if (taken.includes(bootOrder))
      reportTaken(causes, `${path}.domain.devices.interfaces[${index}].bootOrder`);
    taken.push(bootOrder);
  });
}

function reportTaken(causes: Causes, field: string): void {
  causes.push(invalid(`Boot order for ${field} already set for a different device.`, field));
}

/** KubeVirt writes `Name` with a capital in the message, not in the field. */
function validateMapping(
  causes: Causes,
  path: string,
  index: number,
  disk: Disk,
  volume: Volume | undefined,
  config: KubeVirtConfig,
): void {
  if (!volume) {
    const field = `${path}.domain.devices.disks[${index}]`;
    if (!disk.cdrom) {
      causes.push(invalid(`${field}.Name '${disk.name}' not found.`, `${field}.name`));
    } else if (!featureGateEnabled(config, 'DeclarativeHotplugVolumes')) {
      causes.push(
        invalid(
          'DeclarativeHotplugVolumes feature gate not enabled, cannot define an empty CD-ROM disk',
          `${field}.name`,
        ),
      );
    }
    return;
  }
  if (disk.lun && !volume.persistentVolumeClaim && !volume.dataVolume) {
    const field = `${path}.domain.devices.disks[${index}].lun`;
    causes.push(
      invalid(`${field} can only be mapped to a DataVolume or PersistentVolumeClaim volume.`, field),
    );
  }
  if (!volume.downwardMetrics) return;
  const field = `${path}.domain.devices.disks[${index}].disk`;
  if (!disk.disk) {
    causes.push(
      required(`DownwardMetrics volume must be mapped to a disk, but disk is not set on ${field}.`, field),
    );
  } else if (disk.disk.bus && disk.disk.bus !== 'virtio') {
    causes.push(
      invalid(
        `DownwardMetrics volume must be mapped to virtio bus, but ${field}.bus is set to ${disk.disk.bus}`,
        `${field}.bus`,
      ),
    );
  }
}
