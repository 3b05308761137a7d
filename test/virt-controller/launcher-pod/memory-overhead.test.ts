import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DomainSpec, VirtualMachineInstance } from '../../../simulator/types/kubevirt.ts';
import { quantityValue } from '../../../simulator/types/quantity.ts';
import { memoryOverhead } from '../../../simulator/virt-controller/launcher-pod/index.ts';
import { configOf, vmiOf } from './fixtures.ts';

const MEBI = 1024 * 1024;
const GIB = { requests: { memory: '1Gi' } };
const config = configOf();

const overhead = (vmi: VirtualMachineInstance) => quantityValue(memoryOverhead(vmi, config));

/** The cases of KubeVirt's hypervisorbackend_test.go; its base for 1Gi and one vCPU is 7 + 223 + 32 + 8 Mi. */
describe('the overhead of a VMI that requests 1Gi', () => {
  const table: [string, Partial<DomainSpec>, Partial<VirtualMachineInstance['spec']>, number][] = [
    ['nothing else', {}, {}, 270],
    ['2 sockets × 2 cores × 2 threads', { cpu: { cores: 2, sockets: 2, threads: 2 } }, {}, 270 + 7 * 8],
    [
      'CPU limits before requests',
      { resources: { requests: { ...GIB.requests, cpu: '3' }, limits: { cpu: '5' } } },
      {},
      270 + 4 * 8,
    ],
    ['CPU requests alone', { resources: { requests: { ...GIB.requests, cpu: '3' } } }, {}, 270 + 2 * 8],
    ['no graphics', { devices: { autoattachGraphicsDevice: false } }, {}, 238],
    ['arm64', {}, { architecture: 'arm64' }, 270 + 128],
    ['a host device', { devices: { hostDevices: [{ name: 'test' }] } }, {}, 270 + 1024],
    ['a GPU', { devices: { gpus: [{ name: 'test' }] } }, {}, 270 + 1024],
    ['SR-IOV', { devices: { interfaces: [{ name: 'test', sriov: {} }] } }, {}, 270 + 1024],
    ['downward metrics', {}, { volumes: [{ name: 'metrics', downwardMetrics: {} }] }, 271],
    ['an exec probe', {}, { livenessProbe: { exec: {} } }, 270 + 110],
    ['two exec probes', {}, { livenessProbe: { exec: {} }, readinessProbe: { exec: {} } }, 270 + 120],
    ['an HTTP probe', {}, { livenessProbe: { httpGet: {} } }, 270],
    ['SEV', { launchSecurity: { sev: {} } }, {}, 270 + 256],
    ['TPM', { devices: { tpm: {} } }, {}, 270 + 53],
    ['dedicated CPUs', { cpu: { cores: 1, dedicatedCpuPlacement: true } }, {}, 370],
    [
      'guaranteed quality of service',
      {
        cpu: { cores: 1 },
        resources: { requests: { memory: '1Gi', cpu: '4' }, limits: { memory: '1024Mi', cpu: '4000m' } },
      },
      {},
      370,
    ],
    ['passt', { devices: { interfaces: [{ name: 'default', passtBinding: {} }] } }, {}, 270 + 250],
  ];
  test.each(table)('%s', (_, domain, spec, mebibytes) => {
    expect(overhead(vmiOf({ domain: { resources: GIB, ...domain }, spec }))).toBe(mebibytes * MEBI);
  });
});

test('without a memory request there are no page tables to count, and the amount is binary', () => {
  expect(memoryOverhead(vmiOf({ domain: { memory: { guest: '4Gi' }, cpu: { cores: 1 } } }), config)).toBe(
    '268Mi',
  );
  expect(memoryOverhead(vmiOf({ domain: { resources: GIB } }), config)).toBe('283115520');
});

test('reserved overhead is added', () => {
  const memory = { reservedOverhead: { addedOverhead: '100G' } };
  expect(overhead(vmiOf({ domain: { resources: GIB, memory } }))).toBe(270 * MEBI + 100e9);
});

test.each([
  ['3.2', Math.trunc(283_116 * 2.2) * 1000],
  ['1.0', 0],
  ['no_float', 0],
])('the ratio %s is applied in whole kilobytes', (ratio, more) => {
  const vmi = vmiOf({ domain: { resources: GIB } });
  const value = memoryOverhead(vmi, configOf({ additionalGuestMemoryOverheadRatio: ratio }));
  expect(quantityValue(value)).toBe(270 * MEBI + more);
});

test('each binding plugin counts once', () => {
  const binding = { plugin: { computeResourceOverhead: { requests: { memory: '500Mi' } } } };
  const interfaces = ['a', 'b'].map(name => ({ name, binding: { name: 'plugin' } }));
  const vmi = vmiOf({ domain: { resources: GIB, devices: { interfaces } } });
  expect(quantityValue(memoryOverhead(vmi, configOf({ network: { binding } })))).toBe(770 * MEBI);
});

test('more vCPUs or more requested memory never cost less', () => {
  const size = fc.record({
    cores: fc.integer({ min: 1, max: 512 }),
    mebi: fc.integer({ min: 1, max: 1 << 22 }),
  });
  fc.assert(
    fc.property(size, fc.nat(64), fc.nat(4096), ({ cores, mebi }, moreCores, moreMebi) => {
      const of = (cpus: number, memory: number) =>
        overhead(
          vmiOf({ domain: { cpu: { cores: cpus }, resources: { requests: { memory: `${memory}Mi` } } } }),
        );
      const base = of(cores, mebi);
      expect(of(cores + moreCores, mebi) - base).toBe(moreCores * 8 * MEBI);
      expect(of(cores, mebi + moreMebi)).toBeGreaterThanOrEqual(base);
    }),
  );
});
