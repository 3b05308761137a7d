/** Services: defaults, addresses and ports, refusals (kubernetes pkg/apis/core, pkg/registry/core/service, v1.35). */
import type { JsonObject, JsonValue, KubeObject, StatusCause } from '../types/meta.ts';
import { duplicate, invalid, notSupported, portCauses, required } from './field-errors.ts';
import { asObject, at, fields, mapList, objectAt, objects, text, withDefaults, withField } from './fields.ts';
import { onSpec } from './core-rules.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

export const serviceDefaults = onSpec(given => {
  let spec = withDefaults(given, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec.sessionAffinity === 'ClientIP') {
    spec = withDefaults(spec, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } });
  }
  const { type } = spec;
  if (type !== 'ExternalName') spec = withDefaults(spec, { internalTrafficPolicy: 'Cluster' });
  if (type === 'NodePort' || type === 'LoadBalancer')
    spec = withDefaults(spec, { externalTrafficPolicy: 'Cluster' });
  if (type === 'LoadBalancer') spec = withDefaults(spec, { allocateLoadBalancerNodePorts: true });
  return withField(spec, 'ports', ports => (Array.isArray(ports) ? mapList(ports, portDefaults) : ports));
});

function portDefaults(port: JsonValue): JsonValue {
  const given = asObject(port);
  return given ? withDefaults(given, { protocol: 'TCP', targetPort: given.port }) : port;
}

/** FNV-1a: the same service gets the same address in every run. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value ^= text.charCodeAt(index);
    value = Math.imul(value, 0x01000193);
  }
  return value >>> 0;
}

/**
 * Allocates the cluster address in 10.96.0.0/12 and node ports in 30000-32767. Both come from a hash of the name,
 * because a definition sees one object only; the first 256 addresses are left to services that name theirs.
 */
export function prepareService(object: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec');
  const key = `${object.metadata.namespace}/${object.metadata.name}`;
  return {
    ...object,
    spec: spec.type === 'ExternalName' ? spec : withNodePorts(withAddress(spec, key), key),
    status: { loadBalancer: {} },
  } as unknown as KubeObject;
}

function withAddress(spec: JsonObject, key: string): JsonObject {
  const offset = 256 + (hash(key) % (0x100000 - 512));
  const address =
    text(spec.clusterIP) || `10.${96 + (offset >>> 16)}.${(offset >>> 8) & 255}.${offset & 255}`;
  return withDefaults(
    { ...spec, clusterIP: address },
    { clusterIPs: [address], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
  );
}

function withNodePorts(spec: JsonObject, key: string): JsonObject {
  const needed =
    spec.type === 'NodePort' ||
    (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
  if (!needed) return spec;
  return withField(spec, 'ports', ports =>
    (ports as JsonValue[]).map(port => {
      const given = port as JsonObject;
      return withDefaults(given, {
        nodePort: 30_000 + (hash(`${key}/${given.port}/${given.protocol}`) % 2768),
      });
    }),
  );
}

/** What was allocated stays when an update leaves it out. */
export function keepAllocations(object: KubeObject, old: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec');
  const before = objectAt(old, 'spec');
  if (spec === before || spec.type === 'ExternalName' || before.type === 'ExternalName') return object;
  const key = `${object.metadata.namespace}/${object.metadata.name}`;
  let result = withDefaults(
    text(spec.clusterIP) === '' && before.clusterIP ? { ...spec, clusterIP: before.clusterIP } : spec,
    { clusterIPs: before.clusterIPs, ipFamilies: before.ipFamilies, ipFamilyPolicy: before.ipFamilyPolicy },
  );
  const previous = objects(before.ports);
  result = withField(result, 'ports', ports =>
    mapList(ports as JsonValue[], port => {
      const given = port as JsonObject;
      const match = previous.find(item => item.port === given.port && item.protocol === given.protocol);
      return result.type === 'ClusterIP' ? given : withDefaults(given, { nodePort: match?.nodePort });
    }),
  );
  const allocated = withNodePorts(result, key);
  return allocated === spec ? object : ({ ...object, spec: allocated } as unknown as KubeObject);
}

export function validateService(object: KubeObject): StatusCause[] {
  const spec = objectAt(object, 'spec');
  const ports = objects(spec.ports);
  const causes: StatusCause[] = [];
  if (typeof spec.type === 'string' && !TYPES.includes(spec.type)) {
    causes.push(notSupported('spec.type', spec.type, TYPES));
  }
  if (spec.type === 'ExternalName') {
    if (!text(spec.externalName)) causes.push(required('spec.externalName'));
  } else if (ports.length === 0 && spec.clusterIP !== 'None') {
    causes.push(required('spec.ports'));
  }
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const path = `spec.ports[${index}]`;
    const name = text(port.name);
    if (name === '' && ports.length > 1) causes.push(required(`${path}.name`));
    if (name !== '' && names.has(name)) causes.push(duplicate(`${path}.name`, name));
    names.add(name);
    causes.push(...portCauses(`${path}.port`, port.port));
    if (typeof port.protocol === 'string' && !['SCTP', 'TCP', 'UDP'].includes(port.protocol)) {
      causes.push(notSupported(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
    }
  });
  return causes;
}

export function validateServiceUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  if (fields(object).spec === fields(old).spec) return [];
  const before = text(at(old, 'spec', 'clusterIP'));
  const now = text(at(object, 'spec', 'clusterIP'));
  if (before === '' || at(object, 'spec', 'type') === 'ExternalName' || now === before) return [];
  return [invalid('spec.clusterIPs[0]', [now], 'may not change once set')];
}
