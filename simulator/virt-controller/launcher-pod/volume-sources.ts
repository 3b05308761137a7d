/** Where things lie in a launcher pod, and the volumes of images and of a machine's own state. */
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { JsonObject } from '../../types/meta.ts';
import {
  hasPersistentEfi,
  hasPersistentTpm,
  isNonRoot,
  kernelBootContainer,
  tracksChangedBlocks,
  volumesOf,
} from './traits.ts';
import type { PodVolume, RenderedVolumes } from './volumes.ts';

const SHARE = '/var/run/kubevirt';
const PRIVATE = '/var/run/kubevirt-private';

/** Paths inside the launcher's containers (KubeVirt v1.9 pkg/util, pkg/config). */
export const PATHS = Object.freeze({
  share: SHARE,
  private: PRIVATE,
  ephemeralDisks: '/var/run/kubevirt-ephemeral-disks',
  containerDisks: `${SHARE}/container-disks`,
  containerDiskData: '/var/run/kubevirt-ephemeral-disks/container-disk-data',
  hotplugDisks: `${SHARE}/hotplug-disks`,
  virtiofs: `${SHARE}/virtiofs-containers`,
  hooks: '/var/run/kubevirt-hooks',
  plugins: '/var/run/kubevirt-plugin',
  imageVolumes: '/var/run/kubevirt-image-volume',
  kernelBoot: '/var/run/kubevirt-kernel-boot',
  launcherBinaries: '/container-disk-binary',
  podInfo: '/etc/podinfo',
  configMaps: `${PRIVATE}/config-map`,
  downwardApi: `${PRIVATE}/downwardapi`,
  downwardMetrics: `${PRIVATE}/downwardmetric-disk`,
  secrets: `${PRIVATE}/secret`,
  serviceAccount: '/var/run/secrets/kubernetes.io/serviceaccount/',
  sysprep: `${PRIVATE}/sysprep`,
  vmiDisks: `${PRIVATE}/vmi-disks`,
});

export const KERNEL_BOOT_VOLUME = 'kernel-boot-volume';
export const LAUNCHER_VOLUME = 'launcher-volume';

export function emptyDir(name: string): PodVolume {
  return { name, emptyDir: {} };
}

/** Whether an image is pinned, so that nothing needs to be run to learn its digest. */
export function isPinned(imageIds: ReadonlyMap<string, string> | undefined, volume: string): boolean {
  return imageIds?.get(volume)?.includes('@sha256:') ?? false;
}

/** Container disks as image volumes, and the launcher's image where a digest has yet to be learned. */
export function addContainerDisks(
  { volumes, mounts }: RenderedVolumes,
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  launcherImage: string,
  imageIds: ReadonlyMap<string, string> | undefined,
): void {
  let unpinned = false;
  const add = (name: string, image: string, policy: string | undefined, mountPath: string) => {
    volumes.push({ name, image: imageSource(imageIds?.get(name) ?? image, policy) });
    mounts.push({ name, readOnly: true, mountPath });
    unpinned ||= !isPinned(imageIds, name);
  };
  volumesOf(vmi).forEach(({ name, containerDisk }, index) => {
    if (!containerDisk) return;
    add(name, containerDisk.image, containerDisk.imagePullPolicy, `${PATHS.imageVolumes}/disk_${index}`);
  });
  const kernel = kernelBootContainer(vmi);
  if (kernel) add(KERNEL_BOOT_VOLUME, kernel.image, kernel.imagePullPolicy, PATHS.kernelBoot);
  if (unpinned)
    volumes.push({ name: LAUNCHER_VOLUME, image: imageSource(launcherImage, config.imagePullPolicy) });
}

function imageSource(reference: string, pullPolicy: string | undefined): JsonObject {
  return pullPolicy ? { reference, pullPolicy } : { reference };
}

/** TPM, EFI variables and changed-block bitmaps, each a directory of one claim. */
export function addBackendStorage(
  { volumes, mounts }: RenderedVolumes,
  vmi: VirtualMachineInstance,
  claimName: string,
): void {
  const name = 'vm-state';
  const nonRoot = isNonRoot(vmi);
  const libvirt = nonRoot ? `${PRIVATE}/libvirt` : '/var/lib/libvirt';
  volumes.push({ name, persistentVolumeClaim: { claimName } });
  mounts.push({ name, mountPath: '/run/kubevirt-private/backend-storage-meta', subPath: 'meta' });
  if (nonRoot) {
    // Directories in between would otherwise belong to root.
    volumes.push(emptyDir('private-libvirt'), emptyDir('private-libvirt-qemu'));
    mounts.push(
      { name: 'private-libvirt', mountPath: `${PRIVATE}/libvirt` },
      { name: 'private-libvirt-qemu', mountPath: `${PRIVATE}/libvirt/qemu` },
    );
  }
  if (hasPersistentTpm(vmi)) {
    const authority = nonRoot ? `${PRIVATE}/var/lib/swtpm-localca` : '/var/lib/swtpm-localca';
    mounts.push(
      { name, mountPath: nonRoot ? `${libvirt}/qemu/swtpm` : `${libvirt}/swtpm`, subPath: 'swtpm' },
      { name, mountPath: authority, subPath: 'swtpm-localca' },
    );
  }
  if (hasPersistentEfi(vmi)) mounts.push({ name, mountPath: `${libvirt}/qemu/nvram`, subPath: 'nvram' });
  if (tracksChangedBlocks(vmi)) mounts.push({ name, mountPath: `${libvirt}/qemu/cbt`, subPath: 'cbt' });
}
