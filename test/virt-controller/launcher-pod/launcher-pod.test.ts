import { freeze } from 'immer';
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../simulator/types/core.ts';
import {
  hashedInterfaceName,
  renderLauncherPod,
  renderProvisioningPod,
  vmiId,
} from '../../../simulator/virt-controller/launcher-pod/index.ts';
import { claim, configOf, contextOf, gates, vmiOf } from './fixtures.ts';

const config = configOf();
type Overrides = Parameters<typeof vmiOf>[0];

const render = (overrides: Overrides = {}, of = config, objects = {}) =>
  renderLauncherPod(freeze(vmiOf(overrides), true), of, contextOf(objects));
const compute = ({ spec }: Pick<Pod, 'spec'>) => spec.containers[0];
const NON_ROOT = { runtimeUser: 107 };
const DISK = {
  volumes: [{ name: 'r0', containerDisk: { image: 'registry/some:v1', imagePullSecret: 'pull' } }],
};

describe('metadata', () => {
  test('is that of KubeVirt', () => {
    const annotations = {
      test: 'shouldBeInPod',
      'kubectl.kubernetes.io/x': '',
      'kubevirt.io/latest-observed-api-version': 'v1',
    };
    const { metadata } = render({ metadata: { annotations, labels: { mine: 'kept' } } });
    expect(metadata).toEqual({
      generateName: 'virt-launcher-testvmi-',
      namespace: 'testns',
      labels: {
        mine: 'kept',
        'kubevirt.io': 'virt-launcher',
        'kubevirt.io/created-by': '1234',
        'vm.kubevirt.io/name': 'testvmi',
        'vmi.kubevirt.io/id': 'testvmi',
      },
      annotations: {
        test: 'shouldBeInPod',
        'kubevirt.io/domain': 'testvmi',
        'kubectl.kubernetes.io/default-container': 'compute',
        'kubevirt.io/migrationTransportUnix': 'true',
        'descheduler.alpha.kubernetes.io/request-evict-only': '',
        'kubevirt.io/memory-overhead-bytes': '281018368',
        'pre.hook.backup.velero.io/container': 'compute',
        'pre.hook.backup.velero.io/command':
          '["/usr/bin/virt-freezer", "--freeze", "--name", "testvmi", "--namespace", "testns"]',
        'pre.hook.backup.velero.io/timeout': '60s',
        'post.hook.backup.velero.io/container': 'compute',
        'post.hook.backup.velero.io/command':
          '["/usr/bin/virt-freezer", "--unfreeze", "--name", "testvmi", "--namespace", "testns"]',
      },
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachineInstance',
          name: 'testvmi',
          uid: '1234',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
  });

  test('long names are cut for the host name and hashed for the identifier', () => {
    const name = `${'v'.repeat(70)}.example`;
    // The start of what sha1sum prints for 64 times "v".
    expect(vmiId('v'.repeat(64))).toBe(`${'v'.repeat(54)}-287b0b57`);
    const { metadata, spec } = render({ metadata: { name } });
    expect(spec.hostname).toBe('v'.repeat(63));
    expect(metadata.labels?.['vmi.kubevirt.io/id']).toMatch(/^v{54}-[0-9a-f]{8}$/);
  });

  test('masquerade and Multus networks are told to Istio and Multus', () => {
    const interfaces = [
      { name: 'default', masquerade: {} },
      { name: 'blue', bridge: {}, macAddress: '02:00:00:00:00:01' },
      { name: 'gone', bridge: {}, state: 'absent' },
    ];
    const networks = [
      { name: 'default', pod: {} },
      { name: 'blue', multus: { networkName: 'other/blue-net' } },
      { name: 'gone', multus: { networkName: 'gone-net' } },
    ];
    const { metadata } = render({ domain: { devices: { interfaces } }, spec: { networks } });
    expect(metadata.annotations).toMatchObject({
      'traffic.sidecar.istio.io/kubevirtInterfaces': 'k6t-eth0',
      'istio.io/reroute-virtual-interfaces': 'k6t-eth0',
      'k8s.v1.cni.cncf.io/networks':
        '[{"name":"blue-net","namespace":"other","mac":"02:00:00:00:00:01","interface":"pod16477688c0e"}]',
    });
    // The start of what sha256sum prints for "blue".
    expect(hashedInterfaceName('blue')).toBe('pod16477688c0e');
  });
});

describe('the compute container', () => {
  test.each([
    ['amd64', '/usr/share/edk2/ovmf'],
    ['arm64', '/usr/share/AAVMF'],
  ])('is started on %s with the command of KubeVirt', (architecture, ovmf) => {
    const annotations = {
      'hooks.kubevirt.io/hookSidecars': '[{"image": "some-image:v1", "imagePullPolicy": "IfNotPresent"}]',
    };
    const off = gates([], ['ImageVolume', 'PodSecondaryInterfaceNamingUpgrade']);
    const vmi = vmiOf({ metadata: { annotations }, spec: { architecture } });
    const { spec } = renderLauncherPod(vmi, off, { ...contextOf(), qemuTimeout: 300 });
    expect(spec.containers[0]?.command?.join(' ')).toBe(
      '/usr/bin/virt-launcher-monitor --qemu-timeout 300s --name testvmi --uid 1234 --namespace testns ' +
        '--kubevirt-share-dir /var/run/kubevirt --ephemeral-disk-dir /var/run/kubevirt-ephemeral-disks ' +
        '--container-disk-dir /var/run/kubevirt/container-disks --grace-period-seconds 45 --hook-sidecars 1 ' +
        `--ovmf-path ${ovmf} --disk-memory-limit 2097152000 --hypervisor kvm --libvirt-hook-server-and-client`,
    );
    expect(spec.containers[1]).toMatchObject({
      name: 'hook-sidecar-0',
      image: 'some-image:v1',
      resources: {},
    });
    expect(spec.terminationGracePeriodSeconds).toBe(60);
  });

  test('waits for QEMU 240 to 359 seconds, the same for the same VMI', () => {
    const timeouts = Array.from({ length: 200 }, (_, index) => {
      const command = compute(render({ metadata: { uid: `uid-${index}` } }))?.command ?? [];
      return Number.parseInt(command[command.indexOf('--qemu-timeout') + 1] ?? '', 10);
    });
    expect(Math.min(...timeouts)).toBeGreaterThanOrEqual(240);
    expect(Math.max(...timeouts)).toBeLessThan(360);
    expect(new Set(timeouts).size).toBeGreaterThan(20);
  });

  test.each([
    ['emulation', configOf({ developerConfiguration: { useEmulation: true } }), {}, '--allow-emulation'],
    ['statistics', gates(['VMStatsCollector']), {}, '--vm-stats-collector'],
    ['firmware selection', gates(['FirmwareAutoSelection']), {}, '--firmware-auto-selection'],
    ['other architectures', gates(['CrossArchitectureVirtualization']), {}, '--allow-cross-arch-emulation'],
    ['non-root', config, { status: NON_ROOT }, '--run-as-nonroot'],
    [
      'keeping failures',
      config,
      { metadata: { annotations: { 'kubevirt.io/keep-launcher-alive-after-failure': 'true' } } },
      '--keep-after-failure',
    ],
  ])('%s is a flag', (_, of, overrides: Overrides, flag) => {
    expect(compute(render(overrides, of))?.command).toContain(flag);
    expect(compute(render())?.command).not.toContain(flag);
  });

  test('runs as root with SYS_NICE or as qemu without anything but its port binding', () => {
    expect(compute(render())?.securityContext).toEqual({
      runAsUser: 0,
      runAsNonRoot: false,
      capabilities: { add: ['NET_BIND_SERVICE', 'SYS_NICE'] },
    });
    const { spec } = render({ status: NON_ROOT });
    expect(compute({ spec })?.securityContext).toEqual({
      runAsUser: 107,
      runAsGroup: 107,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    });
    expect(spec.securityContext).toEqual({
      runAsUser: 107,
      runAsGroup: 107,
      runAsNonRoot: true,
      fsGroup: 107,
    });
  });

  test('logs as the label or the cluster says', () => {
    const env = (overrides: Overrides, of = config) =>
      (compute(render(overrides, of))?.env ?? []).map(({ name, value }) => `${name}=${value}`);
    expect(env({})).toEqual(['POD_NAME=undefined']);
    expect(env({ metadata: { labels: { logVerbosity: '6' } } })).toEqual([
      'VIRT_LAUNCHER_LOG_VERBOSITY=6',
      'LIBVIRT_DEBUG_LOGS=1',
      'VIRTIOFSD_DEBUG_LOGS=1',
      'POD_NAME=undefined',
    ]);
    expect(env({ metadata: { labels: { debugLogs: 'TRuE' } } })).toContain('LIBVIRT_DEBUG_LOGS=1');
    const loud = configOf({ developerConfiguration: { logVerbosity: { virtLauncher: 4 } } });
    expect(env({}, loud)).toContain('VIRT_LAUNCHER_LOG_VERBOSITY=4');
    expect(() => render({ metadata: { labels: { logVerbosity: 'high' } } })).toThrow(
      'verbosity high cannot cast to int: strconv.Atoi: parsing "high": invalid syntax',
    );
  });

  test('probes reach the guest through virt-probe, later and a second longer', () => {
    const livenessProbe = { exec: { command: ['cat', '/ok'] }, initialDelaySeconds: 2, timeoutSeconds: 5 };
    const container = compute(render({ spec: { livenessProbe, readinessProbe: { guestAgentPing: {} } } }));
    const virtProbe = ['virt-probe', '--domainName', 'testns_testvmi', '--timeoutSeconds'];
    expect(container?.livenessProbe).toMatchObject({
      initialDelaySeconds: 12,
      timeoutSeconds: 6,
      periodSeconds: 10,
      failureThreshold: 3,
      exec: { command: [...virtProbe, '5', '--command', 'cat', '--', '/ok'] },
    });
    expect(container?.readinessProbe).toMatchObject({
      initialDelaySeconds: 10,
      timeoutSeconds: 2,
      exec: { command: [...virtProbe, '1', '--guestAgentPing'] },
    });
  });

  test('lists the ports of interfaces', () => {
    const interfaces = [
      {
        name: 'a',
        ports: [
          { name: 'http', port: 80 },
          { port: 53, protocol: 'UDP' },
        ],
      },
    ];
    expect(compute(render({ domain: { devices: { interfaces } } }))?.ports).toEqual([
      { name: 'http', containerPort: 80, protocol: 'TCP' },
      { containerPort: 53, protocol: 'UDP' },
    ]);
  });
});

describe('container disks', () => {
  test('are image volumes, each with an init container that tells its digest', () => {
    const { spec } = render({ spec: DISK });
    expect(spec.volumes).toContainEqual({ name: 'r0', image: { reference: 'registry/some:v1' } });
    expect(compute({ spec })?.volumeMounts).toContainEqual({
      name: 'r0',
      readOnly: true,
      mountPath: '/var/run/kubevirt-image-volume/disk_0',
    });
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(['guest-console-log', 'volumer0']);
    expect(spec.volumes?.map(({ name }) => name)).toContain('launcher-volume');
    expect(spec.imagePullSecrets).toEqual([{ name: 'pull' }]);
  });

  test('were copied by containers, without the gate', () => {
    const { spec } = render({ spec: DISK }, gates([], ['ImageVolume']));
    expect(spec.containers.map(({ name }) => name)).toEqual(['compute', 'volumer0']);
    expect(spec.containers[1]?.args).toEqual([
      '--copy-path',
      '/var/run/kubevirt-ephemeral-disks/container-disk-data/1234/disk_0',
    ]);
    const names = ['guest-console-log', 'container-disk-binary', 'volumer0-init'];
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(names);
    expect(spec.volumes?.some(({ image }) => image !== undefined)).toBe(false);
  });

  test('a kernel image is one more', () => {
    const kernelBoot = {
      container: { image: 'kernel:v1', kernelPath: '/vmlinuz', imagePullSecret: 'other' },
    };
    const { spec } = render({ domain: { firmware: { kernelBoot } }, spec: DISK });
    expect(spec.initContainers?.map(({ name }) => name)).toContain('volumekernel-boot-volume');
    expect(compute({ spec })?.volumeMounts).toContainEqual({
      name: 'kernel-boot-volume',
      readOnly: true,
      mountPath: '/var/run/kubevirt-kernel-boot',
    });
    expect(spec.imagePullSecrets).toEqual([{ name: 'pull' }, { name: 'other' }]);
  });
});

describe('the serial console', () => {
  test.each([
    [undefined, undefined, {}, true],
    [true, false, {}, false],
    [false, true, {}, false],
    [undefined, undefined, { virtualMachineOptions: { disableSerialConsoleLog: {} } }, false],
    [undefined, true, { virtualMachineOptions: { disableSerialConsoleLog: {} } }, true],
  ])('attached %s, logged %s, cluster %j: %s', (attached, logged, configuration, expected) => {
    const devices = { autoattachSerialConsole: attached, logSerialConsole: logged };
    const { spec } = render({ domain: { devices } }, configOf(configuration));
    expect(spec.initContainers?.[0]?.name === 'guest-console-log').toBe(expected);
  });
});

describe('helpers take what the cluster configures, and no less than they are limited to where guaranteed', () => {
  const own = { requests: { cpu: '5m', memory: '8M' }, limits: { cpu: '50m', memory: '70M' } };
  const defaults = { requests: { cpu: '10m', memory: '1M' }, limits: { cpu: '100m', memory: '80M' } };
  const dedicated = { cpu: { cores: 1, dedicatedCpuPlacement: true } };
  test.each([
    ['defaults', [], {}, defaults],
    ['defaults, dedicated', [], dedicated, { requests: defaults.limits, limits: defaults.limits }],
    ['configured', [{ type: 'virtiofs', resources: own }], {}, own],
    [
      'configured, dedicated',
      [{ type: 'virtiofs', resources: own }],
      dedicated,
      { requests: own.limits, limits: own.limits },
    ],
  ])('%s', (_, supportContainerResources, domain, expected) => {
    const filesystems = [{ name: 'share', virtiofs: {} }];
    const volumes = [{ name: 'share', configMap: { name: 'cm' } }];
    const { spec } = render(
      { domain: { ...domain, devices: { filesystems } }, spec: { volumes } },
      configOf({ supportContainerResources }),
    );
    expect(spec.containers[1]).toMatchObject({ name: 'virtiofs-share', resources: expected });
    expect(spec.containers[1]?.args).toContain('--shared-dir=/var/run/kubevirt-private/config-map/share');
  });
});

test('the rest of the pod follows the VMI and the cluster', () => {
  const { spec } = render(
    {
      spec: {
        hostname: 'host',
        subdomain: 'sub',
        dnsPolicy: 'ClusterFirst',
        schedulerName: 'mine',
        priorityClassName: 'high',
        tolerations: [{ key: 'a', operator: 'Exists' }],
        terminationGracePeriodSeconds: 0,
        volumes: [{ name: 'sa', serviceAccount: { serviceAccountName: 'account' } }],
      },
    },
    configOf({
      defaultRuntimeClass: 'kata',
      selinuxLauncherType: 'container_t',
      seccompConfiguration: {
        virtualMachineInstanceProfile: { customProfile: { runtimeDefaultProfile: true } },
      },
    }),
  );
  expect(spec).toMatchObject({
    hostname: 'host',
    subdomain: 'sub',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'mine',
    priorityClassName: 'high',
    tolerations: [{ key: 'a', operator: 'Exists' }],
    terminationGracePeriodSeconds: 30,
    serviceAccountName: 'account',
    automountServiceAccountToken: true,
    runtimeClassName: 'kata',
    restartPolicy: 'Never',
    enableServiceLinks: false,
    readinessGates: [{ conditionType: 'kubevirt.io/virtual-machine-unpaused' }],
    securityContext: {
      runAsUser: 0,
      fsGroup: 107,
      seLinuxOptions: { type: 'container_t' },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  });
});

test('users of one reserved claim keep apart', () => {
  const disks = [{ name: 'lun', lun: { reservation: true } }];
  const volumes = [{ name: 'lun', persistentVolumeClaim: { claimName: 'shared' } }];
  const objects = { 'persistentvolumeclaims/testns/shared': claim('shared', { volumeMode: 'Block' }) };
  const { metadata, spec } = render({ domain: { devices: { disks } }, spec: { volumes } }, config, objects);
  const key = 'pr.kubevirt.io/uid-shared';
  expect(metadata.labels?.[key]).toBe('');
  expect(spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
    {
      labelSelector: { matchExpressions: [{ key, operator: 'Exists' }] },
      topologyKey: 'kubernetes.io/hostname',
    },
  ]);
  expect(compute({ spec })?.resources?.limits?.['devices.kubevirt.io/pr-helper']).toBe('1');
});

test('a provisioning pod runs nothing and says so', () => {
  const pod = renderProvisioningPod(vmiOf(), config, contextOf());
  expect(compute(pod)?.command).toEqual(['/bin/bash', '-c', 'echo', 'bound PVCs']);
  expect(pod.metadata.annotations?.['kubevirt.io/ephemeral-provisioning']).toBe('true');
});

test('a binding plugin brings its sidecar, an unknown one is refused', () => {
  const devices = { interfaces: [{ name: 'a', binding: { name: 'slirp' } }] };
  const networks = [{ name: 'a', pod: {} }];
  const binding = { slirp: { sidecarImage: 'slirp:v1', downwardAPI: 'device-info' } };
  const { spec } = render({ domain: { devices }, spec: { networks } }, configOf({ network: { binding } }));
  expect(spec.containers[1]).toMatchObject({
    name: 'hook-sidecar-0',
    image: 'slirp:v1',
    env: [
      { name: 'CONTAINER_NAME', value: 'hook-sidecar-0' },
      { name: 'NETWORK_BINDING_PLUGIN_NAME', value: 'slirp' },
    ],
  });
  expect(spec.volumes?.map(({ name }) => name)).toContain('network-info-annotation');
  expect(() => render({ domain: { devices }, spec: { networks } })).toThrow(
    "couldn't find configuration for network binding: slirp",
  );
});
