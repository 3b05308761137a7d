import { describe, expect, it } from 'vitest';
import { inferDefaults } from '../../simulator/instancetype/index.ts';
import type { DataVolumeTemplate, Volume } from '../../simulator/types/kubevirt.ts';
import type { KubeObject } from '../../simulator/types/meta.ts';
import { clusterOf, labelled, virtualMachine, vmiSpec } from './fixtures.ts';

const LABELS = {
  'instancetype.kubevirt.io/default-instancetype': 'u1.small',
  'instancetype.kubevirt.io/default-instancetype-kind': 'VirtualMachineInstancetype',
  'instancetype.kubevirt.io/default-preference': 'fedora',
};
const MISSING_LABEL =
  'unable to find required instancetype.kubevirt.io/default-instancetype label on the volume';
const PVC: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'disk' } };
const DV: Volume = { name: 'v', dataVolume: { name: 'disk' } };

function template(spec: DataVolumeTemplate['spec']): DataVolumeTemplate {
  return { metadata: { name: 'disk' }, spec };
}
const fromDataSource = { sourceRef: { kind: 'DataSource', name: 'ds', namespace: 'images' } };
const fromSnapshot = { source: { snapshot: { name: 'snap', namespace: 'images' } } };
const fromClaim = { source: { pvc: { name: 'golden', namespace: 'images' } } };

interface Row {
  volume: Volume;
  templates?: DataVolumeTemplate[];
  objects: KubeObject[];
}

function infer({ volume, templates, objects }: Row, policy?: string) {
  const matcher = { inferFromVolume: 'v', ...(policy && { inferFromVolumeFailurePolicy: policy }) };
  const vm = virtualMachine({
    instancetype: matcher,
    preference: matcher,
    ...(templates && { dataVolumeTemplates: templates }),
    vmi: vmiSpec({ memory: { guest: '1Gi' } }, { volumes: [volume] }),
  });
  return inferDefaults(vm, clusterOf(...objects));
}

describe('B6-76 inferring from volumes', () => {
  it.each<[string, Row]>([
    ['a claim', { volume: PVC, objects: [labelled('PersistentVolumeClaim', 'disk', LABELS)] }],
    ['a DataVolume', { volume: DV, objects: [labelled('DataVolume', 'disk', LABELS)] }],
    [
      'a collected DataVolume’s claim',
      { volume: DV, objects: [labelled('PersistentVolumeClaim', 'disk', LABELS)] },
    ],
    [
      'a DataVolume’s source claim',
      {
        volume: DV,
        objects: [
          labelled('DataVolume', 'disk', {}, { spec: fromClaim }),
          labelled('PersistentVolumeClaim', 'golden', LABELS, {}, 'images'),
        ],
      },
    ],
    [
      'a DataVolume’s snapshot',
      {
        volume: DV,
        objects: [
          labelled('DataVolume', 'disk', {}, { spec: fromSnapshot }),
          labelled('VolumeSnapshot', 'snap', LABELS, {}, 'images'),
        ],
      },
    ],
    [
      'a template’s source claim',
      {
        volume: DV,
        templates: [template(fromClaim)],
        objects: [labelled('PersistentVolumeClaim', 'golden', LABELS, {}, 'images')],
      },
    ],
    [
      'a template’s snapshot',
      {
        volume: DV,
        templates: [template(fromSnapshot)],
        objects: [labelled('VolumeSnapshot', 'snap', LABELS, {}, 'images')],
      },
    ],
    [
      'a template’s DataSource',
      {
        volume: DV,
        templates: [template(fromDataSource)],
        objects: [labelled('DataSource', 'ds', LABELS, {}, 'images')],
      },
    ],
    [
      'a DataSource’s claim',
      {
        volume: DV,
        templates: [template(fromDataSource)],
        objects: [
          labelled('DataSource', 'ds', {}, { spec: fromClaim }, 'images'),
          labelled('PersistentVolumeClaim', 'golden', LABELS, {}, 'images'),
        ],
      },
    ],
    [
      'a DataSource’s snapshot',
      {
        volume: DV,
        templates: [template(fromDataSource)],
        objects: [
          labelled('DataSource', 'ds', {}, { spec: fromSnapshot }, 'images'),
          labelled('VolumeSnapshot', 'snap', LABELS, {}, 'images'),
        ],
      },
    ],
    [
      'a DataSource in the VirtualMachine’s namespace',
      {
        volume: DV,
        templates: [template({ sourceRef: { kind: 'DataSource', name: 'ds' } })],
        objects: [labelled('DataSource', 'ds', LABELS)],
      },
    ],
  ])('%s', (_row, row) => {
    const { vm } = infer(row);
    expect(vm?.spec.instancetype).toEqual({ name: 'u1.small', kind: 'VirtualMachineInstancetype' });
    expect(vm?.spec.preference).toEqual({ name: 'fedora' });
    expect(vm?.spec.template.spec.domain.memory).toEqual({ guest: '1Gi' });
  });

  it.each<[string, Row, string]>([
    [
      'a volume of another type',
      { volume: { name: 'v', containerDisk: { image: 'i' } }, objects: [] },
      'unable to infer defaults from volume v as type is not supported',
    ],
    [
      'a claim without labels',
      { volume: PVC, objects: [labelled('PersistentVolumeClaim', 'disk')] },
      MISSING_LABEL,
    ],
    [
      'a blank DataVolume',
      { volume: DV, templates: [template({ source: { blank: {} } })], objects: [] },
      'unable to infer defaults from DataVolumeSpec as DataVolumeSource is not supported',
    ],
    [
      'another kind of source',
      { volume: DV, templates: [template({ sourceRef: { kind: 'Other', name: 'x' } })], objects: [] },
      'unable to infer defaults from DataVolumeSourceRef as Kind Other is not supported',
    ],
    [
      'a DataSource without source',
      {
        volume: DV,
        templates: [template(fromDataSource)],
        objects: [labelled('DataSource', 'ds', {}, { spec: { source: {} } }, 'images')],
      },
      "unable to infer defaults from DataSource that doesn't provide DataVolumeSourcePVC or DataVolumeSourceSnapshot",
    ],
  ])('%s is rejected, or dropped under Ignore', (_row, row, message) => {
    expect(infer(row).rejection).toEqual({ code: 400, message });
    expect(infer(row, 'Reject').rejection).toEqual({ code: 400, message });
    const { vm } = infer(row, 'Ignore');
    expect(vm?.spec).not.toHaveProperty('instancetype');
    expect(vm?.spec).not.toHaveProperty('preference');
    expect(vm?.spec.template.spec.domain.memory).toEqual({ guest: '1Gi' });
  });

  it.each<[string, Row, string]>([
    [
      'no such volume',
      { volume: { name: 'other' }, objects: [] },
      'unable to find volume v to infer defaults',
    ],
    ['no such claim', { volume: PVC, objects: [] }, 'persistentvolumeclaims "disk" not found'],
    ['neither DataVolume nor claim', { volume: DV, objects: [] }, 'persistentvolumeclaims "disk" not found'],
    [
      'no such DataSource',
      { volume: DV, templates: [template(fromDataSource)], objects: [] },
      'datasources.cdi.kubevirt.io "ds" not found',
    ],
    [
      'no such snapshot',
      { volume: DV, templates: [template(fromSnapshot)], objects: [] },
      'volumesnapshots.snapshot.storage.k8s.io "snap" not found',
    ],
  ])('%s is rejected under either policy', (_row, row, message) => {
    expect(infer(row, 'Reject').rejection).toEqual({ code: 400, message });
    expect(infer(row, 'Ignore').rejection).toEqual({ code: 400, message });
  });

  it('success under Ignore drops the template’s memory', () => {
    const { vm } = infer(
      { volume: PVC, objects: [labelled('PersistentVolumeClaim', 'disk', LABELS)] },
      'Ignore',
    );
    expect(vm?.spec.template.spec.domain).not.toHaveProperty('memory');
    expect(vm?.spec.instancetype?.name).toBe('u1.small');
  });

  it('without inference the VirtualMachine comes back as it is', () => {
    const vm = virtualMachine({ instancetype: { name: 'x' } });
    expect(inferDefaults(vm, clusterOf()).vm).toBe(vm);
  });
});
