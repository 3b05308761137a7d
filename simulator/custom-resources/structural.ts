/** Whether a schema is structural (apiextensions-apiserver v1.35 pkg/apiserver/schema/validation.go, complete.go). */
import { fieldErrors } from '../apiserver/index.ts';
import { same } from '../store/index.ts';
import type { StatusCause } from '../types/meta.ts';
import type { DeclaredSchema } from './types.ts';

const { fieldForbidden, invalidValue, required } = fieldErrors;

type Level = 'root' | 'item' | 'field';

const INT_OR_STRING: readonly DeclaredSchema[] = [{ type: 'integer' }, { type: 'string' }];
const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};
const EMBEDDED = 'x-kubernetes-embedded-resource';
const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const EITHER = 'x-kubernetes-int-or-string';

/** What keeps a schema from being structural, in the order of the messages. */
export function structuralErrors(schema: DeclaredSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  checkInvariants(schema, 'root', path, causes);
  checkCompleteness(schema, schema, path, path, causes);
  const text = ({ field, message }: StatusCause) => `${field}: ${message}`;
  return causes.sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

const property = (path: string, name: string) => `${path}.properties[${name}]`;

function checkInvariants(schema: DeclaredSchema, level: Level, path: string, causes: StatusCause[]): void {
  const { type, items, properties = {}, additionalProperties } = schema;
  if (type === 'array' && !items) causes.push(required(`${path}.items`, 'must be specified'));
  if (items) checkInvariants(items, 'item', `${path}.items`, causes);
  for (const [name, child] of Object.entries(properties)) {
    checkInvariants(child, 'field', property(path, name), causes);
  }
  if (additionalProperties !== undefined) {
    const at = `${path}.additionalProperties`;
    if (level === 'root') causes.push(fieldForbidden(at, 'must not be used at the root'));
    if (typeof additionalProperties === 'object') checkInvariants(additionalProperties, 'field', at, causes);
    if (schema[EMBEDDED]) causes.push(fieldForbidden(at, `must not be used if ${EMBEDDED} is set`));
  }
  checkExtensions(schema, level, path, causes);
  const skipAnyOf = same(schema.anyOf, INT_OR_STRING);
  const skipFirst = same(schema.allOf?.[0]?.anyOf, INT_OR_STRING);
  checkValueRules(schema, skipAnyOf, skipFirst, path, causes);
  checkIdentity(schema, level, path, causes);
}

function checkExtensions(schema: DeclaredSchema, level: Level, path: string, causes: StatusCause[]): void {
  const { type = '' } = schema;
  if (schema[EITHER] && schema[PRESERVE]) {
    causes.push(invalidValue(`${path}.${PRESERVE}`, true, `must be false if ${EITHER} is true`));
  }
  if (schema[EITHER] && schema[EMBEDDED]) {
    causes.push(invalidValue(`${path}.${EMBEDDED}`, true, `must be false if ${EITHER} is true`));
  }
  if (schema[EMBEDDED] && type !== 'object') {
    const why = `must be object if ${EMBEDDED} is true`;
    causes.push(type === '' ? required(`${path}.type`, why) : invalidValue(`${path}.type`, type, why));
  } else if (type === '' && !schema[EITHER] && !schema[PRESERVE]) {
    causes.push(required(`${path}.type`, EMPTY_TYPE[level]));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    causes.push(invalidValue(`${path}.type`, type, 'must be object at the root'));
  }
  if (schema[EMBEDDED] && !schema[PRESERVE] && Object.keys(schema.properties ?? {}).length === 0) {
    causes.push(
      required(`${path}.properties`, `must not be empty if ${EMBEDDED} is true without ${PRESERVE}`),
    );
  }
}

/** apiVersion, kind and metadata of whole objects can hardly be restricted. */
function checkIdentity(schema: DeclaredSchema, level: Level, path: string, causes: StatusCause[]): void {
  const { kind, apiVersion, metadata } = (schema.properties ?? {}) as Record<string, DeclaredSchema>;
  const whole = level === 'root' || schema[EMBEDDED] === true;
  if (!whole) return;
  if (kind && kind.type !== 'string') {
    causes.push(invalidValue(`${property(path, 'kind')}.type`, kind.type ?? '', 'must be string'));
  }
  if (apiVersion && apiVersion.type !== 'string') {
    causes.push(
      invalidValue(`${property(path, 'apiVersion')}.type`, apiVersion.type ?? '', 'must be string'),
    );
  }
  if (!metadata) return;
  const at = property(path, 'metadata');
  if (metadata.type !== 'object')
    causes.push(invalidValue(`${at}.type`, metadata.type ?? '', 'must be object'));
  if (level !== 'root') return;
  const { type: _type, default: _default, properties = {}, ...rest } = metadata;
  const names = Object.keys(properties);
  const onlyNames = names.every(name => name === 'name' || name === 'generateName');
  if (!onlyNames || Object.keys(rest).length > 0) {
    causes.push(
      fieldForbidden(
        at,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
  }
}

function checkValueRules(
  schema: DeclaredSchema,
  skipAnyOf: boolean,
  skipFirstAnyOf: boolean,
  path: string,
  causes: StatusCause[],
): void {
  if (!skipAnyOf) {
    schema.anyOf?.forEach((option, at) => {
      checkNested(option, false, `${path}.anyOf[${at}]`, causes);
    });
  }
  schema.allOf?.forEach((option, at) => {
    checkNested(option, skipFirstAnyOf && at === 0, `${path}.allOf[${at}]`, causes);
  });
  schema.oneOf?.forEach((option, at) => {
    checkNested(option, false, `${path}.oneOf[${at}]`, causes);
  });
  if (schema.not) checkNested(schema.not, false, `${path}.not`, causes);
  if (schema.pattern) {
    try {
      new RegExp(schema.pattern, 'u');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      causes.push(
        invalidValue(
          `${path}.pattern`,
          schema.pattern,
          `must be a valid regular expression, but isn't: ${why}`,
        ),
      );
    }
  }
}

const FORBIDDEN_WITHIN: readonly (readonly [field: keyof DeclaredSchema, must: string])[] = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  [PRESERVE, 'false'],
  [EMBEDDED, 'false'],
  [EITHER, 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
];

/** Under allOf, anyOf, oneOf and not, schemas restrict values and describe no structure. */
function checkNested(schema: DeclaredSchema, skipAnyOf: boolean, path: string, causes: StatusCause[]): void {
  checkValueRules(schema, skipAnyOf, false, path, causes);
  if (schema.items) checkNested(schema.items, false, `${path}.items`, causes);
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    checkNested(child, false, property(path, name), causes);
  }
  for (const [field, must] of FORBIDDEN_WITHIN) {
    const value = schema[field];
    const isSet = Array.isArray(value)
      ? value.length > 0
      : value !== undefined && value !== false && value !== '';
    if (isSet) causes.push(fieldForbidden(`${path}.${field}`, `must be ${must} to be structural`));
  }
  if (schema.properties?.metadata) {
    causes.push(fieldForbidden(property(path, 'metadata'), 'must not be specified in a nested context'));
  }
}

/** Every field that is restricted somewhere has to be described where structure is described. */
function checkCompleteness(
  rules: DeclaredSchema,
  structure: DeclaredSchema,
  at: string,
  from: string,
  causes: StatusCause[],
): void {
  if (rules.not) checkNestedCompleteness(rules.not, structure, at, `${from}.not`, causes);
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
    rules[junctor]?.forEach((option, index) => {
      checkNestedCompleteness(option, structure, at, `${from}.${junctor}[${index}]`, causes);
    });
  }
}

function checkNestedCompleteness(
  rules: DeclaredSchema,
  structure: DeclaredSchema | undefined,
  at: string,
  from: string,
  causes: StatusCause[],
): void {
  if (!structure) {
    causes.push(required(at, `because it is defined in ${from}`));
    return;
  }
  checkCompleteness(rules, structure, at, from, causes);
  if (rules.items) {
    checkNestedCompleteness(rules.items, structure.items, `${at}.items`, `${from}.items`, causes);
  }
  for (const [name, child] of Object.entries(rules.properties ?? {})) {
    const known = structure.properties?.[name];
    checkNestedCompleteness(child, known, property(at, name), property(from, name), causes);
  }
}
