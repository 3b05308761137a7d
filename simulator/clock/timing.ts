/**
 * Timing profiles: how long things take, as data. Each delay is a distribution given by three of its percentiles;
 * one number means "always this long". Values are milliseconds of virtual time.
 */
import type { Millis } from '../types/meta.ts';

/** Delays by name. `imagePull` is per pod, all others are per object. */
export const DELAY_NAMES = [
  /** From a pod's binding to its kubelet beginning with it. */
  'podAdmit',
  /** From there to all images being on the node. */
  'imagePull',
  /** From images to running containers. */
  'containerStart',
  /** From running to ready containers. */
  'containerReady',
  /** From a scheduled VMI to a defined and started domain. */
  'domainStart',
  /** From a running domain to a guest that has booted. */
  'guestBoot',
  /** From a booted guest to a connected guest agent. */
  'agentConnect',
  /** From an ACPI shutdown signal to a guest that is off. */
  'guestShutdown',
  /** From the end of a pod's processes to its removal. */
  'podStop',
  /** From creation of a volume claim to its binding. */
  'volumeBind',
  /** Import of a data volume. */
  'import',
  /** Preparation of a migration target. */
  'migrationPrepare',
] as const;

export type DelayName = (typeof DELAY_NAMES)[number];

export interface Distribution {
  p50: Millis;
  p95: Millis;
  p99: Millis;
}

export type TimingProfile = Readonly<Record<DelayName, Millis | Distribution>>;

export type TimingProfileName = 'instant' | 'fast' | 'realistic';

const instant = Object.fromEntries(DELAY_NAMES.map(name => [name, 0])) as Record<DelayName, Millis>;

export const TIMING_PROFILES: Readonly<Record<TimingProfileName, TimingProfile>> = {
  instant,
  /** A VM runs about one second after its start. */
  fast: {
    podAdmit: 20,
    imagePull: 250,
    containerStart: 150,
    containerReady: 80,
    domainStart: 400,
    guestBoot: 2_000,
    agentConnect: 1_500,
    guestShutdown: 500,
    podStop: 150,
    volumeBind: 100,
    import: 1_000,
    migrationPrepare: 200,
  },
  /**
   * Creation to Running of 16.8 s at P50, 28.1 s at P95, 29.6 s at P99 for 100 VMs: the medians that KubeVirt's
   * ci-performance-benchmarks publish for real clusters. The shares of the steps are ours.
   */
  realistic: {
    podAdmit: { p50: 300, p95: 1_500, p99: 2_000 },
    imagePull: { p50: 8_000, p95: 12_900, p99: 13_200 },
    containerStart: { p50: 5_000, p95: 8_100, p99: 8_400 },
    // Beside the way to Running: an instance goes on as soon as its launcher's container runs.
    containerReady: { p50: 1_000, p95: 2_000, p99: 2_500 },
    domainStart: { p50: 3_500, p95: 5_600, p99: 6_000 },
    guestBoot: { p50: 15_000, p95: 30_000, p99: 45_000 },
    agentConnect: { p50: 10_000, p95: 20_000, p99: 30_000 },
    guestShutdown: { p50: 4_000, p95: 10_000, p99: 20_000 },
    podStop: { p50: 1_000, p95: 3_000, p99: 5_000 },
    volumeBind: { p50: 2_000, p95: 8_000, p99: 12_000 },
    import: { p50: 40_000, p95: 120_000, p99: 180_000 },
    migrationPrepare: { p50: 3_000, p95: 8_000, p99: 12_000 },
  },
};

/** The delay at a quantile in [0, 1): straight lines through the known percentiles, half of P50 at 0. */
export function quantile(delay: Millis | Distribution, fraction: number): Millis {
  if (typeof delay === 'number') return delay;
  const { p50, p95, p99 } = delay;
  const points: [number, Millis][] = [
    [0, p50 / 2],
    [0.5, p50],
    [0.95, p95],
    [0.99, p99],
    [1, p99 + (p99 - p95) / 2],
  ];
  for (let at = 1; at < points.length; at += 1) {
    const [x0, y0] = points[at - 1] as [number, Millis];
    const [x1, y1] = points[at] as [number, Millis];
    if (fraction <= x1) return Math.round(y0 + ((y1 - y0) * (fraction - x0)) / (x1 - x0));
  }
  return p99;
}
