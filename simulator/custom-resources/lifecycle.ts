/** How definitions come, change and go (apiextensions-apiserver v1.35 registry/customresourcedefinition). */
import { timestamp } from '../clock/index.ts';
import type { View } from '../controller.ts';
import { type ResourceDefinition, resourceName } from '../resources/definition.ts';
import { withCondition } from '../types/conditions.ts';
import type { KubeObject } from '../types/meta.ts';
import { validateDefinition, validateDefinitionUpdate } from './definition-rules.ts';
import { namedStatus } from './naming.ts';
import { CLEANUP_FINALIZER, type CustomResourceDefinition, definitions } from './types.ts';

/** The resource of definitions with the rules that make them work; any other resource as it is. */
export function servingCustomResources(resource: ResourceDefinition): ResourceDefinition {
  if (resourceName(resource.group, resource.plural) !== definitions.resource) return resource;
  return {
    ...resource,
    prepareForCreate: (object, view) => prepareForCreate(object as CustomResourceDefinition, view),
    prepareForUpdate: (object, old, view) =>
      prepareForUpdate(object as CustomResourceDefinition, old as CustomResourceDefinition, view),
    prepareForDelete: (object, view) => prepareForDelete(object as CustomResourceDefinition, view),
    validate: validateDefinition,
    validateUpdate: validateDefinitionUpdate,
  };
}

/** Served at once: a real server takes a moment for it, during which it answers 404. */
function prepareForCreate(definition: CustomResourceDefinition, view: View): KubeObject {
  const storage = definition.spec.versions?.find(version => version.storage);
  const fresh = { ...definition, status: { storedVersions: storage ? [storage.name] : [] } };
  return isComplete(fresh) ? withStatus(fresh, namedStatus(view, fresh)) : fresh;
}

function prepareForUpdate(
  definition: CustomResourceDefinition,
  { status = {} }: CustomResourceDefinition,
  view: View,
): KubeObject {
  if (!isComplete(definition)) return definition;
  const stored = status.storedVersions ?? [];
  const storage = definition.spec.versions.find(version => version.storage);
  const next =
    storage && !stored.includes(storage.name)
      ? withStatus(definition, { ...status, storedVersions: [...stored, storage.name] })
      : definition;
  return withStatus(next, namedStatus(view, next));
}

/** A definition that is deleted waits until its objects are gone. */
function prepareForDelete(definition: CustomResourceDefinition, view: View): KubeObject {
  const { finalizers = [] } = definition.metadata;
  const marked = finalizers.includes(CLEANUP_FINALIZER)
    ? definition
    : {
        ...definition,
        metadata: { ...definition.metadata, finalizers: [...finalizers, CLEANUP_FINALIZER] },
      };
  return withStatus(marked, {
    ...definition.status,
    conditions: withCondition(definition.status?.conditions ?? undefined, {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: timestamp(view.now),
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    }),
  });
}

function withStatus(
  definition: CustomResourceDefinition,
  status: CustomResourceDefinition['status'],
): CustomResourceDefinition {
  return status === definition.status ? definition : { ...definition, status };
}

/** What lacks these is refused by validation, which comes later. */
function isComplete({ spec }: CustomResourceDefinition): boolean {
  return Boolean(spec?.group && spec.names?.plural && spec.names.kind && Array.isArray(spec.versions));
}
