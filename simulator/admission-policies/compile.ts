/** Policies with their expressions compiled, once a stored policy (apiserver v1.35 pkg/admission/plugin/cel). */
import { celEnvironment, CelError, type CelProgram, type Compiled, compileExpression } from '../cel/index.ts';
import type { AdmissionPolicy, PolicyValidation } from './types.ts';

type Environment = ReturnType<typeof celEnvironment>;

/** What expressions read. Integers are bigints. */
export interface Inputs {
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly request: unknown;
  readonly params: unknown;
  readonly namespaceObject: unknown;
}

/** One expression of a policy; `error` where it could not be compiled. */
export interface PolicyExpression {
  readonly source: string;
  readonly program?: CelProgram;
  readonly error?: string;
}

export interface CompiledPolicy {
  readonly conditions: readonly PolicyExpression[];
  readonly variables: readonly (PolicyExpression & { readonly name: string })[];
  readonly validations: readonly {
    readonly validation: PolicyValidation;
    readonly expression: PolicyExpression;
    readonly message?: PolicyExpression;
  }[];
  readonly annotations: readonly PolicyExpression[];
  /** The inputs with `variables`, each of which is worked out when it is first read. */
  bind(inputs: Inputs): Readonly<Record<string, unknown>>;
}

// Derived from frozen objects and nothing else.
const known = new WeakMap<AdmissionPolicy, CompiledPolicy>();

export function compiledPolicy(policy: AdmissionPolicy): CompiledPolicy {
  let compiled = known.get(policy);
  if (!compiled) {
    compiled = compile(policy);
    known.set(policy, compiled);
  }
  return compiled;
}

function inputs(policy: AdmissionPolicy): Environment {
  const environment = celEnvironment();
  for (const name of ['object', 'oldObject', 'request', 'namespaceObject'])
    environment.registerVariable(name, 'dyn');
  if (policy.spec.paramKind) environment.registerVariable('params', 'dyn');
  return environment;
}

function expressionOf(environment: Environment, source: string, types: readonly string[]): PolicyExpression {
  const compiled: Compiled = compileExpression(environment, source);
  if ('error' in compiled) return { source, error: `compilation failed: ${compiled.error}` };
  const { program } = compiled;
  if (types.length > 0 && program.type !== 'dyn' && !types.includes(program.type)) {
    return {
      source,
      error: `must evaluate to ${types.length === 1 ? types[0] : `one of [${types.join(' ')}]`}`,
    };
  }
  return { source, program };
}

function compile(policy: AdmissionPolicy): CompiledPolicy {
  const {
    matchConditions = [],
    variables: declared = [],
    validations = [],
    auditAnnotations = [],
  } = policy.spec;
  const conditions = matchConditions.map(({ expression }) =>
    expressionOf(inputs(policy), expression, ['bool']),
  );
  const variables: { name: string; source: string; program?: CelProgram; error?: string }[] = [];
  const types: Record<string, string> = {};
  // The values of variables tell their type by it, in whichever environment they are read.
  class Variables {}
  // Each variable sees those above it.
  const environment = (): Environment =>
    inputs(policy)
      .registerType('kubernetes.variables', { ctor: Variables, fields: { ...types } })
      .registerVariable('variables', 'kubernetes.variables');
  for (const { name, expression } of declared) {
    const compiled = expressionOf(environment(), expression, []);
    variables.push({ name, ...compiled });
    types[name] = 'dyn';
  }
  const last = environment();
  return {
    conditions,
    variables,
    validations: validations.map(validation => ({
      validation,
      expression: expressionOf(last, validation.expression, ['bool']),
      ...(validation.messageExpression
        ? { message: expressionOf(last, validation.messageExpression, ['string']) }
        : {}),
    })),
    annotations: auditAnnotations.map(({ valueExpression }) =>
      expressionOf(last, valueExpression, ['string', 'null']),
    ),
    bind: given => {
      const values = new Variables();
      const bound = { ...given, variables: values };
      for (const { name, program, source } of variables) {
        Object.defineProperty(values, name, {
          configurable: true,
          enumerable: true,
          get: () => {
            if (!program) throw new CelError(`expression '${source}' was not compiled`);
            const value = program.run(bound);
            Object.defineProperty(values, name, { value, enumerable: true });
            return value;
          },
        });
      }
      return bound;
    },
  };
}
