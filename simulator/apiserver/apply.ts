/** Server-side apply (apimachinery pkg/util/managedfields and structured-merge-diff merge.Updater, v1.35). */
import { timestamp } from '../clock/index.ts';
import { apiVersionOf } from '../resources/definition.ts';
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue, KubeObject, StatusCause } from '../types/meta.ts';
import { checkUrlName, isObject, strictProblems, withNamespace } from './decode.ts';
import { applyConflict, badRequest, plainError } from './errors.ts';
import { EMPTY_SET, type FieldSet, intersection, minus, pathsOf, printPath, union } from './field-set.ts';
import { goJson, quote } from './go-format.ts';
import {
  type Managed,
  comparable,
  identity,
  isSameManager,
  ownable,
  readManaged,
  resettable,
  takenFromOthers,
  topologyOf,
  updatedManagers,
  withManaged,
  writeManaged,
} from './managed-fields.ts';
import { withDefaults } from './schema-gate.ts';
import {
  type Topology,
  TypedError,
  checkTyped,
  compareValues,
  fieldsOf,
  mergeValues,
  withContainers,
  withoutFields,
} from './typed-value.ts';
import type { VerbContext } from './write-context.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const BEFORE_FIRST_APPLY = 'before-first-apply';

/** One field that somebody else owns. */
interface Conflict {
  readonly owner: Managed;
  readonly path: string[];
}

/**
 * The object that results from applying the request's configuration, with its managedFields.
 * @throws ApiError 400 for a configuration of another kind, 409 for fields of other managers unless forced, 500 for what
 * the schema does not declare.
 */
export function applyObject(verb: VerbContext, current: KubeObject | undefined): KubeObject {
  const { context, definition, request, warn } = verb;
  const config = checkedConfig(verb);
  const topology = topologyOf(verb);
  checkConfig(verb, config, topology);

  let managed = readManaged(current?.metadata.managedFields);
  if (managed.length === 0 && current) {
    const first = {
      ...verb,
      request: { ...request, options: { ...request.options, fieldManager: BEFORE_FIRST_APPLY } },
    };
    managed = updatedManagers(first, [], undefined, current);
  }
  const result = applied(verb, config, current, managed, topology);
  const problems = strictProblems(request, []);
  if (problems.length > 0 && request.options?.fieldValidation === 'Strict') {
    throw badRequest(`error strict decoding YAML: ${problems.join(', ')}`);
  }
  for (const problem of problems) warn(problem);
  const merged = withLastApplied(verb, config, result.object as unknown as KubeObject, current);
  const filled = withDefaults(context, definition, request.version, withoutNulls(merged));
  const next = withNamespace(definition, request, filled);
  checkUrlName(request, next);
  const entries = writeManaged(result.managed);
  return withManaged({ ...next, metadata: { ...next.metadata, managedFields: undefined } }, current, entries);
}

function checkedConfig({ definition, request }: VerbContext): JsonObject {
  const { body } = request;
  if (!isObject(body)) throw badRequest('error decoding patch: the body is no object');
  const expected = apiVersionOf(request.group, request.version);
  if (body.apiVersion !== expected) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${String(body.apiVersion ?? '')}, expected: ${expected}`,
    );
  }
  if (body.kind !== definition.kind) {
    throw badRequest(
      `Incorrect kind specified in apply patch. Specified patch kind: ${String(body.kind ?? '')}, expected: ${definition.kind}`,
    );
  }
  const metadata = isObject(body.metadata) ? body.metadata : {};
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  return { ...body, metadata: { ...metadata, name: metadata.name ?? (request.name as string) } };
}

function checkConfig({ definition, request }: VerbContext, config: JsonObject, topology: Topology): void {
  try {
    checkTyped(config, topology);
  } catch (error) {
    if (!(error instanceof TypedError)) throw error;
    const { apiVersion } = config;
    const key = `${request.namespace ?? ''}/${request.name ?? ''}`;
    throw plainError(
      `failed to create typed patch object (${key}; ${String(apiVersion)}, Kind=${definition.kind}): ${error.message}`,
    );
  }
}

interface Applied {
  readonly object: JsonObject;
  readonly managed: Managed[];
}

function applied(
  verb: VerbContext,
  config: JsonObject,
  current: KubeObject | undefined,
  managed: readonly Managed[],
  topology: Topology,
): Applied {
  const own = identity(verb, 'Apply');
  const live = current ? comparable(verb, current) : {};
  const previous = managed.find(entry => isSameManager(entry, own));
  const others = managed.filter(entry => entry !== previous);
  const sent = fieldsOf(config, topology);
  const set = ownable(verb, sent);
  const merged = mergeValues(live, config, topology);
  // What nobody comes to own, such as the name, still keeps the structs around it alive.
  const claimed = others.reduce((all, other) => union(all, other.set), resettable(verb, sent));
  const pruned = prunedOf(merged, previous?.set ?? EMPTY_SET, claimed, topology) as JsonObject;
  const object = { ...pruned, apiVersion: config.apiVersion as string, kind: config.kind as string };

  const comparison = compareValues(live, object, topology);
  const changed = union(comparison.modified, comparison.added);
  const conflicts = conflictsOf(others, changed);
  if (
    conflicts.length > 0 &&
    verb.request.options?.force !== true &&
    !isKubectlHandover(verb, conflicts, current, topology)
  ) {
    throw conflictError(conflicts);
  }
  // An apply that changes no value leaves the time as it was: a new manager has none.
  const isSame = changed.size === 0 && comparison.removed.size === 0;
  const time = isSame ? previous?.time : timestamp(verb.context.now);
  const everyone = set.size === 0 ? others : [...others, { ...own, time, set }];
  return { object, managed: takenFromOthers(everyone, own, comparison) };
}

/** Drops what this manager applied before and no longer does, unless somebody claims it. */
function prunedOf(merged: JsonValue, last: FieldSet, claimed: FieldSet, topology: Topology): JsonValue {
  if (last.size === 0) return merged;
  const ensured = (set: FieldSet) => withContainers(set, topology);
  const all = ensured(fieldsOf(merged, topology));
  const lastPaths = ensured(last);
  const withoutLast = withoutFields(merged, lastPaths, topology);
  const kept = union(ensured(fieldsOf(withoutLast, topology)), ensured(claimed));
  const addedBack = withoutFields(merged, minus(all, kept), topology);
  const gone = intersection(minus(all, ensured(fieldsOf(addedBack, topology))), lastPaths);
  return withoutFields(merged, gone, topology);
}

function conflictsOf(others: readonly Managed[], changed: FieldSet): Conflict[] {
  return others.flatMap(owner => pathsOf(intersection(owner.set, changed)).map(path => ({ owner, path })));
}

function conflictError(conflicts: readonly Conflict[]): Error {
  const causes: StatusCause[] = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(owner)}`,
    field: printPath(path),
  }));
  const [first] = conflicts as [Conflict, ...Conflict[]];
  if (conflicts.length === 1) {
    const text = `conflict with ${printManager(first.owner)}: ${printPath(first.path)}`;
    return applyConflict(`Apply failed with 1 conflict: ${text}`, causes);
  }
  const lines: string[] = [];
  for (const owner of new Set(conflicts.map(conflict => conflict.owner))) {
    lines.push(`conflicts with ${printManager(owner)}:`);
    for (const conflict of conflicts)
      if (conflict.owner === owner) lines.push(`- ${printPath(conflict.path)}`);
  }
  return applyConflict(`Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`, causes);
}

function printManager({ manager, subresource, operation, apiVersion, time }: Managed): string {
  const name =
    subresource === '' ? quote(manager) : `${quote(manager)} with subresource ${quote(subresource)}`;
  if (operation === 'Apply') return name;
  return time === undefined ? `${name} using ${apiVersion}` : `${name} using ${apiVersion} at ${time}`;
}

/**
 * kubectl may take over, unasked, what it applied itself before it did so on the server: fields of the
 * last-applied annotation that nobody changed since.
 */
function isKubectlHandover(
  verb: VerbContext,
  conflicts: readonly Conflict[],
  current: KubeObject | undefined,
  topology: Topology,
): boolean {
  if (verb.request.options?.fieldManager !== 'kubectl' || !current) return false;
  const annotation = current.metadata.annotations?.[LAST_APPLIED];
  if (!annotation) return false;
  let config: JsonValue;
  try {
    config = JSON.parse(annotation) as JsonValue;
  } catch {
    return false;
  }
  if (!isObject(config) || config.apiVersion !== apiVersionOf(verb.request.group, verb.request.version))
    return false;
  const { modified, added, removed } = compareValues(config, comparable(verb, current), topology);
  const allowed = minus(fieldsOf(config, topology), union(union(modified, added), removed));
  return conflicts.every(({ path }) => hasPath(allowed, path));
}

function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node = set.get(path[0] as string);
  for (const element of path.slice(1)) node = node?.children.get(element);
  return node?.member === true;
}

/** Keeps kubectl's annotation in step where an object has one. */
function withLastApplied(
  verb: VerbContext,
  config: JsonObject,
  merged: KubeObject,
  current: KubeObject | undefined,
): KubeObject {
  if (verb.request.options?.fieldManager !== 'kubectl' || !current?.metadata.annotations?.[LAST_APPLIED]) {
    return merged;
  }
  const metadata = config.metadata as JsonObject;
  const annotations = isObject(metadata.annotations) ? { ...metadata.annotations } : undefined;
  delete annotations?.[LAST_APPLIED];
  const bare: JsonObject = { ...config, metadata: annotations ? { ...metadata, annotations } : metadata };
  const text = `${goJson(bare)}\n`;
  if (same(merged.metadata.annotations?.[LAST_APPLIED], text)) return merged;
  return {
    ...merged,
    metadata: { ...merged.metadata, annotations: { ...merged.metadata.annotations, [LAST_APPLIED]: text } },
  };
}

/** Typed objects hold no nulls: an applied null means that the field is unset. */
function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls);
    return (items.every((item, at) => item === value[at]) ? value : items) as T;
  }
  if (typeof value !== 'object' || value === null) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [field, child] of Object.entries(value)) {
    const next = withoutNulls(child);
    if (next === child && child !== null) continue;
    copy ??= { ...(value as Record<string, unknown>) };
    if (child === null) delete copy[field];
    else copy[field] = next;
  }
  return (copy ?? value) as T;
}
