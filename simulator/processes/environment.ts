/** The environment that the kubelet gives a container (Kubernetes 1.35 pkg/kubelet/kubelet_pods.go). */
import type { View } from '../controller.ts';
import { configMaps, secrets, services } from '../resources/refs.ts';
import type { Container, Pod } from '../types/core.ts';
import { quantityMilliValue, quantityValue } from '../types/quantity.ts';
import { fromBase64, toText } from './bytes.ts';

type Source = NonNullable<Container['env']>[number];

interface ValueFrom {
  fieldRef?: { fieldPath: string };
  configMapKeyRef?: { name: string; key: string };
  secretKeyRef?: { name: string; key: string };
  resourceFieldRef?: { resource: string; divisor?: string };
}

interface EnvFrom {
  prefix?: string;
  configMapRef?: { name: string };
  secretRef?: { name: string };
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function hostnameOf(pod: Pod): string {
  return (pod.spec.hostNetwork ? pod.spec.nodeName : pod.spec.hostname) ?? pod.metadata.name.slice(0, 63);
}

export function environmentOf(view: View, pod: Pod, container: Container): Map<string, string> {
  const environment = new Map([['PATH', PATH]]);
  environment.set('HOSTNAME', hostnameOf(pod));
  const { namespace } = pod.metadata;
  for (const { prefix = '', configMapRef, secretRef } of (container as { envFrom?: EnvFrom[] }).envFrom ??
    []) {
    const data = configMapRef
      ? (view.get(configMaps, namespace, configMapRef.name)?.data ?? {})
      : decoded(secretRef && view.get(secrets, namespace, secretRef.name)?.data);
    for (const [key, value] of Object.entries(data)) environment.set(prefix + key, value);
  }
  for (const [key, value] of kubernetesService(view)) environment.set(key, value);
  for (const source of container.env ?? []) {
    const value = valueOf(view, pod, container, source);
    if (value !== undefined) environment.set(source.name, expandReferences(value, environment));
  }
  environment.set('HOME', '/root');
  return environment;
}

/** `$(NAME)` in commands and values; `$$(NAME)` stands for itself. */
export function expandReferences(text: string, environment: ReadonlyMap<string, string>): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (all, name: string | undefined) =>
    name === undefined ? '$' : (environment.get(name) ?? all),
  );
}

function valueOf(
  view: View,
  pod: Pod,
  container: Container,
  { value, valueFrom }: Source,
): string | undefined {
  const from = valueFrom as ValueFrom | undefined;
  if (!from) return value ?? '';
  const { namespace } = pod.metadata;
  if (from.fieldRef) return podField(pod, from.fieldRef.fieldPath);
  if (from.configMapKeyRef)
    return view.get(configMaps, namespace, from.configMapKeyRef.name)?.data?.[from.configMapKeyRef.key];
  if (from.secretKeyRef)
    return decoded(view.get(secrets, namespace, from.secretKeyRef.name)?.data)[from.secretKeyRef.key];
  return from.resourceFieldRef && resourceField(container, from.resourceFieldRef);
}

function decoded(data: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [key, toText(fromBase64(value))]),
  );
}

/** A field of the downward API; empty where it is not set. */
export function podField(pod: Pod, path: string): string {
  const { metadata, spec, status } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] as string] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
    case 'metadata.annotations':
      return Object.entries(metadata[path === 'metadata.labels' ? 'labels' : 'annotations'] ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join('\n');
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.podIP':
      return status?.podIP ?? '';
    case 'status.podIPs':
      return (status?.podIPs ?? []).map(({ ip }) => ip).join(',');
    case 'status.hostIP':
      return status?.hostIP ?? '';
    case 'status.hostIPs':
      return (status?.hostIPs ?? []).map(({ ip }) => ip).join(',');
    default:
      return '';
  }
}

function resourceField(
  container: Container,
  { resource, divisor }: { resource: string; divisor?: string },
): string {
  const [kind, name = ''] = resource.split('.', 2);
  const amounts = kind === 'limits' ? container.resources?.limits : container.resources?.requests;
  const amount = amounts?.[name] ?? '0';
  if (name !== 'cpu')
    return String(Math.ceil(quantityValue(amount) / (Number(quantityValue(divisor || '1')) || 1)));
  return String(Math.ceil(quantityMilliValue(amount) / (Number(quantityMilliValue(divisor || '1')) || 1000)));
}

function kubernetesService(view: View): [string, string][] {
  const spec = (view.get(services, 'default', 'kubernetes') as { spec?: { clusterIP?: string } } | undefined)
    ?.spec;
  const host = spec?.clusterIP;
  if (!host) return [];
  const url = `tcp://${host}:443`;
  return [
    ['KUBERNETES_PORT', url],
    ['KUBERNETES_PORT_443_TCP', url],
    ['KUBERNETES_PORT_443_TCP_ADDR', host],
    ['KUBERNETES_PORT_443_TCP_PORT', '443'],
    ['KUBERNETES_PORT_443_TCP_PROTO', 'tcp'],
    ['KUBERNETES_SERVICE_HOST', host],
    ['KUBERNETES_SERVICE_PORT', '443'],
    ['KUBERNETES_SERVICE_PORT_HTTPS', '443'],
  ];
}
