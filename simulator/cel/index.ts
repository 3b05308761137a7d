/**
 * CEL as a Kubernetes 1.35 API server runs it: the environment with Kubernetes' function libraries, schemas as types,
 * and the rules of schemas (`x-kubernetes-validations`) with ratcheting.
 *
 * Left out: the cost of expressions and its limits, two-variable comprehensions, `authorizer`, set and map semantics of
 * `==` and `+` on lists with a list type, RE2 where JavaScript's regular expressions differ from it.
 */
export { celEnvironment } from './environment.ts';
export { escapeName } from './escape.ts';
export { CelError, type CelProgram, type Compiled, compileExpression } from './expression.ts';
export { type CompiledRule, compileRules, hasRules, type RuleNode, rulesOf } from './rules.ts';
export { type CelType, dynamic, SchemaTypes } from './types.ts';
export { ruleErrors } from './validate.ts';
