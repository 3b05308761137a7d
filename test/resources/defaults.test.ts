import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allDefinitions, resourceName } from '../../simulator/resources/index.ts';
import type { KubeObject } from '../../simulator/types/meta.ts';
import { NO_VIEW, created, definition, object } from './build.ts';

/** What the API server fills in; objects are frozen, as stored ones are. */
function defaulted(name: string, body: Record<string, unknown>, metadata = {}): Record<string, unknown> {
  const given = freeze(object('X', body, metadata));
  return (definition(name).applyDefaults?.(given) ?? given) as unknown as Record<string, unknown>;
}

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}

describe('pods', () => {
  test('the smallest pod', () => {
    expect(defaulted('pods', { spec: { containers: [{ name: 'a', image: 'nginx' }] } }).spec).toEqual({
      containers: [
        {
          name: 'a',
          image: 'nginx',
          imagePullPolicy: 'Always',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    });
  });

  test.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['registry:5000/nginx', 'Always'],
    ['registry:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:abc', 'IfNotPresent'],
  ])('the image %s is pulled %s', (image, policy) => {
    const { containers } = defaulted('pods', { spec: { containers: [{ name: 'a', image }] } }).spec as {
      containers: { imagePullPolicy: string }[];
    };
    expect(containers[0]?.imagePullPolicy).toBe(policy);
  });

  test('probes, ports, variables, volumes and resources', () => {
    const pod = defaulted('pods', {
      spec: {
        containers: [
          {
            name: 'a',
            image: 'i:1',
            ports: [{ containerPort: 80 }],
            env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
            readinessProbe: { httpGet: { port: 80 } },
            livenessProbe: { exec: { command: ['true'] }, periodSeconds: 5 },
            resources: { limits: { memory: '1024Mi', cpu: '1000m' }, requests: { cpu: 0.5 } },
          },
        ],
        volumes: [
          { name: 'a' },
          { name: 'b', secret: { secretName: 's' } },
          { name: 'c', hostPath: { path: '/x' } },
          { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
        ],
      },
    });
    expect(pod.spec).toMatchObject({
      containers: [
        {
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }],
          readinessProbe: {
            httpGet: { path: '/', port: 80, scheme: 'HTTP' },
            failureThreshold: 3,
            periodSeconds: 10,
            successThreshold: 1,
            timeoutSeconds: 1,
          },
          livenessProbe: { periodSeconds: 5, timeoutSeconds: 1 },
          resources: { limits: { memory: '1Gi', cpu: '1' }, requests: { cpu: '500m', memory: '1Gi' } },
        },
      ],
      volumes: [
        { name: 'a', emptyDir: {} },
        { secret: { defaultMode: 420 } },
        { hostPath: { type: '' } },
        { projected: { defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3600 } }] } },
      ],
    });
  });

  test.each([
    [{}, 'BestEffort'],
    [{ requests: { cpu: '1' } }, 'Burstable'],
    [{ limits: { cpu: '1' } }, 'Burstable'],
    [{ limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
    [{ requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } }, 'Burstable'],
  ])('with resources %j are born Pending and %s', (resources, qosClass) => {
    const pod = object('Pod', {
      spec: { containers: [{ name: 'a', image: 'i', resources }] },
      status: { phase: 'Running' },
    });
    expect((created('pods', pod) as KubeObject & { status: unknown }).status).toEqual({
      phase: 'Pending',
      qosClass,
    });
  });

  test.each([
    [{ containers: [] }, {}, 0],
    [{ containers: [], nodeName: 'n' }, { phase: 'Running' }, 30],
    [{ containers: [], nodeName: 'n', terminationGracePeriodSeconds: 5 }, { phase: 'Running' }, 5],
    [{ containers: [], nodeName: 'n' }, { phase: 'Succeeded' }, 0],
  ])('with %j and %j have a grace period of %d s', (spec, status, seconds) => {
    expect(definition('pods').gracePeriodSeconds?.(object('Pod', { spec, status }))).toBe(seconds);
  });
});

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'i:1' }] } };
const selector = { matchLabels: { a: 'b' } };

describe('workloads', () => {
  test.each([
    [
      'deployments.apps',
      {
        progressDeadlineSeconds: 600,
        replicas: 1,
        revisionHistoryLimit: 10,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      },
    ],
    ['replicasets.apps', { replicas: 1 }],
    [
      'daemonsets.apps',
      {
        revisionHistoryLimit: 10,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      },
    ],
    [
      'statefulsets.apps',
      {
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        podManagementPolicy: 'OrderedReady',
        replicas: 1,
        revisionHistoryLimit: 10,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      },
    ],
    [
      'jobs.batch',
      {
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        completions: 1,
        parallelism: 1,
        podReplacementPolicy: 'TerminatingOrFailed',
        suspend: false,
      },
    ],
  ])('%s', (name, expected) => {
    const spec = defaulted(name, { spec: { selector, template } }).spec as Record<string, unknown>;
    const { template: complete, selector: _, ...rest } = spec;
    expect(rest).toEqual(expected);
    expect(complete).toMatchObject({
      spec: { dnsPolicy: 'ClusterFirst', containers: [{ imagePullPolicy: 'IfNotPresent' }] },
    });
    expect((complete as { spec: object }).spec).not.toHaveProperty('enableServiceLinks');
  });

  test('a recreated deployment has no rolling update', () => {
    const { strategy } = defaulted('deployments.apps', {
      spec: { selector, template, strategy: { type: 'Recreate' } },
    }).spec as Record<string, unknown>;
    expect(strategy).toEqual({ type: 'Recreate' });
  });

  test('a job selects its pods by its UID', () => {
    const job = created('jobs.batch', object('Job', { spec: { template } })) as KubeObject & {
      spec: Record<string, unknown>;
    };
    expect(job.spec.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } });
    expect(job.spec.template).toMatchObject({ metadata: { labels: { a: 'b', 'job-name': 'x' } } });
  });
});

describe('others', () => {
  test.each([
    [
      'services',
      { spec: { ports: [{ port: 80 }] } },
      {
        spec: {
          internalTrafficPolicy: 'Cluster',
          ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
          sessionAffinity: 'None',
          type: 'ClusterIP',
        },
      },
    ],
    [
      'persistentvolumeclaims',
      { spec: { resources: { requests: { storage: '2048Mi' } } } },
      { spec: { resources: { requests: { storage: '2Gi' } }, volumeMode: 'Filesystem' } },
    ],
    [
      'persistentvolumes',
      { spec: { capacity: { storage: '1024Gi' } } },
      {
        spec: {
          capacity: { storage: '1Ti' },
          persistentVolumeReclaimPolicy: 'Retain',
          volumeMode: 'Filesystem',
        },
      },
    ],
    ['secrets', { stringData: { a: 'héllo' } }, { data: { a: 'aMOpbGxv' }, type: 'Opaque' }],
    ['namespaces', {}, { metadata: { labels: { 'kubernetes.io/metadata.name': 'x' } } }],
    [
      'storageclasses.storage.k8s.io',
      { provisioner: 'p' },
      { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
    ],
    [
      'horizontalpodautoscalers.autoscaling',
      { spec: { maxReplicas: 3 } },
      { spec: { minReplicas: 1, metrics: [{ type: 'Resource' }] } },
    ],
    [
      'rolebindings.rbac.authorization.k8s.io',
      { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }] },
      {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io' }],
      },
    ],
    [
      'limitranges',
      { spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } },
      { spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '2' } }] } },
    ],
    [
      'networkpolicies.networking.k8s.io',
      { spec: { podSelector: {} } },
      { spec: { policyTypes: ['Ingress'] } },
    ],
    [
      'mutatingwebhookconfigurations.admissionregistration.k8s.io',
      { webhooks: [{ name: 'w' }] },
      {
        webhooks: [
          {
            failurePolicy: 'Fail',
            matchPolicy: 'Equivalent',
            reinvocationPolicy: 'Never',
            timeoutSeconds: 10,
          },
        ],
      },
    ],
  ])('%s', (name, body, expected) => {
    expect(defaulted(name, body)).toMatchObject(expected);
  });

  test('write-only texts of a secret do not stay', () => {
    expect(defaulted('secrets', { stringData: { a: 'b' } })).not.toHaveProperty('stringData');
  });

  test('services get the same address and ports in every run, and keep them', () => {
    const given = object('Service', { spec: { type: 'NodePort', ports: [{ port: 80 }] } });
    const first = created('services', given) as KubeObject & {
      spec: { clusterIP: string; ports: { nodePort: number }[] };
    };
    expect(created('services', given)).toEqual(first);
    expect(first.spec.clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);
    expect(first.spec.ports[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
    const update = definition('services').prepareForUpdate;
    expect(update?.(definition('services').applyDefaults?.(given) ?? given, first, NO_VIEW)).toMatchObject({
      spec: first.spec,
    });
  });

  test('a headless service stays headless', () => {
    expect(created('services', object('Service', { spec: { clusterIP: 'None' } }))).toMatchObject({
      spec: { clusterIP: 'None', clusterIPs: ['None'] },
    });
  });
});

/** Small objects that reach most of the defaulting code. */
const containers = fc.array(
  fc.record(
    {
      name: fc.constantFrom('a', 'b'),
      image: fc.constantFrom('i', 'i:1'),
      ports: fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 9 }) }), { maxLength: 2 }),
      resources: fc.record(
        { limits: fc.record({ memory: fc.constantFrom('1024Mi', '1Gi') }) },
        { requiredKeys: [] },
      ),
      readinessProbe: fc.record({ httpGet: fc.record({ port: fc.constant(80) }) }, { requiredKeys: [] }),
    },
    { requiredKeys: ['name'] },
  ),
  { maxLength: 2 },
);
const podSpec = fc.record(
  {
    containers,
    volumes: fc.array(
      fc.record(
        { name: fc.constant('v'), secret: fc.constant({ secretName: 's' }) },
        { requiredKeys: ['name'] },
      ),
      { maxLength: 2 },
    ),
    serviceAccountName: fc.constant('sa'),
    hostNetwork: fc.boolean(),
  },
  { requiredKeys: ['containers'] },
);
const bodies = fc.record({
  spec: fc.oneof(
    podSpec,
    podSpec.map(spec => ({ template: { spec }, selector: {} })),
    fc.record({ ports: fc.array(fc.record({ port: fc.integer({ min: 1, max: 9 }) }), { maxLength: 2 }) }),
    fc.record({
      resources: fc.constant({ requests: { storage: '1024Mi' } }),
      capacity: fc.constant({ storage: '1Gi' }),
    }),
  ),
});

test('defaults are idempotent, leave their input alone and return the same object when nothing is missing', () => {
  const withDefaults = allDefinitions().filter(found => found.applyDefaults);
  expect(withDefaults.length).toBeGreaterThan(25);
  fc.assert(
    fc.property(fc.constantFrom(...withDefaults), bodies, (found, body) => {
      const given = freeze(object(found.kind, body));
      const once = found.applyDefaults?.(given) as KubeObject;
      expect(found.applyDefaults?.(freeze(once)), resourceName(found.group, found.plural)).toBe(once);
    }),
    { numRuns: 1000 },
  );
});
