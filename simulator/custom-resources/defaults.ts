/** Whether the defaults of a schema fit it (apiextensions-apiserver v1.35 pkg/apiserver/schema/defaulting/validation.go). */
import { ruleErrors } from '../cel/index.ts';
import { fieldErrors } from '../apiserver/index.ts';
import { prune, validateObject } from '../schemas/index.ts';
import type { StatusCause } from '../types/meta.ts';
import type { DeclaredSchema } from './types.ts';

/** What is wrong with the defaults in a schema. Those under additionalProperties are refused elsewhere. */
export function defaultErrors(schema: DeclaredSchema, path: string, root = true): StatusCause[] {
  const causes: StatusCause[] = [];
  if (schema.default !== undefined) causes.push(...ownErrors(schema, `${path}.default`));
  if (schema.items) causes.push(...defaultErrors(schema.items, `${path}.items`, false));
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (root && name === 'metadata') continue;
    causes.push(...defaultErrors(child, `${path}.properties[${name}]`, false));
  }
  return causes;
}

function ownErrors(schema: DeclaredSchema, path: string): StatusCause[] {
  const value = schema.default;
  const causes: StatusCause[] = [];
  if (prune(schema, value).unknown.length > 0) {
    causes.push(fieldErrors.invalidValue(path, value, 'must not have unknown fields'));
  }
  const errors = validateObject(schema, value, { path });
  causes.push(...(errors.length > 0 ? errors : ruleErrors(schema, value, value, { path, root: false })));
  return causes;
}
