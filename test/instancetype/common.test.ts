import { describe, expect, it } from 'vitest';
import {
  admitInstancetype,
  admitPreference,
  applyToVmi,
  checkRequirements,
  commonInstancetypes,
  commonPreferences,
  spreadConflict,
} from '../../simulator/instancetype/index.ts';
import { vmiSpec } from './fixtures.ts';

describe('B6-65 common instancetypes', () => {
  const all = commonInstancetypes();
  const named = (name: string) => all.find(({ metadata }) => metadata.name === name);

  it('are 65, of seven series', () => {
    const counts: Record<string, number> = {};
    for (const { metadata } of all) {
      const series = metadata.name?.split('.')[0] ?? '';
      counts[series] = (counts[series] ?? 0) + 1;
    }
    expect(counts).toEqual({ cx1: 12, d1: 10, m1: 10, n1: 6, o1: 9, rt1: 8, u1: 10 });
    expect(new Set(all.map(({ metadata }) => metadata.name)).size).toBe(65);
  });

  it('carry vendor and version', () => {
    for (const { metadata } of [...all, ...commonPreferences()]) {
      expect(metadata.labels).toMatchObject({
        'instancetype.kubevirt.io/vendor': 'kubevirt.io',
        'instancetype.kubevirt.io/common-instancetypes-version': 'v1.7.0',
      });
    }
  });

  it.each([
    ['u1.medium', { cpu: { guest: 1 }, memory: { guest: '4Gi' } }],
    ['u1.2xmedium', { cpu: { guest: 2 }, memory: { guest: '4Gi' } }],
    ['o1.8xlarge', { cpu: { guest: 32 }, memory: { guest: '128Gi', overcommitPercent: 50 } }],
    ['m1.large1gi', { cpu: { guest: 2 }, memory: { guest: '16Gi', hugepages: { pageSize: '1Gi' } } }],
    [
      'cx1.medium',
      {
        cpu: {
          dedicatedCPUPlacement: true,
          guest: 1,
          isolateEmulatorThread: true,
          maxSockets: 1,
          numa: { guestMappingPassthrough: {} },
        },
        ioThreadsPolicy: 'auto',
        memory: { guest: '2Gi', hugepages: { pageSize: '2Mi' } },
      },
    ],
  ])('%s', (name, spec) => {
    expect(named(name)?.spec).toEqual(spec);
  });

  it('pass their own webhook', () => {
    for (const { spec } of all) expect(admitInstancetype(spec)).toEqual({ causes: [], warnings: [] });
  });
});

describe('B6-65 common preferences', () => {
  const all = commonPreferences();

  it('are 54', () => {
    expect(new Set(all.map(({ metadata }) => metadata.name)).size).toBe(54);
  });

  it('pass their own webhook', () => {
    for (const { spec } of all) expect(admitPreference(spec)).toEqual({ causes: [], warnings: [] });
  });

  it('windows.11.virtio', () => {
    expect(all.find(({ metadata }) => metadata.name === 'windows.11.virtio')).toMatchObject({
      metadata: {
        annotations: {
          'openshift.io/display-name': 'Microsoft Windows 11 (virtio)',
          tags: 'hidden,kubevirt,windows',
        },
        labels: {
          'instancetype.kubevirt.io/os-type': 'windows',
          'instancetype.kubevirt.io/required-memory': '4Gi',
        },
      },
      spec: {
        devices: { preferredDiskBus: 'virtio', preferredTPM: { persistent: true } },
        firmware: { preferredEfi: { persistent: true, secureBoot: true } },
        requirements: { cpu: { guest: 2 }, memory: { guest: '4Gi' } },
      },
    });
  });

  it('go together with every instancetype that is large enough', () => {
    for (const { spec: preference } of all) {
      for (const { spec: instancetype } of commonInstancetypes()) {
        if (spreadConflict(instancetype, preference)) continue;
        const applied = applyToVmi(instancetype, preference, { spec: vmiSpec(), metadata: {} }, 'spec');
        if (applied.conflicts) throw new Error(applied.conflicts[0]?.path);
        const { spec } = applied.vmi;
        const unmet = checkRequirements(instancetype, preference, {
          ...spec,
          architecture: spec.architecture ?? 'amd64',
        });
        const { cpu, memory } = preference.requirements ?? {};
        if (cpu && cpu.guest > instancetype.cpu.guest) expect(unmet?.message).toContain('insufficient CPU');
        else if (memory && unmet) expect(unmet.message).toContain('insufficient Memory');
      }
    }
  });
});
