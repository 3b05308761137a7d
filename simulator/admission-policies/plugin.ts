/** The ValidatingAdmissionPolicy admission plug-in (apiserver v1.35 pkg/admission/plugin/policy/validating). */
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  ApiError,
  type ApiError as Refusal,
  forbidden,
} from '../apiserver/index.ts';
import { CelError, dynamic } from '../cel/index.ts';
import type { JsonValue } from '../types/meta.ts';
import { type CompiledPolicy, compiledPolicy, type Inputs, type PolicyExpression } from './compile.ts';
import { matchesRequest } from './matching.ts';
import { ConfigurationError, parametersOf } from './parameters.ts';
import { type AdmissionPolicy, type AdmissionPolicyBinding, bindings, policies } from './types.ts';

const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  Invalid: 422,
  RequestEntityTooLarge: 413,
};
const LONGEST_MESSAGE = 5 * 1024;

interface Denial {
  readonly message: string;
  readonly reason?: string;
}

/**
 * Judges what clients write. Components of the cluster are left alone: they keep to the policies that come with it.
 */
export const admissionPolicies: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  subresources: [
    'status',
    'scale',
    'finalize',
    'binding',
    'eviction',
    'resize',
    'ephemeralcontainers',
    'token',
  ],
  validate(request) {
    if (request.trusted) return;
    const bound = request.view.list(bindings);
    if (bound.length === 0) return;
    let first: Refusal | undefined;
    for (const binding of bound) {
      const policy = request.view.get(policies, undefined, binding.spec.policyName);
      if (!policy || !matchesRequest(policy.spec.matchConstraints, request)) continue;
      if (!matchesRequest(binding.spec.matchResources, request)) continue;
      for (const denial of judge(policy, binding, request)) {
        for (const action of denial.always ? ['Deny'] : (binding.spec.validationActions ?? [])) {
          if (action === 'Deny') first ??= refusal(policy, binding, denial, request);
          else if (action === 'Warn') {
            request.warn(
              `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${denial.message}`,
            );
          }
        }
      }
    }
    if (first) throw first;
  },
};

/** What a policy has against a request. `always`: whatever the binding says should happen. */
function judge(
  policy: AdmissionPolicy,
  binding: AdmissionPolicyBinding,
  request: AdmissionAttributes,
): (Denial & { readonly always?: boolean })[] {
  const ignores = policy.spec.failurePolicy === 'Ignore';
  try {
    const compiled = compiledPolicy(policy);
    return parametersOf(request.view, policy, binding, request.namespace).flatMap(params =>
      evaluate(compiled, inputsOf(request, params), ignores),
    );
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return ignores ? [] : [{ message: `failed to configure binding: ${error.message}`, always: true }];
  }
}

function evaluate(policy: CompiledPolicy, inputs: Inputs, ignores: boolean): Denial[] {
  const variables = policy.bind(inputs);
  const failures: Denial[] = [];
  for (const condition of policy.conditions) {
    const result = run(condition, variables);
    if ('failure' in result) failures.push({ message: result.failure });
    else if (result.value !== true) return [];
  }
  if (failures.length > 0) return ignores ? [] : failures.slice(0, 1);
  const denials: Denial[] = [];
  for (const { validation, expression, message } of policy.validations) {
    const result = run(expression, variables);
    if ('failure' in result) {
      if (!ignores) denials.push({ message: result.failure });
    } else if (result.value !== true) {
      const text =
        (message && messageOf(run(message, variables))) ||
        validation.message?.trim() ||
        `failed expression: ${validation.expression.trim()}`;
      denials.push({ message: text, ...(validation.reason ? { reason: validation.reason } : {}) });
    }
  }
  for (const annotation of policy.annotations) {
    const result = run(annotation, variables);
    if ('failure' in result && !ignores) denials.push({ message: result.failure });
  }
  return denials;
}

type Result = { readonly value: unknown } | { readonly failure: string };

function run(
  { source, program, error }: PolicyExpression,
  variables: Readonly<Record<string, unknown>>,
): Result {
  if (!program) return { failure: error ?? '' };
  try {
    return { value: program.run(variables) };
  } catch (problem) {
    if (!(problem instanceof CelError)) throw problem;
    return { failure: `expression '${source}' resulted in error: ${problem.message}` };
  }
}

function messageOf(result: Result): string {
  const text = 'value' in result && typeof result.value === 'string' ? result.value.trim() : '';
  return text.length > LONGEST_MESSAGE || text.includes('\n') ? '' : text;
}

function inputsOf(request: AdmissionAttributes, params: unknown): Inputs {
  const { object, oldObject, namespace, view, resource } = request;
  const scope =
    namespace === undefined || resource === 'namespaces'
      ? undefined
      : view.find('namespaces', undefined, namespace);
  const value = (given: unknown) => (given ? dynamic(given as JsonValue) : null);
  return {
    object: value(object),
    oldObject: value(oldObject),
    request: requestOf(request),
    params: value(params),
    namespaceObject: value(scope),
  };
}

function requestOf(request: AdmissionAttributes): unknown {
  const { definition, version, user } = request;
  const kind = { group: definition.group, version, kind: definition.kind };
  const resource = { group: definition.group, version, resource: definition.plural };
  const subResource = request.subresource ?? '';
  return {
    kind,
    resource,
    subResource,
    requestKind: kind,
    requestResource: resource,
    requestSubResource: subResource,
    name: request.name,
    namespace: request.namespace ?? '',
    operation: request.operation,
    userInfo: {
      username: user.username,
      uid: user.uid ?? '',
      groups: [...user.groups],
      extra: user.extra ?? {},
    },
    dryRun: request.dryRun,
  };
}

function refusal(
  policy: AdmissionPolicy,
  binding: AdmissionPolicyBinding,
  { message, reason = 'Invalid' }: Denial,
  { definition, name }: AdmissionAttributes,
): Refusal {
  const text = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`;
  const { status } = forbidden(definition, name, text, [{ message: text }]);
  return new ApiError({ ...status, reason, code: CODES[reason] ?? 422 });
}
