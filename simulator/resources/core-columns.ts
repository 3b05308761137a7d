/** How kubectl prints the kinds of the core group besides pods (kubernetes pkg/printers/internalversion, v1.35). */
import type { Event, Node, PersistentVolumeClaim } from '../types/core.ts';
import type { JsonObject, JsonValue, KubeObject } from '../types/meta.ts';
import {
  AGE,
  accessModesText,
  column,
  CREATED_AT,
  labelText,
  NONE,
  SELECTOR_COLUMN,
  since,
  TEMPLATE_COLUMNS,
  WORKLOAD_COLUMNS,
  wide,
} from './cells.ts';
import type { Column, ColumnContext } from './definition.ts';
import { asList, at, number, objectAt, objects, text } from './fields.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

/** `Ready,SchedulingDisabled`. */
function nodeStatus(node: Node): string {
  const ready = node.status?.conditions?.find(condition => condition.type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (node.spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX)) {
      if (key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    } else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return roles.size === 0 ? NONE : [...roles].sort().join(',');
}

function nodeAddress(type: string) {
  return (object: KubeObject) =>
    (object as Node).status?.addresses?.find(address => address.type === type)?.address ?? NONE;
}

function nodeInfo(field: string) {
  return (object: KubeObject) => (object as Node).status?.nodeInfo?.[field] || '<unknown>';
}

export const NODE_COLUMNS: readonly Column[] = [
  column('Status', object => nodeStatus(object as Node)),
  column('Roles', object => nodeRoles(object as Node)),
  AGE,
  column('Version', object => (object as Node).status?.nodeInfo?.kubeletVersion ?? ''),
  wide('Internal-IP', nodeAddress('InternalIP')),
  wide('External-IP', nodeAddress('ExternalIP')),
  wide('OS-Image', nodeInfo('osImage')),
  wide('Kernel-Version', nodeInfo('kernelVersion')),
  wide('Container-Runtime', nodeInfo('containerRuntimeVersion')),
];

export const NAMESPACE_COLUMNS: readonly Column[] = [
  column('Status', object => text(at(object, 'status', 'phase'))),
  AGE,
];

function entries(object: KubeObject, ...names: string[]): number {
  return names.reduce((sum, name) => sum + Object.keys(objectAt(object, name)).length, 0);
}

export const SECRET_COLUMNS: readonly Column[] = [
  column('Type', object => text(at(object, 'type'))),
  column('Data', object => entries(object, 'data')),
  AGE,
];

export const CONFIG_MAP_COLUMNS: readonly Column[] = [
  column('Data', object => entries(object, 'data', 'binaryData')),
  AGE,
];

export const SERVICE_ACCOUNT_COLUMNS: readonly Column[] = [
  column('Secrets', object => asList(at(object, 'secrets')).length),
  AGE,
];

function externalIps(service: KubeObject): string {
  const given = asList(at(service, 'spec', 'externalIPs')) as string[];
  switch (text(at(service, 'spec', 'type'))) {
    case 'LoadBalancer': {
      const ingress = objects(at(service, 'status', 'loadBalancer', 'ingress')).map(
        entry => text(entry.ip) || text(entry.hostname),
      );
      const all = [...new Set(ingress.sort()), ...given];
      return all.length > 0 ? all.join(',') : '<pending>';
    }
    case 'ExternalName':
      return text(at(service, 'spec', 'externalName'));
    default:
      return given.length > 0 ? given.join(',') : NONE;
  }
}

function servicePorts(service: KubeObject): string {
  const ports = objects(at(service, 'spec', 'ports'));
  if (ports.length === 0) return NONE;
  return ports
    .map(port => {
      const node = number(port.nodePort);
      return `${number(port.port)}${node > 0 ? `:${node}` : ''}/${text(port.protocol, 'TCP')}`;
    })
    .join(',');
}

export const SERVICE_COLUMNS: readonly Column[] = [
  column('Type', object => text(at(object, 'spec', 'type'))),
  column('Cluster-IP', object => text(at(object, 'spec', 'clusterIP')) || NONE),
  column('External-IP', externalIps),
  column('Port(s)', servicePorts),
  AGE,
  wide('Selector', object => labelText(at(object, 'spec', 'selector'))),
];

/** At most three, then how many more there are. */
export function firstThree(all: readonly string[]): string {
  if (all.length === 0) return NONE;
  const shown = all.slice(0, 3).join(',');
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown;
}

function endpointAddresses(endpoints: KubeObject): string {
  const all: string[] = [];
  for (const subset of objects(at(endpoints, 'subsets'))) {
    const addresses = objects(subset.addresses);
    const ports = objects(subset.ports);
    if (ports.length === 0) all.push(...addresses.map(address => text(address.ip)));
    for (const port of ports) {
      for (const address of addresses) {
        const ip = text(address.ip);
        all.push(`${ip.includes(':') ? `[${ip}]` : ip}:${number(port.port)}`);
      }
    }
  }
  return firstThree(all);
}

export const ENDPOINTS_COLUMNS: readonly Column[] = [column('Endpoints', endpointAddresses), AGE];

const bound = (object: KubeObject, field: string): JsonValue | undefined =>
  text(at(object, 'spec', 'volumeName')) === '' ? undefined : at(object, 'status', field);

function phase(object: KubeObject): string {
  return object.metadata.deletionTimestamp ? 'Terminating' : text(at(object, 'status', 'phase'));
}

function storageClassName(object: KubeObject): string {
  return (
    object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
    text(at(object, 'spec', 'storageClassName'))
  );
}

const attributesClass = (object: KubeObject) =>
  text(at(object, 'spec', 'volumeAttributesClassName'), '<unset>');

export const CLAIM_COLUMNS: readonly Column[] = [
  column('Status', phase),
  column('Volume', object => (object as PersistentVolumeClaim).spec.volumeName ?? ''),
  column('Capacity', object => text(at(bound(object, 'capacity'), 'storage'), '')),
  column('Access Modes', object => accessModesText(bound(object, 'accessModes'))),
  column('StorageClass', storageClassName),
  column('VolumeAttributesClass', attributesClass),
  AGE,
  wide('VolumeMode', object => text(at(object, 'spec', 'volumeMode'), '<unset>')),
];

function claimOf(volume: KubeObject): string {
  const claim = at(volume, 'spec', 'claimRef');
  return claim ? `${text(at(claim, 'namespace'))}/${text(at(claim, 'name'))}` : '';
}

export const VOLUME_COLUMNS: readonly Column[] = [
  column('Capacity', object => text(at(object, 'spec', 'capacity', 'storage'))),
  column('Access Modes', object => accessModesText(at(object, 'spec', 'accessModes'))),
  column('Reclaim Policy', object => text(at(object, 'spec', 'persistentVolumeReclaimPolicy'))),
  column('Status', phase),
  column('Claim', claimOf),
  column('StorageClass', storageClassName),
  column('VolumeAttributesClass', attributesClass),
  column('Reason', object => text(at(object, 'status', 'reason'))),
  AGE,
  wide('VolumeMode', object => text(at(object, 'spec', 'volumeMode'), '<unset>')),
];

function firstSeen(event: Event, context: ColumnContext): string {
  return since(event.firstTimestamp || event.eventTime, context);
}

function lastSeen(event: Event, context: ColumnContext): string {
  if (event.series) return since(event.series.lastObservedTime, context);
  return event.lastTimestamp ? since(event.lastTimestamp, context) : firstSeen(event, context);
}

function eventTarget({ involvedObject }: Event): string {
  const kind = (involvedObject?.kind ?? '').toLowerCase();
  return involvedObject?.name ? `${kind}/${involvedObject.name}` : kind;
}

function eventSource(event: Event): string {
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.component ? event.source.host : event.reportingInstance;
  return host ? `${component}, ${host}` : component;
}

const asEvent = (object: KubeObject) => object as Event;

export const EVENT_COLUMNS: readonly Column[] = [
  column('Last Seen', (object, context) => lastSeen(asEvent(object), context)),
  column('Type', object => asEvent(object).type ?? ''),
  column('Reason', object => asEvent(object).reason ?? ''),
  column('Object', object => eventTarget(asEvent(object))),
  wide('Subobject', object => asEvent(object).involvedObject?.fieldPath ?? ''),
  wide('Source', object => eventSource(asEvent(object))),
  column('Message', object => (asEvent(object).message ?? '').trim()),
  wide('First Seen', (object, context) => firstSeen(asEvent(object), context)),
  wide('Count', object => asEvent(object).series?.count ?? (asEvent(object).count || 1)),
  wide('Name', object => object.metadata.name),
];

/** `requests.cpu: 1/2, pods: 0/10`, the limits apart. */
function quotaUse(limits: boolean) {
  return (object: KubeObject) => {
    const hard: JsonObject = objectAt(object, 'status', 'hard');
    const used: JsonObject = objectAt(object, 'status', 'used');
    return Object.keys(hard)
      .filter(name => name.startsWith('limits') === limits)
      .sort()
      .map(name => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
      .join(', ');
  };
}

export const QUOTA_COLUMNS: readonly Column[] = [
  column('Request', quotaUse(false)),
  column('Limit', quotaUse(true)),
  AGE,
];

export const REPLICATION_COLUMNS: readonly Column[] = [
  column('Desired', object => number(at(object, 'spec', 'replicas')), 'integer'),
  column('Current', object => number(at(object, 'status', 'replicas')), 'integer'),
  column('Ready', object => number(at(object, 'status', 'readyReplicas')), 'integer'),
  AGE,
  ...WORKLOAD_COLUMNS,
];

export const REPLICATION_CONTROLLER_COLUMNS: readonly Column[] = [
  ...REPLICATION_COLUMNS,
  wide('Selector', object => labelText(at(object, 'spec', 'selector'))),
];
export const REPLICA_SET_COLUMNS: readonly Column[] = [...REPLICATION_COLUMNS, SELECTOR_COLUMN];
export const LIMIT_RANGE_COLUMNS: readonly Column[] = [CREATED_AT];
export const POD_TEMPLATE_COLUMNS: readonly Column[] = TEMPLATE_COLUMNS;
