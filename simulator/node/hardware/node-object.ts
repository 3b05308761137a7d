/** From a hardware profile to the Node object that the kubelet registers (Kubernetes 1.35 pkg/kubelet/nodestatus). */
import type { Node } from '../../types/core.ts';
import type { Millis, NewObject, ResourceList } from '../../types/meta.ts';
import { formatMilli, formatUnits, quantityMilliValue, quantityValue } from '../../types/quantity.ts';
import { PAGE_SIZES } from './defaults.ts';
import { type DeviceOptions, deviceResources, type DeviceResources } from './devices.ts';
import {
  heartbeatAnnotations,
  heartbeatLabels,
  type LabellerOptions,
  labellerLabels,
  timestamp,
} from './labeller.ts';
import { cpuCount, type HardwareProfile } from './profile.ts';

export interface NodeParts {
  /** What the kubelet registers: no KubeVirt label and no device resource is on it yet. */
  kubelet: NewObject<Node>;
  /** What virt-handler adds to the labels: the labeller's and the heartbeat's. */
  labels: Record<string, string>;
  /** What virt-handler adds to the annotations: the heartbeat. */
  annotations: Record<string, string>;
  /** What the device plugins add to the capacity and the allocatable resources. */
  devices: DeviceResources;
}

export interface NodeOptions extends LabellerOptions, DeviceOptions {
  now: Millis;
  /** For `topology.kubernetes.io/zone`. */
  zone?: string;
  /** For `topology.kubernetes.io/region`. */
  region?: string;
}

/** What the kubelet keeps free before it evicts pods: 100 Mi of memory, a tenth of its file system. */
const EVICTION_MEMORY = 100 * 1024 * 1024;
const EVICTION_STORAGE_SHARE = 0.1;

/**
 * A machine of this profile as a node.
 * @param index the node's number in its cluster, from 0: decides its addresses.
 */
export function nodeObject(
  profile: HardwareProfile,
  name: string,
  index: number,
  options: NodeOptions,
): NodeParts {
  return {
    kubelet: kubeletNode(profile, name, index, options),
    labels: { ...labellerLabels(profile, options), ...heartbeatLabels(profile) },
    annotations: heartbeatAnnotations(options.now),
    devices: deviceResources(profile, options),
  };
}

function kubeletNode(
  profile: HardwareProfile,
  name: string,
  index: number,
  { now, zone, region }: NodeOptions,
): NewObject<Node> {
  const { architecture, kubelet, os, taints } = profile;
  const podCIDR = `10.${244 + (index >> 8)}.${index & 255}.0/24`;
  const { capacity, allocatable } = nodeResources(profile);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': architecture,
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...Object.fromEntries(profile.roles.map(role => [`node-role.kubernetes.io/${role}`, ''])),
        ...(region && { 'topology.kubernetes.io/region': region }),
        ...(zone && { 'topology.kubernetes.io/zone': zone }),
        ...profile.labels,
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        ...profile.annotations,
      },
    },
    spec: {
      podCIDR,
      podCIDRs: [podCIDR],
      ...(taints.length > 0 && { taints: taints.map(taint => ({ ...taint })) }),
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: `172.18.${(index + 2) >> 8}.${(index + 2) & 255}` },
        { type: 'Hostname', address: name },
      ],
      capacity,
      allocatable,
      conditions: nodeConditions(now),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture,
        bootID: uuidOf(`${name}/boot`),
        containerRuntimeVersion: os.containerRuntime,
        kernelVersion: os.kernel,
        // The kubelet still fills in this field, which nothing reads any more.
        kubeProxyVersion: '',
        kubeletVersion: kubelet.version,
        machineID: hexOf(`${name}/machine`, 32),
        operatingSystem: 'linux',
        osImage: os.image,
        systemUUID: uuidOf(`${name}/system`),
      },
    },
  };
}

const HEALTH = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const;

/** The conditions of a healthy node. */
export function nodeConditions(now: Millis): NonNullable<NonNullable<Node['status']>['conditions']> {
  const time = timestamp(now);
  return HEALTH.map(([type, status, reason, message]) => ({
    type,
    status,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    reason,
    message,
  }));
}

/** Capacity, and what is left of it for pods: less what is reserved, the eviction thresholds and the hugepages. */
export function nodeResources(profile: HardwareProfile): {
  capacity: ResourceList;
  allocatable: ResourceList;
} {
  const { kubelet, hugepages } = profile;
  const { reserved } = kubelet;
  const milliCpu = cpuCount(profile) * 1000;
  const memory = quantityValue(profile.memory);
  const storage = quantityValue(profile.storage.ephemeral);
  const pages = PAGE_SIZES[profile.architecture].map(
    size => [`hugepages-${size}`, quantityValue(size) * (hugepages[size] ?? 0)] as const,
  );
  const pageBytes = pages.reduce((sum, [, bytes]) => sum + bytes, 0);
  const pageAmounts = Object.fromEntries(
    pages.map(([name, bytes]) => [name, formatUnits(bytes, 'BinarySI')]),
  );
  const freeMemory = memory - quantityValue(reserved.memory) - EVICTION_MEMORY - pageBytes;
  const evictedStorage = Math.trunc(storage * EVICTION_STORAGE_SHARE);
  const freeStorage = storage - quantityValue(reserved.ephemeralStorage) - evictedStorage;
  return {
    capacity: {
      cpu: formatMilli(milliCpu),
      'ephemeral-storage': binary(storage),
      ...pageAmounts,
      memory: binary(memory),
      pods: String(kubelet.maxPods),
    },
    allocatable: {
      cpu: formatMilli(Math.max(0, milliCpu - quantityMilliValue(reserved.cpu))),
      'ephemeral-storage': formatUnits(Math.max(0, freeStorage)),
      ...pageAmounts,
      memory: binary(Math.max(0, freeMemory)),
      pods: String(kubelet.maxPods),
    },
  };
}

/** Bytes in powers of two, as the kubelet prints memory and the size of its file system. */
function binary(bytes: number): string {
  return formatUnits(bytes, 'BinarySI');
}

function uuidOf(text: string): string {
  const hex = hexOf(text, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Digits that look arbitrary but are always the same for the same text (FNV-1a, a word at a time). */
function hexOf(text: string, digits: number): string {
  let hex = '';
  let hash = 0x811c9dc5;
  while (hex.length < digits) {
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hex.length;
    hex += (hash >>> 0).toString(16).padStart(8, '0');
  }
  return hex.slice(0, digits);
}
