/** Security contexts of a launcher pod and its containers. */
import { freeze } from 'immer';
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import type { JsonObject } from '../../types/meta.ts';
import { NON_ROOT_USER, isNonRoot } from './traits.ts';

const NO_ESCALATION = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: NON_ROOT_USER,
};

/** Helpers that need no more than to run. */
export const HELPER_SECURITY: JsonObject = freeze(NO_ESCALATION, true);
export const VIRTIOFS_SECURITY: JsonObject = freeze({ ...NO_ESCALATION, runAsGroup: NON_ROOT_USER }, true);

const COMPUTE_NON_ROOT: JsonObject = freeze(
  {
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    runAsGroup: NON_ROOT_USER,
    runAsNonRoot: true,
    runAsUser: NON_ROOT_USER,
  },
  true,
);
const COMPUTE_ROOT: JsonObject = freeze(
  { capabilities: { add: ['NET_BIND_SERVICE', 'SYS_NICE'] }, runAsNonRoot: false, runAsUser: 0 },
  true,
);
const SIDECAR_ROOT: JsonObject = freeze({ runAsNonRoot: false, runAsUser: 0 }, true);
const INIT_ROOT: JsonObject = freeze({ ...SIDECAR_ROOT, capabilities: { drop: ['ALL'] } }, true);

/** The container that runs the machine; only root may bind vCPUs to CPUs. */
export function computeSecurity(vmi: VirtualMachineInstance): JsonObject {
  return isNonRoot(vmi) ? COMPUTE_NON_ROOT : COMPUTE_ROOT;
}

export function sidecarSecurity(vmi: VirtualMachineInstance): JsonObject {
  return isNonRoot(vmi) ? VIRTIOFS_SECURITY : SIDECAR_ROOT;
}

export function initSecurity(vmi: VirtualMachineInstance): JsonObject {
  return isNonRoot(vmi) ? VIRTIOFS_SECURITY : INIT_ROOT;
}

const pods = new WeakMap<KubeVirtConfig, { root?: JsonObject; nonRoot?: JsonObject }>();

/** The pod's: the user, and the cluster's seccomp profile and SELinux type. Frozen, one per configuration. */
export function podSecurity(vmi: VirtualMachineInstance, config: KubeVirtConfig): JsonObject {
  let answers = pods.get(config);
  if (!answers) pods.set(config, (answers = {}));
  const key = isNonRoot(vmi) ? 'nonRoot' : 'root';
  return (answers[key] ??= freeze(renderPodSecurity(key === 'nonRoot', config), true));
}

function renderPodSecurity(nonRoot: boolean, config: KubeVirtConfig): JsonObject {
  const security: JsonObject = { fsGroup: NON_ROOT_USER };
  if (nonRoot)
    Object.assign(security, { runAsGroup: NON_ROOT_USER, runAsNonRoot: true, runAsUser: NON_ROOT_USER });
  else security.runAsUser = 0;
  const profile = seccompProfile(config);
  if (profile) security.seccompProfile = profile;
  if (config.selinuxLauncherType) security.seLinuxOptions = { type: config.selinuxLauncherType };
  return security;
}

function seccompProfile(config: KubeVirtConfig): JsonObject | undefined {
  const profile = (
    config.seccompConfiguration as
      | {
          virtualMachineInstanceProfile?: {
            customProfile?: { localhostProfile?: string; runtimeDefaultProfile?: boolean };
          };
        }
      | undefined
  )?.virtualMachineInstanceProfile?.customProfile;
  if (profile?.localhostProfile !== undefined) {
    return { type: 'Localhost', localhostProfile: profile.localhostProfile };
  }
  return profile?.runtimeDefaultProfile ? { type: 'RuntimeDefault' } : undefined;
}
