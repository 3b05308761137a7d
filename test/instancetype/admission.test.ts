import { describe, expect, it } from 'vitest';
import {
  admitInstancetype,
  admitPreference,
  matcherCauses,
  mutateVirtualMachine,
  validateVirtualMachine,
} from '../../simulator/instancetype/index.ts';
import type { Matcher, PreferenceSpec } from '../../simulator/types/kubevirt.ts';
import {
  clusterOf,
  instancetype,
  instancetypeSpec,
  preference,
  virtualMachine,
  vmiSpec,
} from './fixtures.ts';

describe('VirtualMachine matchers', () => {
  it.each<[string, Matcher, [string, string, string][]]>([
    [
      'nothing given',
      {},
      [
        [
          'FieldValueNotFound',
          'Either Name or InferFromVolume should be provided within the InstancetypeMatcher',
          'spec.instancetype',
        ],
      ],
    ],
    [
      'name and volume',
      { name: 'a', inferFromVolume: 'v' },
      [
        [
          'FieldValueNotSupported',
          'Name already set, should be cleared before setting inferFromVolume',
          'spec.instancetype.name',
        ],
      ],
    ],
    [
      'kind and volume',
      { kind: 'k', inferFromVolume: 'v' },
      [
        [
          'FieldValueNotSupported',
          'Kind already set, should be cleared before setting inferFromVolume',
          'spec.instancetype.kind',
        ],
      ],
    ],
    [
      'unknown policy',
      { inferFromVolume: 'v', inferFromVolumeFailurePolicy: 'Shrug' },
      [
        [
          'FieldValueInvalid',
          "Invalid value 'Shrug' for InferFromVolumeFailurePolicy",
          'spec.instancetype.inferFromVolumeFailurePolicy',
        ],
      ],
    ],
    ['a good one', { name: 'a' }, []],
  ])('B6-71 %s', (_row, matcher, causes) => {
    const expected = causes.map(([reason, message, field]) => ({ reason, message, field }));
    expect(matcherCauses(virtualMachine({ instancetype: matcher }), undefined)).toEqual(expected);
  });

  it('B6-71 the preference’s own words', () => {
    expect(matcherCauses(virtualMachine({ preference: {} }), undefined)[0]?.message).toBe(
      'Either Name or InferFromVolume should be provided within the PreferenceMatcher',
    );
  });

  it.each<[string, Matcher, Matcher, boolean]>([
    ['name alone', { name: 'b', revisionName: 'r' }, { name: 'a', revisionName: 'r' }, true],
    ['name and revision', { name: 'b', revisionName: 's' }, { name: 'a', revisionName: 'r' }, false],
    ['name, revision cleared', { name: 'b' }, { name: 'a', revisionName: 'r' }, false],
    ['name without revisions', { name: 'b' }, { name: 'a' }, false],
  ])('B6-71 update of %s', (_row, now, before, isDenied) => {
    const causes = matcherCauses(virtualMachine({ preference: now }), virtualMachine({ preference: before }));
    const cause = {
      reason: 'FieldValueInvalid',
      message: 'the Matcher Name has been updated without updating the RevisionName',
      field: 'spec.preference.revisionName',
    };
    expect(causes).toEqual(isDenied ? [cause] : []);
  });
});

describe('mutating a VirtualMachine', () => {
  const early: PreferenceSpec = {
    preferredArchitecture: 'arm64',
    machine: { preferredMachineType: 'virt-x' },
    volumes: { preferredStorageClassName: 'fast' },
    devices: { preferredDiskBus: 'virtio' },
  };

  it('B6-30 B6-55 writes architecture, machine type and storage class, and no other preference', () => {
    const vm = virtualMachine({
      preference: { name: 'p' },
      vmi: vmiSpec({ devices: { disks: [{ name: 'd', disk: {} }] } }),
      dataVolumeTemplates: [
        { metadata: { name: 'a' }, spec: { pvc: {} } },
        { metadata: { name: 'b' }, spec: { storage: {} } },
        { metadata: { name: 'c' }, spec: { storage: { storageClassName: 'slow' } } },
      ],
    });
    const { vm: mutated } = mutateVirtualMachine(vm, undefined, clusterOf(preference('p', early)));
    expect(mutated?.spec.template.spec).toEqual({
      architecture: 'arm64',
      domain: { devices: { disks: [{ name: 'd', disk: {} }] }, machine: { type: 'virt-x' } },
    });
    expect(mutated?.spec.dataVolumeTemplates?.map(({ spec }) => spec)).toEqual([
      { pvc: { storageClassName: 'fast' } },
      { storage: { storageClassName: 'fast' } },
      { storage: { storageClassName: 'slow' } },
    ]);
  });

  it('B6-30 leaves what the user set', () => {
    const vm = virtualMachine({
      preference: { name: 'p' },
      vmi: vmiSpec({ machine: { type: 'q35' } }, { architecture: 'amd64' }),
    });
    expect(mutateVirtualMachine(vm, undefined, clusterOf(preference('p', early))).vm).toBe(vm);
  });

  it('B6-72 admits references to what does not exist', () => {
    const vm = virtualMachine({ instancetype: { name: 'nonexistent' }, preference: { name: 'nonexistent' } });
    expect(mutateVirtualMachine(vm, undefined, clusterOf()).vm).toBe(vm);
    expect(validateVirtualMachine(vm, clusterOf(), spec => spec).vm).toBe(vm);
  });

  it('B6-76 answers a failed inference as a bare 400', () => {
    const vm = virtualMachine({ instancetype: { inferFromVolume: 'v' } });
    expect(mutateVirtualMachine(vm, undefined, clusterOf()).rejection).toEqual({
      code: 400,
      message: 'unable to find volume v to infer defaults',
    });
  });
});

describe('validating a VirtualMachine', () => {
  const lookup = clusterOf(
    instancetype('it', instancetypeSpec({ cpu: { guest: 3 } })),
    preference('spread', { cpu: { preferredCPUTopology: 'spread' } }),
    preference('hungry', { requirements: { cpu: { guest: 4 } } }),
  );

  it('B6-02 a conflict, in the words the functional suite expects', () => {
    const vm = virtualMachine({ instancetype: { name: 'it' }, vmi: vmiSpec({ memory: { guest: '1Gi' } }) });
    expect(validateVirtualMachine(vm, lookup, spec => spec).causes).toEqual([
      {
        reason: 'FieldValueInvalid',
        message: 'VM field(s) spec.template.spec.domain.memory.guest conflicts with selected instance type',
        field: 'spec.template.spec.domain.memory.guest',
      },
    ]);
  });

  it('B6-62 a topology that does not work out', () => {
    const vm = virtualMachine({ instancetype: { name: 'it' }, preference: { name: 'spread' } });
    expect(validateVirtualMachine(vm, lookup, spec => spec).causes).toMatchObject([
      { reason: 'FieldValueInvalid', field: 'instancetype.spec.cpu.guest' },
    ]);
  });

  it('B6-02 requirements are checked after the VMI defaults', () => {
    const vm = virtualMachine({ preference: { name: 'hungry' } });
    const four = validateVirtualMachine(vm, lookup, spec => ({
      ...spec,
      domain: { ...spec.domain, cpu: { sockets: 4 } },
    }));
    expect(four.vm?.spec.template.spec.domain.cpu).toEqual({ sockets: 4 });
    const one = validateVirtualMachine(vm, lookup, spec => ({
      ...spec,
      domain: { ...spec.domain, cpu: { sockets: 1 } },
    }));
    expect(one.causes).toEqual([
      {
        reason: 'FieldValueNotFound',
        message:
          'failure checking preference requirements: insufficient CPU resources of 1 vCPU provided by VirtualMachine, preference requires 4 vCPU provided as sockets',
        field: 'spec.template.spec.domain.cpu.sockets',
      },
    ]);
  });

  it('hands on what it applied', () => {
    const vm = virtualMachine({ instancetype: { name: 'it' } });
    const { vm: applied, instancetype: spec } = validateVirtualMachine(vm, lookup, given => given);
    expect(applied?.spec.template.spec.domain).toMatchObject({
      cpu: { sockets: 3 },
      memory: { guest: '1Gi' },
    });
    expect(spec?.cpu.guest).toBe(3);
  });
});

describe('instancetype kinds', () => {
  it.each([-1, 101])('B6-78 overcommitPercent %i', overcommitPercent => {
    expect(admitInstancetype(instancetypeSpec({ memory: { overcommitPercent } })).causes).toEqual([
      {
        reason: 'FieldValueInvalid',
        message: `spec.memory.overcommitPercent '${overcommitPercent}': must be in range between 0 and 100.`,
        field: 'spec.memory.overcommitPercent',
      },
    ]);
  });

  it('B6-78 overcommit with hugepages', () => {
    expect(
      admitInstancetype(instancetypeSpec({ memory: { overcommitPercent: 15, hugepages: {} } })).causes,
    ).toEqual([
      {
        reason: 'FieldValueInvalid',
        message: 'spec.memory.overcommitPercent and spec.memory.hugepages should not be requested together.',
        field: 'spec.memory.overcommitPercent',
      },
    ]);
  });

  it('B6-78 launchSecurity only warns', () => {
    expect(admitInstancetype(instancetypeSpec({ rest: { launchSecurity: {} } }))).toEqual({
      causes: [],
      warnings: [
        'launchSecurity is deprecated and will be removed in a future release. Use preference instead.',
      ],
    });
  });

  it('B6-78 nothing demands more than zero vCPUs', () => {
    expect(admitInstancetype(instancetypeSpec({ cpu: { guest: 0 }, memory: { guest: '0' } }))).toEqual({
      causes: [],
      warnings: [],
    });
  });
});

describe('preference kinds', () => {
  it.each<[string, PreferenceSpec['cpu'], string, string]>([
    [
      'topology',
      { preferredCPUTopology: 'pyramid' },
      'unknown preferredCPUTopology pyramid',
      'preferredCPUTopology',
    ],
    [
      'spread',
      { preferredCPUTopology: 'spread', spreadOptions: { across: 'Moon' } },
      'across Moon is not supported',
      'spreadOptions.across',
    ],
    [
      'ratio',
      { preferredCPUTopology: 'preferSpread', spreadOptions: { across: 'CoresThreads', ratio: 4 } },
      'only a ratio of 2 (1 core 2 threads) is allowed when spreading vCPUs over cores and threads',
      'spreadOptions.ratio',
    ],
  ])('B6-63 %s', (_row, cpu, message, field) => {
    expect(admitPreference({ cpu })).toEqual({
      causes: [{ reason: 'FieldValueInvalid', message, field: `spec.cpu.${field}` }],
      warnings: [],
    });
  });

  it.each(['Sockets', 'Cores', 'Threads', 'Spread', 'Any'])('B6-63 prefer%s warns', name => {
    const warning = `PreferredCPUTopology prefer${name} is deprecated for removal in a future release, please use ${name.toLowerCase()} instead`;
    expect(admitPreference({ cpu: { preferredCPUTopology: `prefer${name}` } })).toEqual({
      causes: [],
      warnings: [warning],
    });
  });

  it('B6-63 the new names pass in silence', () => {
    for (const preferredCPUTopology of ['sockets', 'cores', 'threads', 'spread', 'any']) {
      expect(admitPreference({ cpu: { preferredCPUTopology } })).toEqual({ causes: [], warnings: [] });
    }
    expect(admitPreference({})).toEqual({ causes: [], warnings: [] });
  });
});
