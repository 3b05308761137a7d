/**
 * KubeVirt's other groups: pool, snapshot, export, backup, instancetype, migrations, clone, plugin and template
 * (KubeVirt v1.9 components/crds.go; virt-template v0.2.2's bundle).
 */
import { AGE_PATH, custom, path, served, stored } from './build.ts';
import type { ResourceDefinition } from './definition.ts';
import { REPLICA_SCALE, replicaColumns } from './kubevirt.ts';

const categories = ['all'];
const betaAndAlpha = [stored('v1beta1'), served('v1alpha1')];
const sourceColumns = [path('SourceKind', '.spec.source.kind'), path('SourceName', '.spec.source.name')];

const poolDefinitions = [
  custom({
    group: 'pool.kubevirt.io',
    plural: 'virtualmachinepools',
    kind: 'VirtualMachinePool',
    shortNames: ['vmpool', 'vmpools'],
    categories,
    versions: betaAndAlpha,
    hasStatus: true,
    scale: REPLICA_SCALE,
    columns: replicaColumns('VirtualMachines'),
  }),
];

const snapshotState = [
  path('ReadyToUse', '.status.readyToUse', { type: 'boolean' }),
  path('CreationTime', '.status.creationTime', { type: 'date' }),
  path('Error', '.status.error.message'),
];

const snapshotDefinitions = [
  custom({
    group: 'snapshot.kubevirt.io',
    plural: 'virtualmachinesnapshots',
    kind: 'VirtualMachineSnapshot',
    shortNames: ['vmsnapshot', 'vmsnapshots'],
    categories,
    versions: betaAndAlpha,
    hasStatus: true,
    columns: [...sourceColumns, path('Phase', '.status.phase'), ...snapshotState],
  }),
  custom({
    group: 'snapshot.kubevirt.io',
    plural: 'virtualmachinesnapshotcontents',
    kind: 'VirtualMachineSnapshotContent',
    shortNames: ['vmsnapshotcontent', 'vmsnapshotcontents'],
    categories,
    versions: betaAndAlpha,
    hasStatus: true,
    columns: snapshotState,
  }),
  custom({
    group: 'snapshot.kubevirt.io',
    plural: 'virtualmachinerestores',
    kind: 'VirtualMachineRestore',
    shortNames: ['vmrestore', 'vmrestores'],
    categories,
    versions: betaAndAlpha,
    hasStatus: true,
    columns: [
      path('TargetKind', '.spec.target.kind'),
      path('TargetName', '.spec.target.name'),
      path('Complete', '.status.complete', { type: 'boolean' }),
      path('RestoreTime', '.status.restoreTime', { type: 'date' }),
    ],
  }),
];

const exportDefinitions = [
  custom({
    group: 'export.kubevirt.io',
    plural: 'virtualmachineexports',
    kind: 'VirtualMachineExport',
    shortNames: ['vmexport', 'vmexports'],
    categories,
    versions: [
      stored('v1'),
      served('v1beta1', {
        deprecated: true,
        deprecationWarning:
          'export.kubevirt.io/v1beta1 VirtualMachineExport is now deprecated and will be removed in a future version.',
      }),
    ],
    hasStatus: true,
    columns: [...sourceColumns, path('Phase', '.status.phase')],
  }),
];

const backupDefinitions = [
  custom({
    group: 'backup.kubevirt.io',
    plural: 'virtualmachinebackups',
    kind: 'VirtualMachineBackup',
    shortNames: ['vmbackup', 'vmbackups'],
    categories,
    versions: [stored('v1alpha1')],
    hasStatus: true,
    columns: [
      ...sourceColumns,
      path('Type', '.status.type'),
      path('CheckpointName', '.status.checkpointName'),
    ],
  }),
  custom({
    group: 'backup.kubevirt.io',
    plural: 'virtualmachinebackuptrackers',
    kind: 'VirtualMachineBackupTracker',
    shortNames: ['vmbackuptracker', 'vmbackuptrackers'],
    categories,
    versions: [stored('v1alpha1')],
    hasStatus: true,
    columns: [
      ...sourceColumns,
      path('LatestCheckpoint', '.status.latestCheckpoint.name'),
      path('CheckpointTime', '.status.latestCheckpoint.creationTime', { type: 'date' }),
    ],
  }),
];

const instancetypeDefinitions = [
  custom({
    group: 'instancetype.kubevirt.io',
    plural: 'virtualmachineinstancetypes',
    kind: 'VirtualMachineInstancetype',
    shortNames: ['vminstancetype', 'vminstancetypes', 'vmf', 'vmfs'],
    categories,
    versions: [stored('v1beta1')],
  }),
  custom({
    group: 'instancetype.kubevirt.io',
    plural: 'virtualmachineclusterinstancetypes',
    kind: 'VirtualMachineClusterInstancetype',
    namespaced: false,
    shortNames: ['vmclusterinstancetype', 'vmclusterinstancetypes', 'vmcf', 'vmcfs'],
    versions: [stored('v1beta1')],
  }),
  custom({
    group: 'instancetype.kubevirt.io',
    plural: 'virtualmachinepreferences',
    kind: 'VirtualMachinePreference',
    shortNames: ['vmpref', 'vmprefs', 'vmp', 'vmps'],
    categories,
    versions: [stored('v1beta1')],
  }),
  custom({
    group: 'instancetype.kubevirt.io',
    plural: 'virtualmachineclusterpreferences',
    kind: 'VirtualMachineClusterPreference',
    namespaced: false,
    shortNames: ['vmcp', 'vmcps'],
    versions: [stored('v1beta1')],
  }),
];

const migrationsDefinitions = [
  custom({
    group: 'migrations.kubevirt.io',
    plural: 'migrationpolicies',
    kind: 'MigrationPolicy',
    namespaced: false,
    versions: [stored('v1alpha1')],
    hasStatus: true,
  }),
];

const cloneDefinitions = [
  custom({
    group: 'clone.kubevirt.io',
    plural: 'virtualmachineclones',
    kind: 'VirtualMachineClone',
    shortNames: ['vmclone', 'vmclones'],
    categories,
    versions: betaAndAlpha,
    hasStatus: true,
    columns: [
      path('Phase', '.status.phase'),
      path('SourceVirtualMachine', '.spec.source.name'),
      path('TargetVirtualMachine', '.spec.target.name'),
    ],
  }),
];

const pluginDefinitions = [
  custom({
    group: 'plugin.kubevirt.io',
    plural: 'plugins',
    kind: 'Plugin',
    namespaced: false,
    versions: [stored('v1alpha1')],
  }),
];

/** These CRDs come with the template bundle, which quotes its conditions with double quotes. */
const templateReady = path('Ready', '.status.conditions[?(@.type=="Ready")].status');
const templateProgressing = path('Progressing', '.status.conditions[?(@.type=="Progressing")].status');

/** The beta version is served but the alpha version, deprecated without a text of its own, is stored. */
function templateVersions(kind: string) {
  return [
    served('v1beta1'),
    stored('v1alpha1', {
      deprecated: true,
      deprecationWarning: `template.kubevirt.io/v1alpha1 ${kind} is deprecated`,
    }),
  ];
}

const templateDefinitions = [
  custom({
    group: 'template.kubevirt.io',
    plural: 'virtualmachinetemplates',
    kind: 'VirtualMachineTemplate',
    shortNames: ['vmt', 'vmts'],
    versions: templateVersions('VirtualMachineTemplate'),
    hasStatus: true,
    columns: [AGE_PATH, templateReady],
  }),
  custom({
    group: 'template.kubevirt.io',
    plural: 'virtualmachinetemplaterequests',
    kind: 'VirtualMachineTemplateRequest',
    shortNames: ['vmtr', 'vmtrs'],
    versions: templateVersions('VirtualMachineTemplateRequest'),
    hasStatus: true,
    columns: [path('Template', '.status.templateRef.name'), AGE_PATH, templateReady, templateProgressing],
  }),
];

export const kubevirtGroupDefinitions: readonly ResourceDefinition[] = [
  ...backupDefinitions,
  ...cloneDefinitions,
  ...exportDefinitions,
  ...instancetypeDefinitions,
  ...migrationsDefinitions,
  ...pluginDefinitions,
  ...poolDefinitions,
  ...snapshotDefinitions,
  ...templateDefinitions,
];
