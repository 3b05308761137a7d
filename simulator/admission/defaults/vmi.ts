/** What becomes of a VMI when it is created (KubeVirt v1.9 pkg/defaults, mutators/vmi-mutator.go). */
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type {
  CpuTopology,
  VirtualMachineInstance,
  VirtualMachineInstanceStatus,
} from '../../types/kubevirt.ts';
import type { Random } from '../webhook.ts';
import { setArchitectureDefaults, setS390xFeatures, supportsPcieHotplug } from './architecture.ts';
import { copyJson } from './copy.ts';
import { setHotplugLimits } from './hotplug.ts';
import { setHypervDependencies } from './hyperv.ts';
import { setObjectDefaults } from './object-defaults.ts';
import { type Defaulted, setDefaultVmiSpec } from './vmi-spec.ts';

/** The user id launchers run as unless the Root gate is on. */
const NON_ROOT_USER = 107;
const PCI_TOPOLOGY_VERSION = 'kubevirt.io/pci-topology-version';
const EVEN_PARITY = 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity';
const QGS_SOCKET_PATH = 'kubevirt.io/qgs-socket-path';

/**
 * A copy of the VMI with every default KubeVirt gives one (ApplyNewVMIMutations): spec, and in status the CPU topology,
 * memory and user it starts with. Applying it twice changes nothing more. Presets, finalizer and phase are the
 * webhook's: see mutateVmi. The error is KubeVirt's, for a default network it may not attach.
 */
export function setVmiDefaults(
  original: VirtualMachineInstance,
  config: KubeVirtConfig,
  random: Pick<Random, 'uuid'>,
): Defaulted<VirtualMachineInstance> {
  const vmi = { ...original, spec: copyJson(original.spec) };
  const { spec } = vmi;
  const error = setDefaultVmiSpec(spec, config);
  if (error !== undefined) return { error };
  if (spec.architecture === 's390x') setS390xFeatures(spec);
  setObjectDefaults(spec, random);
  setHypervDependencies(spec);
  setArchitectureDefaults(spec, config.cpuModel);
  const status = initialStatus(vmi);
  setHotplugLimits(spec, config);
  if (!featureGateEnabled(config, 'Root')) status.runtimeUser = NON_ROOT_USER;
  vmi.status = status;
  const annotations = initialAnnotations(vmi, config);
  if (annotations) vmi.metadata = { ...vmi.metadata, annotations };
  return { value: vmi };
}

function initialStatus({ spec, status }: VirtualMachineInstance): VirtualMachineInstanceStatus {
  const result = { ...status };
  const guest = spec.domain.memory?.guest;
  if (guest !== undefined) result.memory = { guestAtBoot: guest, guestCurrent: guest, guestRequested: guest };
  if (spec.domain.cpu && !result.currentCPUTopology) {
    const topology: CpuTopology = {};
    const { cores, sockets, threads } = spec.domain.cpu;
    if (cores) topology.cores = cores;
    if (sockets) topology.sockets = sockets;
    if (threads) topology.threads = threads;
    result.currentCPUTopology = topology;
  }
  return result;
}

function initialAnnotations(
  { metadata, spec }: VirtualMachineInstance,
  config: KubeVirtConfig,
): Record<string, string> | undefined {
  const added: Record<string, string> = {};
  if (supportsPcieHotplug(spec) && metadata.annotations?.[PCI_TOPOLOGY_VERSION] === undefined) {
    added[PCI_TOPOLOGY_VERSION] = 'v3';
  }
  if (
    spec.domain.cpu?.isolateEmulatorThread &&
    config.annotations[EVEN_PARITY] !== undefined &&
    featureGateEnabled(config, 'AlignCPUs')
  ) {
    added[EVEN_PARITY] = '';
  }
  const { qgsSocketPath } = config.confidentialCompute.tdx.attestation;
  if (spec.domain.launchSecurity?.tdx && qgsSocketPath !== '') added[QGS_SOCKET_PATH] = qgsSocketPath;
  return Object.keys(added).length > 0 ? { ...metadata.annotations, ...added } : undefined;
}

/** The PCI layout a VM is created with; it stays when the VM is defaulted again. */
export function pciTopologyAnnotation(
  spec: VirtualMachineInstance['spec'],
): Record<string, string> | undefined {
  return supportsPcieHotplug(spec) ? { [PCI_TOPOLOGY_VERSION]: 'v3' } : undefined;
}
