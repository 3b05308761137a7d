/** Containers around container disks: image volumes' digest readers, or the older copying containers (KubeVirt v1.9 pkg/container-disk). */
import { freeze } from 'immer';
import { type KubeVirtConfig, featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { Container, Pod } from '../../types/core.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import { type RenderContext, PodRenderError } from './context.ts';
import { HELPER_SECURITY, initSecurity } from './security.ts';
import { supportResources } from './support-resources.ts';
import { isDedicatedOrGuaranteed, kernelBootContainer, volumesOf } from './traits.ts';
import { KERNEL_BOOT_VOLUME, LAUNCHER_VOLUME, PATHS, isPinned } from './volume-sources.ts';

export type ImageIds = ReadonlyMap<string, string>;

interface DiskImage {
  readonly volume: string;
  readonly image: string;
  readonly pullPolicy: string | undefined;
  /** Directory or file that the disk is copied to. */
  readonly target: string;
}

const DIGEST = /sha256:([a-zA-Z0-9]+)/;
const DIGEST_COMMAND = freeze([`${PATHS.launcherBinaries}/usr/bin/container-disk`]);
const DIGEST_ARGS = freeze(['--no-op']);
const DIGEST_MOUNTS = freeze(
  [{ name: LAUNCHER_VOLUME, readOnly: true, mountPath: PATHS.launcherBinaries }],
  true,
);

/** The init containers that a VMI's container disks need. */
export function containerDiskInitContainers(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  { launcherImage }: RenderContext,
  imageIds: ImageIds | undefined,
): Container[] {
  const images = diskImages(vmi);
  if (images.length === 0) return [];
  if (featureGateEnabled(config, 'ImageVolume')) {
    return images
      .filter(({ volume }) => !isPinned(imageIds, volume))
      .map(image => digestContainer(image, vmi, config));
  }
  const binary: Container = {
    name: 'container-disk-binary',
    image: launcherImage,
    imagePullPolicy: config.imagePullPolicy,
    command: ['/usr/bin/cp', '--preserve=all', '/usr/bin/container-disk', '/init/usr/bin/container-disk'],
    resources: supportResources('disk-binary', isDedicatedOrGuaranteed(vmi), config),
    securityContext: initSecurity(vmi),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'virt-bin-share-dir', mountPath: '/init/usr/bin' }],
  };
  return [binary, ...images.map(image => copyContainer(image, true, vmi, config, imageIds))];
}

/** The containers that keep disks copied, where the gate ImageVolume is off. */
export function containerDiskContainers(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  imageIds: ImageIds | undefined,
): Container[] {
  if (featureGateEnabled(config, 'ImageVolume')) return [];
  return diskImages(vmi).map(image => copyContainer(image, false, vmi, config, imageIds));
}

function diskImages(vmi: VirtualMachineInstance): DiskImage[] {
  const images: DiskImage[] = [];
  volumesOf(vmi).forEach(({ name, containerDisk }, index) => {
    if (!containerDisk) return;
    const { image, imagePullPolicy } = containerDisk;
    images.push({ volume: name, image, pullPolicy: imagePullPolicy, target: `disk_${index}` });
  });
  const kernel = kernelBootContainer(vmi);
  if (kernel) {
    const { image, imagePullPolicy } = kernel;
    images.push({ volume: KERNEL_BOOT_VOLUME, image, pullPolicy: imagePullPolicy, target: 'kernel-boot' });
  }
  return images;
}

/** Runs once, so that the pod's status tells which digest the image had. */
function digestContainer(
  { volume, image, pullPolicy }: DiskImage,
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
): Container {
  const container: Container = {
    name: `volume${volume}`,
    image,
    command: DIGEST_COMMAND,
    args: DIGEST_ARGS,
    resources: supportResources('disk', isDedicatedOrGuaranteed(vmi), config),
    securityContext: HELPER_SECURITY,
    volumeMounts: DIGEST_MOUNTS,
  };
  if (pullPolicy) container.imagePullPolicy = pullPolicy;
  return container;
}

function copyContainer(
  { volume, image, pullPolicy, target }: DiskImage,
  init: boolean,
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  imageIds: ImageIds | undefined,
): Container {
  const directory = `${PATHS.containerDiskData}/${vmi.metadata.uid}`;
  const container: Container = {
    name: init ? `volume${volume}-init` : `volume${volume}`,
    image: imageIds?.get(volume) ?? image,
    command: ['/usr/bin/container-disk'],
    args: init ? ['--no-op'] : ['--copy-path', `${directory}/${target}`],
    resources: supportResources('disk', isDedicatedOrGuaranteed(vmi), config),
    securityContext: HELPER_SECURITY,
    volumeMounts: [
      { name: 'container-disks', mountPath: directory },
      { name: 'virt-bin-share-dir', mountPath: '/usr/bin' },
    ],
  };
  if (pullPolicy) container.imagePullPolicy = pullPolicy;
  return container;
}

/**
 * The exact images a running pod uses for its container disks, by volume, so that a migration's target uses the same
 * (containerdisk.ExtractImageIDsFromSourcePod).
 * @throws PodRenderError when a container's status tells no digest.
 */
export function imageIdsOf(vmi: VirtualMachineInstance, sourcePod: Pod, config: KubeVirtConfig): ImageIds {
  const imageIds = new Map(diskImages(vmi).map(({ volume, image }) => [volume, image]));
  const { containerStatuses = [], initContainerStatuses = [] } = sourcePod.status ?? {};
  const imageVolumes = featureGateEnabled(config, 'ImageVolume');
  if (imageVolumes) {
    for (const { name, image } of sourcePod.spec.volumes ?? []) {
      const reference = (image as { reference?: string } | undefined)?.reference;
      if (reference?.includes('@sha256:') && imageIds.has(name)) imageIds.set(name, reference);
    }
  }
  for (const { name, imageID } of imageVolumes
    ? [...containerStatuses, ...initContainerStatuses]
    : containerStatuses) {
    if (!name.startsWith('volume')) continue;
    const volume = name.slice('volume'.length);
    const image = imageIds.get(volume);
    if (image !== undefined) imageIds.set(volume, pinned(image, imageID));
  }
  return imageIds;
}

function pinned(image: string, imageId: string): string {
  const digest = DIGEST.exec(imageId)?.[1];
  if (!digest) {
    throw new PodRenderError(
      'can not proceed with the migration when no reproducible image digest can be detected: ' +
        `failed to identify image digest for container ${JSON.stringify(image)} with id ${JSON.stringify(imageId)}`,
    );
  }
  const at = image.indexOf('@sha256:');
  const colon = image.lastIndexOf(':');
  const end = at >= 0 ? at : colon > image.lastIndexOf('/') ? colon : image.length;
  return `${image.slice(0, end)}@sha256:${digest}`;
}
