import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../simulator/index.ts';
import { servedSchemas } from '../../simulator/custom-resources/index.ts';
import { tableColumns } from '../../simulator/resources/index.ts';
import { openApiV3Document } from '../../simulator/schemas/index.ts';
import type { JsonObject } from '../../simulator/types/meta.ts';
import { Client, conditions, definition, GROUP, NAME, version } from './fixture.ts';

const SECOND = 1_000;
const served = (cluster: Cluster) => cluster.registry.find(GROUP, 'crontabs');

describe('a definition comes', () => {
  test('and is served before the answer', () => {
    const client = new Client();
    expect(client.cron('list').code).toBe(404);
    const { object } = client.define(definition());
    expect(object.spec.names).toEqual({
      plural: 'crontabs',
      singular: 'crontab',
      kind: 'CronTab',
      listKind: 'CronTabList',
      shortNames: ['ct'],
    });
    expect(object.status).toMatchObject({ acceptedNames: object.spec.names, storedVersions: ['v1'] });
    expect(conditions(object)).toEqual({
      NamesAccepted: 'True NoConflicts',
      Established: 'True InitialNamesAccepted',
    });
    expect(client.cron('list')).toMatchObject({ code: 200, items: [] });
    expect(served(client.cluster)).toMatchObject({ kind: 'CronTab', custom: true, shortNames: ['ct'] });
  });

  test('with its columns; without any, with Age', () => {
    const client = new Client();
    const columns = [{ name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec', priority: 1 }];
    client.define(
      definition([version({ additionalPrinterColumns: columns }), version({ name: 'v2', storage: false })]),
    );
    const resource = served(client.cluster)!;
    expect(tableColumns(resource, 'v1').map(({ name }) => name)).toEqual(['Name', 'Spec']);
    expect(tableColumns(resource, 'v2').map(({ name }) => name)).toEqual(['Name', 'Age']);
  });

  test('not with a name that another one has, until that is free', () => {
    const client = new Client();
    client.define(definition());
    const name = `tabs.${GROUP}`;
    const other = definition([version()], {
      names: { plural: 'tabs', singular: 'tab', kind: 'Tab', shortNames: ['ct'] },
    });
    const { object } = client.define({ ...other, metadata: { name } });
    expect(conditions(object)).toEqual({
      NamesAccepted: 'False ShortNamesConflict',
      Established: 'False NotAccepted',
    });
    expect(object.status.acceptedNames).toEqual({
      plural: 'tabs',
      singular: 'tab',
      kind: 'Tab',
      listKind: 'TabList',
    });
    expect(client.cluster.registry.find(GROUP, 'tabs')).toBeUndefined();
    client.definition('delete');
    client.cluster.advance(SECOND);
    expect(conditions(client.definition('get', name).object)).toMatchObject({
      Established: 'True InitialNamesAccepted',
    });
    expect(client.cluster.registry.find(GROUP, 'tabs')?.shortNames).toEqual(['ct']);
  });
});

test('a definition changes, at once', () => {
  const client = new Client();
  const { resourceVersion } = client.define(definition()).object.metadata;
  client.create({ spec: { image: 'x' } });
  const spec = {
    type: 'object',
    properties: { cronSpec: { type: 'string' }, size: { type: 'integer', default: 3 } },
  };
  const next = definition([
    version({ schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }),
  ]);
  client.define({ ...next, metadata: { name: NAME, resourceVersion } }, 'update');
  expect(client.cron('get').object.spec).toEqual({ cronSpec: '5 0 * * *', size: 3 });
  expect(client.cron('list').items[0]?.spec).toEqual({ cronSpec: '5 0 * * *', size: 3 });
  expect(client.cron('patch', { patchType: 'merge', body: { spec: { size: 4 } } })).toMatchObject({
    object: { spec: { cronSpec: '5 0 * * *', size: 4 } },
    warnings: [],
  });
});

describe('a definition goes', () => {
  test('after its objects, and takes nothing new meanwhile', () => {
    const client = new Client();
    client.define(definition());
    client.create({ metadata: { name: 'a', finalizers: ['example.com/hold'] }, spec: {} });
    client.create({ metadata: { name: 'b' }, spec: {} });
    const { object } = client.definition('delete');
    expect(object.metadata).toMatchObject({ finalizers: ['customresourcecleanup.apiextensions.k8s.io'] });
    expect(conditions(object)).toMatchObject({ Terminating: 'True InstanceDeletionPending' });
    expect(client.create({ metadata: { name: 'c' }, spec: {} })).toMatchObject({
      code: 403,
      message: `${NAME} "c" is forbidden: create not allowed while custom resource definition is terminating`,
    });
    client.cluster.advance(SECOND);
    expect(conditions(client.definition().object)).toMatchObject({
      Terminating: 'True InstanceDeletionInProgress',
    });
    expect(client.cron('list').items.map(({ metadata }) => metadata.name)).toEqual(['a']);
    client.cron('patch', {
      patchType: 'merge',
      body: { metadata: { finalizers: null } } as unknown as JsonObject,
    });
    client.cluster.advance(10 * SECOND);
    expect(client.definition().code).toBe(404);
    expect(client.cron('list').code).toBe(404);
    expect(client.cluster.store.count(NAME)).toBe(0);
  });

  test('and may come again', () => {
    const client = new Client();
    client.define(definition());
    client.definition('delete');
    client.cluster.advance(SECOND);
    expect(client.define(definition()).code).toBe(201);
    expect(client.create({ spec: {} }).code).toBe(201);
  });
});

describe('its objects belong to the cluster', () => {
  test('the garbage collector takes them with their owners', () => {
    const client = new Client();
    client.define(definition());
    const owner = client.create({ metadata: { name: 'owner' }, spec: {} }).object;
    const { apiVersion, kind } = owner;
    const { name, uid } = owner.metadata;
    client.create({
      metadata: { name: 'owned', ownerReferences: [{ apiVersion, kind, name, uid }] },
      spec: {},
    });
    client.cron('delete', { name: 'owner' });
    client.cluster.advance(SECOND);
    expect(client.cron('list').items).toEqual([]);
  });

  test('a namespace takes them with it', () => {
    const client = new Client();
    client.define(definition());
    const namespaces = { group: '', version: 'v1', resource: 'namespaces' } as const;
    client.ask({ ...namespaces, verb: 'create', body: { metadata: { name: 'shop' } } });
    expect(client.create({ spec: {} }, { namespace: 'shop' }).code).toBe(201);
    client.ask({ ...namespaces, verb: 'delete', name: 'shop' });
    client.cluster.advance(10 * SECOND);
    expect(client.cluster.store.count(NAME)).toBe(0);
    expect(client.ask({ ...namespaces, verb: 'get', name: 'shop' }).code).toBe(404);
  });
});

test('its schema is in OpenAPI', () => {
  const client = new Client();
  client.define(definition());
  const { registry } = client.cluster;
  const { kind, plural, namespaced, verbs } = served(client.cluster)!;
  const document = openApiV3Document({
    group: GROUP,
    version: 'v1',
    resources: [{ kind, plural, namespaced, verbs }],
    registry: servedSchemas(registry),
  });
  expect(Object.keys(document.paths as object)).toContain(
    `/apis/${GROUP}/v1/namespaces/{namespace}/crontabs/{name}`,
  );
  expect(document).toMatchObject({
    components: {
      schemas: {
        'com.example.stable.v1.CronTab': {
          properties: { spec: { properties: { image: { type: 'string' } } } },
        },
      },
    },
  });
  expect(servedSchemas(registry)).toBe(servedSchemas(registry));
});

describe('the registry goes with the cluster', () => {
  test('forks and checkpoints know what they knew', () => {
    const client = new Client();
    const before = client.cluster.checkpoint();
    client.define(definition());
    const fork = client.cluster.fork();
    const inFork = new Client(fork);
    inFork.definition('delete');
    fork.advance(SECOND);
    expect([served(fork), served(client.cluster)?.kind]).toEqual([undefined, 'CronTab']);
    client.cluster.restore(before);
    expect(served(client.cluster)).toBeUndefined();
    expect(client.cron('list').code).toBe(404);
    client.define(definition());
    expect(client.create({ spec: {} }).code).toBe(201);
  });

  test('lists stay the same until a definition changes', () => {
    const client = new Client();
    const { registry } = client.cluster;
    const builtIn = registry.all();
    client.define(definition());
    const all = registry.all();
    expect(all).not.toBe(builtIn);
    client.create({ spec: {} });
    expect(registry.all()).toBe(all);
    expect(registry.find('kubevirt.io', 'virtualmachines')).toBe(
      builtIn.find(({ kind }) => kind === 'VirtualMachine'),
    );
  });
});
