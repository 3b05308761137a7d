import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guestTopology, spreadConflict } from '../../simulator/instancetype/index.ts';
import type { PreferenceSpec } from '../../simulator/types/kubevirt.ts';
import { instancetypeSpec } from './fixtures.ts';

function spread(across?: string, ratio?: number): PreferenceSpec {
  const spreadOptions = { ...(across && { across }), ...(ratio !== undefined && { ratio }) };
  return { cpu: { preferredCPUTopology: 'spread', spreadOptions } };
}

describe('distribution of vCPUs', () => {
  it.each([
    ['B6-60 no preference', undefined, 4, [4, 1, 1]],
    ['B6-60 sockets', 'sockets', 4, [4, 1, 1]],
    ['B6-60 any', 'any', 4, [4, 1, 1]],
    ['B6-60 cores', 'cores', 4, [1, 4, 1]],
    ['B6-60 threads', 'threads', 4, [1, 1, 4]],
    ['B6-60 preferSockets', 'preferSockets', 4, [4, 1, 1]],
    ['B6-60 preferAny', 'preferAny', 4, [4, 1, 1]],
    ['B6-60 preferCores', 'preferCores', 4, [1, 4, 1]],
    ['B6-60 preferThreads', 'preferThreads', 4, [1, 1, 4]],
    ['B6-61 preferSpread', 'preferSpread', 4, [2, 2, 1]],
    ['B6-60 one vCPU whatever is preferred', 'cores', 1, [1, 1, 1]],
    ['B6-60 one vCPU is not spread', 'spread', 1, [1, 1, 1]],
  ])('%s', (_row, preferredCPUTopology, guest, [sockets, cores, threads]) => {
    expect(
      guestTopology(guest, preferredCPUTopology ? { cpu: { preferredCPUTopology } } : undefined),
    ).toEqual({ sockets, cores, threads });
  });

  it.each([
    ['B6-61 default', spread(), 8, [4, 2, 1]],
    ['B6-61 SocketsCores by ratio', spread('SocketsCores', 4), 8, [2, 4, 1]],
    ['B6-61 CoresThreads', spread('CoresThreads'), 8, [1, 4, 2]],
    ['B6-61 SocketsCoresThreads', spread('SocketsCoresThreads', 4), 16, [2, 4, 2]],
    ['B6-61 preferSpreadSocketToCoreRatio', { ...spread(), preferSpreadSocketToCoreRatio: 4 }, 8, [2, 4, 1]],
    [
      'B6-61 spreadOptions.ratio wins',
      { ...spread('SocketsCores', 2), preferSpreadSocketToCoreRatio: 4 },
      8,
      [4, 2, 1],
    ],
  ])('%s', (_row, preference, guest, [sockets, cores, threads]) => {
    expect(guestTopology(guest, preference)).toEqual({ sockets, cores, threads });
  });

  it.each([
    [
      'B6-62 sockets and cores',
      spread(),
      5,
      '5 vCPUs provided by the instance type are not divisible by the Spec.PreferSpreadSocketToCoreRatio or Spec.CPU.PreferSpreadOptions.Ratio of 2 provided by the preference',
    ],
    [
      'B6-62 cores and threads',
      spread('CoresThreads'),
      5,
      '5 vCPUs provided by the instance type are not divisible by the number of threads per core 2',
    ],
    [
      'B6-62 all three',
      spread('SocketsCoresThreads', 3),
      4,
      '4 vCPUs provided by the instance type are not divisible by the number of threads per core 2 and Spec.PreferSpreadSocketToCoreRatio or Spec.CPU.PreferSpreadOptions.Ratio of 3',
    ],
    [
      'B6-62 even one vCPU',
      spread(),
      1,
      '1 vCPUs provided by the instance type are not divisible by the Spec.PreferSpreadSocketToCoreRatio or Spec.CPU.PreferSpreadOptions.Ratio of 2 provided by the preference',
    ],
  ])('%s', (_row, preference, guest, message) => {
    expect(spreadConflict(instancetypeSpec({ cpu: { guest } }), preference)).toEqual({
      path: 'instancetype.spec.cpu.guest',
      message,
    });
  });

  it('B6-62 concerns only spreading', () => {
    expect(
      spreadConflict(instancetypeSpec({ cpu: { guest: 5 } }), { cpu: { preferredCPUTopology: 'cores' } }),
    ).toBeUndefined();
    expect(spreadConflict(undefined, spread())).toBeUndefined();
  });

  it('the product of a topology is the guest count whenever it is not refused', () => {
    const preference = fc.record({
      cpu: fc.record({
        preferredCPUTopology: fc.constantFrom(
          'sockets',
          'cores',
          'threads',
          'any',
          'spread',
          'preferSpread',
          'preferCores',
        ),
        spreadOptions: fc.record(
          {
            across: fc.constantFrom('SocketsCores', 'CoresThreads', 'SocketsCoresThreads'),
            ratio: fc.integer({ min: 0, max: 9 }),
          },
          { requiredKeys: [] },
        ),
      }),
      preferSpreadSocketToCoreRatio: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(preference, fc.integer({ min: 1, max: 512 }), (spec, guest) => {
        if (spreadConflict(instancetypeSpec({ cpu: { guest } }), spec)) return;
        const { sockets, cores, threads } = guestTopology(guest, spec);
        expect(sockets * cores * threads).toBe(guest);
      }),
    );
  });
});
