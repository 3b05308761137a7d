import type { Devices, Disk, Interface, Network, PreferenceSpec } from '../types/kubevirt.ts';
import { mapItems, withField, withoutField, withPreferred } from './persistent.ts';

export type DevicePreferences = NonNullable<PreferenceSpec['devices']>;

/**
 * The autoattach switches, where the user left them open (KubeVirt v1.9 pkg/instancetype/preference/apply/device.go).
 * At start they are taken up before default devices are made, which they may forbid.
 */
export function applyAutoattachPreferences(
  preference: PreferenceSpec | undefined,
  devices: Devices,
): Devices {
  const preferred = preference?.devices;
  if (!preferred) return devices;
  let result = devices;
  result = withPreferred(result, 'autoattachGraphicsDevice', preferred.preferredAutoattachGraphicsDevice);
  result = withPreferred(result, 'autoattachMemBalloon', preferred.preferredAutoattachMemBalloon);
  result = withPreferred(result, 'autoattachPodInterface', preferred.preferredAutoattachPodInterface);
  result = withPreferred(result, 'autoattachSerialConsole', preferred.preferredAutoattachSerialConsole);
  return withPreferred(result, 'autoattachInputDevice', preferred.preferredAutoattachInputDevice);
}

/** All device preferences (KubeVirt v1.9 pkg/instancetype/preference/apply/device.go). */
export function applyDevicePreferences(
  preference: PreferenceSpec,
  devices: Devices,
  networks: readonly Network[] | undefined,
): Devices {
  const preferred = preference.devices;
  if (!preferred) return devices;
  let result = devices;
  result = withPreferred(result, 'useVirtioTransitional', preferred.preferredUseVirtioTransitional);
  result = withPreferred(result, 'blockMultiQueue', preferred.preferredBlockMultiQueue);
  result = withPreferred(result, 'networkInterfaceMultiqueue', preferred.preferredNetworkInterfaceMultiQueue);
  result = withHotplugSwitch(result, preferred.preferredDisableHotplug);
  if (result.sound) {
    result = withField(result, 'sound', withPreferred(result.sound, 'model', preferred.preferredSoundModel));
  }
  result = withPreferred(result, 'rng', preferred.preferredRng);
  result = withPreferred(result, 'tpm', preferred.preferredTPM);
  if (preferred.preferredVideoType !== undefined) {
    result = withField(
      result,
      'video',
      withPreferred(result.video ?? {}, 'type', preferred.preferredVideoType),
    );
  }
  result = applyAutoattachPreferences(preference, result);
  if (result.disks)
    result = withField(
      result,
      'disks',
      mapItems(result.disks, disk => preferredDisk(preferred, disk)),
    );
  if (result.interfaces) {
    const change = (item: Interface): Interface => preferredInterface(preferred, item, networks);
    result = withField(result, 'interfaces', mapItems(result.interfaces, change));
  }
  if (result.inputs) {
    const inputs = mapItems(result.inputs, input => {
      const onBus = withPreferred(input, 'bus', preferred.preferredInputBus);
      return withPreferred(onBus, 'type', preferred.preferredInputType);
    });
    result = withField(result, 'inputs', inputs);
  }
  return withPanicDevice(result, preferred.preferredPanicDeviceModel);
}

/** `disableHotplug` cannot be told from unset, so upstream lets the preference win both ways. */
function withHotplugSwitch(devices: Devices, preferred: boolean | undefined): Devices {
  if (preferred === undefined || preferred === (devices.disableHotplug ?? false)) return devices;
  return preferred ? { ...devices, disableHotplug: true } : withoutField(devices, 'disableHotplug');
}

function preferredDisk(preferred: DevicePreferences, given: Disk): Disk {
  const disk = given.disk || given.cdrom || given.lun ? given : { ...given, disk: {} };
  if (disk.disk) {
    let result = withField(disk, 'disk', withPreferred(disk.disk, 'bus', preferred.preferredDiskBus));
    result = withPreferred(result, 'blockSize', preferred.preferredDiskBlockSize);
    result = withPreferred(result, 'cache', preferred.preferredDiskCache);
    result = withPreferred(result, 'io', preferred.preferredDiskIO);
    if (result.disk?.bus !== 'virtio') return result;
    return withPreferred(result, 'dedicatedIOThread', preferred.preferredDiskDedicatedIoThread);
  }
  if (disk.cdrom)
    return withField(disk, 'cdrom', withPreferred(disk.cdrom, 'bus', preferred.preferredCdromBus));
  if (disk.lun) return withField(disk, 'lun', withPreferred(disk.lun, 'bus', preferred.preferredLunBus));
  return disk;
}

function preferredInterface(
  preferred: DevicePreferences,
  given: Interface,
  networks: readonly Network[] | undefined,
): Interface {
  const result = withPreferred(given, 'model', preferred.preferredInterfaceModel);
  if (!preferred.preferredInterfaceMasquerade || hasBinding(given)) return result;
  const onPodNetwork = networks?.find(({ name }) => name === given.name)?.pod !== undefined;
  return onPodNetwork ? { ...result, masquerade: preferred.preferredInterfaceMasquerade } : result;
}

function hasBinding({
  bridge,
  slirp,
  masquerade,
  sriov,
  macvtap,
  passt,
  passtBinding,
  binding,
}: Interface): boolean {
  return !!(bridge || slirp || masquerade || sriov || macvtap || passt || passtBinding || binding);
}

function withPanicDevice(devices: Devices, model: string | undefined): Devices {
  if (model === undefined) return devices;
  if (!devices.panicDevices?.length) return { ...devices, panicDevices: [{ model }] };
  const panicDevices = mapItems(devices.panicDevices, device =>
    device.model === undefined ? { ...device, model } : device,
  );
  return withField(devices, 'panicDevices', panicDevices);
}
