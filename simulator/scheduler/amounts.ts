/**
 * Amounts of resources as plain numbers, as kube-scheduler 1.35 keeps them (pkg/scheduler/framework Resource):
 * CPU in millicores, memory and ephemeral storage in bytes, everything else in whole units.
 */
import type { Container, Pod } from '../types/core.ts';
import type { ResourceList } from '../types/meta.ts';
import { quantityMilliValue, quantityValue } from '../types/quantity.ts';

export interface Amounts {
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes. */
  readonly ephemeralStorage: number;
  /** Extended resources, hugepages and attachable volumes by name; only what is not zero. */
  readonly scalar: Readonly<Record<string, number>>;
}

type Mutable = { milliCpu: number; memory: number; ephemeralStorage: number; scalar: Record<string, number> };

export const NO_AMOUNTS: Amounts = Object.freeze({
  milliCpu: 0,
  memory: 0,
  ephemeralStorage: 0,
  scalar: Object.freeze({}),
});

/** What a container without a request counts as when nodes are scored (pkg/scheduler/util): 100m and 200 Mi. */
const DEFAULT_MILLI_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

/** The amounts of a resource list; names that the scheduler does not account for (`pods`, `storage`) are left out. */
export function amountsOf(list: ResourceList | undefined): Amounts {
  if (!list) return NO_AMOUNTS;
  const result: Mutable = { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalar: {} };
  for (const name in list) {
    const text = list[name];
    if (text === undefined) continue;
    if (name === 'cpu') result.milliCpu = milliValue(text);
    else if (name === 'memory') result.memory = wholeValue(text);
    else if (name === 'ephemeral-storage') result.ephemeralStorage = wholeValue(text);
    else if (isScalar(name)) {
      const value = wholeValue(text);
      if (value !== 0) result.scalar[name] = value;
    }
  }
  return result;
}

export function addAmounts(a: Amounts, b: Amounts, sign: 1 | -1 = 1): Amounts {
  return {
    milliCpu: a.milliCpu + sign * b.milliCpu,
    memory: a.memory + sign * b.memory,
    ephemeralStorage: a.ephemeralStorage + sign * b.ephemeralStorage,
    scalar: addScalars(a.scalar, b.scalar, sign),
  };
}

function addScalars(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
  sign: 1 | -1,
): Readonly<Record<string, number>> {
  if (b === NO_AMOUNTS.scalar) return a;
  const sum: Record<string, number> = {};
  for (const name in a) {
    const value = a[name]! + sign * (b[name] ?? 0);
    if (value !== 0) sum[name] = value;
  }
  for (const name in b) if (a[name] === undefined && b[name] !== 0) sum[name] = sign * b[name]!;
  return sum;
}

function maxAmounts(a: Amounts, b: Amounts): Amounts {
  const scalar = { ...a.scalar };
  for (const name in b.scalar) scalar[name] = Math.max(scalar[name] ?? 0, b.scalar[name]!);
  return {
    milliCpu: Math.max(a.milliCpu, b.milliCpu),
    memory: Math.max(a.memory, b.memory),
    ephemeralStorage: Math.max(a.ephemeralStorage, b.ephemeralStorage),
    scalar,
  };
}

export interface PodRequests {
  readonly requests: Amounts;
  /** CPU and memory with the defaults of containers that ask for none: only for scores. */
  readonly scoredMilliCpu: number;
  readonly scoredMemory: number;
}

/**
 * What a pod asks of a node: the containers and sidecars together, or the hungriest moment of its init
 * containers where that is more, plus the overhead (component-helpers v0.35 resource.PodRequests).
 */
export function podRequests(pod: Pod): PodRequests {
  const requests = aggregate(pod, container => amountsOf(container.resources?.requests));
  const scored = aggregate(pod, container => {
    const list = container.resources?.requests;
    return {
      milliCpu: list?.cpu === undefined ? DEFAULT_MILLI_CPU : milliValue(list.cpu),
      memory: list?.memory === undefined ? DEFAULT_MEMORY : wholeValue(list.memory),
      ephemeralStorage: 0,
      scalar: NO_AMOUNTS.scalar,
    };
  });
  return { requests, scoredMilliCpu: scored.milliCpu, scoredMemory: scored.memory };
}

function aggregate({ spec }: Pod, of: (container: Container) => Amounts): Amounts {
  let total = NO_AMOUNTS;
  for (const container of spec.containers) total = addAmounts(total, of(container));
  if (spec.initContainers?.length) {
    let sidecars = NO_AMOUNTS;
    let initPeak = NO_AMOUNTS;
    for (const container of spec.initContainers) {
      const own = of(container);
      if (container.restartPolicy === 'Always') {
        total = addAmounts(total, own);
        sidecars = addAmounts(sidecars, own);
        initPeak = maxAmounts(initPeak, sidecars);
      } else {
        initPeak = maxAmounts(initPeak, addAmounts(own, sidecars));
      }
    }
    total = maxAmounts(total, initPeak);
  }
  return spec.overhead ? addAmounts(total, amountsOf(spec.overhead)) : total;
}

/** Extended resources carry a domain; `kubernetes.io/...` names without a device count are native but scalar too. */
function isScalar(name: string): boolean {
  return name.includes('/')
    ? !name.startsWith('requests.')
    : name.startsWith('hugepages-') || name.startsWith('attachable-volumes-');
}

const PLAIN = /^(\d{1,9})(m|Ki|Mi|Gi|k|M|G)?$/;
const FACTORS: Readonly<Record<string, number>> = {
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

// The exact parser works in bigints; most requests are small whole numbers with a common suffix.
function wholeValue(text: string): number {
  const match = PLAIN.exec(text);
  if (!match || match[2] === 'm') return quantityValue(text);
  return Number(match[1]) * (match[2] ? FACTORS[match[2]]! : 1);
}

function milliValue(text: string): number {
  const match = PLAIN.exec(text);
  if (!match || (match[2] && match[2] !== 'm')) return quantityMilliValue(text);
  return Number(match[1]) * (match[2] ? 1 : 1000);
}
