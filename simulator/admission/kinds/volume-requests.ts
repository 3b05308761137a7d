/** Volumes a VM was asked to plug or unplug (KubeVirt v1.9 vms-admitter.go validateVolumeRequests). */
import { timestamp } from '../../clock/index.ts';
import type {
  Disk,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceSpec,
  Volume,
} from '../../types/kubevirt.ts';
import type { StatusCause, Timestamp } from '../../types/meta.ts';
import { invalid, notSupported } from '../causes.ts';
import { same } from '../same.ts';
import { diskBus } from '../vmi/disks.ts';
import { validateVmiSpec } from '../vmi/spec.ts';
import type { AdmissionRequest } from '../webhook.ts';

interface VolumeRequest {
  addVolumeOptions?: {
    name: string;
    disk?: Disk;
    volumeSource?: Pick<Volume, 'persistentVolumeClaim' | 'dataVolume'>;
  };
  removeVolumeOptions?: { name: string };
}

const FIELD = 'Status.volumeRequests';
const TEMPLATE = 'spec.template.spec';

export function validateVolumeRequests(vm: VirtualMachine, request: AdmissionRequest): StatusCause[] {
  const requests = (vm.status?.volumeRequests ?? []) as VolumeRequest[];
  if (requests.length === 0) return [];
  const vmi = runningVmi(vm, request);
  const added = new Set<string>();
  const removed = new Set<string>();
  let spec = vm.spec.template.spec;
  let vmiSpec = vmi?.spec;
  for (const volumeRequest of requests) {
    const problem = requestProblem(volumeRequest, vm, vmi, added, removed);
    if (problem.length > 0) return problem;
    spec = withVolumeRequest(spec, volumeRequest);
    vmiSpec &&= withVolumeRequest(vmiSpec, volumeRequest);
  }
  const causes = validateVmiSpec(TEMPLATE, spec, request.config);
  if (causes.length > 0 || !vmi || !vmiSpec) return causes;
  const vmiCauses = validateVmiSpec(TEMPLATE, vmiSpec, request.config);
  if (vmiCauses.length > 0) return vmiCauses;
  return isMigrating(vmi, timestamp(request.now))
    ? [notSupported('Cannot handle volume requests while VMI migration is in progress', 'spec')]
    : [];
}

function runningVmi(
  vm: VirtualMachine,
  { lookup, namespace }: AdmissionRequest,
): VirtualMachineInstance | undefined {
  if (!vm.status?.ready) return undefined;
  const vmi = lookup.get(
    'virtualmachineinstances.kubevirt.io',
    vm.metadata.namespace ?? namespace,
    vm.metadata.name,
  ) as VirtualMachineInstance | undefined;
  return vmi?.metadata.deletionTimestamp === undefined ? vmi : undefined;
}

function requestProblem(
  { addVolumeOptions: add, removeVolumeOptions: remove }: VolumeRequest,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  added: Set<string>,
  removed: Set<string>,
): StatusCause[] {
  if (add && remove) {
    const message =
      'VolumeRequests require either addVolumeOptions or removeVolumeOptions to be set, not both';
    return [invalid(message, FIELD)];
  }
  if (remove) {
    if (removed.has(remove.name))
      return [invalid(`RemoveVolume request for [${remove.name}] aleady exists`, FIELD)];
    removed.add(remove.name);
    return [];
  }
  if (!add) {
    const message = 'VolumeRequests require one of either addVolumeOptions or removeVolumeOptions to be set';
    return [invalid(message, FIELD)];
  }
  const { name, disk } = add;
  if (added.has(name)) return [invalid(`AddVolume request for [${name}] aleady exists`, FIELD)];
  const diskProblem = hotplugDiskProblem(disk, name, 'AddVolume request', FIELD);
  if (diskProblem) return [diskProblem];
  const volume: Volume = { name, ...sourceOf(add.volumeSource, false) };
  const conflict = `AddVolume request for [${name}] conflicts with an existing volume of the same name on`;
  const inTemplate = vm.spec.template.spec.volumes?.findLast(candidate => candidate.name === name);
  if (inTemplate && !same(volume, inTemplate)) return [invalid(`${conflict} the vmi template.`, FIELD)];
  const inVmi = vmi?.spec.volumes?.findLast(candidate => candidate.name === name);
  if (inVmi && !same(volume, inVmi)) return [invalid(`${conflict} currently running vmi`, FIELD)];
  added.add(name);
  return [];
}

/** Why a disk cannot be plugged into a running guest, or undefined. */
export function hotplugDiskProblem(
  disk: Disk | undefined,
  name: string,
  prefix: string,
  field: string | undefined,
): StatusCause | undefined {
  if (!disk) return invalid(`${prefix} for [${name}] requires the disk field to be set.`, field);
  const bus = diskBus(disk);
  if (disk.disk) {
    if (bus !== 'scsi' && bus !== 'virtio') {
      const wanted = `requires bus to be 'scsi' or 'virtio'. [${bus}] is not permitted.`;
      return invalid(`${prefix} for disk [${name}] ${wanted}`, field);
    }
  } else if (disk.lun) {
    if (bus !== 'scsi') {
      return invalid(
        `${prefix} for LUN [${name}] requires bus to be 'scsi'. [${bus}] is not permitted.`,
        field,
      );
    }
  } else {
    return invalid(`${prefix} for [${name}] requires diskDevice of type 'disk' or 'lun' to be used.`, field);
  }
  if (disk.dedicatedIOThread && bus !== 'virtio') {
    return invalid(`${prefix} for [${name}] requires virtio bus for IOThreads.`, field);
  }
  if (disk.bootOrder !== undefined && disk.bootOrder < 1) {
    return invalid(
      'spec.domain.devices.disks[1] must have a boot order > 0, if supplied',
      'spec.domain.devices.disks[1].bootOrder',
    );
  }
  return undefined;
}

function sourceOf(
  source: NonNullable<VolumeRequest['addVolumeOptions']>['volumeSource'],
  hotpluggable: boolean,
): Pick<Volume, 'persistentVolumeClaim' | 'dataVolume'> {
  const mark = hotpluggable ? { hotpluggable } : {};
  if (source?.persistentVolumeClaim)
    return { persistentVolumeClaim: { ...source.persistentVolumeClaim, ...mark } };
  return source?.dataVolume ? { dataVolume: { ...source.dataVolume, ...mark } } : {};
}

/** A spec with a volume plugged in or out (pkg/controller ApplyVolumeRequestOnVMISpec). */
export function withVolumeRequest(
  spec: VirtualMachineInstanceSpec,
  request: VolumeRequest,
): VirtualMachineInstanceSpec {
  const { addVolumeOptions: add, removeVolumeOptions: remove } = request;
  const { devices } = spec.domain;
  const volumes = spec.volumes ?? [];
  const disks = devices.disks ?? [];
  if (add) {
    if (volumes.some(({ name }) => name === add.name)) return spec;
    return {
      ...spec,
      volumes: [...volumes, { name: add.name, ...sourceOf(add.volumeSource, true) }],
      domain: {
        ...spec.domain,
        devices: { ...devices, disks: add.disk ? [...disks, { ...add.disk, name: add.name }] : disks },
      },
    };
  }
  if (!remove) return spec;
  return {
    ...spec,
    volumes: volumes.filter(({ name }) => name !== remove.name),
    domain: {
      ...spec.domain,
      devices: { ...devices, disks: disks.filter(({ name }) => name !== remove.name) },
    },
  };
}

/** Whether a migration has started and not ended by a point in time. */
function isMigrating({ status }: VirtualMachineInstance, now: Timestamp): boolean {
  const { startTimestamp, endTimestamp } = status?.migrationState ?? {};
  const started = startTimestamp !== undefined && startTimestamp <= now;
  return started && !(endTimestamp !== undefined && endTimestamp <= now);
}
