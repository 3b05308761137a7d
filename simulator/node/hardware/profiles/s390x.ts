/** A logical partition of an IBM Z. */
export const yaml = `
name: s390x
description: An IBM z14 partition
architecture: s390x
cpu:
  vendor: IBM
  model: z14.2-base
  coresPerSocket: 8
  threadsPerCore: 2
memory: 64Gi
storage:
  ephemeral: 200Gi
devices:
  secureExecution: false
kubelet:
  reserved: { cpu: 500m, memory: 1Gi }
roles: [worker]
os:
  kernel: 5.14.0-615.el9.s390x
`;
