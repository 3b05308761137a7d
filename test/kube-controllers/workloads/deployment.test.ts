import { beforeEach, describe, expect, it } from 'vitest';
import { type Lab, type Loose, condition, deployment, image, makeLab } from './fixture.ts';

const DEPLOYMENTS = 'deployments.apps';
const SETS = 'replicasets.apps';

let lab: Lab;
beforeEach(() => {
  lab = makeLab();
});

const setsByRevision = () =>
  [...lab.list(SETS)].sort(
    (a, b) =>
      Number(a.metadata.annotations['deployment.kubernetes.io/revision']) -
      Number(b.metadata.annotations['deployment.kubernetes.io/revision']),
  );
const running = () => lab.list('pods').filter((pod: Loose) => !pod.metadata.deletionTimestamp);

describe('a new deployment', () => {
  beforeEach(() => {
    lab.create(DEPLOYMENTS, deployment('web', 3));
    lab.seconds(10);
  });

  it('makes a replica set that carries the hash of its template', () => {
    const [set] = lab.list(SETS);
    const hash = set.metadata.labels['pod-template-hash'];
    expect(set.metadata.name).toBe(`web-${hash}`);
    expect(set.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(set.spec.template.metadata.labels).toEqual({ app: 'web', 'pod-template-hash': hash });
    expect(set.metadata.annotations).toEqual({
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
      'deployment.kubernetes.io/revision': '1',
    });
    expect(set.metadata.ownerReferences).toEqual([
      expect.objectContaining({
        kind: 'Deployment',
        name: 'web',
        controller: true,
        blockOwnerDeletion: true,
      }),
    ]);
    expect(set.status).toEqual({
      availableReplicas: 3,
      fullyLabeledReplicas: 3,
      observedGeneration: 1,
      readyReplicas: 3,
      replicas: 3,
      terminatingReplicas: 0,
    });
  });

  it('reports itself complete', () => {
    const { metadata, status } = lab.get(DEPLOYMENTS, 'web');
    expect(metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    const { conditions, ...counts } = status;
    expect(counts).toEqual({
      availableReplicas: 3,
      observedGeneration: metadata.generation,
      readyReplicas: 3,
      replicas: 3,
      terminatingReplicas: 0,
      updatedReplicas: 3,
    });
    expect(
      conditions.map(({ type, status, reason, message }: Loose) => [type, status, reason, message]),
    ).toEqual([
      ['Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'],
      [
        'Progressing',
        'True',
        'NewReplicaSetAvailable',
        `ReplicaSet "${lab.list(SETS)[0].metadata.name}" has successfully progressed.`,
      ],
    ]);
  });

  it('names its pods after the replica set and tells of everything in events', () => {
    const set = lab.list(SETS)[0].metadata.name;
    for (const pod of lab.list('pods')) expect(pod.metadata.name).toMatch(new RegExp(`^${set}-[a-z0-9]{5}$`));
    expect(lab.events('web')).toEqual([`ScalingReplicaSet: Scaled up replica set ${set} from 0 to 3`]);
    expect(lab.events(set)).toHaveLength(3);
    expect(lab.events(set)[0]).toMatch(/^SuccessfulCreate: Created pod: web-/);
    expect(lab.refusals).toEqual([]);
  });

  it('comes to rest', () => {
    const { revision } = lab.cluster;
    lab.seconds(3_600);
    const late = [...lab.cluster.store.journal.after(revision)].filter(
      ({ resource }) => resource !== 'nodes' && !resource.startsWith('leases'),
    );
    expect(late).toEqual([]);
  });

  it('replaces a pod that is deleted', () => {
    const [victim] = running();
    lab.remove('pods', victim.metadata.name);
    lab.seconds(0);
    expect(running()).toHaveLength(3);
    expect(lab.get(SETS, lab.list(SETS)[0].metadata.name).status.terminatingReplicas).toBe(1);
    lab.seconds(60);
    expect(lab.get('pods', victim.metadata.name)).toBeUndefined();
    expect(lab.get(DEPLOYMENTS, 'web').status.readyReplicas).toBe(3);
  });

  it('lets a pod go that loses its labels, and takes it back when it regains them', () => {
    const [pod] = running();
    lab.patch('pods', pod.metadata.name, { metadata: { labels: { app: 'other' } } });
    lab.seconds(5);
    expect(running()).toHaveLength(4);
    expect(lab.get('pods', pod.metadata.name).metadata.ownerReferences).toBeUndefined();
    lab.patch('pods', pod.metadata.name, { metadata: { labels: { app: 'web' } } });
    lab.seconds(60);
    expect(running()).toHaveLength(3);
  });

  it('takes everything with it when it is deleted', () => {
    lab.remove(DEPLOYMENTS, 'web');
    lab.seconds(60);
    expect(lab.list(SETS)).toEqual([]);
    expect(lab.list('pods')).toEqual([]);
  });
});

describe('scaling', () => {
  it('goes up and down with an event each', () => {
    lab.create(DEPLOYMENTS, deployment('web', 2));
    lab.seconds(5);
    const set = lab.list(SETS)[0].metadata.name;
    lab.scale(DEPLOYMENTS, 'web', 5);
    lab.seconds(5);
    lab.scale(DEPLOYMENTS, 'web', 1);
    lab.seconds(60);
    expect(lab.events('web').slice(1)).toEqual([
      `ScalingReplicaSet: Scaled up replica set ${set} from 2 to 5`,
      `ScalingReplicaSet: Scaled down replica set ${set} from 5 to 1`,
    ]);
    expect(lab.list('pods')).toHaveLength(1);
    expect(lab.get(SETS, set).metadata.annotations['deployment.kubernetes.io/desired-replicas']).toBe('1');
  });
});

describe('a rolling update', () => {
  it('replaces the pods step by step and keeps the old replica set', () => {
    lab.create(DEPLOYMENTS, deployment('web', 3));
    lab.seconds(10);
    lab.patch(DEPLOYMENTS, 'web', image('nginx:1.28'));
    lab.seconds(120);
    const [old, now] = setsByRevision();
    expect([old.spec.replicas, now.spec.replicas]).toEqual([0, 3]);
    expect(lab.get(DEPLOYMENTS, 'web').metadata.annotations['deployment.kubernetes.io/revision']).toBe('2');
    const [a, b] = [old.metadata.name, now.metadata.name];
    expect(lab.events('web').slice(1)).toEqual([
      `ScalingReplicaSet: Scaled up replica set ${b} from 0 to 1`,
      `ScalingReplicaSet: Scaled down replica set ${a} from 3 to 2`,
      `ScalingReplicaSet: Scaled up replica set ${b} from 1 to 2`,
      `ScalingReplicaSet: Scaled down replica set ${a} from 2 to 1`,
      `ScalingReplicaSet: Scaled up replica set ${b} from 2 to 3`,
      `ScalingReplicaSet: Scaled down replica set ${a} from 1 to 0`,
    ]);
    expect(running().every(pod => pod.spec.containers[0].image === 'nginx:1.28')).toBe(true);
  });

  it('goes back to the old replica set under a new number', () => {
    lab.create(DEPLOYMENTS, deployment('web', 2));
    lab.seconds(10);
    lab.patch(DEPLOYMENTS, 'web', image('nginx:1.28'));
    lab.seconds(60);
    lab.patch(DEPLOYMENTS, 'web', image('nginx:1.27'));
    lab.seconds(60);
    const sets = setsByRevision();
    expect(sets).toHaveLength(2);
    expect(sets[1].metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(sets.map(set => set.spec.replicas)).toEqual([0, 2]);
  });

  it('keeps as many old replica sets as the history may hold', () => {
    lab.create(DEPLOYMENTS, deployment('web', 1, { revisionHistoryLimit: 2 }));
    for (let minor = 1; minor <= 5; minor += 1) {
      lab.seconds(30);
      lab.patch(DEPLOYMENTS, 'web', image(`nginx:1.${minor}`));
    }
    lab.seconds(60);
    const revisions = setsByRevision().map(
      set => set.metadata.annotations['deployment.kubernetes.io/revision'],
    );
    expect(revisions).toEqual(['4', '5', '6']);
  });

  it('says when it takes too long', () => {
    const stuck = { nodeSelector: { absent: 'true' }, containers: [{ name: 'web', image: 'nginx:1.28' }] };
    lab.create(DEPLOYMENTS, deployment('web', 3, { progressDeadlineSeconds: 60 }));
    lab.seconds(10);
    lab.patch(DEPLOYMENTS, 'web', { spec: { template: { spec: stuck } } });
    lab.seconds(30);
    expect(condition(lab.get(DEPLOYMENTS, 'web'), 'Progressing').reason).toBe('ReplicaSetUpdated');
    lab.seconds(40);
    expect(condition(lab.get(DEPLOYMENTS, 'web'), 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${setsByRevision()[1].metadata.name}" has timed out progressing.`,
    });
    expect(condition(lab.get(DEPLOYMENTS, 'web'), 'Available').status).toBe('True');
  });

  it('waits while paused', () => {
    lab.create(DEPLOYMENTS, deployment('web', 2));
    lab.seconds(10);
    lab.patch(DEPLOYMENTS, 'web', { spec: { paused: true, ...(image('nginx:1.28') as Loose).spec } });
    lab.seconds(60);
    expect(lab.list(SETS)).toHaveLength(1);
    expect(condition(lab.get(DEPLOYMENTS, 'web'), 'Progressing')).toMatchObject({
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message: 'Deployment is paused',
    });
    lab.scale(DEPLOYMENTS, 'web', 4);
    lab.seconds(10);
    expect(running()).toHaveLength(4);
    lab.patch(DEPLOYMENTS, 'web', { spec: { paused: false } });
    lab.seconds(60);
    expect(setsByRevision().map(set => set.spec.replicas)).toEqual([0, 4]);
    expect(condition(lab.get(DEPLOYMENTS, 'web'), 'Progressing').reason).toBe('NewReplicaSetAvailable');
  });

  it('shares a change of size among old and new by their share', () => {
    // A rollout that cannot go on: with 10 replicas, surge 3 and unavailable 2 it stands at 8 old and 5 new.
    const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 };
    lab.create(DEPLOYMENTS, deployment('web', 10, { strategy: { type: 'RollingUpdate', rollingUpdate } }));
    lab.seconds(10);
    const spec = { nodeSelector: { absent: 'true' } };
    lab.patch(DEPLOYMENTS, 'web', { spec: { template: { spec } } });
    lab.seconds(60);
    expect(setsByRevision().map(set => set.spec.replicas)).toEqual([8, 5]);
    // The documented example: 15 replicas add 3 to the old and 2 to the new.
    lab.scale(DEPLOYMENTS, 'web', 15);
    lab.seconds(10);
    expect(setsByRevision().map(set => set.spec.replicas)).toEqual([11, 7]);
  });
});

describe('Recreate', () => {
  it('makes new pods only after the last old one is gone', () => {
    lab.create(DEPLOYMENTS, deployment('web', 3, { strategy: { type: 'Recreate' } }));
    lab.seconds(10);
    let mixed = false;
    lab.cluster.onCommit(() => {
      const images = new Set(lab.list('pods').map(pod => pod.spec.containers[0].image));
      mixed ||= images.size > 1;
    });
    lab.patch(DEPLOYMENTS, 'web', image('nginx:1.28'));
    lab.seconds(120);
    expect(mixed).toBe(false);
    expect(running().map(pod => pod.spec.containers[0].image)).toEqual(Array(3).fill('nginx:1.28'));
    expect(condition(lab.get(DEPLOYMENTS, 'web'), 'Progressing').reason).toBe('NewReplicaSetAvailable');
  });
});
