/** Who may do what to KubeVirt's own fields (KubeVirt v1.9 pkg/virt-api/webhooks). */
import { isKubeVirtServiceAccount, type KubeVirtConfig } from '../kubevirt-config/index.ts';
import type { UserInfo } from '../types/meta.ts';

/** Labels of a VMI that only KubeVirt's own components may set, change or remove. */
const RESERVED_LABELS = [
  'kubevirt.io/created-by',
  'kubevirt.io/install-strategy',
  'kubevirt.io/migrationJobUID',
  'kubevirt.io/migrationTargetNodeName',
  'kubevirt.io/nodeName',
  'kubevirt.io/schedulable',
];

type Labels = Record<string, string> | undefined;

export function hasReservedLabel(labels: Labels): boolean {
  // A template's metadata is free form: its labels may be null.
  return RESERVED_LABELS.some(label => labels?.[label] !== undefined);
}

export function sameReservedLabels(a: Labels, b: Labels): boolean {
  return RESERVED_LABELS.every(label => a?.[label] === b?.[label]);
}

export function isTrusted(config: KubeVirtConfig, user: UserInfo): boolean {
  return isKubeVirtServiceAccount(config, user.username);
}

export function isVirtHandler(config: KubeVirtConfig, user: UserInfo): boolean {
  return isTrusted(config, user) && user.username.endsWith('kubevirt-handler');
}

/** The synchronization controller's name ends in "controller" but not in "kubevirt-controller". */
export function isVirtController(config: KubeVirtConfig, user: UserInfo): boolean {
  return isTrusted(config, user) && user.username.endsWith('kubevirt-controller');
}
