/** Objects and requests that the admission tests start from. */
import {
  type AdmissionRequest,
  type AdmissionResult,
  kubevirtWebhooks,
  type Operation,
  withDefaultVmiSpec,
} from '../../simulator/admission/index.ts';
import { effectiveConfig, type KubeVirtConfig } from '../../simulator/kubevirt-config/index.ts';
import type {
  KubeVirt,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceSpec,
} from '../../simulator/types/kubevirt.ts';
import type { JsonObject, KubeObject } from '../../simulator/types/meta.ts';

export const CONTROLLER = 'system:serviceaccount:kubevirt:kubevirt-controller';
export const HANDLER = 'system:serviceaccount:kubevirt:kubevirt-handler';

export function configWith(configuration: JsonObject = {}): KubeVirtConfig {
  const kubevirt: KubeVirt = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: metadata('kubevirt', 'kubevirt'),
    spec: { configuration },
    status: { phase: 'Deployed' },
  };
  return effectiveConfig(kubevirt);
}

export function withGates(...featureGates: string[]): KubeVirtConfig {
  return configWith({ developerConfiguration: { featureGates } });
}

export function withoutGates(...disabledFeatureGates: string[]): KubeVirtConfig {
  return configWith({ developerConfiguration: { disabledFeatureGates } });
}

export function metadata(name: string, namespace = 'default'): KubeObject['metadata'] {
  return {
    name,
    namespace,
    uid: `${name}-uid`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
}

/** An object of any kind whose spec is written out in the test. */
export function object(kind: string, spec: unknown, more: Record<string, unknown> = {}): KubeObject {
  const { metadata: extra, ...rest } = more as { metadata?: object };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind,
    metadata: { ...metadata(kind.toLowerCase()), ...extra },
    spec,
    ...rest,
  } as KubeObject;
}

/** A VMI spec that is accepted: masqueraded, with a container disk and cloud-init. */
export function plainSpec(): VirtualMachineInstanceSpec {
  return {
    domain: {
      memory: { guest: '1Gi' },
      devices: {
        disks: [
          { name: 'root', disk: { bus: 'virtio' } },
          { name: 'init', disk: { bus: 'virtio' } },
        ],
        interfaces: [{ name: 'default', masquerade: {} }],
      },
    },
    networks: [{ name: 'default', pod: {} }],
    volumes: [
      { name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:41' } },
      { name: 'init', cloudInitNoCloud: { userData: '#cloud-config' } },
    ],
  };
}

/** The plain spec with changes written into it, then KubeVirt's defaults where they are missing. */
export function specWith(change: (spec: VirtualMachineInstanceSpec) => void): VirtualMachineInstanceSpec {
  const spec = plainSpec();
  change(spec);
  const { value, error } = withDefaultVmiSpec(spec, configWith());
  if (!value) throw new Error(error);
  return value;
}

export function vmWith(change: (vm: VirtualMachine) => void = () => {}): VirtualMachine {
  const vm: VirtualMachine = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: metadata('vm'),
    spec: { runStrategy: 'Always', template: { metadata: {}, spec: plainSpec() } },
  };
  change(vm);
  return vm;
}

export function vmiWith(change: (vmi: VirtualMachineInstance) => void = () => {}): VirtualMachineInstance {
  const vmi: VirtualMachineInstance = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: metadata('vmi'),
    spec: plainSpec(),
  };
  change(vmi);
  return vmi;
}

export interface RequestOptions {
  operation?: Operation;
  oldObject?: KubeObject;
  username?: string;
  extra?: Record<string, string[]>;
  config?: KubeVirtConfig;
  stored?: Record<string, KubeObject[]>;
  name?: string;
  dryRun?: boolean;
}

export function request(
  resource: string,
  object: KubeObject | undefined,
  options: RequestOptions = {},
): AdmissionRequest {
  const { operation = 'CREATE', oldObject, username = 'kubernetes-admin', stored = {}, extra } = options;
  let uuids = 0;
  return {
    operation,
    resource,
    namespace: 'default',
    name: options.name ?? object?.metadata.name ?? oldObject?.metadata.name ?? '',
    ...(object && { object }),
    ...(oldObject && { oldObject }),
    user: { username, groups: [], ...(extra && { extra }) },
    dryRun: options.dryRun ?? false,
    config: options.config ?? configWith(),
    lookup: {
      get: (from, namespace, name) =>
        stored[from]?.find(
          item => item.metadata.name === name && (namespace ?? '') === (item.metadata.namespace ?? ''),
        ),
      list: (from, namespace) =>
        (stored[from] ?? []).filter(item => namespace === undefined || item.metadata.namespace === namespace),
    },
    now: Date.UTC(2026, 0, 1),
    random: {
      uuid: () => `00000000-0000-4000-8000-${String((uuids += 1)).padStart(12, '0')}`,
      alphanumeric: length => 'a'.repeat(length),
    },
  };
}

/** What the webhook of that name answers. */
export function ask(webhook: string, asked: AdmissionRequest): AdmissionResult {
  const found = kubevirtWebhooks.find(({ name }) => name === webhook);
  if (!found) throw new Error(`no webhook ${webhook}`);
  return found.call(asked);
}

/** The denial's code and message; undefined when allowed. */
export function refusal(result: AdmissionResult): { code: number; message: string } | undefined {
  return result.allowed ? undefined : { code: result.denial.code, message: result.denial.message };
}
