/** kubevirt.io (KubeVirt v1.9 pkg/virt-operator/resource/generate/components/crds.go, api/core/v1/register.go). */
import { AGE_PATH, conditionPath, custom, path, served, stored } from './build.ts';
import type { ResourceDefinition } from './definition.ts';

const group = 'kubevirt.io';
const categories = ['all'];
const versions = [
  stored('v1'),
  served('v1alpha3', {
    deprecated: true,
    deprecationWarning: 'kubevirt.io/v1alpha3 is now deprecated and will be removed in a future release.',
  }),
];

/** Columns and scale of everything that keeps a number of virtual machines (instances). */
export function replicaColumns(of: string) {
  return [
    path('Desired', '.spec.replicas', { type: 'integer', description: `Number of desired ${of}` }),
    path('Current', '.status.replicas', {
      type: 'integer',
      description: `Number of managed and not final or deleted ${of}`,
    }),
    path('Ready', '.status.readyReplicas', {
      type: 'integer',
      description: `Number of managed ${of} which are ready to receive traffic`,
    }),
    AGE_PATH,
  ];
}
export const REPLICA_SCALE = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.status.labelSelector',
};

export const kubevirtDefinitions: readonly ResourceDefinition[] = [
  custom({
    group,
    plural: 'virtualmachines',
    kind: 'VirtualMachine',
    shortNames: ['vm', 'vms'],
    categories,
    versions,
    hasStatus: true,
    columns: [
      AGE_PATH,
      path('Status', '.status.printableStatus', { description: 'Human Readable Status' }),
      conditionPath('Ready'),
    ],
  }),
  custom({
    group,
    plural: 'virtualmachineinstances',
    kind: 'VirtualMachineInstance',
    shortNames: ['vmi', 'vmis'],
    categories,
    versions,
    columns: [
      AGE_PATH,
      path('Phase', '.status.phase'),
      path('IP', '.status.interfaces[0].ipAddress'),
      path('NodeName', '.status.nodeName'),
      conditionPath('Ready'),
      conditionPath('Live-Migratable', 'LiveMigratable', 1),
      conditionPath('Paused', 'Paused', 1),
    ],
  }),
  custom({
    group,
    plural: 'virtualmachineinstancepresets',
    kind: 'VirtualMachineInstancePreset',
    shortNames: ['vmipreset', 'vmipresets'],
    categories,
    versions: [
      served('v1', {
        deprecated: true,
        deprecationWarning:
          'kubevirt.io/v1 VirtualMachineInstancePresets is now deprecated and will be removed in v2.',
      }),
      stored('v1alpha3', {
        deprecated: true,
        deprecationWarning:
          'kubevirt.io/v1alpha3 VirtualMachineInstancePresets is now deprecated and will be removed in v2.',
      }),
    ],
  }),
  custom({
    group,
    plural: 'virtualmachineinstancereplicasets',
    kind: 'VirtualMachineInstanceReplicaSet',
    shortNames: ['vmirs', 'vmirss'],
    categories,
    versions,
    hasStatus: true,
    scale: REPLICA_SCALE,
    columns: replicaColumns('VirtualMachineInstances'),
  }),
  custom({
    group,
    plural: 'virtualmachineinstancemigrations',
    kind: 'VirtualMachineInstanceMigration',
    shortNames: ['vmim', 'vmims'],
    categories,
    versions,
    hasStatus: true,
    columns: [
      path('Phase', '.status.phase', { description: 'The current phase of VM instance migration' }),
      path('VMI', '.spec.vmiName', { description: 'The name of the VMI to perform the migration on' }),
    ],
  }),
  custom({
    group,
    plural: 'kubevirts',
    kind: 'KubeVirt',
    shortNames: ['kv', 'kvs'],
    categories,
    versions,
    hasStatus: true,
    columns: [AGE_PATH, path('Phase', '.status.phase')],
  }),
];
