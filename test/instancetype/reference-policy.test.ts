import { describe, expect, it } from 'vitest';
import { makeRevision, planReferences } from '../../simulator/instancetype/index.ts';
import type {
  MatcherStatus,
  VirtualMachineSpec,
  VirtualMachineStatus,
} from '../../simulator/types/kubevirt.ts';
import {
  clusterOf,
  instancetype,
  instancetypeSpec,
  labelled,
  MASQUERADE,
  preference,
  virtualMachine,
  vmiSpec,
} from './fixtures.ts';

const it1 = instancetype('it', instancetypeSpec({}));
const pref = preference('p', { devices: { preferredDiskBus: 'virtio' } });
const matchers: Partial<VirtualMachineSpec> = {
  instancetype: { name: 'it', kind: 'virtualmachineclusterinstancetype' },
  preference: { name: 'p' },
};
const options = {
  network: MASQUERADE,
  applyDefaults: (spec: VirtualMachineSpec['template']['spec']) => spec,
};
const fresh = virtualMachine(matchers);
const itRevision = makeRevision(fresh, it1);
const prefRevision = makeRevision(fresh, pref);
const itName = itRevision.metadata.name ?? '';
const prefName = prefRevision.metadata.name ?? '';
const settledStatus: VirtualMachineStatus = {
  instancetypeRef: {
    name: 'it',
    kind: 'virtualmachineclusterinstancetype',
    controllerRevisionRef: { name: itName },
  },
  preferenceRef: { name: 'p', controllerRevisionRef: { name: prefName } },
};

describe('B6-75 policy reference', () => {
  it('a VirtualMachine without references asks for nothing', () => {
    expect(planReferences(virtualMachine(), 'reference', clusterOf(), options)).toEqual({ kind: 'settled' });
  });

  it('B6-72 reports what cannot be found, instancetype first', () => {
    expect(planReferences(fresh, 'reference', clusterOf(), options)).toMatchObject({
      kind: 'failed',
      reason: 'FailedFindInstancetype',
      message: 'virtualmachineclusterinstancetypes.instancetype.kubevirt.io "it" not found',
      event: false,
    });
    expect(planReferences(fresh, 'expand', clusterOf(it1), options)).toMatchObject({
      reason: 'FailedFindPreference',
    });
  });

  it('B6-73 B6-74 stores copies and refs', () => {
    expect(planReferences(fresh, 'reference', clusterOf(it1, pref), options)).toEqual({
      kind: 'reference',
      createRevisions: [itRevision, prefRevision],
      instancetypeRef: settledStatus.instancetypeRef,
      preferenceRef: settledStatus.preferenceRef,
      deleteRevisions: [],
    });
  });

  it('is settled once that is written', () => {
    const vm = virtualMachine(matchers, settledStatus);
    expect(planReferences(vm, 'reference', clusterOf(it1, pref, itRevision, prefRevision), options)).toEqual({
      kind: 'settled',
    });
  });

  it('uses a copy that is already there', () => {
    const plan = planReferences(fresh, 'reference', clusterOf(it1, pref, itRevision, prefRevision), options);
    expect(plan).toMatchObject({
      kind: 'reference',
      createRevisions: [],
      instancetypeRef: settledStatus.instancetypeRef,
    });
  });

  it('refuses a copy of the same name with other data', () => {
    const foreign = labelled(
      'ControllerRevision',
      itName,
      {},
      { data: { ...it1, spec: { cpu: { guest: 9 }, memory: { guest: '1Gi' } } } },
    );
    expect(planReferences(fresh, 'reference', clusterOf(it1, pref, foreign), options)).toMatchObject({
      kind: 'failed',
      reason: 'FailedCreate',
      message: `error encountered while storing instancetype.kubevirt.io controllerRevisions: found existing ControllerRevision with unexpected data: ${itName}`,
      event: true,
    });
  });

  it('looks for conflicts once more', () => {
    const vm = virtualMachine({ ...matchers, vmi: vmiSpec({ memory: { guest: '1Gi' } }) });
    expect(planReferences(vm, 'reference', clusterOf(it1, pref), options)).toMatchObject({
      reason: 'FailedCreate',
      message:
        'error encountered while storing instancetype.kubevirt.io controllerRevisions: VM field(s) spec.template.spec.domain.memory.guest conflicts with selected instance type',
    });
  });

  it('stores anew when the matcher names something else', () => {
    const other = instancetype('other', instancetypeSpec({}));
    const vm = virtualMachine({ ...matchers, instancetype: { name: 'other' } }, settledStatus);
    const plan = planReferences(
      vm,
      'reference',
      clusterOf(it1, other, pref, itRevision, prefRevision),
      options,
    );
    const created = makeRevision(vm, other);
    expect(plan).toEqual({
      kind: 'reference',
      createRevisions: [created],
      // The kind stays: an empty one in the matcher is not copied over it.
      instancetypeRef: {
        name: 'other',
        kind: 'virtualmachineclusterinstancetype',
        controllerRevisionRef: { name: created.metadata.name },
      },
      deleteRevisions: [],
    });
  });

  it('B6-74 takes over spec.instancetype.revisionName', () => {
    const chosen = { ...itRevision, metadata: { ...itRevision.metadata, name: 'chosen' } };
    const vm = virtualMachine({ instancetype: { name: 'it', revisionName: 'chosen' } });
    const instancetypeRef: MatcherStatus = { name: 'it', controllerRevisionRef: { name: 'chosen' } };
    expect(planReferences(vm, 'reference', clusterOf(chosen), options)).toEqual({
      kind: 'reference',
      createRevisions: [],
      instancetypeRef,
      deleteRevisions: [],
    });
  });
});

describe('upgrade of stored copies', () => {
  const { 'instancetype.kubevirt.io/object-version': _version, ...oldLabels } =
    itRevision.metadata.labels ?? {};
  const legacy = labelled('ControllerRevision', 'vm-it-it-uid-1', oldLabels, { data: itRevision.data });
  const vm = virtualMachine(matchers, {
    ...settledStatus,
    instancetypeRef: { ...settledStatus.instancetypeRef, controllerRevisionRef: { name: 'vm-it-it-uid-1' } },
  });

  it('replaces a copy without the version label', () => {
    expect(planReferences(vm, 'reference', clusterOf(it1, pref, legacy, prefRevision), options)).toEqual({
      kind: 'reference',
      createRevisions: [itRevision],
      instancetypeRef: settledStatus.instancetypeRef,
      deleteRevisions: ['vm-it-it-uid-1'],
    });
  });

  it('fails where the new name is taken', () => {
    expect(
      planReferences(vm, 'reference', clusterOf(it1, pref, legacy, itRevision, prefRevision), options),
    ).toMatchObject({
      kind: 'failed',
      reason: 'FailedCreate',
      message: `error encountered while upgrading instancetype.kubevirt.io controllerRevisions: controllerrevisions.apps "${itName}" already exists`,
      event: true,
    });
  });
});

describe('B6-75 policies expand and expandAll', () => {
  const lookup = clusterOf(it1, pref, itRevision, prefRevision);

  it.each(['expand', 'expandAll'] as const)('%s writes a new VirtualMachine out', policy => {
    const plan = planReferences(fresh, policy, lookup, options);
    if (plan.kind !== 'expand') throw new Error(plan.kind);
    expect(plan.deleteRevisions).toEqual([]);
    expect(plan.vm.spec).not.toHaveProperty('instancetype');
    expect(plan.vm.spec.template.spec.domain).toMatchObject({
      cpu: { sockets: 2 },
      memory: { guest: '1Gi' },
    });
  });

  it('expand leaves a VirtualMachine with stored copies alone', () => {
    expect(planReferences(virtualMachine(matchers, settledStatus), 'expand', lookup, options)).toEqual({
      kind: 'settled',
    });
  });

  it('expandAll expands it and deletes the copies', () => {
    const plan = planReferences(virtualMachine(matchers, settledStatus), 'expandAll', lookup, options);
    expect(plan).toMatchObject({ kind: 'expand', deleteRevisions: [itName, prefName] });
    if (plan.kind === 'expand') expect(plan.vm.status).toEqual({});
  });

  it('a conflict is an unsupported error', () => {
    const vm = virtualMachine({ ...matchers, vmi: vmiSpec({ memory: { guest: '1Gi' } }) });
    expect(planReferences(vm, 'expand', lookup, options)).toMatchObject({
      reason: 'UnsupportedSyncError',
      message:
        'unsupported error: error encountered while expanding into VirtualMachine: VM field(s) spec.template.spec.domain.memory.guest conflicts with selected instance type',
      event: false,
    });
  });
});
