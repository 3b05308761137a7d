/**
 * kube-apiserver's own admission plug-ins (Kubernetes 1.35), in its order: LimitRanger, ServiceAccount, Priority,
 * DefaultTolerationSeconds, DefaultStorageClass, the check of escalation and, last of all, ResourceQuota.
 * Left out: PodSecurity, NodeRestriction, RuntimeClass, TaintNodesByCondition, certificates, ClusterTrustBundle,
 * PersistentVolumeClaimResize, pod-level resources and limited-by-default quotas. NamespaceLifecycle is part of the
 * apiserver area. StorageObjectInUseProtection is here but off: nothing takes its finalizers away yet.
 */
import type { AdmissionPlugin } from '../apiserver/index.ts';
import { escalationCheck } from '../authorization/index.ts';
import { limitRanger } from './limit-ranger.ts';
import { podPriority, priorityClassDefault } from './priority.ts';
import { serviceAccount } from './service-account.ts';
import { defaultStorageClass } from './storage.ts';
import { defaultTolerationSeconds } from './toleration-seconds.ts';

/** What runs before the webhooks. {@link resourceQuota} comes after them, so that it counts what they leave. */
export function kubernetesAdmission(): AdmissionPlugin[] {
  return [
    limitRanger,
    serviceAccount,
    podPriority,
    priorityClassDefault,
    defaultTolerationSeconds,
    defaultStorageClass,
    escalationCheck,
  ];
}

export { policiesIn, type ResourceQuota, resourceQuotas } from './policies.ts';
export { MEASURED } from './quota-usage.ts';
export { resourceQuota, usedList } from './resource-quota.ts';
export { PV_PROTECTION, PVC_PROTECTION, storageProtection } from './storage.ts';
