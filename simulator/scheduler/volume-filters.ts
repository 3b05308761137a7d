/**
 * Claims and the nodes that can reach them (kube-scheduler 1.35 plugins volumerestrictions and volumebinding).
 * Left out: VolumeZone, NodeVolumeLimits, CSIStorageCapacity and allowedTopologies of storage classes.
 */
import type { PersistentVolumeClaim } from '../types/core.ts';
import {
  type Cycle,
  type FilterPlugin,
  type PreFilterResult,
  resolvable,
  SKIP,
  unresolvable,
} from './cycle.ts';
import { matchesAnyTerm } from './node-affinity.ts';

const CONFLICT = unresolvable("node(s) didn't match PersistentVolume's node affinity");
const NO_VOLUME = unresolvable('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
const NOTHING_TO_BIND = unresolvable("node(s) didn't find available persistent volumes to bind");
const IN_USE = resolvable(
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);

export const volumeRestrictions: FilterPlugin = {
  name: 'VolumeRestrictions',
  prepare(cycle) {
    const claims = claimsOf(cycle);
    if (claims.kind !== 'claims') return claims;
    const exclusive = claims.list.filter(claim => claim.spec.accessModes?.includes('ReadWriteOncePod'));
    if (exclusive.length === 0) return SKIP;
    const names = new Set(exclusive.map(claim => claim.metadata.name));
    const inUse = cycle.nodes.some(node =>
      node.pods.some(
        pod => pod.namespace === cycle.pod.namespace && pod.claims.some(name => names.has(name)),
      ),
    );
    return inUse ? { kind: 'filter', filter: () => IN_USE } : SKIP;
  },
};

export const volumeBinding: FilterPlugin = {
  name: 'VolumeBinding',
  prepare(cycle) {
    const claims = claimsOf(cycle);
    if (claims.kind !== 'claims') return claims;
    const volumes = cycle.context.volumes!;
    const waiting: PersistentVolumeClaim[] = [];
    const bound: PersistentVolumeClaim[] = [];
    for (const claim of claims.list) {
      const { volumeName, storageClassName } = claim.spec;
      if (volumeName && isBound(claim)) bound.push(claim);
      else if (volumeName || !storageClassName || !waitsForConsumer(cycle, storageClassName)) {
        return { kind: 'reject', message: 'pod has unbound immediate PersistentVolumeClaims' };
      } else waiting.push(claim);
    }
    return {
      kind: 'filter',
      filter(node) {
        for (const { spec } of bound) {
          const terms = volumes.volumeTerms(spec.volumeName!);
          if (!terms) return NO_VOLUME;
          if (terms.length && !matchesAnyTerm(terms, node)) return CONFLICT;
        }
        for (const claim of waiting) {
          const { provisioner } = volumes.storageClass(claim.spec.storageClassName!)!;
          if (provisioner === 'kubernetes.io/no-provisioner' && !volumes.hasFreeVolume(claim, node)) {
            return NOTHING_TO_BIND;
          }
        }
        return undefined;
      },
    };
  },
};

function isBound({ metadata, status }: PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound' || metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;
}

function waitsForConsumer({ context }: Cycle, className: string): boolean {
  return context.volumes!.storageClass(className)?.volumeBindingMode === 'WaitForFirstConsumer';
}

function claimsOf({
  pod,
  context,
}: Cycle): PreFilterResult | { kind: 'claims'; list: PersistentVolumeClaim[] } {
  if (pod.claims.length === 0) return SKIP;
  if (!context.volumes) throw new Error('a pod with PersistentVolumeClaims needs context.volumes');
  const list: PersistentVolumeClaim[] = [];
  for (const name of pod.claims) {
    const claim = context.volumes.claim(pod.namespace, name);
    const quoted = JSON.stringify(name);
    if (!claim) {
      const ephemeral = !pod.pod.spec.volumes?.some(
        volume => (volume.persistentVolumeClaim as { claimName?: string } | undefined)?.claimName === name,
      );
      return {
        kind: 'reject',
        message: ephemeral
          ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`
          : `persistentvolumeclaim ${quoted} not found`,
      };
    }
    if (claim.status?.phase === 'Lost') {
      return {
        kind: 'reject',
        message: `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${JSON.stringify(claim.spec.volumeName ?? '')}`,
      };
    }
    if (claim.metadata.deletionTimestamp) {
      return { kind: 'reject', message: `persistentvolumeclaim ${quoted} is being deleted` };
    }
    list.push(claim);
  }
  return { kind: 'claims', list };
}
