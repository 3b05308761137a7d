import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../simulator/types/core.ts';
import type { VirtualMachineInstanceMigration } from '../../../simulator/types/kubevirt.ts';
import {
  renderHotplugAttachmentPod,
  renderHotplugTriggerPod,
  renderLauncherPod,
  renderMigrationTargetPod,
} from '../../../simulator/virt-controller/launcher-pod/index.ts';
import { claim, configOf, contextOf, gates, vmiOf } from './fixtures.ts';

const config = configOf();
const IMAGE = 'quay.io/kubevirt/virt-launcher:v1.9.0';
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const meta = { namespace: 'testns', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const node = (labels: Record<string, string>) => ({
  'nodes/node01': { metadata: { name: 'node01', labels } },
});
const INTEL = { 'cpu-vendor.node.kubevirt.io/Intel': 'true' };

function running(vmi = vmiOf(), image?: string): Pod {
  const { spec, metadata } = renderLauncherPod(vmi, config, contextOf());
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta, ...metadata, name: 'virt-launcher-testvmi-x7k2p', uid: 'pod-uid' },
    spec: { ...spec, nodeName: 'node01' },
    status: {
      initContainerStatuses: image
        ? [{ name: 'volumer0', ready: true, restartCount: 0, image, imageID: `docker.io/x@${DIGEST}` }]
        : [],
    },
  };
}

const migration: VirtualMachineInstanceMigration = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstanceMigration',
  metadata: { ...meta, name: 'migrate', uid: 'migration-uid' },
  spec: { vmiName: 'testvmi', addedNodeSelector: { zone: 'b', 'kubevirt.io/schedulable': 'ignored' } },
};
const STATUS = { nodeName: 'node01', selinuxContext: 'system_u:object_r:container_file_t:s0:c1,c2' };

describe("a migration's target", () => {
  test('is marked, keeps away from the source and stays with its CPU vendor', () => {
    const vmi = vmiOf({ status: STATUS });
    const { metadata, spec } = renderMigrationTargetPod(
      vmi,
      migration,
      running(),
      config,
      contextOf(node(INTEL)),
    );
    expect(metadata.labels?.['kubevirt.io/migrationJobUID']).toBe('migration-uid');
    expect(metadata.annotations?.['kubevirt.io/migrationJobName']).toBe('migrate');
    expect(spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
      {
        labelSelector: { matchLabels: { 'kubevirt.io/created-by': '1234' } },
        topologyKey: 'kubernetes.io/hostname',
      },
    ]);
    expect(spec.nodeSelector).toEqual({
      zone: 'b',
      'kubevirt.io/schedulable': 'true',
      'kubernetes.io/arch': 'amd64',
      ...INTEL,
    });
    expect(spec.securityContext).toMatchObject({ seLinuxOptions: { level: 's0:c1,c2' } });
  });

  test('of a host-model guest goes where its CPU is offered', () => {
    const vmi = vmiOf({ domain: { cpu: { model: 'host-model' } }, status: STATUS });
    const labels = {
      ...INTEL,
      'host-model-cpu.node.kubevirt.io/Skylake': 'true',
      'host-model-required-features.node.kubevirt.io/pdpe1gb': 'true',
    };
    const expected = {
      'cpu-model-migration.node.kubevirt.io/Skylake': 'true',
      'cpu-feature.node.kubevirt.io/pdpe1gb': 'true',
    };
    const first = renderMigrationTargetPod(vmi, migration, running(vmi), config, contextOf(node(labels)));
    expect(first.spec.nodeSelector).toMatchObject(expected);
    // The second time the first target's selector counts, whatever the node now is.
    const moved = { ...running(vmi), spec: first.spec };
    const second = renderMigrationTargetPod(vmi, migration, moved, config, contextOf(node(INTEL)));
    expect(second.spec.nodeSelector).toMatchObject(expected);
    expect(() =>
      renderMigrationTargetPod(vmi, migration, running(vmi), config, contextOf(node(INTEL))),
    ).toThrow(
      'unable to locate host cpu model, does not contain label "host-model-cpu.node.kubevirt.io/" with information',
    );
  });

  test.each([
    ['registry:5000/fedora:42', `registry:5000/fedora@${DIGEST}`],
    ['registry:5000/fedora', `registry:5000/fedora@${DIGEST}`],
    [`fedora@sha256:${'0'.repeat(64)}`, `fedora@${DIGEST}`],
  ])('uses the very image of its source: %s', (image, reference) => {
    const vmi = vmiOf({ spec: { volumes: [{ name: 'r0', containerDisk: { image } }] }, status: STATUS });
    const context = contextOf(node(INTEL));
    const { spec } = renderMigrationTargetPod(vmi, migration, running(vmi, image), config, context);
    expect(spec.volumes).toContainEqual({ name: 'r0', image: { reference } });
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(['guest-console-log']);
    expect(spec.volumes?.map(({ name }) => name)).not.toContain('launcher-volume');
    // And the next target finds it in the volumes, with no init container left to ask.
    const next = renderMigrationTargetPod(vmi, migration, { ...running(vmi), spec }, config, context);
    expect(next.spec.volumes).toContainEqual({ name: 'r0', image: { reference } });
  });

  test('needs a digest and an SELinux context', () => {
    const volumes = [{ name: 'r0', containerDisk: { image: 'fedora' } }];
    const vmi = vmiOf({ spec: { volumes }, status: STATUS });
    const source = running(vmi, 'fedora');
    const [status] = source.status?.initContainerStatuses ?? [];
    if (status) status.imageID = 'fedora:latest';
    const context = contextOf(node(INTEL));
    expect(() => renderMigrationTargetPod(vmi, migration, source, config, context)).toThrow(
      'failed to identify image digest for container "fedora" with id "fedora:latest"',
    );
    const unknown = vmiOf({ status: { nodeName: 'node01' } });
    expect(() => renderMigrationTargetPod(unknown, migration, running(), config, context)).toThrow(
      'SELinux context not set on VMI status',
    );
  });

  test('keeps ordinal interface names only while the source has them and they are not upgraded', () => {
    const networks = [{ name: 'blue', multus: { networkName: 'blue-net' } }];
    const interfaces = [{ name: 'blue', bridge: {} }];
    const vmi = vmiOf({ domain: { devices: { interfaces } }, spec: { networks }, status: STATUS });
    const source = running(vmi);
    source.metadata.annotations = { 'k8s.v1.cni.cncf.io/network-status': '[{"interface":"net1"}]' };
    const name = (of: typeof config) =>
      JSON.parse(
        renderMigrationTargetPod(vmi, migration, source, of, contextOf(node(INTEL))).metadata.annotations?.[
          'k8s.v1.cni.cncf.io/networks'
        ] ?? '[]',
      )[0].interface;
    expect(name(gates([], ['PodSecondaryInterfaceNamingUpgrade']))).toBe('net1');
    expect(name(config)).toBe('pod16477688c0e');
  });
});

describe('a hotplug attachment pod', () => {
  const volumes = [
    { name: 'files', persistentVolumeClaim: { claimName: 'files', hotpluggable: true } },
    { name: 'block', dataVolume: { name: 'block', hotpluggable: true } },
    { name: 'empty', emptyDisk: { capacity: '1Gi' } },
  ];
  const claims = new Map([
    ['files', claim('files', {})],
    ['block', claim('block', { volumeMode: 'Block' })],
  ]);

  test('brings claims to the node of its machine', () => {
    const vmi = vmiOf({ status: STATUS });
    const owner = running(vmi);
    const { metadata, spec } = renderHotplugAttachmentPod(volumes, owner, vmi, claims, config, IMAGE);
    expect(metadata).toEqual({
      generateName: 'hp-volume-',
      namespace: 'testns',
      labels: { 'kubevirt.io': 'hotplug-disk' },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          name: owner.metadata.name,
          uid: 'pod-uid',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
    expect(spec.volumes).toEqual([
      { name: 'hotplug-disks', emptyDir: {} },
      { name: 'files', persistentVolumeClaim: { claimName: 'files' } },
      { name: 'block', persistentVolumeClaim: { claimName: 'block' } },
    ]);
    expect(spec.containers).toEqual([
      {
        name: 'hotplug-disk',
        image: IMAGE,
        command: ['/bin/sh', '-c', '/usr/bin/container-disk --copy-path /path/hp'],
        resources: { requests: { cpu: '10m', memory: '2M' }, limits: { cpu: '100m', memory: '80M' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          runAsNonRoot: true,
          runAsUser: 107,
          seccompProfile: { type: 'RuntimeDefault' },
          capabilities: { drop: ['ALL'] },
          seLinuxOptions: { level: 's0:c1,c2' },
        },
        volumeMounts: [
          { name: 'hotplug-disks', mountPath: '/path', mountPropagation: 'HostToContainer' },
          { name: 'files', mountPath: '/files' },
        ],
        volumeDevices: [{ name: 'block', devicePath: '/path/block/uid-block' }],
      },
    ]);
    expect(spec.terminationGracePeriodSeconds).toBe(0);
    expect(
      spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0],
    ).toEqual({ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node01'] }] });
  });

  test('tolerates what its owner does, each taint once', () => {
    const toleration = { key: 'test', operator: 'Exists', effect: 'NoSchedule' } as const;
    const vmi = vmiOf({ spec: { tolerations: [toleration, toleration] }, status: STATUS });
    const { spec } = renderHotplugAttachmentPod([], running(vmi), vmi, claims, config, IMAGE);
    expect(spec.tolerations).toHaveLength(6);
    expect(spec.tolerations).toContainEqual(toleration);
    expect(spec.tolerations).toContainEqual({
      key: 'node.kubernetes.io/disk-pressure',
      operator: 'Exists',
      effect: 'NoSchedule',
    });
  });

  test('leaves out mounts that are done, and waits for the SELinux context', () => {
    const volumeStatus = [{ name: 'files', target: 'sda', phase: 'Ready', hotplugVolume: {} }];
    const vmi = vmiOf({ status: { selinuxContext: 'none', volumeStatus } });
    const { spec } = renderHotplugAttachmentPod(volumes, running(vmi), vmi, claims, config, IMAGE);
    expect(spec.containers[0]?.volumeMounts).toHaveLength(1);
    const unknown = vmiOf();
    expect(() => renderHotplugAttachmentPod(volumes, running(), unknown, claims, config, IMAGE)).toThrow(
      'VMI is missing SELinux context',
    );
    const invalid = vmiOf({ status: { selinuxContext: 'a:b' } });
    expect(() => renderHotplugAttachmentPod(volumes, running(), invalid, claims, config, IMAGE)).toThrow(
      'VMI has invalid SELinux context: a:b',
    );
  });

  test.each([
    [true, [{ name: 'files', devicePath: '/dev/hotplugblockdevice' }], { runAsUser: 0 }],
    [false, undefined, undefined],
  ])('a trigger goes beside its machine and ends (block: %s)', (block, devices, security) => {
    const vmi = vmiOf({ status: { selinuxContext: 'none' } });
    const owner = running(vmi);
    const [volume] = volumes;
    if (!volume) throw new Error('no volume');
    const { metadata, spec } = renderHotplugTriggerPod(
      volume,
      owner,
      vmi,
      'files',
      block,
      true,
      config,
      IMAGE,
    );
    expect(metadata.annotations).toEqual({ 'kubevirt.io/ephemeral-provisioning': 'true' });
    expect(spec.containers[0]?.command).toEqual(['/bin/bash', '-c', 'exit', '0']);
    expect(spec.containers[0]?.volumeDevices).toEqual(devices);
    expect(spec.securityContext).toEqual(security);
    expect(spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
      { labelSelector: { matchLabels: owner.metadata.labels }, topologyKey: 'kubernetes.io/hostname' },
    ]);
  });
});
