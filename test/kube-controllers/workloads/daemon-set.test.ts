import { beforeEach, describe, expect, it } from 'vitest';
import { type Lab, type Loose, addNode, image, makeLab } from './fixture.ts';

const SETS = 'daemonsets.apps';

let lab: Lab;
beforeEach(() => {
  lab = makeLab();
});

function daemon(name: string, spec: object = {}, pod: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image: 'agent:1', ports: [{ containerPort: 80 }] }], ...pod },
      },
      ...spec,
    },
  };
}

const nodesOfPods = () =>
  lab
    .list('pods')
    .filter((pod: Loose) => !pod.metadata.deletionTimestamp)
    .map((pod: Loose) => pod.spec.nodeName)
    .sort();

describe('a daemon set', () => {
  beforeEach(() => {
    lab.create(SETS, daemon('agent'));
    lab.seconds(10);
  });

  it('has a pod on every node, bound by the name of the node', () => {
    expect(nodesOfPods()).toEqual(['node1', 'node2', 'node3']);
    const [pod] = lab.list('pods');
    expect(pod.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: [pod.spec.nodeName] }] },
      ],
    });
    expect(pod.spec.tolerations.map(({ key }: Loose) => key)).toEqual([
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
      'node.kubernetes.io/disk-pressure',
      'node.kubernetes.io/memory-pressure',
      'node.kubernetes.io/pid-pressure',
      'node.kubernetes.io/unschedulable',
    ]);
    const [revision] = lab.list('controllerrevisions.apps');
    expect(revision.metadata.name).toBe(`agent-${pod.metadata.labels['controller-revision-hash']}`);
    expect(revision).toMatchObject({ revision: 1, data: { spec: { template: { $patch: 'replace' } } } });
  });

  it('counts', () => {
    expect(lab.get(SETS, 'agent').status).toEqual({
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberAvailable: 3,
      numberMisscheduled: 0,
      numberReady: 3,
      observedGeneration: 1,
      updatedNumberScheduled: 3,
    });
    expect(lab.refusals).toEqual([]);
  });

  it('comes to a new node, and to one that is cordoned', () => {
    addNode(lab.cluster, 4, node => ({ ...node, spec: { ...node.spec, unschedulable: true } }));
    lab.seconds(10);
    expect(nodesOfPods()).toEqual(['node1', 'node2', 'node3', 'node4']);
  });

  it('keeps off a node with a taint it does not tolerate, and leaves one that executes', () => {
    lab.patch('nodes', 'node1', { spec: { taints: [{ key: 'only', value: 'us', effect: 'NoSchedule' }] } });
    lab.seconds(10);
    expect(nodesOfPods()).toEqual(['node1', 'node2', 'node3']);
    expect(lab.get(SETS, 'agent').status).toMatchObject({ desiredNumberScheduled: 2, numberMisscheduled: 1 });
    lab.patch('nodes', 'node1', { spec: { taints: [{ key: 'only', value: 'us', effect: 'NoExecute' }] } });
    lab.seconds(40);
    expect(nodesOfPods()).toEqual(['node2', 'node3']);
  });

  it('follows a node selector', () => {
    lab.patch(SETS, 'agent', { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } });
    lab.seconds(60);
    expect(nodesOfPods()).toEqual([]);
    lab.patch('nodes', 'node2', { metadata: { labels: { disk: 'ssd' } } });
    lab.seconds(10);
    expect(nodesOfPods()).toEqual(['node2']);
  });

  it('is updated node by node, missing one pod at a time', () => {
    let least = 3;
    lab.cluster.onCommit(({ resource }) => {
      if (resource === SETS) least = Math.min(least, lab.get(SETS, 'agent').status.numberAvailable ?? 0);
    });
    lab.patch(SETS, 'agent', image('agent:2'));
    lab.seconds(120);
    expect(lab.list('pods').map(pod => pod.spec.containers[0].image)).toEqual(Array(3).fill('agent:2'));
    expect(least).toBe(2);
    expect(
      lab
        .list('controllerrevisions.apps')
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([1, 2]);
  });

  it('gives an old template a new number when it comes back', () => {
    lab.patch(SETS, 'agent', image('agent:2'));
    lab.seconds(120);
    lab.patch(SETS, 'agent', image('agent:1'));
    lab.seconds(120);
    expect(
      lab
        .list('controllerrevisions.apps')
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([2, 3]);
  });
});

describe('other ways to update', () => {
  it('OnDelete leaves pods alone until somebody deletes them', () => {
    lab.create(SETS, daemon('agent', { updateStrategy: { type: 'OnDelete' } }));
    lab.seconds(10);
    lab.patch(SETS, 'agent', image('agent:2'));
    lab.seconds(60);
    expect(lab.get(SETS, 'agent').status.updatedNumberScheduled).toBeUndefined();
    lab.remove('pods', lab.list('pods')[0].metadata.name);
    lab.seconds(60);
    expect(lab.get(SETS, 'agent').status.updatedNumberScheduled).toBe(1);
  });

  it('with surge no node is ever without a ready pod', () => {
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
    lab.create(SETS, daemon('agent', { updateStrategy: { type: 'RollingUpdate', rollingUpdate } }));
    lab.seconds(10);
    let least = 3;
    lab.cluster.onCommit(({ resource }) => {
      if (resource === SETS) least = Math.min(least, lab.get(SETS, 'agent').status.numberAvailable ?? 0);
    });
    lab.patch(SETS, 'agent', image('agent:2'));
    lab.seconds(180);
    expect(lab.list('pods').map(pod => pod.spec.containers[0].image)).toEqual(Array(3).fill('agent:2'));
    expect(least).toBe(3);
  });

  it('replaces a pod that failed', () => {
    lab.create(SETS, daemon('agent'));
    lab.seconds(10);
    const [pod] = lab.list('pods');
    lab.cluster.request({
      verb: 'patch',
      group: '',
      version: 'v1',
      resource: 'pods',
      subresource: 'status',
      namespace: 'default',
      name: pod.metadata.name,
      body: { status: { phase: 'Failed' } },
      patchType: 'merge',
      user: { username: 'admin', groups: ['system:masters'] },
    });
    lab.seconds(20);
    expect(nodesOfPods()).toEqual(['node1', 'node2', 'node3']);
    expect(
      lab.events('agent').some(text => text.startsWith('FailedDaemonPod: Found failed daemon pod default/')),
    ).toBe(true);
  });
});
