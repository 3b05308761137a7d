/** Changing objects (apiserver pkg/registry/generic/registry Store.Update and registry/rest BeforeUpdate, v1.35). */
import { produce } from 'immer';
import { type ResourceDefinition, splitKey } from '../resources/definition.ts';
import { same } from '../store/index.ts';
import type { KubeObject, ObjectMeta } from '../types/meta.ts';
import { Admission } from './admission.ts';
import type { ApiServerContext, Origin } from './context.ts';
import { type WriteResult, createObject } from './create.ts';
import { conflict, invalid, notFound } from './errors.ts';
import { invalidValue } from './field-errors.ts';
import { changesGeneration } from './generation.ts';
import { identityOf } from './identity.ts';
import {
  newFinalizers,
  validateMetadataUpdate,
  withoutEmptyMetadata,
  withoutRepeatedOwners,
} from './metadata.ts';
import { forStorage, schemaErrors } from './schema-gate.ts';

/** `finalize` exists for namespaces only. */
export type WritableSubresource = 'status' | 'finalize' | 'scale';

export interface UpdateOptions {
  readonly subresource?: WritableSubresource | (string & {});
  readonly dryRun?: boolean;
  /** The version the request used, as admission sees it; default: the storage version. */
  readonly version?: string;
  /** A missing object is created from what the change makes of nothing. */
  readonly createMissing?: boolean;
}

export interface UpdateResult extends WriteResult {
  /** `deleted`: the change removed the last finalizer of an object that was to go. */
  readonly outcome: 'unchanged' | 'updated' | 'deleted' | 'created';
}

/** Makes the next object of the current one; undefined stands for a missing object, where one may be created. */
export type Transformation = (current: KubeObject | undefined, warn: (text: string) => void) => KubeObject;

/**
 * Changes one object by an immer recipe, or replaces it by a whole one. A change that changes nothing writes nothing.
 * @throws ApiError 404 without the object, 409 when a given resourceVersion is not the current one, 422 when the result
 * is invalid, and whatever admission refuses with.
 */
export function updateObject(
  context: ApiServerContext,
  definition: ResourceDefinition,
  key: string,
  recipeOrObject: ((draft: KubeObject) => void) | KubeObject,
  origin: Origin,
  options: UpdateOptions = {},
): UpdateResult {
  if (typeof recipeOrObject !== 'function') {
    return transformObject(context, definition, key, () => recipeOrObject, origin, options);
  }
  const current = context.store.get(identityOf(definition).resource, key);
  if (!current) throw notFound(definition, splitKey(key).name);
  const next = produce(current, recipeOrObject);
  // Nothing to do is the commonest outcome of a reconciliation and must cost nothing.
  if (next === current && origin.trusted) return { object: current, warnings: NONE, outcome: 'unchanged' };
  return replaceObject(context, definition, current, next, origin, options);
}

const NONE: readonly string[] = [];

/** Changes one object by a function of it: the way of PUT and PATCH. */
export function transformObject(
  context: ApiServerContext,
  definition: ResourceDefinition,
  key: string,
  transformation: Transformation,
  origin: Origin,
  options: UpdateOptions = {},
): UpdateResult {
  const warnings: string[] = [];
  const warn = (text: string) => {
    warnings.push(text);
  };
  const current = context.store.get(identityOf(definition).resource, key);
  if (!current) {
    if (!options.createMissing) throw notFound(definition, splitKey(key).name);
    const created = createObject(context, definition, transformation(undefined, warn), origin, options);
    return { ...created, warnings: [...warnings, ...created.warnings], outcome: 'created' };
  }
  const result = replaceObject(context, definition, current, transformation(current, warn), origin, options);
  return warnings.length === 0 ? result : { ...result, warnings: [...warnings, ...result.warnings] };
}

function replaceObject(
  context: ApiServerContext,
  definition: ResourceDefinition,
  current: KubeObject,
  proposed: KubeObject,
  origin: Origin,
  options: UpdateOptions,
): UpdateResult {
  const { resource } = identityOf(definition);
  const { name, namespace } = current.metadata;
  const admission = new Admission(context, definition, 'UPDATE', origin, {
    name,
    namespace,
    oldObject: current,
    subresource: options.subresource,
    version: options.version,
    dryRun: options.dryRun,
  });
  let next = withoutEmptyMetadata(admission.mutate(forStorage(definition, proposed)));
  if (next.metadata.ownerReferences !== current.metadata.ownerReferences) {
    next = withoutRepeatedOwners(next, admission.warn, true);
  }
  refuseStale(definition, current, next);
  next = withKeptParts(definition, current, next, options.subresource, origin.trusted);
  if (definition.prepareForUpdate && options.subresource === undefined) {
    next = definition.prepareForUpdate(next, current, context.view);
  }
  if (options.subresource !== 'status' && changesGeneration(definition, current, next)) {
    next = { ...next, metadata: { ...next.metadata, generation: (current.metadata.generation ?? 0) + 1 } };
  }
  if (origin.trusted) {
    const refusal = newFinalizers(next.metadata, current.metadata);
    if (refusal) throw invalid(definition, name, [refusal]);
  } else {
    refuseInvalid(context, definition, current, next, options);
  }
  admission.validate(next);

  const { warnings } = admission;
  if (next === current || same(current, next)) return { object: current, warnings, outcome: 'unchanged' };
  if (endsWith(current, next)) {
    // Watchers are told of the last state that was stored, as etcd keeps it.
    if (!options.dryRun) context.commit('DELETED', resource, current, origin);
    return { object: next, warnings, outcome: 'deleted' };
  }
  if (options.dryRun) return { object: next, warnings, outcome: 'updated' };
  return { object: context.commit('MODIFIED', resource, next, origin).object, warnings, outcome: 'updated' };
}

function refuseStale(definition: ResourceDefinition, current: KubeObject, next: KubeObject): void {
  const { name, uid, resourceVersion } = current.metadata;
  const given = next.metadata as Partial<ObjectMeta>;
  if (given.uid && given.uid !== uid) {
    throw conflict(
      definition,
      name,
      `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${uid}`,
    );
  }
  if (given.resourceVersion === resourceVersion) return;
  if (given.resourceVersion) throw conflict(definition, name);
  if (!definition.unconditionalUpdate) {
    throw invalid({ group: definition.group, kind: definition.plural }, name, [
      invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
}

/** Puts back what this endpoint does not let a write change. Unchanged parts keep their reference. */
function withKeptParts(
  definition: ResourceDefinition,
  current: KubeObject,
  next: KubeObject,
  subresource: string | undefined,
  trusted: boolean,
): KubeObject {
  if (subresource === 'status') return withStatusOnly(definition, current, next);
  // A binding sets the node and, in the same write, the condition that says so.
  if (subresource === 'binding') return withSystemMetadata(current, next);
  const kept = withSystemMetadata(current, next);
  if (definition.plural === 'namespaces' && definition.group === '') {
    return withNamespaceParts(current, kept, subresource, trusted);
  }
  return definition.hasStatus ? withPart(kept, 'status', part(current, 'status')) : kept;
}

function withStatusOnly(definition: ResourceDefinition, current: KubeObject, next: KubeObject): KubeObject {
  const status = part(next, 'status');
  let metadata = withSystemMetadata(current, next).metadata;
  if (definition.custom) {
    // A custom resource's status endpoint leaves all other metadata alone.
    const { managedFields } = metadata;
    metadata = current.metadata;
    if (managedFields !== metadata.managedFields) {
      metadata = { ...metadata };
      if (managedFields) metadata.managedFields = managedFields;
      else delete metadata.managedFields;
    }
  }
  const kept = metadata === current.metadata ? current : { ...current, metadata };
  return withPart(kept, 'status', status);
}

/** Namespaces: spec.finalizers change through `finalize` alone, and status through `status`. */
function withNamespaceParts(
  current: KubeObject,
  next: KubeObject,
  subresource: string | undefined,
  trusted: boolean,
): KubeObject {
  if (subresource === 'finalize') return withPart(current, 'spec', part(next, 'spec'));
  const kept = withPart(next, 'status', part(current, 'status'));
  return trusted ? kept : withPart(kept, 'spec', part(current, 'spec'));
}

function withSystemMetadata(current: KubeObject, next: KubeObject): KubeObject {
  const old = current.metadata;
  const given = next.metadata;
  if (
    given === old ||
    (given.uid === old.uid &&
      given.resourceVersion === old.resourceVersion &&
      given.creationTimestamp === old.creationTimestamp &&
      given.deletionTimestamp === old.deletionTimestamp &&
      given.deletionGracePeriodSeconds === old.deletionGracePeriodSeconds &&
      given.generation === old.generation)
  ) {
    return next;
  }
  const metadata: ObjectMeta = {
    ...given,
    uid: old.uid,
    resourceVersion: old.resourceVersion,
    creationTimestamp: old.creationTimestamp,
  };
  for (const field of ['generation', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (old[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: old[field] });
  }
  return { ...next, metadata };
}

type PartName = 'spec' | 'status';

function part(object: KubeObject, name: PartName): unknown {
  return (object as unknown as Record<PartName, unknown>)[name];
}

function withPart(object: KubeObject, name: PartName, value: unknown): KubeObject {
  if (part(object, name) === value) return object;
  const changed = { ...object } as KubeObject & Partial<Record<PartName, unknown>>;
  if (value === undefined) delete changed[name];
  else changed[name] = value;
  return changed;
}

function refuseInvalid(
  context: ApiServerContext,
  definition: ResourceDefinition,
  current: KubeObject,
  next: KubeObject,
  { subresource, version }: UpdateOptions,
): void {
  const causes = validateMetadataUpdate(next.metadata, current.metadata);
  causes.push(...schemaErrors(context, definition, next, current, version));
  if (subresource === undefined || subresource === 'scale') {
    if (definition.validateUpdate) causes.push(...definition.validateUpdate(next, current));
  }
  if (causes.length > 0) throw invalid(definition, current.metadata.name, causes);
}

/** Whether an object that waits for its finalizers has none left after this change. */
export function endsWith(current: KubeObject, next: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = current.metadata;
  if (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) !== 0) return false;
  return (next.metadata.finalizers?.length ?? 0) === 0 && namespaceFinalizers(next).length === 0;
}

/** spec.finalizers, which only namespaces have. */
export function namespaceFinalizers(object: KubeObject): readonly string[] {
  if (object.kind !== 'Namespace') return NONE;
  return (part(object, 'spec') as { finalizers?: string[] } | undefined)?.finalizers ?? NONE;
}
