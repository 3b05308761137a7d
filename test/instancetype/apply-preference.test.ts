import { describe, expect, it } from 'vitest';
import { applyPreference } from '../../simulator/instancetype/index.ts';
import type { Devices, DomainSpec, PreferenceSpec } from '../../simulator/types/kubevirt.ts';
import { frozen, vmiSpec } from './fixtures.ts';

function domainWith(preference: PreferenceSpec, domain: Partial<DomainSpec>): DomainSpec {
  return applyPreference(frozen(preference), { spec: vmiSpec(domain), metadata: {} }).spec.domain;
}

describe('applying a preference to the domain', () => {
  const rows: [string, PreferenceSpec, Partial<DomainSpec>, Partial<DomainSpec>][] = [
    [
      'B6-31 preferredClockOffset',
      { clock: { preferredClockOffset: { utc: { offsetSeconds: 5 } } } },
      {},
      { clock: { utc: { offsetSeconds: 5 } } },
    ],
    [
      'B6-31 not beside a timezone',
      { clock: { preferredClockOffset: { utc: {} } } },
      { clock: { timezone: 'CET' } },
      { clock: { timezone: 'CET' } },
    ],
    [
      'B6-32 preferredTimer',
      { clock: { preferredTimer: { hyperv: {} } } },
      { clock: { utc: {} } },
      { clock: { utc: {}, timer: { hyperv: {} } } },
    ],
    [
      'B6-32 the user’s timer stays whole',
      { clock: { preferredTimer: { hyperv: {} } } },
      { clock: { timer: { kvm: {} } } },
      { clock: { timer: { kvm: {} } } },
    ],
    [
      'B6-34 CPU features after the user’s, by name',
      { cpu: { preferredCPUFeatures: [{ name: 'vmx', policy: 'require' }, { name: 'pdpe1gb' }] } },
      { cpu: { features: [{ name: 'vmx', policy: 'disable' }] } },
      { cpu: { features: [{ name: 'vmx', policy: 'disable' }, { name: 'pdpe1gb' }] } },
    ],
    [
      'B6-34 CPU features on a VMI without a cpu',
      { cpu: { preferredCPUFeatures: [{ name: 'vmx' }] } },
      {},
      { cpu: { features: [{ name: 'vmx' }] } },
    ],
    [
      'B6-48 preferredAcpi overrides',
      { features: { preferredAcpi: { enabled: false } } },
      { features: { acpi: { enabled: true } } },
      { features: { acpi: { enabled: false } } },
    ],
    [
      'B6-49 apic, kvm, pvspinlock, smm',
      {
        features: {
          preferredApic: {},
          preferredKvm: { hidden: true },
          preferredPvspinlock: { enabled: false },
          preferredSmm: {},
        },
      },
      { features: { smm: { enabled: false } } },
      {
        features: {
          apic: {},
          kvm: { hidden: true },
          pvspinlock: { enabled: false },
          smm: { enabled: false },
        },
      },
    ],
    [
      'B6-50 hyperv, each feature for itself',
      {
        features: {
          preferredHyperv: { relaxed: {}, vapic: { enabled: false }, spinlocks: { spinlocks: 4096 } },
        },
      },
      { features: { hyperv: { vapic: { enabled: true } } } },
      { features: { hyperv: { relaxed: {}, vapic: { enabled: true }, spinlocks: { spinlocks: 4096 } } } },
    ],
    [
      'B6-51 preferredUseBios and serial',
      { firmware: { preferredUseBios: true, preferredUseBiosSerial: true } },
      {},
      { firmware: { bootloader: { bios: { useSerial: true } } } },
    ],
    [
      'B6-51 not beside EFI',
      { firmware: { preferredUseBios: true } },
      { firmware: { bootloader: { efi: {} } } },
      { firmware: { bootloader: { efi: {} } } },
    ],
    [
      'B6-51 serial for the user’s BIOS',
      { firmware: { preferredUseBiosSerial: true } },
      { firmware: { bootloader: { bios: {} } } },
      { firmware: { bootloader: { bios: { useSerial: true } } } },
    ],
    [
      'B6-52 preferredEfi, and the deprecated fields skipped',
      {
        firmware: { preferredEfi: { persistent: true }, preferredUseEfi: true, preferredUseSecureBoot: true },
      },
      {},
      { firmware: { bootloader: { efi: { persistent: true } } } },
    ],
    [
      'B6-52 not beside BIOS',
      { firmware: { preferredEfi: {} } },
      { firmware: { bootloader: { bios: {} } } },
      { firmware: { bootloader: { bios: {} } } },
    ],
    [
      'B6-53 deprecated EFI and secure boot',
      { firmware: { preferredUseEfi: true, preferredUseSecureBoot: true } },
      {},
      { firmware: { bootloader: { efi: { secureBoot: true } } } },
    ],
    [
      'B6-54 preferredMachineType',
      { machine: { preferredMachineType: 'q35-rhel8' } },
      { machine: { type: '' } },
      { machine: { type: 'q35-rhel8' } },
    ],
    [
      'B6-54 the user’s machine type stays',
      { machine: { preferredMachineType: 'q35-rhel8' } },
      { machine: { type: 'q35' } },
      { machine: { type: 'q35' } },
    ],
    [
      'B6-57 preferredLaunchSecurity',
      { preferredLaunchSecurity: { sev: {} } },
      {},
      { launchSecurity: { sev: {} } },
    ],
    [
      'B6-57 the user’s stays',
      { preferredLaunchSecurity: { sev: {} } },
      { launchSecurity: { tdx: {} } },
      { launchSecurity: { tdx: {} } },
    ],
  ];
  it.each(rows)('%s', (_row, preference, given, expected) => {
    expect(domainWith(preference, given)).toEqual({
      devices: {},
      ...given,
      ...mergedFeatures(given, expected),
    });
  });

  /** Rows about features leave `acpi` out where it only mirrors what was there. */
  function mergedFeatures(given: Partial<DomainSpec>, expected: Partial<DomainSpec>): Partial<DomainSpec> {
    if (!expected.features) return expected;
    return { ...expected, features: { ...given.features, ...expected.features } };
  }

  it('B6-49 features created for a preference carry acpi, as Go writes it', () => {
    expect(domainWith({ features: { preferredSmm: {} } }, {}).features).toEqual({ acpi: {}, smm: {} });
  });
});

describe('applying a preference to devices', () => {
  const rows: [string, NonNullable<PreferenceSpec['devices']>, Devices, Devices][] = [
    [
      'B6-35 autoattach switches',
      {
        preferredAutoattachGraphicsDevice: false,
        preferredAutoattachMemBalloon: false,
        preferredAutoattachPodInterface: false,
        preferredAutoattachSerialConsole: false,
        preferredAutoattachInputDevice: true,
      },
      { autoattachGraphicsDevice: true },
      {
        autoattachGraphicsDevice: true,
        autoattachMemBalloon: false,
        autoattachPodInterface: false,
        autoattachSerialConsole: false,
        autoattachInputDevice: true,
      },
    ],
    [
      'B6-36 preferredDisableHotplug turns on',
      { preferredDisableHotplug: true },
      {},
      { disableHotplug: true },
    ],
    [
      'B6-36 preferredDisableHotplug turns off',
      { preferredDisableHotplug: false },
      { disableHotplug: true },
      {},
    ],
    [
      'B6-37 transitional and queues',
      {
        preferredUseVirtioTransitional: true,
        preferredBlockMultiQueue: true,
        preferredNetworkInterfaceMultiQueue: true,
      },
      { blockMultiQueue: false },
      { useVirtioTransitional: true, blockMultiQueue: false, networkInterfaceMultiqueue: true },
    ],
    [
      'B6-38 disks, also those without a target',
      {
        preferredDiskBus: 'virtio',
        preferredDiskBlockSize: { matchVolume: {} },
        preferredDiskCache: 'none',
        preferredDiskIO: 'native',
      },
      {
        disks: [
          { name: 'bare' },
          {
            name: 'set',
            disk: { bus: 'sata' },
            blockSize: { matchVolume: { enabled: true } },
            cache: 'writeback',
            io: 'threads',
          },
        ],
      },
      {
        disks: [
          {
            name: 'bare',
            disk: { bus: 'virtio' },
            blockSize: { matchVolume: {} },
            cache: 'none',
            io: 'native',
          },
          {
            name: 'set',
            disk: { bus: 'sata' },
            blockSize: { matchVolume: { enabled: true } },
            cache: 'writeback',
            io: 'threads',
          },
        ],
      },
    ],
    [
      'B6-38 a target even without preferred buses',
      {},
      { disks: [{ name: 'bare' }] },
      { disks: [{ name: 'bare', disk: {} }] },
    ],
    [
      'B6-39 dedicated I/O thread on virtio only',
      { preferredDiskBus: 'virtio', preferredDiskDedicatedIoThread: true },
      {
        disks: [
          { name: 'a', disk: {} },
          { name: 'b', disk: { bus: 'sata' } },
          { name: 'c', disk: {}, dedicatedIOThread: false },
        ],
      },
      {
        disks: [
          { name: 'a', disk: { bus: 'virtio' }, dedicatedIOThread: true },
          { name: 'b', disk: { bus: 'sata' } },
          { name: 'c', disk: { bus: 'virtio' }, dedicatedIOThread: false },
        ],
      },
    ],
    [
      'B6-40 CD-ROMs and LUNs',
      {
        preferredDiskBus: 'virtio',
        preferredDiskCache: 'none',
        preferredCdromBus: 'sata',
        preferredLunBus: 'scsi',
      },
      {
        disks: [
          { name: 'cd', cdrom: {} },
          { name: 'lun', lun: {} },
        ],
      },
      {
        disks: [
          { name: 'cd', cdrom: { bus: 'sata' } },
          { name: 'lun', lun: { bus: 'scsi' } },
        ],
      },
    ],
    [
      'B6-41 preferredInterfaceModel',
      { preferredInterfaceModel: 'virtio' },
      {
        interfaces: [
          { name: 'a', bridge: {} },
          { name: 'b', model: 'e1000' },
        ],
      },
      {
        interfaces: [
          { name: 'a', bridge: {}, model: 'virtio' },
          { name: 'b', model: 'e1000' },
        ],
      },
    ],
    [
      'B6-43 inputs',
      { preferredInputBus: 'virtio', preferredInputType: 'tablet' },
      {
        inputs: [
          { name: 'default-0', type: '' },
          { name: 'own', bus: 'usb', type: 'tablet' },
        ],
      },
      {
        inputs: [
          { name: 'default-0', bus: 'virtio', type: 'tablet' },
          { name: 'own', bus: 'usb', type: 'tablet' },
        ],
      },
    ],
    ['B6-43 no input is made', { preferredInputBus: 'virtio' }, {}, {}],
    [
      'B6-44 rng, TPM, video',
      { preferredRng: {}, preferredTPM: { persistent: true }, preferredVideoType: 'virtio' },
      { tpm: {} },
      { rng: {}, tpm: {}, video: { type: 'virtio' } },
    ],
    [
      'B6-44 the user’s video type stays',
      { preferredVideoType: 'virtio' },
      { video: { type: 'vga' } },
      { video: { type: 'vga' } },
    ],
    [
      'B6-45 a sound device without model',
      { preferredSoundModel: 'ac97' },
      { sound: { name: 's' } },
      { sound: { name: 's', model: 'ac97' } },
    ],
    ['B6-45 no sound device is made', { preferredSoundModel: 'ac97' }, {}, {}],
    [
      'B6-46 a panic device is made',
      { preferredPanicDeviceModel: 'isa' },
      {},
      { panicDevices: [{ model: 'isa' }] },
    ],
    [
      'B6-46 models of the user’s panic devices',
      { preferredPanicDeviceModel: 'isa' },
      { panicDevices: [{}, { model: 'pvpanic' }] },
      { panicDevices: [{ model: 'isa' }, { model: 'pvpanic' }] },
    ],
    [
      'B6-47 preferredVirtualGPUOptions is never applied',
      { preferredVirtualGPUOptions: { display: {} } },
      { gpus: [{ name: 'g' }] },
      { gpus: [{ name: 'g' }] },
    ],
  ];
  it.each(rows)('%s', (_row, devices, given, expected) => {
    expect(domainWith({ devices }, { devices: given }).devices).toEqual(expected);
  });

  it('B6-42 preferredInterfaceMasquerade, on the pod network and without a binding', () => {
    const spec = vmiSpec(
      {
        devices: {
          interfaces: [
            { name: 'pod' },
            { name: 'bridged', bridge: {} },
            { name: 'plugged', binding: { name: 'p' } },
            { name: 'multus' },
            { name: 'lost' },
          ],
        },
      },
      {
        networks: [
          { name: 'pod', pod: {} },
          { name: 'bridged', pod: {} },
          { name: 'plugged', pod: {} },
          { name: 'multus', multus: { networkName: 'n' } },
        ],
      },
    );
    const { interfaces } = applyPreference(
      { devices: { preferredInterfaceMasquerade: {} } },
      { spec, metadata: {} },
    ).spec.domain.devices;
    expect(interfaces).toEqual([
      { name: 'pod', masquerade: {} },
      { name: 'bridged', bridge: {} },
      { name: 'plugged', binding: { name: 'p' } },
      { name: 'multus' },
      { name: 'lost' },
    ]);
  });
});

describe('applying a preference to the VMI', () => {
  it('B6-30 preferredArchitecture, where none is set', () => {
    const preference: PreferenceSpec = { preferredArchitecture: 'arm64' };
    expect(applyPreference(preference, { spec: vmiSpec(), metadata: {} }).spec.architecture).toBe('arm64');
    const set = vmiSpec({}, { architecture: 'amd64' });
    expect(applyPreference(preference, { spec: set, metadata: {} }).spec).toBe(set);
  });

  it('B6-56 subdomain and termination grace period', () => {
    const preference: PreferenceSpec = {
      preferredSubdomain: 'sub',
      preferredTerminationGracePeriodSeconds: 15,
    };
    expect(applyPreference(preference, { spec: vmiSpec(), metadata: {} }).spec).toMatchObject({
      subdomain: 'sub',
      terminationGracePeriodSeconds: 15,
    });
    const set = vmiSpec({}, { subdomain: 'own', terminationGracePeriodSeconds: 0 });
    expect(applyPreference(preference, { spec: set, metadata: {} }).spec).toBe(set);
  });

  it('B6-58 annotations that are not there yet', () => {
    const preference: PreferenceSpec = { annotations: { a: 'preferred', b: 'preferred' } };
    const { metadata } = applyPreference(preference, {
      spec: vmiSpec(),
      metadata: { annotations: { a: 'own' } },
    });
    expect(metadata.annotations).toEqual({ a: 'own', b: 'preferred' });
  });

  it('answers the same references when nothing changes', () => {
    const spec = vmiSpec({
      devices: { disks: [{ name: 'a', disk: { bus: 'sata' } }] },
      features: { acpi: { enabled: true } },
    });
    const metadata = frozen({ annotations: { a: '1' } });
    const preference: PreferenceSpec = {
      annotations: { a: '2' },
      devices: { preferredDiskBus: 'virtio', preferredDisableHotplug: false },
      features: { preferredAcpi: { enabled: true } },
    };
    const result = applyPreference(preference, { spec, metadata });
    expect(result.spec).toBe(spec);
    expect(result.metadata).toBe(metadata);
  });
});
