/**
 * Schemas of all kinds: Kubernetes 1.35 built-ins, KubeVirt v1.9, CDI v1.66 and their neighbours, and those of CRDs that
 * users add. Pruning, validation, defaulting, decoding errors, patch and apply topology, OpenAPI v3 documents.
 *
 * `generated/` is made by `npm run generate` from installed packages and `repairs-*.ts`, `new-kinds-*.ts`; it is not
 * committed. Custom kinds of KubeVirt and CDI agree with the definitions their operators install.
 *
 * Rules in CEL are kept in the schemas; `simulator/cel` evaluates them.
 *
 * Left out: the OpenAPI v2 document, beta and alpha versions of Kubernetes' own groups, Go's names of string types in
 * decoding errors.
 */
export { applyDefaults } from './defaults.ts';
export { decodeErrors, partialObject } from './decode-errors.ts';
export { defineSchemas } from './define.ts';
export type { FieldError, FieldErrorReason } from './field-error.ts';
export {
  duplicate,
  goQuote,
  invalid,
  notSupported,
  printValue,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './field-error.ts';
export { hasFormat } from './formats.ts';
export type { FieldLine, FieldTable } from './field-notation.ts';
export {
  type DocumentRequest,
  openApiV3Document,
  type ResourceDescription,
  type SubresourceDescription,
} from './openapi.ts';
export { prune, type Pruned } from './prune.ts';
export {
  builtinKinds,
  builtinRegistry,
  componentDocs,
  componentName,
  componentSchema,
  crdSchema,
  isCustomKind,
  resolveSchema,
  schemaFor,
  type SchemaRegistry,
  withoutSchema,
  withSchema,
} from './registry.ts';
export type { GroupVersionKind, ListType, Schema, SchemaType, ValidationRule } from './schema.ts';
export {
  fieldSchema,
  isEmbeddedResource,
  itemSchema,
  type ListTopology,
  listTopology,
  mapTopology,
  type PatchMeta,
  patchMeta,
  preservesUnknownFields,
} from './topology.ts';
export { validateObject } from './validate.ts';
