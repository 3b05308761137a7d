/**
 * Keeps the instance of a VM as its run strategy wants it (KubeVirt v1.9 pkg/virt-controller/watch/vm).
 * Left out until their controllers arrive: live update of a running instance, volume requests, memory dumps,
 * adoption of orphaned instances, volume migration.
 */
import { SECOND, timestamp } from '../../clock/index.ts';
import { withDefaultVmiSpec } from '../../admission/index.ts';
import {
  type Change,
  type Controller,
  type View,
  after,
  create,
  event,
  remove,
  update,
  updateStatus,
} from '../../controller.ts';
import { planReferences } from '../../instancetype/index.ts';
import { type KubeVirtConfig, effectiveConfig } from '../../kubevirt-config/index.ts';
import {
  clusterInstancetypes,
  clusterPreferences,
  controllerRevisions,
  instancetypes,
  kubeVirts,
  preferences,
  virtualMachineInstances,
  virtualMachines,
} from '../../resources/refs.ts';
import { type JournalEntry, same } from '../../store/index.ts';
import { withCondition, withoutCondition } from '../../types/conditions.ts';
import type { ControllerRevision } from '../../types/core.ts';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineStatus } from '../../types/kubevirt.ts';
import type { Condition, Status } from '../../types/meta.ts';
import { VIRT_CONTROLLER, virtControllerUser } from '../identity.ts';
import { VM_FINALIZER } from '../vmi/status.ts';
import { usersOfClaim } from '../volumes.ts';
import { syncDataVolumes } from './data-volumes.ts';
import { GENERATION_ANNOTATION, instanceOf } from './instance.ts';
import { RESTART_MESSAGE, isRestartRequired } from './restart-required.ts';
import { recordStart, startedSpecOf } from './revisions.ts';
import { decide } from './run-strategy.ts';
import { type Progress, type VmSyncError, nextStatus } from './status.ts';

const OBSERVED_VERSION_ANNOTATIONS = {
  'kubevirt.io/latest-observed-api-version': 'v1',
  'kubevirt.io/storage-observed-api-version': 'v1',
};
const ORPHAN_FINALIZER = 'orphan';
/** How long a VM that could not be synchronized waits for its next try, unless something wakes it before. */
const RETRY = 10 * SECOND;

export const vmController: Controller = {
  name: 'virt-controller/vm',
  author: VIRT_CONTROLLER,
  user: virtControllerUser,
  triggers: [
    { resource: virtualMachines.resource, keys: entry => (isOwnReport(entry) ? [] : [entry.key]) },
    {
      // An instance is its VM's by name; the owner reference tells a VM's instance from a bare one.
      resource: virtualMachineInstances.resource,
      keys: ({ object, key }) =>
        object.metadata.ownerReferences?.some(owner => owner.kind === 'VirtualMachine') ? [key] : [],
    },
    { resource: 'persistentvolumeclaims', keys: usersOfClaim(virtualMachines) },
    { resource: 'datavolumes.cdi.kubevirt.io', keys: usersOfClaim(virtualMachines) },
    ...[instancetypes, clusterInstancetypes].map(({ resource }) => ({
      resource,
      keys: usersOf('instancetype'),
    })),
    ...[preferences, clusterPreferences].map(({ resource }) => ({ resource, keys: usersOf('preference') })),
    { resource: kubeVirts.resource, keys: onConfigurationChange },
  ],
  reconcile(view, key) {
    const vm = view.getByKey(virtualMachines, key);
    return vm ? new Reconciliation(view, vm).run() : [];
  },
};

/** A status that this controller wrote says nothing that it did not know, unless it holds what a later pass goes by. */
function isOwnReport({ author, object, previous }: JournalEntry): boolean {
  if (author !== VIRT_CONTROLLER || !previous) return false;
  const vm = object as VirtualMachine;
  const old = previous as VirtualMachine;
  return (
    vm.spec === old.spec &&
    vm.metadata.annotations === old.metadata.annotations &&
    vm.metadata.finalizers === old.metadata.finalizers &&
    vm.status?.stateChangeRequests === old.status?.stateChangeRequests &&
    vm.status?.instancetypeRef === old.status?.instancetypeRef &&
    vm.status?.preferenceRef === old.status?.preferenceRef &&
    vm.status?.startFailure === old.status?.startFailure
  );
}

/** VMs that name this instancetype or preference: one that waited for it can go on. */
function usersOf(role: 'instancetype' | 'preference'): (entry: JournalEntry, view: View) => string[] {
  return ({ type, object }, view) =>
    type !== 'ADDED'
      ? []
      : view
          .list(virtualMachines, object.metadata.namespace)
          .filter(vm => vm.spec[role]?.name === object.metadata.name)
          .map(vm => `${vm.metadata.namespace}/${vm.metadata.name}`);
}

function onConfigurationChange({ object, previous }: JournalEntry, view: View): string[] {
  const configuration = (each: unknown) =>
    (each as { spec?: { configuration?: unknown } } | undefined)?.spec?.configuration;
  if (configuration(object) === configuration(previous)) return [];
  return view.list(virtualMachines).map(vm => `${vm.metadata.namespace}/${vm.metadata.name}`);
}

/** One pass over one VM. Changes gather in order; a pass that rewrote the VM itself ends, and the next goes on. */
class Reconciliation {
  readonly #view: View;
  readonly #vm: VirtualMachine;
  readonly #vmi: VirtualMachineInstance | undefined;
  readonly #config: KubeVirtConfig;
  readonly #changes: Change[] = [];
  #startExpected = false;
  #stopExpected = false;
  #error: VmSyncError | undefined;

  constructor(view: View, vm: VirtualMachine) {
    this.#view = view;
    this.#vm = vm;
    const vmi = view.get(virtualMachineInstances, vm.metadata.namespace, vm.metadata.name);
    this.#vmi = vmi && isControlledBy(vmi, vm) ? vmi : undefined;
    this.#config = effectiveConfig(view.list(kubeVirts)[0]);
  }

  run(): Change[] {
    const vm = this.#vm;
    if (vm.metadata.deletionTimestamp !== undefined) {
      this.#delete();
    } else {
      const adopted = this.#adopt();
      if (adopted) return [adopted];
      this.#bumpGeneration();
      if (this.#syncReferences()) this.#syncInstance();
    }
    this.#writeStatus();
    this.#releaseInstance();
    if (this.#error) this.#changes.push(after(RETRY));
    return this.#changes;
  }

  #delete(): void {
    const vm = this.#vm;
    if (this.#vmi && !vm.metadata.finalizers?.includes(ORPHAN_FINALIZER)) {
      this.#stop(this.#vmi);
    } else if (vm.metadata.finalizers?.includes(VM_FINALIZER)) {
      this.#changes.push(
        update(virtualMachines, vm, draft => {
          draft.metadata.finalizers = draft.metadata.finalizers?.filter(each => each !== VM_FINALIZER);
        }),
      );
    }
  }

  /** Annotations and finalizer that mark a VM as seen by this controller. */
  #adopt(): Change | undefined {
    const { annotations, finalizers } = this.#vm.metadata;
    const seen = Object.entries(OBSERVED_VERSION_ANNOTATIONS).every(
      ([name, value]) => annotations?.[name] === value,
    );
    if (seen && finalizers?.includes(VM_FINALIZER)) return undefined;
    return update(virtualMachines, this.#vm, draft => {
      draft.metadata.annotations = { ...draft.metadata.annotations, ...OBSERVED_VERSION_ANNOTATIONS };
      if (!draft.metadata.finalizers?.includes(VM_FINALIZER)) {
        draft.metadata.finalizers = [...(draft.metadata.finalizers ?? []), VM_FINALIZER];
      }
    });
  }

  /** A generation that left the template alone counts as observed by the running instance. */
  #bumpGeneration(): void {
    const vmi = this.#vmi;
    const generation = String(this.#vm.metadata.generation ?? 0);
    if (!vmi || vmi.metadata.annotations?.[GENERATION_ANNOTATION] === generation) return;
    const started = startedSpecOf(this.#view, vmi);
    if (!started || !same(started.template, this.#vm.spec.template)) return;
    this.#changes.push(
      update(virtualMachineInstances, vmi, draft => {
        draft.metadata.annotations = { ...draft.metadata.annotations, [GENERATION_ANNOTATION]: generation };
      }),
    );
  }

  /** Keeps copies of instancetype and preference, or expands them. False ends the pass before the run strategy. */
  #syncReferences(): boolean {
    const vm = this.#vm;
    const lookup = { get: this.#view.find.bind(this.#view) };
    const plan = planReferences(vm, this.#config.instancetype.referencePolicy, lookup, {
      network: this.#config.network,
      // The only default that can fail is the network, which has been given by then.
      applyDefaults: spec => withDefaultVmiSpec(spec, this.#config).value ?? spec,
    });
    if (plan.kind === 'settled') return true;
    if (plan.kind === 'expand') {
      const expanded = plan.vm;
      this.#changes.push(
        update(virtualMachines, vm, draft => {
          draft.spec = expanded.spec;
        }),
        updateStatus(virtualMachines, vm, draft => {
          draft.status = expanded.status;
        }),
        ...plan.deleteRevisions.map(name => this.#removeRevision(name)),
      );
      return false;
    }
    for (const revision of plan.createRevisions) {
      this.#changes.push(create(controllerRevisions, revision as unknown as ControllerRevision));
    }
    const { instancetypeRef, preferenceRef } = plan;
    if (instancetypeRef || preferenceRef) {
      this.#changes.push(
        updateStatus(virtualMachines, vm, draft => {
          draft.status = {
            ...draft.status,
            ...(instancetypeRef ? { instancetypeRef } : {}),
            ...(preferenceRef ? { preferenceRef } : {}),
          };
        }),
      );
    }
    this.#changes.push(...plan.deleteRevisions.map(name => this.#removeRevision(name)));
    if (plan.kind === 'failed') {
      this.#fail(plan.reason, plan.message);
      if (plan.event) this.#changes.push(event(vm, 'Warning', plan.reason, plan.message));
    }
    // Written references make the VM look different: the pass that their commit wakes goes on from here.
    return false;
  }

  #removeRevision(name: string): Change {
    return { op: 'delete', ref: controllerRevisions, key: `${this.#vm.metadata.namespace}/${name}` };
  }

  #syncInstance(): void {
    const vm = this.#vm;
    if (vm.metadata.annotations?.['kubevirt.io/immediate-data-volume-creation'] !== 'false') {
      const { ready, changes } = syncDataVolumes(this.#view, vm);
      this.#changes.push(...changes);
      if (!ready && decide(vm, this.#vmi, this.#view.now).action === 'start') return;
    }
    const decision = decide(vm, this.#vmi, this.#view.now);
    switch (decision.action) {
      case 'start':
        this.#start();
        break;
      case 'stop':
        if (this.#vmi) this.#stop(this.#vmi);
        if (decision.rerun) this.#requestStart();
        break;
      case 'wait':
        this.#changes.push(after(decision.delay));
        break;
      case 'unhalt':
        this.#changes.push(
          update(virtualMachines, vm, draft => {
            if (draft.spec.runStrategy !== undefined) draft.spec.runStrategy = 'Always';
            else draft.spec.running = true;
          }),
        );
        break;
      case 'fail':
        this.#fail('FailedCreate', decision.message);
        break;
      case 'none':
        break;
    }
  }

  #start(): void {
    const vm = this.#vm;
    const { ready, changes } = syncDataVolumes(this.#view, vm);
    if (!ready) {
      this.#changes.push(...changes);
      return;
    }
    const instance = instanceOf(this.#view, vm, this.#config);
    if (instance.error !== undefined) {
      if (instance.event) this.#changes.push(event(vm, 'Warning', 'FailedCreate', instance.event));
      this.#fail('FailedCreate', `Failure while starting VMI: ${instance.error}`);
      return;
    }
    this.#startExpected = true;
    this.#changes.push(
      ...recordStart(this.#view, vm),
      create(virtualMachineInstances, instance.vmi as unknown as VirtualMachineInstance, {
        created: created => [
          event(
            vm,
            'Normal',
            'SuccessfulCreate',
            `Started the virtual machine by creating the new virtual machine instance ${created.metadata.name}`,
          ),
        ],
        refused: status => this.#startRefused(status),
      }),
    );
  }

  #startRefused(status: Status): Change[] {
    const message = status.message ?? '';
    this.#startExpected = false;
    this.#fail('FailedCreate', `Failure while starting VMI: ${message}`);
    return [
      event(this.#vm, 'Warning', 'FailedCreate', `Error creating virtual machine instance: ${message}`),
      this.#statusChange(),
      after(RETRY),
    ];
  }

  #stop(vmi: VirtualMachineInstance): void {
    if (vmi.metadata.deletionTimestamp !== undefined) return;
    this.#stopExpected = true;
    this.#changes.push(
      remove(virtualMachineInstances, vmi),
      event(
        this.#vm,
        'Normal',
        'SuccessfulDelete',
        `Stopped the virtual machine by deleting the virtual machine instance ${vmi.metadata.uid}`,
      ),
    );
  }

  /** A failed instance under RerunOnFailure asks for its successor before it goes. */
  #requestStart(): void {
    this.#changes.push(
      updateStatus(virtualMachines, this.#vm, draft => {
        const known = draft.status?.stateChangeRequests ?? [];
        draft.status = { ...draft.status, stateChangeRequests: [...known, { action: 'Start' }] };
      }),
    );
  }

  #fail(reason: string, message: string): void {
    this.#error = { reason, message };
  }

  #progress(): Progress {
    return { startExpected: this.#startExpected, stopExpected: this.#stopExpected, error: this.#error };
  }

  #writeStatus(): void {
    const next = this.#nextStatus(this.#vm);
    if (!same(next, this.#vm.status)) this.#changes.push(this.#statusChange());
  }

  /** Computed when it is applied: changes before it in the list may have touched the status. */
  #statusChange(): Change {
    return updateStatus(virtualMachines, this.#vm, draft => {
      const current = this.#view.get(virtualMachines, this.#vm.metadata.namespace, this.#vm.metadata.name);
      if (current) draft.status = this.#nextStatus(current);
    });
  }

  #nextStatus(vm: VirtualMachine): VirtualMachineStatus {
    const status = nextStatus(this.#view, vm, this.#vmi, this.#progress());
    return { ...status, conditions: this.#withRestart(status.conditions ?? []) };
  }

  #withRestart(conditions: readonly Condition[]): Condition[] {
    if (this.#startExpected) return [...withoutCondition(conditions, 'RestartRequired')];
    if (this.#vm.metadata.deletionTimestamp !== undefined) {
      return [...(this.#stopExpected ? withoutCondition(conditions, 'RestartRequired') : conditions)];
    }
    // A stop alone does not take it away: while the instance ends it still differs, and then nothing is compared.
    switch (isRestartRequired(this.#view, this.#vm, this.#vmi, this.#config)) {
      case true:
        return [
          ...withCondition(conditions, {
            type: 'RestartRequired',
            status: 'True',
            message: RESTART_MESSAGE,
            lastProbeTime: null,
            lastTransitionTime: timestamp(this.#view.now),
          }),
        ];
      case false:
        return [...withoutCondition(conditions, 'RestartRequired')];
      default:
        return [...conditions];
    }
  }

  /** All that is worth knowing of a final instance is on the VM by now; the controller's hold on it can go. */
  #releaseInstance(): void {
    const vmi = this.#vmi;
    const phase = vmi?.status?.phase;
    if (!vmi || (phase !== 'Succeeded' && phase !== 'Failed')) return;
    if (!vmi.metadata.finalizers?.includes(VM_FINALIZER)) return;
    this.#changes.push(
      update(virtualMachineInstances, vmi, draft => {
        draft.metadata.finalizers = draft.metadata.finalizers?.filter(each => each !== VM_FINALIZER);
      }),
    );
  }
}

function isControlledBy(vmi: VirtualMachineInstance, vm: VirtualMachine): boolean {
  return vmi.metadata.ownerReferences?.some(owner => owner.uid === vm.metadata.uid) ?? false;
}
