import { describe, expect, test } from 'vitest';
import type { Volume } from '../../../simulator/types/kubevirt.ts';
import { PodRenderError, renderLauncherPod } from '../../../simulator/virt-controller/launcher-pod/index.ts';
import { claim, configOf, contextOf, gates, vmiOf } from './fixtures.ts';

const PRIVATE = '/var/run/kubevirt-private';
const objects = {
  'persistentvolumeclaims/testns/files': claim('files', {
    volumeMode: 'Filesystem',
    accessModes: ['ReadWriteMany'],
  }),
  'persistentvolumeclaims/testns/alone': claim('alone', { accessModes: ['ReadWriteOnce'] }),
  'persistentvolumeclaims/testns/block': claim('block', { volumeMode: 'Block' }),
};

function render(vmi: Parameters<typeof vmiOf>[0], config = configOf()) {
  const { spec } = renderLauncherPod(vmiOf(vmi), config, contextOf(objects));
  const compute = spec.containers[0];
  return {
    volumes: spec.volumes ?? [],
    mounts: compute?.volumeMounts ?? [],
    devices: compute?.volumeDevices ?? [],
    env: compute?.env ?? [],
  };
}

describe('a volume of the VMI', () => {
  const secretAt = (volume: string, part: string, key: string) => ({
    name: `${volume}-${part}`,
    readOnly: true,
    mountPath: `${PRIVATE}/secret/${volume}/${key}`,
    subPath: key,
  });
  const table: [string, Volume, object[], object[]][] = [
    [
      'a claim with files',
      { name: 'v', persistentVolumeClaim: { claimName: 'files' } },
      [{ name: 'v', persistentVolumeClaim: { claimName: 'files' } }],
      [{ name: 'v', mountPath: `${PRIVATE}/vmi-disks/v` }],
    ],
    [
      'a data volume',
      { name: 'v', dataVolume: { name: 'alone' } },
      [{ name: 'v', persistentVolumeClaim: { claimName: 'alone' } }],
      [{ name: 'v', mountPath: `${PRIVATE}/vmi-disks/v` }],
    ],
    [
      'a host disk',
      { name: 'v', hostDisk: { path: '/data/disk.img', type: 'DiskOrCreate' } },
      [{ name: 'v', hostPath: { path: '/data', type: 'DirectoryOrCreate' } }],
      [{ name: 'v', mountPath: `${PRIVATE}/vmi-disks/v` }],
    ],
    [
      'cloud-init with secrets',
      { name: 'v', cloudInitNoCloud: { secretRef: { name: 'user' }, networkDataSecretRef: { name: 'net' } } },
      [
        { name: 'v-udata', secret: { secretName: 'user' } },
        { name: 'v-ndata', secret: { secretName: 'net' } },
      ],
      [
        secretAt('v', 'udata', 'userdata'),
        secretAt('v', 'udata', 'userData'),
        secretAt('v', 'ndata', 'networkdata'),
        secretAt('v', 'ndata', 'networkData'),
      ],
    ],
    ['inline cloud-init', { name: 'v', cloudInitConfigDrive: { userData: '#cloud-config' } }, [], []],
    [
      'sysprep',
      { name: 'v', sysprep: { configMap: { name: 'answers' } } },
      [{ name: 'v', configMap: { name: 'answers' } }],
      [{ name: 'v', readOnly: true, mountPath: `${PRIVATE}/sysprep/v` }],
    ],
    [
      'downward metrics',
      { name: 'v', downwardMetrics: {} },
      [{ name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
      [{ name: 'v', mountPath: `${PRIVATE}/downwardmetric-disk` }],
    ],
    [
      'a secret that is a disk',
      { name: 'disk', secret: { secretName: 's', optional: true } },
      [{ name: 'disk', secret: { secretName: 's', optional: true } }],
      [{ name: 'disk', readOnly: true, mountPath: `${PRIVATE}/secret/disk` }],
    ],
    [
      'a config map that is no disk',
      { name: 'v', configMap: { name: 'c' } },
      [{ name: 'v', configMap: { name: 'c' } }],
      [],
    ],
    ['an empty disk', { name: 'v', emptyDisk: { capacity: '1Gi' } }, [], []],
    [
      'a hot-plugged claim',
      { name: 'v', persistentVolumeClaim: { claimName: 'files', hotpluggable: true } },
      [],
      [],
    ],
  ];
  test.each(table)('%s', (_, volume, volumes, mounts) => {
    const devices = { disks: [{ name: 'disk' }] };
    const bare = render({ domain: { devices } });
    const rendered = render({ domain: { devices }, spec: { volumes: [volume] } });
    expect(rendered.volumes.filter(({ name }) => !bare.volumes.some(other => other.name === name))).toEqual(
      volumes,
    );
    expect(rendered.mounts.filter(({ name }) => !bare.mounts.some(other => other.name === name))).toEqual(
      mounts,
    );
  });

  test('a block claim is a device', () => {
    const { devices, mounts } = render({ spec: { volumes: [{ name: 'v', dataVolume: { name: 'block' } }] } });
    expect(devices).toEqual([{ name: 'v', devicePath: '/dev/v' }]);
    expect(mounts.some(({ name }) => name === 'v')).toBe(false);
  });

  test('claims that several nodes may write are listed for virt-launcher', () => {
    const volumes = ['files', 'alone'].map(claimName => ({
      name: claimName,
      persistentVolumeClaim: { claimName },
    }));
    const { env } = render({ spec: { volumes } });
    expect(env).toContainEqual({ name: 'SHARED_FILESYSTEM_PATHS', value: `${PRIVATE}/vmi-disks/files` });
  });

  test('a missing claim is its own reason', () => {
    const volumes = [{ name: 'v', dataVolume: { name: 'nowhere' } }];
    const error = (() => {
      try {
        return render({ spec: { volumes } });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(PodRenderError);
    expect(error).toMatchObject({ message: "didn't find PVC nowhere", reason: 'FailedPvcNotFound' });
  });
});

test('huge pages and disabled hotplug, as KubeVirt counts the volumes', () => {
  const off = gates([], ['ImageVolume']);
  const domain = { memory: { hugepages: { pageSize: '2Mi' } }, devices: { disableHotplug: true } };
  const { volumes, mounts } = render({ domain }, off);
  expect(volumes).toHaveLength(9);
  expect(mounts).toHaveLength(8);
  expect(volumes).toContainEqual({ name: 'hugepages', emptyDir: { medium: 'HugePages' } });
  expect(mounts).toContainEqual({ name: 'hugetblfs-dir', mountPath: '/dev/hugepages/libvirt/qemu' });
});

test('state that outlives the pod is mounted from its claim, and waited for', () => {
  const domain = {
    devices: { tpm: { persistent: true } },
    firmware: { bootloader: { efi: { persistent: true } } },
  };
  const vmi = vmiOf({ domain, status: { runtimeUser: 107, changedBlockTracking: { state: 'Enabled' } } });
  const context = { ...contextOf(objects), backendStorageClaim: 'persistent-state-for-testvmi-x7k2p' };
  const { spec } = renderLauncherPod(vmi, configOf(), context);
  expect(spec.volumes).toContainEqual({
    name: 'vm-state',
    persistentVolumeClaim: { claimName: 'persistent-state-for-testvmi-x7k2p' },
  });
  const mounts = (spec.containers[0]?.volumeMounts ?? []).filter(({ name }) => name === 'vm-state');
  expect(mounts.map(({ mountPath, subPath }) => [subPath, mountPath])).toEqual([
    ['meta', '/run/kubevirt-private/backend-storage-meta'],
    ['swtpm', `${PRIVATE}/libvirt/qemu/swtpm`],
    ['swtpm-localca', `${PRIVATE}/var/lib/swtpm-localca`],
    ['nvram', `${PRIVATE}/libvirt/qemu/nvram`],
    ['cbt', `${PRIVATE}/libvirt/qemu/cbt`],
  ]);
  expect(() => renderLauncherPod(vmi, configOf(), contextOf())).toThrow(
    "can't generate manifest without backend-storage PVC, waiting for the PVC to be created",
  );
});
