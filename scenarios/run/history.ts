/** Looking back in the journal: who wrote to an object last, and why. */
import { type Cluster, type JournalEntry, patchesOf } from '../../simulator/index.ts';
import type { WriteRecord } from './result.ts';
import type { Subject } from './session.ts';

/** The last writes to an object (or to any of a resource), oldest first. */
export function lastWrites({ store }: Cluster, { resource, key }: Subject, most = 5): WriteRecord[] {
  const found: JournalEntry[] = [];
  for (const entry of store.journal.after(0)) {
    if (entry.resource !== resource || (key !== undefined && entry.key !== key)) continue;
    found.push(entry);
    if (found.length > most) found.shift();
  }
  return found.map(entry => ({
    revision: entry.revision,
    time: entry.time,
    type: entry.type,
    resource: entry.resource,
    key: entry.key,
    author: entry.author,
    cause: entry.cause.text,
    causeRevision: entry.cause.revision,
    changed: entry.type === 'MODIFIED' ? changedPaths(entry) : [],
  }));
}

/** Every write changes its resourceVersion, and most their managed fields: neither tells anything. */
function changedPaths(entry: JournalEntry): string[] {
  return patchesOf(entry)
    .map(patch => patch.path)
    .filter(path => path !== '/metadata/resourceVersion' && !path.startsWith('/metadata/managedFields'));
}
