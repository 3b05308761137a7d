/** What a profile need not say. */
import type { Architecture } from './profile.ts';

export const OPERATING_SYSTEM = {
  image: 'CentOS Stream 9',
  kernel: '5.14.0-615.el9.x86_64',
  containerRuntime: 'containerd://2.1.5',
  kubelet: 'v1.35.0',
} as const;

/** Page sizes that the kubelet reports, by architecture. */
export const PAGE_SIZES: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: ['1Gi', '2Mi'],
  arm64: ['1Gi', '2Mi', '32Mi', '64Ki'],
  s390x: ['1Mi'],
};

/** KubeVirt v1.9 pkg/virt-handler/node-labeller/kvm-caps-info-plugin_amd64.go. */
export const HYPERV_FEATURES: readonly string[] = [
  'base',
  'time',
  'vpindex',
  'tlbflush',
  'ipi',
  'synic',
  'synic2',
  'frequencies',
  'reset',
  'runtime',
  'synictimer',
  'reenlightenment',
];

const RHEL_9 = ['9.0.0', '9.2.0', '9.4.0', '9.6.0'];
const RHEL_8 = ['8.0.0', '8.1.0', '8.2.0', '8.3.0', '8.4.0', '8.5.0', '8.6.0'];

/** What QEMU of virt-launcher's image (CentOS Stream 9) can pretend to be. */
export const MACHINE_TYPES: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: [
    'pc',
    'pc-i440fx-rhel7.6.0',
    'pc-q35-rhel7.6.0',
    ...RHEL_8.map(version => `pc-q35-rhel${version}`),
    ...RHEL_9.map(version => `pc-q35-rhel${version}`),
    'q35',
  ],
  arm64: ['virt', ...RHEL_9.map(version => `virt-rhel${version}`)],
  s390x: [
    's390-ccw-virtio',
    ...['7.5.0', '7.6.0', '8.2.0', '8.4.0', '8.5.0', '8.6.0', ...RHEL_9].map(
      version => `s390-ccw-virtio-rhel${version}`,
    ),
  ],
};
