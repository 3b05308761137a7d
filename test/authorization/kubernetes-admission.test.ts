/** kube-apiserver's own plug-ins, through the front door of an installed cluster. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../simulator/cluster.ts';
import { createCluster } from '../../simulator/create-cluster.ts';
import type { JsonObject } from '../../simulator/types/meta.ts';
import { admin, ask, create, object, refusal } from './cluster.ts';

const installed = createCluster({ nodes: 1 });
let cluster: Cluster;
beforeEach(() => {
  cluster = installed.fork();
});

function pod(spec: JsonObject = {}, name = 'web'): JsonObject {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i:1' }], ...spec } };
}

const make = (body: JsonObject) => create(cluster, admin, 'pods', body, 'default');
const refused = (body: JsonObject, resource = 'pods') =>
  refusal(ask(cluster, admin, 'create', resource, { namespace: 'default', body }));
const sized = (resources: JsonObject, name = 'web') =>
  pod({ containers: [{ name: 'c', image: 'i:1', resources }] }, name);

describe('service accounts of pods', () => {
  test('the default account and its token, where nothing is said', () => {
    const { spec } = make(pod());
    expect(spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' });
    const [volume] = spec.volumes;
    expect(volume.name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(volume.projected.sources.map((source: object) => Object.keys(source)[0])).toEqual([
      'serviceAccountToken',
      'configMap',
      'downwardAPI',
    ]);
    expect(spec.containers[0].volumeMounts).toEqual([
      { name: volume.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ]);
  });

  test('no token where the pod or its account wants none', () => {
    expect(make(pod({ automountServiceAccountToken: false })).spec.volumes).toBeUndefined();
    const quiet = { metadata: { name: 'quiet' }, automountServiceAccountToken: false };
    create(cluster, admin, 'serviceaccounts', quiet, 'default');
    expect(make(pod({ serviceAccountName: 'quiet' }, 'other')).spec.volumes).toBeUndefined();
  });

  test('pull secrets of the account', () => {
    const body = { metadata: { name: 'puller' }, imagePullSecrets: [{ name: 'key' }] };
    create(cluster, admin, 'serviceaccounts', body, 'default');
    expect(make(pod({ serviceAccountName: 'puller' })).spec.imagePullSecrets).toEqual([{ name: 'key' }]);
  });

  test('an account that is not there', () => {
    expect(refused(pod({ serviceAccountName: 'ghost' }))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'pods "web" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found',
    });
  });
});

describe('priority', () => {
  test('is that of the class, or none', () => {
    expect(make(pod()).spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    const critical = make(pod({ priorityClassName: 'system-cluster-critical' }, 'b'));
    expect(critical.spec.priority).toBe(2_000_000_000);
  });

  test('is that of the default class, whose name it takes', () => {
    const body = { metadata: { name: 'usual' }, value: 7, globalDefault: true, preemptionPolicy: 'Never' };
    create(cluster, admin, 'priorityclasses', body);
    expect(make(pod()).spec).toMatchObject({
      priorityClassName: 'usual',
      priority: 7,
      preemptionPolicy: 'Never',
    });
    const second = ask(cluster, admin, 'create', 'priorityclasses', {
      body: { ...body, metadata: { name: 'two' } },
    });
    expect(refusal(second).message).toBe(
      'priorityclasses.scheduling.k8s.io "two" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    );
  });

  test.each<[JsonObject, string]>([
    [{ priorityClassName: 'ghost' }, 'no PriorityClass with name ghost was found'],
    [
      { priority: 5 },
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ],
    [
      { preemptionPolicy: 'Never' },
      'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    ],
  ])('%j is refused', (spec, why) => {
    expect(refused(pod(spec)).message).toBe(`pods "web" is forbidden: ${why}`);
  });
});

test('pods bear a lost node for five minutes unless they say otherwise', () => {
  const lost = (key: string) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 });
  const both = [lost('node.kubernetes.io/not-ready'), lost('node.kubernetes.io/unreachable')];
  expect(make(pod()).spec.tolerations).toEqual(both);
  const own = {
    key: 'node.kubernetes.io/not-ready',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 5,
  };
  expect(make(pod({ tolerations: [own] }, 'b')).spec.tolerations).toEqual([own, both[1]]);
  expect(make(pod({ tolerations: [{ operator: 'Exists' }] }, 'c')).spec.tolerations).toEqual([
    { operator: 'Exists' },
  ]);
});

test('claims without a class get the default one', () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const claim = (name: string, more: JsonObject = {}) =>
    create(
      cluster,
      admin,
      'persistentvolumeclaims',
      { metadata: { name }, spec: { ...spec, ...more } },
      'default',
    );
  const classes = cluster.request({
    verb: 'list',
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'storageclasses',
    user: admin,
  });
  if (classes.type !== 'list') throw new Error('no storage classes');
  const usual = classes.list.items.find(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
  expect(claim('a').spec.storageClassName).toBe(usual?.metadata.name);
  expect(claim('b', { storageClassName: '' }).spec.storageClassName).toBe('');
});

describe('limit ranges', () => {
  const limit = (item: JsonObject) =>
    create(cluster, admin, 'limitranges', { metadata: { name: 'l' }, spec: { limits: [item] } }, 'default');

  test('fill in what containers leave open, and say so', () => {
    limit({ type: 'Container', default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '100m' } });
    const made = make(pod());
    expect(made.spec.containers[0].resources).toEqual({
      limits: { cpu: '1', memory: '1Gi' },
      requests: { cpu: '100m', memory: '1Gi' },
    });
    expect(made.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c',
    );
  });

  test.each<[JsonObject, JsonObject, string]>([
    [
      { type: 'Container', max: { memory: '1Gi' } },
      { limits: { memory: '2Gi' } },
      'maximum memory usage per Container is 1Gi, but limit is 2Gi',
    ],
    [
      { type: 'Container', min: { cpu: '500m' } },
      { requests: { cpu: '100m' } },
      'minimum cpu usage per Container is 500m, but request is 100m',
    ],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '1' }, limits: { cpu: '3' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
    [{ type: 'Pod', max: { cpu: '1' } }, {}, 'maximum cpu usage per Pod is 1. No limit is specified'],
    [
      { type: 'Pod', max: { cpu: '1', memory: '1Gi' } },
      { limits: { cpu: '2', memory: '2Gi' } },
      '[maximum cpu usage per Pod is 1, but limit is 2, maximum memory usage per Pod is 1Gi, but limit is 2Gi]',
    ],
  ])('%j refuses %j', (item, resources, why) => {
    limit(item);
    expect(refused(sized(resources)).message).toBe(`pods "web" is forbidden: ${why}`);
  });

  test('bound claims', () => {
    limit({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' }, min: { storage: '100Mi' } });
    const claim = (storage: string) =>
      refused(
        {
          metadata: { name: 'd' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
        },
        'persistentvolumeclaims',
      ).message;
    const start = 'persistentvolumeclaims "d" is forbidden:';
    expect(claim('2Gi')).toBe(
      `${start} maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi`,
    );
    expect(claim('1Mi')).toBe(
      `${start} minimum storage usage per PersistentVolumeClaim is 100Mi, but request is 1Mi`,
    );
  });
});

describe('quotas', () => {
  const quota = (hard: JsonObject, more: JsonObject = {}) =>
    create(cluster, admin, 'resourcequotas', { metadata: { name: 'q' }, spec: { hard, ...more } }, 'default');
  const used = () =>
    object(ask(cluster, admin, 'get', 'resourcequotas', { namespace: 'default', name: 'q' })).status;
  const cpu = (amount: string, name: string) => sized({ requests: { cpu: amount } }, name);

  test('count what there is, and refuse what is too much', () => {
    make(cpu('300m', 'a'));
    quota({ pods: '2', 'requests.cpu': '1' });
    expect(used()).toEqual({
      hard: { pods: '2', 'requests.cpu': '1' },
      used: { pods: '1', 'requests.cpu': '300m' },
    });
    expect(refused(cpu('800m', 'b'))).toMatchObject({
      code: 403,
      message:
        'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=800m, used: requests.cpu=300m, limited: requests.cpu=1',
    });
    make(cpu('700m', 'b'));
    expect(used().used).toEqual({ pods: '2', 'requests.cpu': '1' });
    expect(refused(cpu('1m', 'c')).message).toBe(
      'pods "c" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=1m, used: pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1',
    );
    ask(cluster, admin, 'delete', 'pods', {
      namespace: 'default',
      name: 'a',
      options: { gracePeriodSeconds: 0 },
    });
    expect(used().used).toEqual({ pods: '1', 'requests.cpu': '700m' });
  });

  test('want every container to say what it needs', () => {
    quota({ 'limits.memory': '1Gi', cpu: '4' });
    expect(refused(pod()).message).toBe(
      'pods "web" is forbidden: failed quota: q: must specify cpu for: c; limits.memory for: c',
    );
  });

  test('count objects of any kind', () => {
    quota({ 'count/secrets': '0', configmaps: '100' });
    expect(refused({ metadata: { name: 's' } }, 'secrets').message).toBe(
      'secrets "s" is forbidden: exceeded quota: q, requested: count/secrets=1, used: count/secrets=0, limited: count/secrets=0',
    );
    expect(used().used.configmaps).toBe('1');
  });

  test('hold for other writes of the same moment', () => {
    quota({ pods: '1' });
    const post = (name: string) =>
      cluster.request({
        verb: 'create',
        group: '',
        version: 'v1',
        resource: 'pods',
        namespace: 'default',
        body: pod({}, name),
        user: admin,
      });
    expect([post('a').code, post('b').code]).toEqual([201, 403]);
  });

  test('with a scope are about some pods only', () => {
    quota({ pods: '0' }, { scopes: ['BestEffort'] });
    expect(refused(pod()).message).toContain('exceeded quota: q');
    expect(make(cpu('1m', 'b')).metadata.name).toBe('b');
  });

  test('are another namespace’s own affair', () => {
    quota({ pods: '0' });
    expect(create(cluster, admin, 'pods', pod(), 'kube-system').metadata.name).toBe('web');
  });
});

test('a virtual machine starts under all of this, and its pod is what virt-controller made', () => {
  const body = {
    metadata: { name: 'vm' },
    spec: {
      runStrategy: 'Always',
      template: {
        spec: {
          domain: { devices: {}, resources: { requests: { memory: '128Mi' } } },
          volumes: [{ name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:latest' } }],
        },
      },
    },
  };
  const request = { group: 'kubevirt.io', namespace: 'default' } as const;
  expect(ask(cluster, admin, 'create', 'virtualmachines', { ...request, body }).code).toBe(201);
  cluster.advance(60_000);
  const vm = object(ask(cluster, admin, 'get', 'virtualmachines', { ...request, name: 'vm' }));
  expect(vm.status.printableStatus).toBe('Running');
  const pods = ask(cluster, admin, 'list', 'pods', { namespace: 'default' });
  if (pods.type !== 'list') throw new Error('no list of pods');
  const [launcher] = pods.list.items as readonly { spec?: unknown }[];
  expect(launcher?.spec).toMatchObject({
    serviceAccountName: 'default',
    automountServiceAccountToken: false,
    priority: 0,
    tolerations: [{ tolerationSeconds: 300 }, { tolerationSeconds: 300 }],
  });
});
