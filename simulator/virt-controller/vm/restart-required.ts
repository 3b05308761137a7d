/**
 * Whether a running VM must be restarted before its template holds (KubeVirt v1.9 syncRestartRequired): what differs
 * from the template it was started with, less what can be changed live.
 */
import type { View } from '../../controller.ts';
import { applyToVirtualMachine, findInstancetype, findPreference } from '../../instancetype/index.ts';
import { type KubeVirtConfig, isLiveUpdate } from '../../kubevirt-config/index.ts';
import { same } from '../../store/index.ts';
import type {
  DomainSpec,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceSpec,
} from '../../types/kubevirt.ts';
import { lastStartedSpec } from './revisions.ts';

export const RESTART_MESSAGE = 'a non-live-updatable field was changed in the template spec';

/** Undefined: nothing is known of the last start, so nothing can be said. */
export function isRestartRequired(
  view: View,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  config: KubeVirtConfig,
): boolean | undefined {
  if (!vmi) return undefined;
  const started = lastStartedSpec(view, vm);
  if (!started) return undefined;
  if (started.template === vm.spec.template) return false;
  const current = expandedTemplate(view, vm);
  const before = expandedTemplate(view, { ...vm, spec: started });
  if (!current || !before) return undefined;
  return !same(comparable(current, before, vmi, config), current);
}

function expandedTemplate(view: View, vm: VirtualMachine): VirtualMachineInstanceSpec | undefined {
  const lookup = { get: view.find.bind(view) };
  const instancetype = findInstancetype(vm, lookup);
  const preference = findPreference(vm, lookup);
  if (instancetype?.missing !== undefined || preference?.missing !== undefined) return undefined;
  return applyToVirtualMachine(vm, instancetype?.found.spec, preference?.found.spec).vm?.spec.template.spec;
}

/** The template of the last start with everything that may change live taken from the present one. */
function comparable(
  current: VirtualMachineInstanceSpec,
  before: VirtualMachineInstanceSpec,
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
): VirtualMachineInstanceSpec {
  let spec: VirtualMachineInstanceSpec = { ...before, volumes: current.volumes, networks: current.networks };
  const domain: DomainSpec = {
    ...before.domain,
    devices: {
      ...before.domain.devices,
      disks: current.domain.devices.disks,
      interfaces: current.domain.devices.interfaces,
    },
  };
  if (!hotpluggableChangesOnly(current, before)) {
    spec = { ...spec, volumes: before.volumes };
    domain.devices = { ...domain.devices, disks: before.domain.devices.disks };
  }
  if (!same(current.domain.devices.interfaces, vmi.spec.domain.devices.interfaces)) {
    spec = { ...spec, networks: before.networks };
    domain.devices = { ...domain.devices, interfaces: before.domain.devices.interfaces };
  }
  if (isLiveUpdate(config)) {
    if (domain.cpu && current.domain.cpu) domain.cpu = { ...domain.cpu, sockets: current.domain.cpu.sockets };
    if (current.domain.memory?.guest !== undefined) {
      domain.memory = { ...domain.memory, guest: current.domain.memory.guest };
    }
    spec = {
      ...spec,
      nodeSelector: current.nodeSelector,
      affinity: current.affinity,
      tolerations: current.tolerations,
    };
  }
  if (vmi.spec.domain.firmware?.uuid === current.domain.firmware?.uuid && current.domain.firmware) {
    domain.firmware = { ...domain.firmware, uuid: current.domain.firmware.uuid };
  }
  return { ...spec, domain };
}

/** Volumes that were there at the start are there still; only hotpluggable ones have come or gone. */
function hotpluggableChangesOnly(
  current: VirtualMachineInstanceSpec,
  before: VirtualMachineInstanceSpec,
): boolean {
  const isHotpluggable = (spec: VirtualMachineInstanceSpec, name: string) => {
    const volume = spec.volumes?.find(each => each.name === name);
    return Boolean(volume?.persistentVolumeClaim?.hotpluggable ?? volume?.dataVolume?.hotpluggable);
  };
  const fixed = (spec: VirtualMachineInstanceSpec) => ({
    volumes: spec.volumes?.filter(({ name }) => !isHotpluggable(spec, name)),
    disks: spec.domain.devices.disks?.filter(({ name }) => !isHotpluggable(spec, name)),
  });
  return same(fixed(current), fixed(before));
}
