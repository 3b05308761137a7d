/** NVIDIA Grace GPUs, which need a guest built around them (KubeVirt v1.9 admitters/grace_io_virtualization.go). */
import {
  defaultArchitecture,
  defaultMachineType,
  featureGateEnabled,
  type KubeVirtConfig,
} from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid, quoted, required } from '../causes.ts';

type Causes = StatusCause[];

interface DeviceRequest {
  readonly field: string;
  readonly resource: string;
}

const NVIDIA = '10DE';
const GRACE_DEVICES = new Set(['2342', '2348', '2941']);
const ID = /^[0-9A-F]{4}$/;

export function validateGraceDevices(
  causes: Causes,
  path: string,
  spec: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): void {
  const { grace, ambiguous } = nvidiaRequests(path, spec, config);
  const enabled = featureGateEnabled(config, 'GraceIOVirtualization');
  if (enabled) {
    for (const { field, resource } of ambiguous) {
      causes.push(
        invalid(
          `GraceIOVirtualization requires an exact pciVendorSelector for NVIDIA PCI host device resource ${quoted(resource)}`,
          field,
        ),
      );
    }
  }
  if (grace.length === 0) return;
  if (!enabled) {
    for (const { field, resource } of grace) {
      causes.push(
        invalid(
          `GraceIOVirtualization feature gate must be enabled for NVIDIA Grace GPU passthrough resource ${quoted(resource)}`,
          field,
        ),
      );
    }
    return;
  }
  const architecture = spec.architecture || defaultArchitecture(config);
  if (architecture !== 'arm64') {
    causes.push(invalid('GraceIOVirtualization requires arm64 architecture', `${path}.architecture`));
  }
  const machine = spec.domain.machine?.type || defaultMachineType(config, architecture);
  if (!machine.startsWith('virt')) {
    causes.push(invalid('GraceIOVirtualization requires "virt" machine type', `${path}.domain.machine.type`));
  }
  if (!spec.domain.cpu?.dedicatedCpuPlacement) {
    const field = `${path}.domain.cpu.dedicatedCpuPlacement`;
    causes.push(required('GraceIOVirtualization requires dedicated CPU placement', field));
  }
  for (const gate of ['PCINUMAAwareTopology', 'IOMMUFD'] as const) {
    if (featureGateEnabled(config, gate)) continue;
    const message = `${gate} feature gate must be enabled when GraceIOVirtualization is used`;
    causes.push(invalid(message, `${path}.domain.devices`));
  }
}

export function validateGraceAnnotations(
  causes: Causes,
  path: string,
  spec: VirtualMachineInstanceSpec,
  annotations: Record<string, string> | undefined,
  config: KubeVirtConfig,
): void {
  if (!annotations || nvidiaRequests('spec', spec, config).grace.length === 0) return;
  const refuse = (key: string, message: string): void => {
    if (annotations[key] === 'true') causes.push(invalid(message, `${path}.annotations[${key}]`));
  };
  refuse(
    'kubevirt.io/placePCIDevicesOnRootComplex',
    'GraceIOVirtualization is not compatible with placing PCI devices on the root complex',
  );
  refuse('kubevirt.io/disablePCIHole64', 'GraceIOVirtualization requires the 64-bit PCI hole');
}

function nvidiaRequests(
  path: string,
  { domain }: VirtualMachineInstanceSpec,
  config: KubeVirtConfig,
): { grace: DeviceRequest[]; ambiguous: DeviceRequest[] } {
  const grace: DeviceRequest[] = [];
  const ambiguous: DeviceRequest[] = [];
  const permitted = config.permittedHostDevices?.pciHostDevices ?? [];
  if (permitted.length === 0) return { grace, ambiguous };
  for (const list of ['gpus', 'hostDevices'] as const) {
    domain.devices[list]?.forEach(({ deviceName }, index) => {
      const selector = permitted.findLast(
        ({ resourceName }) => resourceName === deviceName,
      )?.pciVendorSelector;
      if (!deviceName || !selector) return;
      const request = { field: `${path}.domain.devices.${list}[${index}].deviceName`, resource: deviceName };
      const [vendor = '', device = '', ...rest] = selector.split(':').map(normalId);
      if (rest.length > 0 || vendor !== NVIDIA) return;
      if (device === '*') ambiguous.push(request);
      else if (ID.test(device) && GRACE_DEVICES.has(device)) grace.push(request);
    });
  }
  return { grace, ambiguous };
}

function normalId(id: string): string {
  return id.trim().toUpperCase().replace(/^0X/, '');
}
