/** cdi.kubevirt.io and forklift.cdi.kubevirt.io (CDI v1.66 pkg/operator/resources/crds_generated.go). */
import { AGE_PATH, custom, path, served, stored } from './build.ts';
import type { ResourceDefinition } from './definition.ts';

const group = 'cdi.kubevirt.io';
const versions = [stored('v1beta1')];
const categories = ['all'];

export const cdiDefinitions: readonly ResourceDefinition[] = [
  custom({
    group,
    plural: 'cdis',
    kind: 'CDI',
    namespaced: false,
    shortNames: ['cdi', 'cdis'],
    versions: [stored('v1beta1'), served('v1alpha1')],
    columns: [AGE_PATH, path('Phase', '.status.phase')],
  }),
  custom({ group, plural: 'cdiconfigs', kind: 'CDIConfig', namespaced: false, versions }),
  custom({
    group,
    plural: 'datavolumes',
    kind: 'DataVolume',
    shortNames: ['dv', 'dvs'],
    categories,
    versions,
    hasStatus: true,
    columns: [
      path('Phase', '.status.phase', { description: 'The phase the data volume is in' }),
      path('Progress', '.status.progress', {
        description: 'Transfer progress in percentage if known, N/A otherwise',
      }),
      path('Restarts', '.status.restartCount', {
        type: 'integer',
        description: 'The number of times the transfer has been restarted.',
      }),
      AGE_PATH,
    ],
  }),
  custom({ group, plural: 'datasources', kind: 'DataSource', shortNames: ['das'], categories, versions }),
  custom({
    group,
    plural: 'dataimportcrons',
    kind: 'DataImportCron',
    shortNames: ['dic', 'dics'],
    categories,
    versions,
    columns: [
      path('Format', '.status.sourceFormat', {
        description: 'The format in which created sources are saved',
      }),
    ],
  }),
  custom({
    group,
    plural: 'storageprofiles',
    kind: 'StorageProfile',
    namespaced: false,
    versions,
    hasStatus: true,
  }),
  custom({
    group,
    plural: 'objecttransfers',
    kind: 'ObjectTransfer',
    namespaced: false,
    shortNames: ['ot', 'ots'],
    versions,
    hasStatus: true,
    columns: [AGE_PATH, path('Phase', '.status.phase', { description: 'The phase of the ObjectTransfer' })],
  }),
  custom({ group, plural: 'volumeimportsources', kind: 'VolumeImportSource', versions }),
  custom({ group, plural: 'volumeuploadsources', kind: 'VolumeUploadSource', versions }),
  custom({ group, plural: 'volumeclonesources', kind: 'VolumeCloneSource', versions }),
  custom({
    group: 'forklift.cdi.kubevirt.io',
    plural: 'openstackvolumepopulators',
    kind: 'OpenstackVolumePopulator',
    shortNames: ['osvp', 'osvps'],
    versions,
  }),
  custom({
    group: 'forklift.cdi.kubevirt.io',
    plural: 'ovirtvolumepopulators',
    kind: 'OvirtVolumePopulator',
    shortNames: ['ovvp', 'ovvps'],
    versions,
  }),
];
