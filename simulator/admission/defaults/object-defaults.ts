/** The API's own defaults of a VMI (KubeVirt v1.9 staging/src/kubevirt.io/api/core/v1 defaults.go). */
import type {
  Disk,
  Features,
  FeatureState,
  FeatureState2,
  HypervFeatures,
  Probe,
  VirtualMachineInstanceSpec,
} from '../../types/kubevirt.ts';
import type { Random } from '../webhook.ts';

const DEFAULT_SPINLOCK_RETRIES = 4096;

/** Writes the API's defaults into a spec, which must be the caller's own copy. */
export function setObjectDefaults(spec: VirtualMachineInstanceSpec, random: Pick<Random, 'uuid'>): void {
  const { domain } = spec;
  const { devices } = domain;
  const firmware = (domain.firmware ??= {});
  if (!firmware.uuid) firmware.uuid = random.uuid();
  setFeatureDefaults((domain.features ??= {}));
  const timer = domain.clock?.timer;
  if (timer) for (const each of [timer.hpet, timer.kvm, timer.pit, timer.rtc, timer.hyperv]) present(each);
  for (const disk of devices.disks ?? []) setDiskDefaults(disk);
  for (const input of devices.inputs ?? []) {
    input.bus ||= 'usb';
    input.type ||= 'tablet';
  }
  for (const { virtualGPUOptions } of devices.gpus ?? []) {
    const display = virtualGPUOptions?.display as { ramFB?: FeatureState } | undefined;
    enable(display?.ramFB);
  }
  setProbeDefaults(spec.readinessProbe);
  setProbeDefaults(spec.livenessProbe);
}

function setFeatureDefaults(features: Features): void {
  enable((features.acpi ??= {}));
  enable(features.apic);
  enable(features.smm);
  enable(features.pvspinlock);
  const { hyperv } = features;
  if (!hyperv) return;
  for (const name of Object.keys(hyperv) as (keyof HypervFeatures)[]) enable(hyperv[name]);
  const { spinlocks, synictimer, tlbflush } = hyperv;
  if (spinlocks?.enabled) spinlocks.spinlocks ??= DEFAULT_SPINLOCK_RETRIES;
  enable(synictimer?.direct);
  enable(tlbflush?.direct);
  enable(tlbflush?.extended);
}

function setDiskDefaults(disk: Disk): void {
  if (!disk.disk && !disk.cdrom && !disk.lun) disk.disk = {};
  if (disk.cdrom) {
    disk.cdrom.readonly ??= true;
    disk.cdrom.tray ||= 'closed';
  }
  enable(disk.blockSize?.matchVolume);
}

function setProbeDefaults(probe: Probe | undefined): void {
  if (!probe) return;
  if (!(Number(probe.timeoutSeconds) >= 1)) probe.timeoutSeconds = 1;
  if (!(Number(probe.periodSeconds) >= 1)) probe.periodSeconds = 10;
  if (!(Number(probe.successThreshold) >= 1)) probe.successThreshold = 1;
  if (!(Number(probe.failureThreshold) >= 1)) probe.failureThreshold = 3;
}

function enable(state: FeatureState | undefined): void {
  if (state) state.enabled ??= true;
}

function present(timer: FeatureState2 | undefined): void {
  if (timer) timer.present ??= true;
}
