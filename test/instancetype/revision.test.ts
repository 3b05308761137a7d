import { describe, expect, it } from 'vitest';
import {
  isLatestRevision,
  makeRevision,
  revisionMismatch,
  revisionName,
} from '../../simulator/instancetype/index.ts';
import type { ControllerRevision } from '../../simulator/types/core.ts';
import type { Instancetype } from '../../simulator/types/kubevirt.ts';
import { instancetype, instancetypeSpec, labelled, preference, virtualMachine } from './fixtures.ts';

const vm = virtualMachine();
const plain = instancetype('small', instancetypeSpec({}), 'namespaced');
const decorated: Instancetype = {
  ...plain,
  metadata: {
    ...plain.metadata,
    generation: 3,
    labels: { a: 'b' },
    annotations: { c: 'd' },
    finalizers: ['f'],
    ownerReferences: [],
    managedFields: [{ manager: 'kubectl' }],
  },
};

describe('B6-73 the ControllerRevision of a stored copy', () => {
  it('is named after VirtualMachine, object, version, uid and generation', () => {
    expect(revisionName('vm', decorated)).toBe('vm-small-v1beta1-small-uid-3');
  });

  it('holds the object less its decorations', () => {
    expect(makeRevision(vm, decorated)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: 'vm-small-v1beta1-small-uid-3',
        namespace: 'default',
        labels: {
          'instancetype.kubevirt.io/object-generation': '3',
          'instancetype.kubevirt.io/object-kind': 'VirtualMachineInstancetype',
          'instancetype.kubevirt.io/object-name': 'small',
          'instancetype.kubevirt.io/object-uid': 'small-uid',
          'instancetype.kubevirt.io/object-version': 'v1beta1',
        },
        ownerReferences: [
          {
            apiVersion: 'kubevirt.io/v1',
            kind: 'VirtualMachine',
            name: 'vm',
            uid: 'vm-uid',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      data: {
        apiVersion: 'instancetype.kubevirt.io/v1beta1',
        kind: 'VirtualMachineInstancetype',
        metadata: {
          name: 'small',
          namespace: 'default',
          uid: 'small-uid',
          resourceVersion: '7',
          generation: 3,
          creationTimestamp: '2026-01-01T00:00:00Z',
        },
        spec: { cpu: { guest: 2 }, memory: { guest: '1Gi' } },
      },
      revision: 0,
    });
  });

  it('spells the spec as Go’s types do', () => {
    const sparse = {
      ...plain,
      spec: { memory: { guest: '1024Mi', overcommitPercent: 0 }, schedulerName: '' },
    } as unknown as Instancetype;
    expect(makeRevision(vm, sparse).data).toMatchObject({
      spec: { cpu: { guest: 0 }, memory: { guest: '1Gi' } },
    });
    expect(makeRevision(vm, sparse).data).not.toHaveProperty('spec.schedulerName');
    const hungry = preference('p', { requirements: { memory: { guest: '1.5Gi' } } });
    expect(makeRevision(vm, hungry).data).toMatchObject({
      spec: { requirements: { memory: { guest: '1536Mi' } } },
    });
  });

  it('is of the latest version when labelled so', () => {
    expect(isLatestRevision(makeRevision(vm, plain) as ControllerRevision)).toBe(true);
    expect(isLatestRevision(labelled('ControllerRevision', 'old') as ControllerRevision)).toBe(false);
  });
});

describe('a ControllerRevision that is already there', () => {
  const wanted = makeRevision(vm, plain);
  const name = wanted.metadata.name;
  const existing = (data: unknown): ControllerRevision =>
    labelled('ControllerRevision', name ?? '', {}, { data }) as ControllerRevision;

  it('serves when its spec is equal, however it is spelled', () => {
    const data = {
      ...(wanted.data as object),
      spec: { memory: { guest: '1024Mi' }, cpu: { guest: 2 }, gpus: [] },
    };
    expect(revisionMismatch(wanted, existing(data))).toBeUndefined();
  });

  it.each([
    [
      'another spec',
      { ...(wanted.data as object), spec: { cpu: { guest: 2 }, memory: { guest: '1084Mi' } } },
    ],
    ['a preference', { ...(wanted.data as object), kind: 'VirtualMachinePreference' }],
  ])('is refused with %s', (_row, data) => {
    expect(revisionMismatch(wanted, existing(data))).toBe(
      `found existing ControllerRevision with unexpected data: ${name}`,
    );
  });
});
