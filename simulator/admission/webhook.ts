/** What the API server hands a webhook and what it gets back (k8s.io/api/admission/v1, with the cluster at hand). */
import type { KubeVirtConfig } from '../kubevirt-config/index.ts';
import type { KubeObject, Millis, UserInfo } from '../types/meta.ts';
import type { Denial } from './denial.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Other objects of the cluster, by resource in the form `virtualmachines.kubevirt.io` or `pods`. */
export interface Lookup {
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  /** In name order; every namespace when none is given. */
  list(resource: string, namespace?: string): readonly KubeObject[];
}

export interface Random {
  /** A random UUID, version 4. */
  uuid(): string;
  /** Random letters and digits as generated names end in. */
  alphanumeric(length: number): string;
}

export interface AdmissionRequest {
  readonly operation: Operation;
  /** In the form `virtualmachines.kubevirt.io` or `pods`. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** The new object; absent on DELETE. */
  readonly object?: KubeObject;
  /** The stored object; absent on CREATE. */
  readonly oldObject?: KubeObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly config: KubeVirtConfig;
  readonly lookup: Lookup;
  /** Virtual time. */
  readonly now: Millis;
  readonly random: Random;
  readonly options?: unknown;
}

/** A JSON patch a webhook sends on the side, with its own rights, before it answers. */
export interface SideEffect {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly patch: readonly { op: 'add' | 'replace'; path: string; value: unknown }[];
}

export type AdmissionResult =
  | {
      readonly allowed: true;
      /** What a mutating webhook makes of the object; absent when it leaves it as it is. */
      readonly object?: KubeObject;
      readonly warnings?: readonly string[];
    }
  | {
      readonly allowed: false;
      readonly denial: Denial;
      /** Only the eviction webhook has one; not to be applied on a dry run. */
      readonly sideEffect?: SideEffect;
    };

export interface Webhook {
  /** The name of the webhook configuration it is part of. */
  readonly configuration: string;
  readonly name: string;
  readonly kind: 'Mutating' | 'Validating';
  readonly resources: readonly string[];
  readonly subresource?: string;
  readonly operations: readonly Operation[];
  /** Match condition on the object's name (`object.metadata.name.startsWith(…)`). */
  readonly namePrefix?: string;
  call(request: AdmissionRequest): AdmissionResult;
}

export const ALLOWED: AdmissionResult = { allowed: true };

export function denied(denial: Denial): AdmissionResult {
  return { allowed: false, denial };
}

export function allowedWith(warnings: readonly string[]): AdmissionResult {
  return warnings.length > 0 ? { allowed: true, warnings } : ALLOWED;
}
