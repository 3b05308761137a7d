/** KubeVirt's webhooks: names, rules and what answers them (KubeVirt v1.9 resource/generate/components/webhooks.go). */
import { admitInstancetype, admitPreference } from '../instancetype/index.ts';
import type { Instancetype, Preference } from '../types/kubevirt.ts';
import { QUANTITY_SYNTAX_ERROR } from '../types/quantity.ts';
import { bareDenial, deny } from './denial.ts';
import { validatePool, validatePreset, validateReplicaSet } from './kinds/collections.ts';
import { validateEviction } from './kinds/eviction.ts';
import { validateBackup, validateBackupTracker, validateExport } from './kinds/export-and-backup.ts';
import { validateKubeVirtDeletion, validateKubeVirtUpdate, validateNewKubeVirt } from './kinds/kubevirt.ts';
import {
  mutateMigration,
  validateMigrationPolicy,
  validateMigrationUpdate,
  validateNewMigration,
} from './kinds/migration.ts';
import { validatePlugin } from './kinds/plugin.ts';
import { mutateClone, validateClone, validateRestore, validateSnapshot } from './kinds/snapshot.ts';
import {
  mutateVirtualMachine,
  validateVirtualMachine,
  validateVirtualMachineStatus,
} from './kinds/virtual-machine.ts';
import { mutateVmi, validateNewVmi, validateVmiUpdateRequest } from './kinds/vmi.ts';
import { type AdmissionRequest, type AdmissionResult, allowedWith, denied, type Webhook } from './webhook.ts';

type Handler = (request: AdmissionRequest) => AdmissionResult;
type Operations = Webhook['operations'];

const CREATE: Operations = ['CREATE'];
const UPDATE: Operations = ['UPDATE'];
const WRITE: Operations = ['CREATE', 'UPDATE'];

function mutating(name: string, resource: string, operations: Operations, handler: Handler): Webhook {
  const call = guarded(handler);
  return {
    configuration: 'virt-api-mutator',
    name,
    kind: 'Mutating',
    resources: [resource],
    operations,
    call,
  };
}

function validating(name: string, resource: string, operations: Operations, handler: Handler): Webhook {
  const call = guarded(handler);
  return {
    configuration: 'virt-api-validator',
    name,
    kind: 'Validating',
    resources: [resource],
    operations,
    call,
  };
}

function operator(name: string, operations: Operations, handler: Handler): Webhook {
  return {
    ...validating(name, 'kubevirts.kubevirt.io', operations, handler),
    configuration: 'virt-operator-validator',
  };
}

/** An amount that is none fails KubeVirt's decoding of the object, before any rule is asked. */
function guarded(handler: Handler): Handler {
  return request => {
    try {
      return handler(request);
    } catch (error) {
      if (error instanceof RangeError && error.message.endsWith(QUANTITY_SYNTAX_ERROR)) {
        return denied(bareDenial(QUANTITY_SYNTAX_ERROR));
      }
      throw error;
    }
  };
}

function validateInstancetype({ object }: AdmissionRequest): AdmissionResult {
  const { causes, warnings } = admitInstancetype((object as Instancetype).spec);
  return causes.length > 0 ? denied(deny(causes)) : allowedWith(warnings);
}

function validatePreference({ object }: AdmissionRequest): AdmissionResult {
  const { causes, warnings } = admitPreference((object as Preference).spec);
  return causes.length > 0 ? denied(deny(causes)) : allowedWith(warnings);
}

function eviction(name: string, namePrefix: string): Webhook {
  return { ...validating(name, 'pods', CREATE, validateEviction), subresource: 'eviction', namePrefix };
}

const INSTANCETYPE_GROUP = 'instancetype.kubevirt.io';
const SNAPSHOT_GROUP = 'snapshot.kubevirt.io';
const BACKUP_GROUP = 'backup.kubevirt.io';

/** Every webhook of KubeVirt's own, in the order the API server asks them: by configuration, then as they stand there. */
export const kubevirtWebhooks: readonly Webhook[] = [
  mutating('virtualmachines-mutator.kubevirt.io', 'virtualmachines.kubevirt.io', WRITE, request =>
    mutateVirtualMachine(request),
  ),
  mutating(
    'virtualmachineinstances-mutator.kubevirt.io',
    'virtualmachineinstances.kubevirt.io',
    WRITE,
    mutateVmi,
  ),
  mutating(
    'migrations-mutator.kubevirt.io',
    'virtualmachineinstancemigrations.kubevirt.io',
    CREATE,
    mutateMigration,
  ),
  mutating(
    'virtualmachineclones-mutator.kubevirt.io',
    'virtualmachineclones.clone.kubevirt.io',
    CREATE,
    mutateClone,
  ),
  eviction('virt-launcher-eviction-interceptor.kubevirt.io', 'virt-launcher'),
  eviction('hotplug-pod-eviction-interceptor.kubevirt.io', 'hp-volume-'),
  validating(
    'virtualmachineinstances-create-validator.kubevirt.io',
    'virtualmachineinstances.kubevirt.io',
    CREATE,
    validateNewVmi,
  ),
  validating(
    'virtualmachineinstances-update-validator.kubevirt.io',
    'virtualmachineinstances.kubevirt.io',
    UPDATE,
    validateVmiUpdateRequest,
  ),
  validating('virtualmachine-validator.kubevirt.io', 'virtualmachines.kubevirt.io', WRITE, request =>
    validateVirtualMachine(request),
  ),
  validating(
    'virtualmachinereplicaset-validator.kubevirt.io',
    'virtualmachineinstancereplicasets.kubevirt.io',
    WRITE,
    validateReplicaSet,
  ),
  validating(
    'virtualmachinepool-validator.kubevirt.io',
    'virtualmachinepools.pool.kubevirt.io',
    WRITE,
    validatePool,
  ),
  validating(
    'virtualmachinepreset-validator.kubevirt.io',
    'virtualmachineinstancepresets.kubevirt.io',
    WRITE,
    validatePreset,
  ),
  validating(
    'migration-create-validator.kubevirt.io',
    'virtualmachineinstancemigrations.kubevirt.io',
    CREATE,
    validateNewMigration,
  ),
  validating(
    'migration-update-validator.kubevirt.io',
    'virtualmachineinstancemigrations.kubevirt.io',
    UPDATE,
    validateMigrationUpdate,
  ),
  validating(
    `virtualmachinesnapshot-validator.${SNAPSHOT_GROUP}`,
    `virtualmachinesnapshots.${SNAPSHOT_GROUP}`,
    WRITE,
    validateSnapshot,
  ),
  validating(
    `virtualmachinerestore-validator.${SNAPSHOT_GROUP}`,
    `virtualmachinerestores.${SNAPSHOT_GROUP}`,
    WRITE,
    validateRestore,
  ),
  validating(
    `virtualmachinebackup-validator.${BACKUP_GROUP}`,
    `virtualmachinebackups.${BACKUP_GROUP}`,
    WRITE,
    validateBackup,
  ),
  validating(
    `virtualmachinebackuptracker-validator.${BACKUP_GROUP}`,
    `virtualmachinebackuptrackers.${BACKUP_GROUP}`,
    WRITE,
    validateBackupTracker,
  ),
  validating(
    'virtualmachineexport-validator.export.kubevirt.io',
    'virtualmachineexports.export.kubevirt.io',
    WRITE,
    validateExport,
  ),
  validating(
    `virtualmachineinstancetype-validator.${INSTANCETYPE_GROUP}`,
    `virtualmachineinstancetypes.${INSTANCETYPE_GROUP}`,
    WRITE,
    validateInstancetype,
  ),
  validating(
    `virtualmachineclusterinstancetype-validator.${INSTANCETYPE_GROUP}`,
    `virtualmachineclusterinstancetypes.${INSTANCETYPE_GROUP}`,
    WRITE,
    validateInstancetype,
  ),
  validating(
    `virtualmachinepreference-validator.${INSTANCETYPE_GROUP}`,
    `virtualmachinepreferences.${INSTANCETYPE_GROUP}`,
    WRITE,
    validatePreference,
  ),
  validating(
    `virtualmachineclusterpreference-validator.${INSTANCETYPE_GROUP}`,
    `virtualmachineclusterpreferences.${INSTANCETYPE_GROUP}`,
    WRITE,
    validatePreference,
  ),
  {
    ...validating(
      'kubevirt-crd-status-validator.kubevirt.io',
      'virtualmachines.kubevirt.io',
      WRITE,
      validateVirtualMachineStatus,
    ),
    subresource: 'status',
  },
  validating(
    'migration-policy-validator.kubevirt.io',
    'migrationpolicies.migrations.kubevirt.io',
    WRITE,
    validateMigrationPolicy,
  ),
  validating(
    'vm-clone-validator.kubevirt.io',
    'virtualmachineclones.clone.kubevirt.io',
    WRITE,
    validateClone,
  ),
  validating('plugin-validator.plugin.kubevirt.io', 'plugins.plugin.kubevirt.io', WRITE, validatePlugin),
  operator('kubevirt-validator.kubevirt.io', ['DELETE'], validateKubeVirtDeletion),
  operator('kubevirt-update-validator.kubevirt.io', UPDATE, validateKubeVirtUpdate),
  operator('kubevirt-create-validator.kubevirt.io', CREATE, validateNewKubeVirt),
];
