/** What KubeVirt's components ask of the configuration (KubeVirt v1.9 pkg/virt-config/virt-config.go). */
import { featureGateEnabled } from './effective.ts';
import type { ArchitectureConfiguration, KubeVirtConfig } from './types.ts';

function forArchitecture(
  config: KubeVirtConfig,
  architecture: string | undefined,
): ArchitectureConfiguration {
  const { amd64, arm64, s390x } = config.architectureConfiguration;
  if (architecture === 'arm64') return arm64;
  if (architecture === 's390x') return s390x;
  return amd64;
}

/** The machine type of a VM that names none. */
export function defaultMachineType(config: KubeVirtConfig, architecture: string | undefined): string {
  return config.machineType || forArchitecture(config, architecture).machineType;
}

/** Globs of the machine types that may be asked for. */
export function emulatedMachines(
  config: KubeVirtConfig,
  architecture: string | undefined,
): readonly string[] {
  return config.emulatedMachines ?? forArchitecture(config, architecture).emulatedMachines;
}

/** Where the firmware images of an architecture lie in the launcher. */
export function ovmfPath(config: KubeVirtConfig, architecture: string | undefined): string {
  return config.ovmfPath || forArchitecture(config, architecture).ovmfPath;
}

export function defaultArchitecture(config: KubeVirtConfig): string {
  return config.architectureConfiguration.defaultArchitecture;
}

export function isLiveUpdate(config: KubeVirtConfig): boolean {
  return config.vmRolloutStrategy === 'LiveUpdate';
}

/** Persistent reservation is asked for by its own switch, else by listing its (otherwise always-on) gate. */
export function persistentReservationEnabled(config: KubeVirtConfig): boolean {
  return (
    config.persistentReservationConfiguration?.enabled ??
    config.developerConfiguration.featureGates.includes('PersistentReservation')
  );
}

export function virtTemplateDeploymentEnabled(config: KubeVirtConfig): boolean {
  return featureGateEnabled(config, 'Template') && config.virtTemplateDeployment.enabled;
}

export function isFreePageReportingDisabled(config: KubeVirtConfig): boolean {
  return config.virtualMachineOptions?.disableFreePageReporting !== undefined;
}

export function isSerialConsoleLogDisabled(config: KubeVirtConfig): boolean {
  return config.virtualMachineOptions?.disableSerialConsoleLog !== undefined;
}

export function mediatedDevicesHandlingDisabled(config: KubeVirtConfig): boolean {
  const enabled = config.mediatedDevicesConfiguration?.enabled;
  return enabled === undefined ? featureGateEnabled(config, 'DisableMDEVConfiguration') : !enabled;
}

/** The mediated device types a node should offer: those of every selector that fits it, else the cluster's. */
export function desiredMediatedDeviceTypes(
  config: KubeVirtConfig,
  nodeLabels: Record<string, string>,
): string[] {
  const devices = config.mediatedDevicesConfiguration;
  if (!devices) return [];
  const types = new Set<string>();
  for (const { nodeSelector, mediatedDeviceTypes, mediatedDevicesTypes } of devices.nodeMediatedDeviceTypes ??
    []) {
    if (!Object.entries(nodeSelector ?? {}).every(([key, value]) => nodeLabels[key] === value)) continue;
    for (const type of mediatedDeviceTypes?.length ? mediatedDeviceTypes : (mediatedDevicesTypes ?? []))
      types.add(type);
  }
  if (types.size > 0) return [...types];
  return (
    (devices.mediatedDeviceTypes?.length ? devices.mediatedDeviceTypes : devices.mediatedDevicesTypes) ?? []
  );
}

/** What an auxiliary container (`hotplug-disk`, `container-disk`, `virtiofs`, …) requests or is limited to, if configured. */
export function supportContainerResource(
  config: KubeVirtConfig,
  container: string,
  bound: 'requests' | 'limits',
  resource: string,
): string | undefined {
  for (const { type, resources } of config.supportContainerResources ?? []) {
    const quantity = type === container ? resources[bound]?.[resource] : undefined;
    if (quantity !== undefined && quantity !== '0') return quantity;
  }
  return undefined;
}

/** The service accounts whose writes KubeVirt's webhooks trust (pkg/virt-api/webhooks/serviceaccounts.go). */
export function isKubeVirtServiceAccount(config: KubeVirtConfig, username: string): boolean {
  const prefix = `system:serviceaccount:${config.namespace}:`;
  return username.startsWith(prefix) && TRUSTED.has(username.slice(prefix.length));
}

const TRUSTED = new Set([
  'kubevirt-apiserver',
  'kubevirt-controller',
  'kubevirt-handler',
  'kubevirt-synchronization-controller',
]);
