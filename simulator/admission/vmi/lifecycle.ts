/** Start, probes, eviction and reboot of a VMI (KubeVirt v1.9 admitters/vmi-create-admitter.go). */
import { featureGateEnabled, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Probe, VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid, quoted, required } from '../causes.ts';
import { dnsSubdomainErrors } from '../kubernetes-names.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

const EVICTION_STRATEGIES = new Set(['None', 'LiveMigrate', 'LiveMigrateIfPossible', 'External']);

export function validateStartStrategy(
  causes: Causes,
  path: string,
  { startStrategy, livenessProbe }: Spec,
): void {
  if (startStrategy === undefined) return;
  const field = `${path}.startStrategy`;
  if (startStrategy !== 'Paused') {
    causes.push(invalid(`${field} is set with an unrecognized option: ${startStrategy}`, field));
  } else if (livenessProbe) {
    causes.push(
      invalid(
        `either ${field} or ${path}.livenessProbe should be provided.Pausing VMI with LivenessProbe is not supported`,
        field,
      ),
    );
  }
}

export function validateProbes(causes: Causes, path: string, spec: Spec): void {
  const { readinessProbe, livenessProbe } = spec;
  if (!readinessProbe && !livenessProbe) return;
  validateProbe(causes, `${path}.readinessProbe`, readinessProbe);
  validateProbe(causes, `${path}.livenessProbe`, livenessProbe);
  if (spec.networks?.some(network => network.pod)) return;
  requirePodNetwork(causes, `${path}.readinessProbe`, readinessProbe);
  requirePodNetwork(causes, `${path}.livenessProbe`, livenessProbe);
}

function validateProbe(causes: Causes, field: string, probe: Probe | undefined): void {
  if (!probe) return;
  const { httpGet, tcpSocket, exec, guestAgentPing } = probe;
  const handlers = [httpGet, tcpSocket, exec, guestAgentPing].filter(handler => handler).length;
  if (handlers > 1) {
    causes.push(invalid(`${field} must have exactly one probe type set`, field));
  } else if (handlers < 1) {
    causes.push(
      required(
        `either ${field}.tcpSocket, ${field}.exec or ${field}.httpGet must be set if a ${field} is specified`,
        field,
      ),
    );
  }
}

function requirePodNetwork(causes: Causes, path: string, probe: Probe | undefined): void {
  for (const handler of ['httpGet', 'tcpSocket'] as const) {
    if (!probe?.[handler]) continue;
    const field = `${path}.${handler}`;
    causes.push(invalid(`${field} is only allowed if the Pod Network is attached`, field));
  }
}

export function validateEvictionStrategy(
  causes: Causes,
  path: string,
  spec: Spec,
  config: KubeVirtConfig,
): void {
  const strategy = spec.evictionStrategy ?? config.evictionStrategy;
  if (EVICTION_STRATEGIES.has(strategy)) return;
  const field = `${path}.evictionStrategy`;
  causes.push(invalid(`${field} is set with an unrecognized option: ${strategy}`, field));
}

export function validateRebootPolicy(
  causes: Causes,
  path: string,
  { domain }: Spec,
  config: KubeVirtConfig,
): void {
  if (domain.rebootPolicy === undefined || featureGateEnabled(config, 'RebootPolicy')) return;
  const message = 'RebootPolicy is specified but the RebootPolicy feature gate is not enabled';
  causes.push(invalid(message, `${path}.domain.rebootPolicy`));
}

export function validateReservedOverhead(
  causes: Causes,
  path: string,
  { domain }: Spec,
  config: KubeVirtConfig,
): void {
  if (domain.memory?.reservedOverhead === undefined || featureGateEnabled(config, 'ReservedOverheadMemlock'))
    return;
  causes.push(
    invalid(
      'Reserved overhead memlock feature gate is not enabled in kubevirt-config',
      `${path}.domain.memory.reservedOverhead`,
    ),
  );
}

export function validateServiceAccount(
  causes: Causes,
  path: string,
  { serviceAccountName, volumes }: Spec,
): void {
  if (!serviceAccountName) return;
  const field = `${path}.serviceAccountName`;
  const errors = dnsSubdomainErrors(serviceAccountName);
  if (errors.length > 0) {
    causes.push(invalid(`${field} is not a valid service account name: ${errors.join('; ')}`, field));
  }
  const other = volumes?.find(
    ({ serviceAccount }) => serviceAccount && serviceAccount.serviceAccountName !== serviceAccountName,
  );
  if (!other) return;
  causes.push(
    invalid(
      `spec.serviceAccountName ${quoted(serviceAccountName)} and serviceAccount volume ${quoted(other.serviceAccount?.serviceAccountName ?? '')} must reference the same service account`,
      field,
    ),
  );
}
