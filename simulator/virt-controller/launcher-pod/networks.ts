/** The pod's side of a machine's networks: Multus and Istio annotations (KubeVirt v1.9 pkg/network/multus, namescheme). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Pod } from '../../types/core.ts';
import type { Interface, Network, VirtualMachineInstance } from '../../types/kubevirt.ts';
import { PodRenderError } from './context.ts';
import { interfacesOf } from './traits.ts';

const NETWORKS = 'k8s.v1.cni.cncf.io/networks';
const NETWORK_STATUS = 'k8s.v1.cni.cncf.io/network-status';
const DEFAULT_NETWORK = 'v1.multus-cni.io/default-network';
const MASQUERADE_BRIDGE = 'k6t-eth0';
const HASH_LENGTH = 11;
const ORDINAL_NAME = /^net\d+$/;

/** `namespace/name` or a name of the VMI's own namespace. */
export function attachmentDefinitionOf(
  namespace: string,
  networkName: string,
): { namespace: string; name: string } {
  const slash = networkName.indexOf('/');
  if (slash < 0) return { namespace, name: networkName };
  return { namespace: networkName.slice(0, slash), name: networkName.slice(slash + 1) };
}

/** The name a secondary network's interface gets in the pod: `pod` and a hash (namescheme.GenerateHashedInterfaceName). */
export function hashedInterfaceName(network: string): string {
  return `pod${bytesToHex(sha256(network)).slice(0, HASH_LENGTH)}`;
}

/**
 * Adds the annotations that a machine's networks need on a new pod (network/pod/annotations Generator.Generate).
 * @throws PodRenderError when a binding plugin is not registered.
 */
export function addNetworkAnnotations(
  annotations: Record<string, string>,
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
): void {
  const interfaces = interfacesOf(vmi);
  const networks = vmi.spec.networks ?? [];
  if (networks.some(({ multus }) => multus) || interfaces.some(({ binding }) => binding)) {
    const present = interfaces.filter(({ state }) => state !== 'absent');
    const attached = present.flatMap(({ name }) => networks.find(network => network.name === name) ?? []);
    const value = multusNetworks(vmi, present, attached, hashedInterfaceName, config);
    if (value) annotations[NETWORKS] = value;
    const primary = networks.find(({ multus }) => multus?.default);
    if (primary?.multus) annotations[DEFAULT_NETWORK] = primary.multus.networkName;
  }
  if (interfaces.some(({ masquerade }) => masquerade !== undefined)) {
    annotations['traffic.sidecar.istio.io/kubevirtInterfaces'] = MASQUERADE_BRIDGE;
    annotations['istio.io/reroute-virtual-interfaces'] = MASQUERADE_BRIDGE;
  }
}

/**
 * Keeps a migration's target at the source's old naming (`net1`), where the source still uses it
 * (network/pod/annotations Generator.GenerateFromSource).
 */
export function ordinalNetworksOf(
  vmi: VirtualMachineInstance,
  sourcePod: Pod,
  config: KubeVirtConfig,
): Record<string, string> | undefined {
  if (config.enabledFeatureGates.has('PodSecondaryInterfaceNamingUpgrade')) return undefined;
  const status = sourcePod.metadata.annotations?.[NETWORK_STATUS];
  if (!status || !interfaceNames(status).some(name => ORDINAL_NAME.test(name))) return undefined;
  const networks = vmi.spec.networks ?? [];
  const secondary = networks.filter(isSecondary).map(({ name }) => name);
  const nameOf = (network: string) => `net${secondary.indexOf(network) + 1}`;
  return { [NETWORKS]: multusNetworks(vmi, interfacesOf(vmi), networks, nameOf, config) };
}

function interfaceNames(status: string): string[] {
  try {
    const statuses = JSON.parse(status) as { interface?: string }[];
    return Array.isArray(statuses) ? statuses.flatMap(({ interface: name }) => name ?? []) : [];
  } catch {
    // KubeVirt logs an unreadable status and goes on without.
    return [];
  }
}

function isSecondary({ multus }: Network): boolean {
  return multus !== undefined && !multus.default;
}

function multusNetworks(
  vmi: VirtualMachineInstance,
  interfaces: readonly Interface[],
  networks: readonly Network[],
  nameOf: (network: string) => string,
  config: KubeVirtConfig,
): string {
  const namespace = vmi.metadata.namespace ?? '';
  const elements: object[] = [];
  for (const network of networks) {
    const device = interfaces.find(({ name }) => name === network.name);
    if (isSecondary(network) && network.multus) {
      const definition = attachmentDefinitionOf(namespace, network.multus.networkName);
      elements.push({
        name: definition.name,
        namespace: definition.namespace,
        mac: device?.macAddress || undefined,
        interface: nameOf(network.name),
      });
    }
    if (!device?.binding) continue;
    const plugin = config.network.binding?.[device.binding.name];
    if (!plugin) {
      throw new PodRenderError(
        `unable to find the network binding plugin '${device.binding.name}' in Kubevirt configuration`,
      );
    }
    if (!plugin.networkAttachmentDefinition) continue;
    const definition = attachmentDefinitionOf(namespace, plugin.networkAttachmentDefinition);
    elements.push({
      name: definition.name,
      namespace: definition.namespace,
      'cni-args': { logicNetworkName: network.name },
    });
  }
  return elements.length > 0 ? JSON.stringify(elements) : '';
}
