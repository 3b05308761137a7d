/**
 * The resources that device plugins announce to the kubelet (KubeVirt v1.9 pkg/virt-handler/device-manager, and the
 * plugins of others for SR-IOV and externally provided devices).
 */
import type { ResourceList } from '../../types/meta.ts';
import { formatUnits } from '../../types/quantity.ts';
import type { HardwareProfile, HostDevice } from './profile.ts';

/** virt-handler's --max-devices: how many guests may share one device file. */
export const MAX_DEVICES = 1000;

/** spec.configuration.permittedHostDevices of the KubeVirt object. */
export interface PermittedHostDevices {
  pciHostDevices?: readonly {
    pciVendorSelector: string;
    resourceName: string;
    externalResourceProvider?: boolean;
  }[];
  mediatedDevices?: readonly {
    mdevNameSelector: string;
    resourceName: string;
    externalResourceProvider?: boolean;
  }[];
}

export interface DeviceOptions {
  /** Feature gates VSOCK and WorkloadEncryptionSEV. */
  vsock?: boolean;
  sev?: boolean;
  /**
   * Which host devices KubeVirt announces, by selector. Without it every device of the profile is announced under
   * the profile's own resource name.
   */
  permittedHostDevices?: PermittedHostDevices;
  maxDevices?: number;
}

export interface DeviceResources {
  capacity: ResourceList;
  /** Devices whose file is missing count in the capacity but cannot be allocated. */
  allocatable: ResourceList;
}

/** What the device plugins of a node announce. */
export function deviceResources(profile: HardwareProfile, options: DeviceOptions = {}): DeviceResources {
  const result: DeviceResources = { capacity: {}, allocatable: {} };
  const { devices } = profile;
  const shared = (name: string, present: boolean) => {
    const count = options.maxDevices ?? MAX_DEVICES;
    result.capacity[`devices.kubevirt.io/${name}`] = formatUnits(count);
    result.allocatable[`devices.kubevirt.io/${name}`] = formatUnits(present ? count : 0);
  };
  shared('kvm', devices.kvm);
  shared('tun', devices.tun);
  shared('vhost-net', devices.vhostNet);
  if (options.vsock) shared('vhost-vsock', devices.vhostVsock);
  if (options.sev) shared('sev', devices.sev !== 'none');

  const totals = new Map<string, number>();
  const count = (resource: string, amount: number) =>
    totals.set(resource, (totals.get(resource) ?? 0) + amount);
  for (const device of [...profile.gpus, ...profile.pciHostDevices, ...profile.mediatedDevices]) {
    const resource = announcedAs(device, options.permittedHostDevices);
    if (resource) count(resource, device.count);
  }
  for (const { resourceName, count: amount } of profile.sriov) count(resourceName, amount);
  for (const [resource, amount] of totals) {
    result.capacity[resource] = formatUnits(amount);
    result.allocatable[resource] = formatUnits(amount);
  }
  return result;
}

function announcedAs(device: HostDevice, permitted: PermittedHostDevices | undefined): string | undefined {
  if (device.external || !permitted) return device.resourceName;
  const selector = device.selector?.trim().toLowerCase();
  if (selector === undefined) return undefined;
  const pci = permitted.pciHostDevices?.find(
    entry => !entry.externalResourceProvider && entry.pciVendorSelector.toLowerCase() === selector,
  );
  if (pci) return pci.resourceName;
  return permitted.mediatedDevices?.find(
    entry =>
      !entry.externalResourceProvider &&
      underscored(entry.mdevNameSelector) === underscored(device.selector ?? ''),
  )?.resourceName;
}

// The kernel writes the names of mediated device types without spaces.
function underscored(name: string): string {
  return name.replaceAll(' ', '_').trim();
}
