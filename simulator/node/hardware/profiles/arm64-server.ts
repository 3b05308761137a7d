/** An Arm server. */
export const yaml = `
name: arm64-server
description: One Arm Neoverse socket
architecture: arm64
cpu:
  vendor: ARM
  model: neoverse-n1
  coresPerSocket: 64
memory: 128Gi
storage:
  ephemeral: 200Gi
kubelet:
  reserved: { cpu: 500m, memory: 1Gi }
roles: [worker]
os:
  kernel: 5.14.0-615.el9.aarch64
`;
