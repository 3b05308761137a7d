/** The schemas as this area uses them: by definition. A kind without schema is taken as it is. */
import { freeze } from 'immer';
import { hasRules, ruleErrors } from '../cel/index.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import {
  type Schema,
  applyDefaults,
  decodeErrors,
  fieldSchema,
  partialObject,
  prune,
  resolveSchema,
  schemaFor,
  validateObject,
} from '../schemas/index.ts';
import type { JsonObject, KubeObject, StatusCause } from '../types/meta.ts';
import type { ApiServerContext } from './context.ts';
import { identityOf, toVersion } from './identity.ts';
import { unforgiven } from './ratcheting.ts';
import { withZeroValues } from './zero-values.ts';

/** Where schemas come from. Clusters bring their own for kinds that are defined while they run. */
export interface SchemaSource {
  schemaFor(group: string, version: string, kind: string): Schema | undefined;
}

/** The generated schemas of KubeVirt, CDI and Kubernetes. */
export const builtInSchemas: SchemaSource = {
  schemaFor: (group, version, kind) => schemaFor(group, version, kind),
};

/** For clusters and tests without schemas. */
export const noSchemas: SchemaSource = { schemaFor: () => undefined };

export interface Decoded {
  /** Without the unknown fields. */
  readonly object: JsonObject;
  /** Fields the schema does not know, by path: `spec.replica`. */
  readonly unknown: readonly string[];
  /** Why a typed decoder refuses the object. */
  readonly error?: string;
}

export function rootSchema(
  context: ApiServerContext,
  definition: ResourceDefinition,
  version: string = identityOf(definition).storage.name,
): Schema | undefined {
  const known = definition.versions.find(({ name }) => name === version)?.schema;
  return known ?? (context.schemas ?? builtInSchemas).schemaFor(definition.group, version, definition.kind);
}

export function decodeWithSchema(
  context: ApiServerContext,
  definition: ResourceDefinition,
  version: string,
  body: JsonObject,
): Decoded {
  const schema = rootSchema(context, definition, version);
  if (!schema) return { object: body, unknown: [] };
  // Custom resources are read without types but for their metadata; what is wrong beyond shows in validation.
  const [error] = decodeErrors(definition.custom ? partialObject : schema, definition.kind, body);
  if (error !== undefined) return { object: body, unknown: [], error };
  const { value, unknown } = prune(schema, body);
  return { object: value, unknown };
}

export function withDefaults(
  context: ApiServerContext,
  definition: ResourceDefinition,
  version: string,
  object: KubeObject,
): KubeObject {
  const schema = rootSchema(context, definition, version);
  const filled = schema ? applyDefaults(schema, asDecoded(definition, schema, object)) : object;
  return definition.applyDefaults ? definition.applyDefaults(filled) : filled;
}

/** As Go structs hold it: nulls are zero values, and a spec is there even if it is empty. */
function asDecoded(definition: ResourceDefinition, schema: Schema, object: KubeObject): KubeObject {
  const full = withZeroValues(object, definition.custom ? partialObject : schema);
  if (definition.custom || (full as { spec?: unknown }).spec) return full;
  const spec = fieldSchema(schema, 'spec');
  return spec && resolveSchema(spec).type === 'object' ? ({ ...full, spec: {} } as KubeObject) : full;
}

/**
 * What the schema of the request's version, by default the stored one, finds wrong. An update is spared what was wrong
 * before and did not change.
 */
export function schemaErrors(
  context: ApiServerContext,
  definition: ResourceDefinition,
  object: KubeObject,
  old?: KubeObject,
  version?: string,
): StatusCause[] {
  // Built-in kinds are validated by rules of their own; their schemas count where a definition has none.
  if (!definition.custom && definition.validate) return [];
  const schema = rootSchema(context, definition, version);
  if (!schema) return [];
  if (definition.custom) return customErrors(schema, object, old);
  const errors = missingFields(schema, object);
  if (errors.length === 0 || !old) return errors;
  const known = new Set(missingFields(schema, old).map(({ field }) => field));
  return errors.filter(({ field }) => !known.has(field));
}

/** Not those of `status`, where typed objects have zero values instead. */
function missingFields(schema: Schema, object: KubeObject): StatusCause[] {
  const errors = validateObject(schema, object);
  if (errors.length === 0) return errors;
  return errors.filter(({ reason, field }) => reason === 'FieldValueRequired' && !field.startsWith('status'));
}

/** Errors after which rules are not looked at, because they could not tell what they see. */
const BLOCKING: readonly (string | undefined)[] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];
const RULES_SKIPPED: StatusCause = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: '<nil>',
};

function customErrors(schema: Schema, object: KubeObject, old: KubeObject | undefined): StatusCause[] {
  let errors: StatusCause[] = validateObject(schema, object);
  if (errors.length > 0 && old) errors = unforgiven(schema, errors, object, old);
  if (!hasRules(schema)) return errors;
  if (errors.some(({ reason }) => BLOCKING.includes(reason))) return [...errors, RULES_SKIPPED];
  const broken = ruleErrors(schema, object, old);
  return broken.length === 0 ? errors : [...errors, ...broken];
}

/** An object in the version it is stored in, without what that version does not know. */
export function forStorage(definition: ResourceDefinition, object: KubeObject): KubeObject {
  const { storage, storageApiVersion } = identityOf(definition);
  if (object.apiVersion === storageApiVersion) return object;
  const stored = { ...object, apiVersion: storageApiVersion };
  return storage.schema ? prune(storage.schema, stored).value : stored;
}

// Derived from frozen objects and immutable definitions.
const presented = new WeakMap<KubeObject, { readonly schema: Schema; readonly object: KubeObject }>();

/**
 * A stored object as a request's version shows it. Kinds that users define may have changed since it was written: what
 * they no longer know is dropped and new defaults are filled in. The same reference for the same object and schema.
 */
export function inVersion(
  definition: ResourceDefinition,
  stored: KubeObject,
  apiVersion: string,
): KubeObject {
  const { storage } = identityOf(definition);
  if (!storage.schema) return toVersion(stored, apiVersion);
  const written = stored.apiVersion.slice(stored.apiVersion.lastIndexOf('/') + 1);
  const schema = definition.versions.find(({ name }) => name === written)?.schema ?? storage.schema;
  let known = presented.get(stored);
  if (known?.schema !== schema) {
    const object = applyDefaults(schema, prune(schema, stored).value);
    known = { schema, object: object === stored ? stored : freeze(object, true) };
    presented.set(stored, known);
  }
  return toVersion(known.object, apiVersion);
}
