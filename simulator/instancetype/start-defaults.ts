import type { Devices, VirtualMachineInstanceSpec } from '../types/kubevirt.ts';

/*
 * What the VM controller adds to a new VMI around its instancetype and preference. Each function answers the same
 * reference when there is nothing to add.
 */

/** The part of the KubeVirt configuration that decides the default network. */
export interface NetworkDefaults {
  /** `network.defaultNetworkInterface`: `bridge`, `masquerade` or the withdrawn `slirp`. */
  readonly defaultNetworkInterface: string;
  /** `network.permitBridgeInterfaceOnPodNetwork`. */
  readonly permitBridgeInterfaceOnPodNetwork: boolean;
}

export type Networked =
  | { readonly spec: VirtualMachineInstanceSpec; readonly error?: undefined }
  | { readonly spec?: undefined; readonly error: string };

/** A bare disk for every volume that no disk or filesystem uses (KubeVirt v1.9 pkg/util, SetDefaultVolumeDisk). */
export function withDefaultDisks(spec: VirtualMachineInstanceSpec): VirtualMachineInstanceSpec {
  const { disks = [], filesystems = [] } = spec.domain.devices;
  const used = new Set([...disks, ...filesystems].map(({ name }) => name));
  const missing = (spec.volumes ?? []).filter(({ name }) => !used.has(name));
  if (missing.length === 0) return spec;
  return withDevices(spec, { disks: [...disks, ...missing.map(({ name }) => ({ name }))] });
}

/** The input device that `autoattachInputDevice` asks for; bus and type come from preferences or defaults later. */
export function withDefaultInput(spec: VirtualMachineInstanceSpec): VirtualMachineInstanceSpec {
  const { autoattachInputDevice, inputs } = spec.domain.devices;
  if (!autoattachInputDevice || inputs?.length) return spec;
  return withDevices(spec, { inputs: [{ name: 'default-0', type: '' }] });
}

/**
 * An interface on the pod network, where the user names neither networks nor interfaces and does not forbid one
 * (KubeVirt v1.9 pkg/network/vmispec/defaults.go). An interface type upstream does not know brings the network only.
 */
export function withDefaultNetwork(spec: VirtualMachineInstanceSpec, defaults: NetworkDefaults): Networked {
  const { autoattachPodInterface, interfaces } = spec.domain.devices;
  if (autoattachPodInterface === false || spec.networks?.length || interfaces?.length) return { spec };
  const networks = [{ name: 'default', pod: {} }];
  switch (defaults.defaultNetworkInterface) {
    case 'bridge':
      if (!defaults.permitBridgeInterfaceOnPodNetwork)
        return { error: 'bridge interface is not enabled in kubevirt-config' };
      return { spec: { ...withDevices(spec, { interfaces: [{ name: 'default', bridge: {} }] }), networks } };
    case 'masquerade':
      return {
        spec: { ...withDevices(spec, { interfaces: [{ name: 'default', masquerade: {} }] }), networks },
      };
    case 'slirp':
      return { error: 'slirp interface is deprecated as of v1.3' };
    default:
      return { spec: { ...spec, networks } };
  }
}

function withDevices(
  spec: VirtualMachineInstanceSpec,
  devices: Partial<Devices>,
): VirtualMachineInstanceSpec {
  return { ...spec, domain: { ...spec.domain, devices: { ...spec.domain.devices, ...devices } } };
}
