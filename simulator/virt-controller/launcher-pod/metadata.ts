/** Names, labels and annotations of a launcher pod (KubeVirt v1.9 services/template.go, pkg/storage/pod/annotations). */
import { type KubeVirtConfig, featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { ObjectMeta } from '../../types/meta.ts';
import { addNetworkAnnotations } from './networks.ts';
import { vmiId } from './traits.ts';

/** Annotations that stay on the VMI, by the start of their key. */
const KEPT_BACK = [
  'kubectl.kubernetes.io',
  'kubevirt.io/storage-observed-api-version',
  'kubevirt.io/latest-observed-api-version',
];
const ISTIO_INJECT = 'sidecar.istio.io/inject';
const SKIP_BACKUP_HOOKS = 'kubevirt.io/skip-backup-hooks';
/** What Go's strconv.ParseBool takes for true. */
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

export function launcherMetadata(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  hostname: string,
  overheadBytes: number,
  temporary: boolean,
): Partial<ObjectMeta> {
  const { name, namespace, uid } = vmi.metadata;
  return {
    generateName: `virt-launcher-${name}-`,
    namespace,
    labels: labels(vmi, hostname),
    annotations: annotations(vmi, config, overheadBytes, temporary),
    ownerReferences: [
      {
        apiVersion: 'kubevirt.io/v1',
        kind: 'VirtualMachineInstance',
        name,
        uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

function labels(vmi: VirtualMachineInstance, hostname: string): Record<string, string> {
  const result: Record<string, string> = {
    ...vmi.metadata.labels,
    'kubevirt.io': 'virt-launcher',
    'kubevirt.io/created-by': vmi.metadata.uid,
    'vm.kubevirt.io/name': hostname,
    'vmi.kubevirt.io/id': vmiId(vmi.metadata.name),
  };
  const inject = vmi.metadata.annotations?.[ISTIO_INJECT];
  if (inject !== undefined) result[ISTIO_INJECT] = inject;
  return result;
}

function annotations(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  overheadBytes: number,
  temporary: boolean,
): Record<string, string> {
  const own = vmi.metadata.annotations;
  const result: Record<string, string> = { 'kubevirt.io/domain': vmi.metadata.name };
  for (const key in own) {
    if (!KEPT_BACK.some(prefix => key.startsWith(prefix))) result[key] = own[key] as string;
  }
  result['kubectl.kubernetes.io/default-container'] = 'compute';
  result['kubevirt.io/migrationTransportUnix'] = 'true';
  result['descheduler.alpha.kubernetes.io/request-evict-only'] = '';
  addNetworkAnnotations(result, vmi, config);
  if (!TRUE.has(own?.[SKIP_BACKUP_HOOKS] ?? '')) addBackupHooks(result, vmi);
  if (temporary) result['kubevirt.io/ephemeral-provisioning'] = 'true';
  if (featureGateEnabled(config, 'VmiMemoryOverheadReport')) {
    result['kubevirt.io/memory-overhead-bytes'] = String(overheadBytes);
  }
  return result;
}

/**
 * Velero freezes the guest's file systems around a backup. The KubeVirt resource's own switch is not asked here:
 * KubeVirt 1.9 renders pods without it and takes the hooks away when it synchronizes the annotations.
 */
function addBackupHooks(result: Record<string, string>, vmi: VirtualMachineInstance): void {
  const { name, namespace } = vmi.metadata;
  const command = (action: string) =>
    `["/usr/bin/virt-freezer", "--${action}", "--name", "${name}", "--namespace", "${namespace}"]`;
  result['pre.hook.backup.velero.io/container'] = 'compute';
  result['pre.hook.backup.velero.io/command'] = command('freeze');
  result['pre.hook.backup.velero.io/timeout'] = '60s';
  result['post.hook.backup.velero.io/container'] = 'compute';
  result['post.hook.backup.velero.io/command'] = command('unfreeze');
}
