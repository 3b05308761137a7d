import { beforeEach, describe, expect, it } from 'vitest';
import { type Lab, type Loose, deployment, makeLab } from '../workloads/fixture.ts';

const SLICES = 'endpointslices.discovery.k8s.io';
const DEPLOYMENTS = 'deployments.apps';

let lab: Lab;
beforeEach(() => {
  lab = makeLab();
});

function service(name: string, spec: object = {}, labels?: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, ...(labels ? { labels } : {}) },
    spec: { selector: { app: name }, ports: [{ port: 8080, targetPort: 80 }], ...spec },
  };
}

const addresses = () =>
  lab
    .list('pods')
    .map((pod: Loose) => pod.status.podIP)
    .sort();
const inEndpoints = (list = 'addresses') =>
  (lab.get('endpoints', 'web').subsets ?? [])
    .flatMap((subset: Loose) => (subset[list] ?? []).map(({ ip }: Loose) => ip))
    .sort();

describe('a service with pods', () => {
  beforeEach(() => {
    lab.create('services', service('web', {}, { team: 'a' }));
    lab.create(DEPLOYMENTS, deployment('web', 3));
    lab.seconds(10);
  });

  it('has their addresses in its endpoints', () => {
    const { metadata, subsets } = lab.get('endpoints', 'web');
    expect(metadata.labels).toEqual({
      team: 'a',
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
    });
    expect(subsets).toHaveLength(1);
    expect(subsets[0].ports).toEqual([{ port: 80, protocol: 'TCP' }]);
    expect(inEndpoints()).toEqual(addresses());
    const [pod] = lab.list('pods');
    expect(subsets[0].addresses).toContainEqual({
      ip: pod.status.podIP,
      nodeName: pod.spec.nodeName,
      targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: 'default', uid: pod.metadata.uid },
    });
  });

  it('and in a slice that it owns', () => {
    const [slice, ...others] = lab.list(SLICES);
    expect(others).toEqual([]);
    expect(slice.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(slice.metadata.labels).toEqual({
      team: 'a',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      'kubernetes.io/service-name': 'web',
    });
    expect(slice.metadata.ownerReferences[0]).toMatchObject({
      kind: 'Service',
      name: 'web',
      controller: true,
    });
    expect(slice.addressType).toBe('IPv4');
    expect(slice.ports).toEqual([{ name: '', port: 80, protocol: 'TCP' }]);
    expect(slice.endpoints).toHaveLength(3);
    for (const { conditions } of slice.endpoints) {
      expect(conditions).toEqual({ ready: true, serving: true, terminating: false });
    }
  });

  it('loses a pod as soon as it is asked to go', () => {
    const [pod] = lab.list('pods');
    lab.scale(DEPLOYMENTS, 'web', 0);
    lab.seconds(0);
    expect(inEndpoints()).toEqual([]);
    const states = lab.list(SLICES)[0].endpoints.map(({ conditions }: Loose) => conditions);
    expect(states).toEqual(Array(3).fill({ ready: false, serving: true, terminating: true }));
    lab.seconds(60);
    expect(lab.get('pods', pod.metadata.name)).toBeUndefined();
    expect(lab.list(SLICES)).toMatchObject([{ endpoints: null, ports: null }]);
    expect(lab.get('endpoints', 'web').subsets).toBeUndefined();
  });

  it('takes both with it', () => {
    lab.remove('services', 'web');
    lab.seconds(10);
    expect(lab.get('endpoints', 'web')).toBeUndefined();
    expect(lab.list(SLICES)).toEqual([]);
  });
});

it('keeps pods that are not ready apart', () => {
  lab.create('services', service('web'));
  const containers = [{ name: 'web', image: 'nginx', readinessProbe: { exec: { command: ['false'] } } }];
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers } };
  lab.create(DEPLOYMENTS, deployment('web', 1, { template }));
  lab.seconds(10);
  expect(inEndpoints()).toEqual([]);
  expect(inEndpoints('notReadyAddresses')).toEqual(addresses());
  lab.patch('services', 'web', { spec: { publishNotReadyAddresses: true } });
  lab.seconds(1);
  expect(inEndpoints()).toEqual(addresses());
});

it('finds named ports in the containers and marks headless services', () => {
  const ports = [{ name: 'http', port: 80, targetPort: 'web' }];
  lab.create('services', service('web', { clusterIP: 'None', ports }));
  const containers = [{ name: 'web', image: 'nginx', ports: [{ name: 'web', containerPort: 8443 }] }];
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers } };
  lab.create(DEPLOYMENTS, deployment('web', 1, { template }));
  lab.seconds(10);
  expect(lab.get('endpoints', 'web').subsets[0].ports).toEqual([
    { name: 'http', port: 8443, protocol: 'TCP' },
  ]);
  expect(lab.list(SLICES)[0].metadata.labels['service.kubernetes.io/headless']).toBe('');
});

it('spreads more than a hundred endpoints over slices and keeps those it has in place', () => {
  lab.create('services', service('web'));
  lab.create(DEPLOYMENTS, deployment('web', 120));
  lab.seconds(20);
  const before = lab.list(SLICES).map(slice => slice.endpoints.length);
  expect(before.sort()).toEqual([100, 20]);
});

describe('disruption budgets', () => {
  const budget = (spec: object) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  const BUDGETS = 'poddisruptionbudgets.policy';

  it.each([
    [{ minAvailable: 2 }, { currentHealthy: 4, desiredHealthy: 2, disruptionsAllowed: 2, expectedPods: 4 }],
    [
      { minAvailable: '50%' },
      { currentHealthy: 4, desiredHealthy: 2, disruptionsAllowed: 2, expectedPods: 4 },
    ],
    [{ maxUnavailable: 1 }, { currentHealthy: 4, desiredHealthy: 3, disruptionsAllowed: 1, expectedPods: 4 }],
    [
      { maxUnavailable: '30%' },
      { currentHealthy: 4, desiredHealthy: 2, disruptionsAllowed: 2, expectedPods: 4 },
    ],
    [{ minAvailable: 4 }, { currentHealthy: 4, desiredHealthy: 4, disruptionsAllowed: 0, expectedPods: 4 }],
  ])('%j of four healthy pods', (spec, expected) => {
    lab.create(DEPLOYMENTS, deployment('web', 4));
    lab.create(BUDGETS, budget(spec));
    lab.seconds(10);
    const { status } = lab.get(BUDGETS, 'web');
    expect(status).toMatchObject({ ...expected, observedGeneration: 1 });
    const allowed = expected.disruptionsAllowed > 0;
    expect(status.conditions).toMatchObject([
      {
        type: 'DisruptionAllowed',
        status: allowed ? 'True' : 'False',
        reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      },
    ]);
  });

  it('follows pods as they come and go', () => {
    lab.create(BUDGETS, budget({ minAvailable: 1 }));
    lab.seconds(1);
    expect(lab.get(BUDGETS, 'web').status).toMatchObject({ currentHealthy: 0, disruptionsAllowed: 0 });
    lab.create(DEPLOYMENTS, deployment('web', 2));
    lab.seconds(10);
    expect(lab.get(BUDGETS, 'web').status).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
    lab.scale(DEPLOYMENTS, 'web', 1);
    lab.seconds(60);
    expect(lab.get(BUDGETS, 'web').status).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0 });
  });
});
