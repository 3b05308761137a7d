/** The rules of a schema (`x-kubernetes-validations`), compiled once a schema object (apiextensions pkg/apiserver/schema/cel). */
import { resolveSchema, type Schema, type ValidationRule } from '../schemas/index.ts';
import { celEnvironment } from './environment.ts';
import { type CelProgram, compileExpression } from './expression.ts';
import { type CelType, SchemaTypes } from './types.ts';

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program?: CelProgram;
  readonly message?: CelProgram;
  readonly usesOldSelf: boolean;
  /** Why the rule cannot run. */
  readonly error?: string;
  readonly messageError?: string;
}

/** Where rules are: a tree of the parts of a schema that have some in them. */
export interface RuleNode {
  readonly schema: Schema;
  readonly type: CelType | undefined;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly values: RuleNode | undefined;
  readonly items: RuleNode | undefined;
}

// Derived from immutable schemas and nothing else.
const wholes = new WeakMap<Schema, RuleNode | null>();
const parts = new WeakMap<Schema, RuleNode | null>();

/** The rules of a schema, by default of a kind's; undefined when it has none, which costs one look-up. */
export function rulesOf(schema: Schema, root = true): RuleNode | undefined {
  const trees = root ? wholes : parts;
  let tree = trees.get(schema);
  if (tree === undefined) {
    tree = nodeOf(schema, root, new Set()) ?? null;
    trees.set(schema, tree);
  }
  return tree ?? undefined;
}

/** Whether a kind's schema has rules anywhere. */
export function hasRules(schema: Schema): boolean {
  return rulesOf(schema) !== undefined;
}

function nodeOf(given: Schema, root: boolean, path: Set<Schema>): RuleNode | undefined {
  const schema = resolveSchema(given);
  // A schema inside itself is one of a built-in kind, and those have no rules.
  if (path.has(schema)) return undefined;
  path.add(schema);
  const properties = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (root && (name === 'metadata' || name === 'apiVersion' || name === 'kind')) continue;
    const node = nodeOf(property, false, path);
    if (node) properties.set(name, node);
  }
  const { additionalProperties, items: itemSchema } = schema;
  const values =
    typeof additionalProperties === 'object' ? nodeOf(additionalProperties, false, path) : undefined;
  const items = itemSchema && nodeOf(itemSchema, false, path);
  path.delete(schema);
  const own = schema['x-kubernetes-validations'] ?? [];
  if (own.length === 0 && properties.size === 0 && !values && !items) return undefined;
  if (own.length === 0) return { schema, type: undefined, rules: [], properties, values, items };
  return { schema, ...compileRules(schema, own, root), properties, values, items };
}

/** Checks the rules of one schema against its type. */
export function compileRules(
  schema: Schema,
  rules: readonly ValidationRule[],
  root: boolean,
): { type: CelType | undefined; rules: CompiledRule[] } {
  const environment = celEnvironment();
  const type = new SchemaTypes(environment).typeOf(
    schema,
    root || schema['x-kubernetes-embedded-resource'] === true,
  );
  if (!type) {
    const error = 'failed to convert to declType for CEL validation rules';
    return { type, rules: rules.map(rule => ({ rule, usesOldSelf: false, error })) };
  }
  environment.registerVariable('self', type.name);
  const plain = environment.clone().registerVariable('oldSelf', type.name);
  const optional = environment.clone().registerVariable('oldSelf', `optional<${type.name}>`);
  return {
    type,
    rules: rules.map(rule => compileRule(rule, rule.optionalOldSelf ? optional : plain)),
  };
}

function compileRule(rule: ValidationRule, environment: ReturnType<typeof celEnvironment>): CompiledRule {
  const compiled = compileExpression(environment, rule.rule);
  if ('error' in compiled)
    return { rule, usesOldSelf: false, error: `compilation failed: ${compiled.error}` };
  const { program } = compiled;
  const usesOldSelf = program.reads.has('oldSelf');
  if (program.type !== 'bool') {
    return { rule, usesOldSelf, error: 'cel expression must evaluate to a bool' };
  }
  if (rule.messageExpression === undefined) return { rule, program, usesOldSelf };
  const message = compileExpression(environment, rule.messageExpression);
  if ('error' in message) {
    return {
      rule,
      program,
      usesOldSelf,
      messageError: `messageExpression compilation failed: ${message.error}`,
    };
  }
  if (message.program.type !== 'string') {
    return { rule, program, usesOldSelf, messageError: 'messageExpression must evaluate to a string' };
  }
  return { rule, program, usesOldSelf, message: message.program };
}
