/**
 * `revision-start-vm-<uid>-<generation>`: the template a VM was last started with, kept as a ControllerRevision
 * (KubeVirt v1.9 pkg/virt-controller/watch/vm createVMRevision).
 */
import { type Change, type View, create, remove } from '../../controller.ts';
import { controllerRevisions, virtualMachines } from '../../resources/refs.ts';
import type { ControllerRevision } from '../../types/core.ts';
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineSpec } from '../../types/kubevirt.ts';
import type { JsonValue, KubeObject, OwnerReference } from '../../types/meta.ts';

const PREFIX = 'revision-start-vm-';

export function startRevisionName(vm: VirtualMachine): string {
  return `${PREFIX}${vm.metadata.uid}-${vm.metadata.generation ?? 0}`;
}

/** The owner reference of what a VM controls. */
export function controlledBy(owner: KubeObject, ref: { apiVersion: string; kind: string }): OwnerReference {
  return {
    apiVersion: ref.apiVersion,
    blockOwnerDeletion: true,
    controller: true,
    kind: ref.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
  };
}

function startRevisions(view: View, vm: VirtualMachine): ControllerRevision[] {
  return view
    .lookup('owner', vm.metadata.uid, controllerRevisions)
    .filter(revision => revision.metadata.name.startsWith(PREFIX));
}

/** Keeps one revision, that of the VM's present generation. */
export function recordStart(view: View, vm: VirtualMachine): Change[] {
  const changes: Change[] = [];
  let known = false;
  for (const revision of startRevisions(view, vm)) {
    if (revision.revision === vm.metadata.generation) known = true;
    else changes.push(remove(controllerRevisions, revision));
  }
  if (known) return changes;
  changes.push(
    create(controllerRevisions, {
      metadata: {
        name: startRevisionName(vm),
        namespace: vm.metadata.namespace,
        ownerReferences: [controlledBy(vm, virtualMachines)],
      },
      data: { spec: vm.spec as unknown as JsonValue },
      revision: vm.metadata.generation ?? 0,
    }),
  );
  return changes;
}

/** The spec with which the VM was last started; undefined when it never was. */
export function lastStartedSpec(view: View, vm: VirtualMachine): VirtualMachineSpec | undefined {
  const newest = startRevisions(view, vm).reduce<ControllerRevision | undefined>(
    (best, revision) => (best && best.revision >= revision.revision ? best : revision),
    undefined,
  );
  return specOf(newest);
}

/** The spec with which this instance was started. */
export function startedSpecOf(view: View, vmi: VirtualMachineInstance): VirtualMachineSpec | undefined {
  const name = vmi.status?.virtualMachineRevisionName;
  return name ? specOf(view.get(controllerRevisions, vmi.metadata.namespace, name)) : undefined;
}

function specOf(revision: ControllerRevision | undefined): VirtualMachineSpec | undefined {
  return (revision?.data as { spec?: VirtualMachineSpec } | undefined)?.spec;
}
