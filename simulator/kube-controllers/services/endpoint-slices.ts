/**
 * Endpoint slices of services with a selector (kubernetes staging/endpointslice, pkg/controller/endpointslice, v1.35).
 * Left out: IPv6, topology hints, mirroring of endpoints that users make.
 */
import { timestamp } from '../../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  create,
  remove,
  serviceAccountUser,
  update,
} from '../../controller.ts';
import { nodes, pods } from '../../resources/refs.ts';
import { same } from '../../store/index.ts';
import type { Pod } from '../../types/core.ts';
import { controllerReference, isReady, isTerminating } from '../workloads/pods.ts';
import { ownerKey } from '../workloads/selecting.ts';
import {
  HEADLESS_LABEL,
  TRIGGER_TIME,
  backends,
  hostnameOf,
  isHeadless,
  portsOf,
  servicesOf,
} from './backends.ts';
import {
  type EndpointPort,
  type EndpointSlice,
  type Service,
  type SliceEndpoint,
  endpointSlices,
  services,
} from './types.ts';

const COMPONENT = 'endpoint-slice-controller';
const MANAGER = 'endpointslice-controller.k8s.io';
const MOST_ENDPOINTS = 100;

export const endpointSliceController: Controller = {
  name: `kube-controller-manager/${COMPONENT}`,
  author: COMPONENT,
  user: serviceAccountUser('kube-system', 'endpointslice-controller'),
  triggers: [
    { resource: services.resource },
    { resource: pods.resource, keys: servicesOf },
    {
      resource: endpointSlices.resource,
      keys({ object, author }) {
        const key = author === COMPONENT ? undefined : ownerKey(object, services);
        return key === undefined ? [] : [key];
      },
    },
  ],
  reconcile(view, key) {
    const service = view.getByKey(services, key);
    if (!service || isTerminating(service)) return [];
    if (!service.spec.selector || service.spec.type === 'ExternalName') return [];
    return reconcile(view, service);
  },
};

/** Endpoints with the same ports. */
interface Group {
  readonly ports: EndpointPort[];
  readonly wanted: Map<string, SliceEndpoint>;
}

function reconcile(view: View, service: Service): Change[] {
  const groups = new Map<string, Group>();
  for (const pod of backends(view, service, true)) {
    const ports = portsOf(service, pod).map(port => ({ ...port, name: port.name ?? '' }));
    const slot = JSON.stringify(ports);
    const group = groups.get(slot) ?? { ports, wanted: new Map<string, SliceEndpoint>() };
    groups.set(slot, group);
    group.wanted.set(pod.metadata.uid, endpointOf(view, service, pod));
  }
  const labels = labelsOf(service);
  const existing = view
    .lookup('owner', service.metadata.uid, endpointSlices)
    .filter(
      slice =>
        slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === MANAGER &&
        !isTerminating(slice),
    );
  const used = new Set<EndpointSlice>();
  const changes: Change[] = [];
  for (const { ports, wanted } of groups.values()) {
    for (const slice of existing) {
      // A slice without endpoints serves any ports.
      if (used.has(slice) || (slice.endpoints?.length && !same(slice.ports, ports))) continue;
      const kept = (slice.endpoints ?? []).flatMap(({ targetRef }) => {
        const endpoint = wanted.get(targetRef?.uid ?? '');
        wanted.delete(targetRef?.uid ?? '');
        return endpoint ? [endpoint] : [];
      });
      for (const [uid, endpoint] of wanted) {
        if (kept.length >= MOST_ENDPOINTS) break;
        kept.push(endpoint);
        wanted.delete(uid);
      }
      if (kept.length === 0) continue;
      used.add(slice);
      changes.push(...rewrite(view, slice, kept, ports, labels));
    }
    const rest = [...wanted.values()];
    for (let at = 0; at < rest.length; at += MOST_ENDPOINTS) {
      changes.push(newSlice(view, service, rest.slice(at, at + MOST_ENDPOINTS), ports, labels));
    }
  }
  return [...changes, ...withoutUse(view, service, existing, used, groups.size === 0, labels)];
}

/** Slices that serve nobody go; the last one stays as a sign that the service was seen. */
function withoutUse(
  view: View,
  service: Service,
  existing: readonly EndpointSlice[],
  used: ReadonlySet<EndpointSlice>,
  empty: boolean,
  labels: Record<string, string>,
): Change[] {
  const idle = existing.filter(slice => !used.has(slice));
  if (!empty) return idle.map(slice => remove(endpointSlices, slice));
  const [first, ...others] = idle;
  return [
    ...(first ? rewrite(view, first, null, null, labels) : [newSlice(view, service, null, null, labels)]),
    ...others.map(slice => remove(endpointSlices, slice)),
  ];
}

function labelsOf(service: Service): Record<string, string> {
  return {
    ...service.metadata.labels,
    'endpointslice.kubernetes.io/managed-by': MANAGER,
    'kubernetes.io/service-name': service.metadata.name,
    ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}),
  };
}

function endpointOf(view: View, service: Service, pod: Pod): SliceEndpoint {
  const { name, namespace, uid } = pod.metadata;
  const { nodeName } = pod.spec;
  const [ready, terminating] = [isReady(pod), isTerminating(pod)];
  const zone = view.get(nodes, undefined, nodeName ?? '')?.metadata.labels?.['topology.kubernetes.io/zone'];
  const hostname = hostnameOf(service, pod);
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (ready && !terminating),
      serving: ready,
      terminating,
    },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: 'Pod', name, namespace, uid },
    ...(zone ? { zone } : {}),
  };
}

function rewrite(
  view: View,
  slice: EndpointSlice,
  endpoints: SliceEndpoint[] | null,
  ports: EndpointPort[] | null,
  labels: Record<string, string>,
): Change[] {
  const current = same(slice.endpoints, endpoints) && same(slice.ports, ports);
  if (current && same(slice.metadata.labels, labels)) return [];
  return [
    update(endpointSlices, slice, draft => {
      draft.endpoints = endpoints;
      draft.ports = ports;
      draft.metadata.labels = labels;
      draft.metadata.annotations = { ...draft.metadata.annotations, [TRIGGER_TIME]: timestamp(view.now) };
    }),
  ];
}

function newSlice(
  view: View,
  service: Service,
  endpoints: SliceEndpoint[] | null,
  ports: EndpointPort[] | null,
  labels: Record<string, string>,
): Change {
  const { name, namespace } = service.metadata;
  return create(endpointSlices, {
    addressType: 'IPv4',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels,
      annotations: { [TRIGGER_TIME]: timestamp(view.now) },
      ownerReferences: [controllerReference(service)],
    },
    endpoints,
    ports,
  });
}
