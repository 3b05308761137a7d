/** Endpoints of services with a selector (kubernetes pkg/controller/endpoint, v1.35). */
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
import { pods } from '../../resources/refs.ts';
import { same } from '../../store/index.ts';
import type { Pod } from '../../types/core.ts';
import { isReady, isTerminating } from '../workloads/pods.ts';
import {
  HEADLESS_LABEL,
  TRIGGER_TIME,
  backends,
  hostnameOf,
  isHeadless,
  portsOf,
  servicesOf,
} from './backends.ts';
import { type EndpointAddress, type EndpointSubset, type Service, endpoints, services } from './types.ts';

const COMPONENT = 'endpoint-controller';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';

export const endpointsController: Controller = {
  name: `kube-controller-manager/${COMPONENT}`,
  author: COMPONENT,
  user: serviceAccountUser('kube-system', COMPONENT),
  triggers: [
    { resource: services.resource },
    { resource: pods.resource, keys: servicesOf },
    { resource: endpoints.resource, keys: ({ author, key }) => (author === COMPONENT ? [] : [key]) },
  ],
  reconcile(view, key) {
    const service = view.getByKey(services, key);
    const known = view.getByKey(endpoints, key);
    if (!service) {
      const ours = known?.metadata.labels?.[MANAGED_BY] === COMPONENT;
      return known && ours ? [remove(endpoints, known)] : [];
    }
    if (isTerminating(service) || !service.spec.selector || service.spec.type === 'ExternalName') return [];
    return reconcile(view, service);
  },
};

function reconcile(view: View, service: Service): Change[] {
  const { name, namespace = '' } = service.metadata;
  const subsets = subsetsOf(view, service);
  const { [HEADLESS_LABEL]: _, ...given } = service.metadata.labels ?? {};
  const labels = {
    ...given,
    [MANAGED_BY]: COMPONENT,
    ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}),
  };
  const annotations = { [TRIGGER_TIME]: timestamp(view.now) };
  const known = view.get(endpoints, namespace, name);
  const body = subsets.length > 0 ? { subsets } : {};
  if (!known) return [create(endpoints, { metadata: { name, namespace, labels, annotations }, ...body })];
  if (same(known.subsets ?? [], subsets) && same(known.metadata.labels, labels)) return [];
  return [
    update(endpoints, known, draft => {
      draft.metadata.labels = labels;
      draft.metadata.annotations = { ...draft.metadata.annotations, ...annotations };
      if (subsets.length > 0) draft.subsets = subsets;
      else delete draft.subsets;
    }),
  ];
}

/** Addresses grouped by the ports they have. */
function subsetsOf(view: View, service: Service): EndpointSubset[] {
  const { publishNotReadyAddresses = false } = service.spec;
  const groups = new Map<string, EndpointSubset>();
  for (const pod of backends(view, service, publishNotReadyAddresses)) {
    const ports = portsOf(service, pod);
    if (ports.length === 0 && !(isHeadless(service) && !service.spec.ports?.length)) continue;
    const slot = JSON.stringify(ports);
    const group = groups.get(slot) ?? (ports.length > 0 ? { ports } : {});
    groups.set(slot, group);
    const list = isReady(pod) || publishNotReadyAddresses ? 'addresses' : 'notReadyAddresses';
    group[list] = [...(group[list] ?? []), addressOf(service, pod)];
  }
  return [...groups.values()].map(({ addresses, notReadyAddresses, ports }) => ({
    ...(addresses ? { addresses } : {}),
    ...(notReadyAddresses ? { notReadyAddresses } : {}),
    ...(ports ? { ports } : {}),
  }));
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const { name, namespace, uid } = pod.metadata;
  const hostname = hostnameOf(service, pod);
  return {
    ...(hostname ? { hostname } : {}),
    ip: pod.status?.podIP ?? '',
    nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', name, namespace, uid },
  };
}
