/** The KubeVirt resource itself (KubeVirt v1.9 pkg/virt-operator/webhooks). */
import { parseDuration } from '../../clock/index.ts';
import { FEATURE_GATES, gateEnabled } from '../../kubevirt-config/index.ts';
import type { JsonObject, KubeObject, StatusCause } from '../../types/meta.ts';
import { forbidden, invalid, notSupported } from '../causes.ts';
import { bareDenial, denyWithAllCauses } from '../denial.ts';
import { same } from '../same.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, allowedWith, denied } from '../webhook.ts';
import { TLS_CIPHERS } from './tls-ciphers.ts';
import { isJson } from './snapshot.ts';

interface SelfSigned {
  ca?: { duration?: string; renewBefore?: string };
  server?: { duration?: string; renewBefore?: string };
  caRotateInterval?: string;
  certRotateInterval?: string;
  caOverlapInterval?: string;
}

interface Configuration {
  developerConfiguration?: { featureGates?: string[]; disabledFeatureGates?: string[] };
  additionalGuestMemoryOverheadRatio?: string;
  virtTemplateDeployment?: { enabled?: boolean };
  roleAggregationStrategy?: string;
  migrations?: { maxDowntimeMs?: number };
  tlsConfiguration?: { minTLSVersion?: string; ciphers?: string[] };
  seccompConfiguration?: {
    virtualMachineInstanceProfile?: {
      customProfile?: { localhostProfile?: string; runtimeDefaultProfile?: boolean };
    };
  };
  mediatedDevicesConfiguration?: {
    mediatedDevicesTypes?: string[];
    nodeMediatedDeviceTypes?: { mediatedDevicesTypes?: string[] }[];
  };
  architectureConfiguration?: { ppc64le?: JsonObject };
}

interface KubeVirtResource extends KubeObject {
  spec: {
    configuration?: Configuration;
    customizeComponents?: { patches?: { patch: string }[] };
    certificateRotateStrategy?: { selfSigned?: SelfSigned };
    infra?: { replicas?: number };
    uninstallStrategy?: string;
  };
  status?: { phase?: string };
}

type Causes = StatusCause[];

const DAY = '24h';
const WEEK = '168h';
const RENEWED_BEFORE = 0.2;

/** `kubevirt-create-validator.kubevirt.io`. */
export function validateNewKubeVirt({ lookup }: AdmissionRequest): AdmissionResult {
  return lookup.list('kubevirts.kubevirt.io').length > 0
    ? denied(bareDenial('Kubevirt is already created'))
    : ALLOWED;
}

/** Workloads that hold up an uninstallation, in KubeVirt's order and words. */
const WORKLOADS = [
  ['virtualmachineinstances.kubevirt.io', 'Virtual Machine Instances'],
  ['virtualmachines.kubevirt.io', 'Virtual Machines'],
  ['virtualmachineinstancereplicasets.kubevirt.io', 'Virtual Machine Instance Replica Sets'],
] as const;

/** `kubevirt-validator.kubevirt.io`, of deletions. */
export function validateKubeVirtDeletion({
  lookup,
  namespace,
  name,
  oldObject,
}: AdmissionRequest): AdmissionResult {
  const kubevirt = (oldObject ?? lookup.get('kubevirts.kubevirt.io', namespace, name ?? '')) as
    | KubeVirtResource
    | undefined;
  const strategy = kubevirt?.spec.uninstallStrategy;
  if (!strategy || strategy === 'RemoveWorkloads' || kubevirt?.status?.phase !== 'Deployed') return ALLOWED;
  for (const [resource, called] of WORKLOADS) {
    if (lookup.list(resource).length === 0) continue;
    return denied(
      bareDenial(
        `Rejecting the uninstall request, since there are still ${called} present. Either delete all KubeVirt related workloads or change the uninstall strategy before uninstalling KubeVirt.`,
      ),
    );
  }
  return ALLOWED;
}

/** `kubevirt-update-validator.kubevirt.io`. Node placement is left to the deployments it ends up in. */
export function validateKubeVirtUpdate({ object, oldObject }: AdmissionRequest): AdmissionResult {
  const { spec } = object as KubeVirtResource;
  const { configuration = {} } = spec;
  const { configuration: old = {} } = (oldObject as KubeVirtResource).spec;
  const causes: Causes = [];
  for (const { patch } of spec.customizeComponents?.patches ?? []) {
    if (!isJson(patch)) causes.push(notSupported(`patch ${JSON.stringify(patch)} is not valid JSON`));
  }
  validateCertificates(causes, spec.certificateRotateStrategy?.selfSigned);
  validateOverheadRatio(causes, configuration.additionalGuestMemoryOverheadRatio);
  validateGatedSettings(causes, configuration, old);
  if (!same(old.tlsConfiguration, configuration.tlsConfiguration)) validateTls(causes, configuration);
  if (!same(old.seccompConfiguration, configuration.seccompConfiguration))
    validateSeccomp(causes, configuration);
  if (spec.infra?.replicas === 0) causes.push(invalid("infra replica count can't be 0"));
  const gatesChanged = haveGatesChanged(old, configuration);
  if (gatesChanged) validateGates(causes, configuration);
  return causes.length > 0
    ? denied(denyWithAllCauses(causes))
    : allowedWith(warningsAbout(configuration, gatesChanged));
}

function validateCertificates(causes: Causes, strategy: SelfSigned | undefined): void {
  if (!strategy) return;
  const { ca, server, caRotateInterval, certRotateInterval, caOverlapInterval } = strategy;
  if ((caRotateInterval ?? certRotateInterval ?? caOverlapInterval) !== undefined && (ca || server)) {
    causes.push(
      notSupported(
        'caRotateInterval, certRotateInterval and caOverlapInterval are deprecated and conflict with CertConfig defined rotation parameters',
      ),
    );
  }
  const caDuration = parseDuration(caRotateInterval ?? ca?.duration ?? WEEK);
  const caOverlap = caOverlapInterval ?? ca?.renewBefore;
  const caRenewal = caOverlap === undefined ? caDuration * RENEWED_BEFORE : parseDuration(caOverlap);
  const duration = parseDuration(certRotateInterval ?? server?.duration ?? DAY);
  const renewBefore = server?.renewBefore;
  const renewal = renewBefore === undefined ? duration * RENEWED_BEFORE : parseDuration(renewBefore);
  const place = 'spec.certificateRotationStrategy.selfSigned';
  if (caDuration < caRenewal) {
    const detail = `${place}.ca.duration < ${place}.ca.renewBefore`;
    causes.push(invalid(`CA RenewBefore cannot exceed Duration (${detail})`));
  }
  if (duration < renewal) {
    const detail = `${place}.server.duration < ${place}.server.renewBefore`;
    causes.push(invalid(`Cert RenewBefore cannot exceed Duration (${detail})`));
  }
  if (duration > caDuration) {
    const detail = `${place}.server.duration > ${place}.ca.duration`;
    causes.push(invalid(`Certificate duration cannot exceed CA (${detail})`));
  }
}

function validateOverheadRatio(causes: Causes, ratio: string | undefined): void {
  if (ratio === undefined) return;
  const value = ratio.trim() === '' ? Number.NaN : Number(ratio);
  if (Number.isNaN(value)) {
    const reason = `strconv.ParseFloat: parsing ${JSON.stringify(ratio)}: invalid syntax`;
    causes.push(notSupported(`ratio provided, ${ratio}, cannot be parsed into float: ${reason}`));
  } else if (value < 1) {
    causes.push(notSupported(`ratio provided, ${ratio}, cannot be smaller than 1.0`));
  }
}

function validateGatedSettings(causes: Causes, configuration: Configuration, old: Configuration): void {
  const { featureGates, disabledFeatureGates } = configuration.developerConfiguration ?? {};
  const place = 'spec.configuration';
  const refuse = (gate: string, field: string, message: string): void => {
    if (gateEnabled(gate, featureGates, disabledFeatureGates)) return;
    causes.push(invalid(`${message} without enabling the ${gate} feature gate`, `${place}.${field}`));
  };
  if (configuration.virtTemplateDeployment?.enabled) {
    refuse('Template', 'virtTemplateDeployment.enabled', 'VirtTemplateDeployment cannot be enabled');
  }
  const strategy = configuration.roleAggregationStrategy;
  if (strategy !== undefined && strategy !== 'AggregateToDefault') {
    const message = 'RoleAggregationStrategy cannot be set to Manual';
    refuse('OptOutRoleAggregation', 'roleAggregationStrategy', message);
  }
  const downtime = configuration.migrations?.maxDowntimeMs;
  if (downtime !== undefined && downtime !== old.migrations?.maxDowntimeMs) {
    const message = 'maxDowntimeMs cannot be modified';
    refuse('MigrationStallDetection', 'migrationConfiguration.maxDowntimeMs', message);
  }
}

function validateTls(causes: Causes, { tlsConfiguration }: Configuration): void {
  const { minTLSVersion = '', ciphers = [] } = tlsConfiguration ?? {};
  const field = 'spec.configuration.tlsConfiguration.ciphers';
  if (minTLSVersion === '' || minTLSVersion === 'VersionTLS13') {
    if (ciphers.length === 0) return;
    causes.push(
      notSupported(
        'You cannot specify ciphers when spec.configuration.tlsConfiguration.minTLSVersion is empty or VersionTLS13',
        field,
      ),
    );
    return;
  }
  ciphers.forEach((cipher, index) => {
    if (TLS_CIPHERS.has(cipher)) return;
    causes.push(notSupported(`${cipher} is not a valid cipher`, `${field}#${index}`));
  });
}

function validateSeccomp(causes: Causes, { seccompConfiguration }: Configuration): void {
  const profile = seccompConfiguration?.virtualMachineInstanceProfile;
  if (!profile) return;
  const field = 'spec.configuration.seccompConfiguration.virtualMachineInstanceProfile.customProfile';
  const { customProfile } = profile;
  if (!customProfile) {
    causes.push(invalid(`${field} needs to be set`, field));
  } else if (customProfile.localhostProfile !== undefined && customProfile.runtimeDefaultProfile) {
    const [own, other] = [`${field}.localhostProfile`, `${field}.runtimeDefaultProfile`];
    causes.push(invalid(`${own} cannot be set when ${other} is set`, own));
    causes.push(invalid(`${other} cannot be set when ${own} is set`, other));
  }
}

function haveGatesChanged(old: Configuration, { developerConfiguration: now }: Configuration): boolean {
  const before = old.developerConfiguration;
  if (!now) return false;
  if (!before) return true;
  return (
    !same(before.featureGates, now.featureGates) ||
    !same(before.disabledFeatureGates, now.disabledFeatureGates)
  );
}

function validateGates(causes: Causes, { developerConfiguration }: Configuration): void {
  for (const gate of developerConfiguration?.featureGates ?? []) {
    if (!developerConfiguration?.disabledFeatureGates?.includes(gate)) continue;
    causes.push(
      forbidden(
        `feature gate "${gate}" exists on both "FeatureGates" and "DisabledFeatureGates"`,
        'spec.configuration.developerConfiguration.featureGates',
      ),
    );
  }
}

function warningsAbout(configuration: Configuration, gatesChanged: boolean): string[] {
  const warnings: string[] = [];
  if (gatesChanged) {
    for (const gate of configuration.developerConfiguration?.featureGates ?? []) {
      const message = FEATURE_GATES.get(gate)?.message;
      if (message !== undefined) warnings.push(message);
    }
  }
  const devices = configuration.mediatedDevicesConfiguration;
  const place = 'spec.configuration.mediatedDevicesConfiguration';
  if (devices?.mediatedDevicesTypes) {
    warnings.push(`${place}.mediatedDevicesTypes is deprecated, use mediatedDeviceTypes`);
  }
  devices?.nodeMediatedDeviceTypes?.forEach(({ mediatedDevicesTypes }, index) => {
    if (!mediatedDevicesTypes) return;
    const field = `${place}.nodeMediatedDeviceTypes[${index}].mediatedDevicesTypes`;
    warnings.push(`${field} is deprecated, use mediatedDeviceTypes`);
  });
  if (configuration.architectureConfiguration?.ppc64le) {
    warnings.push(
      'spec.configuration.architectureConfiguration.ppc64le is deprecated and no longer supported.',
    );
  }
  return warnings;
}
