/** start, stop, restart, migrate, pause, unpause, softreboot (KubeVirt v1.9 pkg/virt-api/rest/lifecycle.go). */
import {
  ApiError,
  type ApiRequest,
  type ApiResponse,
  type ApiServerContext,
  badRequest,
  createObject,
  forbidden,
  internalError,
} from '../apiserver/index.ts';
import { serviceAccountUser } from '../controller.ts';
import { domains } from '../resources/internal.ts';
import { migrations } from '../resources/refs.ts';
import { hasCondition } from '../types/conditions.ts';
import type {
  RunStrategy,
  StateChangeRequest,
  VirtualMachine,
  VirtualMachineInstance,
} from '../types/kubevirt.ts';
import type { JsonObject, NewObject } from '../types/meta.ts';
import {
  accepted,
  done,
  fetchVm,
  fetchVmi,
  findVmi,
  isDryRun,
  numberOf,
  optionsOf,
  patch,
  vmConflict,
  vmiConflict,
} from './answers.ts';

const RECOVERY_REQUIRED =
  'VM recovery required: Volume migration failed, leaving some volumes pointing to non-consistent targets; manual intervention is needed to reassign them to their original volumes.';

type Handler = (context: ApiServerContext, request: ApiRequest) => ApiResponse;

export const startVm: Handler = (context, request) => {
  const vm = fetchVm(context, request);
  const vmi = findVmi(context, request);
  const { name } = vm.metadata;
  if (vmi && !isFinal(vmi) && !['', 'Unknown', undefined].includes(vmi.status?.phase)) {
    throw vmConflict(name, 'VM is already running');
  }
  if (hasCondition(vm.status?.conditions, 'ManualRecoveryRequired', 'True'))
    throw vmConflict(name, RECOVERY_REQUIRED);
  const options = optionsOf(request);
  const paused = options.paused === true;
  const start: StateChangeRequest = { action: 'Start', ...(paused ? { data: { paused: 'true' } } : {}) };
  const strategy = runStrategyOf(vm);
  switch (strategy) {
    case 'Halted':
      if (paused) requestChanges(context, request, vm, [start], options);
      else setRunning(context, request, vm, true, options);
      break;
    case 'RerunOnFailure':
    case 'Manual': {
      if (strategy === 'RerunOnFailure' && vmi?.status?.phase === 'Failed') {
        throw vmConflict(name, 'RerunOnFailure does not support starting VM from failed state');
      }
      const ended = vmi && isFinal(vmi);
      const requests = ended ? [stopRequest(vmi), start] : [start];
      requestChanges(context, request, vm, requests, options);
      break;
    }
    case 'Always':
    case 'Once':
      throw vmConflict(name, `${strategy} does not support manual start requests`);
    default:
      break;
  }
  return accepted();
};

export const stopVm: Handler = (context, request) => {
  const options = optionsOf(request);
  const grace = numberOf(options, 'gracePeriod');
  const vm = fetchVm(context, request);
  const vmi = findVmi(context, request);
  const { name } = vm.metadata;
  const live = vmi && !isFinal(vmi) ? vmi : undefined;
  const strategy = runStrategyOf(vm);
  const oldGrace = live?.spec.terminationGracePeriodSeconds;
  if (live && grace !== undefined) setGracePeriod(context, request, live, grace, options);
  switch (strategy) {
    case 'Halted':
      if (!live) throw vmConflict(name, 'VM is not running');
      if (grace === undefined || (oldGrace !== undefined && grace >= oldGrace)) {
        throw vmConflict(name, 'Halted only supports manual stop requests with a shorter graceperiod');
      }
      requestChanges(context, request, vm, [stopRequest(live)], options);
      break;
    case 'RerunOnFailure':
    case 'Manual':
      if (!live) throw vmConflict(name, 'VM is not running');
      requestChanges(context, request, vm, [stopRequest(live)], options);
      break;
    case 'Always':
    case 'Once':
      setRunning(context, request, vm, false, options);
      break;
    default:
      break;
  }
  return accepted();
};

export const restartVm: Handler = (context, request) => {
  const options = optionsOf(request);
  const grace = numberOf(options, 'gracePeriodSeconds');
  if (grace !== undefined && grace > 0) {
    throw badRequest('For force restart, only gracePeriod=0 is supported for now');
  }
  if (grace !== undefined && grace < 0) throw badRequest('gracePeriod has to be greater or equal to 0');
  const vm = fetchVm(context, request);
  const { name } = vm.metadata;
  if (hasCondition(vm.status?.conditions, 'VolumesChange', 'True')) throw vmConflict(name, RECOVERY_REQUIRED);
  const strategy = runStrategyOf(vm);
  if (strategy === 'Halted' || strategy === 'Once') {
    throw vmConflict(name, `RunStategy ${strategy} does not support manual restart requests`);
  }
  const vmi = findVmi(context, request);
  if (!vmi) throw vmConflict(name, 'VM is not running: Halted');
  const requests: StateChangeRequest[] = [stopRequest(vmi), { action: 'Start' }];
  refuseWhileUnderway(vm, requests);
  // One second is the shortest that still lets the guest's disks be closed.
  if (grace === 0) setGracePeriod(context, request, vmi, 1, options);
  requestChanges(context, request, vm, requests, options);
  return accepted();
};

export const migrateVm: Handler = (context, request) => {
  const options = optionsOf(request);
  fetchVm(context, request);
  const vmi = fetchVmi(context, request);
  if (vmi.status?.phase !== 'Running') throw vmConflict(vmi.metadata.name, 'VM is not running');
  const definition = context.registry.byName(migrations.resource);
  if (!definition) throw internalError('nobody serves migrations');
  const selector = options.addedNodeSelector as Record<string, string> | undefined;
  const migration: NewObject = {
    apiVersion: migrations.apiVersion,
    kind: migrations.kind,
    metadata: { generateName: 'kubevirt-migrate-vm-', namespace: request.namespace },
    spec: { vmiName: vmi.metadata.name, ...(selector ? { addedNodeSelector: selector } : {}) },
  } as NewObject;
  try {
    createObject(
      context,
      definition,
      migration,
      {
        author: 'virt-api',
        cause: { text: `request ${request.user.username}: migrate ${vmi.metadata.name}`, revision: 0 },
        user: serviceAccountUser('kubevirt', 'kubevirt-apiserver'),
        trusted: true,
      },
      { dryRun: isDryRun(options) },
    );
  } catch (error) {
    if (error instanceof ApiError) throw internalError(error.status.message ?? '');
    throw error;
  }
  return accepted();
};

export const pauseVmi: Handler = (context, request) => {
  const options = optionsOf(request);
  const vmi = fetchVmi(context, request);
  const { name } = vmi.metadata;
  if (vmi.status?.phase !== 'Running') throw vmiConflict(name, 'VM is not running');
  if (vmi.spec.livenessProbe && !vmi.spec.livenessProbe.guestAgentPing) {
    throw forbidden(
      { group: 'kubevirt.io', plural: 'virtualmachineinstance' },
      name,
      'Pausing VMIs with a non-GuestAgentPing LivenessProbe is not supported',
    );
  }
  if (isPaused(vmi)) throw vmiConflict(name, 'VMI is already paused');
  if (!isDryRun(options)) setDomainState(context, request, vmi, 'Paused');
  return done();
};

export const unpauseVmi: Handler = (context, request) => {
  const options = optionsOf(request);
  const vmi = fetchVmi(context, request);
  const { name } = vmi.metadata;
  if (findSnapshot(context, request)) throw vmConflict(name, 'VM snapshot is in progress');
  if (vmi.status?.phase !== 'Running') throw vmiConflict(name, 'VMI is not running');
  if (!isPaused(vmi)) throw vmiConflict(name, 'VMI is not paused');
  if (!isDryRun(options)) setDomainState(context, request, vmi, 'Running');
  return done();
};

function findSnapshot(context: ApiServerContext, request: ApiRequest): string | undefined {
  const vm = context.view.find('virtualmachines.kubevirt.io', request.namespace, request.name ?? '');
  return (vm as VirtualMachine | undefined)?.status?.snapshotInProgress;
}

/** What the node does when virt-api asks it to: libvirt suspends or resumes, and virt-handler reports it. */
function setDomainState(
  context: ApiServerContext,
  request: ApiRequest,
  vmi: VirtualMachineInstance,
  state: 'Paused' | 'Running',
): void {
  const domain = context.view.get(domains, vmi.metadata.namespace, vmi.metadata.name);
  if (!domain)
    throw internalError('unexpected return code 500 (500 Internal Server Error), message: domain not found');
  patch(
    context,
    request,
    domain,
    draft => {
      draft.state = state;
    },
    { dryRun: false },
  );
}

function runStrategyOf(vm: VirtualMachine): RunStrategy {
  const { running, runStrategy } = vm.spec;
  if (runStrategy !== undefined) return runStrategy;
  return running ? 'Always' : 'Halted';
}

function isFinal(vmi: VirtualMachineInstance): boolean {
  return vmi.status?.phase === 'Succeeded' || vmi.status?.phase === 'Failed';
}

function isPaused(vmi: VirtualMachineInstance): boolean {
  return hasCondition(vmi.status?.conditions, 'Paused', 'True');
}

function stopRequest(vmi: VirtualMachineInstance): StateChangeRequest {
  return { action: 'Stop', uid: vmi.metadata.uid };
}

/** `running: true` and `runStrategy: Always` are the same wish in the two spellings. */
function setRunning(
  context: ApiServerContext,
  request: ApiRequest,
  vm: VirtualMachine,
  running: boolean,
  options: JsonObject,
): void {
  patch(
    context,
    request,
    vm,
    draft => {
      if (draft.spec.runStrategy !== undefined) draft.spec.runStrategy = running ? 'Always' : 'Halted';
      else draft.spec.running = running;
    },
    { dryRun: isDryRun(options) },
  );
}

function refuseWhileUnderway(vm: VirtualMachine, requests: readonly StateChangeRequest[]): void {
  const pending = vm.status?.stateChangeRequests ?? [];
  const replaces = requests.length === 1 && requests[0]?.action === 'Stop';
  if (pending.length > 0 && !replaces) {
    throw internalError('unable to complete request: stop/start already underway');
  }
}

function requestChanges(
  context: ApiServerContext,
  request: ApiRequest,
  vm: VirtualMachine,
  requests: StateChangeRequest[],
  options: JsonObject,
): void {
  refuseWhileUnderway(vm, requests);
  patch(
    context,
    request,
    vm,
    draft => {
      const { startFailure: _, ...status } = vm.status ?? {};
      draft.status = { ...status, stateChangeRequests: requests };
    },
    { subresource: 'status', dryRun: isDryRun(options) },
  );
}

function setGracePeriod(
  context: ApiServerContext,
  request: ApiRequest,
  vmi: VirtualMachineInstance,
  seconds: number,
  options: JsonObject,
): void {
  patch(
    context,
    request,
    vmi,
    draft => {
      draft.spec.terminationGracePeriodSeconds = seconds;
    },
    { dryRun: isDryRun(options) },
  );
}
