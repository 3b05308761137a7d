/** Further devices of a VMI (KubeVirt v1.9 admitters/vmi-create-admitter.go). */
import {
  defaultArchitecture,
  featureGateEnabled,
  type KubeVirtConfig,
  persistentReservationEnabled,
} from '../../kubevirt-config/index.ts';
import type { FeatureState, VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid } from '../causes.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

const IO_THREADS_POLICIES = new Set(['shared', 'auto', 'supplementalPool']);
const PANIC_DEVICES = new Set(['hyperv', 'isa', 'pvpanic']);

export function validateInputs(causes: Causes, path: string, { domain }: Spec): void {
  domain.devices.inputs?.forEach(({ bus, type }, index) => {
    const field = `${path}.domain.devices.inputs[${index}]`;
    if (bus && bus !== 'virtio' && bus !== 'usb') {
      causes.push(invalid('Input device can have only virtio or usb bus.', `${field}.bus`));
    }
    if (type !== 'tablet') causes.push(invalid('Input device can have only tablet type.', `${field}.type`));
  });
}

export function validateIoThreads(causes: Causes, path: string, { domain }: Spec): void {
  const policy = domain.ioThreadsPolicy;
  if (policy === undefined) return;
  if (!IO_THREADS_POLICIES.has(policy)) {
    causes.push(invalid(`Invalid IOThreadsPolicy (${policy})`, `${path}.domain.ioThreadsPolicy`));
  }
  if (policy === 'supplementalPool' && !((domain.ioThreads?.supplementalPoolThreadCount ?? 0) >= 1)) {
    causes.push(
      invalid(
        'the number of iothreads needs to be set and positive for the dedicated policy',
        `${path}.domain.ioThreads.count`,
      ),
    );
  }
}

/** Of several passed-through GPUs with a display only one can show the boot. */
export function validateRamFramebuffers(causes: Causes, path: string, { domain }: Spec): void {
  const framebuffers = (domain.devices.gpus ?? []).filter(({ virtualGPUOptions }) => {
    const display = virtualGPUOptions?.display as (FeatureState & { ramFB?: FeatureState }) | undefined;
    return display && display.enabled !== false && (!display.ramFB || display.ramFB.enabled === true);
  });
  if (framebuffers.length > 1) {
    causes.push(invalid('configuring multiple displays with ramfb is not valid ', `${path}.GPUs`));
  }
}

export function validateHostDevices(
  causes: Causes,
  path: string,
  { domain }: Spec,
  config: KubeVirtConfig,
): void {
  if (!domain.devices.hostDevices || featureGateEnabled(config, 'HostDevices')) return;
  causes.push(invalid('Host Devices feature gate is not enabled in kubevirt-config', `${path}.HostDevices`));
}

export function validateSound(causes: Causes, path: string, { domain }: Spec): void {
  const { sound } = domain.devices;
  if (!sound) return;
  if (sound.model && sound.model !== 'ich9' && sound.model !== 'ac97') {
    causes.push(invalid("Sound device type is not supported. Options: 'ich9' or 'ac97'", `${path}.Sound`));
  }
  if (!sound.name) causes.push(invalid('Sound device requires a name field.', `${path}.Sound`));
}

export function validateVsock(causes: Causes, path: string, { domain }: Spec, config: KubeVirtConfig): void {
  if (!domain.devices.autoattachVSOCK || featureGateEnabled(config, 'VSOCK')) return;
  causes.push(
    invalid('VSOCK feature gate is not enabled in kubevirt-config', `${path}.domain.devices.autoattachVSOCK`),
  );
}

export function validateReservation(
  causes: Causes,
  path: string,
  { domain }: Spec,
  config: KubeVirtConfig,
): void {
  if (!domain.devices.disks?.some(({ lun }) => lun?.reservation) || persistentReservationEnabled(config))
    return;
  causes.push(
    invalid(
      'persistent reservation is not enabled in kubevirt config',
      `${path}.domain.devices.disks.luns.reservation`,
    ),
  );
}

export function validateDownwardMetrics(
  causes: Causes,
  path: string,
  { domain }: Spec,
  config: KubeVirtConfig,
): void {
  if (!domain.devices.downwardMetrics || featureGateEnabled(config, 'DownwardMetrics')) return;
  causes.push(
    invalid(
      'downwardMetrics virtio serial is not allowed: DownwardMetrics feature gate is not enabled',
      `${path}.domain.devices.downwardMetrics`,
    ),
  );
}

export function validateFilesystems(causes: Causes, path: string, spec: Spec, config: KubeVirtConfig): void {
  if (featureGateEnabled(config, 'EnableVirtioFsStorageVolumes')) return;
  for (const { name } of spec.domain.devices.filesystems ?? []) {
    const volume = spec.volumes?.findLast(candidate => candidate.name === name);
    if (!volume?.persistentVolumeClaim && !volume?.dataVolume) continue;
    causes.push(
      invalid(
        'virtiofs is not allowed: virtiofs feature gate is not enabled for PVC',
        `${path}.domain.devices.filesystems`,
      ),
    );
  }
}

export function validateVideo(causes: Causes, path: string, { domain }: Spec): void {
  if (!domain.devices.video || domain.devices.autoattachGraphicsDevice !== false) return;
  causes.push(
    invalid(
      'Video configuration is not allowed when autoattachGraphicsDevice is set to false',
      `${path}.video`,
    ),
  );
}

export function validatePanicDevices(causes: Causes, path: string, spec: Spec, config: KubeVirtConfig): void {
  const { panicDevices } = spec.domain.devices;
  if (!panicDevices?.length) return;
  const field = `${path}.domain.devices.panicDevices`;
  if ((spec.architecture || defaultArchitecture(config)) === 's390x') {
    causes.push(invalid('custom panic devices are not supported on s390x architecture', field));
  }
  panicDevices.forEach(({ model }, index) => {
    if (model === undefined || PANIC_DEVICES.has(model)) return;
    causes.push(invalid(`invalid PanicDeviceModel(${model})`, `${field}[${index}].model`));
  });
}
