/** Good objects of a few kinds, as a beginning for bad ones. */
import type { JsonObject } from '../../simulator/types/meta.ts';

export interface Base {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
  readonly object: JsonObject;
}

const metadata: JsonObject = {
  name: 'x',
  labels: { app: 'x' },
  annotations: { 'example.com/note': 'x' },
  finalizers: ['example.com/wait'],
  ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'y', uid: 'u-1' }],
};

const podSpec: JsonObject = {
  containers: [
    {
      name: 'c',
      image: 'i',
      ports: [{ containerPort: 80, name: 'web' }],
      env: [{ name: 'A', value: 'b' }],
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } },
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    },
  ],
  volumes: [{ name: 'v', emptyDir: {} }],
  tolerations: [{ key: 'k', operator: 'Exists' }],
};

const machineSpec: JsonObject = {
  domain: {
    cpu: { cores: 1 },
    memory: { guest: '64Mi' },
    devices: {
      disks: [
        { name: 'd', disk: { bus: 'virtio' } },
        { name: 'e', disk: {} },
      ],
      interfaces: [{ name: 'default', masquerade: {} }],
    },
  },
  networks: [{ name: 'default', pod: {} }],
  volumes: [
    { name: 'd', containerDisk: { image: 'quay.io/x' } },
    { name: 'e', dataVolume: { name: 'dv' } },
  ],
};

export const BASES: readonly Base[] = [
  {
    group: '',
    version: 'v1',
    resource: 'configmaps',
    namespaced: true,
    subresources: ['status'],
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' }, binaryData: { c: 'ZA==' } },
  },
  {
    group: '',
    version: 'v1',
    resource: 'pods',
    namespaced: true,
    subresources: ['status', 'eviction', 'binding', 'resize', 'ephemeralcontainers', 'log'],
    object: { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec },
  },
  {
    group: '',
    version: 'v1',
    resource: 'services',
    namespaced: true,
    subresources: ['status'],
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: 'x' }, ports: [{ name: 'web', port: 80, targetPort: 'web' }] },
    },
  },
  {
    group: '',
    version: 'v1',
    resource: 'namespaces',
    namespaced: false,
    subresources: ['status', 'finalize'],
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x', labels: { app: 'x' } } },
  },
  {
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    namespaced: true,
    subresources: ['status', 'scale'],
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'x' } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
        template: { metadata: { labels: { app: 'x' } }, spec: podSpec },
      },
    },
  },
  {
    group: 'coordination.k8s.io',
    version: 'v1',
    resource: 'leases',
    namespaced: true,
    subresources: ['status'],
    object: {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec: { holderIdentity: 'x', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' },
    },
  },
  {
    group: 'kubevirt.io',
    version: 'v1',
    resource: 'virtualmachines',
    namespaced: true,
    subresources: ['status'],
    object: {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata,
      spec: {
        runStrategy: 'Halted',
        template: { metadata: { labels: { app: 'x' } }, spec: machineSpec },
        dataVolumeTemplates: [
          {
            metadata: { name: 'dv' },
            spec: { source: { blank: {} }, storage: { resources: { requests: { storage: '1Gi' } } } },
          },
        ],
      },
    },
  },
  {
    group: 'kubevirt.io',
    version: 'v1',
    resource: 'virtualmachineinstances',
    namespaced: true,
    subresources: ['status'],
    object: { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', metadata, spec: machineSpec },
  },
];
