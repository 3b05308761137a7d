/** What a machine is made of, as far as Kubernetes and KubeVirt can tell. Read from YAML by parse-profile.ts. */
import type { Taint } from '../../types/core.ts';

export type Architecture = 'amd64' | 'arm64' | 's390x';

export interface HardwareProfile {
  name: string;
  description?: string;
  architecture: Architecture;
  cpu: CpuHardware;
  /** Bytes, as a quantity. */
  memory: string;
  /** Pages set aside at boot, by page size as Kubernetes writes it (`2Mi`, `1Gi`). */
  hugepages: Record<string, number>;
  numaNodes: NumaNode[];
  storage: { /** Bytes of the kubelet's file system, as a quantity. */ ephemeral: string };
  devices: DeviceNodes;
  gpus: HostDevice[];
  pciHostDevices: HostDevice[];
  mediatedDevices: HostDevice[];
  /** Virtual functions by the resource name of the SR-IOV device plugin. */
  sriov: { resourceName: string; count: number }[];
  /** Hyper-V enlightenments that KVM offers, by their label names. */
  hyperv: string[];
  /** The kernel allows unlimited realtime scheduling (kernel.sched_rt_runtime_us = -1). */
  realtime: boolean;
  machineTypes: string[];
  kubelet: KubeletSettings;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  taints: Taint[];
  /** Names after `node-role.kubernetes.io/`. */
  roles: string[];
  os: { image: string; kernel: string; containerRuntime: string };
}

export interface CpuHardware {
  vendor: string;
  /** The named model that libvirt finds for the host (its host-model). */
  model: string;
  sockets: number;
  coresPerSocket: number;
  threadsPerCore: number;
  /** CPU features beyond those of the model. */
  features: string[];
  /** Features of the model that this machine lacks (fused off, or disabled in its firmware). */
  missingFeatures: string[];
  /** What host-model asks of the target of a live migration; by default everything the host has. */
  hostModelRequiredFeatures?: string[];
  /** Frequency in Hz. */
  tsc?: { frequency: number; scalable: boolean };
}

export interface NumaNode {
  /** Bytes, as a quantity. */
  memory: string;
  /** Logical CPUs, as Linux writes them: `0-15,32-47`. */
  cpus: string;
  hugepages: Record<string, number>;
}

export interface DeviceNodes {
  /** /dev/kvm; without it KubeVirt needs software emulation. */
  kvm: boolean;
  tun: boolean;
  vhostNet: boolean;
  vhostVsock: boolean;
  /** How much of AMD SEV the machine offers; each step includes the ones before. */
  sev: 'none' | 'sev' | 'sev-es' | 'sev-snp';
  tdx: boolean;
  /** IBM Secure Execution. */
  secureExecution: boolean;
}

export interface HostDevice {
  resourceName: string;
  count: number;
  /** PCI vendor:product (`10DE:1EB8`), or the name of a mediated device type (`GRID T4-1Q`). */
  selector?: string;
  numaNode?: number;
  /** Its resource comes from a device plugin other than KubeVirt's. */
  external: boolean;
}

export interface KubeletSettings {
  version: string;
  maxPods: number;
  cpuManager: 'none' | 'static';
  reserved: { cpu: string; memory: string; ephemeralStorage: string };
}

/** Logical CPUs of the machine. */
export function cpuCount({ cpu }: HardwareProfile): number {
  return cpu.sockets * cpu.coresPerSocket * cpu.threadsPerCore;
}
