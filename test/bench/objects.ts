/** The objects the figures are taken with. */
import type { ApiRequest } from '../../simulator/index.ts';
import type { JsonObject } from '../../simulator/types/meta.ts';

export const ADMINISTRATOR = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};

/** A VM such as KubeVirt's own density tests use: a container disk and a masquerade interface. */
export function virtualMachine(name: string, runStrategy = 'Always'): JsonObject {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace: 'default' },
    spec: {
      runStrategy,
      template: {
        spec: {
          domain: {
            devices: {
              disks: [{ name: 'containerdisk', disk: { bus: 'virtio' } }],
              interfaces: [{ name: 'default', masquerade: {} }],
              rng: {},
            },
            memory: { guest: '90Mi' },
          },
          networks: [{ name: 'default', pod: {} }],
          volumes: [
            {
              name: 'containerdisk',
              containerDisk: { image: 'quay.io/kubevirt/cirros-container-disk-demo:v1.9.0' },
            },
          ],
          terminationGracePeriodSeconds: 0,
        },
      },
    },
  };
}

export function createRequest(name: string, runStrategy?: string): ApiRequest {
  return {
    verb: 'create',
    group: 'kubevirt.io',
    version: 'v1',
    resource: 'virtualmachines',
    namespace: 'default',
    body: virtualMachine(name, runStrategy),
    user: ADMINISTRATOR,
  };
}
