import type { Preference, PreferenceSpec } from '../types/kubevirt.ts';
import type { NewObject } from '../types/meta.ts';
import { COMMON_LABELS } from './common-instancetypes.ts';
import { API_VERSION, GROUP, ROLES } from './names.ts';

/** One guest system of the bundle. */
interface Guest {
  readonly name: string;
  readonly displayName: string;
  readonly os: 'linux' | 'windows' | 'legacy';
  readonly icon: string;
  /** What distinguishes it among the template tags. */
  readonly tags: string;
  /** The least it needs; nothing for the catch-all guests. */
  readonly needs?: readonly [cpus: number, memory: string];
  readonly architecture?: 'amd64' | 'arm64' | 's390x';
  readonly spec: PreferenceSpec;
}

type Devices = NonNullable<PreferenceSpec['devices']>;

const VIRTIO: Devices = { preferredDiskBus: 'virtio', preferredInterfaceModel: 'virtio', preferredRng: {} };
const IO_THREAD: Devices = { preferredDiskDedicatedIoThread: true };
const TABLET: Devices = {
  preferredAutoattachInputDevice: true,
  preferredInputBus: 'virtio',
  preferredInputType: 'tablet',
};
const MULTIQUEUE: Devices = { preferredNetworkInterfaceMultiQueue: true };

const SECURE_BOOT: PreferenceSpec = {
  features: { preferredSmm: {} },
  firmware: { preferredEfi: { secureBoot: true } },
};
const EFI: PreferenceSpec = { firmware: { preferredEfi: { secureBoot: false } } };
const DPDK_CPU: PreferenceSpec['cpu'] = {
  preferredCPUTopology: 'spread',
  spreadOptions: { across: 'SocketsCoresThreads', ratio: 4 },
};

function linux(
  name: string,
  displayName: string,
  options: Partial<Pick<Guest, 'icon' | 'tags' | 'needs' | 'architecture'>> = {},
  devices: Devices = {},
  spec: PreferenceSpec = {},
): Guest {
  const { icon = name, tags = name, ...rest } = options;
  return {
    name,
    displayName,
    os: 'linux',
    icon,
    tags,
    ...rest,
    spec: { ...spec, devices: { ...VIRTIO, ...devices } },
  };
}

const CENTOS = { icon: 'centos', tags: 'linux,centos-stream', needs: [1, '1.5Gi'] } as const;
const RHEL = { icon: 'rhel', tags: 'linux,rhel', needs: [1, '1.5Gi'] } as const;
const FEDORA = { icon: 'fedora', tags: 'fedora', needs: [1, '2Gi'] } as const;
const RED_HAT = 'Red Hat Enterprise Linux';

const LINUX_GUESTS: readonly Guest[] = [
  linux('alpine', 'Alpine', { needs: [1, '512Mi'] }),
  ...['9', '10'].flatMap(release => [
    linux(`centos.stream${release}`, `CentOS Stream ${release}`, CENTOS, IO_THREAD),
    linux(`centos.stream${release}.desktop`, `CentOS Stream ${release}`, CENTOS, { ...IO_THREAD, ...TABLET }),
  ]),
  linux(
    'centos.stream9.dpdk',
    'CentOS Stream 9',
    { ...CENTOS, tags: `${CENTOS.tags},dpdk`, needs: [8, '1.5Gi'] },
    { ...IO_THREAD, ...MULTIQUEUE },
    { cpu: DPDK_CPU },
  ),
  linux('cirros', 'Cirros', { needs: [1, '256Mi'] }),
  linux('debian', 'Debian', { needs: [1, '512Mi'] }, {}, EFI),
  linux('fedora', 'Fedora (amd64)', { ...FEDORA, architecture: 'amd64' }, {}, SECURE_BOOT),
  linux('fedora.arm64', 'Fedora (arm64)', { ...FEDORA, architecture: 'arm64' }),
  linux('fedora.s390x', 'Fedora (s390x)', { ...FEDORA, architecture: 's390x' }),
  linux('linux', 'Linux Guest'),
  linux('linux.efi', 'Linux EFI Guest', { icon: 'linux', tags: 'linux-efi' }, {}, EFI),
  linux(
    'linux.virtiotransitional',
    'Linux Virtio Transitional Guest',
    { icon: 'linux', tags: 'linux-virtio-transitional' },
    { preferredUseVirtioTransitional: true },
  ),
  linux('opensuse.leap', 'OpenSUSE Leap', { icon: 'opensuse-leap', needs: [1, '2Gi'] }),
  linux('opensuse.tumbleweed', 'OpenSUSE Tumbleweed', { icon: 'opensuse-tumbleweed', needs: [1, '2Gi'] }),
  linux('oraclelinux', 'Oracle Linux', { icon: 'oracle', needs: [2, '4Gi'] }, {}, EFI),
  linux('rhel.7', `${RED_HAT} 7`, { ...RHEL, needs: [1, '1Gi'] }),
  linux('rhel.7.desktop', `${RED_HAT} 7`, { ...RHEL, needs: [1, '1Gi'] }, TABLET),
  linux('rhel.8', `${RED_HAT} 8`, RHEL),
  linux('rhel.8.desktop', `${RED_HAT} 8`, RHEL, TABLET),
  linux(
    'rhel.8.dpdk',
    `${RED_HAT} 8`,
    { ...RHEL, tags: `${RHEL.tags},dpdk`, needs: [8, '1.5Gi'] },
    MULTIQUEUE,
    { cpu: DPDK_CPU },
  ),
  ...['9', '10'].flatMap(release => [
    linux(
      `rhel.${release}`,
      `${RED_HAT} ${release} (amd64)`,
      { ...RHEL, architecture: 'amd64' },
      IO_THREAD,
      SECURE_BOOT,
    ),
    linux(
      `rhel.${release}.arm64`,
      `${RED_HAT} ${release} (arm64)`,
      { ...RHEL, architecture: 'arm64' },
      IO_THREAD,
    ),
    linux(
      `rhel.${release}.s390x`,
      `${RED_HAT} ${release} (s390x)`,
      { ...RHEL, architecture: 's390x' },
      IO_THREAD,
    ),
  ]),
  linux(
    'rhel.9.desktop',
    `${RED_HAT} 9 Desktop (amd64)`,
    { ...RHEL, architecture: 'amd64' },
    { ...IO_THREAD, ...TABLET },
    SECURE_BOOT,
  ),
  linux(
    'rhel.9.dpdk',
    `${RED_HAT} 9 DPDK (amd64)`,
    { ...RHEL, tags: `${RHEL.tags},dpdk`, needs: [8, '1.5Gi'], architecture: 'amd64' },
    { ...IO_THREAD, ...MULTIQUEUE },
    { ...SECURE_BOOT, cpu: DPDK_CPU },
  ),
  linux(
    'rhel.9.realtime',
    `${RED_HAT} 9 Realtime (amd64)`,
    { ...RHEL, tags: `${RHEL.tags},realtime`, needs: [4, '4Gi'], architecture: 'amd64' },
    {
      ...IO_THREAD,
      ...MULTIQUEUE,
      preferredAutoattachGraphicsDevice: false,
      preferredAutoattachMemBalloon: false,
      preferredAutoattachSerialConsole: true,
    },
    {
      ...SECURE_BOOT,
      cpu: { preferredCPUTopology: 'spread', spreadOptions: { across: 'SocketsCoresThreads' } },
    },
  ),
  linux('sles', 'SUSE Linux Enterprise Server', { needs: [1, '2Gi'] }),
  linux('ubuntu', 'Ubuntu', { needs: [1, '2Gi'] }),
];

const LEGACY_GUEST: Guest = {
  name: 'legacy',
  displayName: 'Legacy Guest',
  os: 'legacy',
  icon: 'other',
  tags: 'legacy',
  spec: { devices: { preferredDiskBus: 'sata', preferredInterfaceModel: 'e1000' } },
};

const WINDOWS: PreferenceSpec = {
  clock: {
    preferredClockOffset: { utc: {} },
    preferredTimer: {
      hpet: { present: false },
      hyperv: {},
      pit: { tickPolicy: 'delay' },
      rtc: { tickPolicy: 'catchup' },
    },
  },
  cpu: { preferredCPUTopology: 'sockets' },
  preferredTerminationGracePeriodSeconds: 3600,
};
const WINDOWS_FEATURES: PreferenceSpec['features'] = {
  preferredAcpi: {},
  preferredApic: {},
  preferredHyperv: {
    frequencies: {},
    ipi: {},
    reenlightenment: {},
    relaxed: {},
    reset: {},
    runtime: {},
    spinlocks: { spinlocks: 8191 },
    synic: {},
    synictimer: { direct: {} },
    tlbflush: {},
    vapic: {},
    vpindex: {},
  },
};

interface WindowsRelease {
  readonly release: string;
  readonly title: string;
  readonly needs: readonly [cpus: number, memory: string];
  /** What the release boots with: BIOS, secure boot, or secure boot with kept variables and a TPM. */
  readonly boot: 'bios' | 'secure' | 'trusted';
  /** The network card of the variant without virtio drivers. */
  readonly card?: string;
  readonly hasVirtio?: false;
  /** Cannot live with PCI addresses above 4 GiB. */
  readonly isOld?: true;
}

const WINDOWS_RELEASES: readonly WindowsRelease[] = [
  { release: '10', title: '10', needs: [1, '2Gi'], boot: 'secure' },
  { release: '11', title: '11', needs: [2, '4Gi'], boot: 'trusted' },
  { release: '2k12', title: 'Server 2012/2012 R2', needs: [1, '512Mi'], boot: 'bios' },
  { release: '2k16', title: 'Server 2016', needs: [1, '2Gi'], boot: 'secure' },
  { release: '2k19', title: 'Server 2019', needs: [1, '2Gi'], boot: 'secure' },
  { release: '2k22', title: 'Server 2022', needs: [1, '2Gi'], boot: 'trusted' },
  { release: '2k25', title: 'Server 2025', needs: [1, '2Gi'], boot: 'trusted' },
  {
    release: '2k3',
    title: 'Server 2003',
    needs: [1, '256Mi'],
    boot: 'bios',
    card: 'rtl8139',
    hasVirtio: false,
    isOld: true,
  },
  { release: '2k8', title: 'Server 2008/2008 R2', needs: [1, '512Mi'], boot: 'bios', card: 'e1000' },
  { release: '7', title: '7', needs: [1, '2Gi'], boot: 'bios' },
  { release: 'xp', title: 'XP', needs: [1, '128Mi'], boot: 'bios', hasVirtio: false, isOld: true },
];

function windows(release: WindowsRelease, hasVirtio: boolean): Guest {
  const isTrusted = release.boot === 'trusted';
  const devices: Devices = hasVirtio
    ? {
        ...TABLET,
        preferredDiskBus: 'virtio',
        preferredInterfaceModel: 'virtio',
        preferredVideoType: 'virtio',
      }
    : {
        preferredAutoattachInputDevice: true,
        preferredDiskBus: 'sata',
        preferredInterfaceModel: release.card ?? 'e1000e',
      };
  return {
    name: `windows.${release.release}${hasVirtio ? '.virtio' : ''}`,
    displayName: `Microsoft Windows ${release.title}${hasVirtio ? ' (virtio)' : ''}`,
    os: 'windows',
    icon: 'windows',
    tags: 'windows',
    needs: release.needs,
    spec: {
      ...WINDOWS,
      ...(release.isOld && { annotations: { 'kubevirt.io/disablePCIHole64': 'true' } }),
      devices: { ...devices, ...(isTrusted && { preferredTPM: { persistent: true } }) },
      features: { ...WINDOWS_FEATURES, ...(release.boot !== 'bios' && { preferredSmm: {} }) },
      ...(release.boot !== 'bios' && {
        firmware: { preferredEfi: { secureBoot: true, ...(isTrusted && { persistent: true }) } },
      }),
    },
  };
}

/**
 * The 54 cluster preferences that KubeVirt v1.9 deploys unless `commonInstancetypesDeployment.enabled` is false, in
 * the bundle's order. The labels and annotations with which virt-operator marks everything it installs are the
 * installer's to add.
 */
export function commonPreferences(): NewObject<Preference>[] {
  const windowsGuests = WINDOWS_RELEASES.flatMap(release =>
    release.hasVirtio === false
      ? [windows(release, false)]
      : [windows(release, false), windows(release, true)],
  );
  return [...LINUX_GUESTS, LEGACY_GUEST, ...windowsGuests]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(commonPreference);
}

const PROJECT_URL = 'https://github.com/kubevirt/common-instancetypes';

function commonPreference(guest: Guest): NewObject<Preference> {
  const { needs, architecture, spec } = guest;
  const requirements = {
    ...(architecture && { architecture }),
    ...(needs && { cpu: { guest: needs[0] }, memory: { guest: needs[1] } }),
  };
  return {
    apiVersion: API_VERSION,
    kind: ROLES.preference.clusterKind,
    metadata: {
      name: guest.name,
      annotations: {
        iconClass: `icon-${guest.icon}`,
        'openshift.io/display-name': guest.displayName,
        // The bundle's own quotes and line ends are part of these two values.
        'openshift.io/documentation-url': `"${PROJECT_URL}"\n`,
        'openshift.io/provider-display-name': 'KubeVirt',
        'openshift.io/support-url': `"${PROJECT_URL}/issues"\n`,
        tags: `hidden,kubevirt,${guest.tags}`,
      },
      labels: { ...describingLabels(guest), ...COMMON_LABELS },
    },
    spec: {
      ...spec,
      annotations: { ...spec.annotations, 'vm.kubevirt.io/os': guest.os },
      ...(architecture && { preferredArchitecture: architecture }),
      ...(needs && { requirements }),
    },
  };
}

function describingLabels({ os, needs, architecture }: Guest): Record<string, string> {
  return {
    [`${GROUP}/os-type`]: os,
    ...(architecture && {
      [`${GROUP}/arch`]: architecture,
      [`${GROUP}/preferred-architecture`]: architecture,
      [`${GROUP}/required-architecture`]: architecture,
    }),
    ...(needs && { [`${GROUP}/required-cpu`]: String(needs[0]), [`${GROUP}/required-memory`]: needs[1] }),
  };
}
