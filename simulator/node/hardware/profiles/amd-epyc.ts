/** A server with one AMD EPYC socket and memory encryption. */
export const yaml = `
name: amd-epyc
description: One AMD EPYC (Milan) socket with SEV-SNP
architecture: amd64
cpu:
  vendor: AMD
  model: EPYC-Milan
  coresPerSocket: 32
  threadsPerCore: 2
  features: [cmp_legacy, invtsc, lfence-always-serializing, null-sel-clr-base, tsc-scale, vgif, virt-ssbd]
  tsc: { frequency: 2450000000, scalable: true }
memory: 256Gi
storage:
  ephemeral: 400Gi
devices:
  sev: sev-snp
kubelet:
  maxPods: 250
  reserved: { cpu: "1", memory: 2Gi }
roles: [worker]
`;
