import type { Lookup } from '../../simulator/instancetype/index.ts';
import type {
  Instancetype,
  InstancetypeSpec,
  Preference,
  PreferenceSpec,
  VirtualMachine,
  VirtualMachineInstanceSpec,
  VirtualMachineSpec,
} from '../../simulator/types/kubevirt.ts';
import type { KubeObject, NewObject, ObjectMeta } from '../../simulator/types/meta.ts';

/** Freezes a value all the way down, as the store does: a function that changes its input fails here. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) frozen(item);
  }
  return value;
}

/** The little of a VMI spec that every test needs; `domain` and `devices` may be given in part. */
export function vmiSpec(
  domain: Partial<VirtualMachineInstanceSpec['domain']> = {},
  rest: Partial<VirtualMachineInstanceSpec> = {},
): VirtualMachineInstanceSpec {
  return frozen({ ...rest, domain: { devices: {}, ...domain } });
}

export function virtualMachine(
  spec: Partial<VirtualMachineSpec> & {
    vmi?: VirtualMachineInstanceSpec;
    metadata?: Partial<ObjectMeta>;
  } = {},
  status?: VirtualMachine['status'],
): VirtualMachine {
  const { vmi = vmiSpec(), metadata, ...rest } = spec;
  const template = { ...(metadata && { metadata }), spec: vmi };
  return frozen({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: meta('vm', 'vm-uid'),
    spec: { runStrategy: 'Halted', template, ...rest },
    ...(status && { status }),
  });
}

function meta(name: string, uid: string): ObjectMeta {
  return {
    name,
    namespace: 'default',
    uid,
    resourceVersion: '7',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
}

export function instancetypeSpec(spec: {
  cpu?: Partial<InstancetypeSpec['cpu']>;
  memory?: Partial<InstancetypeSpec['memory']>;
  rest?: Partial<InstancetypeSpec>;
}): InstancetypeSpec {
  return frozen({ ...spec.rest, cpu: { guest: 2, ...spec.cpu }, memory: { guest: '1Gi', ...spec.memory } });
}

export function instancetype(
  name: string,
  spec: InstancetypeSpec,
  scope: 'cluster' | 'namespaced' = 'cluster',
): Instancetype {
  return object<Instancetype>('Instancetype', name, spec, scope);
}

export function preference(
  name: string,
  spec: PreferenceSpec,
  scope: 'cluster' | 'namespaced' = 'cluster',
): Preference {
  return object<Preference>('Preference', name, spec, scope);
}

function object<T extends Instancetype | Preference>(
  suffix: string,
  name: string,
  spec: T['spec'],
  scope: 'cluster' | 'namespaced',
): T {
  const { namespace, ...metadata } = meta(name, `${name}-uid`);
  return frozen({
    apiVersion: 'instancetype.kubevirt.io/v1beta1',
    kind: `VirtualMachine${scope === 'cluster' ? 'Cluster' : ''}${suffix}`,
    metadata: scope === 'cluster' ? metadata : { ...metadata, namespace },
    spec,
  } as unknown as T);
}

/** Any other object, in the namespace `default` unless said otherwise. */
export function labelled(
  kind: string,
  name: string,
  labels: Record<string, string> = {},
  rest: Record<string, unknown> = {},
  namespace = 'default',
): KubeObject {
  return frozen({
    apiVersion: 'v1',
    kind,
    metadata: { ...meta(name, `${name}-uid`), namespace, labels },
    ...rest,
  });
}

const RESOURCES: Readonly<Record<string, string>> = {
  ControllerRevision: 'controllerrevisions.apps',
  DataSource: 'datasources.cdi.kubevirt.io',
  DataVolume: 'datavolumes.cdi.kubevirt.io',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  VirtualMachineClusterInstancetype: 'virtualmachineclusterinstancetypes.instancetype.kubevirt.io',
  VirtualMachineClusterPreference: 'virtualmachineclusterpreferences.instancetype.kubevirt.io',
  VirtualMachineInstancetype: 'virtualmachineinstancetypes.instancetype.kubevirt.io',
  VirtualMachinePreference: 'virtualmachinepreferences.instancetype.kubevirt.io',
  VolumeSnapshot: 'volumesnapshots.snapshot.storage.k8s.io',
};

/** A cluster that holds just these objects. */
export function clusterOf(...objects: (KubeObject | NewObject)[]): Lookup {
  return {
    get: (resource, namespace, name) =>
      objects.find(
        ({ kind, metadata }) =>
          RESOURCES[kind] === resource && metadata.namespace === namespace && metadata.name === name,
      ) as KubeObject | undefined,
  };
}

export const MASQUERADE = {
  defaultNetworkInterface: 'masquerade',
  permitBridgeInterfaceOnPodNetwork: true,
} as const;
