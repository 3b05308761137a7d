import { describe, expect, it } from 'vitest';
import {
  applyAtStart,
  withDefaultDisks,
  withDefaultInput,
  withDefaultNetwork,
} from '../../simulator/instancetype/index.ts';
import {
  clusterOf,
  instancetype,
  instancetypeSpec,
  MASQUERADE,
  preference,
  virtualMachine,
  vmiSpec,
} from './fixtures.ts';

describe('B4-31 what a new VMI gets beside its instancetype', () => {
  it('a disk for each volume without disk or filesystem', () => {
    const spec = vmiSpec(
      { devices: { disks: [{ name: 'a', cdrom: {} }], filesystems: [{ name: 'b', virtiofs: {} }] } },
      { volumes: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
    );
    expect(withDefaultDisks(spec).domain.devices.disks).toEqual([{ name: 'a', cdrom: {} }, { name: 'c' }]);
    const complete = vmiSpec({ devices: { disks: [{ name: 'a' }] } }, { volumes: [{ name: 'a' }] });
    expect(withDefaultDisks(complete)).toBe(complete);
  });

  it('an input device where autoattachInputDevice asks and none is there', () => {
    expect(
      withDefaultInput(vmiSpec({ devices: { autoattachInputDevice: true } })).domain.devices.inputs,
    ).toEqual([{ name: 'default-0', type: '' }]);
    for (const devices of [
      {},
      { autoattachInputDevice: false },
      { autoattachInputDevice: true, inputs: [{ name: 'i' }] },
    ]) {
      const spec = vmiSpec({ devices });
      expect(withDefaultInput(spec)).toBe(spec);
    }
  });

  it.each([
    ['bridge', { name: 'default', bridge: {} }],
    ['masquerade', { name: 'default', masquerade: {} }],
  ])('B6-86 a %s interface on the pod network', (defaultNetworkInterface, item) => {
    const { spec } = withDefaultNetwork(vmiSpec(), { ...MASQUERADE, defaultNetworkInterface });
    expect(spec?.networks).toEqual([{ name: 'default', pod: {} }]);
    expect(spec?.domain.devices.interfaces).toEqual([item]);
  });

  it('B6-86 none where the user decided', () => {
    for (const spec of [
      vmiSpec({ devices: { autoattachPodInterface: false } }),
      vmiSpec({ devices: { interfaces: [{ name: 'x' }] } }),
      vmiSpec({}, { networks: [{ name: 'x' }] }),
    ]) {
      expect(withDefaultNetwork(spec, MASQUERADE).spec).toBe(spec);
    }
  });

  it('B6-86 refusals', () => {
    expect(
      withDefaultNetwork(vmiSpec(), {
        defaultNetworkInterface: 'bridge',
        permitBridgeInterfaceOnPodNetwork: false,
      }).error,
    ).toBe('bridge interface is not enabled in kubevirt-config');
    expect(withDefaultNetwork(vmiSpec(), { ...MASQUERADE, defaultNetworkInterface: 'slirp' }).error).toBe(
      'slirp interface is deprecated as of v1.3',
    );
  });
});

describe('B6-04 the VMI at start', () => {
  const lookup = clusterOf(
    instancetype(
      'it',
      instancetypeSpec({ rest: { annotations: { who: 'instancetype', it: 'yes' } } }),
      'namespaced',
    ),
    preference('p', {
      annotations: { who: 'preference', it: 'no', p: 'yes' },
      devices: {
        preferredDiskBus: 'virtio',
        preferredInterfaceModel: 'virtio',
        preferredAutoattachInputDevice: true,
        preferredInputBus: 'virtio',
        preferredInputType: 'tablet',
      },
    }),
    preference('headless', { devices: { preferredAutoattachPodInterface: false } }),
  );

  it('preferences reach default disks, interface and input; the template’s and instancetype’s annotations win', () => {
    const vm = virtualMachine({
      instancetype: { name: 'it', kind: 'VirtualMachineInstancetype' },
      preference: { name: 'p' },
      metadata: { annotations: { own: '1' } },
      vmi: vmiSpec({}, { volumes: [{ name: 'root' }] }),
    });
    const { vmi } = applyAtStart(vm, lookup, MASQUERADE);
    expect(vmi?.spec).toEqual({
      domain: {
        cpu: { cores: 1, sockets: 2, threads: 1 },
        memory: { guest: '1Gi' },
        devices: {
          autoattachInputDevice: true,
          disks: [{ name: 'root', disk: { bus: 'virtio' } }],
          inputs: [{ name: 'default-0', bus: 'virtio', type: 'tablet' }],
          interfaces: [{ name: 'default', masquerade: {}, model: 'virtio' }],
        },
      },
      networks: [{ name: 'default', pod: {} }],
      volumes: [{ name: 'root' }],
    });
    expect(vmi?.metadata.annotations).toEqual({
      own: '1',
      who: 'instancetype',
      it: 'yes',
      p: 'yes',
      'kubevirt.io/instancetype-name': 'it',
      'kubevirt.io/cluster-preference-name': 'p',
    });
  });

  it.each([
    ['VirtualMachineClusterInstancetype', 'kubevirt.io/cluster-instancetype-name'],
    ['', 'kubevirt.io/cluster-instancetype-name'],
    ['VirtualMachineInstancetype', 'kubevirt.io/instancetype-name'],
  ])('B6-77 kind %s is told by %s', (kind, annotation) => {
    const both = clusterOf(
      instancetype('x', instancetypeSpec({})),
      instancetype('x', instancetypeSpec({}), 'namespaced'),
    );
    const { vmi } = applyAtStart(virtualMachine({ instancetype: { name: 'x', kind } }), both, MASQUERADE);
    expect(vmi?.metadata.annotations).toEqual({ [annotation]: 'x' });
  });

  it('B6-35 a preference can forbid the default interface', () => {
    const { vmi } = applyAtStart(virtualMachine({ preference: { name: 'headless' } }), lookup, MASQUERADE);
    expect(vmi?.spec).not.toHaveProperty('networks');
  });

  it('a VirtualMachine without references gets the defaults only', () => {
    const { vmi } = applyAtStart(virtualMachine(), clusterOf(), MASQUERADE);
    expect(vmi?.metadata).toEqual({});
    expect(vmi?.spec.domain).toEqual({ devices: { interfaces: [{ name: 'default', masquerade: {} }] } });
  });

  it('errors carry the words of upstream’s event', () => {
    const vm = virtualMachine({
      instancetype: { name: 'it', kind: 'VirtualMachineInstancetype' },
      vmi: vmiSpec({ memory: { guest: '1Gi' } }),
    });
    const error = 'VMI conflicts with instancetype spec in fields: [spec.domain.memory.guest]';
    expect(applyAtStart(vm, lookup, MASQUERADE)).toEqual({
      error,
      event: `Error creating virtual machine instance: Failed to apply instancetype: ${error}`,
    });
    expect(applyAtStart(virtualMachine({ preference: { name: 'gone' } }), lookup, MASQUERADE).event).toBe(
      'Error applying device preferences again: virtualmachineclusterpreferences.instancetype.kubevirt.io "gone" not found',
    );
  });

  it('the documented example: the disk on sata stays there, the other moves to virtio, and so does the interface', () => {
    const cluster = clusterOf(
      preference(
        'example-preference',
        { devices: { preferredDiskBus: 'virtio', preferredInterfaceModel: 'virtio' } },
        'namespaced',
      ),
    );
    const vm = virtualMachine({
      preference: { kind: 'VirtualMachinePreference', name: 'example-preference' },
      vmi: vmiSpec(
        {
          memory: { guest: '128Mi' },
          devices: {
            disks: [
              { disk: { bus: 'sata' }, name: 'containerdisk' },
              { disk: {}, name: 'cloudinitdisk' },
            ],
          },
          resources: {},
        },
        {
          terminationGracePeriodSeconds: 0,
          volumes: [
            {
              containerDisk: { image: 'registry:5000/kubevirt/cirros-container-disk-demo:devel' },
              name: 'containerdisk',
            },
            { cloudInitNoCloud: { userData: '#!/bin/sh' }, name: 'cloudinitdisk' },
          ],
        },
      ),
    });
    const devices = applyAtStart(vm, cluster, MASQUERADE).vmi?.spec.domain.devices;
    expect(devices?.disks).toEqual([
      { disk: { bus: 'sata' }, name: 'containerdisk' },
      { disk: { bus: 'virtio' }, name: 'cloudinitdisk' },
    ]);
    expect(devices?.interfaces).toEqual([{ name: 'default', masquerade: {}, model: 'virtio' }]);
    expect(vm.spec.template.spec.domain.devices.disks?.[1]).toEqual({ disk: {}, name: 'cloudinitdisk' });
  });
});
