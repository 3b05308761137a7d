/** The container that runs the machine (KubeVirt v1.9 services/template.go and rendercontainer.go). */
import { freeze } from 'immer';
import {
  type FeatureGate,
  type KubeVirtConfig,
  featureGateEnabled,
  ovmfPath,
} from '../../kubevirt-config/index.ts';
import type { Container, ResourceRequirements } from '../../types/core.ts';
import type { Probe, VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { JsonObject } from '../../types/meta.ts';
import { quantityValue } from '../../types/quantity.ts';
import { type RenderContext, PodRenderError } from './context.ts';
import { hypervisorName } from './device-resources.ts';
import { computeSecurity } from './security.ts';
import { XDG_VARIABLES } from './sidecars.ts';
import { interfacesOf, isNonRoot } from './traits.ts';
import { PATHS } from './volume-sources.ts';
import type { RenderedVolumes, VolumeMount } from './volumes.ts';

type EnvironmentVariable = NonNullable<Container['env']>[number];

const DEFAULT_VERBOSITY = 2;
/** Above this the hypervisor and file systems log everything. */
const EXTENSIVE_VERBOSITY = 5;
const QEMU_TIMEOUT = 240;
const QEMU_TIMEOUT_JITTER = 120;
/** Seconds that libvirt takes to start, by which probes wait longer. */
const LIBVIRT_STARTUP = 10;
const KEEP_AFTER_FAILURE = 'kubevirt.io/keep-launcher-alive-after-failure';
const FEATURE_FLAGS: readonly (readonly [FeatureGate, string])[] = [
  ['ImageVolume', '--image-volume'],
  ['LibvirtHooksServerAndClient', '--libvirt-hook-server-and-client'],
  ['PodSecondaryInterfaceNamingUpgrade', '--upgrade-ordinal-ifaces'],
  ['VGPULiveMigration', '--vgpu-dedicated-hook'],
  ['VMStatsCollector', '--vm-stats-collector'],
  ['FirmwareAutoSelection', '--firmware-auto-selection'],
];
const POD_NAME: EnvironmentVariable = freeze(
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  true,
);
/** KubeVirt's command for a pod that only makes its claims get bound. */
const BIND_CLAIMS: readonly string[] = Object.freeze(['/bin/bash', '-c', 'echo', 'bound PVCs']);

interface CommandParts {
  readonly limits: readonly string[];
  readonly gates: readonly string[];
}

const parts = new WeakMap<KubeVirtConfig, CommandParts>();

/** The parts of the command that depend on the configuration alone. */
function commandParts(config: KubeVirtConfig): CommandParts {
  let known = parts.get(config);
  if (!known) {
    const memoryLimit = quantityValue(config.developerConfiguration.diskVerification.memoryLimit);
    known = {
      limits: ['--disk-memory-limit', String(memoryLimit), '--hypervisor', hypervisorName(config)],
      gates: FEATURE_FLAGS.filter(([gate]) => featureGateEnabled(config, gate)).map(([, flag]) => flag),
    };
    parts.set(config, known);
  }
  return known;
}

/**
 * The compute container's command.
 * @param gracePeriod seconds the guest gets to shut down, padded
 * @param temporary whether the pod only binds claims
 */
export function computeCommand(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
  gracePeriod: number,
  sidecars: number,
  temporary: boolean,
): string[] {
  const { annotations = {}, name, uid, namespace = '' } = vmi.metadata;
  const command = temporary ? [...BIND_CLAIMS] : ['/usr/bin/virt-launcher-monitor'];
  if (!temporary) {
    const { limits, gates } = commandParts(config);
    command.push('--qemu-timeout', `${context.qemuTimeout ?? qemuTimeout(uid)}s`);
    command.push('--name', name, '--uid', uid, '--namespace', namespace);
    command.push('--kubevirt-share-dir', PATHS.share);
    command.push('--ephemeral-disk-dir', PATHS.ephemeralDisks);
    command.push('--container-disk-dir', PATHS.containerDisks);
    command.push('--grace-period-seconds', String(gracePeriod));
    command.push('--hook-sidecars', String(sidecars));
    command.push('--ovmf-path', ovmfPath(config, vmi.spec.architecture));
    command.push(...limits);
    if (isNonRoot(vmi)) command.push('--run-as-nonroot');
    command.push(...gates);
    const filters = annotations['kubevirt.io/libvirt-log-filters'];
    if (filters !== undefined) command.push('--libvirt-log-filters', filters);
  }
  if (config.developerConfiguration.useEmulation) command.push('--allow-emulation');
  if (featureGateEnabled(config, 'CrossArchitectureVirtualization'))
    command.push('--allow-cross-arch-emulation');
  for (const key in annotations) {
    if (!key.startsWith(KEEP_AFTER_FAILURE)) continue;
    const value = annotations[key] ?? '';
    if (value !== '' && !value.startsWith('true')) continue;
    command.push('--keep-after-failure');
    break;
  }
  if (annotations['kubevirt.io/func-test-virt-launcher-fail-fast'] !== undefined)
    command.push('--simulate-crash');
  return command;
}

/** KubeVirt draws the jitter; taken from the UID, rendering the same VMI again gives the same pod. */
function qemuTimeout(uid: string): number {
  let hash = 0;
  for (let at = 0; at < uid.length; at += 1) hash = (hash * 31 + uid.charCodeAt(at)) % 1_000_003;
  return QEMU_TIMEOUT + (hash % QEMU_TIMEOUT_JITTER);
}

/**
 * How much virt-launcher logs: the VMI's label `logVerbosity`, else the cluster's level.
 * @throws PodRenderError when the label is no whole number.
 */
export function launcherVerbosity(vmi: VirtualMachineInstance, config: KubeVirtConfig): number {
  const label = vmi.metadata.labels?.logVerbosity;
  if (label === undefined) return clusterVerbosity(config);
  if (!/^[+-]?\d+$/.test(label)) {
    throw new PodRenderError(
      `verbosity ${label} cannot cast to int: strconv.Atoi: parsing ${JSON.stringify(label)}: invalid syntax`,
    );
  }
  return Number(label);
}

function clusterVerbosity(config: KubeVirtConfig): number {
  const level = config.developerConfiguration.logVerbosity.virtLauncher;
  return typeof level === 'number' ? level : 0;
}

/** Renders the compute container. */
export function computeContainer(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
  command: string[],
  resources: ResourceRequirements,
  { mounts, devices, sharedFilesystems }: RenderedVolumes,
  sidecarMounts: readonly VolumeMount[],
  verbosity: number,
): Container {
  const container: Container = {
    name: 'compute',
    image: context.launcherImage,
    imagePullPolicy: config.imagePullPolicy,
    command,
    env: environment(vmi, config, sharedFilesystems, verbosity),
    resources,
    securityContext: computeSecurity(vmi),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: sidecarMounts.length > 0 ? [...mounts, ...sidecarMounts] : mounts,
  };
  const ports = interfacesOf(vmi).flatMap(device => device.ports ?? []);
  if (ports.length > 0) {
    container.ports = ports.map(({ name, port, protocol }) => ({
      ...(name ? { name } : undefined),
      containerPort: port,
      protocol: protocol || 'TCP',
    }));
  }
  if (devices.length > 0) container.volumeDevices = devices;
  if (vmi.spec.livenessProbe) container.livenessProbe = podProbe(vmi.spec.livenessProbe, vmi);
  if (vmi.spec.readinessProbe) container.readinessProbe = podProbe(vmi.spec.readinessProbe, vmi);
  return container;
}

function environment(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  sharedFilesystems: readonly string[],
  verbosity: number,
): EnvironmentVariable[] {
  const { labels } = vmi.metadata;
  const env: EnvironmentVariable[] = isNonRoot(vmi) ? [...XDG_VARIABLES] : [];
  if (sharedFilesystems.length > 0) {
    env.push({ name: 'SHARED_FILESYSTEM_PATHS', value: sharedFilesystems.join(':') });
  }
  if (labels?.logVerbosity !== undefined || clusterVerbosity(config) !== DEFAULT_VERBOSITY) {
    env.push({ name: 'VIRT_LAUNCHER_LOG_VERBOSITY', value: labels?.logVerbosity ?? String(verbosity) });
  }
  const logs = (label: string) =>
    labels?.[label]?.toLowerCase() === 'true' || verbosity > EXTENSIVE_VERBOSITY;
  if (logs('debugLogs')) env.push({ name: 'LIBVIRT_DEBUG_LOGS', value: '1' });
  if (logs('virtiofsdDebugLogs')) env.push({ name: 'VIRTIOFSD_DEBUG_LOGS', value: '1' });
  env.push(POD_NAME);
  return env;
}

/** A probe of the guest as the kubelet runs it: commands go through virt-probe, which needs a second more. */
function podProbe(probe: Probe, vmi: VirtualMachineInstance): JsonObject {
  let timeoutSeconds = Math.max(probe.timeoutSeconds ?? 0, 1);
  const rendered: JsonObject = {
    initialDelaySeconds: (probe.initialDelaySeconds ?? 0) + LIBVIRT_STARTUP,
    periodSeconds: atLeastOne(probe.periodSeconds, 10),
    successThreshold: atLeastOne(probe.successThreshold, 1),
    failureThreshold: atLeastOne(probe.failureThreshold, 3),
  };
  if (probe.httpGet) rendered.httpGet = probe.httpGet;
  if (probe.tcpSocket) rendered.tcpSocket = probe.tcpSocket;
  const domain = `${vmi.metadata.namespace}_${vmi.metadata.name}`;
  const virtProbe = ['virt-probe', '--domainName', domain, '--timeoutSeconds', String(timeoutSeconds)];
  const command = probe.exec?.command as string[] | undefined;
  if (probe.guestAgentPing) {
    rendered.exec = { command: [...virtProbe, '--guestAgentPing'] };
    timeoutSeconds += 1;
  } else if (command?.length && command[0] !== 'virt-probe') {
    const [program = '', ...args] = command;
    rendered.exec = { command: [...virtProbe, '--command', program, '--', ...args] };
    timeoutSeconds += 1;
  } else if (probe.exec) {
    rendered.exec = probe.exec;
  }
  rendered.timeoutSeconds = timeoutSeconds;
  return rendered;
}

function atLeastOne(value: number | undefined, otherwise: number): number {
  return value !== undefined && value >= 1 ? value : otherwise;
}
