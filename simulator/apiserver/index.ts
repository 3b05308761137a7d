/**
 * What kube-apiserver (Kubernetes 1.35) does between a decoded, authorised request and the store: reads with selectors,
 * pages and revisions, creates, updates, the four kinds of patch, deletion, watches, admission order, errors.
 * Left out: authentication (the API knows who asks; the authoriser is a part of the context), webhooks over the network, conversion other than of apiVersion,
 * and compaction by time.
 */
export { Admission } from './admission.ts';
export type {
  AdmissionAttributes,
  AdmissionPlugin,
  ApiServerContext,
  AuthorizedRequest,
  Authorizer,
  Operation,
  Origin,
  ResourceRegistry,
  SubresourceHandler,
  VirtualResource,
} from './context.ts';
export { type CreateOptions, type WriteResult, createObject } from './create.ts';
export { type DeleteResult, deleteObject } from './delete.ts';
export * from './errors.ts';
export * as fieldErrors from './field-errors.ts';
export { type FieldTerms, matchesFields, parseFieldSelector } from './field-selector.ts';
export { goJson, goStrings, quote } from './go-format.ts';
export { handleRequest, originOf } from './handle.ts';
export { identityOf, servedVersion, toVersion } from './identity.ts';
export { applyJsonPatch, JsonPatchError, type JsonPatchOperation } from './json-patch.ts';
export { type LabelRequirements, matchesLabels, parseLabelSelector } from './label-selector.ts';
export { applyMergePatch } from './merge-patch.ts';
export { FOREGROUND_FINALIZER, ORPHAN_FINALIZER, validateLabels } from './metadata.ts';
export * from './names.ts';
export { PROTECTED_NAMESPACES } from './namespace-lifecycle.ts';
export { PATCH_MEDIA_TYPES, patchTypesOf } from './patch.ts';
export { podSubresources } from './pod-subresources.ts';
export { compareVersions, makeRegistry } from './registry.ts';
export type * from './request.ts';
export { type SchemaSource, builtInSchemas, noSchemas } from './schema-gate.ts';
export { applyStrategicPatch } from './strategic-merge.ts';
export {
  type UpdateOptions,
  type UpdateResult,
  type Transformation,
  transformObject,
  updateObject,
} from './update.ts';
export { INITIAL_EVENTS_END, type Watch, bookmarkEvent, openWatch } from './watch.ts';
export { withZeroValues } from './zero-values.ts';
