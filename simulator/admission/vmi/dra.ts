/** Devices and networks from resource claims (KubeVirt v1.9 pkg/dra/admitter, pkg/network/admitter/dra.go). */
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { duplicate, invalid, notFound, quoted, required } from '../causes.ts';
import { dnsLabelErrors, dnsSubdomainErrors } from '../kubernetes-names.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

interface ResourceClaim {
  name?: string;
  resourceClaimName?: string;
  resourceClaimTemplateName?: string;
}

interface ClaimRequest {
  claimName?: string;
  requestName?: string;
}

interface Device extends ClaimRequest {
  deviceName?: string;
}

/** Index of the first user of each request of a claim, by `claim/request`. */
type Users = Map<string, number>;

export function validateDraNetworks(causes: Causes, path: string, spec: Spec, config: KubeVirtConfig): void {
  const { networks = [] } = spec;
  if (!networks.some(network => network.resourceClaim)) return;
  const refuse = (message: string): void => {
    causes.push(invalid(message, `${path}.networks`));
  };
  if (!featureGateEnabled(config, 'NetworkDevicesWithDRA')) {
    refuse('vmi.spec.networks contains DRA networks but NetworkDevicesWithDRA feature gate is not enabled');
    return;
  }
  if (networks.some(network => network.multus)) {
    refuse('mixing Multus and DRA resourceClaim networks in the same VMI is not supported');
    return;
  }
  const claims = (spec.resourceClaims ?? []) as ResourceClaim[];
  const users = networkUsers(spec);
  networks.forEach(({ name, resourceClaim }, index) => {
    if (!resourceClaim) return;
    const device = spec.domain.devices.interfaces?.find(candidate => candidate.name === name);
    if (device && !device.sriov && !device.binding) {
      causes.push(
        invalid(
          `DRA network ${quoted(name)} requires an SR-IOV or binding plugin interface`,
          `${path}.domain.devices.interfaces`,
        ),
      );
    }
    const { claimName, requestName } = resourceClaim as ClaimRequest;
    const field = `${path}.networks[${index}]`;
    if (!claimName)
      causes.push(required('claimName is required for DRA network', `${field}.resourceClaim.claimName`));
    if (!requestName) {
      causes.push(required('requestName is required for DRA network', `${field}.resourceClaim.requestName`));
    }
    if (!claimName || !requestName) return;
    if (!claims.some(claim => claim.name === claimName)) {
      causes.push(
        notFound(
          `network references resourceClaim ${quoted(claimName)} which is not defined in spec.resourceClaims`,
          `${field}.resourceClaim.claimName`,
        ),
      );
    }
    const key = `${claimName}/${requestName}`;
    if (users.get(key) !== index) {
      causes.push(duplicate(`duplicate claimName/requestName combination ${quoted(key)}`, field));
    }
  });
}

function networkUsers({ networks = [] }: Spec): Users {
  const users: Users = new Map();
  networks.forEach(({ resourceClaim }, index) => {
    const { claimName, requestName } = (resourceClaim ?? {}) as ClaimRequest;
    if (!claimName || !requestName) return;
    const key = `${claimName}/${requestName}`;
    if (!users.has(key)) users.set(key, index);
  });
  return users;
}

export function validateResourceClaims(
  causes: Causes,
  path: string,
  spec: Spec,
  config: KubeVirtConfig,
): void {
  const claims = (spec.resourceClaims ?? []) as ResourceClaim[];
  const { gpus = [], hostDevices = [] } = spec.domain.devices;
  if (claims.length === 0 && gpus.length === 0 && hostDevices.length === 0) return;
  validateClaims(causes, `${path}.resourceClaims`, claims);
  const used = new Set<string>();
  const gpuUsers = validateDevices(causes, `${path}.domain.devices.gpus`, gpus, used, {
    name: 'gpus',
    type: 'GPU',
    enabled: featureGateEnabled(config, 'GPUsWithDRA'),
    exclusive: true,
  });
  const hostDeviceUsers = validateDevices(causes, `${path}.domain.devices.hostDevices`, hostDevices, used, {
    name: 'hostDevices',
    type: 'HostDevice',
    enabled: featureGateEnabled(config, 'HostDevicesWithDRA'),
    exclusive: false,
  });
  const owners = new Map<string, string>();
  reportShared(causes, owners, 'GPUs', gpuUsers, `${path}.domain.devices.gpus`);
  reportShared(causes, owners, 'HostDevices', hostDeviceUsers, `${path}.domain.devices.hostDevices`);
  if (featureGateEnabled(config, 'NetworkDevicesWithDRA')) {
    reportShared(causes, owners, 'Networks', networkUsers(spec), `${path}.networks`);
  }
  if ([...used].every(name => claims.some(claim => claim.name === name))) return;
  causes.push(
    invalid(
      'vmi.spec.resourceClaims must specify all claims used in vmi.spec.domain.devices.gpus and vmi.spec.domain.devices.hostDevices',
      `${path}.resourceClaims`,
    ),
  );
}

function validateClaims(causes: Causes, path: string, claims: readonly ResourceClaim[]): void {
  const names = new Set<string>();
  claims.forEach(({ name, resourceClaimName, resourceClaimTemplateName }, index) => {
    const field = `${path}[${index}]`;
    if (!name) {
      causes.push(required(`${field}.name is a required field`, `${field}.name`));
    } else if (names.has(name)) {
      causes.push(duplicate(`duplicate resourceClaims name ${quoted(name)}`, `${field}.name`));
    } else {
      const errors = dnsLabelErrors(name);
      if (errors.length > 0) {
        causes.push(
          invalid(
            `${field}.name does not conform to the kubernetes DNS_LABEL rules: ${errors.join(', ')}`,
            `${field}.name`,
          ),
        );
      }
      names.add(name);
    }
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      causes.push(
        invalid('at most one of resourceClaimName or resourceClaimTemplateName may be specified', field),
      );
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      causes.push(invalid('must specify one of: resourceClaimName, resourceClaimTemplateName', field));
    }
    for (const [key, value] of Object.entries({ resourceClaimName, resourceClaimTemplateName })) {
      if (value === undefined) continue;
      for (const error of dnsSubdomainErrors(value)) causes.push(invalid(error, `${field}.${key}`));
    }
  });
}

interface DeviceKind {
  readonly name: 'gpus' | 'hostDevices';
  readonly type: 'GPU' | 'HostDevice';
  readonly enabled: boolean;
  /** Whether devices with and without claims may not be mixed. */
  readonly exclusive: boolean;
}

/** Adds the claims in use to `used`; answers who uses which request first. */
function validateDevices(
  causes: Causes,
  path: string,
  devices: readonly Device[],
  used: Set<string>,
  { name, type, enabled, exclusive }: DeviceKind,
): Users {
  const users: Users = new Map();
  const place = `vmi.spec.domain.devices.${name}`;
  const fromClaims = devices.filter(isClaimed);
  const plain = devices.filter(device => !isClaimed(device));
  if (exclusive && plain.length > 0 && fromClaims.length > 0) {
    causes.push(
      invalid(
        `${place} contains both DRA and non-DRA ${type}s; each ${type} must be either DRA or non-DRA`,
        path,
      ),
    );
    return users;
  }
  for (const device of plain) {
    if (!device.deviceName) {
      causes.push(
        required(
          `${place} contains ${type}s without deviceName or claimRequest; each ${type} must specify either a deviceName or a claimRequest`,
          path,
        ),
      );
    } else if (device.claimName !== undefined || device.requestName !== undefined) {
      causes.push(invalid(`${place} contains ${type}s with both deviceName and claimRequest`, path));
    }
  }
  if (fromClaims.length > 0 && !enabled) {
    causes.push(invalid(`${place} contains DRA enabled ${type}s but feature gate is not enabled`, path));
    return users;
  }
  devices.forEach((device, index) => {
    if (!isClaimed(device)) return;
    const { claimName, requestName } = device;
    if (!claimName)
      causes.push(required(`claimName is required for DRA ${type}`, `${path}[${index}].claimName`));
    if (!requestName) {
      causes.push(required(`requestName is required for DRA ${type}`, `${path}[${index}].requestName`));
    }
    if (!claimName || !requestName) return;
    used.add(claimName);
    const key = `${claimName}/${requestName}`;
    if (users.has(key)) {
      causes.push(duplicate(`duplicate claimName/requestName pair ${quoted(key)}`, `${path}[${index}]`));
    } else {
      users.set(key, index);
    }
  });
  return users;
}

function isClaimed({ deviceName, claimName, requestName }: Device): boolean {
  return !deviceName && (claimName !== undefined || requestName !== undefined);
}

function reportShared(
  causes: Causes,
  owners: Map<string, string>,
  type: string,
  users: Users,
  path: string,
): void {
  for (const [key, index] of users) {
    const owner = owners.get(key);
    if (owner === undefined) {
      owners.set(key, `${type}[${index}]`);
      continue;
    }
    causes.push(
      duplicate(
        `duplicate claimName/requestName pair ${quoted(key)} between ${owner} and ${type}[${index}]`,
        `${path}[${index}]`,
      ),
    );
  }
}
