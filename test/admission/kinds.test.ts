import { describe, expect, it } from 'vitest';
import { validateVmiUpdate } from '../../simulator/admission/index.ts';
import type { KubeVirtConfig } from '../../simulator/kubevirt-config/index.ts';
import type { VirtualMachineInstance } from '../../simulator/types/kubevirt.ts';
import type { KubeObject } from '../../simulator/types/meta.ts';
import {
  ask,
  CONTROLLER,
  configWith,
  HANDLER,
  metadata,
  object,
  plainSpec,
  refusal,
  request,
  vmiWith,
  withGates,
  withoutGates,
} from './fixtures.ts';

type Options = Parameters<typeof request>[2];

function said(
  webhook: string,
  resource: string,
  asked: KubeObject | undefined,
  options: Options = {},
): string | undefined {
  return refusal(ask(webhook, request(resource, asked, options)))?.message;
}

describe('a new VMI', () => {
  const create = (change: (vmi: VirtualMachineInstance) => void, config?: KubeVirtConfig) => {
    const asked = request('virtualmachineinstances.kubevirt.io', vmiWith(change), { config });
    const mutated = ask('virtualmachineinstances-mutator.kubevirt.io', asked);
    if (!mutated.allowed || !mutated.object) return refusal(mutated);
    return refusal(
      ask('virtualmachineinstances-create-validator.kubevirt.io', { ...asked, object: mutated.object }),
    );
  };

  it('is accepted when plain', () => expect(create(() => {})).toBeUndefined());

  it('B9-11 has a known architecture', () => {
    expect(
      create(vmi => {
        vmi.spec.architecture = 'riscv64';
      })?.message,
    ).toBe('unsupported architecture: riscv64');
  });

  it('B9-12 says how much memory it has', () => {
    expect(
      create(vmi => {
        vmi.spec.domain.memory = undefined;
      })?.message,
    ).toBe(
      "no memory requested, at least one of 'spec.domain.memory.guest', 'spec.domain.memory.hugepages.pageSize' or 'spec.domain.resources.requests.memory' must be set",
    );
  });

  it('B9-31 bears no label reserved for KubeVirt', () => {
    expect(
      create(vmi => {
        vmi.metadata.labels = { 'kubevirt.io/created-by': 'me' };
      })?.message,
    ).toBe('creation of the following reserved kubevirt.io/ labels on a VMI object is prohibited');
  });

  it('B9-42 has a disk for each volume once defaulted, and is refused where it has none', () => {
    const asked = request(
      'virtualmachineinstances.kubevirt.io',
      vmiWith(({ spec }) => {
        spec.architecture = 'amd64';
        spec.volumes?.push({ name: 'lost', emptyDisk: { capacity: '1Gi' } });
      }),
    );
    expect(refusal(ask('virtualmachineinstances-create-validator.kubevirt.io', asked))?.message).toBe(
      "spec.domain.volumes[2].name 'lost' not found.",
    );
  });

  it('B9-73 keeps to what arm64 can do', () => {
    const arm = (change: (vmi: VirtualMachineInstance) => void) =>
      create(vmi => {
        vmi.spec.architecture = 'arm64';
        change(vmi);
      })?.message;
    expect(arm(() => {})).toBeUndefined();
    expect(
      arm(({ spec }) => {
        spec.domain.firmware = { bootloader: { bios: {} } };
      }),
    ).toBe('Arm64 does not support bios boot, please change to uefi boot');
    expect(
      arm(({ spec }) => {
        spec.domain.cpu = { model: 'Haswell' };
      }),
    ).toBe('currently, host-passthrough is the only model supported on Arm64');
    expect(
      arm(({ spec }) => {
        spec.domain.devices.disks = [{ name: 'root', disk: { bus: 'sata' } }];
      }),
    ).toBe('Arm64 not support this disk bus type, please use virtio or scsi');
    expect(
      arm(({ spec }) => {
        spec.domain.devices.watchdog = { name: 'w' };
      }),
    ).toBe('Arm64 not support Watchdog device');
    expect(
      arm(({ spec }) => {
        spec.domain.devices.sound = { name: 's' };
      }),
    ).toBe('Arm64 not support sound device');
  });

  it('B9-69 has a video device its architecture knows', () => {
    expect(
      create(({ spec }) => {
        spec.domain.devices.video = { type: 'bochs' };
      }),
    ).toBeUndefined();
    expect(
      create(({ spec }) => {
        spec.domain.devices.video = { type: 'qxl' };
      })?.message,
    ).toBe("video model 'qxl' is not supported on amd64 architecture");
  });

  it('B9-75 sets enlightenments itself or passes them through, not both', () => {
    expect(
      create(({ spec }) => {
        spec.domain.features = { hypervPassthrough: {} };
      }),
    ).toBeUndefined();
    expect(
      create(({ spec }) => {
        spec.domain.features = { hyperv: {}, hypervPassthrough: {} };
      })?.message,
    ).toBe(
      'Cannot explicitly set hyperV features if HypervPassthrough is being used. Please use either HyperV or HypervPassthrough.',
    );
  });

  it('is judged by its network twice, as upstream', () => {
    expect(
      create(({ spec }) => {
        spec.domain.devices.interfaces = [{ name: 'default', masquerade: {}, model: 'x' }];
      })?.message,
    ).toMatch(
      /^(interface .* uses model x that is not supported\.)(, interface .* uses model x that is not supported\.)$/,
    );
  });
});

describe('an update of a VMI (B9-31, B9-32)', () => {
  const config = configWith();
  const controller = { username: CONTROLLER, groups: [] };
  const alice = { username: 'alice', groups: [] };
  const running = (change: (vmi: VirtualMachineInstance) => void = () => {}) =>
    vmiWith(vmi => {
      vmi.spec.domain.cpu = { maxSockets: 4 };
      vmi.spec.domain.memory = { guest: '1Gi', maxGuest: '4Gi' };
      vmi.status = {
        nodeName: 'n1',
        volumeStatus: [
          { name: 'root', target: 'vda' },
          { name: 'init', target: 'vdb' },
        ],
      };
      change(vmi);
    });
  const update = (change: (vmi: VirtualMachineInstance) => void, user = controller, conf = config) =>
    validateVmiUpdate(running(change), running(), user, conf).map(({ message }) => message);
  const plug =
    (bus: string) =>
    ({ spec }: VirtualMachineInstance) => {
      spec.volumes?.push({ name: 'new', dataVolume: { name: 'dv', hotpluggable: true } });
      spec.domain.devices.disks?.push({ name: 'new', disk: { bus } });
    };

  it.each<[string, (vmi: VirtualMachineInstance) => void]>([
    [
      'CPU topology maxSockets changed',
      ({ spec }) => {
        spec.domain.cpu = { maxSockets: 8 };
      },
    ],
    [
      'Memory maxGuest changed',
      ({ spec }) => {
        spec.domain.memory = { guest: '1Gi', maxGuest: '8Gi' };
      },
    ],
    [
      'permanent volume root, changed',
      ({ spec }) => {
        const [root] = spec.volumes ?? [];
        if (root) root.containerDisk = { image: 'other' };
      },
    ],
    [
      'permanent disk root, changed',
      ({ spec }) => {
        const [root] = spec.domain.devices.disks ?? [];
        if (root) root.disk = { bus: 'scsi' };
      },
    ],
    [
      'Number of permanent volumes has changed',
      ({ spec }) => {
        spec.volumes?.pop();
        spec.domain.devices.disks?.pop();
      },
    ],
    [
      'mismatch between volumes declared (3) and required (2)',
      ({ spec }) => {
        spec.volumes?.push({ name: 'new', dataVolume: { name: 'dv' } });
      },
    ],
    [
      "Hotplug configuration for disk [new] requires bus to be 'scsi' or 'virtio'. [sata] is not permitted.",
      plug('sata'),
    ],
  ])('by KubeVirt is refused: %s', (message, change) => {
    expect(update(change)).toEqual([message]);
  });

  it('by KubeVirt may plug a volume', () => expect(update(plug('scsi'))).toEqual([]));

  it('by a stranger may touch neither spec nor reserved labels, but other metadata', () => {
    expect(update(plug('scsi'), alice)).toEqual(['update of VMI object is restricted']);
    expect(
      update(vmi => {
        vmi.metadata.labels = { 'kubevirt.io/nodeName': 'x' };
      }, alice),
    ).toEqual(['modification of the following reserved kubevirt.io/ labels on a VMI object is prohibited']);
    expect(
      update(vmi => {
        vmi.metadata.labels = { mine: 'x' };
        vmi.spec.domain.memory = { guest: '1024Mi', maxGuest: '4Gi' };
      }, alice),
    ).toEqual([]);
  });

  it('by virt-handler comes from the node the VMI runs on', () => {
    const handler = (node?: string) => ({
      username: HANDLER,
      groups: [],
      ...(node && { extra: { 'authentication.kubernetes.io/node-name': [node] } }),
    });
    expect(update(() => {}, handler('n1'))).toEqual([]);
    expect(update(() => {}, handler('n2'))).toEqual([
      'Node restriction, virt-handler is only allowed to modify VMIs it owns',
    ]);
    expect(update(() => {}, handler())).toEqual([
      'Node restriction failed, virt-handler service account is missing node name',
    ]);
    expect(update(() => {}, handler(), withoutGates('NodeRestriction'))).toEqual([]);
  });
});

describe('a migration (7.3)', () => {
  const resource = 'virtualmachineinstancemigrations.kubevirt.io';
  const migration = (spec: object, more: object = {}) =>
    object('VirtualMachineInstanceMigration', spec, { ...more });
  const vmi = (status: VirtualMachineInstance['status']) => ({
    'virtualmachineinstances.kubevirt.io': [
      vmiWith(item => {
        item.status = status;
      }),
    ],
  });
  const create = (spec: object, options: Options = {}) =>
    said('migration-create-validator.kubevirt.io', resource, migration(spec), options);

  it('B7-01 gets the label it is found by and its finalizer', () => {
    const result = ask('migrations-mutator.kubevirt.io', request(resource, migration({ vmiName: 'vmi' })));
    expect(result.allowed && result.object?.metadata).toMatchObject({
      labels: { 'kubevirt.io/vmi-name': 'vmi' },
      finalizers: ['kubevirt.io/migrationJobFinalize'],
    });
  });

  it('is refused without a VMI that can move', () => {
    expect(create({ vmiName: 'vmi' }, { stored: vmi({ phase: 'Running' }) })).toBeUndefined();
    expect(create({})).toBe('vmiName is missing');
    expect(create({ vmiName: 'vmi' })).toBe('the VMI "default/vmi" does not exist');
    expect(create({ vmiName: 'vmi' }, { stored: vmi({ phase: 'Succeeded' }) })).toBe(
      'Cannot migrate VMI in finalized state.',
    );
    const stuck = vmi({
      conditions: [
        { type: 'LiveMigratable', status: 'False', reason: 'DisksNotLiveMigratable', message: 'no' },
      ],
    });
    expect(create({ vmiName: 'vmi' }, { stored: stuck })).toBe(
      'Cannot migrate VMI, Reason: DisksNotLiveMigratable, Message: no',
    );
  });

  it('waits for the one in flight', () => {
    const flying = migration(
      { vmiName: 'vmi' },
      { metadata: { labels: { 'kubevirt.io/vmi-name': 'vmi' } }, status: { phase: 'Running' } },
    );
    const stored = { ...vmi({ phase: 'Running' }), [resource]: [flying] };
    expect(create({ vmiName: 'vmi' }, { stored })).toBe(
      'in-flight migration detected. Active migration job (virtualmachineinstancemigration-uid) is currently already in progress for VMI vmi.',
    );
  });

  it('B7-04 has its priority from virt-controller alone', () => {
    const spec = { vmiName: 'vmi', priority: 'system-critical' };
    expect(create(spec)).toBe(
      'Migration priority queue, only virt-controller is allowed to set priority field',
    );
    expect(create(spec, { stored: vmi({}), username: CONTROLLER })).toBeUndefined();
  });

  it('keeps its spec and its label', () => {
    const label = { metadata: { labels: { 'kubevirt.io/vmi-name': 'vmi' } } };
    const old = migration({ vmiName: 'vmi' }, label);
    const update = (changed: KubeObject) =>
      said('migration-update-validator.kubevirt.io', resource, changed, {
        operation: 'UPDATE',
        oldObject: old,
      });
    expect(update(old)).toBeUndefined();
    expect(update(migration({ vmiName: 'other' }, label))).toBe(
      "update of Migration object's spec is restricted",
    );
    expect(update(migration({ vmiName: 'vmi' }))).toBe(
      "selector label can't be removed from an in-flight migration",
    );
    expect(update(migration({ vmiName: 'vmi' }, { metadata: { labels: {} } }))).toBe(
      "selector label can't be modified on an in-flight migration",
    );
  });
});

describe('other kinds', () => {
  const reference = { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'vm' };
  const snapshots = 'virtualmachinesnapshots.snapshot.kubevirt.io';
  const restores = 'virtualmachinerestores.snapshot.kubevirt.io';
  const clones = 'virtualmachineclones.clone.kubevirt.io';
  const pools = 'virtualmachinepools.pool.kubevirt.io';
  const exports = 'virtualmachineexports.export.kubevirt.io';
  const snapshotWebhook = 'virtualmachinesnapshot-validator.snapshot.kubevirt.io';
  const restoreWebhook = 'virtualmachinerestore-validator.snapshot.kubevirt.io';
  const template = { metadata: { labels: { a: 'b' } }, spec: plainSpec() };
  const selector = { matchLabels: { a: 'b' } };

  it.each<[string, string, string, unknown, string, unknown]>([
    [
      'B9-81',
      snapshotWebhook,
      snapshots,
      { source: { kind: 'VirtualMachine' } },
      'missing apiGroup',
      { source: reference },
    ],
    [
      'B9-81',
      snapshotWebhook,
      snapshots,
      { source: { ...reference, apiGroup: 'v2' } },
      'invalid apiGroup',
      { source: reference },
    ],
    [
      'B9-81',
      restoreWebhook,
      restores,
      { target: { ...reference, kind: 'Pod' } },
      'invalid kind',
      { target: reference },
    ],
    [
      'B9-81',
      restoreWebhook,
      restores,
      { target: reference, volumeRestorePolicy: 'x' },
      'volume restore policy "x" doesn\'t exist',
      { target: reference, volumeRestorePolicy: 'InPlace' },
    ],
    [
      'B9-81',
      restoreWebhook,
      restores,
      { target: reference, volumeOwnershipPolicy: 'x' },
      'volume ownership policy "x" doesn\'t exist',
      { target: reference, volumeOwnershipPolicy: 'Vm' },
    ],
    ['B9-82', 'vm-clone-validator.kubevirt.io', clones, {}, 'Source cannot be nil', { source: reference }],
    [
      'B9-82',
      'vm-clone-validator.kubevirt.io',
      clones,
      { source: { ...reference, kind: 'Pod' } },
      'Source kind is not supported',
      { source: { ...reference, kind: 'VirtualMachineSnapshot' } },
    ],
    [
      'B9-82',
      'vm-clone-validator.kubevirt.io',
      clones,
      { source: reference, target: reference },
      'Target name cannot be equal to source name when both are VirtualMachines',
      { source: reference, target: { ...reference, name: 'copy' } },
    ],
    [
      'B9-82',
      'vm-clone-validator.kubevirt.io',
      clones,
      { source: reference, patches: ['{'] },
      'patch is not valid JSON ({)',
      { source: reference, patches: ['{}'] },
    ],
    [
      'B9-83',
      'virtualmachineexport-validator.export.kubevirt.io',
      exports,
      { source: { kind: 'Pod' } },
      'invalid kind',
      { source: reference },
    ],
    [
      'B9-83',
      'virtualmachineexport-validator.export.kubevirt.io',
      exports,
      { source: { kind: 'PersistentVolumeClaim' } },
      'PVC name must not be empty',
      { source: { kind: 'PersistentVolumeClaim', name: 'p' } },
    ],
    [
      'B9-83',
      'virtualmachineexport-validator.export.kubevirt.io',
      exports,
      { source: { ...reference, apiGroup: 'v2' } },
      'VM API group must be kubevirt.io',
      { source: reference },
    ],
    [
      'B9-85',
      'virtualmachinereplicaset-validator.kubevirt.io',
      'virtualmachineinstancereplicasets.kubevirt.io',
      { selector },
      'missing virtual machine template.',
      { selector, template },
    ],
    [
      'B9-85',
      'virtualmachinereplicaset-validator.kubevirt.io',
      'virtualmachineinstancereplicasets.kubevirt.io',
      { selector: { matchLabels: { a: 'c' } }, template },
      'selector does not match labels.',
      { selector, template },
    ],
    ...[
      ['maxUnavailable must be greater than 0', { maxUnavailable: 0 }],
      ['maxUnavailable percentage must end with %', { maxUnavailable: '50' }],
      ['maxUnavailable percentage value 101 must be between 1 and 100', { maxUnavailable: '101%' }],
      [
        'only one strategy can be configured at a time: but found opportunistic, proactive strategies',
        { updateStrategy: { opportunistic: {}, proactive: {} } },
      ],
    ].map(([message, change]): [string, string, string, unknown, string, unknown] => {
      const pool = {
        selector,
        virtualMachineTemplate: { metadata: template.metadata, spec: { runStrategy: 'Always', template } },
      };
      return [
        'B9-85',
        'virtualmachinepool-validator.kubevirt.io',
        pools,
        { ...pool, ...(change as object) },
        message as string,
        { ...pool, maxUnavailable: '50%' },
      ];
    }),
    [
      'B9-86',
      'virtualmachinepreset-validator.kubevirt.io',
      'virtualmachineinstancepresets.kubevirt.io',
      {},
      'missing domain.',
      { domain: {} },
    ],
    [
      'B9-87',
      'migration-policy-validator.kubevirt.io',
      'migrationpolicies.migrations.kubevirt.io',
      { completionTimeoutPerGiB: -1 },
      'must not be negative',
      { completionTimeoutPerGiB: 1 },
    ],
    [
      'B9-87',
      'migration-policy-validator.kubevirt.io',
      'migrationpolicies.migrations.kubevirt.io',
      { bandwidthPerMigration: '-1' },
      'must not be negative',
      { bandwidthPerMigration: '1Gi' },
    ],
    [
      'B9-88',
      'virtualmachineinstancetype-validator.instancetype.kubevirt.io',
      'virtualmachineinstancetypes.instancetype.kubevirt.io',
      { memory: { guest: '1Gi', overcommitPercent: 101 } },
      "spec.memory.overcommitPercent '101': must be in range between 0 and 100.",
      { memory: { guest: '1Gi' } },
    ],
  ])('%s %s', (_row, webhook, resource, refused, message, accepted) => {
    expect(said(webhook, resource, object('Thing', refused))).toBe(message);
    expect(said(webhook, resource, object('Thing', accepted))).toBeUndefined();
  });

  it('B9-81, B9-83 specs stay as they are', () => {
    const options: Options = {
      operation: 'UPDATE',
      oldObject: object('Thing', { source: { ...reference, name: 'old' } }),
    };
    expect(said(snapshotWebhook, snapshots, object('Thing', { source: reference }), options)).toBe(
      'spec in immutable after creation',
    );
  });

  it('B9-81 a target is restored once at a time', () => {
    const stored = { [restores]: [object('VirtualMachineRestore', { target: reference })] };
    expect(said(restoreWebhook, restores, object('Thing', { target: reference }), { stored })).toBe(
      'VirtualMachineRestore "virtualmachinerestore" in progress',
    );
  });

  it('B9-84 a source is backed up once at a time', () => {
    const backups = 'virtualmachinebackups.backup.kubevirt.io';
    const webhook = 'virtualmachinebackup-validator.backup.kubevirt.io';
    const config = withGates('IncrementalBackup');
    const stored = { [backups]: [object('VirtualMachineBackup', { source: reference })] };
    const asked = object('Other', { source: reference });
    expect(said(webhook, backups, asked)).toBe('IncrementalBackup feature gate not enabled');
    expect(said(webhook, backups, asked, { config })).toBeUndefined();
    expect(said(webhook, backups, asked, { config, stored })).toBe(
      'VirtualMachineBackup "virtualmachinebackup" in progress for source',
    );
    expect(said(webhook, backups, object('VirtualMachineBackup', {}), { config, stored })).toBe(
      'VirtualMachineBackup "virtualmachinebackup" already exists',
    );
  });

  it('B8-30 a clone gets a target named after its source', () => {
    const result = ask(
      'virtualmachineclones-mutator.kubevirt.io',
      request(clones, object('Clone', { source: reference })),
    );
    expect(result.allowed && (result.object as unknown as { spec: unknown }).spec).toEqual({
      source: reference,
      target: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'clone-vm-aaaaa' },
    });
  });

  it('B9-89 there is one KubeVirt, which holds out while workloads are left', () => {
    const kubevirts = 'kubevirts.kubevirt.io';
    const kubevirt = (spec: object) => object('KubeVirt', spec, { status: { phase: 'Deployed' } });
    expect(said('kubevirt-create-validator.kubevirt.io', kubevirts, kubevirt({}))).toBeUndefined();
    expect(
      said('kubevirt-create-validator.kubevirt.io', kubevirts, kubevirt({}), {
        stored: { [kubevirts]: [kubevirt({})] },
      }),
    ).toBe('Kubevirt is already created');
    const remove = (stored: Record<string, KubeObject[]>) =>
      said('kubevirt-validator.kubevirt.io', kubevirts, undefined, {
        operation: 'DELETE',
        oldObject: kubevirt({ uninstallStrategy: 'BlockUninstallIfWorkloadsExist' }),
        stored,
      });
    expect(remove({})).toBeUndefined();
    expect(remove({ 'virtualmachineinstances.kubevirt.io': [vmiWith()] })).toMatch(
      /^Rejecting the uninstall request, since there are still Virtual Machine Instances present\./,
    );
    const update = (spec: object) =>
      ask(
        'kubevirt-update-validator.kubevirt.io',
        request(kubevirts, kubevirt(spec), { operation: 'UPDATE', oldObject: kubevirt({}) }),
      );
    expect(refusal(update({ infra: { replicas: 0 } }))?.message).toBe("infra replica count can't be 0");
    expect(refusal(update({ configuration: { additionalGuestMemoryOverheadRatio: '0.5' } }))?.message).toBe(
      'ratio provided, 0.5, cannot be smaller than 1.0',
    );
    expect(
      refusal(
        update({
          configuration: {
            developerConfiguration: { featureGates: ['Root'], disabledFeatureGates: ['Root'] },
          },
        }),
      )?.message,
    ).toBe('feature gate "Root" exists on both "FeatureGates" and "DisabledFeatureGates"');
    expect(
      update({ configuration: { developerConfiguration: { featureGates: ['HotplugVolumes', 'Root'] } } }),
    ).toEqual({
      allowed: true,
      warnings: [
        'HotplugVolumes has been deprecated since v1.9.0 and has been replaced by DeclarativeHotplugVolumes',
      ],
    });
  });
});

describe('an eviction (B7-30)', () => {
  const pod = object(
    'Pod',
    { nodeName: 'n1' },
    {
      metadata: {
        ...metadata('virt-launcher-vmi'),
        labels: { 'kubevirt.io': 'virt-launcher' },
        annotations: { 'kubevirt.io/domain': 'vmi' },
      },
    },
  );
  const migratable = { type: 'LiveMigratable', status: 'True' } as const;
  const evict = (strategy: string, status: VirtualMachineInstance['status'], options: Options = {}) => {
    const vmi = vmiWith(item => {
      item.spec.evictionStrategy = strategy;
      item.status = { nodeName: 'n1', ...status };
    });
    const stored = { pods: [pod], 'virtualmachineinstances.kubevirt.io': [vmi] };
    const name = 'virt-launcher-vmi';
    return ask(
      'virt-launcher-eviction-interceptor.kubevirt.io',
      request('pods', object('Eviction', undefined), { stored, name, ...options }),
    );
  };
  const triggered = 'Eviction triggered evacuation of VMI "default/vmi"';

  it('goes ahead where the VMI shall not move', () => {
    expect(evict('None', {})).toEqual({ allowed: true });
    expect(evict('LiveMigrateIfPossible', {})).toEqual({ allowed: true });
  });

  it('is denied with 429 and marks the VMI where it shall', () => {
    for (const strategy of ['LiveMigrate', 'LiveMigrateIfPossible', 'External']) {
      expect(evict(strategy, { conditions: [migratable] })).toEqual({
        allowed: false,
        denial: { code: 429, message: triggered },
        sideEffect: {
          resource: 'virtualmachineinstances.kubevirt.io',
          namespace: 'default',
          name: 'vmi',
          patch: [{ op: 'add', path: '/status/evacuationNodeName', value: 'n1' }],
        },
      });
    }
    expect(evict('External', {}, { dryRun: true })).toEqual({
      allowed: false,
      denial: { code: 429, message: triggered },
    });
  });

  it('is denied without a mark where the VMI cannot move, already does, or is elsewhere', () => {
    expect(refusal(evict('LiveMigrate', {}))?.message).toBe(
      'VMI vmi is configured with an eviction strategy but is not live-migratable',
    );
    expect(refusal(evict('External', { evacuationNodeName: 'n1' }))?.message).toBe(
      `Evacuation in progress: ${triggered}`,
    );
    expect(refusal(evict('External', { nodeName: 'n2' }))?.message).toBe('Eviction request for target Pod');
  });

  it('of a hotplug pod is denied while its VMI runs', () => {
    const hotplug = object(
      'Pod',
      {},
      {
        metadata: {
          ...metadata('hp-volume-x'),
          labels: { 'kubevirt.io': 'hotplug-disk' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: 'u' }],
        },
      },
    );
    const stored = { pods: [pod, hotplug], 'virtualmachineinstances.kubevirt.io': [vmiWith()] };
    expect(
      said('hotplug-pod-eviction-interceptor.kubevirt.io', 'pods', object('Eviction', undefined), {
        stored,
        name: 'hp-volume-x',
      }),
    ).toBe('cannot evict hotplug pod: hp-volume-x associated with running vmi: vmi in namespace default');
  });
});
