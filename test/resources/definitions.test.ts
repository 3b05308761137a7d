import { describe, expect, test } from 'vitest';
import { ALL_VERBS, allDefinitions, resourceName } from '../../simulator/resources/index.ts';
import { definition } from './build.ts';

describe('every kind', () => {
  const definitions = allDefinitions();

  test('has a name of its own', () => {
    const names = definitions.map(({ group, plural }) => resourceName(group, plural));
    expect(new Set(names).size).toBe(names.length);
    const kinds = definitions.map(({ group, kind }) => `${kind}.${group}`);
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  test.each(definitions.map(found => [resourceName(found.group, found.plural), found] as const))(
    '%s is well-formed',
    (_, found) => {
      expect(found.versions.filter(version => version.storage)).toHaveLength(1);
      expect(found.listKind).toBe(`${found.kind}List`);
      expect([...found.verbs].every(verb => ALL_VERBS.includes(verb))).toBe(true);
      expect(found.singular).toBe(found.singular.toLowerCase());
      for (const version of found.versions) {
        if (version.deprecationWarning) expect(version.deprecated).toBe(true);
      }
    },
  );
});

/** As `kubectl api-resources -o wide` prints a v1.35 server: short names, namespaced, kind, categories. */
test.each([
  ['configmaps', 'cm', true, 'ConfigMap', ''],
  ['endpoints', 'ep', true, 'Endpoints', ''],
  ['events', 'ev', true, 'Event', ''],
  ['limitranges', 'limits', true, 'LimitRange', ''],
  ['namespaces', 'ns', false, 'Namespace', ''],
  ['nodes', 'no', false, 'Node', ''],
  ['persistentvolumeclaims', 'pvc', true, 'PersistentVolumeClaim', ''],
  ['persistentvolumes', 'pv', false, 'PersistentVolume', ''],
  ['pods', 'po', true, 'Pod', 'all'],
  ['replicationcontrollers', 'rc', true, 'ReplicationController', 'all'],
  ['resourcequotas', 'quota', true, 'ResourceQuota', ''],
  ['serviceaccounts', 'sa', true, 'ServiceAccount', ''],
  ['services', 'svc', true, 'Service', 'all'],
  ['deployments.apps', 'deploy', true, 'Deployment', 'all'],
  [
    'customresourcedefinitions.apiextensions.k8s.io',
    'crd,crds',
    false,
    'CustomResourceDefinition',
    'api-extensions',
  ],
  ['horizontalpodautoscalers.autoscaling', 'hpa', true, 'HorizontalPodAutoscaler', 'all'],
  ['cronjobs.batch', 'cj', true, 'CronJob', 'all'],
  ['certificatesigningrequests.certificates.k8s.io', 'csr', false, 'CertificateSigningRequest', ''],
  ['ingresses.networking.k8s.io', 'ing', true, 'Ingress', ''],
  ['networkpolicies.networking.k8s.io', 'netpol', true, 'NetworkPolicy', ''],
  ['poddisruptionbudgets.policy', 'pdb', true, 'PodDisruptionBudget', ''],
  ['priorityclasses.scheduling.k8s.io', 'pc', false, 'PriorityClass', ''],
  ['storageclasses.storage.k8s.io', 'sc', false, 'StorageClass', ''],
  ['virtualmachines.kubevirt.io', 'vm,vms', true, 'VirtualMachine', 'all'],
  ['virtualmachineinstances.kubevirt.io', 'vmi,vmis', true, 'VirtualMachineInstance', 'all'],
  [
    'virtualmachineclusterinstancetypes.instancetype.kubevirt.io',
    'vmclusterinstancetype,vmclusterinstancetypes,vmcf,vmcfs',
    false,
    'VirtualMachineClusterInstancetype',
    '',
  ],
  [
    'virtualmachineclusterpreferences.instancetype.kubevirt.io',
    'vmcp,vmcps',
    false,
    'VirtualMachineClusterPreference',
    '',
  ],
  ['migrationpolicies.migrations.kubevirt.io', '', false, 'MigrationPolicy', ''],
  ['virtualmachinetemplates.template.kubevirt.io', 'vmt,vmts', true, 'VirtualMachineTemplate', ''],
  ['datavolumes.cdi.kubevirt.io', 'dv,dvs', true, 'DataVolume', 'all'],
  ['datasources.cdi.kubevirt.io', 'das', true, 'DataSource', 'all'],
  ['objecttransfers.cdi.kubevirt.io', 'ot,ots', false, 'ObjectTransfer', ''],
  ['volumesnapshotcontents.snapshot.storage.k8s.io', 'vsc,vscs', false, 'VolumeSnapshotContent', ''],
  [
    'network-attachment-definitions.k8s.cni.cncf.io',
    'net-attach-def',
    true,
    'NetworkAttachmentDefinition',
    '',
  ],
])('discovery of %s', (name, shortNames, namespaced, kind, categories) => {
  const found = definition(name);
  expect([found.shortNames.join(','), found.namespaced, found.kind, found.categories.join(',')]).toEqual([
    shortNames,
    namespaced,
    kind,
    categories,
  ]);
});

test('pods have the subresources of a v1.35 server', () => {
  const found = definition('pods').subresources ?? [];
  expect(found.map(({ name, kind, group = '' }) => `${name} ${kind}${group && `.${group}`}`)).toEqual([
    'attach PodAttachOptions',
    'binding Binding',
    'ephemeralcontainers Pod',
    'eviction Eviction.policy',
    'exec PodExecOptions',
    'log Pod',
    'portforward PodPortForwardOptions',
    'proxy PodProxyOptions',
    'resize Pod',
  ]);
});

/** Versions by preference; `*` is stored, `!` is deprecated, `-` is not served. */
test.each([
  ['virtualmachines.kubevirt.io', 'v1* v1alpha3!'],
  ['virtualmachineinstancepresets.kubevirt.io', 'v1! v1alpha3*!'],
  ['virtualmachinepools.pool.kubevirt.io', 'v1beta1* v1alpha1'],
  ['virtualmachineexports.export.kubevirt.io', 'v1* v1beta1!'],
  ['virtualmachineinstancetypes.instancetype.kubevirt.io', 'v1beta1*'],
  ['virtualmachinetemplates.template.kubevirt.io', 'v1beta1 v1alpha1*!'],
  ['cdis.cdi.kubevirt.io', 'v1beta1* v1alpha1'],
  ['volumesnapshots.snapshot.storage.k8s.io', 'v1* v1beta1!-'],
])('versions of %s', (name, expected) => {
  const printed = definition(name).versions.map(
    ({ name: version, storage, deprecated, served }) =>
      `${version}${storage ? '*' : ''}${deprecated ? '!' : ''}${served ? '' : '-'}`,
  );
  expect(printed.join(' ')).toBe(expected);
});

test('instances have no status subresource, machines do', () => {
  expect(definition('virtualmachineinstances.kubevirt.io').hasStatus).toBe(false);
  expect(definition('virtualmachines.kubevirt.io').hasStatus).toBe(true);
  expect(definition('virtualmachineinstancereplicasets.kubevirt.io').scale?.labelSelectorPath).toBe(
    '.status.labelSelector',
  );
});

test('field selectors of pods, also before a node or an address is known', () => {
  const fields = definition('pods').selectableFields ?? {};
  const pod = { spec: { containers: [], nodeName: 'n' }, status: { phase: 'Running' } } as never;
  expect(Object.fromEntries(Object.entries(fields).map(([name, read]) => [name, read(pod)]))).toEqual({
    'spec.nodeName': 'n',
    'spec.host': 'n',
    'spec.restartPolicy': '',
    'spec.schedulerName': '',
    'spec.serviceAccountName': '',
    'spec.hostNetwork': 'false',
    'status.phase': 'Running',
    'status.podIP': '',
    'status.podIPs': '',
    'status.nominatedNodeName': '',
  });
});
