/** The schemas as this area uses them: by definition. A kind without schema is taken as it is. */
import type { ResourceDefinition } from '../resources/definition.ts';
import {
  type Schema,
  applyDefaults,
  decodeErrors,
  partialObject,
  prune,
  schemaFor,
  validateObject,
} from '../schemas/index.ts';
import type { JsonObject, KubeObject, StatusCause } from '../types/meta.ts';
import type { ApiServerContext } from './context.ts';
import { identityOf } from './identity.ts';

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
  return (context.schemas ?? builtInSchemas).schemaFor(definition.group, version, definition.kind);
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
  const filled = schema ? applyDefaults(schema, object) : object;
  return definition.applyDefaults ? definition.applyDefaults(filled) : filled;
}

/** What the schema finds wrong. An update is spared what was wrong before and did not change. */
export function schemaErrors(
  context: ApiServerContext,
  definition: ResourceDefinition,
  object: KubeObject,
  old?: KubeObject,
): StatusCause[] {
  const schema = rootSchema(context, definition);
  if (!schema) return [];
  const errors = wrongWith(definition, schema, object);
  if (errors.length === 0 || !old) return errors;
  const known = new Set(wrongWith(definition, schema, old).map(textOf));
  return errors.filter(error => !known.has(textOf(error)));
}

/**
 * Built-in kinds are validated by rules of their own. Where a definition has none, missing fields of its schema count,
 * but not in `status`, where typed objects have zero values instead.
 */
function wrongWith(definition: ResourceDefinition, schema: Schema, object: KubeObject): StatusCause[] {
  if (!definition.custom && definition.validate) return [];
  const errors = validateObject(schema, object);
  if (definition.custom || errors.length === 0) return errors;
  return errors.filter(({ reason, field }) => reason === 'FieldValueRequired' && !field.startsWith('status'));
}

function textOf({ field, message }: StatusCause): string {
  return `${field}: ${message}`;
}
