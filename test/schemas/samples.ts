/** Objects as clients send and servers store them; written for these tests. */
export const virtualMachine = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    uid: '0b9d1a7e-0000-4000-8000-000000000001',
    resourceVersion: '41',
    generation: 2,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: 'web' },
    annotations: { 'kubevirt.io/latest-observed-api-version': 'v1' },
    finalizers: ['kubevirt.io/virtualMachineControllerFinalize'],
  },
  spec: {
    runStrategy: 'Always',
    instancetype: { name: 'u1.small', kind: 'VirtualMachineClusterInstancetype' },
    dataVolumeTemplates: [
      {
        metadata: { name: 'web-1-root', creationTimestamp: null, labels: { os: 'fedora' } },
        spec: {
          storage: { resources: { requests: { storage: '10Gi' } }, accessModes: ['ReadWriteMany'] },
          source: { http: { url: 'http://images.example.com/fedora.qcow2' } },
        },
      },
    ],
    template: {
      metadata: { creationTimestamp: null, labels: { app: 'web' } },
      spec: {
        architecture: 'amd64',
        domain: {
          cpu: { cores: 2, sockets: 1, threads: 1 },
          memory: { guest: '2Gi' },
          features: { acpi: { enabled: true } },
          resources: { requests: { memory: '2Gi', cpu: 1 } },
          devices: {
            disks: [
              { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 },
              { name: 'cloudinit', disk: { bus: 'virtio' } },
            ],
            interfaces: [
              { name: 'default', masquerade: {}, ports: [{ port: 22 }] },
              { name: 'second', bridge: {}, model: 'e1000' },
            ],
            rng: {},
          },
        },
        networks: [
          { name: 'default', pod: {} },
          { name: 'second', multus: { networkName: 'shop/vlan-7' } },
        ],
        readinessProbe: { httpGet: { port: 80, path: '/healthz' }, periodSeconds: 5 },
        tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
        volumes: [
          { name: 'root', dataVolume: { name: 'web-1-root' } },
          { name: 'cloudinit', cloudInitNoCloud: { userData: '#cloud-config\n' } },
        ],
      },
    },
  },
  status: {
    created: true,
    ready: true,
    printableStatus: 'Running',
    conditions: [
      { type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:16Z' },
    ],
  },
};

export const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'front', labels: { app: 'front' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'front' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
    template: {
      metadata: { labels: { app: 'front' } },
      spec: {
        containers: [
          {
            name: 'nginx',
            image: 'nginx:1.27',
            ports: [{ containerPort: 80, protocol: 'TCP' }],
            resources: { requests: { cpu: '100m', memory: '64Mi' } },
            env: [{ name: 'MODE', value: 'test' }],
          },
        ],
      },
    },
  },
};
