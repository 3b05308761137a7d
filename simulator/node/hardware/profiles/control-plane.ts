/** A node for the control plane, which ordinary pods may not use. */
export const yaml = `
name: control-plane
description: A control plane node
architecture: amd64
cpu:
  vendor: Intel
  model: Skylake-Server-IBRS
  coresPerSocket: 4
  threadsPerCore: 2
  features: [clflushopt, invtsc, ss, stibp, vmx, xsaves]
  tsc: { frequency: 2400000000, scalable: true }
memory: 32Gi
storage:
  ephemeral: 100Gi
kubelet:
  reserved: { cpu: 500m, memory: 1Gi }
roles: [control-plane]
labels:
  node.kubernetes.io/exclude-from-external-load-balancers: ""
taints:
  - { key: node-role.kubernetes.io/control-plane, effect: NoSchedule }
`;
