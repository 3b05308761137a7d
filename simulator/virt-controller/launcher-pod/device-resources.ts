/** Devices that a machine needs from its node (KubeVirt v1.9 services/renderresources.go, pkg/network/vmispec). */
import { type KubeVirtConfig, featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { Devices, VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { ResourceList } from '../../types/meta.ts';
import { type RenderContext, PodRenderError } from './context.ts';
import { attachmentDefinitionOf } from './networks.ts';
import { hasPersistentReservation, interfacesOf, isSev, isTdx } from './traits.ts';

type Device = NonNullable<Devices['gpus']>[number] | NonNullable<Devices['hostDevices']>[number];
type Claim = { name: string; request?: string };

const PREFIX = 'devices.kubevirt.io/';
const NONE: readonly Device[] = Object.freeze([]);

/** The hypervisor of new machines: KVM unless the gate ConfigurableHypervisor is on and another is configured. */
export function hypervisorName(config: KubeVirtConfig): string {
  const configured = featureGateEnabled(config, 'ConfigurableHypervisor') ? config.hypervisors[0] : undefined;
  return configured ? (configured.name ?? '') : 'kvm';
}

/** Devices that KubeVirt's own device plugins serve; they are limits only, and Kubernetes derives the requests. */
export function virtualizationDevices(vmi: VirtualMachineInstance, config: KubeVirtConfig): ResourceList {
  const { devices } = vmi.spec.domain;
  const emulated = config.developerConfiguration.useEmulation;
  const interfaces = interfacesOf(vmi);
  const list: ResourceList = {};
  if (!emulated) list[`${PREFIX}${hypervisorName(config) === 'hyperv-direct' ? 'mshv' : 'kvm'}`] = '1';
  if (interfaces.length > 0 || devices?.autoattachPodInterface !== false) list[`${PREFIX}tun`] = '1';
  if (!emulated && interfaces.some(({ model }) => !model || model === 'virtio'))
    list[`${PREFIX}vhost-net`] = '1';
  if (devices?.autoattachVSOCK === true) list[`${PREFIX}vhost-vsock`] = '1';
  return list;
}

/** Resources to request one more of each, in KubeVirt's order; a name may come twice. */
export function countedDevices(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
): string[] {
  const { devices } = vmi.spec.domain;
  const names: string[] = [];
  if (!featureGateEnabled(config, 'ExternalNetResourceInjection'))
    names.push(...networkResources(vmi, context));
  for (const { deviceName } of [...(devices?.gpus ?? NONE), ...(devices?.hostDevices ?? NONE)].filter(
    isFromPlugin,
  )) {
    names.push(deviceName as string);
  }
  if (isSev(vmi)) names.push(`${PREFIX}sev`);
  if (isTdx(vmi)) names.push(`${PREFIX}tdx`);
  if (hasPersistentReservation(vmi)) names.push(`${PREFIX}pr-helper`);
  if (featureGateEnabled(config, 'IOMMUFD')) names.push(`${PREFIX}iommufd`);
  return names;
}

/** Claims of dynamic resource allocation: GPUs, host devices and networks, each behind its gate. */
export function deviceClaims(vmi: VirtualMachineInstance, config: KubeVirtConfig): Claim[] {
  const { devices } = vmi.spec.domain;
  const claims: Claim[] = [];
  if (devices?.gpus && featureGateEnabled(config, 'GPUsWithDRA')) claims.push(...claimsOf(devices.gpus));
  if (devices?.hostDevices && featureGateEnabled(config, 'HostDevicesWithDRA')) {
    claims.push(...claimsOf(devices.hostDevices));
  }
  if (featureGateEnabled(config, 'NetworkDevicesWithDRA')) {
    for (const { resourceClaim } of vmi.spec.networks ?? []) {
      if (resourceClaim) claims.push(claim(resourceClaim as { claimName?: string; requestName?: string }));
    }
  }
  return claims;
}

/**
 * Refuses devices that the cluster does not permit. Without a list of permitted ones nothing is checked.
 * @throws PodRenderError naming every such device.
 */
export function checkPermittedDevices(vmi: VirtualMachineInstance, config: KubeVirtConfig): void {
  const permitted = config.permittedHostDevices;
  if (!permitted) return;
  const { pciHostDevices = [], mediatedDevices = [], usb = [] } = permitted;
  const names = new Set(
    [...pciHostDevices, ...mediatedDevices, ...usb].map(({ resourceName }) => resourceName),
  );
  const { gpus = [], hostDevices = [] } = vmi.spec.domain.devices ?? {};
  const refused: string[] = [];
  const check = (kind: string, devices: readonly Device[], claimed: boolean) => {
    for (const device of devices) {
      if ((claimed && hasClaim(device)) || names.has(device.deviceName ?? '')) continue;
      refused.push(
        `${kind} ${device.deviceName ?? ''} is not permitted in permittedHostDevices configuration`,
      );
    }
  };
  check('GPU', gpus, featureGateEnabled(config, 'GPUsWithDRA'));
  check('HostDevice', hostDevices, featureGateEnabled(config, 'HostDevicesWithDRA'));
  if (refused.length > 0) throw new PodRenderError(refused.join(' '));
}

function networkResources(vmi: VirtualMachineInstance, context: RenderContext): string[] {
  const names: string[] = [];
  for (const { multus } of vmi.spec.networks ?? []) {
    if (!multus) continue;
    const { namespace, name } = attachmentDefinitionOf(vmi.metadata.namespace ?? '', multus.networkName);
    const definition = context.lookup('network-attachment-definitions.k8s.cni.cncf.io', namespace, name);
    if (!definition)
      throw new PodRenderError(`failed to locate network attachment definition ${namespace}/${name}`);
    const resource = definition.metadata.annotations?.['k8s.v1.cni.cncf.io/resourceName'];
    if (resource) names.push(resource);
  }
  return names;
}

function hasClaim({ claimName, requestName }: Device): boolean {
  return claimName !== undefined || requestName !== undefined;
}

function isFromPlugin(device: Device): boolean {
  return Boolean(device.deviceName) && !hasClaim(device);
}

function claimsOf(devices: readonly Device[]): Claim[] {
  return devices.filter(device => !device.deviceName && hasClaim(device)).map(claim);
}

function claim({ claimName = '', requestName }: { claimName?: string; requestName?: string }): Claim {
  return requestName ? { name: claimName, request: requestName } : { name: claimName };
}
