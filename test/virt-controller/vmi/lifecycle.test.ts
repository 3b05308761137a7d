import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../simulator/cluster.ts';
import * as refs from '../../../simulator/resources/refs.ts';
import { findCondition } from '../../../simulator/types/conditions.ts';
import type { VirtualMachineInstanceSpec } from '../../../simulator/types/kubevirt.ts';
import {
  call,
  create,
  destroy,
  endGuest,
  eventsOf,
  history,
  instanceSpec,
  launchersOf,
  phaseOf,
  smallCluster,
  vmiOf,
} from '../../cluster/fixture.ts';

function createVmi(cluster: Cluster, spec: Partial<VirtualMachineInstanceSpec> = {}): void {
  create(cluster, refs.virtualMachineInstances, {
    metadata: { name: 'vm', namespace: 'default' },
    spec: instanceSpec('128Mi', spec),
  });
}

function running(spec: Partial<VirtualMachineInstanceSpec> = {}): Cluster {
  const cluster = smallCluster({ nodes: 1 });
  createVmi(cluster, spec);
  if (!cluster.until(() => phaseOf(cluster) === 'Running', 60_000)) throw new Error(`is ${phaseOf(cluster)}`);
  cluster.advance(1_000);
  return cluster;
}

const condition = (cluster: Cluster, type: string) => findCondition(vmiOf(cluster)?.status?.conditions, type);

function call200(cluster: Cluster, action: 'pause' | 'unpause'): void {
  expect(call(cluster, `virtualmachineinstances/vm/${action}`)).toMatchObject({
    code: 200,
    value: undefined,
  });
}

describe('an instance without a VM', () => {
  test('runs, and its phases are recorded with their times', () => {
    const cluster = smallCluster({ nodes: 1, timing: 'realistic' });
    const times = new Map<string | undefined, number>();
    cluster.onCommit(() => {
      const phase = phaseOf(cluster);
      if (phase && !times.has(phase)) times.set(phase, cluster.now);
    });
    createVmi(cluster);
    cluster.until(() => phaseOf(cluster) === 'Running', 60_000);
    expect([...times.keys()]).toEqual(['Pending', 'Scheduling', 'Scheduled', 'Running']);
    expect(vmiOf(cluster)?.status?.phaseTransitionTimestamps).toEqual(
      [...times].map(([phase, at]) => ({
        phase,
        phaseTransitionTimestamp: new Date(at).toISOString().replace(/\.\d+Z/, 'Z'),
      })),
    );
    expect(times.get('Running')).toBeGreaterThan((times.get('Scheduled') ?? 0) + 1_000);
  });

  test('takes from its pod the node, the class of service, the image, the active pods and the address', () => {
    const cluster = running();
    const [pod] = launchersOf(cluster);
    expect(vmiOf(cluster)?.status).toMatchObject({
      nodeName: 'node1',
      qosClass: 'Burstable',
      activePods: { [pod?.metadata.uid ?? '']: 'node1' },
      launcherContainerImageVersion: 'quay.io/kubevirt/virt-launcher:v1.9.0',
      migrationTransport: 'Unix',
      migrationMethod: 'BlockMigration',
      runtimeUser: 107,
      memory: { guestAtBoot: '128Mi', guestCurrent: '128Mi', guestRequested: '128Mi' },
      currentCPUTopology: { cores: 1, sockets: 1, threads: 1 },
      interfaces: [
        {
          name: 'default',
          ipAddress: pod?.status?.podIP,
          ipAddresses: [pod?.status?.podIP],
          podInterfaceName: 'eth0',
          infoSource: 'domain',
          linkState: 'up',
          queueCount: 1,
        },
      ],
    });
    expect(vmiOf(cluster)?.metadata.labels).toMatchObject({ 'kubevirt.io/nodeName': 'node1' });
    expect(pod?.metadata.labels).toMatchObject({ 'kubevirt.io/nodeName': 'node1' });
  });

  test('is ready as its pod is, and says before what is missing', () => {
    const cluster = smallCluster({ nodes: 1, timing: 'realistic' });
    const seen = history(
      cluster,
      each => condition(each, 'Ready')?.reason ?? condition(each, 'Ready')?.status,
    );
    createVmi(cluster);
    cluster.advance(60_000);
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    cluster.advance(60_000);
    expect(seen()).toEqual([undefined, 'GuestNotRunning', 'True', 'PodTerminating', undefined]);
  });

  test('that ends keeps its object, its pod and its finalizer until it is deleted', () => {
    const cluster = running();
    endGuest(cluster, 'Shutdown');
    cluster.advance(60_000);
    expect(phaseOf(cluster)).toBe('Succeeded');
    expect(launchersOf(cluster)).toHaveLength(1);
    expect(vmiOf(cluster)?.metadata.finalizers).toEqual(['kubevirt.io/foregroundDeleteVirtualMachine']);
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    cluster.advance(60_000);
    expect(vmiOf(cluster)).toBeUndefined();
    expect(launchersOf(cluster)).toEqual([]);
  });
});

describe('LiveMigratable', () => {
  test('with masquerade it is', () => {
    expect(condition(running(), 'LiveMigratable')?.status).toBe('True');
  });

  test('with the default bridge on the pod network it is not', () => {
    const cluster = running({
      domain: { memory: { guest: '128Mi' }, devices: {} },
      networks: undefined as never,
    });
    expect(condition(cluster, 'LiveMigratable')).toMatchObject({
      status: 'False',
      reason: 'InterfaceNotLiveMigratable',
      message:
        'cannot migrate VMI which does not use masquerade or a migratable plugin to connect to the pod network',
    });
    expect(condition(cluster, 'StorageLiveMigratable')).toMatchObject({
      status: 'False',
      reason: 'NotMigratable',
    });
  });
});

describe('pausing', () => {
  test('sets Paused and makes pod and instance unready; unpausing takes both back', () => {
    const cluster = running();
    call200(cluster, 'pause');
    cluster.advance(1_000);
    expect(condition(cluster, 'Paused')).toMatchObject({
      status: 'True',
      reason: 'PausedByUser',
      message: 'VMI was paused by user',
    });
    expect(phaseOf(cluster)).toBe('Running');
    expect(condition(cluster, 'Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' });
    const gate = () =>
      findCondition(launchersOf(cluster)[0]?.status?.conditions, 'kubevirt.io/virtual-machine-unpaused');
    expect(gate()).toMatchObject({
      status: 'False',
      reason: 'Paused',
      message: 'the virtual machine is paused',
    });

    call200(cluster, 'unpause');
    cluster.advance(1_000);
    expect(condition(cluster, 'Paused')).toBeUndefined();
    expect(condition(cluster, 'Ready')?.status).toBe('True');
    expect(gate()).toMatchObject({
      status: 'True',
      reason: 'NotPaused',
      message: 'the virtual machine is not paused',
    });
  });
});

describe('stopping', () => {
  /** Seconds from deletion to the end of the guest, and how it ended. */
  function stop(
    spec: Partial<VirtualMachineInstanceSpec>,
    { paused = false } = {},
  ): [number, string | undefined] {
    const cluster = running(spec);
    if (paused) {
      call200(cluster, 'pause');
      cluster.advance(1_000);
    }
    const start = cluster.now;
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    const final = () => phaseOf(cluster) === 'Succeeded' || phaseOf(cluster) === 'Failed';
    cluster.until(final, 120_000);
    const end: [number, string | undefined] = [(cluster.now - start) / 1_000, phaseOf(cluster)];
    cluster.advance(120_000);
    expect(vmiOf(cluster)).toBeUndefined();
    expect(launchersOf(cluster)).toEqual([]);
    return end;
  }

  test('a guest that follows the signal has succeeded', () => {
    expect(stop({})).toEqual([0.5, 'Succeeded']);
  });

  test('without grace the guest is turned off at once, which is success', () => {
    expect(stop({ terminationGracePeriodSeconds: 0 })).toEqual([0, 'Succeeded']);
  });

  test('a guest that hears nothing is turned off after its grace period, which is failure', () => {
    expect(stop({ terminationGracePeriodSeconds: 20 }, { paused: true })).toEqual([20, 'Failed']);
  });

  test('the grace period is 30 seconds where none is named', () => {
    expect(stop({}, { paused: true })).toEqual([30, 'Failed']);
  });

  test('without ACPI the guest cannot hear: turned off after its grace period, which is success', () => {
    const { domain } = instanceSpec();
    const spec = {
      domain: { ...domain, features: { acpi: { enabled: false } } },
      terminationGracePeriodSeconds: 10,
    };
    expect(stop(spec)).toEqual([10, 'Succeeded']);
  });

  test('before the guest runs, the instance fails with its pod', () => {
    const cluster = smallCluster({ nodes: 1, timing: 'realistic' });
    createVmi(cluster);
    cluster.until(() => phaseOf(cluster) === 'Scheduling', 5_000);
    const seen = history(cluster, each => phaseOf(each));
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    cluster.advance(120_000);
    expect(seen()).toEqual(['Scheduling', 'Failed', undefined]);
    expect(launchersOf(cluster)).toEqual([]);
  });

  test('before there is a pod, it is gone at once', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVmi(cluster, { volumes: [{ name: 'root', persistentVolumeClaim: { claimName: 'missing' } }] });
    cluster.advance(3_000);
    expect(phaseOf(cluster)).toBe('Pending');
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    cluster.advance(1_000);
    expect(vmiOf(cluster)).toBeUndefined();
  });
});

describe('losing the pod', () => {
  test.each(['Scheduling', 'Scheduled', 'Running'])('while %s: Failed', phase => {
    const cluster = smallCluster({ nodes: 1, timing: 'realistic' });
    createVmi(cluster);
    cluster.until(() => phaseOf(cluster) === phase, 60_000);
    destroy(cluster, refs.pods, launchersOf(cluster)[0]?.metadata.name ?? '', { gracePeriodSeconds: 0 });
    cluster.advance(60_000);
    expect(phaseOf(cluster)).toBe('Failed');
    expect(condition(cluster, 'Ready')).toMatchObject({ status: 'False', reason: 'PodNotExists' });
  });
});

describe('events (5.9)', () => {
  test('of a whole life, in their order', () => {
    const cluster = running();
    const [pod] = launchersOf(cluster);
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    cluster.advance(60_000);
    const name = pod?.metadata.name;
    const told = cluster.view
      .list(refs.events, 'default')
      .filter(({ involvedObject }) => involvedObject.kind === 'VirtualMachineInstance')
      .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ source, type, reason, message }) => `${source?.component} ${type} ${reason}: ${message}`);
    expect(told).toEqual([
      `virt-controller Normal SuccessfulCreate: Created virtual machine pod ${name}`,
      'virt-handler Normal Created: VirtualMachineInstance defined.',
      'virt-handler Normal Started: VirtualMachineInstance started.',
      `virt-controller Normal SuccessfulDelete: Deleted virtual machine pod ${name}`,
      'virt-handler Normal ShuttingDown: Signaled Graceful Shutdown',
      'virt-handler Normal Stopped: The VirtualMachineInstance was shut down.',
      'virt-handler Normal Deleted: Signaled Deletion',
    ]);
  });

  test('of a crash', () => {
    const cluster = running();
    endGuest(cluster, 'Crashed');
    cluster.advance(5_000);
    expect(eventsOf(cluster, 'VirtualMachineInstance', 'vm')).toContain(
      'Warning Stopped: The VirtualMachineInstance crashed.',
    );
  });

  test('of a guest that was turned off', () => {
    const cluster = running({ terminationGracePeriodSeconds: 0 });
    destroy(cluster, refs.virtualMachineInstances, 'vm');
    cluster.advance(60_000);
    expect(eventsOf(cluster, 'VirtualMachineInstance', 'vm')).toContain(
      'Normal Deleted: VirtualMachineInstance stopping',
    );
  });

  test('of a claim that is missing, once', () => {
    const cluster = smallCluster({ nodes: 1 });
    createVmi(cluster, { volumes: [{ name: 'root', persistentVolumeClaim: { claimName: 'missing' } }] });
    cluster.advance(60_000);
    expect(eventsOf(cluster, 'VirtualMachineInstance', 'vm')).toEqual([
      'Normal FailedPvcNotFound: PVC default/missing does not exist, waiting for it to appear',
    ]);
  });
});
