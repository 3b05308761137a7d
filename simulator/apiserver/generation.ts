/** When a change counts a generation (registry strategies' PrepareForUpdate, apiextensions customresource strategy). */
import type { ResourceDefinition } from '../resources/definition.ts';
import { same } from '../store/index.ts';
import type { KubeObject } from '../types/meta.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whether this change of an object is one of its desired state. */
export function changesGeneration(
  definition: ResourceDefinition,
  old: KubeObject,
  next: KubeObject,
): boolean {
  const before = old as unknown as Fields;
  const after = next as unknown as Fields;
  switch (definition.generation) {
    case 'none':
      return false;
    case 'spec':
      if (definition.group === 'apps' && definition.plural === 'deployments') {
        if (!same(old.metadata.annotations, next.metadata.annotations)) return true;
      }
      return !same(before.spec, after.spec);
    case 'content':
      return changesContent(definition, before, after);
  }
}

function changesContent(definition: ResourceDefinition, before: Fields, after: Fields): boolean {
  for (const field in after) {
    if (isContent(definition, field) && !same(before[field], after[field])) return true;
  }
  for (const field in before) {
    if (after[field] === undefined && before[field] !== undefined && isContent(definition, field))
      return true;
  }
  return false;
}

function isContent(definition: ResourceDefinition, field: string): boolean {
  return (
    field !== 'metadata' &&
    field !== 'apiVersion' &&
    field !== 'kind' &&
    !(field === 'status' && definition.hasStatus)
  );
}
