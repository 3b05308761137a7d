import { describe, expect, it } from 'vitest';
import { expandVirtualMachine } from '../../simulator/instancetype/index.ts';
import {
  clusterOf,
  instancetype,
  instancetypeSpec,
  MASQUERADE,
  preference,
  virtualMachine,
  vmiSpec,
} from './fixtures.ts';

const options = {
  network: MASQUERADE,
  applyDefaults: (spec: ReturnType<typeof vmiSpec>) => ({
    ...spec,
    architecture: spec.architecture ?? 'amd64',
  }),
};
const lookup = clusterOf(
  instancetype('it', instancetypeSpec({ rest: { annotations: { from: 'it' } } })),
  preference('p', { devices: { preferredDiskBus: 'virtio', preferredAutoattachInputDevice: true } }),
);

describe('6.6 expand-spec', () => {
  it('writes everything into the template and drops all references', () => {
    const vm = virtualMachine(
      {
        instancetype: { name: 'it' },
        preference: { name: 'p' },
        vmi: vmiSpec({}, { volumes: [{ name: 'root' }] }),
      },
      { created: true, instancetypeRef: { name: 'it' }, preferenceRef: { name: 'p' } },
    );
    expect(expandVirtualMachine(vm, lookup, options).vm).toEqual({
      ...vm,
      spec: {
        runStrategy: 'Halted',
        template: {
          metadata: { annotations: { from: 'it' } },
          spec: {
            architecture: 'amd64',
            domain: {
              cpu: { cores: 1, sockets: 2, threads: 1 },
              memory: { guest: '1Gi' },
              devices: {
                // No input device: unlike a start, expansion takes the switch up too late for that.
                autoattachInputDevice: true,
                disks: [{ name: 'root', disk: { bus: 'virtio' } }],
                interfaces: [{ name: 'default', masquerade: {} }],
              },
            },
            networks: [{ name: 'default', pod: {} }],
            volumes: [{ name: 'root' }],
          },
        },
      },
      status: { created: true },
    });
  });

  it('a VirtualMachine without references comes back as it is, without defaults', () => {
    const vm = virtualMachine();
    expect(expandVirtualMachine(vm, lookup, options).vm).toBe(vm);
  });

  it('an expanded VirtualMachine expands to itself', () => {
    const { vm } = expandVirtualMachine(virtualMachine({ instancetype: { name: 'it' } }), lookup, options);
    expect(vm && expandVirtualMachine(vm, lookup, options).vm).toBe(vm);
  });

  it('tells what is missing or conflicts', () => {
    expect(
      expandVirtualMachine(virtualMachine({ instancetype: { name: 'gone' } }), lookup, options).error,
    ).toBe('virtualmachineclusterinstancetypes.instancetype.kubevirt.io "gone" not found');
    const vm = virtualMachine({ instancetype: { name: 'it' }, vmi: vmiSpec({ cpu: { cores: 2 } }) });
    expect(expandVirtualMachine(vm, lookup, options).error).toBe(
      'VM field(s) spec.template.spec.domain.cpu.cores conflicts with selected instance type',
    );
  });
});
