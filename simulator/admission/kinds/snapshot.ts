/** Snapshots, restores and clones (KubeVirt v1.9 pkg/storage/admitters, admitters/vmclone-admitter.go). */
import { featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { VirtualMachine } from '../../types/kubevirt.ts';
import type { KubeObject, StatusCause } from '../../types/meta.ts';
import { macAddressError } from '../addresses.ts';
import { invalid, notFound, quoted, required } from '../causes.ts';
import { bareDenial, deny } from '../denial.ts';
import { same } from '../same.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, denied } from '../webhook.ts';

interface Reference {
  apiGroup?: string;
  kind?: string;
  name?: string;
}

interface Snapshot extends KubeObject {
  spec: { source?: Reference };
  status?: { sourceUID?: string; virtualMachineSnapshotContentName?: string };
}

interface SnapshotContent extends KubeObject {
  spec: { source?: { virtualMachine?: VirtualMachine } };
}

interface Restore extends KubeObject {
  spec: {
    target?: Reference;
    virtualMachineSnapshotName?: string;
    volumeRestoreOverrides?: {
      volumeName?: string;
      restoreName?: string;
      labels?: object;
      annotations?: object;
    }[];
    volumeRestorePolicy?: string;
    volumeOwnershipPolicy?: string;
    patches?: string[];
  };
  status?: { complete?: boolean };
}

interface Clone extends KubeObject {
  spec: {
    source?: Reference;
    target?: Reference;
    annotationFilters?: string[];
    labelFilters?: string[];
    template?: { annotationFilters?: string[]; labelFilters?: string[] };
    newMacAddresses?: Record<string, string>;
    patches?: string[];
  };
}

/** The specs of snapshots, restores and exports never change ("in" is upstream's). */
export function validateImmutableSpec({ object, oldObject }: AdmissionRequest): AdmissionResult {
  const { spec } = object as KubeObject & { spec?: unknown };
  const { spec: old } = oldObject as KubeObject & { spec?: unknown };
  return same(spec, old) ? ALLOWED : denied(deny([invalid('spec in immutable after creation', 'spec')]));
}

/** `virtualmachinesnapshot-validator.snapshot.kubevirt.io`. */
export function validateSnapshot(request: AdmissionRequest): AdmissionResult {
  if (request.operation === 'UPDATE') return validateImmutableSpec(request);
  if (!featureGateEnabled(request.config, 'Snapshot'))
    return denied(bareDenial('snapshot feature gate not enabled'));
  const cause = referenceCause((request.object as Snapshot).spec.source, 'spec.source');
  return cause ? denied(deny([cause])) : ALLOWED;
}

function referenceCause(reference: Reference | undefined, path: string): StatusCause | undefined {
  if (reference?.apiGroup === undefined) return notFound('missing apiGroup', `${path}.apiGroup`);
  if (reference.apiGroup !== 'kubevirt.io') return invalid('invalid apiGroup', `${path}.apiGroup`);
  return reference.kind === 'VirtualMachine' ? undefined : invalid('invalid kind', `${path}.kind`);
}

/** `virtualmachinerestore-validator.snapshot.kubevirt.io`. */
export function validateRestore(request: AdmissionRequest): AdmissionResult {
  if (request.operation === 'UPDATE') return validateImmutableSpec(request);
  if (!featureGateEnabled(request.config, 'Snapshot')) {
    return denied(bareDenial('Snapshot/Restore feature gate not enabled'));
  }
  const restore = request.object as Restore;
  const causes: StatusCause[] = [];
  const cause = referenceCause(restore.spec.target, 'spec.target');
  if (cause) {
    causes.push(cause);
  } else {
    const error = validateTarget(causes, restore, request);
    if (error !== undefined) return denied(bareDenial(error));
    validateOverrides(causes, restore);
    validatePolicies(causes, restore);
  }
  for (const other of request.lookup.list('virtualmachinerestores.snapshot.kubevirt.io', request.namespace)) {
    const { metadata, spec, status } = other as Restore;
    if (status?.complete || !same(spec.target, restore.spec.target)) continue;
    causes.push(invalid(`VirtualMachineRestore ${quoted(metadata.name)} in progress`, 'spec.target'));
  }
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

/** Adds what is wrong with the target; answers an error where KubeVirt does not get that far. */
function validateTarget(
  causes: StatusCause[],
  { metadata, spec }: Restore,
  { lookup, namespace: requested }: AdmissionRequest,
): string | undefined {
  const namespace = metadata.namespace ?? requested;
  const snapshotName = spec.virtualMachineSnapshotName ?? '';
  const snapshot = lookup.get('virtualmachinesnapshots.snapshot.kubevirt.io', namespace, snapshotName) as
    | Snapshot
    | undefined;
  // Without its snapshot a restore is let in, and even its patches go unjudged.
  if (!snapshot) return undefined;
  validatePatches(causes, spec.patches);
  const target = lookup.get('virtualmachines.kubevirt.io', namespace, spec.target?.name ?? '');
  const { sourceUID, virtualMachineSnapshotContentName: contentName } = snapshot.status ?? {};
  if (target && (sourceUID === undefined || target.metadata.uid === sourceUID)) return undefined;
  if (contentName === undefined) return 'snapshot content name is nil in vmSnapshot status';
  const resource = 'virtualmachinesnapshotcontents.snapshot.kubevirt.io';
  const content = lookup.get(resource, namespace, contentName) as SnapshotContent | undefined;
  if (!content) return `${resource} ${quoted(contentName)} not found`;
  const vm = content.spec.source?.virtualMachine;
  if (!vm) return 'unexpected snapshot source';
  if (!needsBackendStorage(vm)) return undefined;
  causes.push(
    invalid(
      'Restore to a different VM is not supported when snapshotted VM has backend storage (persistent TPM or EFI)',
      'spec',
    ),
  );
  return undefined;
}

function needsBackendStorage(vm: VirtualMachine): boolean {
  const { devices, firmware } = vm.spec.template?.spec.domain ?? {};
  const tpm = devices?.tpm;
  return (
    (tpm?.persistent === true && tpm.enabled !== false) || firmware?.bootloader?.efi?.persistent === true
  );
}

/** KubeVirt takes these patches apart by commas and colons, not as JSON. */
function validatePatches(causes: StatusCause[], patches: readonly string[] = []): void {
  for (const patch of patches) {
    for (const pair of patch.replaceAll(/^[{}]+|[{}]+$/g, '').split(',')) {
      const [key = '', value = '', ...more] = pair.split(':').map(part => part.trim());
      if (more.length > 0 || !pair.includes(':')) {
        causes.push(
          invalid(
            `patch format is not valid - one ":" expected in a single key-value json patch: ${pair}`,
            'spec.patches',
          ),
        );
      } else if (key === '"path"' && !/^"\/(spec|metadata\/labels|metadata\/annotations)\//.test(value)) {
        causes.push(
          invalid(`patching is valid only for elements under /spec/ only: ${pair}`, 'spec.patches'),
        );
      }
    }
  }
}

function validateOverrides(causes: StatusCause[], { spec }: Restore): void {
  spec.volumeRestoreOverrides?.forEach(({ volumeName, restoreName, labels, annotations }, index) => {
    const field = `spec.volumeRestoreOverrides[${index}]`;
    if (!volumeName) causes.push(required('must provide a volume name', `${field}.volumeName`));
    if (!restoreName && !labels && !annotations) {
      causes.push(required('must provide at least one overriden field', field));
    }
  });
}

function validatePolicies(causes: StatusCause[], { spec }: Restore): void {
  const { volumeRestorePolicy: restore, volumeOwnershipPolicy: ownership } = spec;
  if (restore !== undefined && !['InPlace', 'RandomizeNames', 'PrefixTargetName'].includes(restore)) {
    causes.push(invalid(`volume restore policy "${restore}" doesn't exist`, 'spec.volumeRestorePolicy'));
  }
  if (ownership !== undefined && !['Vm', 'None'].includes(ownership)) {
    causes.push(
      invalid(`volume ownership policy "${ownership}" doesn't exist`, 'spec.volumeOwnershipPolicy'),
    );
  }
}

const SUFFIX_LENGTH = 5;

/** `virtualmachineclones-mutator.kubevirt.io`: a clone without a target gets a new name after its source. */
export function mutateClone({ object, random }: AdmissionRequest): AdmissionResult {
  const clone = object as Clone;
  const { source, target } = clone.spec;
  if (target?.name || !source) return ALLOWED;
  const name = `clone-${source.name ?? ''}-${random.alphanumeric(SUFFIX_LENGTH)}`;
  const named = target ? { ...target, name } : { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name };
  return { allowed: true, object: { ...clone, spec: { ...clone.spec, target: named } } as Clone };
}

/** `vm-clone-validator.kubevirt.io`. */
export function validateClone({ config, object, operation }: AdmissionRequest): AdmissionResult {
  if (operation === 'CREATE' && !featureGateEnabled(config, 'Snapshot')) {
    return denied(bareDenial('snapshot feature gate is not enabled'));
  }
  const { spec } = object as Clone;
  const { source, target } = spec;
  const causes: StatusCause[] = [];
  validateFilters(causes, spec.annotationFilters, 'spec.annotations');
  validateFilters(causes, spec.labelFilters, 'spec.labels');
  validateFilters(causes, spec.template?.annotationFilters, 'spec.template.annotations');
  validateFilters(causes, spec.template?.labelFilters, 'spec.template.labels');
  if (!source) {
    causes.push(invalid('Source cannot be nil', 'spec.Source'));
  } else {
    if (source.kind !== 'VirtualMachine' && source.kind !== 'VirtualMachineSnapshot') {
      causes.push(invalid('Source kind is not supported', 'spec.Source.Kind'));
    }
  }
  if (target && target.kind !== 'VirtualMachine') {
    causes.push(invalid('Target kind is not supported', 'spec.Target.Kind'));
  }
  if (source) {
    if (!source.apiGroup) causes.push(invalid("Source's APIGroup cannot be empty", 'spec.Source.APIGroup'));
    if (!source.kind) causes.push(invalid("Source's Kind cannot be empty", 'spec.Source'));
    if (!source.name) causes.push(invalid("Source's name cannot be empty", 'spec.Source.Name'));
  }
  if (source?.kind === 'VirtualMachine' && target?.kind === 'VirtualMachine' && source.name === target.name) {
    const message = 'Target name cannot be equal to source name when both are VirtualMachines';
    causes.push(invalid(message, 'spec.target.name'));
  }
  for (const [name, mac] of Object.entries(spec.newMacAddresses ?? {})) {
    if (macAddressError(mac) === undefined) continue;
    causes.push(
      invalid(`interface ${name} has malformed MAC address (${mac}).`, `spec.newMacAddresses.${name}`),
    );
  }
  spec.patches?.forEach((patch, index) => {
    if (!isJson(patch)) causes.push(invalid(`patch is not valid JSON (${patch})`, `spec.patches[${index}]`));
  });
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

function validateFilters(causes: StatusCause[], filters: readonly string[] | undefined, field: string): void {
  for (const filter of filters ?? []) {
    if (filter.length <= 1) {
      if (filter === '!') causes.push(invalid('a negation character is not a valid filter', field));
      continue;
    }
    if (filter.indexOf('!', 1) > 0) {
      causes.push(
        invalid(
          `${field} filter ${filter} is invalid: cannot contain a negation character (!); FilterRules: NegationChar can be only used at the beginning of the filter`,
          field,
        ),
      );
    }
    if (filter.slice(0, -1).includes('*')) {
      causes.push(
        invalid(
          `${field} filter ${filter} is invalid: cannot contain a wildcard character (*); FilterRules: WildcardChar can be only at the end of the filter`,
          field,
        ),
      );
    }
  }
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
