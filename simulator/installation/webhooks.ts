/** Webhook configurations (KubeVirt v1.9 components/webhooks.go, virt-template v0.2.2, CDI v1.66 cluster/apiserver.go). */
import type { JsonObject, NewObject } from '../types/meta.ts';
import { TEMPLATE_ANNOTATION } from './template-components.ts';
import { type InstallationStep, step } from './step.ts';

/** Name, path, operations, API group, versions, resources; what differs from the configuration's other webhooks. */
type WebhookText = readonly [
  name: string,
  path: string,
  operations: string,
  group: string,
  versions: string,
  resources: string,
  more?: JsonObject,
];

interface Configuration {
  kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';
  name: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  service: readonly [namespace: string, name: string];
  common: JsonObject;
  webhooks: readonly WebhookText[];
}

const CORE = 'kubevirt.io';
const BOTH = 'v1alpha3 v1';
const CHANGE = 'CREATE UPDATE';
const KUBEVIRT = {
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Fail',
  sideEffects: 'None',
  timeoutSeconds: 10,
};

function managed(name: string, secret = 'kubevirt-virt-api-certs') {
  return {
    name,
    labels: { 'app.kubernetes.io/managed-by': 'virt-operator', 'kubevirt.io': name },
    annotations: { 'certificates.kubevirt.io/secret': secret },
    service: ['kubevirt', 'virt-api'] as const,
    common: KUBEVIRT,
  };
}

function evictions(pods: string, prefix: string, reviews: string[]): JsonObject {
  return {
    admissionReviewVersions: reviews,
    matchConditions: [{ expression: `object.metadata.name.startsWith("${prefix}")`, name: pods }],
    sideEffects: 'NoneOnDryRun',
  };
}

/** A validator of one kind at creation and update. */
function validator(prefix: string, group: string, version: string, resource: string): WebhookText {
  const name = group === CORE ? `${prefix}.kubevirt.io` : `${prefix}.${group}`;
  return [name, `/${resource}-validate`, CHANGE, group, version, resource];
}

const KUBEVIRT_CONFIGURATIONS: readonly Configuration[] = [
  {
    kind: 'MutatingWebhookConfiguration',
    ...managed('virt-api-mutator'),
    webhooks: [
      [
        'virtualmachines-mutator.kubevirt.io',
        '/virtualmachines-mutate',
        CHANGE,
        CORE,
        BOTH,
        'virtualmachines',
      ],
      [
        'virtualmachineinstances-mutator.kubevirt.io',
        '/virtualmachineinstances-mutate',
        CHANGE,
        CORE,
        BOTH,
        'virtualmachineinstances',
      ],
      [
        'migrations-mutator.kubevirt.io',
        '/migration-mutate-create',
        'CREATE',
        CORE,
        BOTH,
        'virtualmachineinstancemigrations',
      ],
      [
        'virtualmachineclones-mutator.kubevirt.io',
        '/vm-clone-mutate-create',
        'CREATE',
        'clone.kubevirt.io',
        'v1beta1',
        'virtualmachineclones',
      ],
    ],
  },
  {
    kind: 'MutatingWebhookConfiguration',
    ...managed('virt-launcher-pod-mutator'),
    webhooks: [
      [
        'virt-launcher-pod-mutator.kubevirt.io',
        '/virt-launcher-pod-mutate',
        'CREATE',
        '',
        'v1',
        'pods',
        {
          failurePolicy: 'Ignore',
          objectSelector: { matchLabels: { 'kubevirt.io': 'virt-launcher' } },
          reinvocationPolicy: 'IfNeeded',
        },
      ],
    ],
  },
  {
    kind: 'ValidatingWebhookConfiguration',
    name: 'virt-operator-validator',
    labels: { 'kubevirt.io': 'virt-operator-validator' },
    annotations: { 'certificates.kubevirt.io/secret': 'kubevirt-operator-certs' },
    service: ['kubevirt', 'kubevirt-operator-webhook'],
    common: KUBEVIRT,
    webhooks: [
      ['kubevirt-validator.kubevirt.io', '/kubevirt-validate-delete', 'DELETE', CORE, BOTH, 'kubevirts'],
      [
        'kubevirt-update-validator.kubevirt.io',
        '/kubevirt-validate-update',
        'UPDATE',
        CORE,
        BOTH,
        'kubevirts',
      ],
      [
        'kubevirt-create-validator.kubevirt.io',
        '/kubevirt-validate-create',
        'CREATE',
        CORE,
        BOTH,
        'kubevirts',
      ],
    ],
  },
  {
    kind: 'ValidatingWebhookConfiguration',
    ...managed('virt-api-validator'),
    webhooks: [
      [
        'virt-launcher-eviction-interceptor.kubevirt.io',
        '/pod-eviction-validate',
        '*',
        '',
        'v1',
        'pods/eviction',
        evictions('only-vms', 'virt-launcher', ['v1']),
      ],
      [
        'hotplug-pod-eviction-interceptor.kubevirt.io',
        '/pod-eviction-validate',
        '*',
        '',
        'v1',
        'pods/eviction',
        evictions('only-hotplug-pods', 'hp-volume-', ['v1', 'v1beta1']),
      ],
      [
        'virtualmachineinstances-create-validator.kubevirt.io',
        '/virtualmachineinstances-validate-create',
        'CREATE',
        CORE,
        BOTH,
        'virtualmachineinstances',
      ],
      [
        'virtualmachineinstances-update-validator.kubevirt.io',
        '/virtualmachineinstances-validate-update',
        'UPDATE',
        CORE,
        BOTH,
        'virtualmachineinstances',
      ],
      validator('virtualmachine-validator', CORE, BOTH, 'virtualmachines'),
      [
        'virtualmachinereplicaset-validator.kubevirt.io',
        '/virtualmachinereplicaset-validate',
        CHANGE,
        CORE,
        BOTH,
        'virtualmachineinstancereplicasets',
      ],
      [
        'virtualmachinepool-validator.kubevirt.io',
        '/virtualmachinepool-validate',
        CHANGE,
        'pool.kubevirt.io',
        'v1beta1',
        'virtualmachinepools',
      ],
      [
        'virtualmachinepreset-validator.kubevirt.io',
        '/vmipreset-validate',
        CHANGE,
        CORE,
        BOTH,
        'virtualmachineinstancepresets',
      ],
      [
        'migration-create-validator.kubevirt.io',
        '/migration-validate-create',
        'CREATE',
        CORE,
        BOTH,
        'virtualmachineinstancemigrations',
      ],
      [
        'migration-update-validator.kubevirt.io',
        '/migration-validate-update',
        'UPDATE',
        CORE,
        BOTH,
        'virtualmachineinstancemigrations',
      ],
      validator(
        'virtualmachinesnapshot-validator',
        'snapshot.kubevirt.io',
        'v1beta1',
        'virtualmachinesnapshots',
      ),
      validator(
        'virtualmachinerestore-validator',
        'snapshot.kubevirt.io',
        'v1beta1',
        'virtualmachinerestores',
      ),
      validator('virtualmachinebackup-validator', 'backup.kubevirt.io', 'v1alpha1', 'virtualmachinebackups'),
      validator(
        'virtualmachinebackuptracker-validator',
        'backup.kubevirt.io',
        'v1alpha1',
        'virtualmachinebackuptrackers',
      ),
      validator('virtualmachineexport-validator', 'export.kubevirt.io', 'v1', 'virtualmachineexports'),
      ...['virtualmachineinstancetype', 'virtualmachineclusterinstancetype'].map(kind =>
        validator(`${kind}-validator`, 'instancetype.kubevirt.io', 'v1beta1', `${kind}s`),
      ),
      ...['virtualmachinepreference', 'virtualmachineclusterpreference'].map(kind =>
        validator(`${kind}-validator`, 'instancetype.kubevirt.io', 'v1beta1', `${kind}s`),
      ),
      [
        'kubevirt-crd-status-validator.kubevirt.io',
        '/status-validate',
        CHANGE,
        CORE,
        BOTH,
        'virtualmachines/status virtualmachineinstancereplicasets/status virtualmachineinstancemigrations/status',
      ],
      [
        'migration-policy-validator.kubevirt.io',
        '/migration-policy-validate-create',
        CHANGE,
        'migrations.kubevirt.io',
        'v1alpha1',
        'migrationpolicies',
      ],
      [
        'vm-clone-validator.kubevirt.io',
        '/vm-clone-validate-create',
        CHANGE,
        'clone.kubevirt.io',
        'v1beta1',
        'virtualmachineclones',
      ],
      [
        'plugin-validator.plugin.kubevirt.io',
        '/plugin-validate',
        CHANGE,
        'plugin.kubevirt.io',
        'v1alpha1',
        'plugins',
      ],
    ],
  },
  {
    kind: 'ValidatingWebhookConfiguration',
    name: 'virt-template-validating-webhook-configuration',
    annotations: TEMPLATE_ANNOTATION,
    service: ['kubevirt', 'virt-template-webhook-service'],
    common: { admissionReviewVersions: ['v1'], failurePolicy: 'Fail', sideEffects: 'None' },
    webhooks: ['v1alpha1', 'v1beta1'].map(version => [
      `vvirtualmachinetemplate-${version}.kb.io`,
      `/validate-template-kubevirt-io-${version}-virtualmachinetemplate`,
      CHANGE,
      'template.kubevirt.io',
      version,
      'virtualmachinetemplates',
    ]),
  },
];

const CDI = 'cdi.kubevirt.io';
const CDI_COMMON = {
  admissionReviewVersions: ['v1', 'v1beta1'],
  failurePolicy: 'Fail',
  matchPolicy: 'Exact',
  sideEffects: 'None',
  timeoutSeconds: 30,
};

function cdi(kind: Configuration['kind'], name: string, webhook: WebhookText): Configuration {
  return {
    kind,
    name,
    labels: { 'cdi.kubevirt.io': 'cdi-api' },
    service: ['cdi', 'cdi-api'],
    common: CDI_COMMON,
    webhooks: [webhook],
  };
}

/** A CDI configuration has one webhook, whose name, path and configuration come from one word. */
function cdiValidator(word: string, operations: string, resources: string, more?: JsonObject): Configuration {
  const webhook: WebhookText = [
    `${word}-validate.cdi.kubevirt.io`,
    `/${word}-validate`,
    operations,
    CDI,
    'v1beta1',
    resources,
    more,
  ];
  const kind = 'ValidatingWebhookConfiguration';
  if (word === 'cdi') return cdi(kind, 'cdi-api-validate', webhook);
  return cdi(
    kind,
    word === 'objecttransfer' ? 'objecttransfer-api-validate' : `cdi-api-${word}-validate`,
    webhook,
  );
}

const CDI_CONFIGURATIONS: readonly Configuration[] = [
  cdiValidator('dataimportcron', CHANGE, 'dataimportcrons'),
  cdiValidator('populator', CHANGE, 'volumeimportsources volumeuploadsources'),
  cdiValidator('datavolume', CHANGE, 'datavolumes'),
  cdiValidator('cdi', 'DELETE', 'cdis', { failurePolicy: 'Ignore' }),
  cdiValidator('objecttransfer', CHANGE, 'objecttransfers'),
  cdi('MutatingWebhookConfiguration', 'cdi-api-datavolume-mutate', [
    'datavolume-mutate.cdi.kubevirt.io',
    '/datavolume-mutate',
    CHANGE,
    CDI,
    'v1beta1',
    'datavolumes',
  ]),
];

/** Every webhook configuration of an installed KubeVirt and CDI. */
export function webhookConfigurations(): InstallationStep[] {
  return [...KUBEVIRT_CONFIGURATIONS, ...CDI_CONFIGURATIONS].map(configuration =>
    step(
      `${configuration.kind.toLowerCase()}s.admissionregistration.k8s.io`,
      configurationObject(configuration),
    ),
  );
}

function configurationObject(configuration: Configuration): NewObject {
  const { kind, name, labels, annotations, service, common, webhooks } = configuration;
  const [namespace, serviceName] = service;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
    webhooks: webhooks.map(([webhook, path, operations, group, versions, resources, more]) => ({
      ...common,
      ...more,
      clientConfig: { service: { name: serviceName, namespace, path, port: 443 } },
      name: webhook,
      rules: [
        {
          apiGroups: [group],
          apiVersions: versions.split(' '),
          operations: operations.split(' '),
          resources: resources.split(' '),
          scope: '*',
        },
      ],
    })),
  } as NewObject;
}
