/** Paths without resources that a real kube-apiserver of 1.35 answers: version, health, and the list of paths. */
import type { ServerResponse } from 'node:http';
import type { ResourceRegistry } from '../simulator/apiserver/index.ts';
import { KUBERNETES_VERSION } from '../simulator/create-cluster.ts';
import { apiVersionOf } from '../simulator/resources/definition.ts';
import { allGroups } from './discovery-documents.ts';
import { UnknownPath } from './failures.ts';
import { sendJson, sendText } from './responses.ts';

/** Everyone may see these, as in a cluster made by kubeadm. */
const PUBLIC_PATHS = new Set(['/healthz', '/livez', '/readyz', '/version']);

export function isPublic(path: string): boolean {
  return PUBLIC_PATHS.has(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);
}

export const SERVER_VERSION = {
  major: '1',
  minor: '35',
  emulationMajor: '1',
  emulationMinor: '35',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '34',
  gitVersion: KUBERNETES_VERSION,
  gitCommit: 'a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6',
  gitTreeState: 'clean',
  buildDate: '2025-12-17T12:32:16Z',
  goVersion: 'go1.25.5',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const CHECKS = [
  'ping',
  'log',
  'etcd',
  'informer-sync',
  'poststarthook/start-apiextensions-controllers',
] as const;
/** Checks that only some of the three endpoints know. */
const ONLY: Readonly<Record<string, readonly string[]>> = { 'informer-sync': ['readyz'] };

const ROOT_PATHS = [
  '/.well-known/openid-configuration',
  '/healthz',
  '/healthz/etcd',
  '/healthz/log',
  '/healthz/ping',
  '/livez',
  '/livez/etcd',
  '/livez/log',
  '/livez/ping',
  '/openapi/v3',
  '/openapi/v3/',
  '/readyz',
  '/readyz/etcd',
  '/readyz/informer-sync',
  '/readyz/log',
  '/readyz/ping',
  '/version',
];

/** Answers such a path; false when it is none. */
export function serveVersionOrHealth(
  registry: ResourceRegistry,
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
): boolean {
  const [, root = '', ...rest] = path.replace(/\/$/, '').split('/');
  if (root === '' && rest.length === 0)
    sendJson(response, 200, `${JSON.stringify(paths(registry), null, 2)}\n`);
  else if (root === 'version' && rest.length === 0)
    sendJson(response, 200, JSON.stringify(SERVER_VERSION, null, 2));
  else if (root === 'healthz' || root === 'livez' || root === 'readyz')
    serveHealth(response, root, rest.join('/'), query);
  else return false;
  return true;
}

function serveHealth(
  response: ServerResponse,
  endpoint: string,
  check: string,
  query: URLSearchParams,
): void {
  const checks = CHECKS.filter(name => ONLY[name]?.includes(endpoint) ?? true);
  if (check !== '') {
    if (!(checks as readonly string[]).includes(check)) throw new UnknownPath();
    sendText(response, 200, 'ok');
    return;
  }
  if (!query.has('verbose')) {
    sendText(response, 200, 'ok');
    return;
  }
  const excluded = new Set(query.getAll('exclude'));
  const lines = checks.map(name => `[+]${name} ${excluded.delete(name) ? 'excluded: ok' : 'ok'}\n`);
  if (excluded.size > 0) {
    const names = [...excluded]
      .sort()
      .map(name => JSON.stringify(name))
      .join(', ');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}\n`);
  }
  sendText(response, 200, `${lines.join('')}${endpoint} check passed\n`);
}

function paths(registry: ResourceRegistry): object {
  const groups = allGroups(registry).flatMap(({ group, versions }) =>
    group === ''
      ? ['/api', ...versions.map(version => `/api/${version}`)]
      : [`/apis/${group}`, ...versions.map(version => `/apis/${apiVersionOf(group, version)}`)],
  );
  return { paths: ['/apis', ...groups, ...ROOT_PATHS].sort() };
}
