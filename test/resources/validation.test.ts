import { describe, expect, test } from 'vitest';
import { object, refusals, updateRefusals } from './build.ts';

const container = { name: 'a', image: 'i' };
const pod = (spec: unknown) => object('Pod', { spec });

describe('pods are refused', () => {
  test.each<[unknown, string[]]>([
    [{ containers: [container] }, []],
    [{ containers: [] }, ['spec.containers: Required value']],
    [{ containers: [{ name: 'a' }] }, ['spec.containers[0].image: Required value']],
    [{ containers: [{ image: 'i' }] }, ['spec.containers[0].name: Required value']],
    [{ containers: [container, container] }, ['spec.containers[1].name: Duplicate value: "a"']],
    [
      { containers: [container], restartPolicy: 'Sometimes' },
      [
        'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      ],
    ],
    [
      { containers: [{ ...container, imagePullPolicy: 'Maybe' }] },
      [
        'spec.containers[0].imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
      ],
    ],
    [
      { containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }] },
      ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ],
    [
      { containers: [{ ...container, ports: [{ containerPort: 70000 }] }] },
      [
        'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      {
        containers: [{ ...container, resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }],
      },
      [
        'spec.containers[0].resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi',
      ],
    ],
  ])('%j', (spec, expected) => {
    expect(refusals('pods', pod(spec))).toEqual(expected);
  });

  test('a bad name says what a good one is', () => {
    expect(refusals('pods', pod({ containers: [{ name: 'A_b', image: 'i' }] }))[0]).toMatch(
      /^spec\.containers\[0\]\.name: Invalid value: "A_b": a lowercase RFC 1123 label must consist of/,
    );
  });
});

describe('updates of pods', () => {
  const old = pod({ containers: [container], nodeName: 'n' });
  test.each([
    ['another image', { containers: [{ ...container, image: 'j' }], nodeName: 'n' }, true],
    [
      'a toleration more',
      { containers: [container], nodeName: 'n', tolerations: [{ operator: 'Exists' }] },
      true,
    ],
    ['another command', { containers: [{ ...container, command: ['x'] }], nodeName: 'n' }, false],
    ['another node', { containers: [container], nodeName: 'm' }, false],
  ])('%s', (_, spec, allowed) => {
    const found = updateRefusals('pods', pod(spec), old);
    if (allowed) expect(found).toEqual([]);
    else
      expect(found[0]).toMatch(
        /^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`/,
      );
  });

  test('a pod without a node may be given one', () => {
    expect(updateRefusals('pods', old, pod({ containers: [container] }))).toEqual([]);
  });
});

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [container] } };
const selector = { matchLabels: { app: 'a' } };

describe('workloads are refused', () => {
  test.each<[string, unknown, string[]]>([
    ['deployments.apps', { selector, template }, []],
    ['deployments.apps', { template }, ['spec.selector: Required value']],
    [
      'deployments.apps',
      { selector: { matchLabels: { app: 'b' } }, template },
      [
        'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
      ],
    ],
    [
      'deployments.apps',
      { selector, template, replicas: -1 },
      ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'deployments.apps',
      { selector, template: { ...template, spec: { containers: [container], restartPolicy: 'Never' } } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      'jobs.batch',
      { template },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    ['jobs.batch', { template: { spec: { containers: [container], restartPolicy: 'Never' } } }, []],
    [
      'cronjobs.batch',
      {
        schedule: '* *',
        jobTemplate: { spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } } },
      },
      ['spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: [* *]'],
    ],
    [
      'horizontalpodautoscalers.autoscaling',
      { maxReplicas: 0 },
      ['spec.maxReplicas: Invalid value: 0: must be greater than 0'],
    ],
    [
      'horizontalpodautoscalers.autoscaling',
      { minReplicas: 3, maxReplicas: 2 },
      ['spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`'],
    ],
  ])('%s %j', (name, spec, expected) => {
    expect(refusals(name, object('X', { spec }))).toEqual(expected);
  });

  test('the selector is fixed', () => {
    const other = { matchLabels: { app: 'b' } };
    expect(
      updateRefusals(
        'deployments.apps',
        object('X', { spec: { selector: other } }),
        object('X', { spec: { selector } }),
      ),
    ).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable']);
  });
});

describe('others are refused', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['services', { spec: {} }, ['spec.ports: Required value']],
    ['services', { spec: { clusterIP: 'None' } }, []],
    ['services', { spec: { ports: [{ port: 0 }] } }, ['spec.ports[0].port: Required value']],
    [
      'services',
      { spec: { ports: [{ port: 1 }, { port: 2 }] } },
      ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    ],
    [
      'persistentvolumeclaims',
      { spec: {} },
      [
        'spec.accessModes: Required value: at least 1 access mode is required',
        'spec.resources[storage]: Required value',
      ],
    ],
    ['secrets', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, ['data[tls.key]: Required value']],
    ['storageclasses.storage.k8s.io', {}, ['provisioner: Required value']],
    [
      'roles.rbac.authorization.k8s.io',
      { rules: [{ apiGroups: [''], resources: ['pods'], verbs: [] }] },
      ['rules[0].verbs: Required value: verbs must contain at least one value'],
    ],
  ])('%s %j', (name, body, expected) => {
    expect(refusals(name, object('X', body))).toEqual(expected);
  });
});

describe('what may not change', () => {
  const claim = (storage: string, phase = 'Bound') => ({
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, volumeName: 'v' },
    status: { phase, capacity: { storage: '2Gi' } },
  });
  const spec =
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  test.each<[string, Record<string, unknown>, Record<string, unknown>, string[]]>([
    [
      'configmaps',
      { data: { a: '2' }, immutable: true },
      { data: { a: '1' }, immutable: true },
      ['data: Forbidden: field is immutable when `immutable` is set'],
    ],
    ['configmaps', { data: { a: '2' } }, { data: { a: '1' } }, []],
    ['secrets', { type: 'a' }, { type: 'b' }, ['type: Invalid value: "a": field is immutable']],
    ['persistentvolumeclaims', claim('3Gi'), claim('2Gi'), []],
    [
      'persistentvolumeclaims',
      claim('1Gi'),
      claim('2Gi'),
      ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
    ],
    ['persistentvolumeclaims', claim('3Gi', 'Pending'), claim('2Gi', 'Pending'), [spec]],
    [
      'persistentvolumeclaims',
      { ...claim('2Gi'), spec: { ...claim('2Gi').spec, volumeMode: 'Block' } },
      claim('2Gi'),
      [spec],
    ],
    [
      'services',
      { spec: { clusterIP: '10.96.0.9' } },
      { spec: { clusterIP: '10.96.0.8' } },
      ['spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set'],
    ],
    [
      'storageclasses.storage.k8s.io',
      { provisioner: 'a', parameters: { x: 'y' } },
      { provisioner: 'a' },
      ['parameters: Forbidden: updates to parameters are forbidden.'],
    ],
    [
      'rolebindings.rbac.authorization.k8s.io',
      { roleRef: { name: 'a' } },
      { roleRef: { name: 'b' } },
      ['roleRef: Invalid value: {"name":"a"}: cannot change roleRef'],
    ],
    [
      'priorityclasses.scheduling.k8s.io',
      { value: 1 },
      { value: 2 },
      ['value: Forbidden: may not be changed in an update.'],
    ],
  ])('%s %j', (name, body, old, expected) => {
    expect(updateRefusals(name, object('X', body), object('X', old))).toEqual(expected);
  });
});
