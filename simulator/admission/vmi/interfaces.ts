/** One network interface (KubeVirt v1.9 pkg/network/admitter/netiface.go). */
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Interface, Network } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { isIpv4Address, isPciAddress, macAddressError } from '../addresses.ts';
import { duplicate, invalid, notSupported, required } from '../causes.ts';
import { isPortName } from '../kubernetes-names.ts';

type Causes = StatusCause[];

const NAME = /^[A-Za-z0-9-_]+$/;
const MODELS = new Set(['e1000', 'e1000e', 'igb', 'ne2k_pci', 'pcnet', 'rtl8139', 'virtio']);
const MOST_PORT_RANGES = 10;

interface DhcpOptions {
  ntpServers?: string[];
  privateOptions?: { option: number; value: string }[];
}

export function validateInterface(
  causes: Causes,
  path: string,
  index: number,
  device: Interface,
  network: Network | undefined,
  config: KubeVirtConfig,
): void {
  if (!NAME.test(device.name ?? '')) {
    causes.push(
      invalid(
        'Network interface name can only contain alphabetical characters, numbers, dashes (-) or underscores (_)',
        `${path}.domain.devices.interfaces[${index}].name`,
      ),
    );
  }
  if (device.model && !MODELS.has(device.model)) {
    const field = `${path}.domain.devices.interfaces[${index}]`;
    causes.push(
      notSupported(
        `interface ${field}.name uses model ${device.model} that is not supported.`,
        `${field}.model`,
      ),
    );
  }
  const macError = macAddressError(device.macAddress);
  if (macError !== undefined) {
    const field = `${path}.domain.devices.interfaces[${index}]`;
    causes.push(invalid(`interface ${field}.name has ${macError}.`, `${field}.macAddress`));
  }
  if (device.pciAddress && !isPciAddress(device.pciAddress)) {
    const field = `${path}.domain.devices.interfaces[${index}]`;
    causes.push(
      invalid(
        `interface ${field}.name has malformed PCI address (${device.pciAddress}).`,
        `${field}.pciAddress`,
      ),
    );
  }
  if (network?.pod && device.ports) validatePorts(causes, path, index, device.ports);
  if (device.portRanges) validatePortRanges(causes, path, index, device, network, config);
  if (device.dhcpOptions) validateDhcp(causes, path, index, device.dhcpOptions as DhcpOptions);
}

function validatePorts(
  causes: Causes,
  path: string,
  index: number,
  ports: NonNullable<Interface['ports']>,
): void {
  const field = `${path}.domain.devices.interfaces[${index}].ports`;
  ports.forEach(({ name }, at) => {
    if (!name) return;
    if (ports.findIndex(other => other.name === name) < at) {
      causes.push(duplicate(`Duplicate name of the port: ${name}`, `${field}[${at}].name`));
    }
    if (!isPortName(name)) causes.push(invalid(`Invalid name of the port: ${name}`, `${field}[${at}].name`));
  });
  ports.forEach(({ port = 0, protocol }, at) => {
    if (port === 0) causes.push(required('Port field is mandatory.', `${field}[${at}].port`));
    if (port < 0 || port >= 65536) {
      causes.push(invalid('Port field must be in range 0 < x < 65536.', `${field}[${at}].port`));
    }
    if (protocol && protocol !== 'TCP' && protocol !== 'UDP') {
      causes.push(invalid('Unknown protocol, only TCP or UDP allowed', `${field}[${at}].protocol`));
    }
  });
}

function validatePortRanges(
  causes: Causes,
  path: string,
  index: number,
  device: Interface,
  network: Network | undefined,
  config: KubeVirtConfig,
): void {
  const field = `${path}.domain.devices.interfaces[${index}]`;
  if (!featureGateEnabled(config, 'PortRangesSpec')) {
    causes.push(
      invalid(
        'portRanges is specified on interface but the PortRangesSpec feature gate is not enabled',
        `${field}.name`,
      ),
    );
    return;
  }
  if (!network?.pod) return;
  if (device.ports)
    causes.push(invalid('Cannot define both ports and portRanges on interface', `${field}.name`));
  if (!device.masquerade) {
    causes.push(invalid('portRanges are only supported on masquerade interfaces', `${field}.name`));
  }
  const ranges = device.portRanges ?? [];
  if (ranges.length > MOST_PORT_RANGES) {
    causes.push(invalid('No more than 10 portRanges are allowed', `${field}.portRanges`));
    return;
  }
  const sound: typeof ranges = [];
  ranges.forEach((range, at) => {
    const problem = rangeProblem(range);
    if (problem === undefined) sound.push(range);
    else causes.push(invalid(problem.message, `${field}.portRanges[${at}].${problem.name}`));
  });
  for (const protocol of ['TCP', 'UDP']) {
    const sorted = sound
      .filter(range => range.protocol === protocol)
      .sort((a, b) => a.start - b.start || a.end - b.end);
    sorted.slice(1).forEach((range, at) => {
      const previous = sorted[at];
      if (!previous || range.start > previous.end) return;
      causes.push(
        invalid(
          `${protocol} portRanges [${previous.start}-${previous.end}] and [${range.start}-${range.end}] overlap`,
          `${field}.portRanges`,
        ),
      );
    });
  }
}

function rangeProblem({
  protocol,
  start = 0,
  end = 0,
}: NonNullable<Interface['portRanges']>[number]): { message: string; name: string } | undefined {
  if (protocol !== 'TCP' && protocol !== 'UDP') {
    return { message: 'Unknown protocol, only TCP or UDP allowed', name: 'protocol' };
  }
  if (start <= 0 || start >= 65536) {
    return { message: 'Start must be a valid port number, 0 < x < 65536', name: 'start' };
  }
  if (end <= 0 || end >= 65536)
    return { message: 'End must be a valid port number, 0 < x < 65536', name: 'end' };
  return start > end ? { message: 'Start must be less than or equal to end', name: 'start' } : undefined;
}

/** The fields of private options KubeVirt names only by the path of the spec. */
function validateDhcp(causes: Causes, path: string, index: number, options: DhcpOptions): void {
  const { privateOptions = [], ntpServers = [] } = options;
  if (new Set(privateOptions.map(({ option }) => option)).size < privateOptions.length) {
    causes.push(invalid('Found Duplicates: you have provided duplicate DHCPPrivateOptions', path));
  }
  for (const { option } of privateOptions) {
    if (option >= 224 && option <= 254) continue;
    causes.push(invalid('provided DHCPPrivateOptions are out of range, must be in range 224 to 254', path));
  }
  ntpServers.forEach((server, at) => {
    if (isIpv4Address(server)) return;
    causes.push(
      invalid(
        'NTP servers must be a list of valid IPv4 addresses.',
        `${path}.domain.devices.interfaces[${index}].dhcpOptions.ntpServers[${at}]`,
      ),
    );
  });
}
