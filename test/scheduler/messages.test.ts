import { describe, expect, test } from 'vitest';
import { schedule, type SchedulingContext } from '../../simulator/scheduler/index.ts';
import type { PersistentVolumeClaim } from '../../simulator/types/core.ts';
import { FIRST, node, pod } from './build.ts';

function messageOf(...args: Parameters<typeof schedule>): string {
  const outcome = schedule(...args);
  if (outcome.kind === 'scheduled') throw new Error(`scheduled on ${outcome.node}`);
  return outcome.message;
}

const CONTROL_PLANE = {
  taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' as const }],
};
const busy = pod('busy', { cpu: '3500m' });
const NO_VICTIMS = 'No preemption victims found for incoming pod';
const NOT_HELPFUL = 'Preemption is not helpful for scheduling';

describe('the words of kube-scheduler 1.35', () => {
  test('a taint and full nodes, as printed by a real cluster', () => {
    const nodes = [node('cp', CONTROL_PLANE), node('a', {}, [busy]), node('b', {}, [busy])];
    expect(messageOf(pod('p', { cpu: '1' }), nodes, FIRST)).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    );
  });

  test('a request larger than any machine is beyond preemption', () => {
    const nodes = [node('cp', CONTROL_PLANE), node('a'), node('b')];
    expect(messageOf(pod('p', { cpu: '64' }), nodes, FIRST)).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    );
  });

  test('counts are sorted as text', () => {
    const nodes = Array.from({ length: 12 }, (_, i) =>
      node(`n${i}`, i < 2 ? CONTROL_PLANE : { unschedulable: true }),
    );
    expect(messageOf(pod('p'), nodes, FIRST)).toBe(
      `0/12 nodes are available: 10 node(s) were unschedulable, 2 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/12 nodes are available: 12 ${NOT_HELPFUL}.`,
    );
  });

  const full = pod('full', { cpu: '4', memory: '8Gi' });
  const hostPort = pod(
    'web',
    {},
    { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] },
  );
  test.each([
    [
      'selector',
      pod('p', {}, { nodeSelector: { disk: 'ssd' } }),
      {},
      [],
      "node(s) didn't match Pod's node affinity/selector",
      NOT_HELPFUL,
    ],
    [
      'several shortages',
      pod('p', { cpu: '1', memory: '1Gi' }),
      {},
      [full],
      'Insufficient cpu, 1 Insufficient memory',
      NO_VICTIMS,
    ],
    [
      'KVM device',
      pod('p', { 'devices.kubevirt.io/kvm': '1' }),
      { allocatable: { 'devices.kubevirt.io/kvm': '0' } },
      [],
      'Insufficient devices.kubevirt.io/kvm',
      NOT_HELPFUL,
    ],
    ['hugepages', pod('p', { 'hugepages-2Mi': '64Mi' }), {}, [], 'Insufficient hugepages-2Mi', NOT_HELPFUL],
    [
      'ephemeral storage',
      pod('p', { 'ephemeral-storage': '51Gi' }),
      {},
      [],
      'Insufficient ephemeral-storage',
      NOT_HELPFUL,
    ],
    ['number of pods', pod('p'), { allocatable: { pods: '1' } }, [busy], 'Too many pods', NO_VICTIMS],
    [
      'host port',
      { ...hostPort, metadata: { ...hostPort.metadata, name: 'p' } },
      {},
      [hostPort],
      "node(s) didn't have free ports for the requested pod ports",
      NO_VICTIMS,
    ],
  ] as const)('%s', (_, wanted, sketch, pods, reason, preemption) => {
    expect(messageOf(wanted, [node('a', sketch as object, [...pods])], FIRST)).toBe(
      `0/1 nodes are available: 1 ${reason}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 ${preemption}.`,
    );
  });

  test('a pod bound to one node by field says which plugin left the others out', () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['a'] }] },
          ],
        },
      },
    };
    expect(
      messageOf(pod('p', {}, { affinity }), [node('a', CONTROL_PLANE), node('b'), node('c')], FIRST),
    ).toBe(
      `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, preemption: 0/3 nodes are available: 3 ${NOT_HELPFUL}.`,
    );
  });

  test('no nodes, gates and preemptionPolicy', () => {
    expect(messageOf(pod('p'), [], FIRST)).toBe('no nodes available to schedule pods');
    expect(schedule(pod('p', {}, { schedulingGates: [{ name: 'x' }] }), [node('a')], FIRST)).toEqual({
      kind: 'gated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
    });
    expect(messageOf(pod('p', { cpu: '9' }, { preemptionPolicy: 'Never' }), [node('a')], FIRST)).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    );
  });
});

describe('inter-pod affinity', () => {
  const term = (labels: Record<string, string>) => [
    { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' },
  ];
  const away = (labels: Record<string, string>) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: term(labels) } },
  });

  test('three messages', () => {
    const together = {
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: term({ app: 'db' }) } },
    };
    const plain = pod('db', {}, {}, { app: 'db' });
    const aloof = pod('aloof', {}, away({ app: 'web' }));
    expect(messageOf(pod('p', {}, together), [node('a')], FIRST)).toContain(
      "1 node(s) didn't match pod affinity rules.",
    );
    expect(messageOf(pod('p', {}, away({ app: 'db' })), [node('a', {}, [plain])], FIRST)).toContain(
      "1 node(s) didn't match pod anti-affinity rules.",
    );
    expect(messageOf(pod('p', {}, {}, { app: 'web' }), [node('a', {}, [aloof])], FIRST)).toContain(
      "1 node(s) didn't satisfy existing pods anti-affinity rules.",
    );
  });

  test('the first of a group may go anywhere, the second follows it', () => {
    const group = {
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: term({ app: 'db' }) } },
    };
    const first = pod('db-1', {}, group, { app: 'db' });
    expect(schedule(first, [node('a'), node('b')], FIRST)).toMatchObject({ kind: 'scheduled' });
    expect(
      schedule(pod('db-2', {}, group, { app: 'db' }), [node('a'), node('b', {}, [first])], FIRST),
    ).toMatchObject({
      node: 'b',
    });
  });
});

describe('topology spread', () => {
  const constraint = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule' as const,
    labelSelector: { matchLabels: { app: 'web' } },
  };
  const web = (name: string) => pod(name, {}, { topologySpreadConstraints: [constraint] }, { app: 'web' });

  test('goes to the emptier zone, and says so when it cannot', () => {
    const crowded = node('a', { labels: { zone: '1' } }, [web('w1')]);
    const empty = node('b', { labels: { zone: '2' }, unschedulable: true });
    const bare = node('c');
    expect(schedule(web('w2'), [crowded, node('b', { labels: { zone: '2' } })], FIRST)).toMatchObject({
      node: 'b',
    });
    expect(messageOf(web('w2'), [crowded, empty, bare], FIRST)).toBe(
      `0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match pod topology spread constraints (missing required label), 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/3 nodes are available: 1 ${NO_VICTIMS}, 2 ${NOT_HELPFUL}.`,
    );
  });
});

describe('volumes', () => {
  const claim = (spec: object, status: object = {}): PersistentVolumeClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'disk', namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '' },
    spec,
    status,
  });
  const context = (found: PersistentVolumeClaim | undefined): SchedulingContext => ({
    ...FIRST,
    volumes: {
      claim: () => found,
      storageClass: name => ({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name, uid: '', resourceVersion: '', creationTimestamp: '' },
        provisioner: name === 'local' ? 'kubernetes.io/no-provisioner' : 'csi',
        volumeBindingMode: name === 'now' ? 'Immediate' : 'WaitForFirstConsumer',
      }),
      volumeTerms: name =>
        name === 'gone'
          ? undefined
          : [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['1'] }] }],
      hasFreeVolume: () => false,
    },
  });
  const user = pod('p', {}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'disk' } }] });

  test.each([
    ['missing', undefined, 'persistentvolumeclaim "disk" not found. not found'],
    [
      'unbound, immediate',
      claim({ storageClassName: 'now' }),
      'pod has unbound immediate PersistentVolumeClaims. not found',
    ],
    [
      'lost',
      claim({ volumeName: 'pv' }, { phase: 'Lost' }),
      'persistentvolumeclaim "disk" bound to non-existent persistentvolume "pv". not found',
    ],
  ])('%s claim rejects the pod as a whole', (_, found, text) => {
    expect(messageOf(user, [node('a')], context(found))).toBe(`0/1 nodes are available: ${text}`);
  });

  test.each([
    [
      'elsewhere',
      { volumeName: 'pv' },
      { phase: 'Bound' },
      "node(s) didn't match PersistentVolume's node affinity",
    ],
    [
      'gone',
      { volumeName: 'gone' },
      { phase: 'Bound' },
      'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
    ],
    ['local', { storageClassName: 'local' }, {}, "node(s) didn't find available persistent volumes to bind"],
  ])('%s', (_, spec, status, reason) => {
    expect(messageOf(user, [node('a')], context(claim(spec, status)))).toContain(
      `1 ${reason}. no new claims`,
    );
  });

  test('an unbound claim that waits for its consumer does not hold the pod up', () => {
    expect(schedule(user, [node('a')], context(claim({ storageClassName: 'later' })))).toMatchObject({
      node: 'a',
    });
    expect(() => schedule(user, [node('a')], FIRST)).toThrow('context.volumes');
  });
});

describe('preemption', () => {
  const low = (name: string, cpu: string, priority: number) => pod(name, { cpu }, { priority });
  test('the node whose victims matter least is nominated, and only as many go as must', () => {
    const nodes = [node('a', {}, [low('a1', '3', 5)]), node('b', {}, [low('b1', '2', 1), low('b2', '2', 2)])];
    const outcome = schedule(pod('p', { cpu: '2' }, { priority: 10 }), nodes, FIRST);
    expect(outcome).toMatchObject({
      kind: 'unschedulable',
      message: '0/2 nodes are available: 2 Insufficient cpu.',
      nominated: { node: 'b', victims: [{ metadata: { name: 'b1' } }] },
    });
  });
});
