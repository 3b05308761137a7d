/** Deleting objects (apiserver pkg/registry/generic/registry Store.Delete and registry/rest BeforeDelete, v1.35). */
import { SECOND, parseTimestamp, timestamp } from '../clock/index.ts';
import type { DeleteOptions } from '../controller.ts';
import { type ResourceDefinition, splitKey } from '../resources/definition.ts';
import type { KubeObject, ObjectMeta } from '../types/meta.ts';
import { Admission } from './admission.ts';
import type { ApiServerContext, Origin } from './context.ts';
import { conflict, notFound } from './errors.ts';
import { identityOf } from './identity.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from './metadata.ts';
import { namespaceFinalizers } from './update.ts';

export interface DeleteResult {
  /** The object as it is now, or as it last was. */
  readonly object: KubeObject;
  readonly warnings: readonly string[];
  /** `pending`: it waits for its finalizers or its grace period. */
  readonly outcome: 'deleted' | 'pending';
}

/** Kinds whose dependents are left behind when a request does not say otherwise. */
const ORPHAN_BY_DEFAULT = new Set(['replicationcontrollers', 'jobs.batch']);

/**
 * Deletes one object, or marks it as being deleted where finalizers or a grace period hold it.
 * @throws ApiError 404 without the object, 409 for a precondition that does not hold, and whatever admission refuses with.
 */
export function deleteObject(
  context: ApiServerContext,
  definition: ResourceDefinition,
  key: string,
  origin: Origin,
  options: DeleteOptions & { version?: string } = {},
): DeleteResult {
  const { resource } = identityOf(definition);
  const current = context.store.get(resource, key);
  if (!current) throw notFound(definition, splitKey(key).name);
  refusePreconditions(definition, current, options);
  const { name, namespace } = current.metadata;
  const admission = new Admission(context, definition, 'DELETE', origin, {
    name,
    namespace,
    oldObject: current,
    version: options.version,
    dryRun: options.dryRun,
  });
  admission.validate();
  const { warnings } = admission;
  const commit = (type: 'MODIFIED' | 'DELETED', object: KubeObject) =>
    options.dryRun ? object : context.commit(type, resource, object, origin).object;

  if (resource === 'namespaces') return deleteNamespace(context, current, warnings, commit);

  if (definition.prepareForDelete && current.metadata.deletionTimestamp === undefined) {
    const prepared = definition.prepareForDelete(current, context.view);
    const marked = withMetadata(prepared, { deletionTimestamp: timestamp(context.now) });
    return { object: commit('MODIFIED', marked), warnings, outcome: 'pending' };
  }
  const step = gracefulStep(context, definition, current, options);
  if (step === 'waiting') return { object: current, warnings, outcome: 'pending' };
  const finalizers = finalizersFor(resource, current.metadata, options);
  const waits = (finalizers?.length ?? 0) > 0;
  if (step === 'immediate' && !waits) {
    return { object: commit('DELETED', current), warnings, outcome: 'deleted' };
  }
  const marked = withMetadata(current, {
    ...(step === 'immediate' ? markAsDeleting(context, current.metadata) : step.metadata),
    ...(finalizers === current.metadata.finalizers ? undefined : { finalizers }),
  });
  const changed = marked === current ? current : commit('MODIFIED', marked);
  if (waits || (step !== 'immediate' && step.seconds > 0)) {
    return { object: changed, warnings, outcome: 'pending' };
  }
  return { object: commit('DELETED', changed), warnings, outcome: 'deleted' };
}

function refusePreconditions(
  definition: ResourceDefinition,
  current: KubeObject,
  { preconditions }: DeleteOptions,
): void {
  const { name, uid, resourceVersion } = current.metadata;
  // Here, and only here, kube-apiserver names the kind where messages else name the resource.
  const named = { group: definition.group, plural: definition.kind };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw conflict(
      named,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

interface GracefulChange {
  readonly seconds: number;
  readonly metadata: Partial<ObjectMeta>;
}

/** What grace means for this delete: nothing (`immediate`), nothing new (`waiting`), or a change of the object. */
function gracefulStep(
  context: ApiServerContext,
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
): 'immediate' | 'waiting' | GracefulChange {
  if (!definition.gracePeriodSeconds) return 'immediate';
  const { deletionTimestamp, deletionGracePeriodSeconds: pending, generation } = object.metadata;
  const requested = options.gracePeriodSeconds;
  const seconds = requested !== undefined && requested < 0 ? 1 : requested;
  if (deletionTimestamp !== undefined) {
    if (pending === undefined || pending === 0) return 'immediate';
    if (seconds === undefined || seconds >= pending) return 'waiting';
    const earlier = parseTimestamp(deletionTimestamp) - pending * SECOND + seconds * SECOND;
    const late = earlier < context.now;
    const left = late && seconds !== 0 ? 1 : seconds;
    return {
      seconds: left,
      metadata: {
        deletionTimestamp: timestamp(late ? context.now : earlier),
        deletionGracePeriodSeconds: left,
      },
    };
  }
  const grace = hasNothingToStop(object) ? 0 : Math.max(seconds ?? definition.gracePeriodSeconds(object), 0);
  return {
    seconds: grace,
    metadata: {
      deletionTimestamp: timestamp(context.now + grace * SECOND),
      deletionGracePeriodSeconds: grace,
      ...(generation ? { generation: generation + 1 } : undefined),
    },
  };
}

/** Pods that no kubelet runs, or runs no more, go at once (pkg/registry/core/pod CheckGracefulDelete). */
function hasNothingToStop(object: KubeObject): boolean {
  const { spec, status } = object as { spec?: { nodeName?: string }; status?: { phase?: string } };
  return !spec?.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function markAsDeleting(context: ApiServerContext, metadata: ObjectMeta): Partial<ObjectMeta> | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = metadata;
  const isMarked = deletionTimestamp !== undefined && parseTimestamp(deletionTimestamp) <= context.now;
  if (isMarked && deletionGracePeriodSeconds === 0) return undefined;
  return {
    deletionTimestamp: isMarked ? deletionTimestamp : timestamp(context.now),
    deletionGracePeriodSeconds: 0,
    ...(deletionTimestamp === undefined && generation ? { generation: generation + 1 } : undefined),
  };
}

/** The object's finalizers with those that propagate this delete to dependents; the same list when nothing changes. */
function finalizersFor(
  resource: string,
  { finalizers }: ObjectMeta,
  { propagationPolicy }: DeleteOptions,
): string[] | undefined {
  const current = finalizers ?? [];
  const standing = current.find(
    finalizer => finalizer === ORPHAN_FINALIZER || finalizer === FOREGROUND_FINALIZER,
  );
  let wanted: string | undefined;
  if (propagationPolicy === 'Orphan') wanted = ORPHAN_FINALIZER;
  else if (propagationPolicy === 'Foreground') wanted = FOREGROUND_FINALIZER;
  else if (propagationPolicy === undefined) {
    wanted = standing ?? (ORPHAN_BY_DEFAULT.has(resource) ? ORPHAN_FINALIZER : undefined);
  }
  if (wanted === standing) return finalizers;
  const others = current.filter(
    finalizer => finalizer !== ORPHAN_FINALIZER && finalizer !== FOREGROUND_FINALIZER,
  );
  if (wanted !== undefined) others.push(wanted);
  return others.length === 0 ? undefined : others;
}

function withMetadata(object: KubeObject, changes: Partial<ObjectMeta>): KubeObject {
  const fields = Object.keys(changes) as (keyof ObjectMeta)[];
  if (fields.length === 0) return object;
  const metadata = { ...object.metadata, ...changes };
  for (const field of fields) if (metadata[field] === undefined) delete metadata[field];
  return { ...object, metadata };
}

/** The first delete makes a namespace Terminating; it goes when its controller has emptied it (registry/core/namespace). */
function deleteNamespace(
  context: ApiServerContext,
  current: KubeObject,
  warnings: readonly string[],
  commit: (type: 'MODIFIED' | 'DELETED', object: KubeObject) => KubeObject,
): DeleteResult {
  if (current.metadata.deletionTimestamp === undefined) {
    const { status } = current as { status?: object };
    const terminating = {
      ...withMetadata(current, {
        deletionTimestamp: timestamp(context.now),
        deletionGracePeriodSeconds: 0,
      }),
      status: { ...status, phase: 'Terminating' },
    };
    return { object: commit('MODIFIED', terminating), warnings, outcome: 'pending' };
  }
  const waits = namespaceFinalizers(current).length > 0 || (current.metadata.finalizers?.length ?? 0) > 0;
  if (waits) return { object: current, warnings, outcome: 'pending' };
  return { object: commit('DELETED', current), warnings, outcome: 'deleted' };
}
