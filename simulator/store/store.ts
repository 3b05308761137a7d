/**
 * All objects of a cluster: one sorted tree of frozen objects a resource, the indices over them, the revision
 * counter and the journal. Every write takes the next revision and leaves a journal entry; nothing else writes.
 */
import { type ResourceName, keyOf } from '../resources/definition.ts';
import type { KubeObject, Millis } from '../types/meta.ts';
import { BTree, compareStrings } from './btree.ts';
import { freezeDeep } from './freeze.ts';
import { type IndexName, indicesOf } from './indices.ts';
import { type Cause, Journal, type JournalEntry, type WriteType } from './journal.ts';

type Tree = BTree<string, KubeObject>;
type IndexTree = BTree<string, IndexedObject>;

interface IndexedObject {
  readonly resource: ResourceName;
  readonly key: string;
}

export interface Write {
  readonly type: WriteType;
  readonly resource: ResourceName;
  readonly object: KubeObject;
  readonly time: Millis;
  readonly author: string;
  readonly cause: Cause;
}

export interface StoreOptions {
  /** Journal entries kept; older ones are forgotten and watches that need them get 410. */
  journalCapacity: number;
  /** Where counting starts; above 0, because clients give 0 a meaning of its own. */
  firstRevision: number;
}

export class Store {
  readonly #trees: Map<ResourceName, Tree>;
  readonly #indices: Map<IndexName, IndexTree>;
  readonly journal: Journal;
  #revision: number;

  private constructor(
    trees: Map<ResourceName, Tree>,
    indices: Map<IndexName, IndexTree>,
    journal: Journal,
    revision: number,
  ) {
    this.#trees = trees;
    this.#indices = indices;
    this.journal = journal;
    this.#revision = revision;
  }

  static empty(options: StoreOptions): Store {
    return new Store(new Map(), new Map(), new Journal(options.journalCapacity), options.firstRevision);
  }

  /** A store that shares everything with this one and diverges from here on. Costs O(resources). */
  clone(): Store {
    return new Store(
      cloneTrees(this.#trees),
      cloneTrees(this.#indices),
      this.journal.clone(),
      this.#revision,
    );
  }

  /** The revision of the last write. */
  get revision(): number {
    return this.#revision;
  }

  get<T extends KubeObject = KubeObject>(resource: ResourceName, key: string): T | undefined {
    return this.#trees.get(resource)?.get(key) as T | undefined;
  }

  count(resource: ResourceName): number {
    return this.#trees.get(resource)?.size ?? 0;
  }

  /** Names of all resources that have, or had, objects. */
  resources(): ResourceName[] {
    return [...this.#trees.keys()].sort();
  }

  /** Objects in key order; those of one namespace, if one is given, beginning at `from`. */
  *objects<T extends KubeObject = KubeObject>(
    resource: ResourceName,
    namespace?: string,
    from?: string,
  ): Generator<T> {
    const tree = this.#trees.get(resource);
    if (!tree) return;
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    const start = from ?? prefix;
    for (const [key, object] of tree.entries(start)) {
      if (prefix !== '' && !key.startsWith(prefix)) return;
      yield object as T;
    }
  }

  list<T extends KubeObject = KubeObject>(resource: ResourceName, namespace?: string): T[] {
    const tree = this.#trees.get(resource);
    if (!tree) return [];
    if (namespace === undefined) return tree.valuesArray() as T[];
    return [...this.objects<T>(resource, namespace)];
  }

  /** Objects of any resource whose index has this value, ordered by resource and key. */
  lookup<T extends KubeObject = KubeObject>(index: IndexName, value: string, resource?: ResourceName): T[] {
    const tree = this.#indices.get(index);
    if (!tree) return [];
    const prefix = resource === undefined ? `${value}\u0000` : `${value}\u0000${resource}\u0000`;
    const found: T[] = [];
    for (const [entry, at] of tree.entries(prefix)) {
      if (!entry.startsWith(prefix)) break;
      const object = this.get<T>(at.resource, at.key);
      if (object) found.push(object);
    }
    return found;
  }

  /**
   * Stores, replaces or removes one object at the next revision.
   * The object is frozen deeply and gets the revision as its resourceVersion.
   */
  commit(write: Write): JournalEntry {
    const { type, resource, time, author, cause } = write;
    const key = keyOf(write.object);
    const tree = this.#tree(resource);
    const previous = tree.get(key);
    if ((type === 'ADDED') === (previous !== undefined)) {
      throw new Error(`${type} of ${resource} ${key}, which ${previous ? 'exists' : 'does not exist'}`);
    }
    this.#revision += 1;
    const { metadata } = write.object;
    const object = freezeDeep({
      ...write.object,
      metadata: { ...metadata, resourceVersion: String(this.#revision) },
    });
    if (type === 'DELETED') tree.delete(key);
    else tree.set(key, object);
    this.#reindex(resource, key, previous, type === 'DELETED' ? undefined : object);
    const entry: JournalEntry = {
      revision: this.#revision,
      time,
      type,
      resource,
      key,
      object,
      previous,
      author,
      cause,
    };
    this.journal.append(entry);
    return entry;
  }

  #tree(resource: ResourceName): Tree {
    let tree = this.#trees.get(resource);
    if (!tree) {
      tree = new BTree<string, KubeObject>([], compareStrings);
      this.#trees.set(resource, tree);
    }
    return tree;
  }

  #reindex(
    resource: ResourceName,
    key: string,
    before: KubeObject | undefined,
    after: KubeObject | undefined,
  ): void {
    for (const index of indicesOf(resource)) {
      if (before && after && index.unchanged?.(before, after)) continue;
      const old = before ? index.values(before) : NONE;
      const now = after ? index.values(after) : NONE;
      if (old.length === 0 && now.length === 0) continue;
      if (old.length === now.length && old.every((value, at) => value === now[at])) continue;
      let tree = this.#indices.get(index.name);
      if (!tree) {
        tree = new BTree<string, IndexedObject>([], compareStrings);
        this.#indices.set(index.name, tree);
      }
      for (const value of old) tree.delete(`${value}\u0000${resource}\u0000${key}`);
      for (const value of now) tree.set(`${value}\u0000${resource}\u0000${key}`, { resource, key });
    }
  }
}

const NONE: readonly string[] = [];

function cloneTrees<K, V>(trees: Map<K, BTree<string, V>>): Map<K, BTree<string, V>> {
  const copy = new Map<K, BTree<string, V>>();
  for (const [name, tree] of trees) copy.set(name, tree.clone());
  return copy;
}
