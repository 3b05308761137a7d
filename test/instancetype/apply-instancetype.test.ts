import { describe, expect, it } from 'vitest';
import {
  applyInstancetype,
  applyToVirtualMachine,
  conflictCauses,
  conflictsError,
  instancetypeConflicts,
} from '../../simulator/instancetype/index.ts';
import type { InstancetypeSpec, VirtualMachineInstanceSpec } from '../../simulator/types/kubevirt.ts';
import { instancetypeSpec, virtualMachine, vmiSpec } from './fixtures.ts';

const gpus = [{ name: 'gpu', deviceName: 'nvidia.com/T4' }];
const hostDevices = [{ name: 'nic', deviceName: 'intel.com/vf' }];
const numa = { guestMappingPassthrough: {} };

describe('applying an instancetype', () => {
  const applied: [
    string,
    InstancetypeSpec,
    Partial<VirtualMachineInstanceSpec['domain']> & Record<string, unknown>,
  ][] = [
    [
      'B6-10 cpu.guest goes to sockets by default',
      instancetypeSpec({ cpu: { guest: 4 } }),
      {
        cpu: { cores: 1, sockets: 4, threads: 1 },
      },
    ],
    [
      'B6-11 cpu.model',
      instancetypeSpec({ cpu: { model: 'Haswell' } }),
      {
        cpu: { cores: 1, sockets: 2, threads: 1, model: 'Haswell' },
      },
    ],
    [
      'B6-12 dedicated CPUs and emulator thread',
      instancetypeSpec({ cpu: { dedicatedCPUPlacement: true, isolateEmulatorThread: true } }),
      {
        cpu: { cores: 1, sockets: 2, threads: 1, dedicatedCpuPlacement: true, isolateEmulatorThread: true },
      },
    ],
    [
      'B6-13 numa and realtime',
      instancetypeSpec({ cpu: { numa, realtime: { mask: '0-1' } } }),
      {
        cpu: { cores: 1, sockets: 2, threads: 1, numa, realtime: { mask: '0-1' } },
      },
    ],
    [
      'B6-14 maxSockets',
      instancetypeSpec({ cpu: { maxSockets: 8 } }),
      {
        cpu: { cores: 1, sockets: 2, threads: 1, maxSockets: 8 },
      },
    ],
    [
      'B6-15 memory.guest, canonical',
      instancetypeSpec({ memory: { guest: '1.5Gi' } }),
      { memory: { guest: '1536Mi' } },
    ],
    [
      'B6-17 hugepages and maxGuest',
      instancetypeSpec({ memory: { hugepages: { pageSize: '2Mi' }, maxGuest: '4Gi' } }),
      {
        memory: { guest: '1Gi', hugepages: { pageSize: '2Mi' }, maxGuest: '4Gi' },
      },
    ],
    [
      'B6-19 gpus and host devices',
      instancetypeSpec({ rest: { gpus, hostDevices } }),
      { devices: { gpus, hostDevices } },
    ],
    [
      'B6-20 I/O threads',
      instancetypeSpec({ rest: { ioThreadsPolicy: 'auto', ioThreads: { supplementalPoolThreadCount: 4 } } }),
      {
        ioThreadsPolicy: 'auto',
        ioThreads: { supplementalPoolThreadCount: 4 },
      },
    ],
    [
      'B6-21 launchSecurity',
      instancetypeSpec({ rest: { launchSecurity: { sev: {} } } }),
      { launchSecurity: { sev: {} } },
    ],
  ];
  it.each(applied)('%s', (_row, instancetype, domain) => {
    const { spec } = applyInstancetype(instancetype, undefined, { spec: vmiSpec(), metadata: {} });
    expect(spec.domain).toMatchObject(domain);
  });

  it('B6-22 nodeSelector and schedulerName', () => {
    const instancetype = instancetypeSpec({
      rest: { nodeSelector: { disk: 'ssd' }, schedulerName: 'other' },
    });
    const { spec } = applyInstancetype(instancetype, undefined, { spec: vmiSpec(), metadata: {} });
    expect(spec).toMatchObject({ nodeSelector: { disk: 'ssd' }, schedulerName: 'other' });
  });

  it('B6-23 annotations are added to those of the VMI', () => {
    const instancetype = instancetypeSpec({ rest: { annotations: { a: '1', b: '2' } } });
    const { metadata } = applyInstancetype(instancetype, undefined, {
      spec: vmiSpec(),
      metadata: { annotations: { a: '1' } },
    });
    expect(metadata.annotations).toEqual({ a: '1', b: '2' });
  });

  // int64(float32(guest) * (1 - float32(percent)/100)), as Go computes it.
  it.each([
    ['128Mi', 15, '114085072'],
    ['1Gi', 50, '512Mi'],
    ['1Gi', 15, '912680576'],
    ['2G', 10, '1800M'],
    ['1G', 9, '909999936'],
    ['1Gi', 100, '0'],
  ])('B6-16 %s overcommitted by %i %% asks for %s', (guest, overcommitPercent, request) => {
    const instancetype = instancetypeSpec({ memory: { guest, overcommitPercent } });
    const { spec } = applyInstancetype(instancetype, undefined, { spec: vmiSpec(), metadata: {} });
    expect(spec.domain.resources?.requests?.memory).toBe(request);
  });

  it('B6-16 without overcommit no request is written', () => {
    const { spec } = applyInstancetype(instancetypeSpec({}), undefined, { spec: vmiSpec(), metadata: {} });
    expect(spec.domain).not.toHaveProperty('resources');
  });
});

describe('conflicts with an instancetype', () => {
  const conflicts: [string, InstancetypeSpec, VirtualMachineInstanceSpec, string[]][] = [
    [
      'B6-10 every CPU field',
      instancetypeSpec({}),
      vmiSpec({
        cpu: { sockets: 1, cores: 1, threads: 1 },
        resources: { requests: { cpu: '1' }, limits: { cpu: '1' } },
      }),
      [
        'domain.resources.requests.cpu',
        'domain.resources.limits.cpu',
        'domain.cpu.sockets',
        'domain.cpu.cores',
        'domain.cpu.threads',
      ],
    ],
    [
      'B6-10 zeros are no values',
      instancetypeSpec({}),
      vmiSpec({ cpu: { sockets: 0, cores: 0, threads: 0 } }),
      [],
    ],
    [
      'B6-11 cpu.model',
      instancetypeSpec({ cpu: { model: 'a' } }),
      vmiSpec({ cpu: { model: 'b' } }),
      ['domain.cpu.model'],
    ],
    ['B6-11 a model of the user alone', instancetypeSpec({}), vmiSpec({ cpu: { model: 'b' } }), []],
    [
      'B6-12 true against anything',
      instancetypeSpec({ cpu: { dedicatedCPUPlacement: false, isolateEmulatorThread: true } }),
      vmiSpec({ cpu: { dedicatedCpuPlacement: true, isolateEmulatorThread: true } }),
      ['domain.cpu.dedicatedCPUPlacement', 'domain.cpu.isolateEmulatorThread'],
    ],
    [
      'B6-12 false is no value',
      instancetypeSpec({ cpu: { dedicatedCPUPlacement: true } }),
      vmiSpec({ cpu: { dedicatedCpuPlacement: false } }),
      [],
    ],
    [
      'B6-13 numa and realtime',
      instancetypeSpec({ cpu: { numa, realtime: {} } }),
      vmiSpec({ cpu: { numa: {}, realtime: {} } }),
      ['domain.cpu.numa', 'domain.cpu.realtime'],
    ],
    [
      'B6-14 maxSockets never',
      instancetypeSpec({ cpu: { maxSockets: 4 } }),
      vmiSpec({ cpu: { maxSockets: 8 } }),
      [],
    ],
    [
      'B6-15 memory.guest, and only that',
      instancetypeSpec({}),
      vmiSpec({ memory: { guest: '1Gi' }, resources: { requests: { memory: '1Gi' } } }),
      ['domain.memory.guest'],
    ],
    [
      'B6-16 requests.memory',
      instancetypeSpec({}),
      vmiSpec({ resources: { requests: { memory: '1Gi' } } }),
      ['domain.resources.requests.memory'],
    ],
    [
      'B6-17 hugepages',
      instancetypeSpec({ memory: { hugepages: { pageSize: '2Mi' } } }),
      vmiSpec({ memory: { hugepages: { pageSize: '2Mi' } } }),
      ['domain.memory.hugepages'],
    ],
    [
      'B6-17 maxGuest',
      instancetypeSpec({ memory: { maxGuest: '4Gi' } }),
      vmiSpec({ memory: { maxGuest: '4Gi' } }),
      ['domain.memory.maxGuest'],
    ],
    [
      'B6-18 limits.memory',
      instancetypeSpec({}),
      vmiSpec({ resources: { limits: { memory: '1Gi' } } }),
      ['domain.resources.limits.memory'],
    ],
    [
      'B6-19 gpus and host devices',
      instancetypeSpec({ rest: { gpus, hostDevices } }),
      vmiSpec({ devices: { gpus, hostDevices } }),
      ['domain.devices.gpus', 'domain.devices.hostDevices'],
    ],
    [
      'B6-20 I/O threads',
      instancetypeSpec({ rest: { ioThreadsPolicy: 'auto', ioThreads: { supplementalPoolThreadCount: 4 } } }),
      vmiSpec({ ioThreadsPolicy: 'shared', ioThreads: { supplementalPoolThreadCount: 2 } }),
      ['domain.ioThreads.supplementalPoolThreadCount', 'domain.ioThreadsPolicy'],
    ],
    [
      'B6-21 launchSecurity',
      instancetypeSpec({ rest: { launchSecurity: { sev: {} } } }),
      vmiSpec({ launchSecurity: { tdx: {} } }),
      ['domain.launchSecurity'],
    ],
    [
      'B6-22 before all others',
      instancetypeSpec({ rest: { nodeSelector: { a: 'b' }, schedulerName: 'x' } }),
      vmiSpec({ memory: { guest: '1Gi' } }, { nodeSelector: { c: 'd' }, schedulerName: 'y' }),
      ['nodeSelector', 'schedulerName', 'domain.memory.guest'],
    ],
  ];
  it.each(conflicts)('%s', (_row, instancetype, spec, paths) => {
    const found = instancetypeConflicts(instancetype, { spec, metadata: {} });
    expect(found.map(({ path }) => path)).toEqual(paths.map(path => `spec.template.spec.${path}`));
  });

  it('B6-23 annotations with another value', () => {
    const instancetype = instancetypeSpec({ rest: { annotations: { same: '1', 'x.io/other': '1' } } });
    const metadata = { annotations: { same: '1', 'x.io/other': '2' } };
    expect(instancetypeConflicts(instancetype, { spec: vmiSpec(), metadata })).toEqual([
      { path: 'annotations.x.io/other' },
    ]);
  });

  it('B6-02 in upstream’s words', () => {
    const spec = vmiSpec({ cpu: { sockets: 1 }, memory: { guest: '1Gi' } });
    const conflicts = instancetypeConflicts(instancetypeSpec({}), { spec, metadata: {} });
    expect(conflictsError(conflicts)).toBe(
      'VM field(s) spec.template.spec.domain.cpu.sockets, spec.template.spec.domain.memory.guest conflicts with selected instance type',
    );
    expect(conflictCauses(conflicts)[1]).toEqual({
      reason: 'FieldValueInvalid',
      message: 'VM field(s) spec.template.spec.domain.memory.guest conflicts with selected instance type',
      field: 'spec.template.spec.domain.memory.guest',
    });
    expect(applyToVirtualMachine(virtualMachine({ vmi: spec }), instancetypeSpec({}), undefined).error).toBe(
      'VM conflicts with instancetype spec in fields: [spec.domain.cpu.sockets, spec.domain.memory.guest]',
    );
  });
});
