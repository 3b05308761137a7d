/** Pods that bring hot-plugged volumes to a running machine's node (KubeVirt v1.9 services.RenderHotplugAttachmentPodTemplate and …TriggerPodTemplate). */
import { freeze } from 'immer';
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Container, PersistentVolumeClaim, Pod, PodSpec, Toleration } from '../../types/core.ts';
import type { VirtualMachineInstance, Volume } from '../../types/kubevirt.ts';
import type { NewObject, ObjectMeta } from '../../types/meta.ts';
import { PodRenderError } from './context.ts';
import { HELPER_SECURITY } from './security.ts';
import { supportResources } from './support-resources.ts';
import { claimOf } from './traits.ts';
import { emptyDir } from './volume-sources.ts';
import type { PodVolume } from './volumes.ts';

const NAME = 'hotplug-disk';
const COPY = freeze(['/bin/sh', '-c', '/usr/bin/container-disk --copy-path /path/hp']);
const EXIT = freeze(['/bin/bash', '-c', 'exit', '0']);
const DISKS = freeze(emptyDir('hotplug-disks'), true);
const DISKS_MOUNT = freeze({
  name: 'hotplug-disks',
  mountPath: '/path',
  mountPropagation: 'HostToContainer',
});
/** The machine runs there already, whatever has befallen the node since. */
const TOLERATIONS: readonly Toleration[] = freeze(
  ['unschedulable', 'network-unavailable', 'disk-pressure', 'memory-pressure', 'pid-pressure'].map(
    (taint): Toleration => ({ key: `node.kubernetes.io/${taint}`, operator: 'Exists', effect: 'NoSchedule' }),
  ),
  true,
);

/**
 * Renders the pod that attaches volumes to a running machine.
 * @param volumes the volumes to attach; those without a claim are left out
 * @param ownerPod the machine's launcher pod, already on its node
 * @param claims the volumes' claims by volume name; a volume whose claim is missing is listed but not mounted
 * @param launcherImage `quay.io/kubevirt/virt-launcher:v1.9.0`
 * @throws PodRenderError when the machine's SELinux context is not known yet.
 */
export function renderHotplugAttachmentPod(
  volumes: readonly Volume[],
  ownerPod: Pod,
  vmi: VirtualMachineInstance,
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
  config: KubeVirtConfig,
  launcherImage: string,
): NewObject<Pod> {
  const container = hotplugContainer(COPY, vmi, config, launcherImage, config.selinuxLauncherType);
  const podVolumes: PodVolume[] = [DISKS];
  const devices: NonNullable<Container['volumeDevices']> = [];
  for (const volume of volumes) {
    const { name } = volume;
    const claimName = claimOf(volume);
    if (!claimName) continue;
    podVolumes.push({ name, persistentVolumeClaim: { claimName } });
    const claim = claims.get(name);
    if (!claim) continue;
    if (claim.spec.volumeMode === 'Block') {
      devices.push({ name, devicePath: `/path/${name}/${claim.metadata.uid}` });
    } else if (!isMounted(vmi, name)) {
      container.volumeMounts?.push({ name, mountPath: `/${name}` });
    }
  }
  if (devices.length > 0) container.volumeDevices = devices;
  const values = [ownerPod.spec.nodeName ?? ''];
  const onNode = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In' as const, values }] }];
  return hotplugPod(ownerPod, {
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: onNode } },
    },
    containers: [container],
    terminationGracePeriodSeconds: 0,
    tolerations: tolerationsOf(ownerPod),
    volumes: podVolumes,
  });
}

/**
 * Renders the pod that makes a claim waiting for its first consumer get bound and filled, next to the machine.
 * @param claimName the claim of `volume`
 * @param temporary whether the pod ends at once; KubeVirt 1.9 always asks for that
 * @throws PodRenderError when the machine's SELinux context is not known yet.
 */
export function renderHotplugTriggerPod(
  volume: Volume,
  ownerPod: Pod,
  vmi: VirtualMachineInstance,
  claimName: string,
  block: boolean,
  temporary: boolean,
  config: KubeVirtConfig,
  launcherImage: string,
): NewObject<Pod> {
  const container = hotplugContainer(temporary ? EXIT : COPY, vmi, config, launcherImage, '');
  const { name } = volume;
  const matchLabels = ownerPod.metadata.labels ?? {};
  const spec: PodSpec = {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' },
        ],
      },
    },
    containers: [container],
    terminationGracePeriodSeconds: 0,
    volumes: [{ name, persistentVolumeClaim: { claimName } }, DISKS],
  };
  if (ownerPod.spec.tolerations?.length) spec.tolerations = [...ownerPod.spec.tolerations];
  if (block) {
    container.volumeDevices = [{ name, devicePath: '/dev/hotplugblockdevice' }];
    spec.securityContext = { runAsUser: 0 };
  } else {
    container.volumeMounts?.push({ name, mountPath: '/pvc' });
  }
  return hotplugPod(ownerPod, spec, temporary ? { 'kubevirt.io/ephemeral-provisioning': 'true' } : undefined);
}

function hotplugPod(ownerPod: Pod, spec: PodSpec, annotations?: Record<string, string>): NewObject<Pod> {
  const { name, namespace, uid } = ownerPod.metadata;
  const metadata: Partial<ObjectMeta> = {
    generateName: 'hp-volume-',
    namespace,
    labels: { 'kubevirt.io': NAME },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true },
    ],
  };
  if (annotations) metadata.annotations = annotations;
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec };
}

function hotplugContainer(
  command: string[],
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  image: string,
  selinuxType: string,
): Container {
  const level = selinuxLevel(vmi) ?? 's0';
  return {
    name: NAME,
    image,
    command,
    resources: supportResources('hotplug', false, config),
    securityContext: {
      ...HELPER_SECURITY,
      seccompProfile: { type: 'RuntimeDefault' },
      seLinuxOptions: selinuxType ? { type: selinuxType, level } : { level },
    },
    volumeMounts: [DISKS_MOUNT],
  };
}

/** The launcher's SELinux level, so that it can use what this pod mounts; undefined without SELinux. */
function selinuxLevel(vmi: VirtualMachineInstance): string | undefined {
  const source = vmi.status?.migrationState?.sourceState as { selinuxContext?: string } | undefined;
  const context = vmi.status?.selinuxContext || source?.selinuxContext;
  if (!context) throw new PodRenderError('VMI is missing SELinux context');
  if (context === 'none') return undefined;
  const parts = context.split(':');
  if (parts.length < 4) throw new PodRenderError(`VMI has invalid SELinux context: ${context}`);
  return parts.slice(3).join(':');
}

function isMounted(vmi: VirtualMachineInstance, volume: string): boolean {
  const status = vmi.status?.volumeStatus?.find(
    ({ name, hotplugVolume }) => name === volume && hotplugVolume,
  );
  return status?.phase === 'Ready' || status?.phase === 'MountedToPod';
}

/** Its own and the owner's, by key, each once. */
function tolerationsOf(ownerPod: Pod): Toleration[] {
  const all = [...TOLERATIONS, ...(ownerPod.spec.tolerations ?? [])];
  all.sort((a, b) => compare(a.key ?? '', b.key ?? ''));
  return all.filter((toleration, index) => {
    const before = all[index - 1];
    return !before || FIELDS.some(field => before[field] !== toleration[field]);
  });
}

const FIELDS = ['key', 'operator', 'value', 'effect', 'tolerationSeconds'] as const;

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
