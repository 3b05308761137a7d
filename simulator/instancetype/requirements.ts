import type { InstancetypeSpec, PreferenceSpec, VirtualMachineInstanceSpec } from '../types/kubevirt.ts';
import type { StatusCause } from '../types/meta.ts';
import { canonicalQuantity, compareQuantities } from '../types/quantity.ts';
import { type Conflict, conflictPaths } from './conflict.ts';
import { preferredTopology, spreadOptions } from './topology.ts';

export interface UnmetRequirement {
  /** The fields to blame. */
  readonly conflicts: readonly Conflict[];
  readonly message: string;
}

type Requirements = NonNullable<PreferenceSpec['requirements']>;

/**
 * The first requirement of a preference that a VirtualMachine does not meet
 * (KubeVirt v1.9 pkg/instancetype/preference/requirements).
 * @param spec the VMI spec with instancetype, preference and VMI defaults applied.
 */
export function checkRequirements(
  instancetype: InstancetypeSpec | undefined,
  preference: PreferenceSpec | undefined,
  spec: VirtualMachineInstanceSpec,
): UnmetRequirement | undefined {
  const requirements = preference?.requirements;
  if (!requirements) return undefined;
  return (
    unmetCpu(requirements.cpu, instancetype, preference, spec) ??
    unmetMemory(requirements.memory, instancetype, spec) ??
    unmetArchitecture(requirements.architecture, spec)
  );
}

/** The cause with which the VirtualMachine webhook denies an unmet requirement. */
export function requirementCause({ conflicts, message }: UnmetRequirement): StatusCause {
  return {
    reason: 'FieldValueNotFound',
    message: `failure checking preference requirements: ${message}`,
    field: conflictPaths(conflicts),
  };
}

const CPU = 'spec.template.spec.domain.cpu';

function unmetCpu(
  requirement: Requirements['cpu'],
  instancetype: InstancetypeSpec | undefined,
  preference: PreferenceSpec,
  { domain: { cpu } }: VirtualMachineInstanceSpec,
): UnmetRequirement | undefined {
  if (!requirement) return undefined;
  const required = requirement.guest;
  if (instancetype) {
    const provided = instancetype.cpu.guest;
    if (provided >= required) return undefined;
    return unmet(
      ['spec.instancetype'],
      `insufficient CPU resources of ${provided} vCPU provided by instance type, preference requires ${required} vCPU`,
    );
  }
  if (!cpu)
    return unmet([CPU], `no CPU resources provided by VirtualMachine, preference requires ${required} vCPU`);
  const measure = vcpuMeasure(preference);
  if (!measure) return undefined;
  const provided = measure.fields.reduce(
    (product, field) => product * (cpu[field] ?? 0),
    measure.fields.length ? 1 : 0,
  );
  if (provided >= required) return undefined;
  return unmet(
    measure.fields.map(field => `${CPU}.${field}`),
    `insufficient CPU resources of ${provided} vCPU provided by VirtualMachine, ` +
      `preference requires ${required} vCPU provided as ${measure.words}`,
  );
}

type Dimension = 'cores' | 'sockets' | 'threads';
interface Measure {
  /** Dimensions that are multiplied. */
  fields: readonly Dimension[];
  words: string;
}

/** How a VirtualMachine without an instancetype has to provide its vCPUs; undefined for unknown topologies. */
function vcpuMeasure(preference: PreferenceSpec): Measure | undefined {
  const topology = preferredTopology(preference);
  switch (topology) {
    case 'threads':
    case 'cores':
    case 'sockets':
      return { fields: [topology], words: topology };
    case 'any':
      return { fields: ['cores', 'sockets', 'threads'], words: 'cores, sockets and threads' };
    case 'spread': {
      const { across } = spreadOptions(preference);
      return { fields: SPREAD_FIELDS.get(across) ?? [], words: across };
    }
    default:
      return undefined;
  }
}

const SPREAD_FIELDS: ReadonlyMap<string, readonly Dimension[]> = new Map([
  ['SocketsCores', ['sockets', 'cores']],
  ['CoresThreads', ['cores', 'threads']],
  ['SocketsCoresThreads', ['sockets', 'cores', 'threads']],
]);

function unmetMemory(
  requirement: Requirements['memory'],
  instancetype: InstancetypeSpec | undefined,
  { domain }: VirtualMachineInstanceSpec,
): UnmetRequirement | undefined {
  if (!requirement) return undefined;
  const provided = domain.memory?.guest ?? instancetype?.memory.guest ?? '0';
  if (compareQuantities(provided, requirement.guest) >= 0) return undefined;
  const provider = instancetype ? 'instance type' : 'VirtualMachine';
  return unmet(
    [instancetype ? 'spec.instancetype' : 'spec.template.spec.domain.memory'],
    `insufficient Memory resources of ${canonicalQuantity(provided)} provided by ${provider}, ` +
      `preference requires ${canonicalQuantity(requirement.guest)}`,
  );
}

function unmetArchitecture(
  required: string | undefined,
  { architecture = '' }: VirtualMachineInstanceSpec,
): UnmetRequirement | undefined {
  if (required === undefined || architecture === required) return undefined;
  return unmet(
    ['spec.template.spec.architecture'],
    `preference requires architecture ${required} but ${architecture} is being requested`,
  );
}

function unmet(paths: readonly string[], message: string): UnmetRequirement {
  return { conflicts: paths.map(path => ({ path })), message };
}
