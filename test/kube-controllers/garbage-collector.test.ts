import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../simulator/cluster.ts';
import * as refs from '../../simulator/resources/refs.ts';
import type { ConfigMap } from '../../simulator/types/core.ts';
import type { OwnerReference } from '../../simulator/types/meta.ts';
import { create, destroy, patch, request, smallCluster } from '../cluster/fixture.ts';

function owned(
  cluster: Cluster,
  name: string,
  owners: readonly (ConfigMap | OwnerReference)[] = [],
  more: Partial<OwnerReference> = {},
  finalizers: string[] = [],
) {
  const ownerReferences = owners.map(owner =>
    'metadata' in owner
      ? { apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid, ...more }
      : owner,
  );
  return create(cluster, refs.configMaps, {
    metadata: { name, namespace: 'default', ownerReferences, finalizers },
  });
}

const get = (cluster: Cluster, name: string) => cluster.view.get(refs.configMaps, 'default', name);
const exist = (cluster: Cluster, ...names: string[]) =>
  names.filter(name => get(cluster, name) !== undefined);

const BLOCKING = { blockOwnerDeletion: true };

describe('deletion in the background', () => {
  test('takes the owner at once and its dependents, and theirs, after it', () => {
    const cluster = smallCluster({ nodes: 1 });
    const parent = owned(cluster, 'parent');
    const child = owned(cluster, 'child', [parent]);
    owned(cluster, 'grandchild', [child]);
    destroy(cluster, refs.configMaps, 'parent', { propagationPolicy: 'Background' });
    expect(exist(cluster, 'parent', 'child', 'grandchild')).toEqual(['child', 'grandchild']);
    cluster.advance(0);
    expect(exist(cluster, 'parent', 'child', 'grandchild')).toEqual([]);
  });

  test('does not wait for finalizers of dependents, which linger', () => {
    const cluster = smallCluster({ nodes: 1 });
    const parent = owned(cluster, 'parent');
    owned(cluster, 'child', [parent], {}, ['example.com/hold']);
    destroy(cluster, refs.configMaps, 'parent');
    cluster.advance(60_000);
    expect(get(cluster, 'child')?.metadata.deletionTimestamp).toBeDefined();
    patch(cluster, refs.configMaps, 'child', { metadata: { finalizers: null } });
    cluster.advance(0);
    expect(get(cluster, 'child')).toBeUndefined();
  });
});

describe('deletion in the foreground', () => {
  test('keeps the owner, being deleted, until the last dependent that blocks is gone', () => {
    const cluster = smallCluster({ nodes: 1 });
    const parent = owned(cluster, 'parent');
    owned(cluster, 'held', [parent], BLOCKING, ['example.com/hold']);
    owned(cluster, 'free', [parent], BLOCKING);
    destroy(cluster, refs.configMaps, 'parent', { propagationPolicy: 'Foreground' });
    expect(get(cluster, 'parent')?.metadata).toMatchObject({
      deletionTimestamp: expect.any(String),
      finalizers: ['foregroundDeletion'],
    });
    cluster.advance(60_000);
    expect(exist(cluster, 'parent', 'held', 'free')).toEqual(['parent', 'held']);
    patch(cluster, refs.configMaps, 'held', { metadata: { finalizers: null } });
    cluster.advance(0);
    expect(exist(cluster, 'parent', 'held', 'free')).toEqual([]);
  });

  test('does not wait for a dependent that does not block; it is collected afterwards', () => {
    const cluster = smallCluster({ nodes: 1 });
    const parent = owned(cluster, 'parent');
    owned(cluster, 'held', [parent], {}, ['example.com/hold']);
    destroy(cluster, refs.configMaps, 'parent', { propagationPolicy: 'Foreground' });
    cluster.advance(1_000);
    expect(exist(cluster, 'parent')).toEqual([]);
    expect(get(cluster, 'held')?.metadata.deletionTimestamp).toBeDefined();
  });

  test('goes down all generations', () => {
    const cluster = smallCluster({ nodes: 1 });
    const parent = owned(cluster, 'parent');
    const child = owned(cluster, 'child', [parent], BLOCKING);
    owned(cluster, 'grandchild', [child], BLOCKING, ['example.com/hold']);
    destroy(cluster, refs.configMaps, 'parent', { propagationPolicy: 'Foreground' });
    cluster.advance(1_000);
    expect(exist(cluster, 'parent', 'child', 'grandchild')).toEqual(['parent', 'child', 'grandchild']);
    patch(cluster, refs.configMaps, 'grandchild', { metadata: { finalizers: null } });
    cluster.advance(0);
    expect(exist(cluster, 'parent', 'child', 'grandchild')).toEqual([]);
  });
});

describe('orphaning', () => {
  test('leaves the dependents, without their reference to the owner', () => {
    const cluster = smallCluster({ nodes: 1 });
    const parent = owned(cluster, 'parent');
    const other = owned(cluster, 'other');
    owned(cluster, 'child', [parent, other], BLOCKING);
    owned(cluster, 'only', [parent]);
    destroy(cluster, refs.configMaps, 'parent', { propagationPolicy: 'Orphan' });
    cluster.advance(60_000);
    expect(exist(cluster, 'parent', 'child', 'only')).toEqual(['child', 'only']);
    expect(get(cluster, 'child')?.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['other']);
    expect(get(cluster, 'only')?.metadata.ownerReferences ?? []).toEqual([]);
  });
});

describe('several owners', () => {
  test('keep a dependent until the last of them goes; dangling references are taken away', () => {
    const cluster = smallCluster({ nodes: 1 });
    const one = owned(cluster, 'one');
    const two = owned(cluster, 'two');
    owned(cluster, 'child', [one, two]);
    destroy(cluster, refs.configMaps, 'one');
    cluster.advance(1_000);
    expect(get(cluster, 'child')?.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['two']);
    destroy(cluster, refs.configMaps, 'two');
    cluster.advance(1_000);
    expect(get(cluster, 'child')).toBeUndefined();
  });
});

describe('owners that are none', () => {
  test('one that never was: the dependent is collected', () => {
    const cluster = smallCluster({ nodes: 1 });
    owned(cluster, 'child', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: 'no-such-uid' }]);
    cluster.advance(1_000);
    expect(get(cluster, 'child')).toBeUndefined();
  });

  test('one of the same name but another UID', () => {
    const cluster = smallCluster({ nodes: 1 });
    owned(cluster, 'parent');
    owned(cluster, 'child', [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'parent', uid: 'its-predecessor' },
    ]);
    cluster.advance(1_000);
    expect(exist(cluster, 'parent', 'child')).toEqual(['parent']);
  });

  test('one in another namespace', () => {
    const cluster = smallCluster({ nodes: 1 });
    const elsewhere = create(cluster, refs.configMaps, {
      metadata: { name: 'parent', namespace: 'kubevirt' },
    });
    owned(cluster, 'child', [elsewhere]);
    cluster.advance(1_000);
    expect(get(cluster, 'child')).toBeUndefined();
  });

  test('one without a namespace owns objects in any', () => {
    const cluster = smallCluster({ nodes: 1 });
    const node = cluster.view.get(refs.nodes, undefined, 'node1');
    const reference = { apiVersion: 'v1', kind: 'Node', name: 'node1', uid: node?.metadata.uid ?? '' };
    owned(cluster, 'child', [reference]);
    cluster.advance(1_000);
    expect(get(cluster, 'child')).toBeDefined();
    destroy(cluster, refs.nodes, 'node1');
    cluster.advance(1_000);
    expect(get(cluster, 'child')).toBeUndefined();
  });

  test('a reference that is added later to an owner that has gone', () => {
    const cluster = smallCluster({ nodes: 1 });
    owned(cluster, 'child');
    cluster.advance(1_000);
    patch(cluster, refs.configMaps, 'child', {
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: 'gone' }] },
    });
    cluster.advance(1_000);
    expect(get(cluster, 'child')).toBeUndefined();
  });
});

test('what is collected is deleted by the collector, because its owner went', () => {
  const cluster = smallCluster({ nodes: 1 });
  const parent = owned(cluster, 'parent');
  owned(cluster, 'child', [parent]);
  cluster.advance(0);
  const { code } = request(cluster, 'delete', refs.configMaps, { name: 'parent' });
  expect(code).toBe(200);
  const gone = cluster.revision;
  cluster.advance(0);
  expect(cluster.store.journal.at(cluster.revision)).toMatchObject({
    type: 'DELETED',
    key: 'default/child',
    author: 'kube-controller-manager',
    cause: { revision: gone },
  });
});
