/** Volumes of a VMI (KubeVirt v1.9 admitters/vmi-create-admitter.go validateVolumes). */
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstanceSpec, Volume } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid, notFound, required } from '../causes.ts';
import { isZero } from '../quantities.ts';
import { type CloudInit, validateCloudInit } from './cloud-init.ts';
import { validatePath } from './paths.ts';

type Causes = StatusCause[];

const SOURCES = [
  'persistentVolumeClaim',
  'sysprep',
  'cloudInitNoCloud',
  'cloudInitConfigDrive',
  'containerDisk',
  'ephemeral',
  'emptyDisk',
  'hostDisk',
  'dataVolume',
  'configMap',
  'secret',
  'downwardAPI',
  'serviceAccount',
  'downwardMetrics',
  'memoryDump',
  'containerPath',
] as const;

const HOST_DISK_TYPES = ['Disk', 'DiskOrCreate'];

export function validateVolumes(
  causes: Causes,
  path: string,
  volumes: readonly Volume[] | undefined,
  config: KubeVirtConfig,
): void {
  if (!volumes) return;
  let serviceAccounts = 0;
  let downwardMetrics = 0;
  let memoryDumps = 0;
  volumes.forEach((volume, index) => {
    const other = volumes.findIndex(candidate => candidate.name === volume.name);
    if (other < index) {
      causes.push(
        invalid(
          `${path}[${index}] and ${path}[${other}] must not have the same Name.`,
          `${path}[${index}].name`,
        ),
      );
    }
    validateSource(causes, path, index, volume, config);
    if (volume.serviceAccount) serviceAccounts += 1;
    if (volume.downwardMetrics) downwardMetrics += 1;
    if (volume.memoryDump) memoryDumps += 1;
  });
  if (serviceAccounts > 1) causes.push(invalid(`${path} must have max one serviceAccount volume set`, path));
  if (downwardMetrics > 1) causes.push(invalid(`${path} must have max one downwardMetric volume set`, path));
  if (memoryDumps > 1) causes.push(invalid(`${path} must have max one memory dump volume set`, path));
}

function validateSource(
  causes: Causes,
  path: string,
  index: number,
  volume: Volume,
  config: KubeVirtConfig,
): void {
  if (volume.dataVolume && !volume.dataVolume.name) {
    causes.push(required("DataVolume 'name' must be set", `${path}[${index}].name`));
  }
  let sources = 0;
  for (const source of SOURCES) if (volume[source]) sources += 1;
  if (sources !== 1) {
    causes.push(invalid(`${path}[${index}] must have exactly one source type set`, `${path}[${index}]`));
  }
  if (volume.cloudInitNoCloud) {
    validateCloudInit(causes, `${path}[${index}]`, 'cloudInitNoCloud', volume.cloudInitNoCloud as CloudInit);
  } else if (volume.cloudInitConfigDrive) {
    validateCloudInit(
      causes,
      `${path}[${index}]`,
      'cloudInitConfigDrive',
      volume.cloudInitConfigDrive as CloudInit,
    );
  }
  if (volume.downwardMetrics && !featureGateEnabled(config, 'DownwardMetrics')) {
    const message = 'downwardMetrics disks are not allowed: DownwardMetrics feature gate is not enabled.';
    causes.push(invalid(message, `${path}[${index}]`));
  }
  if (volume.hostDisk) validateHostDisk(causes, `${path}[${index}]`, volume.hostDisk, config);
  if (volume.configMap && !volume.configMap.name) requireField(causes, `${path}[${index}].configMap.name`);
  if (volume.secret && !volume.secret.secretName) requireField(causes, `${path}[${index}].secret.secretName`);
  if (volume.serviceAccount && !volume.serviceAccount.serviceAccountName) {
    requireField(causes, `${path}[${index}].serviceAccount.serviceAccountName`);
  }
}

function requireField(causes: Causes, field: string): void {
  causes.push(invalid(`${field} is a required field`, field));
}

function validateHostDisk(
  causes: Causes,
  path: string,
  { path: file, type, capacity }: NonNullable<Volume['hostDisk']>,
  config: KubeVirtConfig,
): void {
  if (!featureGateEnabled(config, 'HostDisk')) {
    causes.push(invalid('HostDisk feature gate is not enabled', path));
  }
  if (!file) {
    causes.push(notFound(`${path}.hostDisk.path is required for hostDisk volume`, `${path}.hostDisk.path`));
  }
  const typeField = `${path}.hostDisk.type`;
  if (!HOST_DISK_TYPES.includes(type)) {
    causes.push(
      invalid(
        `${typeField} has invalid value '${type ?? ''}', allowed are 'Disk' or 'DiskOrCreate'`,
        typeField,
      ),
    );
  }
  if (type === 'Disk' && !isZero(capacity)) {
    const field = `${path}.hostDisk.capacity`;
    causes.push(invalid(`${field} is allowed to pass only with ${typeField} equal to 'DiskOrCreate'`, field));
  }
}

export function validateContainerDisks(
  causes: Causes,
  path: string,
  { volumes }: VirtualMachineInstanceSpec,
): void {
  volumes?.forEach(({ containerDisk }, index) => {
    if (containerDisk?.path)
      validatePath(causes, `${path}.volumes[${index}].containerDisk`, containerDisk.path);
  });
}

/** Only a VMI must have a disk or file system for each volume; a VM gets the missing disks when it starts. */
export function validateVolumeDisks(causes: Causes, path: string, spec: VirtualMachineInstanceSpec): void {
  const { disks, filesystems } = spec.domain.devices;
  spec.volumes?.forEach(({ name, memoryDump, containerPath }, index) => {
    if (memoryDump) return;
    const hasDisk = disks?.some(disk => disk.name === name) ?? false;
    const hasFilesystem = filesystems?.some(filesystem => filesystem.name === name) ?? false;
    if (!hasDisk && !hasFilesystem) {
      const field = `${path}.domain.volumes[${index}].name`;
      causes.push(invalid(`${field} '${name}' not found.`, field));
    }
    if (!containerPath) return;
    const field = `${path}.domain.volumes[${index}]`;
    if (hasDisk) {
      causes.push(
        invalid(`ContainerPath volume '${name}' must be mapped to a filesystem, not a disk`, field),
      );
    }
    if (!hasFilesystem) {
      causes.push(
        invalid(
          `ContainerPath volume '${name}' must have a matching filesystem defined in spec.domain.devices.filesystems`,
          field,
        ),
      );
    }
    const file = typeof containerPath.path === 'string' ? containerPath.path : '';
    const reserved = ['/var/run/kubevirt', '/var/run/libvirt'].find(prefix => file.startsWith(prefix));
    if (reserved !== undefined) {
      causes.push(
        invalid(
          `ContainerPath volume '${name}' uses reserved path prefix '${reserved}'`,
          `${field}.containerPath.path`,
        ),
      );
    }
  });
}
