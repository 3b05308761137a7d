/** What claims and data volumes say about the volumes of a VM (KubeVirt v1.9 pkg/storage/types). */
import type { View } from '../controller.ts';
import type { JournalEntry } from '../store/index.ts';
import { dataVolumes, persistentVolumeClaims } from '../resources/refs.ts';
import { findCondition, hasCondition } from '../types/conditions.ts';
import type { Volume } from '../types/kubevirt.ts';
import type { Condition, KubeObject } from '../types/meta.ts';

interface DataVolume extends KubeObject {
  status?: { phase?: string; conditions?: Condition[] };
}

export function dataVolumeOf(
  view: View,
  namespace: string | undefined,
  name: string,
): DataVolume | undefined {
  return view.get(dataVolumes, namespace, name) as DataVolume | undefined;
}

export function claimName(volume: Volume): string | undefined {
  return volume.persistentVolumeClaim?.claimName ?? volume.dataVolume?.name;
}

/** Whether a data volume of these has failed, or its importer has stopped with an error. */
export function hasFailedDataVolume(
  view: View,
  namespace: string | undefined,
  volumes: readonly Volume[],
): boolean {
  return volumes.some(volume => {
    const dataVolume = volume.dataVolume && dataVolumeOf(view, namespace, volume.dataVolume.name);
    if (!dataVolume) return false;
    if (dataVolume.status?.phase === 'Failed') return true;
    const running = findCondition(dataVolume.status?.conditions, 'Running');
    return (
      running?.status === 'False' && (running.reason === 'Error' || running.reason === 'ImagePullFailed')
    );
  });
}

/** Whether a data volume of these is still being filled; one that waits for its first consumer is not. */
export function hasProvisioningDataVolume(
  view: View,
  namespace: string | undefined,
  volumes: readonly Volume[],
): boolean {
  return volumes.some(volume => {
    const dataVolume = volume.dataVolume && dataVolumeOf(view, namespace, volume.dataVolume.name);
    const phase = dataVolume?.status?.phase;
    if (!dataVolume || phase === 'Succeeded' || phase === 'PendingPopulation') return false;
    return hasCondition(dataVolume.status?.conditions, 'Bound', 'True') || phase !== 'WaitForFirstConsumer';
  });
}

export function hasUnboundClaim(
  view: View,
  namespace: string | undefined,
  volumes: readonly Volume[],
): boolean {
  return volumes.some(volume => {
    const name = claimName(volume);
    const claim = name && view.get(persistentVolumeClaims, namespace, name);
    return claim !== undefined && claim !== '' && claim.status?.phase !== 'Bound';
  });
}

export type VolumeReadiness =
  | { readonly state: 'ready' }
  | { readonly state: 'waiting' }
  | { readonly state: 'missing'; readonly claim: string };

/** Whether all claims are there and filled, so that a pod may use them. */
export function volumeReadiness(
  view: View,
  namespace: string | undefined,
  volumes: readonly Volume[],
): VolumeReadiness {
  let waiting = false;
  for (const volume of volumes) {
    if (volume.persistentVolumeClaim?.hotpluggable || volume.dataVolume?.hotpluggable) continue;
    const name = claimName(volume);
    if (name === undefined) continue;
    if (!view.get(persistentVolumeClaims, namespace, name)) return { state: 'missing', claim: name };
    const phase = dataVolumeOf(view, namespace, name)?.status?.phase;
    if (phase !== undefined && !['Succeeded', 'WaitForFirstConsumer', 'PendingPopulation'].includes(phase)) {
      waiting = true;
    }
  }
  return { state: waiting ? 'waiting' : 'ready' };
}

/** Keys of the VMs or VMIs that use the written claim or data volume. */
export function usersOfClaim(resource: { resource: string }): (entry: JournalEntry, view: View) => string[] {
  return (entry, view) =>
    view
      .lookup('claim', entry.key, { ...resource, apiVersion: '', kind: '', namespaced: true })
      .map(user => `${user.metadata.namespace}/${user.metadata.name}`);
}
