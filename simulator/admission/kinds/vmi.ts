/** VirtualMachineInstances (KubeVirt v1.9 mutators/vmi-mutator.go, admitters vmi-create-admitter.go, vmi-update-admitter.go). */
import { timestamp } from '../../clock/index.ts';
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Disk, VirtualMachineInstance, Volume } from '../../types/kubevirt.ts';
import type { JsonObject, StatusCause, UserInfo } from '../../types/meta.ts';
import { duplicate, invalid, notSupported, required } from '../causes.ts';
import { applyPresets, type VirtualMachineInstancePreset } from '../defaults/presets.ts';
import { setVmiDefaults } from '../defaults/vmi.ts';
import { bareDenial, deny } from '../denial.ts';
import { compare } from '../quantities.ts';
import { same } from '../same.ts';
import { isTrusted, isVirtHandler, sameReservedLabels } from '../users.ts';
import { validateArchitecture, validateHyperv } from '../vmi/architecture.ts';
import { validateGraceAnnotations } from '../vmi/grace.ts';
import { validateMemoryGiven } from '../vmi/memory.ts';
import { validateNetwork, validateNewNetwork } from '../vmi/network.ts';
import { validateDiscontinuedGates, validateVmiMetadata, validateVmiSpec } from '../vmi/spec.ts';
import { validateVolumeDisks } from '../vmi/volumes.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, denied } from '../webhook.ts';
import { hotplugDiskProblem } from './volume-requests.ts';

export const VMI_FINALIZER = 'kubevirt.io/foregroundDeleteVirtualMachine';
const PRESET_WARNING =
  'kubevirt.io/v1 VirtualMachineInstancePresets is now deprecated and will be removed in v2.';

/**
 * `virtualmachineinstances-mutator.kubevirt.io`: a new VMI gets presets, defaults, finalizer and its first phase; a
 * status that anybody but KubeVirt changes is put back.
 */
export function mutateVmi(request: AdmissionRequest): AdmissionResult {
  if (request.operation === 'UPDATE') return withOldStatus(request);
  const given = request.object as VirtualMachineInstance;
  // A Go struct that is missing is an empty one.
  const vmi = given.spec ? given : { ...given, spec: {} as VirtualMachineInstance['spec'] };
  const presets = request.lookup.list('virtualmachineinstancepresets.kubevirt.io', request.namespace);
  const preset = applyPresets(vmi, presets as readonly VirtualMachineInstancePreset[]);
  if (preset.error !== undefined) return denied(bareDenial(preset.error, 422));
  const defaulted = setVmiDefaults(preset.value, request.config, request.random);
  if (defaulted.error !== undefined) return denied(bareDenial(defaulted.error));
  const { metadata, status, ...rest } = defaulted.value;
  const phase = 'Pending' as const;
  const object: VirtualMachineInstance = {
    ...rest,
    metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), VMI_FINALIZER] },
    status: {
      ...status,
      phase,
      phaseTransitionTimestamps: [
        ...(status?.phaseTransitionTimestamps ?? []),
        { phase, phaseTransitionTimestamp: timestamp(request.now) },
      ],
    },
  };
  const presetUsed = Object.keys(object.metadata.annotations ?? {}).some(key =>
    key.includes('virtualmachinepreset'),
  );
  return { allowed: true, object, ...(presetUsed && { warnings: [PRESET_WARNING] }) };
}

function withOldStatus({ config, object, oldObject, user }: AdmissionRequest): AdmissionResult {
  const vmi = object as VirtualMachineInstance;
  const old = oldObject as VirtualMachineInstance;
  if (isTrusted(config, user) || same(vmi.status, old.status)) return ALLOWED;
  const { status: _, ...rest } = vmi;
  return {
    allowed: true,
    object: old.status === undefined ? rest : ({ ...vmi, status: old.status } as typeof vmi),
  };
}

/** `virtualmachineinstances-create-validator.kubevirt.io`. The network is judged twice, as upstream. */
export function validateNewVmi({ config, object, user }: AdmissionRequest): AdmissionResult {
  const { metadata, spec } = object as VirtualMachineInstance;
  const causes = validateDiscontinuedGates(spec, config);
  validateNewNetwork(causes, 'spec', spec);
  validateNetwork(causes, 'spec', spec, config);
  causes.push(...validateVmiSpec('spec', spec, config));
  validateVolumeDisks(causes, 'spec', spec);
  validateMemoryGiven(causes, 'spec', spec);
  causes.push(...validateVmiMetadata('metadata', metadata, config, isTrusted(config, user)));
  validateGraceAnnotations(causes, 'metadata', spec, metadata.annotations, config);
  validateHyperv(causes, 'spec', spec);
  validateArchitecture(causes, 'spec', spec);
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

/** `virtualmachineinstances-update-validator.kubevirt.io`. */
export function validateVmiUpdateRequest({
  config,
  object,
  oldObject,
  user,
}: AdmissionRequest): AdmissionResult {
  const vmi = object as VirtualMachineInstance;
  const causes = validateVmiUpdate(vmi, oldObject as VirtualMachineInstance, user, config);
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

/**
 * Why a change of a VMI is refused: strangers may not touch its spec nor the labels reserved for KubeVirt; KubeVirt
 * itself may plug CPUs, memory and volumes; a node's virt-handler may write only what runs there.
 */
export function validateVmiUpdate(
  vmi: VirtualMachineInstance,
  old: VirtualMachineInstance,
  user: UserInfo,
  config: KubeVirtConfig,
): StatusCause[] {
  if (featureGateEnabled(config, 'NodeRestriction') && isVirtHandler(config, user)) {
    const message = nodeRestriction(vmi, old, user);
    if (message !== undefined) return [invalid(message)];
  }
  const trusted = isTrusted(config, user);
  if (!same(vmi.spec, old.spec)) {
    if (!trusted) return [notSupported('update of VMI object is restricted')];
    const causes = validateHotplug(vmi, old, config);
    if (causes.length > 0) return causes;
  }
  if (!trusted && !sameReservedLabels(vmi.metadata.labels, old.metadata.labels)) {
    const message =
      'modification of the following reserved kubevirt.io/ labels on a VMI object is prohibited';
    return [notSupported(message)];
  }
  return [];
}

function nodeRestriction(
  vmi: VirtualMachineInstance,
  old: VirtualMachineInstance,
  { extra }: UserInfo,
): string | undefined {
  const node = extra?.['authentication.kubernetes.io/node-name']?.[0];
  if (node === undefined) return 'Node restriction failed, virt-handler service account is missing node name';
  const target = old.status?.migrationState?.targetNode ?? '';
  if (node !== (old.status?.nodeName ?? '') && (target === '' || node !== target)) {
    return 'Node restriction, virt-handler is only allowed to modify VMIs it owns';
  }
  const newTarget = vmi.status?.migrationState?.targetNode ?? '';
  if (target === '' && newTarget !== '')
    return 'Node restriction, virt-handler is not allowed to set target node';
  return undefined;
}

function validateHotplug(
  vmi: VirtualMachineInstance,
  old: VirtualMachineInstance,
  config: KubeVirtConfig,
): StatusCause[] {
  const { cpu, memory } = vmi.spec.domain;
  const { cpu: oldCpu, memory: oldMemory } = old.spec.domain;
  if ((cpu?.maxSockets ?? 0) !== (oldCpu?.maxSockets ?? 0))
    return [invalid('CPU topology maxSockets changed')];
  if (memory?.maxGuest !== undefined && oldMemory?.maxGuest !== undefined) {
    if (compare(memory.maxGuest, oldMemory.maxGuest) !== 0) return [invalid('Memory maxGuest changed')];
  }
  const utility = validateUtilityVolumes(vmi, old, config);
  if (utility.length > 0) return utility;
  const problem = volumesProblem(vmi, old, config);
  if (problem === undefined) return [];
  return [typeof problem === 'string' ? invalid(problem) : problem];
}

interface UtilityVolume extends JsonObject {
  name: string;
  claimName: string;
}

function validateUtilityVolumes(
  vmi: VirtualMachineInstance,
  old: VirtualMachineInstance,
  config: KubeVirtConfig,
): StatusCause[] {
  const utilities = (vmi.spec.utilityVolumes ?? []) as UtilityVolume[];
  const path = 'spec.utilityVolumes';
  if (utilities.length === 0) return [];
  if (!featureGateEnabled(config, 'UtilityVolumes')) {
    return [invalid('UtilityVolumes feature gate is not enabled', path)];
  }
  const causes: StatusCause[] = [];
  utilities.forEach(({ name, claimName }, index) => {
    const field = `${path}[${index}]`;
    if (!name) causes.push(required("UtilityVolume 'name' must be set", `${field}.name`));
    const other = utilities.findIndex(candidate => candidate.name === name);
    if (other < index) {
      causes.push(duplicate(`${field} and ${path}[${other}] must not have the same Name.`, `${field}.name`));
    }
    const volume = vmi.spec.volumes?.findLastIndex(candidate => candidate.name === name) ?? -1;
    if (volume >= 0) {
      causes.push(
        duplicate(
          `${field} conflicts with spec.volumes[${volume}]. UtilityVolume names must be unique across both volumes and utilityVolumes.`,
          `${field}.name`,
        ),
      );
    }
    if (!claimName) causes.push(required("UtilityVolume PVC 'claimName' must be set", `${field}.claimName`));
  });
  if (causes.length > 0) return causes;
  for (const utility of utilities) {
    if (isPermanent(old, utility.name)) {
      return [
        invalid(
          `utility volume ${utility.name} cannot be a permanent volume, utility volumes must always be hotplug`,
        ),
      ];
    }
    const before = (old.spec.utilityVolumes as UtilityVolume[] | undefined)?.find(
      ({ name }) => name === utility.name,
    );
    if (before && !same(utility, before)) return [invalid(`utility volume ${utility.name} has changed`)];
  }
  return [];
}

/** Volumes the guest started with: those whose status knows no hotplug pod. */
function isPermanent({ status }: VirtualMachineInstance, name: string): boolean {
  return status?.volumeStatus?.some(volume => volume.name === name && !volume.hotplugVolume) ?? false;
}

/** Volumes may come and go while the guest runs, unless it started with them. */
function volumesProblem(
  vmi: VirtualMachineInstance,
  old: VirtualMachineInstance,
  config: KubeVirtConfig,
): string | StatusCause | undefined {
  const volumes = vmi.spec.volumes ?? [];
  const oldVolumes = old.spec.volumes ?? [];
  const { disks = [], filesystems = [] } = vmi.spec.domain.devices;
  const oldDisks = old.spec.domain.devices.disks ?? [];
  const declared = volumes.filter(volume => !volume.memoryDump).length;
  const needed = disks.filter(disk => {
    const mapped = volumes.some(volume => volume.name === disk.name && !volume.memoryDump);
    return mapped || !disk.cdrom || !featureGateEnabled(config, 'DeclarativeHotplugVolumes');
  }).length;
  if (needed + filesystems.length !== declared) {
    return `mismatch between volumes declared (${declared}) and required (${needed + filesystems.length})`;
  }
  const permanent = volumes.filter(({ name }) => isPermanent(old, name));
  const oldPermanent = oldVolumes.filter(({ name }) => isPermanent(old, name));
  if (permanent.length !== oldPermanent.length) return 'Number of permanent volumes has changed';
  const migrated = (name: string): boolean =>
    vmi.status?.migratedVolumes?.some(({ volumeName }) => volumeName === name) ?? false;
  for (const volume of permanent) {
    const { name } = volume;
    const before = named(oldPermanent, name);
    if (!before) return `permanent volume ${name}, not found`;
    if (migrated(name)) continue;
    if (!same(volume, before)) return `permanent volume ${name}, changed`;
    if (!same(named(disks, name), named(oldDisks, name))) return `permanent disk ${name}, changed`;
  }
  for (const volume of volumes) {
    if (isPermanent(old, volume.name)) continue;
    const before = named(oldVolumes, volume.name);
    const problem = before
      ? keptVolumeProblem(volume, before, disks, oldDisks, migrated(volume.name))
      : newVolumeProblem(volume, disks, oldDisks);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function keptVolumeProblem(
  volume: Volume,
  before: Volume,
  disks: readonly Disk[],
  oldDisks: readonly Disk[],
  migrated: boolean,
): string | undefined {
  const { name } = volume;
  if (!migrated && !same(volume, before)) return `hotplug volume ${name}, changed`;
  if (volume.memoryDump) return undefined;
  const disk = named(disks, name);
  if (!disk) return `volume ${name} doesn't have a matching disk`;
  return same(disk, named(oldDisks, name)) ? undefined : `hotplug disk ${name}, changed`;
}

function newVolumeProblem(
  { name, dataVolume, persistentVolumeClaim, memoryDump }: Volume,
  disks: readonly Disk[],
  oldDisks: readonly Disk[],
): string | StatusCause | undefined {
  if (memoryDump) return undefined;
  if (!dataVolume && !persistentVolumeClaim) return `volume ${name} is not a PVC or DataVolume`;
  const disk = named(disks, name);
  if (!disk) return `disk ${name} does not exist`;
  return named(oldDisks, name)
    ? undefined
    : hotplugDiskProblem(disk, name, 'Hotplug configuration', undefined);
}

function named<T extends { name: string }>(items: readonly T[], name: string): T | undefined {
  return items.findLast(item => item.name === name);
}
