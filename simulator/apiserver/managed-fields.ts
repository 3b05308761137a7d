/** Who owns which fields (apimachinery pkg/util/managedfields, v1.35): the tracking of everything but apply. */
import { timestamp } from '../clock/index.ts';
import { apiVersionOf } from '../resources/definition.ts';
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue, KubeObject, ManagedFieldsEntry } from '../types/meta.ts';
import { isObject } from './decode.ts';
import {
  EMPTY_SET,
  type FieldSet,
  decodeSet,
  encodeSet,
  intersection,
  minus,
  minusDeep,
  setOf,
  union,
} from './field-set.ts';
import { managerOf } from './request-options.ts';
import { rootSchema } from './schema-gate.ts';
import { type Comparison, type Topology, compareValues } from './typed-value.ts';
import type { VerbContext } from './write-context.ts';

/** One entry of managedFields, its set read. */
export interface Managed {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly set: FieldSet;
}

const MOST_UPDATE_MANAGERS = 10;
const ANCIENT_CHANGES = 'ancient-changes';

/** Paths that nobody owns, because everybody must send them or only the server sets them. */
const UNOWNED = setOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map(field => ['f:metadata', `f:${field}`]),
);
const STATUS = setOf(['f:status']);
const SPEC = setOf(['f:spec']);

/** What a zero value of a typed kind already has: containers that no writer comes to own. */
const TYPED_ZERO: JsonObject = {
  metadata: {},
  spec: {
    containers: [],
    strategy: {},
    updateStrategy: {},
    template: { metadata: {}, spec: { containers: [] } },
  },
};

export function topologyOf({ context, definition, request }: VerbContext): Topology {
  return rootSchema(context, definition, request.version);
}

/** Without the paths that nobody owns and those this endpoint resets. */
export function ownable(verb: VerbContext, set: FieldSet): FieldSet {
  return minus(resettable(verb, set), UNOWNED);
}

/** Without what this endpoint resets: nobody comes to own it here. */
export function resettable({ definition, request }: VerbContext, set: FieldSet): FieldSet {
  if (request.subresource === 'status') return minusDeep(set, SPEC);
  return definition.hasStatus ? minusDeep(set, STATUS) : set;
}

/** A live or new object as paths are compared: in the request's version, without its managedFields. */
export function comparable(verb: VerbContext, object: KubeObject | undefined): JsonObject {
  if (!object) {
    return verb.definition.custom ? { metadata: {} } : TYPED_ZERO;
  }
  const { managedFields: _tracking, ...metadata } = object.metadata;
  return { ...object, metadata } as unknown as JsonObject;
}

export function readManaged(entries: readonly ManagedFieldsEntry[] | undefined): Managed[] {
  return (entries ?? []).map(entry => ({
    manager: entry.manager ?? '',
    operation: entry.operation ?? 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource ?? '',
    time: entry.time,
    set: decodeSet(entry.fieldsV1),
  }));
}

/** Entries in the order of kube-apiserver: by operation, then by time and name. */
export function writeManaged(managed: readonly Managed[]): ManagedFieldsEntry[] | undefined {
  if (managed.length === 0) return undefined;
  const order = (entry: Managed) =>
    [entry.operation, entry.time ?? '', entry.manager, entry.apiVersion, entry.subresource].join('\u0000');
  return [...managed]
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map(({ manager, operation, apiVersion, subresource, time, set }) => {
      const entry: ManagedFieldsEntry = { manager, operation, apiVersion };
      if (time !== undefined) entry.time = time;
      entry.fieldsType = 'FieldsV1';
      entry.fieldsV1 = encodeSet(set);
      if (subresource !== '') entry.subresource = subresource;
      return entry;
    });
}

export function identity(verb: VerbContext, operation: Managed['operation']): Omit<Managed, 'set' | 'time'> {
  const { group, version, subresource = '' } = verb.request;
  return {
    manager: managerOf(verb.request),
    operation,
    apiVersion: apiVersionOf(group, version),
    subresource,
  };
}

/** Appliers stay the same whatever version they apply in; updaters are told apart by theirs. */
export function isSameManager(a: Omit<Managed, 'set' | 'time'>, b: Omit<Managed, 'set' | 'time'>): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    (a.apiVersion === b.apiVersion || a.operation === 'Apply') &&
    a.subresource === b.subresource
  );
}

/** Takes what changed away from all managers but one, and drops those that are left with nothing. */
export function takenFromOthers(
  managed: readonly Managed[],
  own: Omit<Managed, 'set' | 'time'>,
  { added, modified, removed }: Comparison,
): Managed[] {
  const changed = union(modified, added);
  return managed
    .map(entry =>
      isSameManager(entry, own)
        ? entry
        : { ...entry, set: minus(minus(entry.set, intersection(entry.set, changed)), removed) },
    )
    .filter(entry => entry.set.size > 0);
}

/**
 * The object that a create, update or patch makes, with its managedFields brought up to date. Without previous
 * managedFields an existing object stays untracked, until somebody applies to it.
 */
export function trackWrite(verb: VerbContext, current: KubeObject | undefined, next: KubeObject): KubeObject {
  const given = next.metadata.managedFields;
  const isReset = given !== undefined && (given.length === 0 || (given.length === 1 && isBlank(given[0])));
  const known = isReset ? [] : isUsable(verb, given) ? given : current?.metadata.managedFields;
  const before = readManaged(known);
  if (before.length === 0 && current) return withManaged(next, current, undefined);

  const after = updatedManagers(verb, before, current, next);
  return withManaged(next, current, writeManaged(after));
}

function isBlank(entry: ManagedFieldsEntry | undefined): boolean {
  return entry !== undefined && Object.keys(entry).length === 0;
}

/** A main-endpoint write may send managedFields of its own; subresources and garbage are ignored. */
function isUsable(
  { request }: VerbContext,
  given: ManagedFieldsEntry[] | undefined,
): given is ManagedFieldsEntry[] {
  if (request.subresource !== undefined || !Array.isArray(given) || given.length === 0) return false;
  return given.every(
    entry =>
      (entry.operation === 'Apply' || entry.operation === 'Update') &&
      entry.fieldsType === 'FieldsV1' &&
      isObject(entry.fieldsV1 as JsonValue),
  );
}

/** Managers after a write that is no apply: what changed now belongs to the writer alone. */
export function updatedManagers(
  verb: VerbContext,
  managed: readonly Managed[],
  current: KubeObject | undefined,
  next: KubeObject,
): Managed[] {
  const own = identity(verb, 'Update');
  const comparison = compareValues(comparable(verb, current), comparable(verb, next), topologyOf(verb));
  const changes: Comparison = {
    added: resettable(verb, comparison.added),
    modified: resettable(verb, comparison.modified),
    removed: resettable(verb, comparison.removed),
  };
  const others = takenFromOthers(managed, own, changes);
  const gained = ownable(verb, union(changes.modified, changes.added));
  const previous = others.find(entry => isSameManager(entry, own));
  const rest = others.filter(entry => entry !== previous);
  if (gained.size === 0 && previous === undefined) return capped(rest);
  const kept = minus(previous?.set ?? EMPTY_SET, changes.removed);
  const set = union(kept, gained);
  if (set.size === 0) return capped(rest);
  const time = gained.size === 0 && previous ? previous.time : timestamp(verb.context.now);
  return capped([...rest, { ...own, time, set }]);
}

/** Keeps the number of Update managers down: the oldest of a version are merged into one. */
function capped(managed: readonly Managed[]): Managed[] {
  const updates = managed.filter(entry => entry.operation === 'Update');
  if (updates.length <= MOST_UPDATE_MANAGERS) return [...managed];
  const oldest = [...updates].sort((a, b) => {
    const byTime = (a.time ?? '') < (b.time ?? '') ? -1 : a.time === b.time ? 0 : 1;
    return byTime || (a.manager < b.manager ? -1 : 1);
  });
  const result = new Set(managed);
  const buckets = new Map<string, Managed>();
  for (const entry of oldest) {
    if ([...result].filter(({ operation }) => operation === 'Update').length <= MOST_UPDATE_MANAGERS) break;
    const first = buckets.get(entry.apiVersion);
    result.delete(entry);
    if (first) result.delete(first);
    const bucket: Managed = first
      ? { ...entry, manager: ANCIENT_CHANGES, subresource: '', set: union(first.set, entry.set) }
      : entry;
    result.add(bucket);
    buckets.set(entry.apiVersion, bucket);
  }
  return [...result];
}

/** The object with these entries; with the old ones where only times differ and nothing else was changed. */
export function withManaged(
  next: KubeObject,
  current: KubeObject | undefined,
  entries: ManagedFieldsEntry[] | undefined,
): KubeObject {
  const old = current?.metadata.managedFields;
  const kept =
    old && entries && same(old.map(timeless), entries.map(timeless)) && sameButManaged(current, next);
  const managedFields = kept ? old : entries;
  if (next.metadata.managedFields === managedFields) return next;
  const { managedFields: _given, ...metadata } = next.metadata;
  return { ...next, metadata: managedFields ? { ...metadata, managedFields } : metadata };
}

function timeless({ time: _time, ...entry }: ManagedFieldsEntry): ManagedFieldsEntry {
  return entry;
}

function sameButManaged(current: KubeObject | undefined, next: KubeObject): boolean {
  if (!current) return false;
  const bare = ({ managedFields: _fields, resourceVersion: _version, ...metadata }: KubeObject['metadata']) =>
    metadata;
  return same(
    { ...current, apiVersion: '', metadata: bare(current.metadata) },
    { ...next, apiVersion: '', metadata: bare(next.metadata) },
  );
}
