/** Exports and backups (KubeVirt v1.9 pkg/storage/admitters vmexport.go, backup.go). */
import { featureGateEnabled, virtTemplateDeploymentEnabled } from '../../kubevirt-config/index.ts';
import type { Condition, KubeObject, StatusCause } from '../../types/meta.ts';
import { invalid, quoted } from '../causes.ts';
import { bareDenial, deny } from '../denial.ts';
import { same } from '../same.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, denied } from '../webhook.ts';
import { validateImmutableSpec } from './snapshot.ts';

interface Export extends KubeObject {
  spec: { source?: { apiGroup?: string; kind?: string; name?: string } };
}

interface Backup extends KubeObject {
  spec: { source?: unknown };
  status?: { conditions?: Condition[] };
}

/** What an export may be made of: how its kind is called in messages, and its API group. */
const SOURCES: Record<string, { readonly called: string; readonly groupOf: string; readonly group: string }> =
  {
    PersistentVolumeClaim: { called: 'PVC', groupOf: 'PVC', group: '' },
    VirtualMachineSnapshot: { called: 'VMSnapshot', groupOf: 'VMSnapshot', group: 'snapshot.kubevirt.io' },
    VirtualMachine: { called: 'Virtual Machine', groupOf: 'VM', group: 'kubevirt.io' },
    VirtualMachineBackup: {
      called: 'VirtualMachineBackup',
      groupOf: 'VirtualMachineBackup',
      group: 'backup.kubevirt.io',
    },
    VirtualMachineTemplate: {
      called: 'VirtualMachineTemplate',
      groupOf: 'VirtualMachineTemplate',
      group: 'template.kubevirt.io',
    },
  };

/** `virtualmachineexport-validator.export.kubevirt.io`. */
export function validateExport(request: AdmissionRequest): AdmissionResult {
  if (request.operation === 'UPDATE') return validateImmutableSpec(request);
  const { config, object } = request;
  const { apiGroup, kind = '', name } = (object as Export).spec.source ?? {};
  const source = SOURCES[kind];
  if (!source) return denied(deny([invalid('invalid kind', 'spec.source.kind')]));
  if (
    kind === 'VirtualMachineTemplate' &&
    !(featureGateEnabled(config, 'OCIExport') && virtTemplateDeploymentEnabled(config))
  ) {
    return denied(
      deny([
        invalid(
          'VirtualMachineTemplate source requires the OCIExport feature gate and virt-template deployment to be enabled',
          'spec.source.kind',
        ),
      ]),
    );
  }
  const causes: StatusCause[] = [];
  if (!name) causes.push(invalid(`${source.called} name must not be empty`, 'spec.source.name'));
  if ((apiGroup ?? '') !== source.group) {
    const wanted = source.group === '' ? 'missing or blank' : source.group;
    causes.push(invalid(`${source.groupOf} API group must be ${wanted}`, 'spec.source.APIGroup'));
  }
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

/** `virtualmachinebackup-validator.backup.kubevirt.io`: one backup of a source at a time. */
export function validateBackup({
  config,
  lookup,
  namespace,
  object,
  operation,
}: AdmissionRequest): AdmissionResult {
  if (operation !== 'CREATE') return ALLOWED;
  if (!featureGateEnabled(config, 'IncrementalBackup')) {
    return denied(bareDenial('IncrementalBackup feature gate not enabled'));
  }
  const { metadata, spec } = object as Backup;
  for (const other of lookup.list(
    'virtualmachinebackups.backup.kubevirt.io',
    namespace,
  ) as readonly Backup[]) {
    const name = quoted(other.metadata.name);
    if (other.metadata.name === metadata.name) {
      return denied(deny([invalid(`VirtualMachineBackup ${name} already exists`, 'metadata.name')]));
    }
    if (same(other.spec.source, spec.source) && !isOver(other)) {
      return denied(deny([invalid(`VirtualMachineBackup ${name} in progress for source`, 'spec.source')]));
    }
  }
  return ALLOWED;
}

function isOver({ status }: Backup): boolean {
  return (
    status?.conditions?.some(
      condition =>
        (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True',
    ) ?? false
  );
}

/** `virtualmachinebackuptracker-validator.backup.kubevirt.io`. */
export function validateBackupTracker({ config, operation }: AdmissionRequest): AdmissionResult {
  return operation === 'CREATE' && !featureGateEnabled(config, 'IncrementalBackup')
    ? denied(bareDenial('IncrementalBackup feature gate not enabled'))
    : ALLOWED;
}
