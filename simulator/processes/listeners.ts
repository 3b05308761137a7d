/**
 * What answers on the ports of pods and guests. KubeVirt's components tell of their health as KubeVirt v1.9 pkg/healthz
 * does; other containers answer on the ports that they declare, or that their images are known for.
 */
import type { View } from '../controller.ts';
import { kubeVirts, nodes } from '../resources/refs.ts';
import type { Pod } from '../types/core.ts';
import type { VirtualMachineInstance } from '../types/kubevirt.ts';
import { isRunning } from './containers.ts';
import { imageContents, imageName } from './images.ts';

export interface HttpAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Listener =
  | {
      readonly protocol: 'http' | 'https';
      readonly answer: (method: string, path: string) => HttpAnswer;
    }
  /** Says something and hangs up. */
  | { readonly protocol: 'banner'; readonly text: string };

const HEALTHZ_PORT = 8443;
const HEALTHY_COMPONENTS = new Set([
  'virt-api',
  'virt-controller',
  'virt-handler',
  'virt-operator',
  'virt-exportproxy',
]);
const SSH_PORT = 22;
const SSH_BANNER = 'SSH-2.0-OpenSSH_9.9\r\n';

/** What listens on a port of a pod, from within it; undefined where nothing does. */
export function listenerOf(view: View, pod: Pod, port: number): Listener | undefined {
  for (const container of pod.spec.containers) {
    if (!isRunning(pod, container.name)) continue;
    const image = imageName(container.image ?? '');
    if (port === HEALTHZ_PORT && HEALTHY_COMPONENTS.has(image)) {
      return { protocol: 'https', answer: (method, path) => component(view, pod, image, method, path) };
    }
    const { ports = [], website } = imageContents(container.image ?? '');
    const declared = container.ports?.some(
      each => each.containerPort === port && (each.protocol ?? 'TCP') === 'TCP',
    );
    if (!declared && (container.command !== undefined || !ports.includes(port))) continue;
    const text = `container ${container.name} of pod ${pod.metadata.namespace}/${pod.metadata.name}, port ${port}\n`;
    return { protocol: 'http', answer: (_method, path) => page(website, text, path) };
  }
  return undefined;
}

/** What listens on a TCP port of a guest. */
export function guestListener(_vmi: VirtualMachineInstance, port: number): Listener | undefined {
  return port === SSH_PORT ? { protocol: 'banner', text: SSH_BANNER } : undefined;
}

function page(website: string | undefined, text: string, path: string): HttpAnswer {
  if (website === undefined)
    return { code: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: text };
  const found = path === '/' || path === '/index.html';
  const body = found ? website : '<html>\n<head><title>404 Not Found</title></head>\n</html>\n';
  return { code: found ? 200 : 404, headers: { 'Content-Type': 'text/html', Server: 'nginx/1.29.1' }, body };
}

const NOT_FOUND: HttpAnswer = {
  code: 404,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: '404 page not found\n',
};

function component(view: View, pod: Pod, image: string, method: string, fullPath: string): HttpAnswer {
  const path = fullPath.split('?')[0] ?? '/';
  const clean = path.replace(/\/{2,}/g, '/');
  // Go's mux sends clients to the clean form of a path.
  if (clean !== path && method !== 'CONNECT') {
    const body = method === 'GET' ? `<a href="${clean}">Moved Permanently</a>.\n\n` : '';
    return { code: 301, headers: { 'Content-Type': 'text/html; charset=utf-8', Location: clean }, body };
  }
  if (
    clean === '/healthz' ||
    (image === 'virt-api' && /^\/apis\/subresources\.kubevirt\.io\/v1(alpha3)?\/healthz$/.test(clean))
  ) {
    return json(health(view, pod));
  }
  if (clean === '/leader' && image === 'virt-controller') return json({ apiserver: { leader: 'true' } });
  return NOT_FOUND;
}

function health(view: View, pod: Pod): unknown {
  const gitVersion =
    view.get(nodes, undefined, pod.spec.nodeName ?? '')?.status?.nodeInfo?.kubeletVersion ?? '';
  const [major = '', minor = ''] = gitVersion.replace(/^v/, '').split('.');
  return {
    apiserver: { connectivity: 'ok', version: { major, minor, gitVersion, platform: 'linux/amd64' } },
    'config-resource-version': view.list(kubeVirts)[0]?.metadata.resourceVersion ?? '',
  };
}

function json(value: unknown): HttpAnswer {
  return { code: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value, null, 1) };
}
