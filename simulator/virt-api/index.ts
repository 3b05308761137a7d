/**
 * virt-api's subresources (KubeVirt v1.9 pkg/virt-api/rest): the calls behind virtctl that change or read objects.
 * Left out so far: volumes, memory dumps, the guest agent's calls, freezing, reset, object graphs. Streams are the API's.
 */
import type { SubresourceHandler } from '../apiserver/index.ts';
import { GROUP, json } from './answers.ts';
import { expandSpec, expandVmSpec } from './expand.ts';
import { migrateVm, pauseVmi, restartVm, startVm, stopVm, unpauseVmi } from './lifecycle.ts';

export const KUBEVIRT_VERSION = 'v1.9.0';

function put(
  resource: string,
  subresource: string,
  handle: SubresourceHandler['handle'],
): SubresourceHandler {
  return { group: GROUP, resource, subresource, verbs: ['update'], handle };
}

function get(
  resource: string,
  subresource: string,
  handle: SubresourceHandler['handle'],
): SubresourceHandler {
  return { group: GROUP, resource, subresource, verbs: ['get'], handle };
}

export const virtApiSubresources: readonly SubresourceHandler[] = [
  put('virtualmachines', 'start', startVm),
  put('virtualmachines', 'stop', stopVm),
  put('virtualmachines', 'restart', restartVm),
  put('virtualmachines', 'migrate', migrateVm),
  get('virtualmachines', 'expand-spec', expandSpec),
  put('virtualmachineinstances', 'pause', pauseVmi),
  put('virtualmachineinstances', 'unpause', unpauseVmi),
  put('', 'expand-vm-spec', expandVmSpec),
  get('', 'version', () =>
    json({
      gitVersion: KUBEVIRT_VERSION,
      gitCommit: '',
      gitTreeState: 'clean',
      buildDate: '2026-07-22T00:00:00Z',
      goVersion: 'go1.25.7',
      compiler: 'gc',
      platform: 'linux/amd64',
    }),
  ),
  get('', 'guestfs', () =>
    json({ registry: 'quay.io/kubevirt', tag: KUBEVIRT_VERSION, imagePrefix: '', gsImage: '' }),
  ),
];
