/**
 * The configuration of a KubeVirt installation (KubeVirt v1.9 pkg/virt-config): `spec.configuration` of the KubeVirt
 * resource over KubeVirt's defaults, feature gates, and the questions its components ask of both.
 * Left out: falling back to the last valid configuration (an invalid one counts as none), and which CRDs are installed.
 */
export { DEFAULT_CPU_REQUEST } from './defaults.ts';
export { configurationError, effectiveConfig, featureGateEnabled } from './effective.ts';
export { FEATURE_GATES, type FeatureGate, type FeatureGateInfo, gateEnabled } from './feature-gates.ts';
export {
  defaultArchitecture,
  defaultMachineType,
  desiredMediatedDeviceTypes,
  emulatedMachines,
  isFreePageReportingDisabled,
  isKubeVirtServiceAccount,
  isLiveUpdate,
  isSerialConsoleLogDisabled,
  mediatedDevicesHandlingDisabled,
  ovmfPath,
  persistentReservationEnabled,
  supportContainerResource,
  virtTemplateDeploymentEnabled,
} from './questions.ts';
export type {
  InterfaceBindingPlugin,
  KubeVirtConfig,
  KubeVirtConfiguration,
  MediatedDevicesConfiguration,
  MigrationConfiguration,
  PermittedHostDevices,
} from './types.ts';
