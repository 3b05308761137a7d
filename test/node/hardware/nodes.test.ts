import { describe, expect, test } from 'vitest';
import {
  deviceResources,
  heartbeatLabels,
  isLabellerLabel,
  labellerLabels,
  nodeNames,
  nodeObject,
  nodeResources,
  obsoleteHostModelWarning,
  parseHardwareProfile,
  parseNodesFile,
  readyMadeNames,
  readyMadeProfile,
} from '../../../simulator/node/hardware/index.ts';

const profile = (name: string) => readyMadeProfile(name)!;
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const minimal = { name: 'm', cpu: { model: 'Haswell' }, memory: '8Gi' };

describe('ready-made profiles', () => {
  test.each(readyMadeNames())('%s becomes a node', name => {
    const parts = nodeObject(profile(name), 'n', 0, { now: NOW });
    expect(parts.kubelet.metadata.labels).toMatchObject({ 'kubernetes.io/arch': profile(name).architecture });
    expect(Object.keys(parts.labels).every(key => !Object.hasOwn(parts.kubelet.metadata.labels!, key))).toBe(
      true,
    );
    for (const key of Object.keys(parts.labels)) {
      // apimachinery: a name of at most 63 characters after an optional prefix.
      expect(key).toMatch(/^([a-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
    }
  });

  test('a host can offer its own model unless its firmware hides part of it', () => {
    for (const name of readyMadeNames()) {
      const { architecture, cpu, devices } = profile(name);
      if (architecture !== 'amd64' || !devices.kvm || cpu.missingFeatures.length) continue;
      expect(labellerLabels(profile(name))).toHaveProperty(
        [`cpu-model.node.kubevirt.io/${cpu.model}`],
        'true',
      );
    }
  });
});

describe('labels of the node-labeller', () => {
  test('small-intel', () => {
    const labels = labellerLabels(profile('small-intel'));
    expect(labels).toMatchObject({
      'cpu-model.node.kubevirt.io/Penryn': 'true',
      'cpu-model.node.kubevirt.io/Haswell-noTSX-IBRS': 'true',
      'cpu-model-migration.node.kubevirt.io/EPYC-Genoa': 'true',
      'cpu-feature.node.kubevirt.io/vmx': 'true',
      'host-model-cpu.node.kubevirt.io/Skylake-Server-IBRS': 'true',
      'host-model-required-features.node.kubevirt.io/vmx': 'true',
      'cpu-vendor.node.kubevirt.io/Intel': 'true',
      'cpu-timer.node.kubevirt.io/tsc-frequency': '2400000000',
      'cpu-timer.node.kubevirt.io/tsc-scalable': 'true',
      'hyperv.node.kubevirt.io/vpindex': 'true',
      'hyperv.node.kubevirt.io/base': 'true',
      'machine-type.node.kubevirt.io/q35': 'true',
    });
    for (const absent of [
      'cpu-model.node.kubevirt.io/EPYC',
      'cpu-model.node.kubevirt.io/Cascadelake-Server',
      'cpu-model.node.kubevirt.io/Conroe',
      'cpu-model-migration.node.kubevirt.io/Conroe-v1',
      'node-labeller.kubevirt.io/obsolete-host-model',
      'kubevirt.io/realtime',
    ]) {
      expect(labels).not.toHaveProperty([absent]);
    }
  });

  test('a noTSX machine offers noTSX models only', () => {
    const labels = labellerLabels(profile('numa-server'));
    expect(labels).toHaveProperty(['cpu-model.node.kubevirt.io/Icelake-Server-noTSX']);
    expect(labels).not.toHaveProperty(['cpu-model.node.kubevirt.io/Icelake-Server']);
    expect(labels).toHaveProperty(['kubevirt.io/realtime'], 'true');
  });

  test('SEV steps, and an obsolete list from the KubeVirt object', () => {
    const labels = labellerLabels(profile('amd-epyc'), { obsoleteCpuModels: new Set(['EPYC-Milan']) });
    expect(labels).toMatchObject({
      'kubevirt.io/sev': 'true',
      'kubevirt.io/sev-es': 'true',
      'kubevirt.io/sev-snp': 'true',
      'node-labeller.kubevirt.io/obsolete-host-model': 'true',
      'cpu-model.node.kubevirt.io/Conroe': 'true',
    });
    expect(labels).not.toHaveProperty(['cpu-model.node.kubevirt.io/EPYC-Milan']);
    expect(obsoleteHostModelWarning(profile('amd-epyc'), new Set(['b', 'EPYC-Milan']))).toBe(
      'This node has EPYC-Milan host-model cpu that is included in ObsoleteCPUModels: map[EPYC-Milan:true b:true]',
    );
  });

  test('Arm has machine types and nothing of its CPU; IBM Z has models and its maker', () => {
    const kinds = (name: string) =>
      new Set(Object.keys(labellerLabels(profile(name))).map(key => key.split('/')[0]));
    expect([...kinds('arm64-server')]).toEqual(['machine-type.node.kubevirt.io']);
    expect(labellerLabels(profile('s390x'))).toMatchObject({
      'cpu-vendor.node.kubevirt.io/IBM': 'true',
      'host-model-cpu.node.kubevirt.io/z14.2-base': 'true',
      // KubeVirt's test data of a z14.
      'cpu-model.node.kubevirt.io/zEC12-base': 'true',
      'cpu-model.node.kubevirt.io/z114': 'true',
      'cpu-model-migration.node.kubevirt.io/gen16a': 'true',
    });
    expect(labellerLabels(profile('s390x'))).not.toHaveProperty(['cpu-model.node.kubevirt.io/z10EC']);
    expect(labellerLabels(profile('s390x'))).not.toHaveProperty(['cpu-model.node.kubevirt.io/gen15a']);
  });

  test('vendor and s390-pv labels survive a new round of labelling', () => {
    expect(isLabellerLabel('cpu-model.node.kubevirt.io/Penryn')).toBe(true);
    expect(isLabellerLabel('kubevirt.io/sev-es')).toBe(true);
    expect(isLabellerLabel('cpu-vendor.node.kubevirt.io/Intel')).toBe(false);
    expect(isLabellerLabel('kubevirt.io/s390-pv')).toBe(false);
    expect(isLabellerLabel('kubevirt.io/schedulable')).toBe(false);
  });
});

describe('the Node', () => {
  test('what the kubelet registers and what virt-handler adds', () => {
    const { kubelet, labels, annotations } = nodeObject(profile('control-plane'), 'cp01', 3, {
      now: NOW,
      zone: 'z1',
    });
    expect(kubelet).toMatchObject({
      metadata: {
        name: 'cp01',
        labels: {
          'kubernetes.io/hostname': 'cp01',
          'node-role.kubernetes.io/control-plane': '',
          'topology.kubernetes.io/zone': 'z1',
        },
      },
      spec: {
        podCIDR: '10.244.3.0/24',
        taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
      },
      status: { nodeInfo: { kubeletVersion: 'v1.35.0', operatingSystem: 'linux' } },
    });
    expect(kubelet.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'MemoryPressure=False',
      'DiskPressure=False',
      'PIDPressure=False',
      'Ready=True',
    ]);
    expect(labels).toMatchObject({ 'kubevirt.io/schedulable': 'true', cpumanager: 'false' });
    expect(annotations).toEqual({ 'kubevirt.io/heartbeat': '2026-01-02T03:04:05Z' });
    expect(heartbeatLabels(profile('numa-server'), false)).toEqual({
      cpumanager: 'true',
      'kubevirt.io/cpumanager': 'true',
      'kubevirt.io/schedulable': 'false',
    });
  });

  test('allocatable is less by what is reserved, the eviction threshold and the hugepages', () => {
    const { capacity, allocatable } = nodeResources(profile('numa-server'));
    expect(capacity).toEqual({
      cpu: '64',
      'ephemeral-storage': '400Gi',
      'hugepages-1Gi': '64Gi',
      'hugepages-2Mi': '8Gi',
      memory: '256Gi',
      pods: '250',
    });
    // 256 Gi - 4 Gi - 72 Gi = 180 Gi = 184320 Mi, less 100 Mi.
    expect(allocatable).toMatchObject({ cpu: '62', memory: '184220Mi', 'hugepages-1Gi': '64Gi' });
    // Nine tenths of 400 Gi in bytes.
    expect(Number(allocatable['ephemeral-storage'])).toBeCloseTo(0.9 * 400 * 1024 ** 3, -1);
  });
});

describe('device resources', () => {
  test('1000 guests a device; what the machine lacks cannot be allocated', () => {
    expect(deviceResources(profile('laptop-emulation'))).toEqual({
      capacity: {
        'devices.kubevirt.io/kvm': '1k',
        'devices.kubevirt.io/tun': '1k',
        'devices.kubevirt.io/vhost-net': '1k',
      },
      allocatable: {
        'devices.kubevirt.io/kvm': '0',
        'devices.kubevirt.io/tun': '1k',
        'devices.kubevirt.io/vhost-net': '1k',
      },
    });
    expect(deviceResources(profile('amd-epyc'), { vsock: true, sev: true }).allocatable).toMatchObject({
      'devices.kubevirt.io/vhost-vsock': '1k',
      'devices.kubevirt.io/sev': '1k',
    });
  });

  test('host devices are announced as the KubeVirt object permits', () => {
    expect(deviceResources(profile('numa-gpu')).allocatable).toMatchObject({
      'nvidia.com/GA100_A100_PCIE_40GB': '2',
      'nvidia.com/GRID_T4-2Q': '8',
    });
    const permitted = deviceResources(profile('numa-gpu'), {
      permittedHostDevices: {
        pciHostDevices: [{ pciVendorSelector: '10de:20f1', resourceName: 'nvidia.com/A100' }],
        mediatedDevices: [
          { mdevNameSelector: 'GRID T4-2Q', resourceName: 'nvidia.com/T4', externalResourceProvider: true },
        ],
      },
    }).allocatable;
    expect(permitted).toHaveProperty(['nvidia.com/A100'], '2');
    expect(Object.keys(permitted).filter(name => name.startsWith('nvidia.com/'))).toEqual([
      'nvidia.com/A100',
    ]);
    expect(deviceResources(profile('sriov-server'), { permittedHostDevices: {} }).allocatable).toMatchObject({
      'openshift.io/sriov_net': '32',
    });
  });
});

describe('strict reading', () => {
  test.each([
    [{ ...minimal, memroy: '1Gi' }, 'memroy: unknown key (did you mean "memory"?)'],
    [{ ...minimal, cpu: { model: 'Haswell', core: 2 } }, 'cpu.core: unknown key'],
    [
      { ...minimal, cpu: { model: 'Hasswell' } },
      'cpu.model: unknown CPU model "Hasswell" (did you mean "Haswell"?)',
    ],
    [{ ...minimal, memory: 16 }, 'memory: 16 bytes has no unit: write for example "16Gi"'],
    [{ ...minimal, memory: '16GB' }, 'memory: must be a quantity such as "16Gi", not "16GB"'],
    [{ ...minimal, devices: { kvm: 'yes' } }, 'devices.kvm: must be true or false, not "yes"'],
    [
      { ...minimal, devices: { sev: 'snp' } },
      'devices.sev: must be one of none, sev, sev-es, sev-snp, not "snp"',
    ],
    [{ ...minimal, hugepages: { '4Mi': 1 } }, 'hugepages.4Mi: unknown key'],
    [{ ...minimal, hugepages: { '1Gi': 8 } }, 'hugepages: take all of the memory (8Gi)'],
    [
      { ...minimal, architecture: 'x86_64' },
      'architecture: must be one of amd64, arm64, s390x, not "x86_64"',
    ],
    [
      { ...minimal, hyperv: ['vpindx'] },
      'hyperv[0]: unknown Hyper-V feature "vpindx" (did you mean "vpindex"?)',
    ],
    [
      { ...minimal, gpus: [{ resourceName: 'gpu' }] },
      'gpus[0].resourceName: must be of the form vendor.domain/name',
    ],
    [{ ...minimal, taints: [{ key: 'a' }] }, 'taints[0].effect: is missing'],
    [
      { ...minimal, numaNodes: [{ memory: '4Gi', cpus: '0' }] },
      'numaNodes: their memory must add up to memory: 8Gi',
    ],
    [
      { ...minimal, numaNodes: [{ memory: '8Gi', cpus: '0-1' }] },
      'numaNodes: must hold the 1 CPUs of the machine, not 2',
    ],
    ['laptop', '(top level): must be a mapping, not "laptop"'],
  ])('%j', (data, problem) => {
    expect(() => parseHardwareProfile(data)).toThrow(problem);
  });

  test('a nodes file', () => {
    const specs = parseNodesFile(`
- { profile: control-plane, name: cp }
- profile: small-intel
  count: 2
  namePrefix: worker
  zone: a
  labels: { disk: ssd }
  taints: [{ key: gpu, value: "yes", effect: NoExecute }]
- name: own
  count: 3
  cpu: { vendor: Intel, model: Haswell, coresPerSocket: 2 }
  memory: 8Gi
`);
    expect(specs.map(spec => nodeNames(spec))).toEqual([
      ['cp'],
      ['worker01', 'worker02'],
      ['node01', 'node02', 'node03'],
    ]);
    expect(specs[1]).toMatchObject({
      zone: 'a',
      profile: {
        name: 'small-intel',
        labels: { disk: 'ssd' },
        taints: [{ key: 'gpu', effect: 'NoExecute' }],
      },
    });
    // The ready-made profile itself is as before.
    expect(readyMadeProfile('small-intel')!.labels).toEqual({});
  });

  test.each([
    [
      '- profile: small-intle',
      'line 1, column 12: [0].profile: there is no profile "small-intle" (did you mean "small-intel"?)',
    ],
    [
      'nodes:\n  - profile: small-intel\n    cuont: 2',
      'line 3, column 12: nodes[0].cuont: unknown key (did you mean "count"?)',
    ],
    [
      '- profile:\n    name: x\n    cpu: { model: Haswell, sockts: 2 }\n    memory: 1Gi',
      'line 3, column 36: [0].profile.cpu.sockts: unknown key (did you mean "sockets"?)',
    ],
    ['- { profile: small-intel', 'line 1, column 25:'],
    ['[]', 'line 1, column 1: (top level): there are no nodes'],
    ['- count: 2', 'line 1, column 3: [0].profile: is missing'],
    ['- { profile: small-intel, name: a, count: 2 }', 'cannot serve 2 nodes: use namePrefix'],
  ])('%j', (text, problem) => {
    expect(() => parseNodesFile(text)).toThrow(problem);
  });
});
