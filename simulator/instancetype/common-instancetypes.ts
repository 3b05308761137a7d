import type { Instancetype, InstancetypeSpec } from '../types/kubevirt.ts';
import type { NewObject } from '../types/meta.ts';
import { API_VERSION, GROUP, ROLES } from './names.ts';

/** The release of kubevirt/common-instancetypes that KubeVirt v1.9 deploys. */
export const COMMON_VERSION = 'v1.7.0';

/** The labels that every object of the bundle carries. */
export const COMMON_LABELS: Readonly<Record<string, string>> = {
  [`${GROUP}/vendor`]: 'kubevirt.io',
  [`${GROUP}/common-instancetypes-version`]: COMMON_VERSION,
};

/** vCPUs and guest memory of one size. */
type Size = readonly [name: string, cpus: number, memory: string];

interface Series {
  readonly displayName: string;
  readonly description: string;
  readonly class: string;
  readonly icon: string;
  readonly sizes: readonly Size[];
  /** Page sizes the series comes in; with both, the names for 1Gi pages end in `1gi`. */
  readonly hugepages?: readonly ('1Gi' | '2Mi')[];
  readonly exclusiveCpus?: true;
  readonly numa?: true;
  readonly realtime?: true;
  /** Forbids more sockets than vCPUs. */
  readonly cappedSockets?: true;
  readonly overcommitPercent?: number;
  readonly ioThreadsPolicy?: 'auto';
  /** Keeps CRI-O from balancing and throttling the guest's CPUs. */
  readonly isQuiet?: true;
}

const NANO: Size = ['nano', 1, '512Mi'];
const MICRO: Size = ['micro', 1, '1Gi'];
const SMALL: Size = ['small', 1, '2Gi'];
const MEDIUM: Size = ['medium', 1, '4Gi'];
const DOUBLE_MEDIUM: Size = ['2xmedium', 2, '4Gi'];
/** 4 GiB for each vCPU. */
const LARGE_TO_8XLARGE: readonly Size[] = [
  ['large', 2, '8Gi'],
  ['xlarge', 4, '16Gi'],
  ['2xlarge', 8, '32Gi'],
  ['4xlarge', 16, '64Gi'],
  ['8xlarge', 32, '128Gi'],
];

const SERIES: Readonly<Record<string, Series>> = {
  cx1: {
    displayName: 'Compute Exclusive',
    description:
      'CX: CPU cores, huge pages and NUMA nodes of their own, for guests that compute all the time.',
    class: 'compute.exclusive',
    icon: 'pficon-registry',
    sizes: [
      ['medium', 1, '2Gi'],
      ['large', 2, '4Gi'],
      ['xlarge', 4, '8Gi'],
      ['2xlarge', 8, '16Gi'],
      ['4xlarge', 16, '32Gi'],
      ['8xlarge', 32, '64Gi'],
    ],
    hugepages: ['2Mi', '1Gi'],
    exclusiveCpus: true,
    numa: true,
    cappedSockets: true,
    ioThreadsPolicy: 'auto',
  },
  d1: {
    displayName: 'Dedicated vCPU',
    description: 'D: general purpose guests whose vCPUs each have a physical core to themselves.',
    class: 'dedicated.vcpu',
    icon: 'pficon-server-group',
    sizes: [NANO, MICRO, SMALL, MEDIUM, DOUBLE_MEDIUM, ...LARGE_TO_8XLARGE],
    exclusiveCpus: true,
    ioThreadsPolicy: 'auto',
  },
  m1: {
    displayName: 'Memory Intensive',
    description: 'M: much memory for each vCPU, on huge pages.',
    class: 'memory.intensive',
    icon: 'fa-memory',
    sizes: [
      ['large', 2, '16Gi'],
      ['xlarge', 4, '32Gi'],
      ['2xlarge', 8, '64Gi'],
      ['4xlarge', 16, '128Gi'],
      ['8xlarge', 32, '256Gi'],
    ],
    hugepages: ['2Mi', '1Gi'],
  },
  n1: {
    displayName: 'Network',
    description: 'N: network functions on DPDK; needs nodes labelled node-role.kubevirt.io/worker-dpdk.',
    class: 'network',
    icon: 'pficon-network',
    sizes: [
      ['medium', 4, '4Gi'],
      ['large', 4, '8Gi'],
      ['xlarge', 8, '16Gi'],
      ['2xlarge', 16, '32Gi'],
      ['4xlarge', 32, '64Gi'],
      ['8xlarge', 64, '128Gi'],
    ],
    hugepages: ['1Gi'],
    exclusiveCpus: true,
    isQuiet: true,
  },
  o1: {
    displayName: 'Overcommitted',
    description: 'O: the sizes of the U series with half of their memory overcommitted.',
    class: 'overcommitted',
    icon: 'pficon-virtual-machine',
    sizes: [NANO, MICRO, SMALL, MEDIUM, ...LARGE_TO_8XLARGE],
    overcommitPercent: 50,
  },
  rt1: {
    displayName: 'Realtime',
    description: 'RT: realtime guests, on nodes that are set up for them.',
    class: 'realtime',
    icon: 'pficon-server-group',
    sizes: [MICRO, SMALL, MEDIUM, ...LARGE_TO_8XLARGE],
    hugepages: ['1Gi'],
    exclusiveCpus: true,
    numa: true,
    realtime: true,
    isQuiet: true,
  },
  u1: {
    displayName: 'General Purpose',
    description: 'U: universal guests that share physical CPU cores with others.',
    class: 'general.purpose',
    icon: 'pficon-server-group',
    sizes: [NANO, MICRO, SMALL, MEDIUM, DOUBLE_MEDIUM, ...LARGE_TO_8XLARGE],
  },
};

/**
 * The 65 cluster instancetypes that KubeVirt v1.9 deploys unless `commonInstancetypesDeployment.enabled` is false,
 * in the bundle's order. The descriptions are this project's own words; the labels and annotations with which
 * virt-operator marks everything it installs are the installer's to add.
 */
export function commonInstancetypes(): NewObject<Instancetype>[] {
  const all = Object.entries(SERIES).flatMap(([prefix, series]) =>
    series.sizes.flatMap(size => {
      const pages = series.hugepages ?? [undefined];
      return pages.map(pageSize => commonInstancetype(prefix, series, size, pageSize));
    }),
  );
  return all.sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
}

function commonInstancetype(
  prefix: string,
  series: Series,
  [sizeName, cpus, memory]: Size,
  pageSize: string | undefined,
): NewObject<Instancetype> {
  const hasVariants = (series.hugepages?.length ?? 0) > 1;
  const size = hasVariants && pageSize === '1Gi' ? `${sizeName}1gi` : sizeName;
  return {
    apiVersion: API_VERSION,
    kind: ROLES.instancetype.clusterKind,
    metadata: {
      name: `${prefix}.${size}`,
      annotations: {
        [`${GROUP}/description`]: series.description,
        [`${GROUP}/displayName`]: series.displayName,
      },
      labels: { ...describingLabels(series, cpus, memory, size, pageSize), ...COMMON_LABELS },
    },
    spec: commonSpec(series, cpus, memory, pageSize),
  };
}

function describingLabels(
  series: Series,
  cpus: number,
  memory: string,
  size: string,
  pageSize: string | undefined,
): Record<string, string> {
  const facts = {
    class: series.class,
    cpu: String(cpus),
    ...(series.exclusiveCpus && { dedicatedCPUPlacement: 'true', isolateEmulatorThread: 'true' }),
    ...(pageSize && { hugepages: pageSize }),
    'icon-pf': series.icon,
    memory,
    ...(series.numa && { numa: 'true' }),
    ...(series.realtime && { realtime: 'true' }),
    size,
    version: '1',
  };
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`${GROUP}/${name}`, value]));
}

function commonSpec(
  series: Series,
  cpus: number,
  memory: string,
  pageSize: string | undefined,
): InstancetypeSpec {
  const { overcommitPercent, ioThreadsPolicy } = series;
  return {
    ...(series.isQuiet && {
      annotations: {
        'cpu-load-balancing.crio.io': 'disable',
        'cpu-quota.crio.io': 'disable',
        'irq-load-balancing.crio.io': 'disable',
      },
    }),
    cpu: {
      guest: cpus,
      ...(series.exclusiveCpus && { dedicatedCPUPlacement: true, isolateEmulatorThread: true }),
      ...(series.cappedSockets && { maxSockets: cpus }),
      ...(series.numa && { numa: { guestMappingPassthrough: {} } }),
      ...(series.realtime && { realtime: {} }),
    },
    ...(ioThreadsPolicy && { ioThreadsPolicy }),
    memory: {
      guest: memory,
      ...(pageSize && { hugepages: { pageSize } }),
      ...(overcommitPercent && { overcommitPercent }),
    },
  };
}
