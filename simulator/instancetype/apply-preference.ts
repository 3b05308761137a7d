import type {
  Clock,
  Cpu,
  DomainSpec,
  Features,
  Firmware,
  HypervFeatures,
  PreferenceSpec,
  VirtualMachineInstanceSpec,
} from '../types/kubevirt.ts';
import { applyDevicePreferences } from './apply-device-preferences.ts';
import type { VmiParts } from './apply-instancetype.ts';
import { withField, withMissingEntries, withPreferred } from './persistent.ts';
import { semanticallyEqual } from './stored-spec.ts';

/**
 * A preference put onto a VMI: it fills in what the user left open (KubeVirt v1.9 pkg/instancetype/preference/apply).
 * Only `devices.preferredDisableHotplug` and `features.preferredAcpi` override the user.
 * The same references come back where nothing changes.
 *
 * Unlike upstream, preferred CPU features on a VMI without `domain.cpu` are applied; upstream crashes there.
 */
export function applyPreference(
  preference: PreferenceSpec | undefined,
  { spec, metadata }: VmiParts,
): VmiParts {
  if (!preference) return { spec, metadata };
  const annotations = withMissingEntries(metadata.annotations, preference.annotations);
  let result = withField(spec, 'domain', preferredDomain(preference, spec));
  result = withPreferred(result, 'subdomain', preference.preferredSubdomain);
  result = withPreferred(
    result,
    'terminationGracePeriodSeconds',
    preference.preferredTerminationGracePeriodSeconds,
  );
  result = applyArchitecturePreference(preference, result);
  return {
    spec: result,
    metadata: annotations === metadata.annotations ? metadata : { ...metadata, annotations },
  };
}

/** The preferred architecture, which the VirtualMachine webhook already writes (B6-30). */
export function applyArchitecturePreference(
  preference: PreferenceSpec | undefined,
  spec: VirtualMachineInstanceSpec,
): VirtualMachineInstanceSpec {
  return withPreferred(spec, 'architecture', preference?.preferredArchitecture);
}

/** The preferred machine type, which the VirtualMachine webhook already writes (B6-30, B6-54). */
export function applyMachinePreference(
  preference: PreferenceSpec | undefined,
  domain: DomainSpec,
): DomainSpec {
  const type = preference?.machine?.preferredMachineType;
  if (!type || domain.machine?.type) return domain;
  return { ...domain, machine: { ...domain.machine, type } };
}

function preferredDomain(
  preference: PreferenceSpec,
  { domain, networks }: VirtualMachineInstanceSpec,
): DomainSpec {
  let result = domain;
  const cpu = preferredCpu(preference, domain.cpu);
  if (cpu) result = withField(result, 'cpu', cpu);
  result = withField(result, 'devices', applyDevicePreferences(preference, domain.devices, networks));
  if (preference.features) {
    // Go always writes `acpi`, which is no pointer there.
    const current = domain.features ?? { acpi: {} };
    result = withField(result, 'features', preferredFeatures(preference.features, current));
  }
  if (preference.firmware) {
    result = withField(result, 'firmware', preferredFirmware(preference.firmware, domain.firmware ?? {}));
  }
  result = applyMachinePreference(preference, result);
  if (preference.clock)
    result = withField(result, 'clock', preferredClock(preference.clock, domain.clock ?? {}));
  return withPreferred(result, 'launchSecurity', preference.preferredLaunchSecurity);
}

function preferredCpu(preference: PreferenceSpec, cpu: Cpu | undefined): Cpu | undefined {
  const preferred = preference.cpu?.preferredCPUFeatures ?? [];
  const missing = preferred.filter(({ name }) => !cpu?.features?.some(feature => feature.name === name));
  return missing.length === 0 ? cpu : { ...cpu, features: [...(cpu?.features ?? []), ...missing] };
}

function preferredFeatures(preferred: NonNullable<PreferenceSpec['features']>, features: Features): Features {
  let result = features;
  // `acpi` cannot be told from unset, so upstream lets the preference win.
  if (preferred.preferredAcpi && !semanticallyEqual(preferred.preferredAcpi, features.acpi)) {
    result = { ...result, acpi: preferred.preferredAcpi };
  }
  result = withPreferred(result, 'apic', preferred.preferredApic);
  if (preferred.preferredHyperv) {
    result = withField(result, 'hyperv', preferredHyperv(preferred.preferredHyperv, features.hyperv ?? {}));
  }
  result = withPreferred(result, 'kvm', preferred.preferredKvm);
  result = withPreferred(result, 'pvspinlock', preferred.preferredPvspinlock);
  return withPreferred(result, 'smm', preferred.preferredSmm);
}

const HYPERV_FEATURES = [
  'evmcs',
  'frequencies',
  'ipi',
  'reenlightenment',
  'relaxed',
  'reset',
  'runtime',
  'spinlocks',
  'synic',
  'synictimer',
  'tlbflush',
  'vapic',
  'vpindex',
  'vendorid',
] as const satisfies readonly (keyof HypervFeatures)[];

function preferredHyperv(preferred: HypervFeatures, hyperv: HypervFeatures): HypervFeatures {
  let result = hyperv;
  for (const feature of HYPERV_FEATURES) result = withPreferred(result, feature, preferred[feature]);
  return result;
}

function preferredFirmware(preferred: NonNullable<PreferenceSpec['firmware']>, firmware: Firmware): Firmware {
  let bootloader = firmware.bootloader ?? {};
  if (preferred.preferredUseBios && !bootloader.bios && !bootloader.efi)
    bootloader = { ...bootloader, bios: {} };
  if (bootloader.bios) {
    const bios = withPreferred(bootloader.bios, 'useSerial', preferred.preferredUseBiosSerial);
    bootloader = withField(bootloader, 'bios', bios);
  }
  if (!bootloader.efi && !bootloader.bios && preferred.preferredEfi) {
    // The deprecated fields below do not touch what this one decides.
    return withField(firmware, 'bootloader', { ...bootloader, efi: preferred.preferredEfi });
  }
  if (preferred.preferredUseEfi && !bootloader.efi && !bootloader.bios)
    bootloader = { ...bootloader, efi: {} };
  if (bootloader.efi) {
    const efi = withPreferred(bootloader.efi, 'secureBoot', preferred.preferredUseSecureBoot);
    bootloader = withField(bootloader, 'efi', efi);
  }
  return withField(firmware, 'bootloader', bootloader);
}

function preferredClock(preferred: NonNullable<PreferenceSpec['clock']>, clock: Clock): Clock {
  const offset = preferred.preferredClockOffset;
  const isOpen = clock.utc === undefined && clock.timezone === undefined;
  const hasOffset = offset?.utc !== undefined || offset?.timezone !== undefined;
  const result = isOpen && hasOffset ? { ...clock, ...offset } : clock;
  return withPreferred(result, 'timer', preferred.preferredTimer);
}
