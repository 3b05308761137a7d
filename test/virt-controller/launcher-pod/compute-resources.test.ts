import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResourceRequirements } from '../../../simulator/types/core.ts';
import type { Cpu, DomainSpec } from '../../../simulator/types/kubevirt.ts';
import { quantityValue } from '../../../simulator/types/quantity.ts';
import { computeResources } from '../../../simulator/virt-controller/launcher-pod/index.ts';
import { configOf, contextOf, gates, vmiOf } from './fixtures.ts';

const config = configOf();
const KVM = { 'devices.kubevirt.io/kvm': '1', 'devices.kubevirt.io/tun': '1' };

const resources = (domain: Partial<DomainSpec>, spec = {}, of = config): ResourceRequirements =>
  computeResources(vmiOf({ domain, spec }), of, contextOf());

test('one vCPU and 1Gi of guest memory behind a virtio interface', () => {
  const devices = { interfaces: [{ name: 'default', masquerade: {} }] };
  expect(resources({ cpu: { cores: 1 }, memory: { guest: '1Gi' }, devices })).toEqual({
    requests: { cpu: '100m', 'ephemeral-storage': '50M', memory: '1292Mi' },
    limits: { ...KVM, 'devices.kubevirt.io/vhost-net': '1' },
  });
});

/** Numbers of KubeVirt's template_test.go. */
describe('memory', () => {
  const both = { requests: { cpu: '1m', memory: '1G' }, limits: { cpu: '2m', memory: '2G' } };
  test.each([
    ['amd64', '1282971493', '2282971493'],
    ['arm64', '1417189221', '2417189221'],
  ])('overhead joins requests and limits on %s', (architecture, request, limit) => {
    const { requests, limits } = resources({ resources: both }, { architecture });
    expect([requests?.cpu, limits?.cpu, requests?.memory, limits?.memory]).toEqual([
      '1m',
      '2m',
      request,
      limit,
    ]);
  });

  test('overcommitted guest overhead joins limits only', () => {
    const { requests, limits } = resources({ resources: { ...both, overcommitGuestOverhead: true } });
    expect([requests?.memory, limits?.memory]).toEqual(['1G', '2282971493']);
  });

  test.each([
    ['amd64', undefined, 362],
    ['amd64', true, 362],
    ['amd64', false, 329],
    ['arm64', undefined, 497],
    ['arm64', false, 463],
  ])(
    '64M and 3 cores on %s with graphics %s need %dM',
    (architecture, autoattachGraphicsDevice, megabytes) => {
      const devices = autoattachGraphicsDevice === undefined ? {} : { autoattachGraphicsDevice };
      const own = { requests: { cpu: '1m', memory: '64M' } };
      const { requests, limits } = resources(
        { cpu: { cores: 3 }, devices, resources: own },
        { architecture },
      );
      expect(Math.ceil(quantityValue(requests?.memory ?? '0') / 1e6)).toBe(megabytes);
      expect(limits).toEqual(KVM);
    },
  );

  test.each([
    ['2Mi', 'amd64', undefined, '64M', 282],
    ['1Gi', 'arm64', undefined, '64M', 416],
    ['1Gi', 'amd64', '64M', '70M', 288],
    ['1Gi', 'arm64', '64M', '70M', 422],
  ])(
    'hugepages of %s on %s, guest %s of %s: %dM besides',
    (pageSize, architecture, guest, memory, megabytes) => {
      const own = { requests: { memory }, limits: { memory } };
      const domain = { memory: { hugepages: { pageSize }, ...(guest ? { guest } : {}) }, resources: own };
      const { requests, limits } = resources(domain, { architecture });
      for (const list of [requests, limits]) {
        expect(list?.[`hugepages-${pageSize}`]).toBe('64M');
        expect(Math.ceil(quantityValue(list?.memory ?? '0') / 1e6)).toBe(megabytes);
      }
    },
  );

  const overcommit = configOf({ developerConfiguration: { memoryOvercommit: 110 } });
  const OVERHEAD = 268 * 1024 * 1024;
  test.each([
    ['guest memory', { memory: { guest: '1Gi' } }, 976_128_930 + OVERHEAD],
    ['a request', { resources: { requests: { memory: '1Gi' } } }, 1_073_741_824 + OVERHEAD + 2_097_152],
    ['a limit', { resources: { limits: { memory: '1Gi' } } }, 1_073_741_824 + OVERHEAD],
    [
      'a limit over guest memory',
      { memory: { guest: '2Gi' }, resources: { limits: { memory: '1Gi' } } },
      1_073_741_824 + OVERHEAD,
    ],
    ['nothing', {}, OVERHEAD],
  ])('overcommitted by 10%%: %s', (_, domain, bytes) => {
    expect(quantityValue(resources(domain, {}, overcommit).requests?.memory ?? '0')).toBe(bytes);
  });
});

describe('CPU', () => {
  test.each([
    [{ cores: 5 }, 1, undefined, '5'],
    [{ cores: 5 }, 10, undefined, '500m'],
    [{ cores: 3 }, 10, undefined, '300m'],
    [{ sockets: 2, cores: 5, threads: 3 }, 10, undefined, '3'],
    [{ cores: 1 }, 3, undefined, '333333334n'],
    [{ cores: 3 }, 10, '150m', '150m'],
    [undefined, 10, undefined, '100m'],
  ])('%j shared %d ways, asked for %s, requests %s', (cpu: Cpu | undefined, ratio, own, expected) => {
    const shared = configOf({ developerConfiguration: { cpuAllocationRatio: ratio } });
    const domain = { ...(cpu ? { cpu } : {}), resources: own ? { requests: { cpu: own } } : {} };
    const { requests, limits } = resources(domain, {}, shared);
    expect(requests?.cpu).toBe(expected);
    expect(limits?.cpu).toBeUndefined();
  });

  const EVEN = 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity';
  test.each([
    [3, 0, false, '4'],
    [2, 0, false, '3'],
    [3, 0, true, '4'],
    [4, 0, true, '6'],
    [5, 2, false, '8'],
    [5, 2, true, '8'],
    [6, 2, true, '10'],
  ])('%d dedicated vCPUs, %d I/O threads, isolated, even parity %s: %s', (cores, threads, even, expected) => {
    const domain: Partial<DomainSpec> = {
      cpu: { cores, threads: 1, dedicatedCpuPlacement: true, isolateEmulatorThread: true },
      ...(threads
        ? { ioThreadsPolicy: 'supplementalPool', ioThreads: { supplementalPoolThreadCount: threads } }
        : {}),
    };
    const metadata = even ? { annotations: { [EVEN]: '' } } : {};
    const { requests, limits } = computeResources(vmiOf({ metadata, domain }), config, contextOf());
    expect([requests?.cpu, limits?.cpu]).toEqual([expected, expected]);
  });
});

test('ephemeral storage of the launcher joins what the VMI asks for', () => {
  const own = { requests: { 'ephemeral-storage': '30M' }, limits: { 'ephemeral-storage': '70M' } };
  const { requests, limits } = resources({ resources: own });
  expect([requests?.['ephemeral-storage'], limits?.['ephemeral-storage']]).toEqual(['80M', '120M']);
});

describe('automatic limits', () => {
  const quota = (hard: Record<string, string>, namespace = 'testns') => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota', namespace, uid: 'q', resourceVersion: '1', creationTimestamp: '' },
    spec: { hard },
  });
  const namespace = (labels: Record<string, string>) => ({
    'namespaces/testns': { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'testns', labels } },
  });
  const RATIO = 'alpha.kubevirt.io/auto-memory-limits-ratio';
  const domain = { cpu: { cores: 2 }, resources: { requests: { memory: '64M' } } };

  test.each([
    ['no label', {}, 2],
    ['3.2', { [RATIO]: '3.2' }, 3.2],
    ['text', { [RATIO]: 'not_a_float' }, 2],
    ['below 1', { [RATIO]: '0.5' }, 2],
  ])('a memory quota limits to a ratio of the request: %s', (_, labels, ratio) => {
    const context = { ...contextOf(namespace(labels)), resourceQuotas: [quota({ 'limits.memory': '1Gi' })] };
    const { requests, limits } = computeResources(vmiOf({ domain }), config, context);
    const value = Math.trunc(quantityValue(requests?.memory ?? '0') * ratio);
    expect(quantityValue(limits?.memory ?? '0')).toBe(value);
  });

  test('a CPU quota limits to the vCPUs', () => {
    const context = { ...contextOf(), resourceQuotas: [quota({ 'limits.cpu': '8' })] };
    expect(computeResources(vmiOf({ domain }), config, context).limits?.cpu).toBe('2');
  });

  test.each([
    ['another namespace', quota({ 'limits.memory': '1Gi', 'limits.cpu': '1' }, 'elsewhere')],
    ['requests', quota({ memory: '1Gi', 'requests.cpu': '1' })],
  ])('a quota of %s changes nothing', (_, other) => {
    const context = { ...contextOf(), resourceQuotas: [other] };
    expect(computeResources(vmiOf({ domain }), config, context).limits).toEqual(KVM);
  });

  test('a namespace that the cluster selects gets CPU limits, unless the VMI has its own', () => {
    const selecting = configOf({ autoCPULimitNamespaceLabelSelector: { matchLabels: { auto: 'yes' } } });
    const limit = (labels: Record<string, string>, limits = {}) => {
      const vmi = vmiOf({ domain: { cpu: { cores: 2 }, resources: { limits } } });
      return computeResources(vmi, selecting, contextOf(namespace(labels))).limits?.cpu;
    };
    expect(limit({ auto: 'yes' })).toBe('2');
    expect(limit({ auto: 'no' })).toBeUndefined();
    expect(limit({ auto: 'yes' }, { cpu: '1500m' })).toBe('1500m');
  });
});

describe('devices', () => {
  test.each([
    ['emulation needs no hypervisor device', { useEmulation: true }, {}, ['tun']],
    ['no interface at all', {}, { autoattachPodInterface: false }, ['kvm']],
    ['an e1000 interface', {}, { interfaces: [{ name: 'a', model: 'e1000' }] }, ['kvm', 'tun']],
    ['VSOCK', {}, { autoattachVSOCK: true }, ['kvm', 'tun', 'vhost-vsock']],
  ])('%s', (_, developerConfiguration, devices, expected) => {
    const { limits } = resources({ devices }, {}, configOf({ developerConfiguration }));
    expect(Object.keys(limits ?? {})).toEqual(expected.map(name => `devices.kubevirt.io/${name}`));
  });

  test('devices of plugins are counted in requests and limits, claimed ones become claims', () => {
    const devices = {
      gpus: [
        { name: 'a', deviceName: 'nvidia.com/T4' },
        { name: 'b', deviceName: 'nvidia.com/T4' },
        { name: 'c', claimName: 'claim', requestName: 'request' },
      ],
      hostDevices: [{ name: 'd', deviceName: 'intel.com/qat' }],
    };
    const { requests, limits, claims } = resources({ devices });
    for (const list of [requests, limits]) {
      expect(list).toMatchObject({ 'nvidia.com/T4': '2', 'intel.com/qat': '1' });
    }
    expect(claims).toEqual([{ name: 'claim', request: 'request' }]);
  });

  test('devices outside the permitted list are refused by name', () => {
    const permitted = configOf({
      permittedHostDevices: {
        pciHostDevices: [{ pciVendorSelector: '8086:1234', resourceName: 'intel.com/gpu' }],
      },
    });
    const devices = {
      gpus: [
        { name: 'a', deviceName: 'unknown.com/gpu' },
        { name: 'b', claimName: 'claimed' },
      ],
      hostDevices: [
        { name: 'c', deviceName: 'unknown.com/device' },
        { name: 'd', deviceName: 'intel.com/gpu' },
      ],
    };
    expect(() => resources({ devices }, {}, permitted)).toThrow(
      'GPU unknown.com/gpu is not permitted in permittedHostDevices configuration ' +
        'HostDevice unknown.com/device is not permitted in permittedHostDevices configuration',
    );
  });

  test('networks bring their resources where nobody else injects them', () => {
    const networks = [{ name: 'blue', multus: { networkName: 'other/sriov' } }];
    const interfaces = [{ name: 'blue', sriov: {} }];
    const vmi = vmiOf({ domain: { devices: { interfaces } }, spec: { networks } });
    const definition = {
      metadata: { annotations: { 'k8s.v1.cni.cncf.io/resourceName': 'intel.com/sriov' } },
    };
    const context = contextOf({ 'network-attachment-definitions.k8s.cni.cncf.io/other/sriov': definition });
    const own = gates([], ['ExternalNetResourceInjection']);
    expect(computeResources(vmi, own, context).requests?.['intel.com/sriov']).toBe('1');
    expect(computeResources(vmi, config, context).requests?.['intel.com/sriov']).toBeUndefined();
    expect(() => computeResources(vmi, own, contextOf())).toThrow(
      'failed to locate network attachment definition other/sriov',
    );
  });
});

test('a VMI whose requests equal its limits, or with dedicated CPUs, has a guaranteed pod', () => {
  const amount = fc.record({
    cpus: fc.integer({ min: 1, max: 64 }),
    memory: fc.integer({ min: 1, max: 1 << 20 }),
    dedicated: fc.boolean(),
    guest: fc.boolean(),
  });
  fc.assert(
    fc.property(amount, ({ cpus, memory, dedicated, guest }) => {
      const list = { cpu: `${cpus}`, memory: `${memory}Mi` };
      const domain: Partial<DomainSpec> = dedicated
        ? {
            cpu: { cores: cpus, dedicatedCpuPlacement: true },
            ...(guest
              ? { memory: { guest: list.memory } }
              : { resources: { requests: { memory: list.memory } } }),
          }
        : { cpu: { cores: cpus }, resources: { requests: list, limits: list } };
      const { requests, limits } = resources(domain);
      expect(requests?.cpu).toBe(`${cpus}`);
      expect(limits?.cpu).toBe(requests?.cpu);
      expect(limits?.memory).toBe(requests?.memory);
    }),
  );
});
