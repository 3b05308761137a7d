/**
 * KubeVirt's admission webhooks as pure functions: defaults and rejections (KubeVirt v1.9 pkg/virt-api/webhooks,
 * pkg/defaults, pkg/network/admitter, pkg/storage/admitters, pkg/dra/admitter, pkg/virt-operator/webhooks).
 * Instancetypes and preferences come from their own area.
 *
 * Left out: schema validation, which comes before any webhook; CDI's own webhooks; the launcher pod mutator, which
 * serves containerPath volumes of sidecars injected by others; node placement of the KubeVirt resource, tried out
 * upstream by a dry run; CEL in Plugins, which are refused by name. In preset conflicts Go prints memory addresses
 * where this prints values. Explicit zero values survive, which Go's encoding drops.
 */
export { type Denial, bareDenial, deny, tooManyRequests } from './denial.ts';
export { memoryHotplugError } from './defaults/hotplug.ts';
export { supportsPcieHotplug } from './defaults/architecture.ts';
export { applyPresets, type VirtualMachineInstancePreset } from './defaults/presets.ts';
export { setVirtualMachineDefaults, type VirtualMachineDefaultsContext } from './defaults/virtual-machine.ts';
export { type Defaulted, withDefaultVmiSpec } from './defaults/vmi-spec.ts';
export { setVmiDefaults } from './defaults/vmi.ts';
export { type EvictionDecision, decideEviction } from './kinds/eviction.ts';
export { MIGRATION_FINALIZER } from './kinds/migration.ts';
export {
  type InstancetypeHooks,
  mutateVirtualMachine,
  validateVirtualMachine,
  validateVirtualMachineSpec,
} from './kinds/virtual-machine.ts';
export { mutateVmi, validateNewVmi, validateVmiUpdate, VMI_FINALIZER } from './kinds/vmi.ts';
export { withVolumeRequest } from './kinds/volume-requests.ts';
export { validateVmiMetadata, validateVmiSpec } from './vmi/spec.ts';
export type {
  AdmissionRequest,
  AdmissionResult,
  Lookup,
  Operation,
  Random,
  SideEffect,
  Webhook,
} from './webhook.ts';
export { kubevirtWebhooks } from './webhooks.ts';
