import { type KubeVirtConfig, effectiveConfig } from '../../../simulator/kubevirt-config/index.ts';
import type { RenderContext } from '../../../simulator/virt-controller/launcher-pod/index.ts';
import type { PersistentVolumeClaim } from '../../../simulator/types/core.ts';
import type { DomainSpec, VirtualMachineInstance } from '../../../simulator/types/kubevirt.ts';
import type { JsonObject, KubeObject } from '../../../simulator/types/meta.ts';

type Overrides = {
  metadata?: Partial<VirtualMachineInstance['metadata']>;
  domain?: Partial<DomainSpec>;
  spec?: Partial<VirtualMachineInstance['spec']>;
  status?: VirtualMachineInstance['status'];
};

export function vmiOf({ metadata, domain, spec, status }: Overrides = {}): VirtualMachineInstance {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name: 'testvmi',
      namespace: 'testns',
      uid: '1234',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: { architecture: 'amd64', ...spec, domain: { devices: {}, ...domain } },
    ...(status ? { status } : {}),
  };
}

export function configOf(configuration: JsonObject = {}): KubeVirtConfig {
  return effectiveConfig({
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: {
      name: 'kubevirt',
      namespace: 'kubevirt',
      uid: 'k',
      resourceVersion: '1',
      creationTimestamp: '',
    },
    spec: { configuration },
  });
}

export function gates(enabled: string[], disabled: string[] = []): KubeVirtConfig {
  return configOf({ developerConfiguration: { featureGates: enabled, disabledFeatureGates: disabled } });
}

/** A context that finds these objects by `resource/namespace/name` (or `resource/name`). */
export function contextOf(objects: Record<string, unknown> = {}): RenderContext {
  return {
    launcherImage: 'quay.io/kubevirt/virt-launcher:v1.9.0',
    lookup: (resource, namespace, name) =>
      objects[[resource, namespace, name].filter(Boolean).join('/')] as KubeObject | undefined,
  };
}

export function claim(name: string, spec: PersistentVolumeClaim['spec']): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'testns', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '' },
    spec,
  };
}
