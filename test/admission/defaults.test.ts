import fc from 'fast-check';
import { produce } from 'immer';
import { describe, expect, it } from 'vitest';
import {
  applyPresets,
  setVmiDefaults,
  type VirtualMachineInstancePreset,
  withDefaultVmiSpec,
} from '../../simulator/admission/index.ts';
import type { KubeVirtConfig } from '../../simulator/kubevirt-config/index.ts';
import type {
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceSpec,
} from '../../simulator/types/kubevirt.ts';
import {
  ask,
  CONTROLLER,
  configWith,
  metadata,
  object,
  plainSpec,
  refusal,
  request,
  vmiWith,
  vmWith,
  withGates,
} from './fixtures.ts';

const random = { uuid: () => 'f0e1d2c3-0000-4000-8000-000000000000' };

function defaulted(
  change: (vmi: VirtualMachineInstance) => void,
  config: KubeVirtConfig = configWith(),
): VirtualMachineInstance {
  const { value, error } = setVmiDefaults(vmiWith(change), config, random);
  if (!value) throw new Error(error);
  return value;
}

describe('defaults of a VMI', () => {
  it('B6-81 takes the machine type of its architecture', () => {
    expect(defaulted(() => {}).spec.domain.machine?.type).toBe('q35');
    expect(
      defaulted(vmi => {
        vmi.spec.architecture = 'arm64';
      }).spec.domain.machine?.type,
    ).toBe('virt');
    expect(
      defaulted(vmi => {
        vmi.spec.architecture = 's390x';
      }).spec.domain.machine?.type,
    ).toBe('s390-ccw-virtio');
    expect(defaulted(() => {}, configWith({ machineType: 'pc-q35-8' })).spec.domain.machine?.type).toBe(
      'pc-q35-8',
    );
  });

  it('B6-83 fills requests from limits and memory from requests', () => {
    const { domain } = defaulted(vmi => {
      vmi.spec.domain.memory = undefined;
      vmi.spec.domain.resources = { requests: { memory: '1024Mi' }, limits: { cpu: '2' } };
    }).spec;
    expect(domain.resources).toEqual({ requests: { memory: '1Gi', cpu: '2' }, limits: { cpu: '2' } });
    expect(domain.memory?.guest).toBe('1Gi');
  });

  it('B6-83 writes the cluster’s CPU request only if it is not KubeVirt’s own', () => {
    expect(defaulted(() => {}).spec.domain.resources).toEqual({});
    expect(defaulted(() => {}, configWith({ cpuRequest: '50m' })).spec.domain.resources?.requests).toEqual({
      cpu: '50m',
    });
  });

  it('B6-84 counts sockets by the CPU limit, else the request, else one', () => {
    const cpu = (resources: object): object | undefined =>
      defaulted(vmi => {
        vmi.spec.domain.resources = resources;
      }).spec.domain.cpu;
    expect(cpu({})).toMatchObject({ sockets: 1, cores: 1, threads: 1, model: 'host-model' });
    expect(cpu({ requests: { cpu: '3' } })).toMatchObject({ sockets: 3 });
    expect(cpu({ requests: { cpu: '1' }, limits: { cpu: '2500m' } })).toMatchObject({ sockets: 3 });
    expect(defaulted(() => {}, configWith({ cpuModel: 'Haswell' })).spec.domain.cpu?.model).toBe('Haswell');
  });

  it('B6-86 attaches the default network only where there is none', () => {
    const bare = (vmi: VirtualMachineInstance): void => {
      vmi.spec.networks = undefined;
      vmi.spec.domain.devices.interfaces = undefined;
    };
    expect(defaulted(bare).spec.domain.devices.interfaces).toEqual([{ name: 'default', bridge: {} }]);
    expect(defaulted(bare).spec.networks).toEqual([{ name: 'default', pod: {} }]);
    const masquerade = configWith({ network: { defaultNetworkInterface: 'masquerade' } });
    expect(defaulted(bare, masquerade).spec.domain.devices.interfaces).toEqual([
      { name: 'default', masquerade: {} },
    ]);
    const none = defaulted(vmi => {
      bare(vmi);
      vmi.spec.domain.devices.autoattachPodInterface = false;
    });
    expect(none.spec.networks).toBeUndefined();
  });

  it('B6-86 fails where the default network is not permitted', () => {
    const spec = plainSpec();
    spec.networks = undefined;
    spec.domain.devices.interfaces = undefined;
    const forbidden = configWith({ network: { permitBridgeInterfaceOnPodNetwork: false } });
    expect(withDefaultVmiSpec(spec, forbidden).error).toBe(
      'bridge interface is not enabled in kubevirt-config',
    );
    const slirp = configWith({ network: { defaultNetworkInterface: 'slirp' } });
    expect(withDefaultVmiSpec(spec, slirp).error).toBe('slirp interface is deprecated as of v1.3');
  });

  it('B6-87, B6-88 gives every volume a disk, disks a bus and images a pull policy', () => {
    const { spec } = defaulted(vmi => {
      vmi.spec.domain.devices.disks = [{ name: 'cd', cdrom: {} }];
      vmi.spec.volumes = [
        { name: 'a', containerDisk: { image: 'i' } },
        { name: 'b', containerDisk: { image: 'i:latest' } },
        { name: 'c', containerDisk: { image: 'i:1' } },
      ];
    });
    expect(spec.domain.devices.disks).toEqual([
      { name: 'cd', cdrom: { bus: 'sata', readonly: true, tray: 'closed' } },
      { name: 'a', disk: { bus: 'sata' } },
      { name: 'b', disk: { bus: 'sata' } },
      { name: 'c', disk: { bus: 'sata' } },
    ]);
    const policies = spec.volumes?.map(({ containerDisk }) => containerDisk?.imagePullPolicy);
    expect(policies).toEqual(['Always', 'Always', 'IfNotPresent']);
  });

  it('B6-89 fills the API’s own defaults', () => {
    const { spec } = defaulted(vmi => {
      vmi.spec.domain.features = { hyperv: { relaxed: {}, spinlocks: {} } };
      vmi.spec.domain.clock = { timer: { hpet: {} } };
      vmi.spec.domain.devices.inputs = [{ name: 'i' }];
      vmi.spec.readinessProbe = { exec: {} };
    });
    expect(spec.domain.firmware?.uuid).toBe(random.uuid());
    expect(spec.domain.features).toEqual({
      acpi: { enabled: true },
      hyperv: { relaxed: { enabled: true }, spinlocks: { enabled: true, spinlocks: 4096 } },
    });
    expect(spec.domain.clock?.timer?.hpet).toEqual({ present: true });
    expect(spec.domain.devices.inputs).toEqual([{ name: 'i', bus: 'usb', type: 'tablet' }]);
    expect(spec.readinessProbe).toMatchObject({
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
  });

  it('B6-90 switches on what enlightenments need', () => {
    const { domain } = defaulted(vmi => {
      vmi.spec.domain.features = { hyperv: { synictimer: {}, evmcs: {} } };
    }).spec;
    const on = { enabled: true };
    expect(domain.features?.hyperv).toEqual({ synictimer: on, evmcs: on, vapic: on, synic: on, vpindex: on });
    expect(domain.cpu?.features).toEqual([{ name: 'vmx', policy: 'require' }]);
  });

  it('B6-91 gives arm64 UEFI and host-passthrough, s390x no ACPI', () => {
    const arm = defaulted(vmi => {
      vmi.spec.architecture = 'arm64';
      vmi.spec.domain.devices.disks = [{ name: 'root' }];
    }).spec.domain;
    expect(arm.cpu).toEqual({ sockets: 1, cores: 1, threads: 1, model: 'host-passthrough' });
    expect(arm.firmware?.bootloader).toEqual({ efi: { secureBoot: false } });
    expect(arm.devices.disks?.[0]).toEqual({ name: 'root', disk: { bus: 'virtio' } });
    const z = defaulted(vmi => {
      vmi.spec.architecture = 's390x';
      vmi.spec.domain.devices.watchdog = { name: 'w' };
    }).spec.domain;
    expect(z.features?.acpi).toEqual({ enabled: false });
    expect(z.devices.watchdog).toEqual({ name: 'w', diag288: { action: 'reset' } });
  });

  it('B6-92 leaves room for hotplug only with live updates and enough memory', () => {
    expect(defaulted(() => {}).spec.domain).toMatchObject({
      cpu: { maxSockets: 4 },
      memory: { guest: '1Gi', maxGuest: '4Gi' },
    });
    expect(
      defaulted(vmi => {
        vmi.spec.domain.memory = { guest: '512Mi' };
      }).spec.domain.memory,
    ).toEqual({ guest: '512Mi' });
    expect(
      defaulted(vmi => {
        vmi.spec.domain.cpu = { sockets: 4, cores: 8, threads: 8 };
      }).spec.domain.cpu?.maxSockets,
    ).toBe(8);
    expect(defaulted(() => {}, configWith({ vmRolloutStrategy: 'Stage' })).spec.domain.memory).toEqual({
      guest: '1Gi',
    });
  });

  it('B5-01 sets status, finalizer, phase and PCI layout when a VMI is created', () => {
    const result = ask(
      'virtualmachineinstances-mutator.kubevirt.io',
      request('virtualmachineinstances.kubevirt.io', vmiWith()),
    );
    const vmi = (result.allowed ? result.object : undefined) as VirtualMachineInstance;
    expect(vmi.metadata.finalizers).toEqual(['kubevirt.io/foregroundDeleteVirtualMachine']);
    expect(vmi.metadata.annotations).toEqual({ 'kubevirt.io/pci-topology-version': 'v3' });
    expect(vmi.status).toEqual({
      phase: 'Pending',
      phaseTransitionTimestamps: [{ phase: 'Pending', phaseTransitionTimestamp: '2026-01-01T00:00:00Z' }],
      runtimeUser: 107,
      currentCPUTopology: { cores: 1, sockets: 1, threads: 1 },
      memory: { guestAtBoot: '1Gi', guestCurrent: '1Gi', guestRequested: '1Gi' },
    });
    expect(defaulted(() => {}, withGates('Root')).status?.runtimeUser).toBeUndefined();
  });

  it('B5-02 puts back a status that a stranger changed', () => {
    const old = vmiWith(vmi => {
      vmi.status = { phase: 'Running' };
    });
    const changed = vmiWith(vmi => {
      vmi.status = { phase: 'Failed' };
    });
    const mutate = (username: string) =>
      ask(
        'virtualmachineinstances-mutator.kubevirt.io',
        request('virtualmachineinstances.kubevirt.io', changed, {
          operation: 'UPDATE',
          oldObject: old,
          username,
        }),
      );
    expect(mutate('alice')).toEqual({ allowed: true, object: old });
    expect(mutate(CONTROLLER)).toEqual({ allowed: true });
  });
});

const quantity = fc.constantFrom('64Mi', '512Mi', '1Gi', '3Gi', '1.5Gi', '1000M');
const cpuCount = fc.integer({ min: 1, max: 8 });
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

/** Specs as people write them, with anything left out. */
const written: fc.Arbitrary<VirtualMachineInstanceSpec> = fc
  .record({
    architecture: some(fc.constantFrom('amd64', 'arm64', 's390x')),
    guest: some(quantity),
    request: some(quantity),
    cpuLimit: some(fc.constantFrom('1', '2', '1500m')),
    cpu: some(
      fc.record({ cores: cpuCount, sockets: cpuCount, threads: fc.constantFrom(1, 2) }, { requiredKeys: [] }),
    ),
    bus: some(fc.constantFrom('virtio', 'scsi')),
    features: some(
      fc.record(
        {
          relaxed: fc.constant({}),
          synic: fc.constant({}),
          evmcs: fc.constant({}),
          tlbflush: fc.constant({}),
        },
        { requiredKeys: [] },
      ),
    ),
    interfaces: fc.boolean(),
    evictionStrategy: some(fc.constantFrom('None', 'LiveMigrate')),
  })
  .map(({ architecture, guest, request, cpuLimit, cpu, bus, features, interfaces, evictionStrategy }) => {
    const plain = plainSpec();
    return JSON.parse(
      JSON.stringify({
        architecture,
        evictionStrategy,
        networks: interfaces ? plain.networks : undefined,
        volumes: plain.volumes,
        domain: {
          cpu,
          memory: guest && { guest },
          resources: { requests: request && { memory: request }, limits: cpuLimit && { cpu: cpuLimit } },
          features: features && { hyperv: features },
          devices: {
            disks: bus && [{ name: 'root', disk: { bus } }],
            interfaces: interfaces ? plain.domain.devices.interfaces : undefined,
          },
        },
      }),
    ) as VirtualMachineInstanceSpec;
  });

/** Every scalar somewhere in a value, by its path. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}/${key}`));
}

describe('defaults of any VMI', () => {
  it('come out the same when applied twice, from a frozen object', () => {
    fc.assert(
      fc.property(written, spec => {
        const vmi = produce(
          vmiWith(draft => {
            draft.spec = spec;
          }),
          () => {},
        );
        const once = setVmiDefaults(vmi, configWith(), random).value;
        const twice = once && setVmiDefaults(once, configWith(), { uuid: () => 'another' }).value;
        expect(twice).toEqual(once);
      }),
    );
  });

  it('never change what was set, but for the spelling of amounts', () => {
    fc.assert(
      fc.property(written, spec => {
        const result = setVmiDefaults(
          vmiWith(draft => {
            draft.spec = spec;
          }),
          configWith(),
          random,
        ).value;
        const after = new Map(leaves(result?.spec));
        for (const [path, value] of leaves(spec)) {
          const now = after.get(path);
          if (value === '1.5Gi') expect(now).toBe('1536Mi');
          else if (value === '1000M') expect(now).toBe('1G');
          else expect(now, path).toEqual(value);
        }
      }),
    );
  });
});

describe('presets (8.4)', () => {
  const preset = (name: string, domain: object): VirtualMachineInstancePreset =>
    ({
      ...object('VirtualMachineInstancePreset', { selector: { matchLabels: { flavor: 'small' } }, domain }),
      metadata: metadata(name),
    }) as VirtualMachineInstancePreset;
  const small = vmiWith(vmi => {
    vmi.metadata.labels = { flavor: 'small' };
  });

  it('fill what the VMI leaves open and are noted', () => {
    const { value } = applyPresets(small, [preset('p', { cpu: { cores: 4 } })]);
    expect(value?.spec.domain.cpu).toEqual({ cores: 4 });
    expect(value?.metadata.annotations).toEqual({ 'virtualmachinepreset.kubevirt.io/p': 'kubevirt.io/v1' });
  });

  it('do nothing to VMIs without their labels or excluded from presets', () => {
    const other = vmiWith();
    expect(applyPresets(other, [preset('p', { cpu: { cores: 4 } })]).value).toBe(other);
    const excluded = vmiWith(vmi => {
      vmi.metadata.labels = { flavor: 'small' };
      vmi.metadata.annotations = { 'virtualmachineinstancepresets.admission.kubevirt.io/exclude': 'true' };
    });
    expect(applyPresets(excluded, [preset('p', { cpu: { cores: 4 } })]).value).toBe(excluded);
  });

  it('that contradict each other refuse the VMI', () => {
    const stored = {
      'virtualmachineinstancepresets.kubevirt.io': [
        preset('a', { cpu: { cores: 4 } }),
        preset('b', { cpu: { cores: 6 } }),
      ],
    };
    const asked = request('virtualmachineinstances.kubevirt.io', small, { stored });
    expect(refusal(ask('virtualmachineinstances-mutator.kubevirt.io', asked))).toEqual({
      code: 422,
      message:
        "VirtualMachinePresets cannot be applied due to conflicts: presets 'b' and 'a' conflict: spec.cpu: &{6 0 0 0  [] false <nil> false <nil>} != &{4 0 0 0  [] false <nil> false <nil>}",
    });
  });
});

describe('defaults of a VM', () => {
  const mutate = (vm: VirtualMachine, options = {}): VirtualMachine | undefined => {
    const result = ask(
      'virtualmachines-mutator.kubevirt.io',
      request('virtualmachines.kubevirt.io', vm, options),
    );
    return result.allowed ? (result.object as VirtualMachine | undefined) : undefined;
  };

  it('B6-80, B6-81, B6-82 set architecture, machine type and firmware identity at creation', () => {
    const vm = mutate(vmWith());
    expect(vm?.spec.template.spec).toMatchObject({
      architecture: 'amd64',
      domain: {
        machine: { type: 'q35' },
        firmware: {
          uuid: '00000000-0000-4000-8000-000000000001',
          serial: '00000000-0000-4000-8000-000000000002',
        },
        resources: {},
      },
    });
    expect(vm?.spec.template.metadata?.annotations).toEqual({ 'kubevirt.io/pci-topology-version': 'v3' });
  });

  it('B6-80 take the architecture of the boot source', () => {
    const vm = vmWith(({ spec }) => {
      spec.dataVolumeTemplates = [
        {
          metadata: { name: 'dv' },
          spec: { sourceRef: { kind: 'DataSource', name: 'fedora' }, storage: {} },
        },
      ];
    });
    const source = object(
      'DataSource',
      { source: {} },
      {
        metadata: { ...metadata('fedora'), labels: { 'template.kubevirt.io/architecture': 'arm64' } },
      },
    );
    const stored = { 'datasources.cdi.kubevirt.io': [source] };
    expect(mutate(vm, { stored })?.spec.template.spec).toMatchObject({
      architecture: 'arm64',
      domain: { machine: { type: 'virt' } },
    });
  });

  it('add nothing to a VM that has them', () => {
    const vm = mutate(vmWith()) as VirtualMachine;
    expect(mutate(vm, { operation: 'UPDATE', oldObject: vm })).toBeUndefined();
  });
});
