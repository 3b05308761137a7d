/** Migrations and their policies (KubeVirt v1.9 mutators/migration-create-mutator.go, admitters/migration*.go). */
import { featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceMigration } from '../../types/kubevirt.ts';
import type { KubeObject, StatusCause } from '../../types/meta.ts';
import { parseQuantity } from '../../types/quantity.ts';
import { forbidden, invalid, notSupported, required } from '../causes.ts';
import { bareDenial, deny } from '../denial.ts';
import { same } from '../same.ts';
import { isVirtController } from '../users.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, denied } from '../webhook.ts';

const VMI_LABEL = 'kubevirt.io/vmi-name';
export const MIGRATION_FINALIZER = 'kubevirt.io/migrationJobFinalize';

/** `migrations-mutator.kubevirt.io`: the label it is found by, and the finalizer that lets it be cancelled. */
export function mutateMigration({ object }: AdmissionRequest): AdmissionResult {
  const migration = object as VirtualMachineInstanceMigration;
  const { metadata, spec } = migration;
  return {
    allowed: true,
    object: {
      ...migration,
      metadata: {
        ...metadata,
        labels: { ...metadata.labels, [VMI_LABEL]: spec.vmiName ?? '' },
        finalizers: [...(metadata.finalizers ?? []), MIGRATION_FINALIZER],
      },
    },
  };
}

/** `migration-create-validator.kubevirt.io`. */
export function validateNewMigration(request: AdmissionRequest): AdmissionResult {
  const { config, lookup, user } = request;
  const { metadata, spec } = request.object as VirtualMachineInstanceMigration;
  const namespace = metadata.namespace ?? request.namespace ?? '';
  if (!spec.vmiName) return denied(deny([required('vmiName is missing', 'spec.vmiName')]));
  if (spec.priority !== undefined && !isVirtController(config, user)) {
    return denied(
      deny([
        forbidden(
          'Migration priority queue, only virt-controller is allowed to set priority field',
          'spec.migrationPriority',
        ),
      ]),
    );
  }
  const vmi = lookup.get('virtualmachineinstances.kubevirt.io', namespace, spec.vmiName);
  if (!vmi) return denied(bareDenial(`the VMI "${namespace}/${spec.vmiName}" does not exist`));
  const { sendTo, receive } = spec as {
    sendTo?: { migrationID?: string };
    receive?: { migrationID?: string };
  };
  const obstacle =
    vmiObstacle(vmi as VirtualMachineInstance, Boolean(sendTo) !== Boolean(receive)) ??
    conflictingMigration(request, namespace, spec.vmiName);
  if (obstacle !== undefined) return denied(bareDenial(obstacle));
  if (!sendTo && !receive) return ALLOWED;
  if (!featureGateEnabled(config, 'DecentralizedLiveMigration')) {
    const message = 'DecentralizedLiveMigration feature gate is not enabled in kubevirt resource';
    return denied(deny([notSupported(message)]));
  }
  if (sendTo && receive && sendTo.migrationID !== receive.migrationID) {
    return denied(
      deny([
        invalid(
          `sendTo migrationID ${sendTo.migrationID} does not match receive migrationID ${receive.migrationID}`,
        ),
      ]),
    );
  }
  return ALLOWED;
}

/** A migration to another cluster can carry disks along that one within the cluster cannot. */
function vmiObstacle({ status }: VirtualMachineInstance, decentralized: boolean): string | undefined {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed')
    return 'Cannot migrate VMI in finalized state.';
  for (const { type, status: state, reason = '', message = '' } of status?.conditions ?? []) {
    if (type !== 'LiveMigratable' || state !== 'False') continue;
    if (reason === 'DisksNotLiveMigratable' && decentralized) continue;
    return `Cannot migrate VMI, Reason: ${reason}, Message: ${message}`;
  }
  return undefined;
}

function conflictingMigration(
  { lookup }: AdmissionRequest,
  namespace: string,
  vmiName: string,
): string | undefined {
  for (const object of lookup.list('virtualmachineinstancemigrations.kubevirt.io', namespace)) {
    const { metadata, spec, status } = object as VirtualMachineInstanceMigration;
    if (metadata.labels?.[VMI_LABEL] !== vmiName) continue;
    if (status?.phase === 'Succeeded' || status?.phase === 'Failed') continue;
    return `in-flight migration detected. Active migration job (${metadata.uid}) is currently already in progress for VMI ${spec.vmiName}.`;
  }
  return undefined;
}

/** `migration-update-validator.kubevirt.io`. */
export function validateMigrationUpdate({ object, oldObject }: AdmissionRequest): AdmissionResult {
  const { metadata, spec, status } = object as VirtualMachineInstanceMigration;
  const { metadata: oldMetadata, spec: oldSpec } = oldObject as VirtualMachineInstanceMigration;
  if (!same(spec, oldSpec))
    return denied(deny([notSupported("update of Migration object's spec is restricted")]));
  const label = oldMetadata.labels?.[VMI_LABEL];
  if (label === undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed') return ALLOWED;
  if (!metadata.labels) {
    return denied(deny([notSupported("selector label can't be removed from an in-flight migration")]));
  }
  if (metadata.labels[VMI_LABEL] !== label) {
    return denied(deny([notSupported("selector label can't be modified on an in-flight migration")]));
  }
  return ALLOWED;
}

interface MigrationPolicy extends KubeObject {
  spec: {
    completionTimeoutPerGiB?: number;
    maxDowntimeMs?: number;
    bandwidthPerMigration?: string;
    experimental?: { stallDetector?: Record<string, unknown> };
  };
}

interface Factor {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

const STALL_FACTORS: readonly Factor[] = [
  { name: 'ewmaAlpha', least: 0, most: 1 },
  { name: 'precopyPossibleFactor', least: 1, most: Number.MAX_VALUE },
  { name: 'patienceWindowDecayFactor', least: 0, most: 1 },
  { name: 'completionTimeoutFactor', least: 1, most: Number.MAX_VALUE },
];

/** `migration-policy-validator.kubevirt.io`. */
export function validateMigrationPolicy({ config, object, oldObject }: AdmissionRequest): AdmissionResult {
  const { spec } = object as MigrationPolicy;
  const old = (oldObject as MigrationPolicy | undefined)?.spec;
  const causes: StatusCause[] = [];
  const gated = !featureGateEnabled(config, 'MigrationStallDetection');
  const refuseGated = (name: string, before: unknown, after: unknown): void => {
    if (!gated || same(before, after)) return;
    causes.push(
      invalid(
        `${name} cannot be modified without enabling the MigrationStallDetection feature gate`,
        `spec.${name}`,
      ),
    );
  };
  if ((spec.completionTimeoutPerGiB ?? 0) < 0) {
    causes.push(invalid('must not be negative', 'spec.completionTimeoutPerGiB'));
  }
  if (spec.maxDowntimeMs !== undefined) refuseGated('maxDowntimeMs', old?.maxDowntimeMs, spec.maxDowntimeMs);
  const detector = spec.experimental?.stallDetector;
  if (detector) {
    refuseGated('experimental.stallDetector', old?.experimental?.stallDetector, detector);
    for (const factor of STALL_FACTORS) {
      const value = detector[factor.name];
      const problem = value === undefined ? undefined : factorProblem(String(value), factor);
      if (problem !== undefined)
        causes.push(invalid(problem, `spec.experimental.stallDetector.${factor.name}`));
    }
  }
  if (spec.bandwidthPerMigration !== undefined && parseQuantity(spec.bandwidthPerMigration).nano < 0n) {
    causes.push(invalid('must not be negative', 'spec.bandwidthPerMigration'));
  }
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

const DECIMALS = 3;

function factorProblem(text: string, { name, least, most }: Factor): string | undefined {
  const trimmed = text.trim();
  const value = Number(trimmed);
  if (trimmed === '') return 'invalid factor ""';
  if (!Number.isFinite(value)) {
    return `invalid factor "${trimmed}": strconv.ParseFloat: parsing "${trimmed}": invalid syntax`;
  }
  if (Math.abs(value - Number(value.toFixed(DECIMALS))) > 1e-9) {
    return `invalid factor "${trimmed}": must have at most ${DECIMALS} decimal places`;
  }
  if (name === 'ewmaAlpha' && value <= 0) return 'must be greater than 0';
  if (value < least) return `must be greater than or equal to ${least}`;
  return value > most ? `must be less than or equal to ${most}` : undefined;
}
