/** Which names a definition gets (apiextensions-apiserver v1.35 pkg/controller/status, pkg/controller/establish). */
import { timestamp } from '../clock/index.ts';
import type { View } from '../controller.ts';
import { same } from '../store/index.ts';
import { findCondition, hasCondition, withCondition } from '../types/conditions.ts';
import type { Condition } from '../types/meta.ts';
import { type CustomResourceDefinition, type DefinitionNames, definitions } from './types.ts';

type Status = NonNullable<CustomResourceDefinition['status']>;

const NO_NAMES: DefinitionNames = { plural: '', kind: '' };

/**
 * The status of a definition after its names were compared with those that others of its group have. Names that are free
 * are its own from now on, and it is served once all were free. The same reference when nothing changes.
 */
export function namedStatus(view: View, definition: CustomResourceDefinition): Status {
  const { spec, status = {} } = definition;
  const accepted = status.acceptedNames ?? NO_NAMES;
  const before = status.conditions ?? undefined;
  const { resources, kinds } = namesInUse(view, definition);
  const conflicts: { reason: string; message: string }[] = [];
  const names: DefinitionNames = { ...accepted };
  const claim = (field: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string>) => {
    const wanted = spec.names[field] ?? '';
    if (wanted !== (accepted[field] ?? '') && used.has(wanted)) {
      conflicts.push({
        reason: `${upper(field)}Conflict`,
        message: `${JSON.stringify(wanted)} is already in use`,
      });
    } else names[field] = wanted;
  };
  claim('plural', resources);
  claim('singular', resources);
  const taken = (spec.names.shortNames ?? []).filter(
    name => !accepted.shortNames?.includes(name) && resources.has(name),
  );
  if (taken.length > 0) {
    const texts = taken.map(name => `${JSON.stringify(name)} is already in use`);
    const message = texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`;
    conflicts.push({ reason: 'ShortNamesConflict', message });
  } else if (spec.names.shortNames) names.shortNames = spec.names.shortNames;
  else delete names.shortNames;
  claim('kind', kinds);
  claim('listKind', kinds);
  if (spec.names.categories) names.categories = spec.names.categories;
  else delete names.categories;

  const at = timestamp(view.now);
  const conditions = withEstablished(
    withCondition(before, namesCondition(conflicts.at(-1), at)),
    conflicts.length === 0,
    at,
  );
  const next: Status = { ...status, acceptedNames: names, conditions };
  return same(next, status) ? status : next;
}

function upper(field: string): string {
  return field.slice(0, 1).toUpperCase() + field.slice(1);
}

/** Where several names are taken, the last one looked at is told of. */
function namesCondition(conflict: { reason: string; message: string } | undefined, at: string): Condition {
  return conflict
    ? { type: 'NamesAccepted', status: 'False', lastTransitionTime: at, ...conflict }
    : {
        type: 'NamesAccepted',
        status: 'True',
        lastTransitionTime: at,
        reason: 'NoConflicts',
        message: 'no conflicts found',
      };
}

/** What is served once stays served. */
function withEstablished(conditions: readonly Condition[], free: boolean, at: string): readonly Condition[] {
  if (hasCondition(conditions, 'Established', 'True')) return conditions;
  if (!free && findCondition(conditions, 'Established')) return conditions;
  return withCondition(conditions, {
    type: 'Established',
    status: free ? 'True' : 'False',
    lastTransitionTime: at,
    reason: free ? 'InitialNamesAccepted' : 'NotAccepted',
    message: free ? 'the initial names have been accepted' : 'not all names are accepted',
  });
}

function namesInUse(
  view: View,
  { metadata, spec }: CustomResourceDefinition,
): { resources: Set<string>; kinds: Set<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of view.list(definitions)) {
    const names = other.status?.acceptedNames;
    if (other.spec.group !== spec.group || other.metadata.name === metadata.name || !names) continue;
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])])
      if (name) resources.add(name);
    for (const kind of [names.kind, names.listKind]) if (kind) kinds.add(kind);
  }
  return { resources, kinds };
}
