/** Firmware, kernel boot and launch security of a VMI (KubeVirt v1.9 vmi-create-admitter.go, webhooks/amd64.go). */
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type {
  DomainSpec,
  Features,
  Firmware,
  VirtualMachineInstanceSpec,
  Volume,
} from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { forbidden, invalid, required } from '../causes.ts';
import { validatePath } from './paths.ts';

type Causes = StatusCause[];

/** Boot loader and external kernel; also of a preset. */
export function validateFirmware(causes: Causes, path: string, firmware: Firmware | undefined): void {
  const { bootloader, kernelBoot } = firmware ?? {};
  if (bootloader?.efi && bootloader.bios) {
    const field = `${path}.bootloader`;
    causes.push(
      invalid(`${field} has both EFI and BIOS configured, but they are mutually exclusive.`, field),
    );
  }
  if (!kernelBoot) return;
  const { container, kernelArgs } = kernelBoot;
  if (!container) {
    if (kernelArgs) {
      const message = 'kernel arguments cannot be provided without an external kernel';
      causes.push(invalid(message, `${path}.kernelBoot.kernelArgs`));
    }
    return;
  }
  const field = `${path}.kernelBoot.container`;
  if (!container.image) causes.push(required(`${field} must be defined with an image`, `${field}.image`));
  if (!container.initrdPath && !container.kernelPath) {
    causes.push(
      required(`${field} must be defined with at least one of the following: kernelPath, initrdPath`, field),
    );
  }
  if (container.kernelPath) validatePath(causes, `${field}.kernelPath`, container.kernelPath);
  if (container.initrdPath) validatePath(causes, `${field}.initrdPath`, container.initrdPath);
}

export function validateSecureBoot(causes: Causes, path: string, domain: DomainSpec): void {
  const efi = domain.firmware?.bootloader?.efi;
  if (!efi || efi.secureBoot === false || wantsSmm(domain.features) || domain.launchSecurity?.tdx) return;
  causes.push(
    invalid(
      `${path} has EFI SecureBoot enabled. SecureBoot requires SMM, which is currently disabled.`,
      path,
    ),
  );
}

function wantsSmm(features: Features | undefined): boolean {
  return features?.smm !== undefined && features.smm.enabled !== false;
}

/** The tables a guest's licence may live in come from secrets. */
export function validateAcpiTables(causes: Causes, path: string, spec: VirtualMachineInstanceSpec): void {
  const tables = spec.domain.firmware?.acpi as { slicNameRef?: string; msdmNameRef?: string } | undefined;
  if (!tables) return;
  const field = `${path}.acpi`;
  if (!tables.slicNameRef && !tables.msdmNameRef) {
    causes.push(invalid('ACPI was set but no SLIC nor MSDM volume reference was set', field));
    return;
  }
  for (const name of ['slicNameRef', 'msdmNameRef'] as const) {
    const reference = tables[name];
    if (!reference) continue;
    const volume = spec.volumes?.find((candidate: Volume) => candidate.name === reference);
    if (volume?.secret) continue;
    const problem = volume ? 'refers to Volume of unsupported type.' : 'does not have a matching Volume.';
    causes.push(invalid(`${field} ${problem}`, `${field}.${name}`));
  }
}

export function validateLaunchSecurity(
  causes: Causes,
  path: string,
  spec: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): void {
  if (!spec.domain.launchSecurity || spec.architecture === 's390x') return;
  if (spec.architecture === 'amd64') {
    validateConfidentialGuest(causes, `${path}.launchSecurity`, spec, config);
    return;
  }
  causes.push(
    invalid(`No launchSecurity support for architecture: ${spec.architecture ?? ''}`, `${path}.architecture`),
  );
}

function validateConfidentialGuest(
  causes: Causes,
  field: string,
  spec: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): void {
  const { firmware, features, launchSecurity: { sev, snp, tdx } = {}, devices } = spec.domain;
  const selected = [sev && 'SEV', snp && 'SNP', tdx && 'TDX'].filter(name => name !== undefined);
  const type = selected[0];
  if (selected.length !== 1 || type === undefined) {
    causes.push(forbidden('One and only one launchSecurity type can be set', field));
    return;
  }
  const gate = tdx ? 'WorkloadEncryptionTDX' : 'WorkloadEncryptionSEV';
  if (!featureGateEnabled(config, gate)) {
    causes.push(invalid(`${gate} feature gate is not enabled in kubevirt-config`, field));
    return;
  }
  if (tdx && wantsSmm(features)) causes.push(invalid('TDX does not work along with SMM', field));
  const efi = firmware?.bootloader?.efi;
  if (!efi) {
    causes.push(invalid(`${type} requires OVMF (UEFI)`, field));
  } else {
    if (!tdx && efi.secureBoot !== false)
      causes.push(invalid(`${type} does not work along with SecureBoot`, field));
    if (!sev && efi.persistent) {
      causes.push(invalid(`${type} does not work along with Persistent EFI variables`, field));
    }
  }
  if (sev?.attestation && spec.startStrategy !== 'Paused') {
    causes.push(invalid("SEV attestation requires VMI StartStrategy 'Paused'", field));
  }
  for (const { bootOrder, name } of devices.interfaces ?? []) {
    if (bootOrder !== undefined)
      causes.push(invalid(`${type} does not work with bootable NICs: ${name}`, field));
  }
}
