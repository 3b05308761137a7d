import { describe, expect, test } from 'vitest';
import { installation } from '../../simulator/installation/index.ts';
import { allDefinitions, apiVersionOf, resourceName, tableRow } from '../../simulator/resources/index.ts';
import type { JsonObject, KubeObject } from '../../simulator/types/meta.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const options = {
  nodes: [
    { name: 'node01', controlPlane: true },
    { name: 'node02', controlPlane: false },
    { name: 'node03', controlPlane: false },
  ],
  kubernetesVersion: 'v1.35.0',
  now,
};
const steps = installation(options);
const definitions = new Map(allDefinitions().map(found => [resourceName(found.group, found.plural), found]));
const keyOf = (resource: string, namespace: string | undefined, name: string | undefined) =>
  `${resource}/${namespace ?? ''}/${name}`;
const found = (resource: string, name: string) =>
  steps.find(step => step.resource === resource && step.object.metadata.name === name)?.object as
    | (KubeObject & Record<string, JsonObject>)
    | undefined;
const names = (resource: string, namespace?: string) =>
  steps
    .filter(
      step => step.resource === resource && (!namespace || step.object.metadata.namespace === namespace),
    )
    .map(step => step.object.metadata.name as string);

describe('every object of an installation', () => {
  test('is of a known kind and version, with a namespace exactly where the kind has one', () => {
    for (const { resource, object } of steps) {
      const definition = definitions.get(resource);
      expect(definition, resource).toBeDefined();
      if (!definition) continue;
      expect(object.kind).toBe(definition.kind);
      const versions = definition.versions.filter(version => version.served).map(version => version.name);
      expect(versions.map(version => apiVersionOf(definition.group, version))).toContain(object.apiVersion);
      expect(object.metadata.namespace !== undefined, keyOf(resource, undefined, object.metadata.name)).toBe(
        definition.namespaced,
      );
    }
  });

  test('is there once, after its namespace and its owner', () => {
    const seen = new Set(options.nodes.map(node => keyOf('nodes', undefined, node.name)));
    for (const { resource, object, owner } of steps) {
      const { namespace, name } = object.metadata;
      const key = keyOf(resource, namespace, name);
      expect(seen.has(key), key).toBe(false);
      seen.add(key);
      if (namespace) expect(seen, key).toContain(keyOf('namespaces', undefined, namespace));
      if (owner) expect(seen, key).toContain(keyOf(owner.resource, owner.namespace, owner.name));
    }
  });

  test('is accepted, prints, and has no UID', () => {
    for (const { resource, object } of steps) {
      const definition = definitions.get(resource);
      if (!definition) throw new Error(resource);
      const stored = {
        ...object,
        metadata: { creationTimestamp: '2026-01-01T00:00:00Z', ...object.metadata },
      } as KubeObject;
      const complete = definition.applyDefaults?.(stored) ?? stored;
      expect(definition.validate?.(complete) ?? [], keyOf(resource, undefined, object.metadata.name)).toEqual(
        [],
      );
      expect(() => tableRow(definition, definition.versions[0]?.name ?? '', complete, { now })).not.toThrow();
      expect(object.metadata.uid).toBeUndefined();
    }
  });

  test('is the same in every run', () => {
    expect(installation(options)).toEqual(steps);
  });
});

test('the deployments of KubeVirt and CDI', () => {
  expect(names('deployments.apps', 'kubevirt').sort()).toEqual([
    'virt-api',
    'virt-controller',
    'virt-exportproxy',
    'virt-operator',
    'virt-template-apiserver',
    'virt-template-controller',
  ]);
  expect(names('deployments.apps', 'cdi').sort()).toEqual([
    'cdi-apiserver',
    'cdi-deployment',
    'cdi-operator',
    'cdi-uploadproxy',
  ]);
});

test('a virt-handler runs on every node, the rest of KubeVirt on the control plane', () => {
  const pods = steps.filter(
    step => step.resource === 'pods' && step.object.metadata.namespace === 'kubevirt',
  );
  expect(pods.every(step => step.running)).toBe(true);
  const placed = pods.map(step => {
    const { metadata, spec } = step.object as KubeObject & { spec: { nodeName: string } };
    return `${metadata.labels?.['kubevirt.io'] ?? 'template'}@${spec.nodeName}`;
  });
  expect(placed.filter(place => place.startsWith('virt-handler'))).toEqual([
    'virt-handler@node01',
    'virt-handler@node02',
    'virt-handler@node03',
  ]);
  expect(
    placed.filter(place => !place.startsWith('virt-handler')).every(place => place.endsWith('@node01')),
  ).toBe(true);
  expect(placed.filter(place => place === 'virt-api@node01')).toHaveLength(2);
});

test('one node has one virt-api', () => {
  const single = installation({ ...options, nodes: [{ name: 'only', controlPlane: true }] });
  const api = single.find(
    step => step.resource === 'deployments.apps' && step.object.metadata.name === 'virt-api',
  );
  expect(api?.object).toMatchObject({ spec: { replicas: 1 }, status: { readyReplicas: 1 } });
});

test('pods carry the labels their replica sets select', () => {
  for (const step of steps.filter(({ owner }) => owner?.resource === 'replicasets.apps')) {
    const set = found('replicasets.apps', step.owner?.name ?? '') as unknown as {
      spec: { selector: { matchLabels: object } };
    };
    expect(step.object.metadata.labels).toMatchObject(set.spec.selector.matchLabels);
  }
});

test('KubeVirt and CDI are deployed', () => {
  const kubevirt = found('kubevirts.kubevirt.io', 'kubevirt');
  expect(kubevirt?.status).toMatchObject({
    phase: 'Deployed',
    observedKubeVirtVersion: 'v1.9.0',
    operatorVersion: 'v1.9.0',
  });
  const conditions = kubevirt?.status?.conditions as unknown as {
    type: string;
    status: string;
    reason: string;
    message: string;
  }[];
  expect(
    conditions.map(({ type, status, reason, message }) => `${type} ${status} ${reason} ${message}`),
  ).toEqual([
    'Available True AllComponentsReady All components are ready.',
    'Progressing False AllComponentsReady All components are ready.',
    'Degraded False AllComponentsReady All components are ready.',
    'Created True AllResourcesCreated All resources were created.',
  ]);
  expect(found('cdis.cdi.kubevirt.io', 'cdi')?.status).toMatchObject({ phase: 'Deployed' });
});

test('every custom kind has an established definition, every served group version an API service', () => {
  for (const definition of allDefinitions()) {
    if (definition.custom) {
      expect(
        found(
          'customresourcedefinitions.apiextensions.k8s.io',
          resourceName(definition.group, definition.plural),
        ),
      ).toMatchObject({
        spec: { names: { kind: definition.kind } },
        status: {
          conditions: [
            { type: 'NamesAccepted', status: 'True' },
            { type: 'Established', status: 'True' },
          ],
        },
      });
    }
    for (const version of definition.versions.filter(candidate => candidate.served)) {
      if (definition.group === 'apiregistration.k8s.io') continue;
      expect(names('apiservices.apiregistration.k8s.io')).toContain(`${version.name}.${definition.group}`);
    }
  }
});

test('the definition of virtual machines prints as upstream', () => {
  const crd = found('customresourcedefinitions.apiextensions.k8s.io', 'virtualmachines.kubevirt.io');
  const versions = crd?.spec?.versions as unknown as {
    name: string;
    additionalPrinterColumns: unknown[];
    subresources: unknown;
    deprecationWarning?: string;
  }[];
  expect(versions.map(version => version.name)).toEqual(['v1', 'v1alpha3']);
  expect(versions[0]?.subresources).toEqual({ status: {} });
  expect(versions[0]?.additionalPrinterColumns).toEqual([
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    {
      name: 'Status',
      type: 'string',
      description: 'Human Readable Status',
      jsonPath: '.status.printableStatus',
    },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
  ]);
});

test('the webhooks that denials name', () => {
  const webhooks = steps
    .filter(step => step.resource.endsWith('webhookconfigurations.admissionregistration.k8s.io'))
    .flatMap(step =>
      (step.object as unknown as { webhooks: { name: string }[] }).webhooks.map(webhook => webhook.name),
    );
  expect(new Set(webhooks).size).toBe(webhooks.length);
  for (const name of [
    'virtualmachines-mutator.kubevirt.io',
    'virtualmachine-validator.kubevirt.io',
    'virtualmachinesnapshot-validator.snapshot.kubevirt.io',
    'virtualmachineclusterpreference-validator.instancetype.kubevirt.io',
    'virt-launcher-eviction-interceptor.kubevirt.io',
    'kubevirt-update-validator.kubevirt.io',
    'datavolume-validate.cdi.kubevirt.io',
    'cdi-validate.cdi.kubevirt.io',
  ]) {
    expect(webhooks).toContain(name);
  }
});

describe('roles', () => {
  const rules = (name: string) =>
    (
      found('clusterroles.rbac.authorization.k8s.io', name) as unknown as {
        rules: { resources?: string[]; verbs: string[] }[];
      }
    ).rules;
  const may = (name: string, verb: string, resource: string) =>
    rules(name).some(
      rule =>
        (rule.verbs.includes(verb) || rule.verbs.includes('*')) &&
        (rule.resources?.includes(resource) || rule.resources?.includes('*')),
    );

  test.each<[role: string, verb: string, resource: string, allowed: boolean]>([
    ['cluster-admin', 'delete', 'nodes', true],
    ['view', 'list', 'virtualmachines', true],
    ['view', 'create', 'virtualmachines', false],
    ['view', 'list', 'secrets', false],
    ['edit', 'create', 'virtualmachines', true],
    ['edit', 'update', 'virtualmachines/start', true],
    ['edit', 'list', 'pods', true],
    ['edit', 'create', 'rolebindings', false],
    ['admin', 'create', 'rolebindings', true],
    ['admin', 'create', 'datavolumes', true],
    ['admin', 'deletecollection', 'virtualmachines', true],
    ['edit', 'deletecollection', 'virtualmachines', false],
  ])('%s: %s %s is %s', (role, verb, resource, allowed) => {
    expect(may(role, verb, resource)).toBe(allowed);
  });

  test('every binding refers to a role that is there', () => {
    const refs = steps
      .filter(step => step.resource.includes('rolebindings'))
      .map(step => (step.object as unknown as { roleRef: { kind: string; name: string } }).roleRef);
    for (const { kind, name } of refs) {
      expect(
        found(`${kind.toLowerCase()}s.rbac.authorization.k8s.io`, name),
        `${kind}/${name}`,
      ).toBeDefined();
    }
  });
});

test('one storage class is the default, and one shares volumes between nodes', () => {
  const classes = steps.filter(step => step.resource === 'storageclasses.storage.k8s.io');
  const defaults = classes.filter(
    step => step.object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
  expect(defaults.map(step => step.object.metadata.name)).toEqual(['standard']);
  const profiles = steps.filter(step => step.resource === 'storageprofiles.cdi.kubevirt.io');
  expect(profiles.map(step => step.object.metadata.name)).toEqual(
    classes.map(step => step.object.metadata.name),
  );
  expect(JSON.stringify(profiles)).toContain('ReadWriteMany');
});

test('the leaders hold their leases', () => {
  const lease = found('leases.coordination.k8s.io', 'virt-controller') as unknown as {
    spec: { holderIdentity: string };
  };
  expect(names('pods', 'kubevirt')).toContain(lease.spec.holderIdentity);
  expect(names('leases.coordination.k8s.io', 'kube-node-lease')).toEqual(['node01', 'node02', 'node03']);
});
