import { beforeEach, describe, expect, it } from 'vitest';
import { type Lab, type Loose, image, makeLab } from './fixture.ts';

const SETS = 'statefulsets.apps';

let lab: Lab;
beforeEach(() => {
  lab = makeLab();
  lab.create('storageclasses.storage.k8s.io', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: 'simulated.csi',
    volumeBindingMode: 'Immediate',
    reclaimPolicy: 'Delete',
  });
});

function stateful(name: string, replicas: number, spec: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image: 'db:1', ports: [{ containerPort: 80 }] }] },
      },
      ...spec,
    },
  };
}

const claim = {
  metadata: { name: 'data' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'fast',
    resources: { requests: { storage: '1Gi' } },
  },
};

const names = () =>
  lab
    .list('pods')
    .filter((pod: Loose) => !pod.metadata.deletionTimestamp)
    .map((pod: Loose) => pod.metadata.name);
const images = () => lab.list('pods').map((pod: Loose) => pod.spec.containers[0].image);
const claims = () => lab.list('persistentvolumeclaims').map(({ metadata }: Loose) => metadata.name);

describe('an ordered stateful set', () => {
  it('makes its pods one after the other, each when the one before is ready', () => {
    const order: string[] = [];
    lab.cluster.onCommit(({ resource, type, object }) => {
      if (resource !== 'pods') return;
      const ready = (object as Loose).status.conditions?.some(
        (each: Loose) => each.type === 'Ready' && each.status === 'True',
      );
      const what = type === 'ADDED' ? 'made' : ready ? 'ready' : undefined;
      const text = `${object.metadata.name} ${what}`;
      if (what && !order.includes(text)) order.push(text);
    });
    lab.create(SETS, stateful('db', 3));
    lab.seconds(20);
    expect(order).toEqual(['db-0 made', 'db-0 ready', 'db-1 made', 'db-1 ready', 'db-2 made', 'db-2 ready']);
    const revision = lab.list('controllerrevisions.apps')[0].metadata.name;
    expect(lab.get(SETS, 'db').status).toEqual({
      availableReplicas: 3,
      collisionCount: 0,
      currentReplicas: 3,
      currentRevision: revision,
      observedGeneration: 1,
      readyReplicas: 3,
      replicas: 3,
      updateRevision: revision,
      updatedReplicas: 3,
    });
    expect(lab.get('pods', 'db-1')).toMatchObject({
      metadata: {
        generateName: 'db-',
        labels: {
          app: 'db',
          'apps.kubernetes.io/pod-index': '1',
          'controller-revision-hash': revision,
          'statefulset.kubernetes.io/pod-name': 'db-1',
        },
      },
      spec: { hostname: 'db-1', subdomain: 'db' },
    });
    expect(lab.events('db')[0]).toBe('SuccessfulCreate: create Pod db-0 in StatefulSet db successful');
    expect(lab.refusals).toEqual([]);
  });

  it('goes down from the highest number, one at a time', () => {
    lab.create(SETS, stateful('db', 3));
    lab.seconds(20);
    lab.scale(SETS, 'db', 1);
    lab.seconds(0);
    expect(names()).toEqual(['db-0', 'db-1']);
    lab.seconds(60);
    expect(names()).toEqual(['db-0']);
    expect(lab.events('db').slice(-2)).toEqual([
      'SuccessfulDelete: delete Pod db-2 in StatefulSet db successful',
      'SuccessfulDelete: delete Pod db-1 in StatefulSet db successful',
    ]);
  });

  it('is updated from the highest number, and a pod keeps its name', () => {
    lab.create(SETS, stateful('db', 3));
    lab.seconds(20);
    let least = 3;
    lab.cluster.onCommit(({ resource }) => {
      if (resource === SETS) least = Math.min(least, lab.get(SETS, 'db').status.readyReplicas ?? 0);
    });
    lab.patch(SETS, 'db', image('db:2'));
    lab.seconds(120);
    expect(names()).toEqual(['db-0', 'db-1', 'db-2']);
    expect(images()).toEqual(['db:2', 'db:2', 'db:2']);
    expect(least).toBe(2);
    const { status } = lab.get(SETS, 'db');
    expect(status.currentRevision).toBe(status.updateRevision);
  });

  it('leaves pods below the partition at the old template, new ones among them', () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
    lab.create(SETS, stateful('db', 3, { updateStrategy }));
    lab.seconds(20);
    lab.patch(SETS, 'db', image('db:2'));
    lab.seconds(60);
    expect(images()).toEqual(['db:1', 'db:1', 'db:2']);
    lab.remove('pods', 'db-0');
    lab.seconds(60);
    expect(images()).toEqual(['db:1', 'db:1', 'db:2']);
    expect(lab.get(SETS, 'db').status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
  });
});

it('Parallel makes and takes all at once', () => {
  lab.create(SETS, stateful('db', 3, { podManagementPolicy: 'Parallel' }));
  lab.seconds(0);
  expect(names()).toEqual(['db-0', 'db-1', 'db-2']);
  lab.seconds(10);
  lab.scale(SETS, 'db', 0);
  lab.seconds(0);
  expect(names()).toEqual([]);
});

it('OnDelete updates only what somebody deletes', () => {
  lab.create(SETS, stateful('db', 2, { updateStrategy: { type: 'OnDelete' } }));
  lab.seconds(20);
  lab.patch(SETS, 'db', image('db:2'));
  lab.seconds(30);
  expect(images()).toEqual(['db:1', 'db:1']);
  lab.remove('pods', 'db-1');
  lab.seconds(60);
  expect(images()).toEqual(['db:1', 'db:2']);
});

describe('claims', () => {
  it('are made for each pod, bound, and outlive it', () => {
    lab.create(SETS, stateful('db', 2, { volumeClaimTemplates: [claim] }));
    lab.seconds(20);
    expect(names()).toEqual(['db-0', 'db-1']);
    expect(claims()).toEqual(['data-db-0', 'data-db-1']);
    expect(lab.get('pods', 'db-1').spec.volumes[0]).toEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'data-db-1' },
    });
    expect(lab.get('persistentvolumeclaims', 'data-db-0')).toMatchObject({
      metadata: { labels: { app: 'db' } },
      status: { phase: 'Bound' },
    });
    lab.scale(SETS, 'db', 0);
    lab.seconds(90);
    expect(claims()).toEqual(['data-db-0', 'data-db-1']);
    expect(lab.events('db')[0]).toBe(
      'SuccessfulCreate: create Claim data-db-0 Pod db-0 in StatefulSet db success',
    );
  });

  it('go with what the retention policy names', () => {
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Delete' };
    lab.create(
      SETS,
      stateful('db', 2, { volumeClaimTemplates: [claim], persistentVolumeClaimRetentionPolicy }),
    );
    lab.seconds(20);
    lab.scale(SETS, 'db', 1);
    lab.seconds(60);
    expect(claims()).toEqual(['data-db-0']);
    lab.remove(SETS, 'db');
    lab.seconds(60);
    expect(claims()).toEqual([]);
  });
});
