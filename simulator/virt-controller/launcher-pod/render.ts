/** The whole launcher pod (KubeVirt v1.9 services.renderLaunchManifest). */
import { freeze } from 'immer';
import { type KubeVirtConfig, featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { Affinity, Container, Pod, PodAffinityTerm, PodSpec } from '../../types/core.ts';
import type { VirtualMachineInstance, Volume } from '../../types/kubevirt.ts';
import type { JsonObject, NewObject } from '../../types/meta.ts';
import { computeCommand, computeContainer, launcherVerbosity } from './compute-container.ts';
import { computeResources } from './compute-resources.ts';
import { type ImageIds, containerDiskContainers, containerDiskInitContainers } from './container-disks.ts';
import { type RenderContext, PodRenderError } from './context.ts';
import { consoleLogContainer, virtiofsContainers } from './helper-containers.ts';
import { memoryOverheadBytes } from './memory-overhead.ts';
import { launcherMetadata } from './metadata.ts';
import { keepApart, nodePlacement } from './node-placement.ts';
import { podSecurity } from './security.ts';
import { renderSidecars, sidecarsOf } from './sidecars.ts';
import {
  claimOf,
  hasPersistentReservation,
  hostnameOf,
  kernelBootContainer,
  needsBackendStorage,
  usesIstioProxy,
  volumesOf,
} from './traits.ts';
import { renderVolumes } from './volumes.ts';

/** Seconds that virt-launcher gets beyond its guest, and the kubelet beyond virt-launcher. */
const GRACE_PADDING = 15;
const DEFAULT_GRACE = 30;
const READINESS_GATES = freeze([{ conditionType: 'kubevirt.io/virtual-machine-unpaused' }], true);

/** How a launcher pod departs from the ordinary one. */
export interface LauncherVariant {
  /** Images to use for container disks by volume: those of a migration's source. */
  readonly imageIds?: ImageIds;
  /** The claim with the machine's own state; found by its name unless given. */
  readonly backendStorageClaim?: string;
  /** Runs nothing: its only purpose is that claims waiting for a first consumer get bound. */
  readonly temporary?: boolean;
}

/** Renders a launcher pod; see renderLauncherPod in the area's door for the ordinary one. */
export function renderPod(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
  variant: LauncherVariant = {},
): NewObject<Pod> {
  const { spec } = vmi;
  const { imageIds, temporary = false } = variant;
  const gracePeriod = (spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE) + GRACE_PADDING;
  const hostname = hostnameOf(vmi);
  const overhead = memoryOverheadBytes(vmi, config);
  const claim = needsBackendStorage(vmi)
    ? (variant.backendStorageClaim ?? backendStorageClaim(vmi, context))
    : undefined;

  const resources = computeResources(vmi, config, context, overhead);
  const sidecars = sidecarsOf(vmi, config);
  const command = computeCommand(vmi, config, context, gracePeriod, sidecars.length, temporary);
  const volumes = renderVolumes(vmi, config, context, sidecars.length, imageIds, claim);
  const verbosity = launcherVerbosity(vmi, config);
  const helpers = renderSidecars(sidecars, vmi, config, context);
  const { computeMounts } = helpers;
  const compute = computeContainer(
    vmi,
    config,
    context,
    command,
    resources,
    volumes,
    computeMounts,
    verbosity,
  );
  const containers = [
    compute,
    ...containerDiskContainers(vmi, config, imageIds),
    ...virtiofsContainers(vmi, config, context.launcherImage),
    ...helpers.containers,
  ];
  const consoleLog = consoleLogContainer(vmi, config, context.launcherImage, verbosity);
  const initContainers = containerDiskInitContainers(vmi, config, context, imageIds);
  if (consoleLog) initContainers.unshift(consoleLog);
  const reservations = hasPersistentReservation(vmi) ? reservationLabels(vmi, context) : {};
  const { nodeSelector, affinity } = nodePlacement(vmi, config);
  const serviceAccount = volumesOf(vmi).find(volume => volume.serviceAccount)?.serviceAccount
    ?.serviceAccountName;

  const pod: PodSpec = {
    automountServiceAccountToken: Boolean(serviceAccount) || usesIstioProxy(vmi),
    containers: featureGateEnabled(config, 'DockerSELinuxMCSWorkaround')
      ? containers.map(container => withoutCategories(container, config))
      : containers,
    enableServiceLinks: false,
    hostname,
    nodeSelector,
    readinessGates: READINESS_GATES,
    restartPolicy: 'Never',
    securityContext: podSecurity(vmi, config),
    terminationGracePeriodSeconds: gracePeriod + GRACE_PADDING,
    volumes: helpers.volumes.length > 0 ? [...volumes.volumes, ...helpers.volumes] : volumes.volumes,
  };
  const placed = apartFromReservations(affinity, reservations);
  if (placed) pod.affinity = placed;
  if (initContainers.length > 0) pod.initContainers = initContainers;
  const secrets = imagePullSecrets(vmi);
  if (secrets.length > 0) pod.imagePullSecrets = secrets;
  const account = spec.serviceAccountName || serviceAccount;
  if (account) pod.serviceAccountName = account;
  if (config.defaultRuntimeClass) pod.runtimeClassName = config.defaultRuntimeClass;
  copySpec(vmi, pod);

  const metadata = launcherMetadata(vmi, config, hostname, overhead.bytes, temporary);
  Object.assign(metadata.labels ?? {}, reservations);
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: pod };
}

/** What the pod takes from its VMI as it is. */
function copySpec({ spec }: VirtualMachineInstance, pod: PodSpec): void {
  if (spec.subdomain) pod.subdomain = spec.subdomain;
  if (spec.dnsConfig) pod.dnsConfig = spec.dnsConfig;
  if (spec.dnsPolicy) pod.dnsPolicy = spec.dnsPolicy;
  if (spec.schedulerName) pod.schedulerName = spec.schedulerName;
  if (spec.priorityClassName) pod.priorityClassName = spec.priorityClassName;
  if (spec.tolerations?.length) pod.tolerations = spec.tolerations;
  if (spec.topologySpreadConstraints?.length) pod.topologySpreadConstraints = spec.topologySpreadConstraints;
  if (spec.resourceClaims?.length) pod.resourceClaims = spec.resourceClaims;
}

function imagePullSecrets(vmi: VirtualMachineInstance): { name: string }[] {
  const names = new Set<string>();
  for (const { containerDisk } of volumesOf(vmi)) {
    if (containerDisk?.imagePullSecret) names.add(containerDisk.imagePullSecret);
  }
  const kernel = kernelBootContainer(vmi)?.imagePullSecret;
  if (kernel) names.add(kernel);
  return Array.from(names, name => ({ name }));
}

function backendStorageClaim(vmi: VirtualMachineInstance, context: RenderContext): string {
  const claim =
    context.backendStorageClaim ??
    context.lookup(
      'persistentvolumeclaims',
      vmi.metadata.namespace,
      `persistent-state-for-${vmi.metadata.name}`,
    )?.metadata.name;
  if (claim === undefined) throw missingBackendStorage();
  return claim;
}

export function missingBackendStorage(): PodRenderError {
  return new PodRenderError(
    "can't generate manifest without backend-storage PVC, waiting for the PVC to be created",
  );
}

/** Labels that tell which reserved claims a pod uses, so that two users of one do not share a node. */
function reservationLabels(vmi: VirtualMachineInstance, context: RenderContext): Record<string, string> {
  const volumes = new Map<string, Volume>(volumesOf(vmi).map(volume => [volume.name, volume]));
  const labels: Record<string, string> = {};
  for (const { name, lun } of vmi.spec.domain.devices.disks ?? []) {
    const volume = lun?.reservation ? volumes.get(name) : undefined;
    const claimName = volume && claimOf(volume);
    if (!claimName) continue;
    const claim = context.lookup('persistentvolumeclaims', vmi.metadata.namespace, claimName);
    if (claim) labels[`pr.kubevirt.io/${claim.metadata.uid}`] = '';
  }
  return labels;
}

function apartFromReservations(
  affinity: Affinity | undefined,
  labels: Record<string, string>,
): Affinity | undefined {
  const terms = Object.keys(labels).map<PodAffinityTerm>(key => ({
    labelSelector: { matchExpressions: [{ key, operator: 'Exists' }] },
    topologyKey: 'kubernetes.io/hostname',
  }));
  return terms.length > 0 ? keepApart(affinity, terms) : affinity;
}

/** Lets every container but the machine's own talk to it under Docker with SELinux. */
function withoutCategories(container: Container, config: KubeVirtConfig): Container {
  if (container.name === 'compute') return container;
  const type = config.selinuxLauncherType;
  const seLinuxOptions: JsonObject = type ? { type, level: 's0' } : { level: 's0' };
  return { ...container, securityContext: { ...(container.securityContext as JsonObject), seLinuxOptions } };
}
