import { describe, expect, test } from 'vitest';
import type { VirtualMachineInstance } from '../../../simulator/types/kubevirt.ts';
import { nodePlacement } from '../../../simulator/virt-controller/launcher-pod/index.ts';
import { configOf, gates, vmiOf } from './fixtures.ts';

const config = configOf();
const BASE = { 'kubevirt.io/schedulable': 'true', 'kubernetes.io/arch': 'amd64' };
const OBSOLETE = { key: 'node-labeller.kubevirt.io/obsolete-host-model', operator: 'DoesNotExist' } as const;

const HYPERV = {
  hyperv: {
    vpindex: { enabled: true },
    synic: {},
    vapic: { enabled: true },
    evmcs: {},
    tlbflush: { enabled: true },
  },
};
const TSC: VirtualMachineInstance['status'] = { topologyHints: { tscFrequency: 2_400_000_000 } };

describe('node selector', () => {
  const table: [string, Parameters<typeof vmiOf>[0], Record<string, string>][] = [
    ['nothing', {}, {}],
    [
      'dedicated CPUs',
      { domain: { cpu: { dedicatedCpuPlacement: true } } },
      { 'kubevirt.io/cpumanager': 'true' },
    ],
    [
      'a named model and its features',
      {
        domain: {
          cpu: { model: 'Haswell', features: [{ name: 'lahf_lm' }, { name: 'avx', policy: 'optional' }] },
        },
      },
      {
        'cpu-model.node.kubevirt.io/Haswell': 'true',
        'cpu-feature.node.kubevirt.io/lahf_lm': 'true',
      },
    ],
    [
      'features of host-passthrough',
      { domain: { cpu: { model: 'host-passthrough', features: [{ name: 'vmx', policy: 'require' }] } } },
      { 'cpu-feature.node.kubevirt.io/vmx': 'true' },
    ],
    ['features without a model', { domain: { cpu: { features: [{ name: 'vmx', policy: 'require' }] } } }, {}],
    [
      'the machine type asked for',
      { domain: { machine: { type: 'q35' } } },
      { 'machine-type.node.kubevirt.io/q35': 'true' },
    ],
    [
      'the machine type in use before it',
      { domain: { machine: { type: 'q35' } }, status: { machine: { type: 'pc-q35-rhel9.6.0' } } },
      { 'machine-type.node.kubevirt.io/pc-q35-rhel9.6.0': 'true' },
    ],
    ['hyperv without strict checks', { domain: { features: HYPERV } }, {}],
    ['realtime', { domain: { cpu: { realtime: {} } } }, { 'kubevirt.io/realtime': 'true' }],
    [
      'SEV-ES',
      { domain: { launchSecurity: { sev: { policy: { encryptedState: true } } } } },
      { 'kubevirt.io/sev': 'true', 'kubevirt.io/sev-es': 'true' },
    ],
    [
      'SEV-SNP',
      { domain: { launchSecurity: { snp: {} } } },
      { 'kubevirt.io/sev': 'true', 'kubevirt.io/sev-snp': 'true' },
    ],
    ['TDX', { domain: { launchSecurity: { tdx: {} } } }, { 'kubevirt.io/tdx': 'true' }],
    [
      'secure execution',
      { spec: { architecture: 's390x' }, domain: { launchSecurity: {} } },
      { 'kubernetes.io/arch': 's390x', 'kubevirt.io/s390-pv': 'true' },
    ],
    [
      'invtsc with a frequency',
      { domain: { cpu: { features: [{ name: 'invtsc', policy: 'require' }] } }, status: TSC },
      { 'scheduling.node.kubevirt.io/tsc-frequency-2400000000': 'true' },
    ],
    ['a frequency that nothing needs', { status: TSC }, {}],
    [
      'its own labels over the rest',
      { spec: { nodeSelector: { zone: 'a', 'kubernetes.io/arch': 'riscv' } } },
      { zone: 'a', 'kubernetes.io/arch': 'riscv' },
    ],
  ];
  test.each(table)('%s', (_, vmi, expected) => {
    expect(nodePlacement(vmiOf(vmi), config).nodeSelector).toEqual({ ...BASE, ...expected });
  });

  test("the cluster's own labels", () => {
    const labelled = configOf({ developerConfiguration: { nodeSelectors: { pool: 'vms' } } });
    expect(nodePlacement(vmiOf(), labelled).nodeSelector).toEqual({ ...BASE, pool: 'vms' });
  });

  test('enlightenments that the host must support, under strict checks', () => {
    const vmi = vmiOf({ domain: { features: HYPERV } });
    expect(nodePlacement(vmi, gates(['HypervStrictCheck'])).nodeSelector).toEqual({
      ...BASE,
      'hyperv.node.kubevirt.io/vpindex': 'true',
      'hyperv.node.kubevirt.io/tlbflush': 'true',
      'cpu-vendor.node.kubevirt.io/Intel': 'true',
    });
  });

  test('across architectures the native one is preferred, not required', () => {
    const { nodeSelector, affinity } = nodePlacement(vmiOf(), gates(['CrossArchitectureVirtualization']));
    expect(nodeSelector).toEqual({ 'kubevirt.io/schedulable': 'true', 'kubevirt.io/vm-arch-amd64': 'true' });
    expect(affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution).toEqual([
      {
        weight: 100,
        preference: { matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }] },
      },
    ]);
  });
});

describe('affinity', () => {
  const required = (vmi: VirtualMachineInstance) =>
    nodePlacement(vmi, config).affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;

  test.each([['host-model'], [''], [undefined]])('model %s keeps off obsolete host models', model => {
    const vmi = vmiOf({ domain: { cpu: model === undefined ? {} : { model } } });
    expect(required(vmi)).toEqual({ nodeSelectorTerms: [{ matchExpressions: [OBSOLETE] }] });
  });

  test('a named model adds none', () => {
    expect(nodePlacement(vmiOf({ domain: { cpu: { model: 'Haswell' } } }), config).affinity).toBeUndefined();
  });

  test('every alternative of the VMI gets the requirements, forbidden features among them', () => {
    const zone = (value: string) => ({
      matchExpressions: [{ key: 'zone', operator: 'In' as const, values: [value] }],
    });
    const nodeSelectorTerms = [zone('a'), zone('b')];
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    };
    const cpu = { model: 'Haswell', features: [{ name: 'svm', policy: 'forbid' }] };
    const forbidden = { key: 'cpu-feature.node.kubevirt.io/svm', operator: 'DoesNotExist' };
    expect(required(vmiOf({ domain: { cpu }, spec: { affinity } }))).toEqual({
      nodeSelectorTerms: nodeSelectorTerms.map(({ matchExpressions }) => ({
        matchExpressions: [...matchExpressions, forbidden],
      })),
    });
  });
});
