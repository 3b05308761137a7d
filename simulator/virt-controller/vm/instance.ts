/**
 * The instance that a VM is started with (KubeVirt v1.9 pkg/virt-controller/watch/vm SetupVMIFromVM and startVMI):
 * the template, with instancetype and preference applied. The VM itself stays as it was written.
 */
import { applyAtStart } from '../../instancetype/index.ts';
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { View } from '../../controller.ts';
import { virtualMachineInstances, virtualMachines } from '../../resources/refs.ts';
import type { VirtualMachine, VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { NewObject } from '../../types/meta.ts';
import { VM_FINALIZER } from '../vmi/status.ts';
import { controlledBy, startRevisionName } from './revisions.ts';
import { hasStartPausedRequest, runStrategyOf } from './run-strategy.ts';

export const GENERATION_ANNOTATION = 'kubevirt.io/vm-generation';

export type Instance =
  | { readonly vmi: NewObject<VirtualMachineInstance>; readonly error?: undefined }
  | { readonly vmi?: undefined; readonly error: string; readonly event?: string };

export function instanceOf(view: View, vm: VirtualMachine, config: KubeVirtConfig): Instance {
  const { template } = vm.spec;
  const spec = hasStartPausedRequest(vm) ? { ...template.spec, startStrategy: 'Paused' } : template.spec;
  const metadata = { ...template.metadata };
  const started = applyAtStart(
    vm,
    { get: (resource, namespace, name) => view.find(resource, namespace, name) },
    config.network,
    { spec, metadata },
  );
  if (started.error !== undefined) return started;
  const annotations: Record<string, string> = {
    ...started.vmi.metadata.annotations,
    [GENERATION_ANNOTATION]: String(vm.metadata.generation ?? 0),
  };
  if (runStrategyOf(vm) === 'WaitAsReceiver') annotations['kubevirt.io/create-migration-target'] = 'true';
  return {
    vmi: {
      apiVersion: virtualMachineInstances.apiVersion,
      kind: virtualMachineInstances.kind,
      metadata: {
        name: vm.metadata.name,
        namespace: vm.metadata.namespace,
        ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}),
        annotations,
        finalizers: [...(template.metadata?.finalizers ?? []), VM_FINALIZER],
        ownerReferences: [controlledBy(vm, virtualMachines)],
      },
      spec: started.vmi.spec,
      status: { virtualMachineRevisionName: startRevisionName(vm) },
    },
  };
}
