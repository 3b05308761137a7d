import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../simulator/cluster.ts';
import * as refs from '../../../simulator/resources/refs.ts';
import { findCondition } from '../../../simulator/types/conditions.ts';
import {
  act,
  addNode,
  claim,
  create,
  createVm,
  destroy,
  endGuest,
  eventsOf,
  history,
  instanceSpec,
  launchersOf,
  onClaim,
  patch,
  phaseOf,
  smallCluster,
  statusOf,
  untilStatus,
  vmOf,
  vmiOf,
} from '../../cluster/fixture.ts';

function running(options: Parameters<typeof createVm>[2] = {}): Cluster {
  const cluster = smallCluster({ nodes: 1 });
  createVm(cluster, 'vm', { runStrategy: 'Always', ...options });
  untilStatus(cluster, 'Running');
  cluster.advance(1_000);
  return cluster;
}

const condition = (cluster: Cluster, type: string) => findCondition(vmOf(cluster)?.status?.conditions, type);

const revisions = (cluster: Cluster) =>
  cluster.view
    .list(refs.controllerRevisions, 'default')
    .map(({ metadata }) => metadata.name)
    .filter(name => name.startsWith('revision-start-vm-'));

describe('a new VM', () => {
  test('is marked as seen and gets the finalizer of its controller', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm');
    cluster.advance(0);
    expect(vmOf(cluster)?.metadata).toMatchObject({
      annotations: {
        'kubevirt.io/latest-observed-api-version': 'v1',
        'kubevirt.io/storage-observed-api-version': 'v1',
      },
      finalizers: ['kubevirt.io/virtualMachineControllerFinalize'],
    });
  });

  test('that is halted is Stopped, and nothing is recorded of a start', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm');
    cluster.advance(5_000);
    const { conditions, volumeSnapshotStatuses, ...status } = vmOf(cluster)?.status ?? {};
    expect(status).toEqual({ printableStatus: 'Stopped' });
    expect(conditions).toEqual([
      {
        type: 'Ready',
        status: 'False',
        reason: 'VMINotExists',
        message: 'VMI does not exist',
        lastProbeTime: '2026-01-01T00:00:00Z',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ]);
    expect(volumeSnapshotStatuses).toEqual([
      { name: 'root', enabled: false, reason: 'Snapshot is not supported for this volumeSource type [root]' },
    ]);
    expect(revisions(cluster)).toEqual([]);
  });
});

describe('a running VM', () => {
  test('shows created, ready, its strategy and its generations', () => {
    const cluster = running();
    expect(vmOf(cluster)?.status).toMatchObject({
      created: true,
      ready: true,
      printableStatus: 'Running',
      runStrategy: 'Always',
      observedGeneration: 1,
      desiredGeneration: 1,
    });
  });

  test("mirrors its instance's conditions, and its readiness", () => {
    const cluster = running();
    expect(condition(cluster, 'Ready')?.status).toBe('True');
    expect(condition(cluster, 'LiveMigratable')).toEqual(
      findCondition(vmiOf(cluster)?.status?.conditions, 'LiveMigratable'),
    );
    act(cluster, 'stop', 'vm');
    untilStatus(cluster, 'Stopped');
    cluster.advance(5_000);
    expect(condition(cluster, 'Ready')).toMatchObject({ status: 'False', reason: 'VMINotExists' });
    expect(vmOf(cluster)?.status).not.toHaveProperty('created');
    expect(vmOf(cluster)?.status).not.toHaveProperty('ready');
    expect(vmOf(cluster)?.status?.runStrategy).toBe('Halted');
  });

  test('controls its instance, which has its template', () => {
    const cluster = running({
      more: {
        template: { metadata: { labels: { app: 'web' }, annotations: { note: 'x' } }, spec: instanceSpec() },
      },
    });
    const vm = vmOf(cluster);
    const vmi = vmiOf(cluster);
    expect(vmi?.metadata).toMatchObject({
      name: 'vm',
      labels: { app: 'web', 'kubevirt.io/nodeName': 'node1' },
      annotations: { note: 'x', 'kubevirt.io/vm-generation': '1' },
      finalizers: [
        'kubevirt.io/virtualMachineControllerFinalize',
        'kubevirt.io/foregroundDeleteVirtualMachine',
      ],
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachine',
          name: 'vm',
          uid: vm?.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
    expect(vmi?.spec.domain.firmware).toEqual(vm?.spec.template.spec.domain.firmware);
  });

  test('is not changed by its start: what instances are given stays theirs', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm');
    cluster.advance(1_000);
    const before = vmOf(cluster)?.spec.template;
    act(cluster, 'start', 'vm');
    untilStatus(cluster, 'Running');
    expect(vmOf(cluster)?.spec.template).toEqual(before);
    expect(vmiOf(cluster)?.spec.domain.devices.disks).toEqual([{ name: 'root', disk: { bus: 'sata' } }]);
    expect(vmOf(cluster)?.spec.template.spec.domain.devices.disks).toBeUndefined();
  });
});

describe('the revision a VM was started with', () => {
  test('is kept as one ControllerRevision of the VM, named by UID and generation', () => {
    const cluster = running();
    const vm = vmOf(cluster);
    const name = `revision-start-vm-${vm?.metadata.uid}-1`;
    expect(revisions(cluster)).toEqual([name]);
    expect(vmiOf(cluster)?.status?.virtualMachineRevisionName).toBe(name);
    const revision = cluster.view.get(refs.controllerRevisions, 'default', name);
    expect(revision).toMatchObject({ revision: 1, data: { spec: { template: vm?.spec.template } } });
    expect(revision?.metadata.ownerReferences).toMatchObject([
      { kind: 'VirtualMachine', name: 'vm', controller: true },
    ]);
  });

  test('is replaced at the next start of a changed VM: exactly one is kept', () => {
    const cluster = running();
    const vm = vmOf(cluster);
    patch(cluster, refs.virtualMachines, 'vm', {
      spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } },
    });
    cluster.advance(1_000);
    expect(revisions(cluster)).toEqual([`revision-start-vm-${vm?.metadata.uid}-1`]);
    act(cluster, 'restart', 'vm');
    cluster.advance(30_000);
    expect(revisions(cluster)).toEqual([`revision-start-vm-${vm?.metadata.uid}-2`]);
    expect(vmiOf(cluster)?.status?.virtualMachineRevisionName).toBe(revisions(cluster)[0]);
  });

  test('stays the same when the VM is restarted unchanged', () => {
    const cluster = running();
    const before = revisions(cluster);
    act(cluster, 'restart', 'vm');
    cluster.advance(30_000);
    expect(revisions(cluster)).toEqual(before);
  });

  test('goes with the VM', () => {
    const cluster = running();
    destroy(cluster, refs.virtualMachines, 'vm');
    cluster.advance(60_000);
    expect(vmOf(cluster)).toBeUndefined();
    expect(revisions(cluster)).toEqual([]);
  });
});

describe('generations', () => {
  const generations = (cluster: Cluster) => {
    const { observedGeneration, desiredGeneration } = vmOf(cluster)?.status ?? {};
    return [observedGeneration, desiredGeneration];
  };

  test('a change beside the template counts as observed by the running instance', () => {
    const cluster = running({ runStrategy: 'Always' });
    patch(cluster, refs.virtualMachines, 'vm', { spec: { runStrategy: 'Manual' } });
    cluster.advance(1_000);
    expect(vmOf(cluster)?.metadata.generation).toBe(2);
    expect(vmiOf(cluster)?.metadata.annotations).toMatchObject({ 'kubevirt.io/vm-generation': '2' });
    expect(generations(cluster)).toEqual([2, 2]);
  });

  test('a change of the template does not, until it is started with it', () => {
    const cluster = running();
    patch(cluster, refs.virtualMachines, 'vm', { spec: { template: { metadata: { labels: { a: 'b' } } } } });
    cluster.advance(1_000);
    expect(generations(cluster)).toEqual([1, 2]);
    act(cluster, 'restart', 'vm');
    cluster.advance(30_000);
    expect(generations(cluster)).toEqual([2, 2]);
  });

  test('labels of the VM are no change of its generation', () => {
    const cluster = running();
    patch(cluster, refs.virtualMachines, 'vm', { metadata: { labels: { a: 'b' } } });
    cluster.advance(1_000);
    expect(vmOf(cluster)?.metadata.generation).toBe(1);
  });
});

describe('RestartRequired', () => {
  const template = (spec: object) => ({ spec: { template: { spec } } });
  const required = (cluster: Cluster) => condition(cluster, 'RestartRequired');

  test.each<[string, object]>([
    ['the grace period', { terminationGracePeriodSeconds: 7 }],
    ['cores', { domain: { cpu: { cores: 2 } } }],
    ['the machine type', { domain: { machine: { type: 'pc-q35-rhel9.6.0' } } }],
    ['features', { domain: { features: { smm: { enabled: true } } } }],
    [
      'a volume that is not hotpluggable',
      { volumes: [{ name: 'root', containerDisk: { image: 'other:1' } }] },
    ],
  ])('is set when %s are changed in the template', (_what, spec) => {
    const cluster = running();
    patch(cluster, refs.virtualMachines, 'vm', template(spec));
    cluster.advance(1_000);
    expect(required(cluster)).toEqual({
      type: 'RestartRequired',
      status: 'True',
      message: 'a non-live-updatable field was changed in the template spec',
      lastProbeTime: null,
      lastTransitionTime: expect.any(String),
    });
    expect(statusOf(cluster)).toBe('Running');
  });

  test.each<[string, object]>([
    ['memory', { domain: { memory: { guest: '192Mi' } } }],
    ['node selectors', { nodeSelector: { zone: 'a' } }],
    ['tolerations', { tolerations: [{ key: 'x', operator: 'Exists' }] }],
  ])('is not set for %s, which can be changed live', (_what, spec) => {
    const cluster = running();
    patch(cluster, refs.virtualMachines, 'vm', template(spec));
    cluster.advance(1_000);
    expect(required(cluster)).toBeUndefined();
  });

  test('is set for those too where the rollout strategy is Stage', () => {
    const cluster = smallCluster({ nodes: 1, configuration: { vmRolloutStrategy: 'Stage' } });
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    untilStatus(cluster, 'Running');
    patch(cluster, refs.virtualMachines, 'vm', template({ nodeSelector: { zone: 'a' } }));
    cluster.advance(1_000);
    expect(required(cluster)?.status).toBe('True');
  });

  test('goes when the change is taken back', () => {
    const cluster = running();
    patch(cluster, refs.virtualMachines, 'vm', template({ terminationGracePeriodSeconds: 7 }));
    cluster.advance(1_000);
    expect(required(cluster)).toBeDefined();
    patch(cluster, refs.virtualMachines, 'vm', template({ terminationGracePeriodSeconds: null }));
    cluster.advance(1_000);
    expect(required(cluster)).toBeUndefined();
  });

  test('goes with a restart', () => {
    const cluster = running();
    patch(cluster, refs.virtualMachines, 'vm', template({ terminationGracePeriodSeconds: 7 }));
    cluster.advance(1_000);
    act(cluster, 'restart', 'vm');
    cluster.advance(60_000);
    expect(required(cluster)).toBeUndefined();
    expect(vmiOf(cluster)?.spec.terminationGracePeriodSeconds).toBe(7);
  });

  test('stays on a VM that is stopped, until it is started again', () => {
    const cluster = running();
    patch(cluster, refs.virtualMachines, 'vm', template({ terminationGracePeriodSeconds: 7 }));
    cluster.advance(1_000);
    const seen = history(cluster, each => required(each)?.status);
    act(cluster, 'stop', 'vm');
    cluster.advance(60_000);
    expect(seen()).toEqual(['True']);
    act(cluster, 'start', 'vm');
    cluster.advance(0);
    expect(required(cluster)).toBeUndefined();
  });

  test('is not set for a VM that does not run', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm');
    cluster.advance(1_000);
    patch(cluster, refs.virtualMachines, 'vm', template({ terminationGracePeriodSeconds: 7 }));
    cluster.advance(1_000);
    expect(required(cluster)).toBeUndefined();
  });
});

describe('deleting a VM', () => {
  test.each(['Background', 'Foreground'] as const)(
    '%s: it is Terminating until its guest is off and all is gone',
    policy => {
      const cluster = running();
      const seen = history(cluster, each => `${statusOf(each)} ${phaseOf(each)}`);
      destroy(cluster, refs.virtualMachines, 'vm', { propagationPolicy: policy });
      expect(vmOf(cluster)?.metadata.deletionTimestamp).toBeDefined();
      cluster.advance(60_000);
      expect(vmOf(cluster)).toBeUndefined();
      expect(vmiOf(cluster)).toBeUndefined();
      expect(launchersOf(cluster)).toEqual([]);
      const story = seen();
      expect(story).toContain('Terminating Running');
      expect(story).toContain('Terminating Succeeded');
      expect(story.at(-1)).toBe('undefined undefined');
    },
  );

  test('Orphan: the instance stays and runs on, owned by nobody', () => {
    const cluster = running();
    destroy(cluster, refs.virtualMachines, 'vm', { propagationPolicy: 'Orphan' });
    cluster.advance(60_000);
    expect(vmOf(cluster)).toBeUndefined();
    expect(phaseOf(cluster)).toBe('Running');
    expect(vmiOf(cluster)?.metadata.ownerReferences ?? []).toEqual([]);
    expect(launchersOf(cluster)).toHaveLength(1);
  });

  test('Orphan: the instance can be deleted afterwards', () => {
    const cluster = running();
    destroy(cluster, refs.virtualMachines, 'vm', { propagationPolicy: 'Orphan' });
    cluster.advance(5_000);
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    cluster.advance(60_000);
    expect(vmiOf(cluster)).toBeUndefined();
    expect(launchersOf(cluster)).toEqual([]);
  });

  test('that was never started is immediate', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm');
    cluster.advance(1_000);
    destroy(cluster, refs.virtualMachines, 'vm');
    cluster.advance(0);
    expect(vmOf(cluster)).toBeUndefined();
  });

  test('and one of the same name afterwards is another', () => {
    const cluster = running();
    const { uid } = vmOf(cluster)?.metadata ?? {};
    destroy(cluster, refs.virtualMachines, 'vm');
    cluster.advance(60_000);
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    untilStatus(cluster, 'Running');
    expect(vmOf(cluster)?.metadata.uid).not.toBe(uid);
  });
});

describe('events about a VM (5.9, B4-32 … B4-34)', () => {
  test('of its start and its stop', () => {
    const cluster = running();
    const { uid } = vmiOf(cluster)?.metadata ?? {};
    act(cluster, 'stop', 'vm');
    cluster.advance(30_000);
    expect(eventsOf(cluster, 'VirtualMachine', 'vm').sort()).toEqual([
      'Normal SuccessfulCreate: Started the virtual machine by creating the new virtual machine instance vm',
      `Normal SuccessfulDelete: Stopped the virtual machine by deleting the virtual machine instance ${uid}`,
    ]);
  });

  test('of a second start count the first up', () => {
    const cluster = running();
    act(cluster, 'restart', 'vm');
    cluster.advance(30_000);
    const started = cluster.view
      .list(refs.events, 'default')
      .filter(
        ({ reason, involvedObject }) =>
          reason === 'SuccessfulCreate' && involvedObject.kind === 'VirtualMachine',
      );
    expect(started.map(({ count }) => count)).toEqual([2]);
  });
});

describe('what is missing heals when it appears', () => {
  test('a node: ErrorUnschedulable, then Running', () => {
    const cluster = smallCluster({ nodes: 0 });
    createVm(cluster, 'vm', { runStrategy: 'Always' });
    cluster.advance(3_000);
    expect(statusOf(cluster)).toBe('ErrorUnschedulable');
    expect(condition(cluster, 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: 'no nodes available to schedule pods',
    });
    addNode(cluster, 'node1', 1);
    untilStatus(cluster, 'Running');
    cluster.advance(1_000);
    expect(condition(cluster, 'PodScheduled')).toBeUndefined();
  });

  test('room: a VM too big for any node says so in the words of the scheduler', () => {
    const cluster = smallCluster({ nodes: 2 });
    createVm(cluster, 'vm', { runStrategy: 'Always', memory: '900Gi' });
    cluster.advance(3_000);
    expect(statusOf(cluster)).toBe('ErrorUnschedulable');
    expect(condition(cluster, 'PodScheduled')?.message).toMatch(
      /^0\/2 nodes are available: 2 Insufficient memory\./,
    );
  });

  test('a claim: ErrorPvcNotFound, then Running', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'Always', spec: onClaim('data') });
    cluster.advance(3_000);
    expect(statusOf(cluster)).toBe('ErrorPvcNotFound');
    expect(condition(cluster, 'Synchronized')).toMatchObject({
      status: 'False',
      reason: 'FailedPvcNotFound',
      message: 'PVC default/data does not exist, waiting for it to appear',
    });
    expect(phaseOf(cluster)).toBe('Pending');
    create(cluster, refs.persistentVolumeClaims, claim('data', 'immediate'));
    untilStatus(cluster, 'Running');
    cluster.advance(1_000);
    expect(condition(cluster, 'Synchronized')).toBeUndefined();
    expect(condition(cluster, 'PodScheduled')).toBeUndefined();
  });

  const instancetype = {
    metadata: { name: 'small', namespace: 'default' },
    spec: { cpu: { guest: 2 }, memory: { guest: '256Mi' } },
  };
  const preference = {
    metadata: { name: 'linux', namespace: 'default' },
    spec: { devices: { preferredDiskBus: 'virtio' } },
  };

  test('an instancetype: Failure, then Running with it', () => {
    const cluster = smallCluster({ nodes: 1 });
    const { memory: _, ...domain } = instanceSpec().domain;
    createVm(cluster, 'vm', {
      runStrategy: 'Always',
      spec: { domain },
      more: { instancetype: { kind: 'VirtualMachineInstancetype', name: 'small' } },
    });
    cluster.advance(3_000);
    expect(condition(cluster, 'Failure')).toMatchObject({ status: 'True', reason: 'FailedFindInstancetype' });
    expect(vmiOf(cluster)).toBeUndefined();
    expect(statusOf(cluster)).toBe('Stopped');
    create(cluster, refs.instancetypes, instancetype);
    untilStatus(cluster, 'Running');
    expect(condition(cluster, 'Failure')).toBeUndefined();
    expect(vmiOf(cluster)?.spec.domain).toMatchObject({ cpu: { sockets: 2 }, memory: { guest: '256Mi' } });
  });

  test('a preference: Failure, then Running with it', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', {
      runStrategy: 'Always',
      more: { preference: { kind: 'VirtualMachinePreference', name: 'linux' } },
    });
    cluster.advance(3_000);
    expect(condition(cluster, 'Failure')).toMatchObject({ status: 'True', reason: 'FailedFindPreference' });
    expect(vmiOf(cluster)).toBeUndefined();
    create(cluster, refs.preferences, preference);
    untilStatus(cluster, 'Running');
    expect(condition(cluster, 'Failure')).toBeUndefined();
    expect(vmiOf(cluster)?.spec.domain.devices.disks).toEqual([{ name: 'root', disk: { bus: 'virtio' } }]);
  });
});

describe('what is done to it from below', () => {
  test('its launcher pod deleted: the guest is shut down and another instance is started', () => {
    const cluster = running();
    const { uid } = vmiOf(cluster)?.metadata ?? {};
    const seen = history(cluster, each => phaseOf(each));
    destroy(cluster, refs.pods, launchersOf(cluster)[0]?.metadata.name ?? '');
    cluster.advance(20_000);
    expect(seen()).toEqual([
      'Running',
      'Succeeded',
      undefined,
      'Pending',
      'Scheduling',
      'Scheduled',
      'Running',
    ]);
    expect(vmiOf(cluster)?.metadata.uid).not.toBe(uid);
  });

  test('its launcher pod deleted with force: the instance has failed, and another is started', () => {
    const cluster = running();
    const seen = history(cluster, each => phaseOf(each));
    destroy(cluster, refs.pods, launchersOf(cluster)[0]?.metadata.name ?? '', { gracePeriodSeconds: 0 });
    cluster.advance(20_000);
    expect(seen()).toEqual(['Running', 'Failed', undefined, 'Pending', 'Scheduling', 'Scheduled', 'Running']);
  });

  test('its instance deleted: another is started', () => {
    const cluster = running();
    const { uid } = vmiOf(cluster)?.metadata ?? {};
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    expect(vmiOf(cluster)?.metadata.deletionTimestamp).toBeDefined();
    cluster.advance(0);
    expect(statusOf(cluster)).toBe('Stopping');
    cluster.advance(20_000);
    expect(statusOf(cluster)).toBe('Running');
    expect(vmiOf(cluster)?.metadata.uid).not.toBe(uid);
  });

  test('a guest that crashes under Manual keeps its instance and its pod for a look', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVm(cluster, 'vm', { runStrategy: 'Manual' });
    cluster.advance(0);
    act(cluster, 'start', 'vm');
    untilStatus(cluster, 'Running');
    endGuest(cluster, 'Crashed');
    cluster.advance(10_000);
    expect(phaseOf(cluster)).toBe('Failed');
    expect(launchersOf(cluster).map(({ status }) => status?.phase)).toEqual(['Failed']);
  });
});
