/** Two sockets with GPUs, whole and in slices. */
export const yaml = `
name: numa-gpu
description: Two Intel sockets with two whole GPUs and eight virtual ones
architecture: amd64
cpu:
  vendor: Intel
  model: SapphireRapids
  sockets: 2
  coresPerSocket: 32
  threadsPerCore: 2
  features: [invtsc, ss, stibp, vmx]
  tsc: { frequency: 2000000000, scalable: true }
memory: 512Gi
hugepages: { 1Gi: 128 }
numaNodes:
  - { memory: 256Gi, cpus: "0-31,64-95", hugepages: { 1Gi: 64 } }
  - { memory: 256Gi, cpus: "32-63,96-127", hugepages: { 1Gi: 64 } }
storage:
  ephemeral: 800Gi
gpus:
  - { resourceName: nvidia.com/GA100_A100_PCIE_40GB, selector: "10DE:20F1", count: 1, numaNode: 0 }
  - { resourceName: nvidia.com/GA100_A100_PCIE_40GB, selector: "10DE:20F1", count: 1, numaNode: 1 }
mediatedDevices:
  - { resourceName: nvidia.com/GRID_T4-2Q, selector: GRID T4-2Q, count: 8, numaNode: 1 }
kubelet:
  maxPods: 250
  cpuManager: static
  reserved: { cpu: "2", memory: 4Gi }
labels:
  nvidia.com/gpu.present: "true"
roles: [worker]
`;
