/** A resource's objects as they were at an earlier revision: the present with later writes undone. */
import type { ResourceName } from '../resources/definition.ts';
import { type Store, compareStrings } from '../store/index.ts';
import type { KubeObject } from '../types/meta.ts';

/** Objects in key order, beginning at key `from`, together with their keys. */
export type Snapshot = [key: string, object: KubeObject][];

/**
 * The snapshot at `revision`, which is the present where it is undefined or the current one.
 * Undefined when the journal does not reach back that far.
 */
export function snapshotAt(
  store: Store,
  resource: ResourceName,
  namespace: string | undefined,
  revision: number | undefined,
  from?: string,
): KubeObject[] | undefined {
  const past = revision === undefined || revision >= store.revision ? undefined : revision;
  if (past === undefined) {
    return from === undefined
      ? store.list(resource, namespace)
      : [...store.objects(resource, namespace, from)];
  }
  if (!store.journal.reaches(past)) return undefined;
  const before = new Map<string, KubeObject | undefined>();
  const prefix = namespace === undefined ? '' : `${namespace}/`;
  for (const entry of store.journal.after(past)) {
    if (entry.resource !== resource || before.has(entry.key)) continue;
    if (!entry.key.startsWith(prefix) || (from !== undefined && entry.key < from)) continue;
    before.set(entry.key, entry.previous);
  }
  const objects: [string, KubeObject][] = [];
  for (const object of store.objects(resource, namespace, from)) {
    const { namespace: own, name } = object.metadata;
    const key = own ? `${own}/${name}` : name;
    if (!before.has(key)) objects.push([key, object]);
  }
  for (const [key, object] of before) if (object) objects.push([key, object]);
  return objects.sort(([a], [b]) => compareStrings(a, b)).map(([, object]) => object);
}
