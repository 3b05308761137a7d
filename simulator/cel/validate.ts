/** Judges objects by the rules of their schema (apiextensions-apiserver v1.35 pkg/apiserver/schema/cel/validation.go). */
import { Optional } from '@marcbachmann/cel-js';
import { duplicate, type FieldError, goQuote, invalid, required, type Schema } from '../schemas/index.ts';
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue } from '../types/meta.ts';
import { CelError } from './expression.ts';
import { type CompiledRule, type RuleNode, rulesOf } from './rules.ts';

const LONGEST_MESSAGE = 5 * 1024;

/** Says to which value of the old object one of the new object belongs, where it belongs to one. */
interface Correlation {
  /** Undefined where the old object had nothing there, or where items of lists have no identity. */
  readonly old: JsonValue | undefined;
  /** Whether this value, or the nearest one around it that has a counterpart, is what it was. */
  readonly unchanged: () => boolean;
}

export interface RuleOptions {
  /** Where the value is; put before the paths of errors. */
  readonly path?: string;
  /** Whether the schema is that of a whole object, whose rules see apiVersion, kind and names. Default: yes. */
  readonly root?: boolean;
  readonly warn?: (text: string) => void;
}

const NEW: Correlation = { old: undefined, unchanged: () => false };

/**
 * What the rules of a schema find wrong with an object. On update, rules that compare with the old object run too, and
 * the others forgive what did not change; `warn` gets what was forgiven.
 */
export function ruleErrors(
  schema: Schema,
  object: unknown,
  old?: unknown,
  { path = '', root = true, warn = ignore }: RuleOptions = {},
): FieldError[] {
  const tree = rulesOf(schema, root);
  if (!tree) return [];
  const errors: FieldError[] = [];
  const value = object as JsonValue;
  walk(tree, value, correlated(value, old as JsonValue | undefined, NEW), path, errors, warn);
  return errors;
}

const ignore = (): void => undefined;

function correlated(value: JsonValue, old: JsonValue | undefined, parent: Correlation): Correlation {
  return old === undefined || old === null
    ? { old: undefined, unchanged: parent.unchanged }
    : { old, unchanged: () => same(value, old) };
}

function walk(
  node: RuleNode,
  value: JsonValue | undefined,
  correlation: Correlation,
  path: string,
  errors: FieldError[],
  warn: (text: string) => void,
): void {
  if (value === null || value === undefined) return;
  if (node.rules.length > 0) checkRules(node, value, correlation, path, errors, warn);
  if (typeof value !== 'object') return;
  const { old } = correlation;
  if (Array.isArray(value)) {
    if (!node.items) return;
    const counterpart = counterpartsOf(node.schema, old);
    for (const [at, item] of value.entries()) {
      walk(
        node.items,
        item,
        correlated(item, counterpart(item), correlation),
        `${path}[${at}]`,
        errors,
        warn,
      );
    }
    return;
  }
  const before = typeof old === 'object' && !Array.isArray(old) ? old : undefined;
  for (const [key, child] of Object.entries(value)) {
    const property = node.properties.get(key);
    const part = property ?? node.values;
    if (!part) continue;
    const place = property ? (path === '' ? key : `${path}.${key}`) : `${path}[${key}]`;
    walk(part, child, correlated(child, before?.[key] ?? undefined, correlation), place, errors, warn);
  }
}

/** Finds an item of the old list by its keys. Items of other lists have no counterpart. */
function counterpartsOf(
  schema: Schema,
  old: JsonValue | undefined,
): (item: JsonValue) => JsonValue | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || !keys || !Array.isArray(old)) return () => undefined;
  const identity = (item: JsonValue) =>
    JSON.stringify(keys.map(key => (item as JsonObject | null)?.[key] ?? null));
  const items = new Map(old.map(item => [identity(item), item]));
  return item => items.get(identity(item));
}

function checkRules(
  node: RuleNode,
  value: JsonValue,
  correlation: Correlation,
  path: string,
  errors: FieldError[],
  warn: (text: string) => void,
): void {
  const kind = node.schema.type ?? '';
  let self: unknown;
  let oldSelf: unknown;
  for (const compiled of node.rules) {
    const { rule, program, usesOldSelf } = compiled;
    if (compiled.error !== undefined || !program || !node.type) {
      errors.push(invalid(path, kind, `rule compile error: ${compiled.error ?? ''}`));
      continue;
    }
    const { old } = correlation;
    if (usesOldSelf && old === undefined && !rule.optionalOldSelf) continue;
    self ??= node.type.convert(value);
    if (usesOldSelf && old !== undefined) oldSelf ??= node.type.convert(old);
    const variables: Record<string, unknown> = { self };
    if (rule.optionalOldSelf) {
      variables.oldSelf = oldSelf === undefined ? Optional.none() : Optional.of(oldSelf);
    } else if (oldSelf !== undefined) variables.oldSelf = oldSelf;
    let holds: unknown;
    try {
      holds = program.run(variables);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      errors.push(invalid(path, kind, failureText(error.message, rule)));
      continue;
    }
    if (holds === true) continue;
    const problem = problemOf(compiled, variables, fieldOf(path, rule.fieldPath), value);
    if (!usesOldSelf && correlation.unchanged()) warn(`${problem.field}: ${problem.message}`);
    else errors.push(problem);
  }
}

function failureText(text: string, rule: CompiledRule['rule']): string {
  return text.startsWith('no such overload')
    ? `'${text}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
    : `${text} evaluating rule: ${ruleText(rule)}`;
}

function ruleText(rule: CompiledRule['rule']): string {
  return (rule.message ? rule.message : rule.rule).trim();
}

/** `.spec.x` after `spec` is `spec.spec.x`; `['a.b']` is a key. */
function fieldOf(path: string, fieldPath: string | undefined): string {
  if (!fieldPath) return path;
  const relative = fieldPath
    .replace(/\['((?:[^'\\]|\\.)*)'\]/g, (_match, name: string) => `.${name.replace(/\\(.)/g, '$1')}`)
    .replace(/^\./, '');
  return path === '' ? relative : `${path}.${relative}`;
}

function problemOf(
  { rule, message }: CompiledRule,
  variables: Readonly<Record<string, unknown>>,
  field: string,
  value: JsonValue,
): FieldError {
  const detail =
    (message && messageOf(message, variables)) ??
    (rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`);
  const omitted = typeof value === 'object';
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return omitted
        ? { reason: 'FieldValueDuplicate', field, message: 'Duplicate value' }
        : duplicate(field, value);
    default:
      return omitted
        ? { reason: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` }
        : invalid(field, value, detail);
  }
}

/** What a message expression gives, where that is fit to be shown. */
function messageOf(
  program: NonNullable<CompiledRule['message']>,
  variables: Readonly<Record<string, unknown>>,
): string | undefined {
  let text: unknown;
  try {
    text = program.run(variables);
  } catch (error) {
    if (error instanceof CelError) return undefined;
    throw error;
  }
  if (typeof text !== 'string') return undefined;
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.includes('\n') || goQuote(trimmed).length > LONGEST_MESSAGE) return undefined;
  return trimmed;
}
