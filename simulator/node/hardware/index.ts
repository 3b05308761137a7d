/**
 * Machines and the nodes they become: hardware profiles as YAML, the Node object that the kubelet (v1.35) registers,
 * the labels of KubeVirt v1.9's node-labeller and heartbeat, and the resources of the device plugins.
 *
 * Left out: CPU models and features that no ready-made profile needs (Atom, Zhaoxin, Hygon beyond Dhyana), USB host
 * devices, persistent reservations, IOMMUFD and TDX quote generation devices, KSM labels.
 */
export { EMULATED_CPU, findCpuModel, modelBlockers, modelNames } from './cpu-models.ts';
export {
  type DeviceOptions,
  deviceResources,
  type DeviceResources,
  MAX_DEVICES,
  type PermittedHostDevices,
} from './devices.ts';
export {
  DEFAULT_OBSOLETE_CPU_MODELS,
  heartbeatAnnotations,
  heartbeatLabels,
  hostCpu,
  type HostCpu,
  isLabellerLabel,
  type LabellerOptions,
  labellerLabels,
  obsoleteHostModelWarning,
  SKIP_LABELLER_ANNOTATION,
} from './labeller.ts';
export {
  nodeConditions,
  nodeObject,
  type NodeOptions,
  type NodeParts,
  nodeResources,
} from './node-object.ts';
export { nodeNames, type NodeSpec, parseNodesFile } from './nodes-file.ts';
export { expandCpuList, parseHardwareProfile } from './parse-profile.ts';
export { cpuCount, type HardwareProfile, type HostDevice, type NumaNode } from './profile.ts';
export { readyMadeNames, readyMadeProfile, readyMadeYaml } from './ready-made.ts';
export { HardwareError, suggest } from './strict.ts';
