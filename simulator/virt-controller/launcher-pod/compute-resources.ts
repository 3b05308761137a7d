/** Requests and limits of the container that runs the machine (KubeVirt v1.9 services/renderresources.go). */
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { ResourceRequirements } from '../../types/core.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { LabelSelector, ResourceList } from '../../types/meta.ts';
import { addQuantities, formatUnits, quantityValue } from '../../types/quantity.ts';
import { matchesLabelSelector } from '../../types/selectors.ts';
import {
  type Bytes,
  NOTHING,
  addBytes,
  canonical,
  exact,
  formatBytes,
  parseBytes,
  subtractBytes,
} from './amounts.ts';
import type { RenderContext } from './context.ts';
import {
  checkPermittedDevices,
  countedDevices,
  deviceClaims,
  virtualizationDevices,
} from './device-resources.ts';
import { memoryOverheadBytes } from './memory-overhead.ts';
import { isCpuDedicated, vcpusOf } from './traits.ts';

/** virt-launcher's own need of the node's disk. */
const EPHEMERAL_STORAGE = '50M';
const DEFAULT_LIMIT_RATIO = 2;

/** One side of the resources: what KubeVirt works out yields to what the VMI says. */
interface Side {
  readonly calculated: ResourceList;
  readonly given: ResourceList;
  /** Memory that the VMI says, or that follows from it; printed last. */
  memory: Bytes | undefined;
}

/**
 * Requests and limits of the compute container, in canonical quantities. Order matters and is KubeVirt's: memory is
 * overcommitted before the overhead is added, dedicated CPUs make the memory limit follow the request.
 * Models KubeVirt v1.9 services.VMIResourcePredicates and ResourceRenderer.
 * @throws PodRenderError when a host device is not permitted or a network's definition is missing.
 * @throws RangeError when the VMI holds text that is no quantity.
 */
export function computeResources(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
  overhead: Bytes = memoryOverheadBytes(vmi, config),
): ResourceRequirements {
  checkPermittedDevices(vmi, config);
  const { domain } = vmi.spec;
  const requests = side(domain.resources?.requests);
  const limits = side(domain.resources?.limits);

  addEphemeralStorage(requests, limits);
  Object.assign(limits.given, virtualizationDevices(vmi, config));
  if (exact(domain.resources?.requests?.memory) === 0n) requestMemory(vmi, config, requests, limits);
  if (isCpuDedicated(vmi)) pinCpus(vmi, requests, limits);
  else shareCpus(vmi, config, context, requests, limits);
  if (domain.memory?.hugepages) useHugepages(vmi, overhead, requests, limits);
  else addOverhead(vmi, overhead, requests, limits);
  if (hasQuota(vmi, context, 'memory')) {
    const { bytes, format } = requests.memory ?? NOTHING;
    limits.calculated.memory = formatBytes({ bytes: Math.trunc(bytes * limitRatio(vmi, context)), format });
  }
  for (const device of countedDevices(vmi, config, context)) {
    for (const { calculated, given } of [requests, limits]) {
      calculated[device] = addQuantities(given[device] ?? calculated[device] ?? '0', '1');
    }
  }

  const result: ResourceRequirements = { requests: merged(requests) };
  const bounded = merged(limits);
  if (Object.keys(bounded).length > 0) result.limits = bounded;
  const claims = deviceClaims(vmi, config);
  if (claims.length > 0) result.claims = claims;
  return result;
}

function side(list: ResourceList | undefined): Side {
  const given: ResourceList = {};
  for (const name in list) given[name] = canonical(list[name] as string);
  const memory = list?.memory === undefined ? undefined : parseBytes(list.memory);
  return { calculated: {}, given, memory };
}

function merged({ calculated, given, memory }: Side): ResourceList {
  const all = Object.assign(calculated, given);
  if (memory) all.memory = formatBytes(memory);
  const sorted: ResourceList = {};
  for (const name of Object.keys(all).sort()) sorted[name] = all[name] as string;
  return sorted;
}

function addEphemeralStorage(requests: Side, limits: Side): void {
  for (const { given } of [requests, limits]) {
    const own = given['ephemeral-storage'];
    if (own !== undefined) given['ephemeral-storage'] = addQuantities(own, EPHEMERAL_STORAGE);
  }
  requests.given['ephemeral-storage'] ??= EPHEMERAL_STORAGE;
}

/** The VMI asks for no memory: its limit, else its guest's share, else one huge page. */
function requestMemory(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  requests: Side,
  limits: Side,
): void {
  if (limits.memory && limits.memory.bytes !== 0) requests.memory = limits.memory;
  if (requests.memory) return;
  const { memory } = vmi.spec.domain;
  const text = memory?.guest ?? memory?.hugepages?.pageSize;
  if (!text) return;
  const guest = parseBytes(text);
  if (guest.bytes <= 0) return;
  const overcommit = config.developerConfiguration.memoryOvercommit;
  requests.memory =
    overcommit === 100
      ? guest
      : { bytes: Math.trunc((guest.bytes * 100) / overcommit), format: guest.format };
}

function ioThreads(vmi: VirtualMachineInstance): number {
  return vmi.spec.domain.ioThreads?.supplementalPoolThreadCount ?? 0;
}

function shareCpus(
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
  requests: Side,
  limits: Side,
): void {
  const { cpu } = vmi.spec.domain;
  const total = (cpu ? vcpusOf(cpu) : 1) + ioThreads(vmi);
  const ratio = config.developerConfiguration.cpuAllocationRatio;
  if (total === 0 || ratio <= 0) return;
  const share = total / ratio;
  requests.calculated.cpu = canonical(share < 1 ? `${share * 1000}m` : String(share));
  if (limitsCpu(vmi, config, context)) limits.calculated.cpu = canonical(total);
}

/** Whole CPUs for vCPUs, I/O threads and, if isolated, the emulator's threads. */
function pinCpus(vmi: VirtualMachineInstance, requests: Side, limits: Side): void {
  const { cpu, ioThreadsPolicy } = vmi.spec.domain;
  const vcpus = cpu ? vcpusOf(cpu) : 0;
  const threads = ioThreads(vmi);
  if (vcpus !== 0) {
    limits.given.cpu = requests.given.cpu = formatUnits(vcpus + threads, 'BinarySI');
  } else {
    addCpus(limits, threads);
    addCpus(requests, threads);
  }
  if (cpu?.isolateEmulatorThread) {
    limits.given.cpu ??= '0';
    const supplemental = ioThreadsPolicy === 'supplementalPool' ? threads : 0;
    const parity =
      vmi.metadata.annotations?.['alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity'] !== undefined;
    const emulator = parity && (quantityValue(limits.given.cpu) + supplemental) % 2 === 0 ? 2 : 1;
    addCpus(limits, emulator);
    addCpus(requests, emulator);
  }
  if (requests.memory) limits.memory = requests.memory;
}

function addCpus({ given }: Side, count: number): void {
  if (given.cpu !== undefined) given.cpu = addQuantities(given.cpu, count);
}

/** The guest's memory comes from huge pages; what is left of the requested memory joins the overhead. */
function useHugepages(vmi: VirtualMachineInstance, overhead: Bytes, requests: Side, limits: Side): void {
  const { memory } = vmi.spec.domain;
  const guest = memory?.guest === undefined ? undefined : parseBytes(memory.guest);
  const requested = requests.memory ?? NOTHING;
  const pages = guest && requested.bytes > guest.bytes ? guest : requested;
  const resource = `hugepages-${memory?.hugepages?.pageSize ?? ''}`;
  requests.calculated[resource] = limits.calculated[resource] = formatBytes(pages);
  const beyond = (amount: Bytes) =>
    guest && amount.bytes > guest.bytes ? subtractBytes(amount, guest) : NOTHING;
  requests.memory = addBytes(beyond(requested), overhead);
  if (limits.memory) limits.memory = addBytes(beyond(limits.memory), overhead);
}

function addOverhead(vmi: VirtualMachineInstance, overhead: Bytes, requests: Side, limits: Side): void {
  const requested = requests.memory ?? NOTHING;
  requests.memory = vmi.spec.domain.resources?.overcommitGuestOverhead
    ? requested
    : addBytes(requested, overhead);
  if (limits.memory) limits.memory = addBytes(limits.memory, overhead);
}

/** Whether a quota of the namespace demands a limit that the VMI does not set. */
function hasQuota(
  vmi: VirtualMachineInstance,
  { resourceQuotas }: RenderContext,
  resource: 'cpu' | 'memory',
): boolean {
  if (!resourceQuotas || vmi.spec.domain.resources?.limits?.[resource] !== undefined) return false;
  for (const { metadata, spec } of resourceQuotas) {
    if (metadata.namespace === vmi.metadata.namespace && spec?.hard?.[`limits.${resource}`] !== undefined)
      return true;
  }
  return false;
}

function limitsCpu(vmi: VirtualMachineInstance, config: KubeVirtConfig, context: RenderContext): boolean {
  if (hasQuota(vmi, context, 'cpu')) return true;
  const selector = config.autoCPULimitNamespaceLabelSelector;
  if (!selector || vmi.spec.domain.resources?.limits?.cpu !== undefined) return false;
  const namespace = namespaceOf(vmi, context);
  return namespace !== undefined && selects(selector, namespace.metadata.labels);
}

/** KubeVirt takes a selector it cannot read for none. */
function selects(selector: LabelSelector, labels: Record<string, string> | undefined): boolean {
  try {
    return matchesLabelSelector(selector, labels);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function limitRatio(vmi: VirtualMachineInstance, context: RenderContext): number {
  const label = namespaceOf(vmi, context)?.metadata.labels?.['alpha.kubevirt.io/auto-memory-limits-ratio'];
  const ratio = label ? Number(label) : Number.NaN;
  return ratio >= 1 ? ratio : DEFAULT_LIMIT_RATIO;
}

function namespaceOf(vmi: VirtualMachineInstance, { lookup }: RenderContext) {
  return lookup('namespaces', undefined, vmi.metadata.namespace ?? '');
}
