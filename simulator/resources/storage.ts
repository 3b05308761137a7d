/** storage.k8s.io (kubernetes pkg/registry/storage, v1.35). */
import type { KubeObject } from '../types/meta.ts';
import { builtIn } from './build.ts';
import { AGE, column, NONE } from './cells.ts';
import {
  csiDriverDefaults,
  storageClassDefaults,
  validateStorageClass,
  validateStorageClassUpdate,
} from './cluster-rules.ts';
import { withStatus } from './core-rules.ts';
import type { ResourceDefinition } from './definition.ts';
import { asList, at, objects, text } from './fields.ts';
import { boolean, cluster, conditional, string } from './shared.ts';

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

function className(object: KubeObject): string {
  const isDefault = DEFAULT_CLASS.some(key => object.metadata.annotations?.[key] === 'true');
  return isDefault ? `${object.metadata.name} (default)` : object.metadata.name;
}

const storage = { group: 'storage.k8s.io', ...cluster };

export const storageDefinitions: readonly ResourceDefinition[] = [
  builtIn({
    ...storage,
    ...conditional,
    plural: 'csidrivers',
    kind: 'CSIDriver',
    applyDefaults: csiDriverDefaults,
    generation: 'spec',
    deleteReturnsObject: true,
    columns: [
      column('AttachRequired', object => at(object, 'spec', 'attachRequired') !== false, 'boolean'),
      column('PodInfoOnMount', boolean('spec', 'podInfoOnMount'), 'boolean'),
      column('StorageCapacity', boolean('spec', 'storageCapacity'), 'boolean'),
      column('TokenRequests', object => {
        const tokens = objects(at(object, 'spec', 'tokenRequests'));
        return tokens.length === 0 ? '<unset>' : tokens.map(token => text(token.audience)).join(',');
      }),
      column('RequiresRepublish', boolean('spec', 'requiresRepublish'), 'boolean'),
      column('Modes', object => {
        const modes = asList(at(object, 'spec', 'volumeLifecycleModes')) as string[];
        return modes.length === 0 ? NONE : modes.join(',');
      }),
      AGE,
    ],
  }),
  builtIn({
    ...storage,
    ...conditional,
    plural: 'csinodes',
    kind: 'CSINode',
    deleteReturnsObject: true,
    columns: [column('Drivers', object => asList(at(object, 'spec', 'drivers')).length, 'integer'), AGE],
  }),
  builtIn({
    group: 'storage.k8s.io',
    plural: 'csistoragecapacities',
    kind: 'CSIStorageCapacity',
    ...conditional,
    deleteReturnsObject: true,
    columns: [
      column('StorageClassName', string('storageClassName')),
      column('Capacity', object => text(at(object, 'capacity'), '<unset>')),
    ],
  }),
  builtIn({
    ...storage,
    plural: 'storageclasses',
    kind: 'StorageClass',
    applyDefaults: storageClassDefaults,
    validate: validateStorageClass,
    validateUpdate: validateStorageClassUpdate,
    shortNames: ['sc'],
    deleteReturnsObject: true,
    columns: [
      { ...column('Name', className), format: 'name' },
      column('Provisioner', string('provisioner')),
      column('ReclaimPolicy', object => text(at(object, 'reclaimPolicy'), 'Delete')),
      column('VolumeBindingMode', object => text(at(object, 'volumeBindingMode'), 'Immediate')),
      column('AllowVolumeExpansion', boolean('allowVolumeExpansion')),
      AGE,
    ],
  }),
  builtIn({
    ...storage,
    ...conditional,
    plural: 'volumeattachments',
    kind: 'VolumeAttachment',
    prepareForCreate: withStatus({ attached: false }),
    hasStatus: true,
    deleteReturnsObject: true,
    columns: [
      column('Attacher', string('spec', 'attacher')),
      column('PV', string('spec', 'source', 'persistentVolumeName')),
      column('Node', string('spec', 'nodeName')),
      column('Attached', boolean('status', 'attached'), 'boolean'),
      AGE,
    ],
  }),
  builtIn({
    ...storage,
    plural: 'volumeattributesclasses',
    kind: 'VolumeAttributesClass',
    shortNames: ['vac'],
    deleteReturnsObject: true,
    columns: [column('DriverName', string('driverName')), AGE],
  }),
];
