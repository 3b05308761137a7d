import { describe, expect, it } from 'vitest';
import {
  fieldSchema,
  itemSchema,
  listTopology,
  mapTopology,
  patchMeta,
  type Schema,
  schemaFor,
} from '../../simulator/schemas/index.ts';

/** `spec.containers[].ports` from a kind down. */
function at([group, version, kind]: readonly string[], path: string): Schema {
  let schema = schemaFor(group!, version!, kind!);
  for (const step of path.split('.')) {
    const [field, list] = step.split('[');
    schema = schema && fieldSchema(schema, field!);
    if (list !== undefined) schema = schema && itemSchema(schema);
  }
  if (schema === undefined) throw new Error(`no field ${path}`);
  return schema;
}

const pod = ['', 'v1', 'Pod'];
const service = ['', 'v1', 'Service'];
const vm = ['kubevirt.io', 'v1', 'VirtualMachine'];
const vmi = ['kubevirt.io', 'v1', 'VirtualMachineInstance'];

describe('strategic merge', () => {
  it.each<[readonly string[], string, string | undefined]>([
    [pod, 'metadata.ownerReferences', 'uid'],
    [pod, 'metadata.finalizers', undefined],
    [pod, 'spec.containers', 'name'],
    [pod, 'spec.hostAliases', 'ip'],
    [pod, 'spec.topologySpreadConstraints', 'topologyKey'],
    [pod, 'spec.containers[].ports', 'containerPort'],
    [pod, 'spec.containers[].volumeMounts', 'mountPath'],
    [pod, 'spec.ephemeralContainers[].env', 'name'],
    [pod, 'status.conditions', 'type'],
    [pod, 'status.podIPs', 'ip'],
    [service, 'spec.ports', 'port'],
    [['', 'v1', 'Node'], 'status.addresses', 'type'],
    [['', 'v1', 'ServiceAccount'], 'secrets', 'name'],
  ])('%j %s is merged by %s', (kind, path, mergeKey) => {
    expect(patchMeta(at(kind, path))).toMatchObject({ strategy: 'merge', mergeKey });
  });

  it.each<[readonly string[], string]>([
    [pod, 'spec.tolerations'],
    [pod, 'spec.containers[].command'],
    [pod, 'spec.readinessGates'],
    [['', 'v1', 'Node'], 'spec.taints'],
    [['policy', 'v1', 'PodDisruptionBudget'], 'spec.selector'],
  ])('%j %s is replaced', (kind, path) => {
    expect(patchMeta(at(kind, path)).strategy).toBe('replace');
  });

  it('retains keys where told', () => {
    expect(patchMeta(at(pod, 'spec.volumes'))).toEqual({
      strategy: 'merge',
      retainKeys: true,
      mergeKey: 'name',
    });
    expect(patchMeta(at(['apps', 'v1', 'Deployment'], 'spec.strategy'))).toMatchObject({
      strategy: 'merge',
      retainKeys: true,
    });
  });
});

describe('server-side apply', () => {
  it.each<[readonly string[], string, string, string[]]>([
    [pod, 'spec.containers', 'map', ['name']],
    [pod, 'spec.containers[].ports', 'map', ['containerPort', 'protocol']],
    [pod, 'spec.topologySpreadConstraints', 'map', ['topologyKey', 'whenUnsatisfiable']],
    [service, 'spec.ports', 'map', ['port', 'protocol']],
    [pod, 'metadata.finalizers', 'set', []],
    [pod, 'spec.tolerations', 'atomic', []],
    [pod, 'status.hostIPs', 'atomic', []],
    [['batch', 'v1', 'Job'], 'status.conditions', 'atomic', []],
    [vm, 'spec.template.spec.topologySpreadConstraints', 'map', ['topologyKey', 'whenUnsatisfiable']],
    [vmi, 'spec.volumes', 'atomic', []],
    [vmi, 'spec.utilityVolumes', 'map', ['name']],
  ])('%j %s is a list of type %s', (kind, path, type, keys) => {
    expect(listTopology(at(kind, path))).toEqual({ type, keys });
  });

  it.each<[readonly string[], string, string]>([
    [pod, 'spec.nodeSelector', 'atomic'],
    [service, 'spec.selector', 'atomic'],
    [['apps', 'v1', 'Deployment'], 'spec.selector', 'atomic'],
    [pod, 'metadata.labels', 'granular'],
    [['', 'v1', 'PersistentVolume'], 'spec.claimRef', 'granular'],
    [['', 'v1', 'Event'], 'involvedObject', 'atomic'],
  ])('%j %s is a map of type %s', (kind, path, type) => {
    expect(mapTopology(at(kind, path))).toBe(type);
  });

  it('keys have the defaults they need', () => {
    expect(at(pod, 'spec.containers[].ports[].protocol').default).toBe('TCP');
    expect(at(service, 'spec.ports[].protocol').default).toBe('TCP');
  });

  it('falls back to the patch strategy where there is no list type', () => {
    const schema: Schema = {
      type: 'array',
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'id',
    };
    expect(listTopology(schema)).toEqual({ type: 'map', keys: ['id'] });
  });
});
