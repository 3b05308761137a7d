import { describe, expect, it } from 'vitest';
import type { KubeVirtConfig } from '../../simulator/kubevirt-config/index.ts';
import type { VirtualMachine } from '../../simulator/types/kubevirt.ts';
import { ask, metadata, object, refusal, request, vmWith, withGates } from './fixtures.ts';

type Change = (vm: VirtualMachine) => void;
const none: Change = () => {};

function answer(change: Change, options: Parameters<typeof request>[2] = {}) {
  return ask(
    'virtualmachine-validator.kubevirt.io',
    request('virtualmachines.kubevirt.io', vmWith(change), options),
  );
}

const withTemplateVolume: Change = ({ spec }) => {
  spec.template.spec.volumes?.push({ name: 'dv', dataVolume: { name: 'dv' } });
};
const dataVolume =
  (spec: Record<string, never | object>, name = 'dv'): Change =>
  vm => {
    withTemplateVolume(vm);
    vm.spec.dataVolumeTemplates = [{ metadata: { name }, spec: spec as never }];
  };

const ROWS: [string, Change, string, Change, KubeVirtConfig?][] = [
  [
    'B9-01',
    ({ spec }) => {
      spec.runStrategy = undefined;
    },
    'RunStrategy must be specified',
    none,
  ],
  [
    'B9-02',
    ({ spec }) => {
      spec.running = true;
    },
    'Running and RunStrategy are mutually exclusive. Note that Running is deprecated, please use RunStrategy instead',
    none,
  ],
  [
    'B9-03',
    ({ spec }) => {
      spec.runStrategy = 'Sometimes' as never;
    },
    'Invalid RunStrategy (Sometimes)',
    ({ spec }) => {
      spec.runStrategy = 'Once';
    },
  ],
  [
    'B9-03',
    ({ spec }) => {
      spec.runStrategy = 'WaitAsReceiver';
    },
    'Invalid RunStrategy (WaitAsReceiver), DecentralizedLiveMigration feature gate is not enabled in kubevirt resource',
    none,
  ],
  [
    'B9-04',
    ({ spec }) => {
      spec.template = undefined as never;
    },
    'missing virtual machine template.',
    none,
  ],
  [
    'B9-31',
    ({ spec }) => {
      spec.template.metadata = { labels: { 'kubevirt.io/nodeName': 'n' } };
    },
    'creation of the following reserved kubevirt.io/ labels on a VMI object is prohibited',
    ({ spec }) => {
      spec.template.metadata = { labels: { 'kubevirt.io/vm': 'n' } };
    },
  ],
  [
    'B9-58',
    dataVolume({ pvc: {}, source: { blank: {} } }, 'other'),
    "DataVolumeTemplate entry spec.dataVolumeTemplate[0] must be referenced in the VMI template's 'volumes' list",
    dataVolume({ pvc: {}, source: { blank: {} } }),
  ],
  [
    'B9-58',
    dataVolume({ pvc: {}, source: { blank: {} } }, ''),
    "'name' field must not be empty for DataVolumeTemplate entry spec.dataVolumeTemplate[0].name.",
    dataVolume({ storage: {}, sourceRef: { kind: 'DataSource' } }),
  ],
  [
    'B9-58',
    dataVolume({ source: { blank: {} } }),
    'Missing Data volume PVC or Storage',
    dataVolume({ storage: {}, source: { blank: {} } }),
  ],
  [
    'B9-58',
    dataVolume({ pvc: {}, storage: {}, source: { blank: {} } }),
    'Duplicate storage definition, both target storage and target pvc defined',
    none,
  ],
  [
    'B9-58',
    dataVolume({ pvc: {} }),
    'Data volume should have either Source, SourceRef, or be externally populated',
    dataVolume({ pvc: { dataSourceRef: {} } }),
  ],
  ['B9-58', dataVolume({ pvc: {}, source: {} }), 'Missing dataVolume valid source', none],
  ['B9-58', dataVolume({ pvc: {}, source: { blank: {}, http: {} } }), 'Multiple dataVolume sources', none],
  [
    'B9-58',
    vm => {
      dataVolume({ pvc: {}, source: { blank: {} } })(vm);
      const [template] = vm.spec.dataVolumeTemplates ?? [];
      if (template) template.metadata.namespace = 'elsewhere';
    },
    'Embedded DataVolume namespace elsewhere differs from VM namespace default',
    none,
  ],
  [
    'B9-70',
    ({ spec }) => {
      spec.template.metadata = { annotations: { 'hooks.kubevirt.io/hookSidecars': '[]' } };
    },
    'sidecar feature gate is not enabled in kubevirt-config, invalid entry spec.template.metadata.annotations.hooks.kubevirt.io/hookSidecars',
    none,
  ],
  [
    'B9-64',
    ({ spec }) => {
      spec.template.spec.domain.devices.interfaces = [{ name: 'default', slirp: {} }];
    },
    'Slirp interface support has been discontinued since v1.3',
    none,
  ],
];

describe('admission of a VM', () => {
  it.each(ROWS)(
    '%s refuses with its message and accepts its neighbour: %#',
    (_row, refused, message, accepted, config) => {
      expect(refusal(answer(refused, { config }))).toMatchObject({ code: 422, message });
      expect(answer(accepted, { config })).toEqual({ allowed: true });
    },
  );

  it('B9-03 takes WaitAsReceiver with the gate', () => {
    const change: Change = ({ spec }) => {
      spec.runStrategy = 'WaitAsReceiver';
    };
    expect(answer(change, { config: withGates('DecentralizedLiveMigration') })).toEqual({ allowed: true });
  });

  it('warns of the deprecated running field', () => {
    const result = answer(({ spec }) => {
      spec.running = true;
      spec.runStrategy = undefined;
    });
    expect(result).toEqual({
      allowed: true,
      warnings: ['spec.running is deprecated, please use spec.runStrategy instead.'],
    });
  });

  it('lets a VM in that is being deleted, whatever its spec', () => {
    expect(
      answer(vm => {
        vm.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
        vm.spec.runStrategy = undefined;
      }),
    ).toEqual({ allowed: true });
  });

  it('shapes a denial with causes, at most ten of them', () => {
    const result = answer(({ spec }) => {
      spec.template.spec.domain.devices.disks?.push(
        ...Array.from({ length: 12 }, (_, at) => ({ name: `lost${at}`, disk: {} })),
      );
    });
    if (result.allowed) throw new Error('allowed');
    const { denial } = result;
    expect(denial).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(denial.details?.causes).toHaveLength(10);
    expect(denial.message).toMatch(/disks\[11\]\.Name 'lost9' not found\., and 2 more validation errors$/);
  });

  it('B9-09 keeps disks and running state while a snapshot is taken, run strategy while one is restored', () => {
    const update = (change: Change, status: VirtualMachine['status']) =>
      answer(
        vm => {
          vm.status = status;
          change(vm);
        },
        { operation: 'UPDATE', oldObject: vmWith() },
      );
    const snapshot = { snapshotInProgress: 'snap' };
    expect(refusal(update(withTemplateVolume, snapshot))?.message).toBe(
      'Cannot update vm disks or volumes until snapshot "snap" completes',
    );
    const halt: Change = ({ spec }) => {
      spec.runStrategy = 'Halted';
    };
    expect(refusal(update(halt, snapshot))?.message).toBe(
      'Cannot update vm running state until snapshot "snap" completes',
    );
    expect(refusal(update(halt, { restoreInProgress: 'r' }))?.message).toBe(
      'Cannot update VM runStrategy until restore "r" completes',
    );
    expect(update(none, { ...snapshot, restoreInProgress: 'r' })).toEqual({ allowed: true });
  });

  it('B9-10, B9-57 judges volume requests', () => {
    const asked = (...volumeRequests: object[]) =>
      refusal(
        answer(vm => {
          vm.status = { volumeRequests: volumeRequests as never };
        }),
      )?.message;
    const add = (disk: object | undefined) => ({
      addVolumeOptions: { name: 'new', disk, volumeSource: { dataVolume: { name: 'dv' } } },
    });
    const scsi = { name: 'new', disk: { bus: 'scsi' } };
    expect(asked(add(scsi))).toBeUndefined();
    expect(asked(add(scsi), add(scsi))).toBe('AddVolume request for [new] aleady exists');
    expect(asked(add(undefined))).toBe('AddVolume request for [new] requires the disk field to be set.');
    expect(asked(add({ disk: { bus: 'sata' } }))).toBe(
      "AddVolume request for disk [new] requires bus to be 'scsi' or 'virtio'. [sata] is not permitted.",
    );
    expect(asked(add({ lun: { bus: 'sata' } }))).toBe(
      "AddVolume request for LUN [new] requires bus to be 'scsi'. [sata] is not permitted.",
    );
    expect(asked(add({ cdrom: { bus: 'sata' } }))).toBe(
      "AddVolume request for [new] requires diskDevice of type 'disk' or 'lun' to be used.",
    );
    expect(asked({ addVolumeOptions: { name: 'root', disk: scsi } })).toBe(
      'AddVolume request for [root] conflicts with an existing volume of the same name on the vmi template.',
    );
  });

  it('B9-06, B6-72 applies an instancetype, and lets a missing one pass', () => {
    const change: Change = ({ spec }) => {
      spec.instancetype = { name: 'small', kind: 'VirtualMachineInstancetype' };
    };
    expect(answer(change)).toEqual({ allowed: true });
    const small = object(
      'VirtualMachineInstancetype',
      { cpu: { guest: 1 }, memory: { guest: '1Gi' } },
      {
        apiVersion: 'instancetype.kubevirt.io/v1beta1',
        metadata: metadata('small'),
      },
    );
    const stored = { 'virtualmachineinstancetypes.instancetype.kubevirt.io': [small] };
    expect(refusal(answer(change, { stored }))?.message).toBe(
      'VM field(s) spec.template.spec.domain.memory.guest conflicts with selected instance type',
    );
  });
});
