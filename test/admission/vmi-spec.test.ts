import { describe, expect, it } from 'vitest';
import { validateVmiSpec } from '../../simulator/admission/index.ts';
import type { KubeVirtConfig } from '../../simulator/kubevirt-config/index.ts';
import type { Disk, Interface, VirtualMachineInstanceSpec, Volume } from '../../simulator/types/kubevirt.ts';
import { configWith, plainSpec, specWith, withGates, withoutGates } from './fixtures.ts';

type Spec = VirtualMachineInstanceSpec;
type Change = (spec: Spec) => void;

const S = 'spec.template.spec';
const domain = `${S}.domain`;
const disks = `${domain}.devices.disks`;

function messages(change: Change, config: KubeVirtConfig = configWith()): string[] {
  return validateVmiSpec(S, specWith(change), config).map(({ message }) => message ?? '');
}

/** Row, the change that is refused with the message, and a change close to it that is not. */
type Row = [row: string, refused: Change, message: string, accepted: Change, config?: KubeVirtConfig];

const disk =
  (change: Partial<Disk>) =>
  (spec: Spec): void => {
    spec.domain.devices.disks = [
      { name: 'root', disk: { bus: 'virtio' }, ...change },
      ...(spec.domain.devices.disks ?? []).slice(1),
    ];
  };
const volume =
  (source: Omit<Volume, 'name'>) =>
  (spec: Spec): void => {
    spec.volumes = [{ name: 'root', ...source }, ...(spec.volumes ?? []).slice(1)];
  };
const nic =
  (change: Partial<Interface>) =>
  (spec: Spec): void => {
    spec.domain.devices.interfaces = [{ name: 'default', masquerade: {}, ...change }];
  };
const resources =
  (requests: Record<string, string>, limits?: Record<string, string>) =>
  (spec: Spec): void => {
    spec.domain.resources = { requests, ...(limits && { limits }) };
  };
const none: Change = () => {};

const GENERAL: Row[] = [
  [
    'B9-05',
    s => {
      s.domain.cpu = { sockets: 5, maxSockets: 4 };
    },
    'Number of sockets in CPU topology is greater than the maximum sockets allowed',
    s => {
      s.domain.cpu = { sockets: 4, maxSockets: 4 };
    },
  ],
  [
    'B9-13',
    resources({ memory: '1k' }),
    `${domain}.resources.requests.memory '1k': must be greater than or equal to 1M.`,
    resources({ memory: '1M' }),
  ],
  [
    'B9-14',
    resources({ memory: '64Mi' }, { memory: '32Mi' }),
    `${domain}.resources.requests.memory '64Mi' is greater than ${domain}.resources.limits.memory '32Mi'`,
    resources({ memory: '64Mi' }, { memory: '64Mi' }),
  ],
  [
    'B9-14',
    resources({ cpu: '2500m' }, { cpu: '2' }),
    `${domain}.resources.requests.cpu '2500m' is greater than ${domain}.resources.limits.cpu '2'`,
    resources({ cpu: '2' }, { cpu: '2' }),
  ],
  [
    'B9-15',
    resources({ cpu: '-1' }),
    `${domain}.resources.requests.cpu '-1': must be greater than or equal to 0.`,
    resources({ cpu: '1' }),
  ],
  [
    'B9-16',
    s => {
      s.domain.memory = { guest: '128Mi' };
      s.domain.resources = { limits: { memory: '64Mi' } };
    },
    `${domain}.memory.guest '128Mi' must be equal to or less than the memory limit ${domain}.resources.limits.memory '64Mi'`,
    s => {
      s.domain.memory = { guest: '64Mi' };
      s.domain.resources = { limits: { memory: '64Mi' } };
    },
    configWith({ vmRolloutStrategy: 'Stage' }),
  ],
  [
    'B9-17',
    s => {
      s.domain.memory = { hugepages: { pageSize: '1Gi' }, guest: '64Mi' };
    },
    `${domain}.resources.requests.memory '0' must be equal to or larger than page size ${domain}.memory.hugepages.pageSize '1Gi'`,
    s => {
      s.domain.memory = { hugepages: { pageSize: '2Mi' }, guest: '64Mi' };
    },
  ],
  [
    'B9-17',
    s => {
      s.domain.memory = { hugepages: { pageSize: '2Mi' }, guest: '65Mi' };
    },
    `${domain}.resources.requests.memory '0' is not a multiple of the page size ${domain}.memory.hugepages.pageSize '2Mi'`,
    s => {
      s.domain.memory = { hugepages: { pageSize: '2Mi' }, guest: '66Mi' };
    },
  ],
  [
    'B9-18',
    s => {
      s.domain.memory = {};
      s.domain.cpu = { cores: 2, dedicatedCpuPlacement: true };
    },
    `${domain}.resources.requests.memory, ${domain}.resources.limits.memory, ${domain}.memory.hugepages or ${domain}.memory.guest should be provided`,
    s => {
      s.domain.cpu = { cores: 2, dedicatedCpuPlacement: true };
    },
  ],
  [
    'B9-19',
    s => {
      s.domain.cpu = { cores: 2, dedicatedCpuPlacement: true };
      s.domain.resources = { requests: { cpu: '1500m' } };
    },
    'provided resources CPU requests must be an interger',
    s => {
      s.domain.cpu = { cores: 2, dedicatedCpuPlacement: true };
      s.domain.resources = { requests: { cpu: '2' } };
    },
  ],
  [
    'B9-21',
    s => {
      s.domain.cpu = { cores: 2, dedicatedCpuPlacement: true };
      s.domain.resources = { requests: { cpu: '1' }, limits: { cpu: '2' } };
    },
    `${domain}.resources.requests.cpu or ${domain}.resources.limits.cpu must be equal when DedicatedCPUPlacement is true `,
    s => {
      s.domain.cpu = { cores: 2, dedicatedCpuPlacement: true };
      s.domain.resources = { requests: { cpu: '2' }, limits: { cpu: '2' } };
    },
  ],
  [
    'B9-22',
    s => {
      s.domain.cpu = { cores: 2, threads: 3, dedicatedCpuPlacement: true };
    },
    `Not more than two threads must be provided at ${domain}.cpu.threads (got 3) when DedicatedCPUPlacement is true`,
    s => {
      s.domain.cpu = { cores: 2, threads: 2, dedicatedCpuPlacement: true };
    },
  ],
  [
    'B9-23',
    s => {
      s.domain.cpu = { cores: 2, isolateEmulatorThread: true };
    },
    'IsolateEmulatorThread should be only set in combination with DedicatedCPUPlacement',
    s => {
      s.domain.cpu = { cores: 2, isolateEmulatorThread: true, dedicatedCpuPlacement: true };
    },
  ],
  [
    'B9-24',
    s => {
      s.architecture = 'arm64';
      s.domain.cpu = { cores: 2, threads: 2, dedicatedCpuPlacement: true };
    },
    `threads must not be greater than 1 at ${domain}.cpu.threads (got 2) when ${S}.architecture is arm64`,
    s => {
      s.architecture = 'arm64';
      s.domain.cpu = { cores: 2, threads: 1, dedicatedCpuPlacement: true };
    },
  ],
  [
    'B9-25',
    s => {
      s.domain.cpu = { features: [{ name: 'lahf_lm', policy: 'maybe' }] };
    },
    'CPU feature lahf_lm uses policy maybe that is not supported.',
    s => {
      s.domain.cpu = { features: [{ name: 'lahf_lm', policy: 'optional' }] };
    },
  ],
  [
    'B9-26',
    s => {
      s.domain.machine = { type: 'pc-i440fx-2.10' };
    },
    `${domain}.machine.type is not supported: pc-i440fx-2.10 (allowed values: [q35* pc-q35*])`,
    s => {
      s.domain.machine = { type: 'pc-q35-rhel9.6.0' };
    },
  ],
  [
    'B9-27',
    s => {
      s.evictionStrategy = 'Fantasy';
    },
    `${S}.evictionStrategy is set with an unrecognized option: Fantasy`,
    s => {
      s.evictionStrategy = 'LiveMigrateIfPossible';
    },
  ],
  [
    'B9-27',
    s => {
      s.startStrategy = 'Running';
    },
    `${S}.startStrategy is set with an unrecognized option: Running`,
    s => {
      s.startStrategy = 'Paused';
    },
  ],
  [
    'B9-28',
    s => {
      s.hostname = 'bad+host';
    },
    `${S}.hostname does not conform to the kubernetes DNS_LABEL rules : a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    s => {
      s.hostname = 'good-host';
    },
  ],
  [
    'B9-28',
    s => {
      s.subdomain = 'bad+domain';
    },
    `${S}.subdomain does not conform to the kubernetes DNS_SUBDOMAIN rules : a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    s => {
      s.subdomain = 'good.domain';
    },
  ],
  [
    'B9-29',
    s => {
      s.dnsPolicy = 'None';
    },
    'must provide `dnsConfig` when `dnsPolicy` is None',
    s => {
      s.dnsPolicy = 'None';
      s.dnsConfig = { nameservers: ['1.2.3.4'] };
    },
  ],
  [
    'B9-29',
    s => {
      s.dnsPolicy = 'Fantasy';
    },
    'DNSPolicy: Fantasy is not supported, valid values: [ClusterFirstWithHostNet ClusterFirst Default None ]',
    s => {
      s.dnsPolicy = 'ClusterFirst';
    },
  ],
  [
    'B9-29',
    s => {
      s.dnsConfig = { nameservers: ['1.2.3.256'] };
    },
    'must be valid IP address: 1.2.3.256',
    s => {
      s.dnsConfig = { nameservers: ['fd00::1'] };
    },
  ],
  [
    'B9-30',
    s => {
      s.livenessProbe = { exec: {}, httpGet: {} };
    },
    `${S}.livenessProbe must have exactly one probe type set`,
    s => {
      s.livenessProbe = { httpGet: {} };
    },
  ],
  [
    'B9-30',
    s => {
      s.readinessProbe = {};
    },
    `either ${S}.readinessProbe.tcpSocket, ${S}.readinessProbe.exec or ${S}.readinessProbe.httpGet must be set if a ${S}.readinessProbe is specified`,
    s => {
      s.readinessProbe = { guestAgentPing: {} };
    },
  ],
];

const STORAGE: Row[] = [
  [
    'B9-40',
    s => {
      s.domain.devices.disks?.push({ name: 'root', disk: {} });
    },
    `${disks}[2] and ${disks}[0] must not have the same Name.`,
    none,
  ],
  [
    'B9-40',
    s => {
      s.volumes?.push({ name: 'root', emptyDisk: { capacity: '1Gi' } });
    },
    `${S}.volumes[2] and ${S}.volumes[0] must not have the same Name.`,
    s => {
      s.volumes?.push({ name: 'more', emptyDisk: { capacity: '1Gi' } });
    },
  ],
  [
    'B9-41',
    s => {
      s.domain.devices.disks?.push({ name: 'lost', disk: {} });
    },
    `${disks}[2].Name 'lost' not found.`,
    s => {
      s.domain.devices.disks?.push({ name: 'empty', cdrom: { bus: 'sata' } });
    },
  ],
  [
    'B9-43',
    volume({ containerDisk: { image: 'i' }, emptyDisk: { capacity: '1Gi' } }),
    `${S}.volumes[0] must have exactly one source type set`,
    volume({ containerDisk: { image: 'i' } }),
  ],
  [
    'B9-43',
    volume({}),
    `${S}.volumes[0] must have exactly one source type set`,
    volume({ emptyDisk: { capacity: '1Gi' } }),
  ],
  [
    'B9-44',
    volume({ dataVolume: { name: '' } }),
    "DataVolume 'name' must be set",
    volume({ dataVolume: { name: 'dv' } }),
  ],
  [
    'B9-44',
    volume({ configMap: {} }),
    `${S}.volumes[0].configMap.name is a required field`,
    volume({ configMap: { name: 'c' } }),
  ],
  [
    'B9-44',
    volume({ secret: {} }),
    `${S}.volumes[0].secret.secretName is a required field`,
    volume({ secret: { secretName: 's' } }),
  ],
  [
    'B9-44',
    volume({ serviceAccount: {} }),
    `${S}.volumes[0].serviceAccount.serviceAccountName is a required field`,
    volume({ serviceAccount: { serviceAccountName: 's' } }),
  ],
  ['B9-45', disk({ cdrom: { bus: 'sata' } }), `${disks}[0] can only have a single target type defined`, none],
  ['B9-46', disk({ disk: { bus: 'ide' } }), 'IDE bus is not supported', disk({ disk: { bus: 'usb' } })],
  [
    'B9-46',
    s => {
      s.domain.devices.disks = [{ name: 'root', cdrom: { bus: 'virtio' } }];
    },
    'Bus type virtio is invalid for CD-ROM device',
    s => {
      s.domain.devices.disks = [{ name: 'root', cdrom: { bus: 'scsi' } }];
    },
  ],
  [
    'B9-46',
    disk({ disk: { bus: 'sata', readonly: true } }),
    'sata hard-disks do not support read-only.',
    disk({ disk: { bus: 'virtio', readonly: true } }),
  ],
  [
    'B9-46',
    disk({ disk: { bus: 'xen' } }),
    `${disks}[0] is set with an unrecognized bus xen, must be one of: [virtio scsi sata usb]`,
    disk({ disk: { bus: 'scsi' } }),
  ],
  [
    'B9-47',
    disk({ disk: { bus: 'sata' }, dedicatedIOThread: true }),
    'IOThreads are not supported for disks on a sata bus',
    disk({ dedicatedIOThread: true }),
  ],
  [
    'B9-47',
    disk({ disk: { bus: 'virtio', pciAddress: '0000:81:11.a' } }),
    `disk ${disks}.domain.devices.disks.disk[0].name has malformed PCI address (0000:81:11.a).`,
    disk({ disk: { bus: 'virtio', pciAddress: '0000:81:01.0' } }),
  ],
  [
    'B9-47',
    disk({ disk: { bus: 'scsi', pciAddress: '0000:81:01.0' } }),
    `disk ${disks}.domain.devices.disks.disk[0].name - setting a PCI address is only possible with bus type virtio.`,
    disk({ disk: { bus: 'scsi' } }),
  ],
  [
    'B9-48',
    disk({ serial: '$' }),
    `${disks}[0] must be made up of the following characters [A-Za-z0-9_.+-], if specified`,
    disk({ serial: 'SN-1_a.b+c' }),
  ],
  [
    'B9-48',
    disk({ serial: '1'.repeat(257) }),
    `${disks}[0] must be less than or equal to 256 in length, if specified`,
    disk({ serial: '1'.repeat(256) }),
  ],
  [
    'B9-49',
    disk({ cache: 'unspecified' }),
    `${disks}[0].cache has invalid value unspecified`,
    disk({ cache: 'writeback' }),
  ],
  [
    'B9-49',
    disk({ io: 'unspecified' }),
    `Disk IO mode for ${disks} is not supported. Supported modes are: native, threads.`,
    disk({ io: 'native' }),
  ],
  [
    'B9-49',
    disk({ errorPolicy: 'panic' }),
    `${disks}[0].errorPolicy has invalid value "panic"`,
    disk({ errorPolicy: 'report' }),
  ],
  [
    'B9-50',
    disk({ bootOrder: 0 }),
    `${disks}[0] must have a boot order > 0, if supplied`,
    disk({ bootOrder: 1 }),
  ],
  [
    'B9-50',
    s => {
      disk({ bootOrder: 1 })(s);
      nic({ bootOrder: 1 })(s);
    },
    `Boot order for ${domain}.devices.interfaces[0].bootOrder already set for a different device.`,
    s => {
      disk({ bootOrder: 1 })(s);
      nic({ bootOrder: 2 })(s);
    },
  ],
  [
    'B9-51',
    s => {
      s.domain.devices.disks = [{ name: 'root', lun: { bus: 'scsi' } }];
    },
    `${disks}[0].lun can only be mapped to a DataVolume or PersistentVolumeClaim volume.`,
    s => {
      s.domain.devices.disks = [{ name: 'root', lun: { bus: 'scsi' } }];
      volume({ dataVolume: { name: 'dv' } })(s);
    },
  ],
  [
    'B9-52',
    disk({ blockSize: { custom: { logical: 128, physical: 512 } } }),
    'Provided size of 128 is less than the supported minimum size of 512',
    disk({ blockSize: { custom: { logical: 512, physical: 4096 } } }),
  ],
  [
    'B9-52',
    disk({ blockSize: { custom: { logical: 512, physical: 4194304 } } }),
    'Provided size of 4194304 is greater than the supported maximum size of 2097152',
    disk({ blockSize: { custom: { logical: 512, physical: 2097152 } } }),
  ],
  [
    'B9-52',
    disk({ blockSize: { custom: { logical: 1000, physical: 1024 } } }),
    'Provided size of 1000 is not a power of 2',
    none,
  ],
  [
    'B9-52',
    disk({ blockSize: { custom: { logical: 4096, physical: 512 } } }),
    'Logical size 4096 must be the same or less than the physical size of 512',
    none,
  ],
  [
    'B9-52',
    disk({ blockSize: { custom: { logical: 512, physical: 512 }, matchVolume: {} } }),
    "Block size matching can't be enabled together with a custom value",
    disk({ blockSize: { custom: { logical: 512, physical: 512 }, matchVolume: { enabled: false } } }),
  ],
  [
    'B9-53',
    volume({ cloudInitNoCloud: {} }),
    `${S}.volumes[0].cloudInitNoCloud must have at least one userdatasource or one networkdatasource set.`,
    volume({ cloudInitNoCloud: { networkData: 'version: 2' } }),
  ],
  [
    'B9-53',
    volume({ cloudInitNoCloud: { userData: 'x'.repeat(2049) } }),
    `${S}.volumes[0].cloudInitNoCloud userdata exceeds 2048 byte limit. Should use UserDataSecretRef for larger data.`,
    volume({ cloudInitNoCloud: { userData: 'x'.repeat(2048) } }),
  ],
  [
    'B9-53',
    volume({ cloudInitConfigDrive: { userData: 'a', secretRef: { name: 'b' } } }),
    `${S}.volumes[0].cloudInitConfigDrive must have only one userdatasource set.`,
    volume({ cloudInitConfigDrive: { secretRef: { name: 'b' } } }),
  ],
  [
    'B9-53',
    volume({ cloudInitNoCloud: { userDataBase64: '#######garbage' } }),
    `${S}.volumes[0].cloudInitNoCloud.userDataBase64.cloudInitNoCloud.userDataBase64 is not a valid base64 value.`,
    volume({ cloudInitNoCloud: { userDataBase64: 'aGVsbG8=' } }),
  ],
  ['B9-54', volume({ hostDisk: { path: '/d', type: 'Disk' } }), 'HostDisk feature gate is not enabled', none],
  [
    'B9-54',
    volume({ hostDisk: { path: '', type: 'Disk' } }),
    `${S}.volumes[0].hostDisk.path is required for hostDisk volume`,
    volume({ hostDisk: { path: '/d', type: 'Disk' } }),
    withGates('HostDisk'),
  ],
  [
    'B9-54',
    volume({ hostDisk: { path: '/d', type: 'Tape' } }),
    `${S}.volumes[0].hostDisk.type has invalid value 'Tape', allowed are 'Disk' or 'DiskOrCreate'`,
    volume({ hostDisk: { path: '/d', type: 'DiskOrCreate', capacity: '1Gi' } }),
    withGates('HostDisk'),
  ],
  [
    'B9-55',
    s => {
      volume({ downwardMetrics: {} })(s);
      disk({ disk: { bus: 'scsi' } })(s);
    },
    `DownwardMetrics volume must be mapped to virtio bus, but ${disks}[0].disk.bus is set to scsi`,
    volume({ downwardMetrics: {} }),
    withGates('DownwardMetrics'),
  ],
  [
    'B9-55',
    s => {
      s.volumes?.push({ name: 'share', dataVolume: { name: 'dv' } });
      s.domain.devices.filesystems = [{ name: 'share', virtiofs: {} }];
    },
    'virtiofs is not allowed: virtiofs feature gate is not enabled for PVC',
    s => {
      s.volumes?.push({ name: 'share', configMap: { name: 'c' } });
      s.domain.devices.filesystems = [{ name: 'share', virtiofs: {} }];
    },
  ],
  [
    'B9-56',
    s => {
      s.domain.devices.disks?.push({ name: 'empty', cdrom: { bus: 'sata' } });
    },
    'DeclarativeHotplugVolumes feature gate not enabled, cannot define an empty CD-ROM disk',
    none,
    withoutGates('DeclarativeHotplugVolumes'),
  ],
];

const DEVICES: Row[] = [
  [
    'B9-60',
    s => {
      s.networks?.push({ name: 'other', multus: { networkName: 'n' } });
    },
    `${S}.networks[1].name 'other' not found.`,
    s => {
      s.networks?.push({ name: 'other', multus: { networkName: 'n' } });
      s.domain.devices.interfaces?.push({ name: 'other', bridge: {} });
    },
  ],
  [
    'B9-60',
    s => {
      s.domain.devices.interfaces?.push({ name: 'other', bridge: {} });
    },
    `${domain}.devices.interfaces[1].name 'other' not found.`,
    none,
  ],
  [
    'B9-61',
    s => {
      s.networks?.push({ name: 'default', multus: { networkName: 'n' } });
    },
    'Network with name "default" already exists, every network must have a unique name',
    none,
  ],
  [
    'B9-61',
    s => {
      s.domain.devices.interfaces?.push({ name: 'default', bridge: {} });
    },
    'Only one interface can be connected to one specific network',
    none,
  ],
  [
    'B9-62',
    s => {
      s.networks = [{ name: 'default' }];
    },
    'should have a network type',
    none,
  ],
  [
    'B9-62',
    s => {
      s.networks = [{ name: 'default', pod: {}, multus: { networkName: 'n' } }];
    },
    'should have only one network type',
    none,
  ],
  [
    'B9-62',
    s => {
      s.networks = [{ name: 'default', multus: { networkName: '' } }];
      nic({ masquerade: undefined, bridge: {} })(s);
    },
    'CNI delegating plugin must have a networkName',
    s => {
      s.networks = [{ name: 'default', multus: { networkName: 'n' } }];
      nic({ masquerade: undefined, bridge: {} })(s);
    },
  ],
  [
    'B9-62',
    s => {
      s.networks?.push({ name: 'm', multus: { networkName: 'n', default: true } });
      s.domain.devices.interfaces?.push({ name: 'm', bridge: {} });
    },
    'Pod network cannot be defined when Multus default network is defined',
    s => {
      s.networks?.push({ name: 'm', multus: { networkName: 'n' } });
      s.domain.devices.interfaces?.push({ name: 'm', bridge: {} });
    },
  ],
  [
    'B9-63',
    s => {
      s.networks?.push({ name: 'p', pod: {} });
      s.domain.devices.interfaces?.push({ name: 'p', bridge: {} });
    },
    `more than one interface is connected to a pod network in ${S}.interfaces`,
    none,
  ],
  [
    'B9-64',
    nic({ bridge: {} }),
    'logical default interface must have exactly one binding method or binding plugin',
    nic({ masquerade: undefined, bridge: {} }),
  ],
  [
    'B9-64',
    s => {
      s.networks = [{ name: 'default', multus: { networkName: 'n' } }];
    },
    'Masquerade interface only implemented with pod network',
    none,
  ],
  [
    'B9-64',
    nic({ masquerade: undefined, bridge: {} }),
    'Bridge on pod network configuration is not enabled under kubevirt-config',
    none,
    configWith({
      network: { permitBridgeInterfaceOnPodNetwork: false, defaultNetworkInterface: 'masquerade' },
    }),
  ],
  [
    'B9-65',
    nic({ model: 'invalid_model' }),
    `interface ${domain}.devices.interfaces[0].name uses model invalid_model that is not supported.`,
    nic({ model: 'e1000e' }),
  ],
  [
    'B9-65',
    nic({ macAddress: 'de:ad:00:00:be:af:be:af' }),
    `interface ${domain}.devices.interfaces[0].name has too long MAC address (de:ad:00:00:be:af:be:af).`,
    nic({ macAddress: 'de-ad-00-00-be-af' }),
  ],
  [
    'B9-65',
    nic({ macAddress: 'de:ad:00:00:be' }),
    `interface ${domain}.devices.interfaces[0].name has malformed MAC address (de:ad:00:00:be).`,
    nic({ macAddress: 'de:ad:00:00:be:aa' }),
  ],
  [
    'B9-65',
    nic({ pciAddress: '0000:80.10.1' }),
    `interface ${domain}.devices.interfaces[0].name has malformed PCI address (0000:80.10.1).`,
    nic({ pciAddress: '0000:81:00.1' }),
  ],
  [
    'B9-66',
    nic({ ports: [{ port: 80, protocol: 'bad' }] }),
    'Unknown protocol, only TCP or UDP allowed',
    nic({ ports: [{ port: 80, protocol: 'UDP' }] }),
  ],
  [
    'B9-66',
    nic({ ports: [{ port: 80000 }] }),
    'Port field must be in range 0 < x < 65536.',
    nic({ ports: [{ port: 65535 }] }),
  ],
  ['B9-66', nic({ ports: [{ port: 0 }] }), 'Port field is mandatory.', nic({ ports: [{ port: 1 }] })],
  [
    'B9-66',
    nic({
      ports: [
        { name: 'a', port: 1 },
        { name: 'a', port: 2 },
      ],
    }),
    'Duplicate name of the port: a',
    nic({
      ports: [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
      ],
    }),
  ],
  [
    'B9-67',
    nic({ state: 'foo' }),
    'logical default interface state value is unsupported: foo',
    nic({ state: 'down' }),
  ],
  [
    'B9-67',
    nic({ state: 'absent' }),
    '"default" interface\'s state "absent" is supported only for bridge binding',
    nic({ state: 'up' }),
  ],
  [
    'B9-68',
    s => {
      s.domain.devices.inputs = [{ name: 't', type: 'tablet', bus: 'ps2' }];
    },
    'Input device can have only virtio or usb bus.',
    s => {
      s.domain.devices.inputs = [{ name: 't', type: 'tablet', bus: 'virtio' }];
    },
  ],
  [
    'B9-68',
    s => {
      s.domain.devices.inputs = [{ name: 't', type: 'keyboard' }];
    },
    'Input device can have only tablet type.',
    s => {
      s.domain.devices.inputs = [{ name: 't', type: 'tablet' }];
    },
  ],
  [
    'B9-69',
    s => {
      s.domain.devices.sound = { name: 's', model: 'es1370' };
    },
    "Sound device type is not supported. Options: 'ich9' or 'ac97'",
    s => {
      s.domain.devices.sound = { name: 's', model: 'ac97' };
    },
  ],
  [
    'B9-69',
    s => {
      s.domain.devices.sound = { name: '' };
    },
    'Sound device requires a name field.',
    s => {
      s.domain.devices.sound = { name: 's' };
    },
  ],
  [
    'B9-69',
    s => {
      s.domain.devices.video = { type: 'vga' };
      s.domain.devices.autoattachGraphicsDevice = false;
    },
    'Video configuration is not allowed when autoattachGraphicsDevice is set to false',
    s => {
      s.domain.devices.video = { type: 'vga' };
    },
  ],
  [
    'B9-70',
    s => {
      s.domain.devices.hostDevices = [{ name: 'h', deviceName: 'd' }];
    },
    'Host Devices feature gate is not enabled in kubevirt-config',
    s => {
      s.domain.devices.gpus = [{ name: 'g', deviceName: 'd' }];
    },
  ],
  [
    'B9-70',
    s => {
      s.domain.devices.autoattachVSOCK = true;
    },
    'VSOCK feature gate is not enabled in kubevirt-config',
    s => {
      s.domain.devices.autoattachVSOCK = false;
    },
  ],
  [
    'B9-70',
    s => {
      s.domain.devices.gpus = ['a', 'b'].map(name => ({
        name,
        deviceName: 'd',
        virtualGPUOptions: { display: {} },
      }));
    },
    'configuring multiple displays with ramfb is not valid ',
    s => {
      s.domain.devices.gpus = ['a', 'b'].map(name => ({
        name,
        deviceName: 'd',
        virtualGPUOptions: { display: { ramFB: { enabled: false } } },
      }));
    },
  ],
  [
    'B9-71',
    s => {
      s.domain.firmware = { bootloader: { efi: { secureBoot: false }, bios: {} } };
    },
    `${domain}.firmware.bootloader has both EFI and BIOS configured, but they are mutually exclusive.`,
    s => {
      s.domain.firmware = { bootloader: { bios: {} } };
    },
  ],
  [
    'B9-71',
    s => {
      s.domain.firmware = { bootloader: { efi: {} } };
    },
    `${domain} has EFI SecureBoot enabled. SecureBoot requires SMM, which is currently disabled.`,
    s => {
      s.domain.firmware = { bootloader: { efi: {} } };
      s.domain.features = { smm: {} };
    },
  ],
  [
    'B9-71',
    s => {
      s.domain.firmware = { acpi: { slicNameRef: 'slic' } };
    },
    `${S}.acpi does not have a matching Volume.`,
    s => {
      s.domain.firmware = { acpi: { slicNameRef: 'slic' } };
      s.volumes?.push({ name: 'slic', secret: { secretName: 's' } });
    },
  ],
  [
    'B9-72',
    s => {
      s.domain.launchSecurity = { sev: {}, tdx: {} };
    },
    'One and only one launchSecurity type can be set',
    s => {
      s.domain.launchSecurity = { sev: {} };
      s.domain.firmware = { bootloader: { efi: { secureBoot: false } } };
    },
  ],
  [
    'B9-72',
    s => {
      s.domain.launchSecurity = { snp: {} };
    },
    'SNP requires OVMF (UEFI)',
    none,
  ],
  [
    'B9-72',
    s => {
      s.domain.launchSecurity = { tdx: {} };
    },
    'WorkloadEncryptionTDX feature gate is not enabled in kubevirt-config',
    none,
  ],
  [
    'B9-72',
    s => {
      s.architecture = 'arm64';
      s.domain.launchSecurity = { sev: {} };
    },
    'No launchSecurity support for architecture: arm64',
    s => {
      s.architecture = 's390x';
      s.domain.launchSecurity = {};
    },
  ],
  [
    'B9-74',
    s => {
      s.accessCredentials = [{}];
    },
    `${S}.accessCredentials[0] must have exactly one access credential type set`,
    none,
  ],
  [
    'B9-74',
    s => {
      s.accessCredentials = [{ sshPublicKey: { source: {}, propagationMethod: { noCloud: {} } } }];
    },
    `${S}.accessCredentials[0] must have exactly one source set`,
    s => {
      s.accessCredentials = [
        { sshPublicKey: { source: { secret: { secretName: 'k' } }, propagationMethod: { noCloud: {} } } },
      ];
    },
  ],
  [
    'B9-74',
    s => {
      s.accessCredentials = [
        { sshPublicKey: { source: { secret: {} }, propagationMethod: { qemuGuestAgent: { users: [] } } } },
      ];
    },
    `${S}.accessCredentials[0] requires at least one user to be present in the users list`,
    s => {
      s.accessCredentials = [
        { sshPublicKey: { source: { secret: {} }, propagationMethod: { qemuGuestAgent: { users: ['u'] } } } },
      ];
    },
  ],
];

describe.each([
  ['general', GENERAL],
  ['disks and volumes', STORAGE],
  ['networks and devices', DEVICES],
])('spec of a VMI: %s', (_, rows) => {
  it.each(rows)(
    '%s refuses with its message and accepts its neighbour: %#',
    (_row, refused, message, accepted, config) => {
      expect(messages(refused, config)).toContain(message);
      expect(messages(accepted, config)).toEqual([]);
    },
  );
});

describe('spec of a VMI', () => {
  it('reports reason and field in the order reason, message, field', () => {
    const causes = validateVmiSpec(S, specWith(disk({ disk: { bus: 'ide' } })), configWith());
    expect(JSON.stringify(causes)).toBe(
      `[{"reason":"FieldValueInvalid","message":"IDE bus is not supported","field":"${disks}[0].disk.bus"}]`,
    );
  });

  it('B9-20 needs a CPU count for dedicated CPUs', () => {
    const spec = plainSpec();
    spec.domain.cpu = { dedicatedCpuPlacement: true };
    const causes = validateVmiSpec(S, spec, configWith()).map(({ message }) => message);
    expect(causes).toContain(
      `either ${domain}.resources.requests.cpu or ${domain}.resources.limits.cpu or ${domain}.cpu.cores must be provided when DedicatedCPUPlacement is true `,
    );
  });

  it('judges affinity with Kubernetes’ texts and upstream’s shortened path', () => {
    const spec = specWith(s => {
      s.affinity = {
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a b' }] },
      };
    });
    const [cause] = validateVmiSpec('spec', spec, configWith());
    expect(cause?.field).toBe(
      'spec.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey',
    );
    expect(cause?.message).toMatch(
      /^spec\.podAffinity.*topologyKey: Invalid value: "a b": name part must consist of/,
    );
  });
});
