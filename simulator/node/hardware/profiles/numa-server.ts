/** Two sockets for guests with dedicated CPUs, hugepages and realtime. */
export const yaml = `
name: numa-server
description: Two Intel sockets, static CPU manager, hugepages, realtime kernel
architecture: amd64
cpu:
  vendor: Intel
  model: Icelake-Server
  sockets: 2
  coresPerSocket: 16
  threadsPerCore: 2
  features: [arch-capabilities, avx512ifma, ibrs-all, invtsc, mds-no, rdctl-no, rdpid, sha-ni, skip-l1dfl-vmentry, ss, stibp, vmx, xsaves]
  missingFeatures: [hle, rtm]
  tsc: { frequency: 2600000000, scalable: true }
memory: 256Gi
hugepages: { 1Gi: 64, 2Mi: 4096 }
numaNodes:
  - { memory: 128Gi, cpus: "0-15,32-47", hugepages: { 1Gi: 32, 2Mi: 2048 } }
  - { memory: 128Gi, cpus: "16-31,48-63", hugepages: { 1Gi: 32, 2Mi: 2048 } }
storage:
  ephemeral: 400Gi
realtime: true
kubelet:
  maxPods: 250
  cpuManager: static
  reserved: { cpu: "2", memory: 4Gi }
roles: [worker]
`;
