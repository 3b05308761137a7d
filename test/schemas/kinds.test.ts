import { describe, expect, it } from 'vitest';
import {
  builtinKinds,
  componentSchema,
  isCustomKind,
  prune,
  schemaFor,
  validateObject,
} from '../../simulator/schemas/index.ts';
import { deployment, virtualMachine } from './samples.ts';

/** The resources a KubeVirt v1.9 and CDI installation serves, with every served version. */
const served: [group: string, versions: string, kinds: string][] = [
  [
    'kubevirt.io',
    'v1 v1alpha3',
    'KubeVirt VirtualMachine VirtualMachineInstance VirtualMachineInstanceMigration VirtualMachineInstancePreset VirtualMachineInstanceReplicaSet',
  ],
  ['pool.kubevirt.io', 'v1beta1 v1alpha1', 'VirtualMachinePool'],
  [
    'snapshot.kubevirt.io',
    'v1beta1 v1alpha1',
    'VirtualMachineSnapshot VirtualMachineSnapshotContent VirtualMachineRestore',
  ],
  ['export.kubevirt.io', 'v1 v1beta1', 'VirtualMachineExport'],
  ['clone.kubevirt.io', 'v1beta1 v1alpha1', 'VirtualMachineClone'],
  ['migrations.kubevirt.io', 'v1alpha1', 'MigrationPolicy'],
  ['backup.kubevirt.io', 'v1alpha1', 'VirtualMachineBackup VirtualMachineBackupTracker'],
  ['plugin.kubevirt.io', 'v1alpha1', 'Plugin'],
  ['template.kubevirt.io', 'v1beta1 v1alpha1', 'VirtualMachineTemplate VirtualMachineTemplateRequest'],
  [
    'instancetype.kubevirt.io',
    'v1beta1',
    'VirtualMachineInstancetype VirtualMachineClusterInstancetype VirtualMachinePreference VirtualMachineClusterPreference',
  ],
  [
    'cdi.kubevirt.io',
    'v1beta1',
    'CDI CDIConfig DataImportCron DataSource DataVolume ObjectTransfer StorageProfile',
  ],
  ['cdi.kubevirt.io', 'v1beta1', 'VolumeCloneSource VolumeImportSource VolumeUploadSource'],
  ['forklift.cdi.kubevirt.io', 'v1beta1', 'OpenstackVolumePopulator OvirtVolumePopulator'],
  ['upload.cdi.kubevirt.io', 'v1beta1', 'UploadTokenRequest'],
  ['snapshot.storage.k8s.io', 'v1', 'VolumeSnapshot VolumeSnapshotContent VolumeSnapshotClass'],
  ['k8s.cni.cncf.io', 'v1', 'NetworkAttachmentDefinition'],
];

describe('kinds', () => {
  for (const [group, versions, kinds] of served) {
    it(`${group} has schemas for ${kinds} at ${versions}`, () => {
      for (const version of versions.split(' ')) {
        for (const kind of kinds.split(' ')) {
          expect(schemaFor(group, version, kind), `${version} ${kind}`).toBeDefined();
          expect(isCustomKind(group, version, kind)).toBe(true);
        }
      }
    });
  }

  it('knows core kinds, which are not custom', () => {
    for (const [group, version, kind] of [
      ['', 'v1', 'Pod'],
      ['apps', 'v1', 'Deployment'],
      ['policy', 'v1', 'Eviction'],
      ['authentication.k8s.io', 'v1', 'TokenRequest'],
      ['events.k8s.io', 'v1', 'Event'],
      ['resource.k8s.io', 'v1', 'ResourceClaim'],
    ] as const) {
      expect(schemaFor(group, version, kind)?.properties?.metadata, kind).toBeDefined();
      expect(isCustomKind(group, version, kind)).toBe(false);
    }
    expect(schemaFor('', 'v1', 'Nonsense')).toBeUndefined();
  });

  it('every kind can be walked to its leaves: no reference leads nowhere', () => {
    for (const { group, version, kind } of builtinKinds()) {
      const schema = schemaFor(group, version, kind)!;
      expect(prune(schema, { apiVersion: 'x', kind, metadata: { name: 'a' } }).unknown, kind).toEqual([]);
    }
  });

  it('tells the two Event kinds and the two ResourceClaim types apart', () => {
    expect(schemaFor('', 'v1', 'Event')?.properties?.involvedObject).toBeDefined();
    expect(schemaFor('events.k8s.io', 'v1', 'Event')?.properties?.regarding).toBeDefined();
    expect(componentSchema('io.k8s.api.core.v1.ResourceClaim')?.properties?.request).toBeDefined();
    expect(componentSchema('io.k8s.api.resource.v1.ResourceClaim')?.properties?.spec).toBeDefined();
  });
});

describe('what the packages lost', () => {
  it('keeps a virtual machine as it is, probe ports and condition times included', () => {
    const schema = schemaFor('kubevirt.io', 'v1', 'VirtualMachine')!;
    const pruned = prune(schema, virtualMachine);
    expect(pruned.unknown).toEqual([]);
    expect(pruned.value).toBe(virtualMachine);
    expect(validateObject(schema, virtualMachine)).toEqual([]);
  });

  it('keeps a deployment as it is', () => {
    const pruned = prune(schemaFor('apps', 'v1', 'Deployment')!, deployment);
    expect(pruned.unknown).toEqual([]);
    expect(pruned.value).toBe(deployment);
  });

  // Fields that came with KubeVirt v1.8 and v1.9, or that the generator renamed.
  it.each([
    ['VirtualMachineInstanceSpec', 'serviceAccountName'],
    ['VirtualMachineInstanceStatus', 'VSOCKCID'],
    ['Interface', 'portRanges'],
    ['Network', 'resourceClaim'],
    ['KubeVirtConfiguration', 'persistentReservationConfiguration'],
    ['KubeVirtSpec', 'configuration'],
    ['MigrationConfiguration', 'maxDowntimeMs'],
    ['TCPSocketAction', 'port'],
    ['VirtualMachineCondition', 'lastProbeTime'],
  ])('%s.%s is known', (type, field) => {
    const schema = componentSchema(`kubevirt.V1${type}`) ?? componentSchema(`io.k8s.api.core.v1.${type}`);
    expect(schema?.properties).toHaveProperty([field]);
  });
});
