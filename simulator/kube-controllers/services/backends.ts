/** The pods behind a service (kubernetes pkg/controller/util/endpoint, pkg/controller/endpoint, v1.35). */
import type { View } from '../../controller.ts';
import type { JournalEntry } from '../../store/index.ts';
import type { Container, Pod } from '../../types/core.ts';
import { isReady, isTerminating } from '../workloads/pods.ts';
import { keysConcerned, podsSelected, selectors } from '../workloads/selecting.ts';
import { type EndpointPort, type Service, services } from './types.ts';

export const HEADLESS_LABEL = 'service.kubernetes.io/headless';
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

const who = selectors(services, ({ spec }) =>
  spec.selector && Object.keys(spec.selector).length > 0 ? { matchLabels: spec.selector } : undefined,
);

/** Services whose endpoints a written pod may change. */
export function servicesOf(entry: JournalEntry, view: View): readonly string[] {
  return matters(entry) ? keysConcerned(view, who, entry) : [];
}

/** Whether a write changed anything of a pod that services and budgets look at. */
export function matters({ type, object, previous }: JournalEntry): boolean {
  if (type !== 'MODIFIED' || !previous) return true;
  const [now, before] = [object as Pod, previous as Pod];
  return (
    now.metadata.labels !== before.metadata.labels ||
    now.metadata.deletionTimestamp !== before.metadata.deletionTimestamp ||
    now.status?.podIP !== before.status?.podIP ||
    now.status?.phase !== before.status?.phase ||
    (now.status?.conditions !== before.status?.conditions && isReady(now) !== isReady(before))
  );
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

/** The pods that a service's selector matches and that have an address to be reached at, in key order. */
export function backends(view: View, service: Service, includeTerminating: boolean): Pod[] {
  const { namespace = '' } = service.metadata;
  return podsSelected(view, namespace, { matchLabels: service.spec.selector }).filter(pod => {
    const phase = pod.status?.phase;
    if (!pod.status?.podIP || phase === 'Succeeded' || phase === 'Failed') return false;
    return includeTerminating || !isTerminating(pod);
  });
}

/** The service's ports as a pod has them: names of target ports are looked up in its containers. */
export function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const found: EndpointPort[] = [];
  for (const { name, port, protocol = 'TCP', targetPort = port, appProtocol } of service.spec.ports ?? []) {
    const number = typeof targetPort === 'number' ? targetPort : namedPort(pod, targetPort, protocol);
    if (number === undefined) continue;
    found.push({
      ...(appProtocol ? { appProtocol } : {}),
      ...(name ? { name } : {}),
      port: number,
      protocol,
    });
  }
  return found;
}

function namedPort({ spec }: Pod, name: string, protocol: string): number | undefined {
  const sidecars = (spec.initContainers ?? []).filter(container => container.restartPolicy === 'Always');
  for (const { ports = [] } of [...spec.containers, ...sidecars] as Container[]) {
    const match = ports.find(port => port.name === name && (port.protocol ?? 'TCP') === protocol);
    if (match) return match.containerPort;
  }
  return undefined;
}

/** A pod that carries a name of its own within a headless service. */
export function hostnameOf(service: Service, { spec }: Pod): string | undefined {
  return spec.hostname && spec.subdomain === service.metadata.name ? spec.hostname : undefined;
}
