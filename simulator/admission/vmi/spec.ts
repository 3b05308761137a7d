/** The whole of a VMI's spec and metadata (KubeVirt v1.9 admitters/vmi-create-admitter.go). */
import {
  emulatedMachines,
  FEATURE_GATES,
  featureGateEnabled,
  type KubeVirtConfig,
} from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { ObjectMeta, StatusCause } from '../../types/meta.ts';
import { invalid, notSupported } from '../causes.ts';
import { validateAffinity, validateTopologySpread } from '../placement.ts';
import { hasReservedLabel } from '../users.ts';
import { validateAccessCredentials } from './access-credentials.ts';
import { validateBootOrder } from './boot-order.ts';
import {
  validateCpuOptions,
  validateCpuPinning,
  validateCpuRequestAndLimit,
  validateNuma,
  validateRealtime,
} from './cpu.ts';
import {
  validateDownwardMetrics,
  validateFilesystems,
  validateHostDevices,
  validateInputs,
  validateIoThreads,
  validatePanicDevices,
  validateRamFramebuffers,
  validateReservation,
  validateSound,
  validateVideo,
  validateVsock,
} from './devices.ts';
import { validateDisks } from './disks.ts';
import { validateDns, validateHostName } from './dns.ts';
import { validateResourceClaims } from './dra.ts';
import {
  validateAcpiTables,
  validateFirmware,
  validateLaunchSecurity,
  validateSecureBoot,
} from './firmware.ts';
import { validateGraceDevices } from './grace.ts';
import {
  validateEvictionStrategy,
  validateProbes,
  validateRebootPolicy,
  validateReservedOverhead,
  validateServiceAccount,
  validateStartStrategy,
} from './lifecycle.ts';
import {
  validateGuestMemoryLimit,
  validateHugepages,
  validateMemoryLimit,
  validateMemoryRequest,
} from './memory.ts';
import { validateNetwork } from './network.ts';
import { validateContainerDisks, validateVolumes } from './volumes.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

/**
 * Why a VMI's spec would be refused, in KubeVirt's order and words; nothing is the empty list. The path is where the
 * spec lies: `spec`, or `spec.template.spec` in a VM. The spec must have been defaulted (withDefaultVmiSpec or more).
 */
export function validateVmiSpec(path: string, spec: Spec, config: KubeVirtConfig): StatusCause[] {
  const causes: Causes = [];
  const { domain } = spec;
  validateHostName(causes, path, spec);
  validateMemoryRequest(causes, path, spec);
  validateMemoryLimit(causes, path, spec);
  validateHugepages(causes, path, spec);
  validateGuestMemoryLimit(causes, path, spec, config);
  validateMachine(causes, path, spec, config);
  validateAcpiTables(causes, path, spec);
  validateCpuRequestAndLimit(causes, path, spec);
  validateCpuPinning(causes, path, spec, config);
  validateNuma(causes, path, spec);
  validateCpuOptions(causes, path, spec);
  validateStartStrategy(causes, path, spec);
  validateRealtime(causes, path, spec);
  validateAffinity(causes, path, spec.affinity);
  validateTopologySpread(causes, path, spec.topologySpreadConstraints);
  validateNetwork(causes, path, spec, config);
  validateResourceClaims(causes, path, spec, config);
  validateBootOrder(causes, path, spec, config);
  validateInputs(causes, path, spec);
  validateIoThreads(causes, path, spec);
  validateProbes(causes, path, spec);
  validateDisks(causes, `${path}.domain.devices.disks`, domain.devices.disks);
  validateFirmware(causes, `${path}.domain.firmware`, domain.firmware);
  validateSecureBoot(causes, `${path}.domain`, domain);
  validateVolumes(causes, `${path}.volumes`, spec.volumes, config);
  validateContainerDisks(causes, path, spec);
  if (spec.utilityVolumes) {
    causes.push(
      invalid(
        'cannot create VMI with utility volumes in spec, utility volumes can only be added via hotplug',
        `${path}.utilityVolumes`,
      ),
    );
  }
  validateAccessCredentials(causes, path, spec);
  validateDns(causes, path, spec);
  validateEvictionStrategy(causes, path, spec, config);
  validateRamFramebuffers(causes, path, spec);
  validateHostDevices(causes, path, spec, config);
  validateGraceDevices(causes, path, spec, config);
  validateSound(causes, path, spec);
  validateLaunchSecurity(causes, path, spec, config);
  validateVsock(causes, path, spec, config);
  validateReservation(causes, path, spec, config);
  validateDownwardMetrics(causes, path, spec, config);
  validateFilesystems(causes, path, spec, config);
  validateVideo(causes, path, spec);
  validatePanicDevices(causes, path, spec, config);
  validateRebootPolicy(causes, path, spec, config);
  validateReservedOverhead(causes, path, spec, config);
  validateServiceAccount(causes, path, spec);
  return causes;
}

function validateMachine(causes: Causes, path: string, spec: Spec, config: KubeVirtConfig): void {
  const type = spec.domain.machine?.type;
  if (!type) return;
  const machines = emulatedMachines(config, spec.architecture);
  if (machines.some(pattern => matchesGlob(pattern, type))) return;
  const field = `${path}.domain.machine.type`;
  causes.push(invalid(`${field} is not supported: ${type} (allowed values: [${machines.join(' ')}])`, field));
}

/** Machine types hold no slashes, so `*` runs over anything; most patterns have just one, at the end. */
function matchesGlob(pattern: string, text: string): boolean {
  if (pattern.indexOf('*') === pattern.length - 1 && !pattern.includes('?') && !pattern.includes('[')) {
    return text.startsWith(pattern.slice(0, -1));
  }
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`).test(text);
}

/** Labels reserved for KubeVirt and annotations that need a gate. */
export function validateVmiMetadata(
  path: string,
  metadata: Partial<ObjectMeta> | undefined,
  config: KubeVirtConfig,
  trusted: boolean,
): StatusCause[] {
  const causes: Causes = [];
  if (!trusted && hasReservedLabel(metadata?.labels)) {
    causes.push(
      notSupported(
        'creation of the following reserved kubevirt.io/ labels on a VMI object is prohibited',
        `${path}.labels`,
      ),
    );
  }
  const refuse = (annotation: string, gate: string): void => {
    if (!metadata?.annotations?.[annotation]) return;
    causes.push(
      invalid(
        `${gate} feature gate is not enabled in kubevirt-config, invalid entry ${path}.annotations.${annotation}`,
        `${path}.annotations`,
      ),
    );
  };
  if (!featureGateEnabled(config, 'ExperimentalIgnitionSupport')) {
    refuse('kubevirt.io/ignitiondata', 'ExperimentalIgnitionSupport');
  }
  if (!featureGateEnabled(config, 'Sidecar')) refuse('hooks.kubevirt.io/hookSidecars', 'sidecar');
  return causes;
}

/** Listed gates that are discontinued must not be made use of (featuregate.ValidateFeatureGates). */
export function validateDiscontinuedGates(spec: Spec, config: KubeVirtConfig): StatusCause[] {
  const causes: Causes = [];
  for (const gate of config.developerConfiguration.featureGates) {
    const used =
      gate === 'Passt'
        ? spec.domain.devices.interfaces?.some(({ passt }) => passt)
        : gate === 'Macvtap' && spec.domain.devices.interfaces?.some(({ macvtap }) => macvtap);
    const message = FEATURE_GATES.get(gate)?.message;
    if (used && message !== undefined) causes.push(notSupported(message));
  }
  return causes;
}
