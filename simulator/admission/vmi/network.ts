/** Networks and how interfaces bind to them (KubeVirt v1.9 pkg/network/admitter). */
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Interface, Network, VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { duplicate, invalid, quoted, required } from '../causes.ts';
import { validateDraNetworks } from './dra.ts';
import { validateInterface } from './interfaces.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

/** The one address that the in-pod bridge of a masqueraded interface has. */
const MASQUERADE_BRIDGE_MAC = '02:00:00:00:00:00';
const STATES = new Set(['', 'up', 'down', 'absent']);

export function validateNetwork(causes: Causes, path: string, spec: Spec, config: KubeVirtConfig): void {
  const networks = spec.networks ?? [];
  const interfaces = spec.domain.devices.interfaces ?? [];
  validateSinglePodNetwork(causes, path, networks);
  validateSources(causes, path, networks);
  validateStates(causes, path, interfaces, networks);
  interfaces.forEach((device, index) =>
    validateBinding(causes, path, index, device, networkOf(device, networks), config),
  );
  networks.forEach(({ name }, index) => {
    if (networks.findIndex(network => network.name === name) === index) return;
    causes.push(
      duplicate(
        `Network with name ${quoted(name)} already exists, every network must have a unique name`,
        `${path}.networks[${index}].name`,
      ),
    );
  });
  validateDraNetworks(causes, path, spec, config);
  networks.forEach(({ name }, index) => {
    if (interfaces.some(device => device.name === name)) return;
    const field = `${path}.networks[${index}].name`;
    causes.push(required(`${field} '${name}' not found.`, field));
  });
  interfaces.forEach(({ name }, index) => {
    if (interfaces.findIndex(device => device.name === name) === index) return;
    causes.push(
      duplicate(
        'Only one interface can be connected to one specific network',
        `${path}.domain.devices.interfaces[${index}].name`,
      ),
    );
  });
  interfaces.forEach((device, index) => {
    if (networkOf(device, networks)) return;
    const field = `${path}.domain.devices.interfaces[${index}].name`;
    causes.push(invalid(`${field} '${device.name}' not found.`, field));
  });
  interfaces.forEach((device, index) =>
    validateInterface(causes, path, index, device, networkOf(device, networks), config),
  );
}

/** Bindings that are refused only when an object is created. */
export function validateNewNetwork(causes: Causes, path: string, { domain }: Spec): void {
  domain.devices.interfaces?.forEach(({ slirp, passt, macvtap }, index) => {
    const field = `${path}.domain.devices.interfaces[${index}]`;
    if (slirp)
      causes.push(invalid('Slirp interface support has been discontinued since v1.3', `${field}.slirp`));
    if (passt)
      causes.push(invalid('Passt network binding has been discontinued since v1.3', `${field}.passt`));
    if (macvtap) {
      causes.push(invalid('Macvtap network binding has been discontinued since v1.3', `${field}.macvtap`));
    }
  });
}

/** Of networks with the same name KubeVirt takes the last. */
function networkOf({ name }: Interface, networks: readonly Network[]): Network | undefined {
  return networks.findLast(network => network.name === name);
}

function validateSinglePodNetwork(causes: Causes, path: string, networks: readonly Network[]): void {
  let pods = 0;
  let multusDefaults = 0;
  for (const { pod, multus } of networks) {
    if (pod) pods += 1;
    if (multus?.default) multusDefaults += 1;
  }
  if (pods > 1) {
    const field = `${path}.interfaces`;
    causes.push(duplicate(`more than one interface is connected to a pod network in ${field}`, field));
  }
  if (multusDefaults > 1) {
    causes.push(invalid('Multus CNI should only have one default network', `${path}.networks`));
  }
  if (pods > 0 && multusDefaults > 0) {
    const message = 'Pod network cannot be defined when Multus default network is defined';
    causes.push(invalid(message, `${path}.networks`));
  }
}

function validateSources(causes: Causes, path: string, networks: readonly Network[]): void {
  networks.forEach(({ pod, multus, resourceClaim }, index) => {
    const types = Number(Boolean(pod)) + Number(Boolean(multus)) + Number(Boolean(resourceClaim));
    if (types === 0) causes.push(required('should have a network type', `${path}.networks[${index}]`));
    else if (types > 1)
      causes.push(required('should have only one network type', `${path}.networks[${index}]`));
  });
  const nameless = networks.findIndex(({ multus }) => multus && !multus.networkName);
  if (nameless >= 0) {
    causes.push(required('CNI delegating plugin must have a networkName', `${path}.networks[${nameless}]`));
  }
}

function validateStates(
  causes: Causes,
  path: string,
  interfaces: readonly Interface[],
  networks: readonly Network[],
): void {
  interfaces.forEach(({ name, state = '', sriov, bridge }, index) => {
    if (state === '') return;
    const refuse = (message: string): void => {
      causes.push(invalid(message, `${path}.domain.devices.interfaces[${index}].state`));
    };
    if (!STATES.has(state)) refuse(`logical ${name} interface state value is unsupported: ${state}`);
    const stated = `${quoted(name)} interface's state ${quoted(state)}`;
    if (sriov && (state === 'down' || state === 'up')) refuse(`${stated} is not supported for SR-IOV NICs`);
    if (state !== 'absent') return;
    if (!bridge) refuse(`${stated} is supported only for bridge binding`);
    const defaultNetwork = networks.find(({ pod, multus }) => pod || multus?.default);
    if (defaultNetwork?.name === name) refuse(`${stated} is not supported on default networks`);
  });
}

function validateBinding(
  causes: Causes,
  path: string,
  index: number,
  device: Interface,
  network: Network | undefined,
  config: KubeVirtConfig,
): void {
  const { bridge, masquerade, sriov, passtBinding, binding, macAddress } = device;
  let bindings = 0;
  for (const method of [bridge, masquerade, sriov, passtBinding, binding]) if (method) bindings += 1;
  const refuse = (message: string, name?: string): void => {
    const field = `${path}.domain.devices.interfaces[${index}]`;
    causes.push(invalid(message, name === undefined ? field : `${field}.${name}`));
  };
  if (bindings !== 1) {
    refuse(`logical ${device.name} interface must have exactly one binding method or binding plugin`);
  }
  if (masquerade && !network?.pod) refuse('Masquerade interface only implemented with pod network', 'name');
  if (masquerade && macAddress === MASQUERADE_BRIDGE_MAC) {
    refuse(
      'The requested MAC address is reserved for the in-pod bridge. Please choose another one.',
      'macAddress',
    );
  }
  if (bridge && network?.pod && !config.network.permitBridgeInterfaceOnPodNetwork) {
    refuse('Bridge on pod network configuration is not enabled under kubevirt-config', 'name');
  }
  if (!passtBinding) return;
  if (!featureGateEnabled(config, 'PasstBinding')) refuse('PasstBinding feature gate is not enabled', 'name');
  if (!network?.pod) refuse('PasstBinding interface only implemented with pod network', 'name');
}
