/** The volumes of a launcher pod and their mounts (KubeVirt v1.9 services/rendervolumes.go). */
import { freeze } from 'immer';
import { type KubeVirtConfig, featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { Container, PersistentVolumeClaim, PodSpec } from '../../types/core.ts';
import type { VirtualMachineInstance, Volume } from '../../types/kubevirt.ts';
import type { JsonObject, JsonValue } from '../../types/meta.ts';
import { type RenderContext, PodRenderError } from './context.ts';
import { PATHS, addBackendStorage, addContainerDisks, emptyDir } from './volume-sources.ts';
import { hasSriov, hasVirtiofs, interfacesOf, needsBackendStorage, volumesOf } from './traits.ts';

export type PodVolume = NonNullable<PodSpec['volumes']>[number];
export type VolumeMount = NonNullable<Container['volumeMounts']>[number];

/** What a machine's volumes become in its pod; filled in KubeVirt's order. */
export interface RenderedVolumes {
  readonly volumes: PodVolume[];
  readonly mounts: VolumeMount[];
  readonly devices: NonNullable<Container['volumeDevices']>;
  /** Mounts of claims that other nodes can write at the same time. */
  readonly sharedFilesystems: string[];
}

const BASE_VOLUMES = freeze(
  ['private', 'public', 'sockets', 'virt-bin-share-dir', 'libvirt-runtime', 'ephemeral-disks'].map(emptyDir),
  true,
);
const CONTAINER_DISKS_VOLUME = freeze(emptyDir('container-disks'), true);
const BASE_MOUNTS: readonly VolumeMount[] = freeze(
  [
    { name: 'private', mountPath: PATHS.private },
    { name: 'public', mountPath: PATHS.share },
    { name: 'ephemeral-disks', mountPath: PATHS.ephemeralDisks },
    { name: 'libvirt-runtime', mountPath: '/var/run/libvirt' },
    { name: 'sockets', mountPath: `${PATHS.share}/sockets` },
  ],
  true,
);
const CONTAINER_DISKS_MOUNT: VolumeMount = freeze({
  name: 'container-disks',
  mountPath: PATHS.containerDisks,
  mountPropagation: 'HostToContainer',
});
const HOTPLUG_VOLUME = freeze(emptyDir('hotplug-disks'), true);
const HOTPLUG_MOUNT: VolumeMount = freeze({
  name: 'hotplug-disks',
  mountPath: PATHS.hotplugDisks,
  mountPropagation: 'HostToContainer',
});

/**
 * Renders the volumes of a VMI.
 * @param imageIds images to use for container disks by volume name, where a migration has pinned them
 * @param backendStorageClaim the claim with the machine's own state, if it has any
 * @throws PodRenderError when a claim does not exist.
 */
export function renderVolumes(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
  sidecarCount: number,
  imageIds: ReadonlyMap<string, string> | undefined,
  backendStorageClaim: string | undefined,
): RenderedVolumes {
  const imageVolumes = featureGateEnabled(config, 'ImageVolume');
  const rendered: RenderedVolumes = {
    volumes: imageVolumes ? [...BASE_VOLUMES] : [...BASE_VOLUMES, CONTAINER_DISKS_VOLUME],
    mounts: imageVolumes ? [...BASE_MOUNTS] : [...BASE_MOUNTS, CONTAINER_DISKS_MOUNT],
    devices: [],
    sharedFilesystems: [],
  };
  const { devices, memory } = vmi.spec.domain;
  addConfigVolumes(rendered, vmi);
  addVmiVolumes(rendered, vmi, context);
  addAccessCredentials(rendered, vmi);
  if (needsBackendStorage(vmi)) addBackendStorage(rendered, vmi, backendStorageClaim ?? '');
  if (imageVolumes) addContainerDisks(rendered, vmi, config, context.launcherImage, imageIds);
  if (sidecarCount > 0) addDirectory(rendered, 'hook-sidecar-sockets', PATHS.hooks);
  if (featureGateEnabled(config, 'Plugins')) addDirectory(rendered, 'kubevirt-plugin-sockets', PATHS.plugins);
  if (memory?.hugepages) {
    rendered.volumes.push({ name: 'hugepages', emptyDir: { medium: 'HugePages' } });
    rendered.mounts.push({ name: 'hugepages', mountPath: '/dev/hugepages' });
    addDirectory(rendered, 'hugetblfs-dir', '/dev/hugepages/libvirt/qemu');
  }
  if (!devices?.disableHotplug) {
    rendered.volumes.push(HOTPLUG_VOLUME);
    rendered.mounts.push(HOTPLUG_MOUNT);
  }
  if (needsNetworkInfo(vmi, config)) addNetworkInfo(rendered);
  if (hasVirtiofs(vmi)) addDirectory(rendered, 'virtiofs-containers', PATHS.virtiofs);
  return rendered;
}

function addDirectory({ volumes, mounts }: RenderedVolumes, name: string, mountPath: string): void {
  volumes.push(emptyDir(name));
  mounts.push({ name, mountPath });
}

/** All secrets, config maps and downward API volumes; mounted only where they are disks. */
function addConfigVolumes({ volumes, mounts }: RenderedVolumes, vmi: VirtualMachineInstance): void {
  let paths: Map<string, string> | undefined;
  for (const { name, secret, configMap, downwardAPI } of volumesOf(vmi)) {
    if (!secret && !configMap && !downwardAPI) continue;
    paths ??= new Map();
    if (secret) {
      volumes.push({ name, secret: defined({ secretName: secret.secretName, optional: secret.optional }) });
      paths.set(name, `${PATHS.secrets}/${name}`);
    }
    if (configMap) {
      volumes.push({ name, configMap: defined({ name: configMap.name, optional: configMap.optional }) });
      paths.set(name, `${PATHS.configMaps}/${name}`);
    }
    if (downwardAPI) {
      volumes.push({ name, downwardAPI: defined({ items: downwardAPI.fields }) });
      paths.set(name, `${PATHS.downwardApi}/${name}`);
    }
  }
  if (!paths) return;
  for (const { name } of vmi.spec.domain.devices.disks ?? []) {
    const mountPath = paths.get(name);
    if (mountPath) mounts.push({ name, readOnly: true, mountPath });
  }
}

function addVmiVolumes(rendered: RenderedVolumes, vmi: VirtualMachineInstance, context: RenderContext): void {
  const { volumes, mounts } = rendered;
  for (const volume of volumesOf(vmi)) {
    const { name, persistentVolumeClaim, ephemeral, hostDisk, dataVolume, sysprep } = volume;
    if (isHotplugged(volume, vmi)) continue;
    if (persistentVolumeClaim) {
      const { claimName, readOnly } = persistentVolumeClaim;
      addClaim(rendered, vmi, context, name, claimName);
      volumes.push({ name, persistentVolumeClaim: readOnly ? { claimName, readOnly } : { claimName } });
    }
    if (ephemeral?.persistentVolumeClaim) {
      addClaim(rendered, vmi, context, name, ephemeral.persistentVolumeClaim.claimName);
      volumes.push({ name, persistentVolumeClaim: ephemeral.persistentVolumeClaim });
    }
    if (hostDisk) {
      mounts.push({ name, mountPath: `${PATHS.vmiDisks}/${name}` });
      const type =
        hostDisk.type === 'Disk' ? 'Directory' : hostDisk.type === 'DiskOrCreate' ? 'DirectoryOrCreate' : '';
      volumes.push({ name, hostPath: { path: parentOf(hostDisk.path), type } });
    }
    if (dataVolume) {
      addClaim(rendered, vmi, context, name, dataVolume.name);
      volumes.push({ name, persistentVolumeClaim: { claimName: dataVolume.name } });
    }
    if (volume.downwardMetrics) {
      volumes.push({ name, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
      mounts.push({ name, mountPath: PATHS.downwardMetrics });
    }
    if (volume.cloudInitNoCloud) addCloudInit(rendered, name, volume.cloudInitNoCloud);
    if (sysprep)
      addSysprep(rendered, name, sysprep as { secret?: { name: string }; configMap?: { name: string } });
    if (volume.cloudInitConfigDrive) addCloudInit(rendered, name, volume.cloudInitConfigDrive);
  }
}

/** Hot-plugged volumes reach the machine through another pod. */
export function isHotplugged(
  { name, dataVolume, persistentVolumeClaim }: Volume,
  vmi: VirtualMachineInstance,
): boolean {
  if (dataVolume?.hotpluggable || persistentVolumeClaim?.hotpluggable) return true;
  return (
    vmi.status?.volumeStatus?.some(status => status.name === name && status.hotplugVolume !== undefined) ??
    false
  );
}

function addClaim(
  { mounts, devices, sharedFilesystems }: RenderedVolumes,
  vmi: VirtualMachineInstance,
  context: RenderContext,
  volume: string,
  claimName: string,
): void {
  const claim = context.lookup('persistentvolumeclaims', vmi.metadata.namespace, claimName) as
    | PersistentVolumeClaim
    | undefined;
  if (!claim) throw new PodRenderError(`didn't find PVC ${claimName}`, 'FailedPvcNotFound');
  if (claim.spec.volumeMode === 'Block') {
    devices.push({ name: volume, devicePath: `/dev/${volume}` });
    return;
  }
  const mountPath = `${PATHS.vmiDisks}/${volume}`;
  mounts.push({ name: volume, mountPath });
  if (claim.spec.accessModes?.includes('ReadWriteMany')) sharedFilesystems.push(mountPath);
}

/** Secrets with user and network data; inline data travels in the VMI itself. Both spellings of the key are read. */
function addCloudInit({ volumes, mounts }: RenderedVolumes, volume: string, source: JsonObject): void {
  const parts = [
    { secret: source.secretRef, suffix: 'udata', keys: ['userdata', 'userData'] },
    { secret: source.networkDataSecretRef, suffix: 'ndata', keys: ['networkdata', 'networkData'] },
  ];
  for (const { secret, suffix, keys } of parts) {
    if (!secret) continue;
    const name = `${volume}-${suffix}`;
    volumes.push({ name, secret: { secretName: (secret as { name: string }).name } });
    for (const subPath of keys) {
      mounts.push({ name, readOnly: true, mountPath: `${PATHS.secrets}/${volume}/${subPath}`, subPath });
    }
  }
}

function addSysprep(
  { volumes, mounts }: RenderedVolumes,
  name: string,
  { secret, configMap }: { secret?: { name: string }; configMap?: { name: string } },
): void {
  if (secret) volumes.push({ name, secret: { secretName: secret.name } });
  else if (configMap) volumes.push({ name, configMap: { name: configMap.name } });
  else throw new PodRenderError('Sysprep must have Secret or ConfigMap reference set {nil nil}');
  mounts.push({ name, readOnly: true, mountPath: `${PATHS.sysprep}/${name}` });
}

function addAccessCredentials({ volumes, mounts }: RenderedVolumes, vmi: VirtualMachineInstance): void {
  type Credential = { source?: { secret?: { secretName: string } } };
  for (const credential of vmi.spec.accessCredentials ?? []) {
    const { sshPublicKey, userPassword } = credential as {
      sshPublicKey?: Credential;
      userPassword?: Credential;
    };
    const secretName = (sshPublicKey?.source?.secret ?? userPassword?.source?.secret)?.secretName;
    if (!secretName) continue;
    const name = `${secretName}-access-cred`;
    volumes.push({ name, secret: { secretName } });
    mounts.push({ name, readOnly: true, mountPath: `${PATHS.secrets}/${name}` });
  }
}

function needsNetworkInfo(vmi: VirtualMachineInstance, config: KubeVirtConfig): boolean {
  const plugins = config.network.binding;
  return (
    hasSriov(vmi) ||
    interfacesOf(vmi).some(({ binding }) => binding && plugins?.[binding.name]?.downwardAPI === 'device-info')
  );
}

function addNetworkInfo({ volumes, mounts }: RenderedVolumes): void {
  const name = 'network-info-annotation';
  mounts.push({ name, mountPath: PATHS.podInfo });
  const fieldRef = { fieldPath: "metadata.annotations['kubevirt.io/network-info']" };
  volumes.push({ name, downwardAPI: { items: [{ path: 'network-info', fieldRef }] } });
}

/** filepath.Dir of an absolute path. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function defined(fields: Record<string, JsonValue | undefined>): JsonObject {
  const object: JsonObject = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) object[name] = value;
  }
  return object;
}
