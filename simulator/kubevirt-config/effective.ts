import type { JsonObject, JsonValue } from '../types/meta.ts';
import type { KubeVirt } from '../types/kubevirt.ts';
import { DEFAULT_CONFIGURATION } from './defaults.ts';
import { FEATURE_GATES, type FeatureGate, gateEnabled } from './feature-gates.ts';
import type { KubeVirtConfig, KubeVirtConfiguration } from './types.ts';

const DEFAULT_NAMESPACE = 'kubevirt';

/** Configurations by the (frozen) resource they were computed from: every admission request asks for one. */
const computed = new WeakMap<KubeVirt, KubeVirtConfig>();
const unconfigured = complete(DEFAULT_CONFIGURATION, undefined);

/**
 * What a cluster runs with: `spec.configuration` laid over KubeVirt's defaults (KubeVirt v1.9 pkg/virt-config GetConfig).
 * Objects merge key by key, lists replace. A configuration KubeVirt calls invalid counts as none at all; KubeVirt keeps
 * the last valid one instead, which a function of one resource cannot know. The default architecture comes from the
 * resource's status, else amd64.
 */
export function effectiveConfig(kubevirt: KubeVirt | undefined): KubeVirtConfig {
  if (!kubevirt) return unconfigured;
  let config = computed.get(kubevirt);
  if (!config) {
    const merged = merge(DEFAULT_CONFIGURATION as unknown as JsonObject, kubevirt.spec?.configuration);
    let configuration = merged as unknown as KubeVirtConfiguration;
    if (configurationError(configuration) !== undefined) configuration = DEFAULT_CONFIGURATION;
    config = complete(configuration, kubevirt);
    computed.set(kubevirt, config);
  }
  return config;
}

/** Why KubeVirt would not take a configuration, or undefined (pkg/virt-config validateConfig). */
export function configurationError(configuration: KubeVirtConfiguration): string | undefined {
  const { developerConfiguration: developer, imagePullPolicy } = configuration;
  if (!['', 'Always', 'Never', 'IfNotPresent'].includes(imagePullPolicy)) {
    return `invalid dev.imagePullPolicy in config: ${imagePullPolicy}`;
  }
  if (developer.memoryOvercommit <= 0) {
    return `invalid memoryOvercommit in ConfigMap: ${developer.memoryOvercommit}`;
  }
  if (developer.cpuAllocationRatio <= 0) {
    return `invalid cpu allocation ratio in ConfigMap: ${developer.cpuAllocationRatio}`;
  }
  const toleration = developer.pvcTolerateLessSpaceUpToPercent;
  if (toleration < 0 || toleration > 100) return `invalid lessPVCSpaceToleration in ConfigMap: ${toleration}`;
  const networkInterface = configuration.network.defaultNetworkInterface;
  if (!['', 'bridge', 'slirp', 'masquerade'].includes(networkInterface)) {
    return `invalid default-network-interface in config: ${networkInterface}`;
  }
  return undefined;
}

/** Whether a feature gate is on in this configuration; gates KubeVirt does not know are off. */
export function featureGateEnabled(config: KubeVirtConfig, gate: FeatureGate): boolean {
  return config.enabledFeatureGates.has(gate);
}

function complete(configuration: KubeVirtConfiguration, kubevirt: KubeVirt | undefined): KubeVirtConfig {
  const { featureGates, disabledFeatureGates } = configuration.developerConfiguration;
  const enabled = new Set<string>();
  for (const gate of FEATURE_GATES.keys()) {
    if (gateEnabled(gate, featureGates, disabledFeatureGates)) enabled.add(gate);
  }
  const given = kubevirt?.spec?.configuration?.migrations as JsonObject | undefined;
  const disruption = given?.allowWorkloadDisruption;
  const { migrations } = configuration;
  const defaultArchitecture = kubevirt?.status?.defaultArchitecture;
  return {
    ...configuration,
    migrations: {
      ...migrations,
      allowWorkloadDisruption: typeof disruption === 'boolean' ? disruption : migrations.allowPostCopy,
    },
    architectureConfiguration: {
      ...configuration.architectureConfiguration,
      defaultArchitecture:
        typeof defaultArchitecture === 'string' && defaultArchitecture !== ''
          ? defaultArchitecture
          : DEFAULT_CONFIGURATION.architectureConfiguration.defaultArchitecture,
    },
    enabledFeatureGates: enabled,
    namespace: kubevirt?.metadata.namespace ?? DEFAULT_NAMESPACE,
    annotations: kubevirt?.metadata.annotations ?? {},
  };
}

function merge(base: JsonObject, over: JsonValue | undefined): JsonObject {
  if (!isObject(over)) return base;
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null || value === undefined) continue;
    const below = base[key];
    result[key] = isObject(below) && isObject(value) ? merge(below, value) : value;
  }
  return result;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
