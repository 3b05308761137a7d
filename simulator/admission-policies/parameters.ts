/** The objects that a binding hands to its policy (apiserver v1.35 policy/generic CollectParams). */
import type { View } from '../controller.ts';
import { refTo } from '../resources/definition.ts';
import type { KubeObject } from '../types/meta.ts';
import { matchesLabelSelector } from '../types/selectors.ts';
import type { AdmissionPolicy, AdmissionPolicyBinding } from './types.ts';

/** A policy or a binding that asks for what cannot be had. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * The policy is judged once with each of them; without a kind of parameters, or a reference to one, once with none.
 * @throws ConfigurationError where the reference makes no sense, or finds nothing although it must.
 */
export function parametersOf(
  view: View,
  policy: AdmissionPolicy,
  { spec }: AdmissionPolicyBinding,
  namespace: string | undefined,
): (KubeObject | null)[] {
  const { paramKind } = policy.spec;
  const { paramRef } = spec;
  if (!paramKind || !paramRef) return [null];
  const slash = paramKind.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : paramKind.apiVersion.slice(0, slash);
  const definition = view.registry.byKind(group, paramKind.kind);
  if (!definition) {
    throw new ConfigurationError(
      `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    );
  }
  const ref = refTo(definition);
  if (paramRef.namespace && !ref.namespaced) {
    throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const within = ref.namespaced ? paramRef.namespace || namespace : undefined;
  if (ref.namespaced && !within) {
    throw new ConfigurationError(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  }
  const { name, selector } = paramRef;
  if (name && selector) {
    throw new ConfigurationError('paramRef.name and paramRef.selector are mutually exclusive');
  }
  const found = name
    ? [view.get(ref, within, name)].filter(object => object !== undefined)
    : view
        .list(ref, within)
        .filter(object => selector && matchesLabelSelector(selector, object.metadata.labels));
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny') {
    throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}
