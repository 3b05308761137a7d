/** Rules of metadata (apimachinery pkg/api/validation/objectmeta.go): what it may hold and what may change. */
import type { ResourceDefinition } from '../resources/definition.ts';
import { same } from '../store/index.ts';
import type { KubeObject, ObjectMeta, OwnerReference, StatusCause } from '../types/meta.ts';
import { fieldForbidden, immutable, invalidValue, required, tooLong } from './field-errors.ts';
import { goStrings } from './go-format.ts';
import { checkLabelName, checkLabelValue, checkName, checkQualifiedName } from './names.ts';

const ANNOTATIONS_LIMIT = 256 * 1024;
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

/** All that is wrong with the metadata of a new object. */
export function validateMetadata(metadata: ObjectMeta, definition: ResourceDefinition): StatusCause[] {
  const causes: StatusCause[] = [];
  const { name, generateName, namespace } = metadata;
  if (generateName) {
    for (const problem of checkName(definition.nameRule, generateName, true)) {
      causes.push(invalidValue('metadata.generateName', generateName, problem));
    }
  }
  if (!name) causes.push(required('metadata.name', 'name or generateName is required'));
  else {
    for (const problem of checkName(definition.nameRule, name)) {
      causes.push(invalidValue('metadata.name', name, problem));
    }
  }
  if (definition.namespaced) {
    if (!namespace) causes.push(required('metadata.namespace'));
    else {
      for (const problem of checkLabelName(namespace)) {
        causes.push(invalidValue('metadata.namespace', namespace, problem));
      }
    }
  } else if (namespace) {
    causes.push(fieldForbidden('metadata.namespace', 'not allowed on this type'));
  }
  validateCommon(metadata, causes);
  validateFinalizers(metadata.finalizers, causes);
  return causes;
}

/** What is wrong with the change of an existing object's metadata. */
export function validateMetadataUpdate(metadata: ObjectMeta, old: ObjectMeta): StatusCause[] {
  const causes: StatusCause[] = [];
  const finalizers = newFinalizers(metadata, old);
  if (finalizers) causes.push(finalizers);
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    if (metadata[field] !== old[field]) causes.push(immutable(`metadata.${field}`, metadata[field] ?? null));
  }
  if (metadata.deletionGracePeriodSeconds !== old.deletionGracePeriodSeconds) {
    causes.push(
      immutable('metadata.deletionGracePeriodSeconds', metadata.deletionGracePeriodSeconds ?? null),
    );
  }
  validateCommon(metadata, causes, old);
  return causes;
}

const OMITTED_WHEN_EMPTY = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** Empty maps and lists of metadata are not written (`omitempty`). The same object when there is none. */
export function withoutEmptyMetadata<T extends KubeObject>(object: T): T {
  const { metadata } = object;
  const empty = OMITTED_WHEN_EMPTY.filter(field => {
    const value = metadata[field];
    return value !== undefined && (Array.isArray(value) ? value.length : Object.keys(value).length) === 0;
  });
  if (empty.length === 0) return object;
  const kept = { ...metadata };
  for (const field of empty) delete kept[field];
  return { ...object, metadata: kept };
}

/** While an object is being deleted its finalizers may only go. */
export function newFinalizers(metadata: ObjectMeta, old: ObjectMeta): StatusCause | undefined {
  if (old.deletionTimestamp === undefined || metadata.finalizers === old.finalizers) return undefined;
  const before = old.finalizers ?? [];
  const added = (metadata.finalizers ?? []).filter(finalizer => !before.includes(finalizer));
  if (added.length === 0) return undefined;
  return fieldForbidden(
    'metadata.finalizers',
    `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added.sort())}`,
  );
}

/** Parts that did not change were right when they were written and are not looked at again. */
function validateCommon(metadata: ObjectMeta, causes: StatusCause[], old?: ObjectMeta): void {
  if (metadata.labels !== undefined && metadata.labels !== old?.labels) {
    validateLabels(metadata.labels, 'metadata.labels', causes);
  }
  if (metadata.annotations !== undefined && metadata.annotations !== old?.annotations) {
    validateAnnotations(metadata.annotations, causes);
  }
  if (metadata.ownerReferences !== undefined && metadata.ownerReferences !== old?.ownerReferences) {
    validateOwners(metadata.ownerReferences, causes);
  }
}

export function validateLabels(labels: Record<string, string>, field: string, causes: StatusCause[]): void {
  for (const [key, value] of Object.entries(labels)) {
    for (const problem of checkQualifiedName(key)) causes.push(invalidValue(field, key, problem));
    for (const problem of checkLabelValue(value)) causes.push(invalidValue(field, value, problem));
  }
}

function validateAnnotations(annotations: Record<string, string>, causes: StatusCause[]): void {
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const problem of checkQualifiedName(key.toLowerCase())) {
      causes.push(invalidValue('metadata.annotations', key, problem));
    }
    size += key.length + value.length;
  }
  if (size > ANNOTATIONS_LIMIT) causes.push(tooLong('metadata.annotations', ANNOTATIONS_LIMIT));
}

function validateOwners(owners: readonly OwnerReference[], causes: StatusCause[]): void {
  const field = 'metadata.ownerReferences';
  let controller: string | undefined;
  for (const owner of owners) {
    if (!owner.apiVersion) {
      causes.push(invalidValue(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    }
    if (!owner.kind) causes.push(invalidValue(`${field}.kind`, owner.kind ?? '', 'must not be empty'));
    if (!owner.name) causes.push(invalidValue(`${field}.name`, owner.name ?? '', 'must not be empty'));
    if (!owner.uid) causes.push(invalidValue(`${field}.uid`, owner.uid ?? '', 'must not be empty'));
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      causes.push(invalidValue(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (owner.controller !== true) continue;
    const current = `${owner.kind}/${owner.name}`;
    if (controller === undefined) controller = current;
    else {
      causes.push(
        invalidValue(
          field,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`,
        ),
      );
    }
  }
}

function validateFinalizers(finalizers: readonly string[] | undefined, causes: StatusCause[]): void {
  if (!finalizers) return;
  for (const finalizer of finalizers) {
    for (const problem of checkQualifiedName(finalizer)) {
      causes.push(invalidValue('metadata.finalizers', finalizer, problem));
    }
  }
  if (finalizers.includes(ORPHAN_FINALIZER) && finalizers.includes(FOREGROUND_FINALIZER)) {
    causes.push(
      invalidValue(
        'metadata.finalizers',
        finalizers,
        `finalizer ${ORPHAN_FINALIZER} and ${FOREGROUND_FINALIZER} cannot be both set`,
      ),
    );
  }
}

/** Owner references without exact repetitions, warned about as kube-apiserver does. */
export function withoutRepeatedOwners<T extends { metadata: Partial<ObjectMeta> }>(
  object: T,
  warn: (text: string) => void,
  afterAdmission: boolean,
): T {
  const owners = object.metadata.ownerReferences;
  if (!owners || owners.length < 2) return object;
  const kept: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const owner of owners) {
    if (kept.some(other => same(other, owner))) repeated.push(owner.uid);
    else kept.push(owner);
  }
  if (repeated.length === 0) return object;
  const when = afterAdmission ? ' after mutating admission happens' : '';
  warn(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(', ')}`,
  );
  return { ...object, metadata: { ...object.metadata, ownerReferences: kept } };
}
