import { describe, expect, it } from 'vitest';
import { checkRequirements, requirementCause } from '../../simulator/instancetype/index.ts';
import type { Cpu, PreferenceSpec } from '../../simulator/types/kubevirt.ts';
import { instancetypeSpec, vmiSpec } from './fixtures.ts';

const CPU = 'spec.template.spec.domain.cpu';

function needsCpu(guest: number, cpu: PreferenceSpec['cpu'] = {}): PreferenceSpec {
  return { cpu, requirements: { cpu: { guest } } };
}
function needsMemory(guest: string): PreferenceSpec {
  return { requirements: { memory: { guest } } };
}
function spread(across?: string): PreferenceSpec['cpu'] {
  return { preferredCPUTopology: 'spread', ...(across && { spreadOptions: { across } }) };
}

describe('requirements of a preference', () => {
  it.each<[string, PreferenceSpec, Cpu]>([
    ['sockets by default', needsCpu(2), { sockets: 2 }],
    ['cores', needsCpu(2, { preferredCPUTopology: 'preferCores' }), { cores: 2 }],
    ['threads', needsCpu(2, { preferredCPUTopology: 'threads' }), { threads: 2 }],
    [
      'any, by the product',
      needsCpu(4, { preferredCPUTopology: 'preferAny' }),
      { cores: 2, sockets: 2, threads: 1 },
    ],
    ['spread', needsCpu(4, spread()), { cores: 2, sockets: 2, threads: 1 }],
  ])('B6-64 CPU met by the VirtualMachine: %s', (_row, preference, cpu) => {
    expect(checkRequirements(undefined, preference, vmiSpec({ cpu }))).toBeUndefined();
  });

  it.each<[string, PreferenceSpec, Cpu, string, string[]]>([
    [
      'sockets',
      needsCpu(2),
      { sockets: 1, cores: 9 },
      '1 vCPU provided by VirtualMachine, preference requires 2 vCPU provided as sockets',
      ['sockets'],
    ],
    [
      'cores',
      needsCpu(2, { preferredCPUTopology: 'cores' }),
      { cores: 1 },
      '1 vCPU provided by VirtualMachine, preference requires 2 vCPU provided as cores',
      ['cores'],
    ],
    [
      'threads',
      needsCpu(2, { preferredCPUTopology: 'threads' }),
      {},
      '0 vCPU provided by VirtualMachine, preference requires 2 vCPU provided as threads',
      ['threads'],
    ],
    [
      'any',
      needsCpu(5, { preferredCPUTopology: 'any' }),
      { cores: 2, sockets: 2, threads: 1 },
      '4 vCPU provided by VirtualMachine, preference requires 5 vCPU provided as cores, sockets and threads',
      ['cores', 'sockets', 'threads'],
    ],
    [
      'SocketsCores',
      needsCpu(5, spread()),
      { cores: 2, sockets: 2 },
      '4 vCPU provided by VirtualMachine, preference requires 5 vCPU provided as SocketsCores',
      ['sockets', 'cores'],
    ],
    [
      'CoresThreads',
      needsCpu(5, spread('CoresThreads')),
      { cores: 2, threads: 2 },
      '4 vCPU provided by VirtualMachine, preference requires 5 vCPU provided as CoresThreads',
      ['cores', 'threads'],
    ],
    [
      'SocketsCoresThreads',
      needsCpu(9, spread('SocketsCoresThreads')),
      { sockets: 2, cores: 2, threads: 2 },
      '8 vCPU provided by VirtualMachine, preference requires 9 vCPU provided as SocketsCoresThreads',
      ['sockets', 'cores', 'threads'],
    ],
  ])('B6-64 CPU lacking in the VirtualMachine: %s', (_row, preference, cpu, message, fields) => {
    expect(checkRequirements(undefined, preference, vmiSpec({ cpu }))).toEqual({
      message: `insufficient CPU resources of ${message}`,
      conflicts: fields.map(field => ({ path: `${CPU}.${field}` })),
    });
  });

  it('B6-64 no CPU at all', () => {
    expect(checkRequirements(undefined, needsCpu(2), vmiSpec())).toEqual({
      message: 'no CPU resources provided by VirtualMachine, preference requires 2 vCPU',
      conflicts: [{ path: CPU }],
    });
  });

  it('B6-64 CPU of the instancetype', () => {
    const instancetype = instancetypeSpec({ cpu: { guest: 1 } });
    expect(checkRequirements(instancetype, needsCpu(1), vmiSpec())).toBeUndefined();
    expect(checkRequirements(instancetype, needsCpu(2), vmiSpec())).toEqual({
      message: 'insufficient CPU resources of 1 vCPU provided by instance type, preference requires 2 vCPU',
      conflicts: [{ path: 'spec.instancetype' }],
    });
  });

  it('B6-64 memory of the instancetype', () => {
    expect(
      checkRequirements(instancetypeSpec({ memory: { guest: '1Gi' } }), needsMemory('1.5Gi'), vmiSpec()),
    ).toEqual({
      message: 'insufficient Memory resources of 1Gi provided by instance type, preference requires 1536Mi',
      conflicts: [{ path: 'spec.instancetype' }],
    });
  });

  it('B6-64 memory of the VirtualMachine', () => {
    expect(
      checkRequirements(undefined, needsMemory('1Gi'), vmiSpec({ memory: { guest: '1Gi' } })),
    ).toBeUndefined();
    expect(
      checkRequirements(undefined, needsMemory('1Gi'), vmiSpec({ memory: { guest: '512Mi' } }))?.message,
    ).toBe('insufficient Memory resources of 512Mi provided by VirtualMachine, preference requires 1Gi');
    expect(checkRequirements(undefined, needsMemory('1Gi'), vmiSpec())?.message).toBe(
      'insufficient Memory resources of 0 provided by VirtualMachine, preference requires 1Gi',
    );
  });

  it('B6-59 B6-64 architecture', () => {
    const preference: PreferenceSpec = { requirements: { architecture: 'arm64' } };
    expect(checkRequirements(undefined, preference, vmiSpec({}, { architecture: 'arm64' }))).toBeUndefined();
    const unmet = checkRequirements(undefined, preference, vmiSpec({}, { architecture: 'amd64' }));
    expect(unmet && requirementCause(unmet)).toEqual({
      reason: 'FieldValueNotFound',
      message:
        'failure checking preference requirements: preference requires architecture arm64 but amd64 is being requested',
      field: 'spec.template.spec.architecture',
    });
  });
});
