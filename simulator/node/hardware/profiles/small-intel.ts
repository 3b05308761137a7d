/** A small server, one socket. */
export const yaml = `
name: small-intel
description: One Intel socket with hardware virtualisation
architecture: amd64
cpu:
  vendor: Intel
  model: Skylake-Server-IBRS
  coresPerSocket: 8
  threadsPerCore: 2
  features: [clflushopt, invtsc, ss, stibp, vmx, xsaves]
  tsc: { frequency: 2400000000, scalable: true }
memory: 64Gi
storage:
  ephemeral: 200Gi
kubelet:
  reserved: { cpu: 500m, memory: 1Gi }
roles: [worker]
`;
