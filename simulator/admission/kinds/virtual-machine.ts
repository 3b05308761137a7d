/** VirtualMachines (KubeVirt v1.9 mutators/vm-mutator.go, admitters/vms-admitter.go, pkg/storage/admitters). */
import * as instancetype from '../../instancetype/index.ts';
import { featureGateEnabled, isLiveUpdate, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type {
  DataVolumeTemplate,
  VirtualMachine,
  VirtualMachineInstanceSpec,
  VirtualMachineSpec,
} from '../../types/kubevirt.ts';
import type { JsonObject, StatusCause } from '../../types/meta.ts';
import { invalid, notSupported, required } from '../causes.ts';
import { setDefaultVmiSpec } from '../defaults/vmi-spec.ts';
import { copyJson } from '../defaults/copy.ts';
import { memoryHotplugError } from '../defaults/hotplug.ts';
import { setVirtualMachineDefaults } from '../defaults/virtual-machine.ts';
import { bareDenial, deny } from '../denial.ts';
import { same } from '../same.ts';
import { isTrusted } from '../users.ts';
import { validateGraceAnnotations } from '../vmi/grace.ts';
import { validateNewNetwork } from '../vmi/network.ts';
import { validateDiscontinuedGates, validateVmiMetadata, validateVmiSpec } from '../vmi/spec.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, allowedWith, denied } from '../webhook.ts';
import { validateVolumeRequests } from './volume-requests.ts';

type Causes = StatusCause[];

/** What instancetypes and preferences add to a VM's admission. */
export type InstancetypeHooks = Pick<typeof instancetype, 'mutateVirtualMachine' | 'validateVirtualMachine'>;

const RUN_STRATEGIES = ['Halted', 'Manual', 'Always', 'RerunOnFailure', 'Once'];

/** `virtualmachines-mutator.kubevirt.io`: references resolved and inferred, then defaults. */
export function mutateVirtualMachine(
  request: AdmissionRequest,
  hooks: InstancetypeHooks = instancetype,
): AdmissionResult {
  const vm = request.object as VirtualMachine;
  if (vm.metadata.deletionTimestamp !== undefined || !vm.spec?.template) return ALLOWED;
  const resolved = hooks.mutateVirtualMachine(
    vm,
    request.oldObject as VirtualMachine | undefined,
    request.lookup,
  );
  if (resolved.causes) return denied(deny(resolved.causes));
  if (resolved.rejection) return denied(bareDenial(resolved.rejection.message, resolved.rejection.code));
  const object = setVirtualMachineDefaults(resolved.vm, request);
  return object === vm ? ALLOWED : { allowed: true, object };
}

/** `virtualmachine-validator.kubevirt.io`: the VM as it would start, judged with everything applied. */
export function validateVirtualMachine(
  request: AdmissionRequest,
  hooks: InstancetypeHooks = instancetype,
): AdmissionResult {
  const { config, operation } = request;
  const vm = request.object as VirtualMachine;
  if (vm.metadata.deletionTimestamp !== undefined) return ALLOWED;
  if (!vm.spec?.template) return denied(deny(missingTemplate('spec')));
  let defaultsError: string | undefined;
  const applied = hooks.validateVirtualMachine(vm, request.lookup, spec => {
    const copy = copyJson(spec);
    defaultsError = setDefaultVmiSpec(copy, config);
    return copy;
  });
  if (defaultsError !== undefined) return denied(bareDenial(defaultsError));
  if (applied.causes) return denied(deny(applied.causes));
  if (operation === 'CREATE') {
    const discontinued = validateDiscontinuedGates(vm.spec.template.spec, config);
    if (discontinued.length > 0) return denied(deny(discontinued));
    const network: Causes = [];
    validateNewNetwork(network, 'spec', applied.vm.spec.template.spec);
    if (network.length > 0) return denied(deny(network));
  }
  let causes = validateVirtualMachineSpec('spec', applied.vm.spec, config, isTrusted(config, request.user));
  if (causes.length === 0) causes = validateStorage(request);
  if (causes.length === 0) causes = validateVolumeRequests(vm, request);
  if (causes.length > 0) return denied(deny(causes));
  return vm.spec.running === undefined
    ? ALLOWED
    : allowedWith(['spec.running is deprecated, please use spec.runStrategy instead.']);
}

/** `kubevirt-crd-status-validator.kubevirt.io`, of which only a VM's status has rules. */
export function validateVirtualMachineStatus(request: AdmissionRequest): AdmissionResult {
  const vm = request.object as VirtualMachine;
  if (!vm.spec?.template) return ALLOWED;
  let causes = validateVolumeRequests(vm, request);
  if (causes.length === 0) causes = validateLocks(request);
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

export function missingTemplate(path: string): StatusCause[] {
  return [required('missing virtual machine template.', `${path}.template`)];
}

/** Why a VM's spec, with instancetype, preference and VMI defaults applied, would be refused. */
export function validateVirtualMachineSpec(
  path: string,
  spec: VirtualMachineSpec,
  config: KubeVirtConfig,
  trusted: boolean,
): StatusCause[] {
  const { template } = spec;
  if (!template) return missingTemplate(path);
  const causes = validateVmiMetadata(`${path}.template.metadata`, template.metadata, config, trusted);
  validateGraceAnnotations(
    causes,
    `${path}.template.metadata`,
    template.spec,
    template.metadata?.annotations,
    config,
  );
  causes.push(...validateVmiSpec(`${path}.template.spec`, template.spec, config));
  validateDataVolumeTemplates(causes, path, spec);
  validateRunStrategy(causes, path, spec, config);
  validateLiveUpdate(causes, path, template.spec, config);
  return causes;
}

function validateRunStrategy(
  causes: Causes,
  path: string,
  { running, runStrategy }: VirtualMachineSpec,
  config: KubeVirtConfig,
): void {
  if (running !== undefined && runStrategy !== undefined) {
    causes.push(
      invalid(
        'Running and RunStrategy are mutually exclusive. Note that Running is deprecated, please use RunStrategy instead',
        `${path}.running`,
      ),
    );
  }
  if (running === undefined && runStrategy === undefined) {
    causes.push(invalid('RunStrategy must be specified', `${path}.running`));
  }
  if (runStrategy === undefined) return;
  if (runStrategy === 'WaitAsReceiver') {
    if (featureGateEnabled(config, 'DecentralizedLiveMigration')) return;
    causes.push(
      invalid(
        `Invalid RunStrategy (${runStrategy}), DecentralizedLiveMigration feature gate is not enabled in kubevirt resource`,
        `${path}.runStrategy`,
      ),
    );
  } else if (!RUN_STRATEGIES.includes(runStrategy)) {
    causes.push(invalid(`Invalid RunStrategy (${runStrategy})`, `${path}.runStrategy`));
  }
}

/** The socket check stands in two places upstream, so a VM hears of it twice. */
function validateLiveUpdate(
  causes: Causes,
  path: string,
  spec: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): void {
  if (!isLiveUpdate(config)) return;
  const { cpu, memory } = spec.domain;
  if (cpu?.sockets && cpu.maxSockets && cpu.sockets > cpu.maxSockets) {
    causes.push(
      invalid(
        'Number of sockets in CPU topology is greater than the maximum sockets allowed',
        `${path}.template.spec.domain.cpu.sockets`,
      ),
    );
  }
  if (memory?.maxGuest === undefined) return;
  const error = memoryHotplugError(spec, memory.maxGuest);
  if (error !== undefined) causes.push(invalid(error, `${path}.template.spec.domain.memory.guest`));
}

/** KubeVirt names the list in the singular. */
function validateDataVolumeTemplates(causes: Causes, path: string, spec: VirtualMachineSpec): void {
  spec.dataVolumeTemplates?.forEach((template, index) => {
    const field = `${path}.dataVolumeTemplate[${index}]`;
    const cause = dataVolumeCause(field, template);
    if (cause) {
      causes.push(cause);
      return;
    }
    const name = template.metadata?.name;
    const referenced = spec.template.spec.volumes?.some(
      volume => volume.persistentVolumeClaim?.claimName === name || volume.dataVolume?.name === name,
    );
    if (referenced) return;
    causes.push(
      required(
        `DataVolumeTemplate entry ${field} must be referenced in the VMI template's 'volumes' list`,
        field,
      ),
    );
  });
}

function dataVolumeCause(
  field: string,
  { metadata, spec = {} }: DataVolumeTemplate,
): StatusCause | undefined {
  if (!metadata?.name) {
    const message = `'name' field must not be empty for DataVolumeTemplate entry ${field}.name.`;
    return required(message, `${field}.name`);
  }
  const claim = (spec.pvc ?? spec.storage) as JsonObject | undefined;
  if (!claim) return invalid('Missing Data volume PVC or Storage', `${field}.PVC.Storage`);
  if (spec.pvc && spec.storage) {
    const message = 'Duplicate storage definition, both target storage and target pvc defined';
    return invalid(message, `${field}.PVC.Storage`);
  }
  const populated = Boolean(claim.dataSourceRef ?? claim.dataSource);
  if (populated && (spec.source || spec.sourceRef)) {
    return invalid('External population is incompatible with Source and SourceRef', `${field}.source`);
  }
  if (!populated && !spec.source && !spec.sourceRef) {
    const message = 'Data volume should have either Source, SourceRef, or be externally populated';
    return invalid(message, `${field}.source.sourceRef`);
  }
  if (!spec.source) return undefined;
  const sources = Object.values(spec.source).filter(source => source !== null && source !== undefined).length;
  if (sources === 0) return invalid('Missing dataVolume valid source', `${field}.source`);
  return sources > 1 ? invalid('Multiple dataVolume sources', `${field}.source`) : undefined;
}

function validateStorage(request: AdmissionRequest): StatusCause[] {
  const vm = request.object as VirtualMachine;
  const old = request.oldObject as VirtualMachine | undefined;
  const causes: Causes = [];
  if (!old || !same(old.spec.dataVolumeTemplates, vm.spec.dataVolumeTemplates)) {
    const namespace = vm.metadata.namespace || request.namespace || '';
    vm.spec.dataVolumeTemplates?.forEach(({ metadata }, index) => {
      if (!metadata?.namespace || metadata.namespace === namespace) return;
      causes.push(
        invalid(
          `Embedded DataVolume namespace ${metadata.namespace} differs from VM namespace ${namespace}`,
          `spec.dataVolumeTemplates[${index}]`,
        ),
      );
    });
  }
  return causes.length > 0 ? causes : validateLocks(request);
}

/** While a snapshot or restore holds a VM, its disks and its running state stay as they are. */
function validateLocks({ object, oldObject, operation }: AdmissionRequest): StatusCause[] {
  if (operation !== 'UPDATE' || !oldObject) return [];
  const { spec, status } = object as VirtualMachine;
  const { spec: old } = oldObject as VirtualMachine;
  if (status?.snapshotInProgress !== undefined) {
    const until = `until snapshot ${JSON.stringify(status.snapshotInProgress)} completes`;
    if (!same(old.template?.spec.volumes, spec.template.spec.volumes)) {
      return [notSupported(`Cannot update vm disks or volumes ${until}`, 'spec')];
    }
    const unchanged =
      old.running !== undefined && spec.running !== undefined
        ? old.running === spec.running
        : old.runStrategy !== undefined && old.runStrategy === spec.runStrategy;
    if (!unchanged) return [notSupported(`Cannot update vm running state ${until}`, 'spec')];
  }
  if (status?.restoreInProgress !== undefined && runStrategy(old) !== runStrategy(spec)) {
    const restore = JSON.stringify(status.restoreInProgress);
    return [notSupported(`Cannot update VM runStrategy until restore ${restore} completes`, 'spec')];
  }
  return [];
}

/** Neither field is Halted, both are unknown. */
function runStrategy(spec: VirtualMachineSpec): string | undefined {
  if (spec.running === undefined) return spec.runStrategy ?? 'Halted';
  if (spec.runStrategy !== undefined) return undefined;
  return spec.running ? 'Always' : 'Halted';
}
