import { beforeEach, describe, expect, it } from 'vitest';
import { type Lab, makeLab } from '../kube-controllers/workloads/fixture.ts';

const CLASSES = 'storageclasses.storage.k8s.io';
let lab: Lab;
beforeEach(() => {
  lab = makeLab();
});

function storageClass(name: string, more: object = {}): object {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'simulated.csi',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    ...more,
  };
}

function claim(name: string, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, ...spec },
  };
}

function volume(name: string, storage: string, more: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: `/data/${name}` },
      storageClassName: '',
      ...more,
    },
  };
}

const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const volumes = () => lab.cluster.store.list(VOLUMES).map(({ metadata }) => metadata.name);

describe('provisioning', () => {
  it('makes a volume of the default class at once', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    lab.create(CLASSES, storageClass('fast', { metadata: { name: 'fast', annotations } }));
    lab.create(CLAIMS, claim('data'));
    lab.seconds(5);
    const { metadata, spec, status } = lab.get(CLAIMS, 'data');
    expect(spec).toMatchObject({ storageClassName: 'fast', volumeName: `pvc-${metadata.uid}` });
    expect(status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } });
    expect(lab.get(VOLUMES, spec.volumeName).status.phase).toBe('Bound');
  });

  it('waits for a pod on a node where the class says so', () => {
    lab.create(CLASSES, storageClass('local', { volumeBindingMode: 'WaitForFirstConsumer' }));
    lab.create(CLAIMS, claim('data', { storageClassName: 'local' }));
    lab.seconds(5);
    expect(lab.get(CLAIMS, 'data').status.phase).toBe('Pending');
    expect(lab.events('data')).toEqual([
      'WaitForFirstConsumer: waiting for first consumer to be created before binding',
    ]);
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const containers = [{ name: 'app', image: 'nginx' }];
    lab.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app' },
      spec: { containers, volumes },
    });
    lab.seconds(5);
    expect(lab.get(CLAIMS, 'data').status.phase).toBe('Bound');
  });

  it('takes the volume with the claim, or releases it, as the policy says', () => {
    for (const [name, reclaimPolicy] of [
      ['gone', 'Delete'],
      ['kept', 'Retain'],
    ] as const) {
      lab.create(CLASSES, storageClass(name, { reclaimPolicy }));
      lab.create(CLAIMS, claim(name, { storageClassName: name }));
    }
    lab.seconds(5);
    const kept = lab.get(CLAIMS, 'kept').spec.volumeName;
    lab.remove(CLAIMS, 'gone');
    lab.remove(CLAIMS, 'kept');
    lab.seconds(5);
    expect(volumes()).toEqual([kept]);
    expect(lab.get(VOLUMES, kept).status.phase).toBe('Released');
  });

  it('says what is missing', () => {
    lab.create(CLAIMS, claim('lost', { storageClassName: 'nowhere' }));
    lab.create(CLAIMS, claim('none', { storageClassName: '' }));
    lab.seconds(1);
    expect(lab.events('lost')).toEqual([
      'ProvisioningFailed: storageclass.storage.k8s.io "nowhere" not found',
    ]);
    expect(lab.events('none')).toEqual([
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ]);
  });
});

describe('volumes that are there', () => {
  it('the smallest that is enough is taken', () => {
    for (const [name, size] of [
      ['small', '1Gi'],
      ['large', '10Gi'],
      ['medium', '3Gi'],
    ] as const) {
      lab.create(VOLUMES, volume(name, size));
    }
    lab.seconds(1);
    expect(lab.get(VOLUMES, 'small').status.phase).toBe('Available');
    lab.create(CLAIMS, claim('data', { storageClassName: '' }));
    lab.seconds(1);
    expect(lab.get(CLAIMS, 'data')).toMatchObject({
      spec: { volumeName: 'medium' },
      status: { phase: 'Bound', capacity: { storage: '3Gi' } },
    });
    expect(lab.get(VOLUMES, 'medium')).toMatchObject({
      spec: { claimRef: { name: 'data', namespace: 'default' } },
      status: { phase: 'Bound' },
    });
  });

  it('come later than the claim', () => {
    lab.create(CLAIMS, claim('data', { storageClassName: 'manual' }));
    lab.seconds(5);
    lab.create(VOLUMES, volume('late', '5Gi', { storageClassName: 'manual' }));
    lab.seconds(5);
    expect(lab.get(CLAIMS, 'data').spec.volumeName).toBe('late');
  });

  it('are kept for the claim they name', () => {
    lab.create(VOLUMES, volume('mine', '5Gi', { claimRef: { name: 'chosen', namespace: 'default' } }));
    lab.create(CLAIMS, claim('other', { storageClassName: '' }));
    lab.create(CLAIMS, claim('chosen', { storageClassName: '' }));
    lab.seconds(1);
    expect(lab.get(CLAIMS, 'other').status.phase).toBe('Pending');
    expect(lab.get(CLAIMS, 'chosen').spec.volumeName).toBe('mine');
  });

  it('that vanish leave their claim lost', () => {
    lab.create(VOLUMES, volume('frail', '5Gi'));
    lab.create(CLAIMS, claim('data', { storageClassName: '' }));
    lab.seconds(1);
    lab.remove(VOLUMES, 'frail');
    lab.seconds(1);
    expect(lab.get(CLAIMS, 'data').status.phase).toBe('Lost');
  });
});
