/** Schemas of the fixture's kinds, small but with every kind of list and map. */
import type { SchemaSource } from '../../simulator/apiserver/index.ts';
import type { Schema } from '../../simulator/schemas/index.ts';

const string: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };
const strings: Schema = { type: 'object', additionalProperties: string };

const metadata: Schema = {
  type: 'object',
  properties: {
    name: string,
    generateName: string,
    namespace: string,
    uid: string,
    resourceVersion: string,
    generation: integer,
    creationTimestamp: string,
    deletionTimestamp: string,
    deletionGracePeriodSeconds: integer,
    labels: strings,
    annotations: strings,
    finalizers: {
      type: 'array',
      items: string,
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    ownerReferences: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
      items: {
        type: 'object',
        'x-kubernetes-map-type': 'atomic',
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
    managedFields: { 'x-kubernetes-preserve-unknown-fields': true },
  },
};

function kind(properties: Record<string, Schema>): Schema {
  return { type: 'object', properties: { apiVersion: string, kind: string, metadata, ...properties } };
}

const port: Schema = {
  type: 'object',
  properties: { containerPort: integer, protocol: { type: 'string', default: 'TCP' }, name: string },
};

export const container: Schema = {
  type: 'object',
  properties: {
    name: string,
    image: string,
    command: { type: 'array', items: string },
    env: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
      items: { type: 'object', properties: { name: string, value: string } },
    },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'containerPort',
      items: port,
    },
  },
};

export const deployment: Schema = kind({
  spec: {
    type: 'object',
    properties: {
      replicas: integer,
      selector: { ...strings, 'x-kubernetes-map-type': 'atomic' },
      strategy: {
        type: 'object',
        'x-kubernetes-patch-strategy': 'retainKeys',
        properties: { type: string, rollingUpdate: { type: 'object', properties: { maxSurge: integer } } },
      },
      tolerations: { type: 'array', items: { type: 'object', properties: { key: string } } },
      containers: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        'x-kubernetes-patch-strategy': 'merge',
        'x-kubernetes-patch-merge-key': 'name',
        items: container,
      },
    },
  },
  status: { type: 'object', properties: { replicas: integer } },
});

const machine: Schema = kind({
  spec: { type: 'object', properties: { size: integer, zone: string } },
  status: { type: 'object', properties: { ready: { type: 'boolean' } } },
});

const configMap: Schema = kind({ data: strings });

const byKind: Record<string, Schema> = { Deployment: deployment, Machine: machine, ConfigMap: configMap };

export const schemas: SchemaSource = { schemaFor: (_group, _version, name) => byKind[name] };
