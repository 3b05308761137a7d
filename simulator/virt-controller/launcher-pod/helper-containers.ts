/** Containers beside the machine's own: shared file systems and the serial console's log (KubeVirt v1.9 services/virtiofs.go, serialconsolelog.go). */
import { freeze } from 'immer';
import { type KubeVirtConfig, isSerialConsoleLogDisabled } from '../../kubevirt-config/index.ts';
import type { Container } from '../../types/core.ts';
import type { VirtualMachineInstance, Volume } from '../../types/kubevirt.ts';
import { HELPER_SECURITY, VIRTIOFS_SECURITY } from './security.ts';
import { supportResources } from './support-resources.ts';
import { NON_ROOT_USER, isDedicatedOrGuaranteed, volumesOf } from './traits.ts';
import { PATHS } from './volume-sources.ts';
import type { VolumeMount } from './volumes.ts';

const CONSOLE_LOG_COMMAND = freeze(['/usr/bin/virt-tail']);
const CONSOLE_LOG_MOUNTS: VolumeMount[] = freeze(
  [{ name: 'private', readOnly: true, mountPath: PATHS.private }],
  true,
);

/** The sidecar that prints the guest's serial console, or undefined where it is not logged. */
export function consoleLogContainer(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  launcherImage: string,
  verbosity: number,
): Container | undefined {
  const { autoattachSerialConsole, logSerialConsole } = vmi.spec.domain.devices ?? {};
  if (autoattachSerialConsole === false || !(logSerialConsole ?? !isSerialConsoleLogDisabled(config)))
    return undefined;
  return {
    name: 'guest-console-log',
    image: launcherImage,
    imagePullPolicy: config.imagePullPolicy,
    command: CONSOLE_LOG_COMMAND,
    args: ['--logfile', `${PATHS.private}/${vmi.metadata.uid}/virt-serial0-log`],
    env: [{ name: 'VIRT_LAUNCHER_LOG_VERBOSITY', value: String(verbosity) }],
    resources: supportResources('console-log', isDedicatedOrGuaranteed(vmi), config),
    restartPolicy: 'Always',
    securityContext: HELPER_SECURITY,
    volumeMounts: CONSOLE_LOG_MOUNTS,
  };
}

/** One virtiofs daemon for each volume that is a file system. */
export function virtiofsContainers(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  launcherImage: string,
): Container[] {
  const filesystems = vmi.spec.domain.devices?.filesystems;
  if (!filesystems?.length) return [];
  const names = new Set(filesystems.map(({ name }) => name));
  // Container paths get theirs when the pod is admitted, once other webhooks have added their volumes.
  return volumesOf(vmi)
    .filter(({ name, containerPath }) => names.has(name) && !containerPath)
    .map(volume => virtiofsContainer(volume, vmi, config, launcherImage));
}

function virtiofsContainer(
  volume: Volume,
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  launcherImage: string,
): Container {
  const { name, serviceAccount } = volume;
  const directory = sharedDirectory(volume);
  const args = [
    `--socket-path=${PATHS.virtiofs}/${name}.sock`,
    `--shared-dir=${directory}`,
    '--sandbox=none',
    '--cache=auto',
    '--migration-on-error=guest-error',
    '--migration-mode=find-paths',
  ];
  const volumeMounts: VolumeMount[] = [{ name: 'virtiofs-containers', mountPath: PATHS.virtiofs }];
  if (serviceAccount) args.push(`--translate-uid=host:${NON_ROOT_USER}:0:1`);
  else volumeMounts.push({ name, mountPath: directory });
  return {
    name: `virtiofs-${name}`,
    image: launcherImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/libexec/virtiofsd'],
    args,
    resources: supportResources('virtiofs', isDedicatedOrGuaranteed(vmi), config),
    securityContext: VIRTIOFS_SECURITY,
    volumeMounts,
  };
}

function sharedDirectory({ name, configMap, secret, serviceAccount, downwardAPI }: Volume): string {
  if (configMap) return `${PATHS.configMaps}/${name}`;
  if (secret) return `${PATHS.secrets}/${name}`;
  if (serviceAccount) return PATHS.serviceAccount;
  return downwardAPI ? `${PATHS.downwardApi}/${name}` : `/${name}`;
}
