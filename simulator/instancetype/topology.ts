import type { CpuTopology, InstancetypeSpec, PreferenceSpec } from '../types/kubevirt.ts';
import type { Conflict } from './conflict.ts';

/** Old names of the topologies and what replaces them. */
export const DEPRECATED_TOPOLOGIES: ReadonlyMap<string, string> = new Map([
  ['preferSockets', 'sockets'],
  ['preferCores', 'cores'],
  ['preferThreads', 'threads'],
  ['preferSpread', 'spread'],
  ['preferAny', 'any'],
]);
const TOPOLOGIES: ReadonlySet<string> = new Set(DEPRECATED_TOPOLOGIES.values());
const DEFAULT_SPREAD_RATIO = 2;
const THREADS_PER_CORE = 2;

export const SPREADS: readonly string[] = ['CoresThreads', 'SocketsCores', 'SocketsCoresThreads'];

/** Whether `cpu.preferredCPUTopology` is a name, new or old, that KubeVirt knows. */
export function isKnownTopology(name: string): boolean {
  return TOPOLOGIES.has(name) || DEPRECATED_TOPOLOGIES.has(name);
}

/** The preferred topology by its new name; sockets where nothing is preferred. Unknown names pass through. */
export function preferredTopology(preference: PreferenceSpec | undefined): string {
  const name = preference?.cpu?.preferredCPUTopology ?? 'sockets';
  return DEPRECATED_TOPOLOGIES.get(name) ?? name;
}

/** How vCPUs are spread: between which dimensions, and how many of the inner one to each outer one. */
export function spreadOptions(preference: PreferenceSpec | undefined): { ratio: number; across: string } {
  const options = preference?.cpu?.spreadOptions;
  return {
    ratio: options?.ratio ?? (preference?.preferSpreadSocketToCoreRatio || DEFAULT_SPREAD_RATIO),
    across: options?.across ?? 'SocketsCores',
  };
}

/**
 * Sockets, cores and threads for an instancetype's vCPUs (KubeVirt v1.9 pkg/instancetype/apply/cpu.go). Counts that
 * {@link spreadConflict} refuses lose their remainder. A ratio of zero, on which upstream crashes, spreads nothing.
 */
export function guestTopology(guest: number, preference: PreferenceSpec | undefined): Required<CpuTopology> {
  const single = { cores: 1, sockets: 1, threads: 1 };
  if (guest === 1) return single;
  switch (preferredTopology(preference)) {
    case 'cores':
      return { ...single, cores: guest };
    case 'sockets':
    case 'any':
      return { ...single, sockets: guest };
    case 'threads':
      return { ...single, threads: guest };
    case 'spread':
      return spread(guest, preference) ?? single;
    default:
      return single;
  }
}

function spread(guest: number, preference: PreferenceSpec | undefined): Required<CpuTopology> | undefined {
  const { ratio, across } = spreadOptions(preference);
  if (ratio === 0) return undefined;
  switch (across) {
    case 'SocketsCores':
      return { sockets: Math.floor(guest / ratio), cores: ratio, threads: 1 };
    case 'CoresThreads':
      return { sockets: 1, cores: Math.floor(guest / ratio), threads: ratio };
    case 'SocketsCoresThreads':
      return {
        sockets: Math.floor(Math.floor(guest / THREADS_PER_CORE) / ratio),
        cores: ratio,
        threads: THREADS_PER_CORE,
      };
    default:
      return undefined;
  }
}

const NOT_DIVISIBLE = 'vCPUs provided by the instance type are not divisible by the';
const RATIO_FIELDS = 'Spec.PreferSpreadSocketToCoreRatio or Spec.CPU.PreferSpreadOptions.Ratio of';

/**
 * Why an instancetype's vCPUs cannot be spread as a preference asks, if so
 * (KubeVirt v1.9 pkg/instancetype/preference/validation).
 */
export function spreadConflict(
  instancetype: InstancetypeSpec | undefined,
  preference: PreferenceSpec | undefined,
): Conflict | undefined {
  if (!instancetype || preferredTopology(preference) !== 'spread') return undefined;
  const guest = instancetype.cpu.guest;
  const { ratio, across } = spreadOptions(preference);
  const message = spreadError(guest, ratio, across);
  return message === undefined ? undefined : { path: 'instancetype.spec.cpu.guest', message };
}

function spreadError(guest: number, ratio: number, across: string): string | undefined {
  const divides = (count: number): boolean => ratio !== 0 && count % ratio === 0;
  switch (across) {
    case 'SocketsCores':
      if (divides(guest)) return undefined;
      return `${guest} ${NOT_DIVISIBLE} ${RATIO_FIELDS} ${ratio} provided by the preference`;
    case 'CoresThreads':
      return divides(guest) ? undefined : `${guest} ${NOT_DIVISIBLE} number of threads per core ${ratio}`;
    case 'SocketsCoresThreads':
      if (guest % THREADS_PER_CORE === 0 && divides(guest / THREADS_PER_CORE)) return undefined;
      return `${guest} ${NOT_DIVISIBLE} number of threads per core ${THREADS_PER_CORE} and ${RATIO_FIELDS} ${ratio}`;
    default:
      return undefined;
  }
}
