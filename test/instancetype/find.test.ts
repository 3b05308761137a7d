import { describe, expect, it } from 'vitest';
import { findInstancetype, findPreference, makeRevision } from '../../simulator/instancetype/index.ts';
import type { VirtualMachine } from '../../simulator/types/kubevirt.ts';
import {
  clusterOf,
  instancetype,
  instancetypeSpec,
  labelled,
  preference,
  virtualMachine,
} from './fixtures.ts';

const small = instancetypeSpec({ cpu: { guest: 1 } });
const large = instancetypeSpec({ cpu: { guest: 8 } });

describe('finding an instancetype', () => {
  it('B6-70 no matcher, nothing to find', () => {
    expect(findInstancetype(virtualMachine(), clusterOf())).toBeUndefined();
    expect(findPreference(virtualMachine(), clusterOf())).toBeUndefined();
  });

  it.each([
    ['none', undefined, 'cluster'],
    ['empty', '', 'cluster'],
    ['cluster kind', 'VirtualMachineClusterInstancetype', 'cluster'],
    ['cluster plural', 'virtualmachineclusterinstancetypes', 'cluster'],
    ['namespaced kind', 'VirtualMachineInstancetype', 'namespaced'],
    ['namespaced singular', 'virtualmachineinstancetype', 'namespaced'],
    ['namespaced plural', 'virtualmachineinstancetypes', 'namespaced'],
  ] as const)('B6-70 kind: %s', (_row, kind, scope) => {
    const wanted = instancetype('it', large, scope);
    const lookup = clusterOf(
      wanted,
      instancetype('it', small, scope === 'cluster' ? 'namespaced' : 'cluster'),
    );
    const vm = virtualMachine({ instancetype: { name: 'it', ...(kind !== undefined && { kind }) } });
    expect(findInstancetype(vm, lookup)?.found).toEqual({ spec: large, object: wanted, from: 'object' });
  });

  it('B6-70 unexpected kinds', () => {
    const vm = virtualMachine({
      instancetype: { name: 'x', kind: 'Flavor' },
      preference: { name: 'x', kind: 'constructor' },
    });
    expect(findInstancetype(vm, clusterOf())?.missing).toBe(
      'got unexpected kind in InstancetypeMatcher: Flavor',
    );
    expect(findPreference(vm, clusterOf())?.missing).toBe(
      'got unexpected kind in PreferenceMatcher: constructor',
    );
  });

  it.each<[string, Partial<VirtualMachine['spec']>, string]>([
    [
      'cluster instancetype',
      { instancetype: { name: 'nonexistent' } },
      'virtualmachineclusterinstancetypes.instancetype.kubevirt.io "nonexistent" not found',
    ],
    [
      'instancetype',
      { instancetype: { name: 'nonexistent', kind: 'VirtualMachineInstancetype' } },
      'virtualmachineinstancetypes.instancetype.kubevirt.io "nonexistent" not found',
    ],
    [
      'cluster preference',
      { preference: { name: 'nonexistent' } },
      'virtualmachineclusterpreferences.instancetype.kubevirt.io "nonexistent" not found',
    ],
    [
      'preference',
      { preference: { name: 'nonexistent', kind: 'VirtualMachinePreference' } },
      'virtualmachinepreferences.instancetype.kubevirt.io "nonexistent" not found',
    ],
    [
      'revision',
      { instancetype: { name: 'it', revisionName: 'gone' } },
      'controllerrevisions.apps "gone" not found',
    ],
  ])('B6-72 missing %s', (_row, spec, message) => {
    const vm = virtualMachine(spec);
    const missing = findInstancetype(vm, clusterOf())?.missing ?? findPreference(vm, clusterOf())?.missing;
    expect(missing).toBe(message);
  });
});

describe('B6-74 stored copies come before the object', () => {
  const live = instancetype('it', large);
  const vm = virtualMachine({ instancetype: { name: 'it' } });
  const copy = makeRevision(vm, instancetype('it', small));
  const copyName = copy.metadata.name ?? '';

  it('spec.instancetype.revisionName', () => {
    const withRevision = virtualMachine({ instancetype: { name: 'it', revisionName: copyName } });
    const found = findInstancetype(withRevision, clusterOf(live, copy))?.found;
    expect(found).toMatchObject({ from: 'revision', spec: small });
  });

  it('status.instancetypeRef.controllerRevisionRef', () => {
    const withRef = virtualMachine(
      { instancetype: { name: 'it' } },
      { instancetypeRef: { name: 'it', controllerRevisionRef: { name: copyName } } },
    );
    expect(findInstancetype(withRef, clusterOf(live, copy))?.found).toMatchObject({
      from: 'revision',
      spec: small,
    });
  });

  it('but not the copy of another instancetype', () => {
    const other = instancetype('other', small);
    const renamed = virtualMachine(
      { instancetype: { name: 'other' } },
      { instancetypeRef: { name: 'it', controllerRevisionRef: { name: copyName } } },
    );
    expect(findInstancetype(renamed, clusterOf(other, copy))?.found).toMatchObject({
      from: 'object',
      object: other,
    });
  });

  it('and a ref to a copy that is gone is an error', () => {
    const dangling = virtualMachine(
      { instancetype: { name: 'it' } },
      { instancetypeRef: { controllerRevisionRef: { name: 'gone' } } },
    );
    expect(findInstancetype(dangling, clusterOf(live))?.missing).toBe(
      'controllerrevisions.apps "gone" not found',
    );
  });

  it.each([
    ['no data', undefined, 'unexpected type in ControllerRevision: <nil>'],
    [
      'the wrong role',
      preference('it', {}),
      'unexpected type in ControllerRevision: *v1beta1.VirtualMachineClusterPreference',
    ],
    [
      'another KubeVirt kind',
      { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine' },
      'unexpected type in ControllerRevision: *v1.VirtualMachine',
    ],
    [
      'no kind',
      { apiVersion: 'v1' },
      'failed to decode object in ControllerRevision: Object \'Kind\' is missing in \'{"apiVersion":"v1"}\'',
    ],
    [
      'a version that v1.9 has dropped',
      { apiVersion: 'instancetype.kubevirt.io/v1alpha2', kind: 'VirtualMachineInstancetype' },
      'failed to decode object in ControllerRevision: no kind "VirtualMachineInstancetype" is registered for version ' +
        '"instancetype.kubevirt.io/v1alpha2" in scheme "kubevirt.io/client-go/kubevirt/scheme/register.go:44"',
    ],
  ])('a copy that holds %s', (_row, data, message) => {
    const revision = labelled('ControllerRevision', 'bad', {}, data && { data });
    const withRevision = virtualMachine({ instancetype: { name: 'it', revisionName: 'bad' } });
    expect(findInstancetype(withRevision, clusterOf(revision))?.missing).toBe(message);
  });
});
