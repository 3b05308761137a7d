/** Creating objects (apiserver pkg/registry/generic/registry Store.Create, v1.35). */
import { timestamp } from '../clock/index.ts';
import { type ResourceDefinition, objectKey } from '../resources/definition.ts';
import type { KubeObject, NewObject, ObjectMeta, StatusCause } from '../types/meta.ts';
import { Admission } from './admission.ts';
import type { ApiServerContext, Origin } from './context.ts';
import { alreadyExists, generateNameConflict, invalid, plainError } from './errors.ts';
import { required } from './field-errors.ts';
import { identityOf } from './identity.ts';
import { validateMetadata, withoutEmptyMetadata, withoutRepeatedOwners } from './metadata.ts';
import { forStorage, schemaErrors } from './schema-gate.ts';

export interface CreateOptions {
  readonly dryRun?: boolean;
  /** The version the request used, as admission sees it; default: the storage version. */
  readonly version?: string;
}

export interface WriteResult {
  /** As stored; of a dry run as it would have been stored. */
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

const LONGEST_GENERATED_BASE = 58;
const NAME_ATTEMPTS = 8;
/** Kinds whose status a client may set together with the object (the kubelet registers its node with one). */
const STATUS_AT_CREATION = new Set(['nodes']);

/**
 * Creates one object at the next revision: admission, name generation, system metadata, then the definition's rules.
 * Objects of trusted origins are not checked against schema and metadata rules.
 * @throws ApiError 404 without the namespace, 409 when the name is taken, 422 when the object is invalid, 500 when it
 * has a resourceVersion, and whatever admission refuses with.
 */
export function createObject(
  context: ApiServerContext,
  definition: ResourceDefinition,
  newObject: NewObject,
  origin: Origin,
  options: CreateOptions = {},
): WriteResult {
  if (newObject.metadata.resourceVersion) {
    throw plainError('resourceVersion should not be set on objects to be created');
  }
  const { resource } = identityOf(definition);
  const namespace = definition.namespaced ? newObject.metadata.namespace : undefined;
  if (definition.namespaced && !namespace) {
    throw invalid(definition, newObject.metadata.name ?? '', [required('metadata.namespace')]);
  }
  const admission = new Admission(context, definition, 'CREATE', origin, {
    name: newObject.metadata.name ?? '',
    namespace,
    version: options.version,
    dryRun: options.dryRun,
  });
  let object = forStorage(definition, newObject as KubeObject);
  // A client's object has its defaults from decoding.
  if (origin.trusted && definition.applyDefaults) object = definition.applyDefaults(object);
  object = withoutEmptyMetadata(admission.mutate(object));
  object = withoutRepeatedOwners(object, admission.warn, true);
  object = withSystemFields(context, definition, object, resource);
  admission.name = object.metadata.name;
  if (definition.prepareForCreate) object = definition.prepareForCreate(object, context.view);
  if (!origin.trusted) refuseInvalid(context, definition, object, options.version);
  admission.validate(object);

  const existing = context.store.get(resource, objectKey(namespace, object.metadata.name));
  if (existing) {
    const { name } = object.metadata;
    throw newObject.metadata.name
      ? alreadyExists(definition, name, existing.metadata.deletionTimestamp !== undefined)
      : generateNameConflict(definition, name);
  }
  if (options.dryRun) return { object, warnings: admission.warnings };
  return { object: context.commit('ADDED', resource, object, origin).object, warnings: admission.warnings };
}

function withSystemFields(
  context: ApiServerContext,
  definition: ResourceDefinition,
  object: KubeObject,
  resource: string,
): KubeObject {
  const given: Partial<ObjectMeta> = object.metadata;
  const metadata: Partial<ObjectMeta> = {
    ...given,
    name: given.name || generateName(context, definition, given, resource),
    uid: context.random.uuid(),
    creationTimestamp: timestamp(context.now),
  };
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  if (definition.generation === 'none') delete metadata.generation;
  else metadata.generation = 1;
  const full = { ...object, metadata: metadata as ObjectMeta };
  if (definition.hasStatus && 'status' in full && !STATUS_AT_CREATION.has(resource)) delete full.status;
  return full;
}

/** Empty when neither a name nor a base for one is given. */
function generateName(
  context: ApiServerContext,
  definition: ResourceDefinition,
  { generateName, namespace }: Partial<ObjectMeta>,
  resource: string,
): string {
  if (!generateName) return '';
  const base = generateName.slice(0, LONGEST_GENERATED_BASE);
  let name = '';
  for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt += 1) {
    name = base + context.random.nameSuffix();
    if (!context.store.get(resource, objectKey(definition.namespaced ? namespace : undefined, name))) break;
  }
  return name;
}

function refuseInvalid(
  context: ApiServerContext,
  definition: ResourceDefinition,
  object: KubeObject,
  version: string | undefined,
): void {
  const causes: StatusCause[] = validateMetadata(object.metadata, definition);
  causes.push(...schemaErrors(context, definition, object, undefined, version));
  if (definition.validate) causes.push(...definition.validate(object));
  if (causes.length > 0) throw invalid(definition, object.metadata.name, causes);
}
