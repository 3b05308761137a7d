/**
 * API groups that a real cluster serves through APIService objects: their discovery documents are written by the
 * server behind them (KubeVirt v1.9 pkg/virt-api/api.go), not derived from resources.
 */
export interface AggregatedResource {
  readonly name: string;
  readonly kind: string;
}

export interface AggregatedGroup {
  readonly name: string;
  /** In order of preference. */
  readonly versions: readonly string[];
  readonly resources: readonly AggregatedResource[];
  /** The name that the server behind it gives itself in its group document, where it differs. */
  readonly ownName?: string;
}

const VMI_SUBRESOURCES = [
  'vnc',
  'vnc/screenshot',
  'console',
  'portforward',
  'backup',
  'redefine-checkpoint',
  'pause',
  'unpause',
  'freeze',
  'unfreeze',
  'reset',
  'softreboot',
];
const VM_SUBRESOURCES = [
  'start',
  'stop',
  'restart',
  'migrate',
  'expand-spec',
  'objectgraph',
  'evacuate/cancel',
];
const MORE_VMI_SUBRESOURCES = [
  'guestosinfo',
  'userlist',
  'filesystemlist',
  'addvolume',
  'removevolume',
  'objectgraph',
  'sev/fetchcertchain',
  'sev/querylaunchmeasurement',
  'sev/setupsession',
  'sev/injectlaunchsecret',
  'evacuate/cancel',
];

const named = (resource: string, names: readonly string[]): AggregatedResource[] =>
  names.map(name => ({ name: `${resource}/${name}`, kind: '' }));

export const AGGREGATED_GROUPS: readonly AggregatedGroup[] = [
  {
    name: 'subresources.kubevirt.io',
    ownName: 'subresource.kubevirt.io',
    versions: ['v1', 'v1alpha3'],
    resources: [
      { name: 'expand-vm-spec', kind: '' },
      ...named('virtualmachineinstances', VMI_SUBRESOURCES),
      ...named('virtualmachines', VM_SUBRESOURCES),
      ...named('virtualmachineinstances', MORE_VMI_SUBRESOURCES),
    ],
  },
];
