/** Data volumes that a VM brings along (KubeVirt v1.9 pkg/virt-controller/watch/vm handleDataVolumes). */
import { type Change, type View, create, event } from '../../controller.ts';
import { dataVolumes, virtualMachines } from '../../resources/refs.ts';
import type { DataVolumeTemplate, VirtualMachine } from '../../types/kubevirt.ts';
import type { KubeObject, Status } from '../../types/meta.ts';
import { dataVolumeOf } from '../volumes.ts';
import { controlledBy } from './revisions.ts';

const POPULATED: readonly (string | undefined)[] = ['Succeeded', 'WaitForFirstConsumer', 'PendingPopulation'];

export interface DataVolumeSync {
  /** All are there and filled, or wait only for their first consumer. */
  readonly ready: boolean;
  readonly changes: Change[];
}

export function syncDataVolumes(view: View, vm: VirtualMachine): DataVolumeSync {
  const changes: Change[] = [];
  let ready = true;
  for (const template of vm.spec.dataVolumeTemplates ?? []) {
    const name = template.metadata.name ?? '';
    const known = dataVolumeOf(view, vm.metadata.namespace, name);
    if (!known) {
      ready = false;
      changes.push(createFrom(template, vm));
    } else if (!POPULATED.includes(known.status?.phase)) {
      ready = false;
      if (known.status?.phase === 'Failed') {
        changes.push(
          event(vm, 'Warning', 'FailedDataVolumeImport', `DataVolume ${name} failed to import disk image`),
        );
      }
    }
  }
  return { ready, changes };
}

function createFrom(template: DataVolumeTemplate, vm: VirtualMachine): Change {
  const { name = '', labels, annotations } = template.metadata;
  return create(
    dataVolumes,
    {
      metadata: {
        name,
        namespace: vm.metadata.namespace,
        labels: { ...labels, 'kubevirt.io/created-by': vm.metadata.uid },
        annotations: { ...annotations, 'cdi.kubevirt.io/allowClaimAdoption': 'true' },
        ownerReferences: [controlledBy(vm, virtualMachines)],
      },
      spec: template.spec,
    } as unknown as KubeObject,
    {
      created: () => [event(vm, 'Normal', 'SuccessfulDataVolumeCreate', `Created DataVolume ${name}`)],
      refused: (status: Status) => [
        event(
          vm,
          'Warning',
          'FailedDataVolumeCreate',
          `Error creating DataVolume ${name}: ${status.message ?? ''}`,
        ),
      ],
    },
  );
}
