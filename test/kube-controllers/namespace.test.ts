import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../simulator/cluster.ts';
import * as refs from '../../simulator/resources/refs.ts';
import { findCondition } from '../../simulator/types/conditions.ts';
import type { Condition } from '../../simulator/types/meta.ts';
import { create, instanceSpec, request, smallCluster } from '../cluster/fixture.ts';

const space = (cluster: Cluster) => cluster.view.get(refs.namespaces, undefined, 'space');

function withNamespace(): Cluster {
  const cluster = smallCluster({ nodes: 1 });
  create(cluster, refs.namespaces, { metadata: { name: 'space' } });
  cluster.advance(0);
  return cluster;
}

function remove(cluster: Cluster): void {
  expect(request(cluster, 'delete', refs.namespaces, { name: 'space' }).code).toBe(200);
}

const said = (cluster: Cluster) =>
  Object.fromEntries(
    (space(cluster)?.status?.conditions ?? []).map(({ type, status, reason, message }) => [
      type,
      [status, reason, message],
    ]),
  );

describe('a new namespace', () => {
  test('is Active, held by the kubernetes finalizer, and named in its own label', () => {
    const cluster = withNamespace();
    expect(space(cluster)).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'space' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  });

  test('gets a default service account and the CA, and they come back', () => {
    const cluster = withNamespace();
    const both = () => [
      cluster.view.get(refs.serviceAccounts, 'space', 'default')?.metadata.uid,
      cluster.view.get(refs.configMaps, 'space', 'kube-root-ca.crt')?.metadata.uid,
    ];
    const first = both();
    expect(first).not.toContain(undefined);
    request(cluster, 'delete', refs.serviceAccounts, { namespace: 'space', name: 'default' });
    request(cluster, 'delete', refs.configMaps, { namespace: 'space', name: 'kube-root-ca.crt' });
    expect(both()).toEqual([undefined, undefined]);
    cluster.advance(0);
    const second = both();
    expect(second).not.toContain(undefined);
    expect(second[0]).not.toBe(first[0]);
    expect(second[1]).not.toBe(first[1]);
  });
});

describe('a namespace that is deleted', () => {
  test('is Terminating, empties itself and goes', () => {
    const cluster = withNamespace();
    create(cluster, refs.configMaps, { metadata: { name: 'a', namespace: 'space' } });
    create(cluster, refs.secrets, { metadata: { name: 'b', namespace: 'space' } });
    remove(cluster);
    expect(space(cluster)).toMatchObject({
      status: { phase: 'Terminating' },
      metadata: { deletionTimestamp: expect.any(String) },
    });
    cluster.advance(1_000);
    expect(space(cluster)).toBeUndefined();
    for (const resource of cluster.store.resources()) {
      expect(cluster.store.list(resource, 'space')).toEqual([]);
    }
  });

  test('takes its VMs with it, after their guests are off', () => {
    const cluster = withNamespace();
    create(cluster, refs.virtualMachines, {
      metadata: { name: 'vm', namespace: 'space' },
      spec: { runStrategy: 'Always', template: { spec: instanceSpec() } },
    });
    cluster.advance(5_000);
    expect(cluster.view.get(refs.virtualMachineInstances, 'space', 'vm')?.status?.phase).toBe('Running');
    remove(cluster);
    cluster.advance(120_000);
    expect(space(cluster)).toBeUndefined();
    for (const resource of cluster.store.resources()) {
      expect(cluster.store.list(resource, 'space').map(({ metadata }) => metadata.name)).toEqual([]);
    }
  });

  test('lets nothing new in', () => {
    const cluster = withNamespace();
    create(cluster, refs.configMaps, {
      metadata: { name: 'held', namespace: 'space', finalizers: ['example.com/hold'] },
    });
    remove(cluster);
    const response = request(cluster, 'create', refs.configMaps, {
      namespace: 'space',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } },
    });
    expect(response).toMatchObject({
      code: 403,
      status: {
        reason: 'Forbidden',
        message:
          'configmaps "late" is forbidden: unable to create new content in namespace space because it is being terminated',
        details: {
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: 'namespace space is being terminated',
              field: 'metadata.namespace',
            },
          ],
        },
      },
    });
  });

  test('says what holds it up, and goes when that is gone', () => {
    const cluster = withNamespace();
    for (const name of ['one', 'two']) {
      create(cluster, refs.configMaps, {
        metadata: { name, namespace: 'space', finalizers: ['example.com/hold'] },
      });
    }
    remove(cluster);
    cluster.advance(30_000);
    expect(said(cluster)).toEqual({
      NamespaceDeletionDiscoveryFailure: [
        'False',
        'ResourcesDiscovered',
        'All resources successfully discovered',
      ],
      NamespaceDeletionGroupVersionParsingFailure: [
        'False',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ],
      NamespaceDeletionContentFailure: [
        'False',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
      NamespaceContentRemaining: [
        'True',
        'SomeResourcesRemain',
        'Some resources are remaining: configmaps. has 2 resource instances',
      ],
      NamespaceFinalizersRemaining: [
        'True',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: example.com/hold in 2 resource instances',
      ],
    });
    // Nothing is said twice.
    const { revision } = cluster;
    cluster.advance(15_000);
    expect(cluster.revision).toBe(revision);
    for (const name of ['one', 'two']) {
      request(cluster, 'patch', refs.configMaps, {
        namespace: 'space',
        name,
        patchType: 'merge',
        body: { metadata: { finalizers: null } },
      });
    }
    cluster.advance(30_000);
    expect(space(cluster)).toBeUndefined();
  });

  test('keeps the time at which a condition began', () => {
    const cluster = withNamespace();
    create(cluster, refs.configMaps, {
      metadata: { name: 'held', namespace: 'space', finalizers: ['example.com/hold'] },
    });
    remove(cluster);
    cluster.advance(1_000);
    const began = (all: readonly Condition[] | undefined) =>
      findCondition(all, 'NamespaceContentRemaining')?.lastTransitionTime;
    const first = began(space(cluster)?.status?.conditions);
    expect(first).toBeDefined();
    cluster.advance(60_000);
    expect(began(space(cluster)?.status?.conditions)).toBe(first);
  });

  test.each(['default', 'kube-system', 'kube-public'])('%s cannot be deleted', name => {
    const cluster = smallCluster({ nodes: 1 });
    if (name === 'kube-public') create(cluster, refs.namespaces, { metadata: { name } });
    expect(request(cluster, 'delete', refs.namespaces, { name })).toMatchObject({
      code: 403,
      status: { message: `namespaces "${name}" is forbidden: this namespace may not be deleted` },
    });
  });

  test('and made again at once afterwards is another', () => {
    const cluster = withNamespace();
    const uid = space(cluster)?.metadata.uid;
    remove(cluster);
    cluster.advance(1_000);
    create(cluster, refs.namespaces, { metadata: { name: 'space' } });
    expect(space(cluster)?.metadata.uid).not.toBe(uid);
  });
});
