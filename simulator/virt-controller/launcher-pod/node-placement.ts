/** Which nodes may run a machine (KubeVirt v1.9 services/nodeselectorrenderer.go and template.go). */
import { type KubeVirtConfig, featureGateEnabled } from '../../kubevirt-config/index.ts';
import type { Affinity } from '../../types/core.ts';
import type { FeatureState, HypervFeatures, VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { LabelSelectorRequirement } from '../../types/meta.ts';
import { isCpuDedicated, isSecureExecution, isSev, isSevEs, isSevSnp, isTdx } from './traits.ts';

const CPU_MODEL = 'cpu-model.node.kubevirt.io/';
const CPU_FEATURE = 'cpu-feature.node.kubevirt.io/';
const OBSOLETE_HOST_MODEL: LabelSelectorRequirement = Object.freeze({
  key: 'node-labeller.kubevirt.io/obsolete-host-model',
  operator: 'DoesNotExist',
});
/** Enlightenments that the host's kernel must support, by their label. */
const KERNEL_ENLIGHTENMENTS = [
  'vpindex',
  'runtime',
  'reset',
  'synic',
  'synictimer',
  'frequencies',
  'reenlightenment',
  'tlbflush',
  'ipi',
] as const satisfies readonly (keyof HypervFeatures)[];

export interface NodePlacement {
  nodeSelector: Record<string, string>;
  affinity: Affinity | undefined;
}

/** The node selector and the affinity that a VMI's pod gets, before other pods and storage have their say. */
export function nodePlacement(vmi: VirtualMachineInstance, config: KubeVirtConfig): NodePlacement {
  return { nodeSelector: nodeSelector(vmi, config), affinity: affinity(vmi, config) };
}

function nodeSelector(vmi: VirtualMachineInstance, config: KubeVirtConfig): Record<string, string> {
  const { architecture, domain } = vmi.spec;
  const { cpu } = domain;
  const anyArchitecture =
    Boolean(architecture) && featureGateEnabled(config, 'CrossArchitectureVirtualization');
  const labels: Record<string, string> = { 'kubevirt.io/schedulable': 'true' };
  if (architecture) labels['kubernetes.io/arch'] = architecture.toLowerCase();
  Object.assign(labels, config.developerConfiguration.nodeSelectors, vmi.spec.nodeSelector);
  if (anyArchitecture) delete labels['kubernetes.io/arch'];
  const require = (label: string) => {
    labels[label] = 'true';
  };

  if (isCpuDedicated(vmi)) require('kubevirt.io/cpumanager');
  if (domain.features?.hyperv && featureGateEnabled(config, 'HypervStrictCheck')) {
    for (const label of hypervLabels(domain.features.hyperv)) require(label);
  }
  if (cpu?.model) {
    if (cpu.model !== 'host-model' && cpu.model !== 'host-passthrough') require(CPU_MODEL + cpu.model);
    for (const { name, policy } of cpu.features ?? []) {
      if (!policy || policy === 'require') require(CPU_FEATURE + name);
    }
  }
  const machine = vmi.status?.machine?.type || domain.machine?.type;
  if (machine) require(`machine-type.node.kubevirt.io/${machine}`);
  const frequency = tscFrequency(vmi);
  if (frequency) require(`scheduling.node.kubevirt.io/tsc-frequency-${frequency}`);
  if (cpu?.realtime) require('kubevirt.io/realtime');
  if (isSev(vmi)) require('kubevirt.io/sev');
  if (isSevEs(vmi)) require('kubevirt.io/sev-es');
  if (isSevSnp(vmi)) require('kubevirt.io/sev-snp');
  if (isSecureExecution(vmi)) require('kubevirt.io/s390-pv');
  if (isTdx(vmi)) require('kubevirt.io/tdx');
  if (anyArchitecture) require(`kubevirt.io/vm-arch-${architecture}`);
  return labels;
}

function hypervLabels(hyperv: HypervFeatures): string[] {
  const labels: string[] = [];
  for (const name of KERNEL_ENLIGHTENMENTS) {
    if ((hyperv[name] as FeatureState | undefined)?.enabled === true)
      labels.push(`hyperv.node.kubevirt.io/${name}`);
  }
  if (hyperv.evmcs && hyperv.evmcs.enabled !== false) labels.push('cpu-vendor.node.kubevirt.io/Intel');
  return labels;
}

/** Hertz, where the guest depends on the host's time stamp counter and one was chosen for it. */
function tscFrequency(vmi: VirtualMachineInstance): number | undefined {
  const { cpu, features } = vmi.spec.domain;
  const invariant = cpu?.features?.some(
    ({ name, policy }) => name === 'invtsc' && (policy === 'require' || policy === 'force'),
  );
  if (!invariant && features?.hyperv?.reenlightenment?.enabled !== true) return undefined;
  const frequency = vmi.status?.topologyHints?.tscFrequency;
  return typeof frequency === 'number' && frequency > 0 ? frequency : undefined;
}

function affinity(vmi: VirtualMachineInstance, config: KubeVirtConfig): Affinity | undefined {
  const { cpu } = vmi.spec.domain;
  const avoided: LabelSelectorRequirement[] = [];
  if (!cpu?.model || cpu.model === 'host-model') avoided.push(OBSOLETE_HOST_MODEL);
  for (const { name, policy } of cpu?.features ?? []) {
    if (policy === 'forbid') avoided.push({ key: CPU_FEATURE + name, operator: 'DoesNotExist' });
  }
  let result = vmi.spec.affinity;
  if (avoided.length > 0) result = requireOfNodes(result, avoided);
  const { architecture } = vmi.spec;
  if (!architecture || !featureGateEnabled(config, 'CrossArchitectureVirtualization')) return result;
  const native: LabelSelectorRequirement = {
    key: 'kubernetes.io/arch',
    operator: 'In',
    values: [architecture.toLowerCase()],
  };
  const preferred = result?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    ...result,
    nodeAffinity: {
      ...result?.nodeAffinity,
      preferredDuringSchedulingIgnoredDuringExecution: [
        ...preferred,
        { weight: 100, preference: { matchExpressions: [native] } },
      ],
    },
  };
}

/** Adds requirements to every node selector term: terms are alternatives, each must hold alone. */
export function requireOfNodes(
  affinity: Affinity | undefined,
  requirements: readonly LabelSelectorRequirement[],
): Affinity {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const nodeSelectorTerms = required
    ? required.nodeSelectorTerms.map(term => ({
        ...term,
        matchExpressions: [...(term.matchExpressions ?? []), ...requirements],
      }))
    : [{ matchExpressions: [...requirements] }];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    },
  };
}

/** Adds required anti-affinity terms against other pods. */
export function keepApart(
  affinity: Affinity | undefined,
  terms: NonNullable<
    NonNullable<Affinity['podAntiAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
  >,
): Affinity {
  const required = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    ...affinity,
    podAntiAffinity: {
      ...affinity?.podAntiAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: [...required, ...terms],
    },
  };
}
