/** What each architecture lacks (KubeVirt v1.9 pkg/virt-api/webhooks amd64.go, arm64.go, s390x.go, hyperv.go). */
import { EVMCS_CPU_FEATURE, HYPERV_DEPENDENCIES, wantsEvmcs } from '../defaults/hyperv.ts';
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid, notSupported, required } from '../causes.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

const VIDEO_TYPES: Record<string, readonly string[]> = {
  amd64: ['vga', 'cirrus', 'virtio', 'ramfb', 'bochs'],
  arm64: ['virtio', 'ramfb'],
  s390x: ['virtio'],
};

export function validateArchitecture(causes: Causes, path: string, spec: Spec): void {
  const { architecture = '', domain } = spec;
  const videoTypes = VIDEO_TYPES[architecture];
  if (!videoTypes) {
    causes.push(invalid(`unsupported architecture: ${architecture}`, `${path}.architecture`));
    return;
  }
  const { watchdog, video } = domain.devices;
  const devices = `${path}.domain.devices`;
  if (architecture === 'arm64') validateArm64(causes, path, spec);
  else if (watchdog && architecture === 'amd64' && (!watchdog.i6300esb || watchdog.diag288)) {
    causes.push(notSupported('amd64 only supports I6300ESB watchdog device', `${devices}.watchdog`));
  } else if (watchdog && architecture === 's390x' && (!watchdog.diag288 || watchdog.i6300esb)) {
    causes.push(notSupported('s390x only supports Diag288 watchdog device', `${devices}.watchdog`));
  }
  if (video && !videoTypes.includes(video.type ?? '')) {
    causes.push(
      notSupported(
        `video model '${video.type ?? ''}' is not supported on ${architecture} architecture`,
        `${devices}.video.type`,
      ),
    );
  }
}

function validateArm64(causes: Causes, path: string, { domain }: Spec): void {
  const { cpu, devices, firmware } = domain;
  const refuse = (message: string, field: string): void => {
    causes.push(notSupported(message, `${path}.domain.${field}`));
  };
  if (firmware?.bootloader?.bios) {
    refuse('Arm64 does not support bios boot, please change to uefi boot', 'firmware.bootloader.bios');
  }
  if (cpu?.model && cpu.model !== 'host-passthrough') {
    refuse('currently, host-passthrough is the only model supported on Arm64', 'cpu.model');
  }
  devices.disks?.forEach((disk, index) => {
    for (const type of ['disk', 'cdrom', 'lun'] as const) {
      const bus = disk[type]?.bus;
      if (!bus || bus === 'virtio' || bus === 'scsi') continue;
      refuse(
        'Arm64 not support this disk bus type, please use virtio or scsi',
        `devices.disks[${index}].${type}.bus`,
      );
    }
  });
  if (devices.watchdog) refuse('Arm64 not support Watchdog device', 'devices.watchdog');
  if (devices.sound) refuse('Arm64 not support sound device', 'devices.sound');
}

/** KubeVirt hands in the path of `hyperv` itself and then looks for `domain.features.hyperv` behind it. */
export function validateHyperv(causes: Causes, path: string, { domain }: Spec): void {
  const { hyperv, hypervPassthrough } = domain.features ?? {};
  if (!hyperv) return;
  const field = `${path}.domain.features.hyperv`;
  for (const { feature, requires } of HYPERV_DEPENDENCIES) {
    if (hyperv[feature]?.enabled !== true || hyperv[requires]?.enabled === true) continue;
    const place = `${field}.domain.features.hyperv`;
    causes.push(
      invalid(
        `'${place}.${feature}' requires '${place}.${requires}', which was disabled.`,
        `${place}.${feature}`,
      ),
    );
  }
  if (wantsEvmcs(hyperv)) validateEvmcs(causes, domain.cpu?.features ?? []);
  if (!hypervPassthrough) return;
  causes.push(
    invalid(
      'Cannot explicitly set hyperV features if HypervPassthrough is being used. Please use either HyperV or HypervPassthrough.',
      field,
    ),
  );
}

function validateEvmcs(causes: Causes, features: readonly { name: string; policy?: string }[]): void {
  const { name: needed, policy: neededPolicy } = EVMCS_CPU_FEATURE;
  if (features.length === 0) {
    causes.push(required(`${needed} cpu feature is required when evmcs is set`, 'spec.domain.cpu.features'));
  }
  features.forEach(({ name, policy }, index) => {
    if (name !== needed || policy === neededPolicy) return;
    causes.push(
      invalid(
        `${needed} cpu feature has to be set to ${neededPolicy} policy`,
        `spec.domain.cpu.features[${index}].policy`,
      ),
    );
  });
}
