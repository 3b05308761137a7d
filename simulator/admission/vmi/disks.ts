/** Disks of a VMI or a preset (KubeVirt v1.9 pkg/storage/admitters/disks.go). */
import type { Disk } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { isPciAddress } from '../addresses.ts';
import { invalid, notSupported } from '../causes.ts';
import { dnsLabelErrors } from '../kubernetes-names.ts';

type Causes = StatusCause[];

const MOST_SERIAL_CHARACTERS = 256;
const LEAST_BLOCK_SIZE = 512;
const MOST_BLOCK_SIZE = 2_097_152;
const SERIAL = /^[A-Za-z0-9_.+-]+$/;
const BUSES = ['virtio', 'scsi', 'sata', 'usb'];
const CACHE_MODES = new Set(['none', 'writethrough', 'writeback']);
const IO_MODES = new Set(['native', 'threads']);
const ERROR_POLICIES = new Set(['stop', 'ignore', 'report', 'enospace']);

/** The path is that of the list; some fields KubeVirt names with another list's path behind it. */
export function validateDisks(causes: Causes, path: string, disks: readonly Disk[] | undefined): void {
  disks?.forEach((disk, index) => {
    for (let earlier = 0; earlier < index; earlier += 1) {
      if (disks[earlier]?.name !== disk.name) continue;
      causes.push(
        invalid(
          `${path}[${index}] and ${path}[${earlier}] must not have the same Name.`,
          `${path}[${index}].name`,
        ),
      );
    }
    validateTarget(causes, path, index, disk);
    validateBus(causes, path, index, disk);
    validateSerial(causes, path, index, disk);
    validateModes(causes, path, index, disk);
    for (const error of dnsLabelErrors(disk.name ?? '')) {
      causes.push(invalid(error, `${path}.domain.devices.disks[${index}].name`));
    }
    if (disk.blockSize?.custom) validateBlockSize(causes, `${path}[${index}].blockSize`, disk);
  });
}

export function diskBus({ disk, lun, cdrom }: Disk): string {
  return (disk ?? lun ?? cdrom)?.bus ?? '';
}

function deviceType({ disk, lun, cdrom }: Disk): string {
  if (disk) return 'disk';
  if (lun) return 'lun';
  return cdrom ? 'cdrom' : '';
}

function validateTarget(
  causes: Causes,
  path: string,
  index: number,
  { disk, lun, cdrom, bootOrder }: Disk,
): void {
  if (Number(disk !== undefined) + Number(lun !== undefined) + Number(cdrom !== undefined) > 1) {
    causes.push(invalid(`${path}[${index}] can only have a single target type defined`, `${path}[${index}]`));
  }
  if (disk?.pciAddress) {
    const place = `${path}.domain.devices.disks.disk[${index}]`;
    if (disk.bus !== 'virtio') {
      causes.push(
        invalid(
          `disk ${place}.name - setting a PCI address is only possible with bus type virtio.`,
          `${place}.pciAddress`,
        ),
      );
    }
    if (!isPciAddress(disk.pciAddress)) {
      causes.push(
        invalid(`disk ${place}.name has malformed PCI address (${disk.pciAddress}).`, `${place}.pciAddress`),
      );
    }
  }
  if (bootOrder !== undefined && bootOrder < 1) {
    causes.push(
      invalid(`${path}[${index}] must have a boot order > 0, if supplied`, `${path}[${index}].bootOrder`),
    );
  }
}

function validateBus(causes: Causes, path: string, index: number, disk: Disk): void {
  const bus = diskBus(disk);
  if (bus === '') return;
  const field = `${path}[${index}].${deviceType(disk)}.bus`;
  if (bus === 'ide') {
    causes.push(invalid('IDE bus is not supported', field));
  } else if (bus === 'virtio') {
    if (deviceType(disk) === 'cdrom') {
      causes.push(invalid('Bus type virtio is invalid for CD-ROM device', field));
    }
  } else if (bus === 'sata') {
    if (disk.disk?.readonly) causes.push(invalid('sata hard-disks do not support read-only.', field));
  } else if (!BUSES.includes(bus)) {
    causes.push(
      invalid(
        `${path}[${index}] is set with an unrecognized bus ${bus}, must be one of: [${BUSES.join(' ')}]`,
        field,
      ),
    );
  }
  if (disk.dedicatedIOThread && bus !== 'virtio') {
    causes.push(
      notSupported(
        `IOThreads are not supported for disks on a ${bus} bus`,
        `${path}.domain.devices.disks[${index}]`,
      ),
    );
  }
}

function validateSerial(causes: Causes, path: string, index: number, { serial }: Disk): void {
  if (!serial) return;
  const field = `${path}[${index}].serial`;
  if (!SERIAL.test(serial)) {
    causes.push(
      invalid(
        `${path}[${index}] must be made up of the following characters [A-Za-z0-9_.+-], if specified`,
        field,
      ),
    );
  }
  if ([...serial].length > MOST_SERIAL_CHARACTERS) {
    causes.push(
      invalid(
        `${path}[${index}] must be less than or equal to ${MOST_SERIAL_CHARACTERS} in length, if specified`,
        field,
      ),
    );
  }
}

function validateModes(causes: Causes, path: string, index: number, { cache, io, errorPolicy }: Disk): void {
  if (cache && !CACHE_MODES.has(cache)) {
    const field = `${path}[${index}].cache`;
    causes.push(invalid(`${field} has invalid value ${cache}`, field));
  }
  if (io && !IO_MODES.has(io)) {
    causes.push(
      notSupported(
        `Disk IO mode for ${path} is not supported. Supported modes are: native, threads.`,
        `${path}.domain.devices.disks[${index}].io`,
      ),
    );
  }
  if (errorPolicy !== undefined && !ERROR_POLICIES.has(errorPolicy)) {
    const field = `${path}[${index}].errorPolicy`;
    causes.push(invalid(`${field} has invalid value "${errorPolicy}"`, field));
  }
}

function validateBlockSize(causes: Causes, field: string, disk: Disk): void {
  const { matchVolume, custom } = disk.blockSize ?? {};
  if (matchVolume && matchVolume.enabled !== false) {
    causes.push(invalid("Block size matching can't be enabled together with a custom value", field));
    return;
  }
  const { logical = 0, physical = 0, discardGranularity } = custom ?? {};
  if (logical > physical) {
    causes.push(
      invalid(
        `Logical size ${logical} must be the same or less than the physical size of ${physical}`,
        `${field}.custom.logical`,
      ),
    );
  } else if (diskBus(disk) === 'sata' && logical !== LEAST_BLOCK_SIZE) {
    causes.push(
      invalid(
        `Logical size ${logical} must be ${LEAST_BLOCK_SIZE} for SATA devices`,
        `${field}.custom.logical`,
      ),
    );
  } else if (discardGranularity !== undefined && logical !== 0 && discardGranularity % logical !== 0) {
    causes.push(
      invalid(
        `Discard granularity ${discardGranularity} must be multiples of logical size ${logical}`,
        `${field}.custom.discardGranularity`,
      ),
    );
  } else {
    validateCustomSize(causes, `${field}.custom.logical`, logical);
    validateCustomSize(causes, `${field}.custom.physical`, physical);
  }
}

function validateCustomSize(causes: Causes, field: string, size: number): void {
  let problem: string | undefined;
  if (size < LEAST_BLOCK_SIZE) problem = `less than the supported minimum size of ${LEAST_BLOCK_SIZE}`;
  else if (size > MOST_BLOCK_SIZE) problem = `greater than the supported maximum size of ${MOST_BLOCK_SIZE}`;
  else if ((size & (size - 1)) !== 0) problem = 'not a power of 2';
  if (problem !== undefined) causes.push(invalid(`Provided size of ${size} is ${problem}`, field));
}
