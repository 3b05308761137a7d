/** A laptop without nested virtualisation: KubeVirt runs there with useEmulation. */
export const yaml = `
name: laptop-emulation
description: A laptop without /dev/kvm; guests need software emulation
architecture: amd64
cpu:
  vendor: Intel
  model: Skylake-Client-IBRS
  coresPerSocket: 4
  threadsPerCore: 2
memory: 16Gi
storage:
  ephemeral: 60Gi
devices:
  kvm: false
roles: [worker]
os:
  image: Debian GNU/Linux 12 (bookworm)
  kernel: 6.12.9-200.fc41.x86_64
`;
