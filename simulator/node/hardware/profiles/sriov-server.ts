/** A server whose network cards lend virtual functions to guests. */
export const yaml = `
name: sriov-server
description: Two Intel sockets with two SR-IOV networks
architecture: amd64
cpu:
  vendor: Intel
  model: Cascadelake-Server
  sockets: 2
  coresPerSocket: 12
  threadsPerCore: 2
  features: [arch-capabilities, ibrs-all, invtsc, mds-no, rdctl-no, skip-l1dfl-vmentry, ss, stibp, vmx, xsaves]
  tsc: { frequency: 2300000000, scalable: true }
memory: 192Gi
numaNodes:
  - { memory: 96Gi, cpus: "0-11,24-35" }
  - { memory: 96Gi, cpus: "12-23,36-47" }
storage:
  ephemeral: 300Gi
pciHostDevices:
  - { resourceName: intel.com/qat, selector: "8086:37C9", count: 16, numaNode: 0 }
sriov:
  - { resourceName: openshift.io/sriov_net, count: 32 }
  - { resourceName: openshift.io/sriov_storage, count: 16 }
kubelet:
  reserved: { cpu: "1", memory: 2Gi }
labels:
  feature.node.kubernetes.io/network-sriov.capable: "true"
roles: [worker]
`;
