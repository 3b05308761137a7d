/** What a served schema may say (apiextensions-apiserver v1.35 validation.go ValidateCustomResourceDefinitionOpenAPISchema). */
import { fieldErrors } from '../apiserver/index.ts';
import { compileRules } from '../cel/index.ts';
import type { StatusCause } from '../types/meta.ts';
import { schemaAt } from './field-paths.ts';
import { invalidStruct, printedRule } from './internal-form.ts';
import { listErrors } from './list-rules.ts';
import type { DeclaredSchema } from './types.ts';

const { fieldForbidden, invalidValue, notSupported, required } = fieldErrors;

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const UNSUPPORTED = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
] as const;
const IDENTITY = new Set(['metadata', 'kind', 'apiVersion']);

interface Place {
  readonly path: string;
  readonly root: boolean;
  /** Why defaults are not allowed here. */
  readonly noDefaults?: string;
  readonly insideMetadata: boolean;
  /** The list whose items have no identity, so that rules cannot compare them with what they were. */
  readonly uncorrelated?: string;
  /** Rules are not looked at under allOf, anyOf, oneOf and not, nor in schemas that are not structural. */
  readonly checkRules: boolean;
}

/** Errors of the schema come before those of its rules, which are only checked where the schema is right. */
export function schemaErrors(schema: DeclaredSchema, path: string, checkRules: boolean): StatusCause[] {
  const found = check(schema, { path, root: true, insideMetadata: false, checkRules });
  return [...found.schema, ...found.rules];
}

interface Found {
  readonly schema: StatusCause[];
  readonly rules: StatusCause[];
}

function check(schema: DeclaredSchema, place: Place): Found {
  const { path } = place;
  const found: Found = { schema: ownErrors(schema, place), rules: [] };
  const visit = (child: DeclaredSchema | undefined, name: string, more: Partial<Place> = {}): void => {
    if (!child) return;
    const { schema: wrong, rules } = check(child, {
      ...place,
      root: false,
      ...more,
      path: `${path}.${name}`,
    });
    found.schema.push(...wrong);
    found.rules.push(...rules);
  };
  const { additionalProperties, properties = {} } = schema;
  if (additionalProperties !== undefined) {
    if (Object.keys(properties).length > 0 && additionalProperties !== true) {
      found.schema.push(
        fieldForbidden(
          `${path}.additionalProperties`,
          'additionalProperties and properties are mutual exclusive',
        ),
      );
    }
    if (typeof additionalProperties === 'object') {
      const noDefaults = place.insideMetadata
        ? 'inside additionalProperties applying to object metadata'
        : undefined;
      visit(additionalProperties, 'additionalProperties', noDefaults ? { noDefaults } : {});
    }
  }
  for (const [name, child] of Object.entries(properties)) {
    const identity = (place.root || schema['x-kubernetes-embedded-resource']) && IDENTITY.has(name);
    visit(child, `properties[${name}]`, {
      ...(identity ? { insideMetadata: true } : {}),
      ...(identity && place.root ? { noDefaults: `in top-level ${name}` } : {}),
    });
  }
  const nested = { checkRules: false };
  visit(schema.not, 'not', nested);
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const) {
    schema[junctor]?.forEach((option, at) => {
      visit(option, `${junctor}[${at}]`, nested);
    });
  }
  for (const [name, child] of Object.entries(schema.definitions ?? {}))
    visit(child, `definitions[${name}]`, nested);
  const isMap = schema['x-kubernetes-list-type'] === 'map';
  visit(schema.items, 'items', isMap ? {} : { uncorrelated: place.uncorrelated ?? path });
  found.schema.push(...extensionErrors(schema, path));
  found.schema.push(...listErrors(schema, path));
  const rules = schema['x-kubernetes-validations'] ?? [];
  rules.forEach((_rule, at) => {
    found.schema.push(...ruleFieldErrors(schema, at, `${path}.x-kubernetes-validations[${at}]`));
  });
  if (rules.length > 0 && place.checkRules && found.schema.length === 0) {
    found.rules.push(...ruleErrors(schema, place));
  }
  return found;
}

function ownErrors(schema: DeclaredSchema, { path, noDefaults, insideMetadata }: Place): StatusCause[] {
  const causes: StatusCause[] = [];
  const { type } = schema;
  if (type && !TYPES.includes(type)) causes.push(notSupported(`${path}.type`, type, TYPES));
  if (schema.default !== undefined && noDefaults !== undefined) {
    causes.push(fieldForbidden(`${path}.default`, `must not be set ${noDefaults}`));
  }
  for (const field of UNSUPPORTED) {
    if (schema[field]) causes.push(fieldForbidden(`${path}.${field}`, `${field} is not supported`));
  }
  if ((type as string) === 'null') {
    causes.push(fieldForbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  }
  if (Array.isArray(schema.items)) {
    causes.push(fieldForbidden(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (insideMetadata && schema['x-kubernetes-embedded-resource']) {
    causes.push(
      fieldForbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'),
    );
  }
  if (schema.uniqueItems) {
    causes.push(
      fieldForbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  return causes;
}

function extensionErrors(schema: DeclaredSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    causes.push(
      invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'),
    );
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return causes;
  if (schema.type !== 'object') {
    const why = 'must be object if x-kubernetes-map-type is specified';
    causes.push(schema.type ? invalidValue(`${path}.type`, schema.type, why) : required(`${path}.type`, why));
  }
  if (!['atomic', 'granular'].includes(mapType)) {
    causes.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  return causes;
}

const LINE_BREAK = /[\n\r]/;

/** The fields of a rule, apart from what its expressions mean. */
function ruleFieldErrors(schema: DeclaredSchema, at: number, path: string): StatusCause[] {
  const rule = schema['x-kubernetes-validations']?.[at];
  if (!rule) return [];
  const causes: StatusCause[] = [];
  const { message = '', messageExpression = '', fieldPath = '' } = rule;
  if (rule.rule.trim() === '') causes.push(required(`${path}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '') {
    causes.push(invalidValue(`${path}.message`, message, 'must be non-empty if specified'));
  } else if (LINE_BREAK.test(message.trim())) {
    causes.push(invalidValue(`${path}.message`, message, 'must not contain line breaks'));
  } else if (LINE_BREAK.test(rule.rule.trim()) && message.trim() === '') {
    causes.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    causes.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  if (rule.reason !== undefined && !REASONS.includes(rule.reason)) {
    causes.push(notSupported(`${path}.reason`, rule.reason, REASONS));
  }
  if (fieldPath === '') return causes;
  if (fieldPath.trim() === '') {
    causes.push(invalidValue(`${path}.fieldPath`, fieldPath, 'must be non-empty if specified'));
  }
  if (LINE_BREAK.test(fieldPath)) {
    causes.push(invalidValue(`${path}.fieldPath`, fieldPath, 'must not contain line breaks'));
  }
  try {
    schemaAt(fieldPath, schema);
  } catch {
    causes.push(invalidValue(`${path}.fieldPath`, fieldPath, 'must be a valid path'));
  }
  return causes;
}

function ruleErrors(schema: DeclaredSchema, { path, root, uncorrelated }: Place): StatusCause[] {
  const causes: StatusCause[] = [];
  const declared = schema['x-kubernetes-validations'] ?? [];
  for (const [at, compiled] of compileRules(schema, declared, root).rules.entries()) {
    const { rule, error, messageError, usesOldSelf } = compiled;
    const place = `${path}.x-kubernetes-validations[${at}]`;
    if (error !== undefined) causes.push(invalidStruct(`${place}.rule`, printedRule(rule), error));
    if (messageError !== undefined) {
      causes.push(invalidStruct(`${place}.messageExpression`, printedRule(rule), messageError));
    }
    if (usesOldSelf) {
      if (uncorrelated !== undefined) {
        const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
        causes.push(invalidValue(`${place}.rule`, rule.rule, why));
      }
    } else if (rule.optionalOldSelf !== undefined && error === undefined) {
      causes.push(
        invalidValue(
          `${place}.optionalOldSelf`,
          rule.optionalOldSelf,
          'may not be set if oldSelf is not used in rule',
        ),
      );
    }
  }
  return causes;
}
