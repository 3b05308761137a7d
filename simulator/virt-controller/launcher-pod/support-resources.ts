/** Requests and limits of the containers that help a machine (KubeVirt v1.9 services/renderresources.go and others). */
import { type KubeVirtConfig, supportContainerResource } from '../../kubevirt-config/index.ts';
import type { ResourceRequirements } from '../../types/core.ts';
import type { ResourceList } from '../../types/meta.ts';
import { canonical } from './amounts.ts';

type Kind = 'console-log' | 'disk' | 'disk-binary' | 'hotplug' | 'sidecar' | 'virtiofs';

interface Defaults {
  /** The name that the cluster's `supportContainerResources` know it by. */
  readonly type: string;
  readonly requests?: { cpu: string; memory: string };
  readonly limits?: { cpu: string; memory: string };
  /** For machines with dedicated CPUs or guaranteed quality of service, where it differs. */
  readonly guaranteed?: { cpu: string; memory: string };
  readonly ephemeralStorage?: string;
}

const DEFAULTS: Readonly<Record<Kind, Defaults>> = {
  'console-log': {
    type: 'guest-console-log',
    requests: { cpu: '5m', memory: '35M' },
    limits: { cpu: '15m', memory: '60M' },
  },
  disk: {
    type: 'container-disk',
    requests: { cpu: '1m', memory: '1M' },
    limits: { cpu: '10m', memory: '40M' },
    ephemeralStorage: '50M',
  },
  'disk-binary': {
    type: 'container-disk',
    requests: { cpu: '10m', memory: '1M' },
    limits: { cpu: '100m', memory: '40M' },
    guaranteed: { cpu: '10m', memory: '40M' },
  },
  hotplug: {
    type: 'hotplug-disk',
    requests: { cpu: '10m', memory: '2M' },
    limits: { cpu: '100m', memory: '80M' },
  },
  sidecar: { type: 'sidecar', guaranteed: { cpu: '200m', memory: '64M' } },
  virtiofs: {
    type: 'virtiofs',
    requests: { cpu: '10m', memory: '1M' },
    limits: { cpu: '100m', memory: '80M' },
  },
};

const known = new WeakMap<KubeVirtConfig, Map<string, ResourceRequirements>>();

/**
 * What a helping container requests and is limited to: the cluster's `supportContainerResources`, else KubeVirt's
 * defaults. Where the machine's quality of service is guaranteed, requests equal limits. The answer is frozen.
 */
export function supportResources(
  kind: Kind,
  guaranteed: boolean,
  config: KubeVirtConfig,
): ResourceRequirements {
  let answers = known.get(config);
  if (!answers) known.set(config, (answers = new Map()));
  const key = guaranteed ? `${kind} guaranteed` : kind;
  let answer = answers.get(key);
  if (!answer) answers.set(key, (answer = render(DEFAULTS[kind], guaranteed, config)));
  return answer;
}

function render(defaults: Defaults, guaranteed: boolean, config: KubeVirtConfig): ResourceRequirements {
  const bound = (
    name: 'requests' | 'limits',
    base: { cpu: string; memory: string } | undefined,
  ): ResourceList => {
    const list: ResourceList = {};
    for (const resource of ['cpu', 'memory'] as const) {
      const amount = supportContainerResource(config, defaults.type, name, resource) ?? base?.[resource];
      if (amount !== undefined) list[resource] = canonical(amount);
    }
    return list;
  };
  const limits = bound('limits', (guaranteed ? defaults.guaranteed : undefined) ?? defaults.limits);
  const requests = guaranteed ? { ...limits } : bound('requests', defaults.requests);
  if (defaults.ephemeralStorage) requests['ephemeral-storage'] = defaults.ephemeralStorage;
  const resources: ResourceRequirements = {};
  if (Object.keys(limits).length > 0) resources.limits = Object.freeze(limits);
  if (Object.keys(requests).length > 0) resources.requests = Object.freeze(requests);
  return Object.freeze(resources);
}
