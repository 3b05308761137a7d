/** Watches as cursors over the journal (apiserver pkg/storage/cacher and endpoints/handlers/watch, v1.35). */
import {
  type ResourceDefinition,
  type ResourceName,
  apiVersionOf,
  objectKey,
} from '../resources/definition.ts';
import type { JournalEntry } from '../store/index.ts';
import type { KubeObject, ObjectMeta } from '../types/meta.ts';
import type { ApiServerContext } from './context.ts';
import {
  ApiError,
  methodNotAllowed,
  noSuchResource,
  tooLargeResourceVersion,
  tooOldResourceVersion,
} from './errors.ts';
import { identityOf, servedVersion } from './identity.ts';
import { type Selection, checkWatchOptions, parseResourceVersion, selectionOf } from './list-options.ts';
import type { RequestOptions, WatchEvent, WatchRequest } from './request.ts';
import { inVersion } from './schema-gate.ts';

/** Marks the bookmark after the last synthetic event of a streaming list. */
export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** One watch: what exists, then what changes, in the order of revisions and nothing twice. */
export interface Watch {
  readonly resource: ResourceName;
  /** Synthetic ADDED events and, for a streaming list, the bookmark that ends them. */
  readonly initial: readonly WatchEvent[];
  /** Everything up to this revision has been told. */
  readonly revision: number;
  /** Whether the client wants bookmarks. */
  readonly allowsBookmarks: boolean;
  /** What one journal entry means for this watch. Moves nothing; undefined for what it does not select. */
  translate(entry: JournalEntry): WatchEvent | undefined;
  /**
   * Events since the last poll.
   * @throws ApiError 410 when the journal has forgotten writes that were not polled.
   */
  poll(): WatchEvent[];
  /** A bookmark at the revision up to which everything has been told. */
  bookmark(): WatchEvent;
}

/**
 * Opens a watch.
 * @throws ApiError 400 for selectors that cannot be read, 403 for who may not watch, 404 for what is not served, 410 for a revision that is
 * forgotten, 422 for options that exclude each other, 504 for a revision that is yet to come.
 */
export function openWatch(context: ApiServerContext, request: WatchRequest): Watch {
  const refusal = context.authorizer?.request(context, request);
  if (refusal?.type === 'status') throw new ApiError(refusal.status);
  const definition = context.registry.find(request.group, request.resource);
  if (!definition || !servedVersion(definition, request.version)) throw noSuchResource();
  if (!definition.verbs.includes('watch')) throw methodNotAllowed(definition, definition.custom, 'watch');
  const options = request.options ?? {};
  checkWatchOptions(options);
  const namespace = definition.namespaced ? request.namespace : undefined;
  const selection = selectionOf(definition, namespace, options);
  const from = parseResourceVersion(options.resourceVersion, 'watch') ?? 0;
  const { store } = context;
  if (from > store.revision) throw tooLargeResourceVersion(from, store.revision);

  const apiVersion = apiVersionOf(request.group, request.version);
  const { sendsExisting, start } = beginning(options, from, store.revision);
  const cursor = new Cursor(context, definition, selection, apiVersion, start, options);
  if (sendsExisting) cursor.sendExisting(options);
  else cursor.refuseForgotten();
  return cursor;
}

function beginning(
  { sendInitialEvents }: RequestOptions,
  from: number,
  current: number,
): { sendsExisting: boolean; start: number } {
  if (sendInitialEvents === true) return { sendsExisting: true, start: current };
  if (from > 0) return { sendsExisting: false, start: from };
  return { sendsExisting: sendInitialEvents === undefined, start: current };
}

class Cursor implements Watch {
  readonly resource: ResourceName;
  readonly allowsBookmarks: boolean;
  readonly #context: ApiServerContext;
  readonly #definition: ResourceDefinition;
  readonly #selection: Selection;
  readonly #apiVersion: string;
  #initial: readonly WatchEvent[] = [];
  #revision: number;

  constructor(
    context: ApiServerContext,
    definition: ResourceDefinition,
    selection: Selection,
    apiVersion: string,
    revision: number,
    options: RequestOptions,
  ) {
    this.#context = context;
    this.#definition = definition;
    this.#selection = selection;
    this.#apiVersion = apiVersion;
    this.#revision = revision;
    this.resource = identityOf(definition).resource;
    this.allowsBookmarks = options.allowWatchBookmarks === true;
  }

  get initial(): readonly WatchEvent[] {
    return this.#initial;
  }

  get revision(): number {
    return this.#revision;
  }

  sendExisting({ sendInitialEvents }: RequestOptions): void {
    const events: WatchEvent[] = [];
    for (const object of this.#existing()) {
      if (this.#selection.matches(object)) events.push(this.#event('ADDED', object));
    }
    if (sendInitialEvents === true && this.allowsBookmarks) {
      events.push(
        bookmarkEvent(this.#apiVersion, this.#definition.kind, this.#revision, {
          [INITIAL_EVENTS_END]: 'true',
        }),
      );
    }
    this.#initial = events;
  }

  refuseForgotten(): void {
    const { journal } = this.#context.store;
    if (!journal.reaches(this.#revision)) {
      throw tooOldResourceVersion(this.#revision, (journal.oldest ?? 1) - 1);
    }
  }

  translate(entry: JournalEntry): WatchEvent | undefined {
    if (entry.resource !== this.resource) return undefined;
    const { namespace } = this.#selection;
    if (namespace !== undefined && entry.object.metadata.namespace !== namespace) return undefined;
    const { object, previous } = entry;
    if (this.#selection.everything) return this.#event(entry.type, object);
    const was = previous !== undefined && this.#selection.matches(previous);
    const is = entry.type !== 'DELETED' && this.#selection.matches(object);
    if (is) return this.#event(was ? 'MODIFIED' : 'ADDED', object);
    if (!was) return undefined;
    return this.#event('DELETED', entry.type === 'DELETED' ? object : lastMatching(previous, object));
  }

  poll(): WatchEvent[] {
    const { store } = this.#context;
    if (store.revision === this.#revision) return [];
    this.refuseForgotten();
    const events: WatchEvent[] = [];
    for (const entry of store.journal.after(this.#revision)) {
      const event = this.translate(entry);
      if (event) events.push(event);
    }
    this.#revision = store.revision;
    return events;
  }

  bookmark(): WatchEvent {
    return bookmarkEvent(this.#apiVersion, this.#definition.kind, this.#revision);
  }

  #existing(): Iterable<KubeObject> {
    const { store } = this.#context;
    const { name, namespace } = this.#selection;
    if (name === undefined || (this.#definition.namespaced && namespace === undefined)) {
      return store.list(this.resource, namespace);
    }
    const object = store.get(this.resource, objectKey(namespace, name));
    return object ? [object] : [];
  }

  #event(type: WatchEvent['type'], object: KubeObject): WatchEvent {
    return { type, object: inVersion(this.#definition, object, this.#apiVersion) };
  }
}

/** What leaves a selection is told of as it last matched, at the revision of its leaving. */
function lastMatching(previous: KubeObject, object: KubeObject): KubeObject {
  const { resourceVersion } = object.metadata;
  return { ...previous, metadata: { ...previous.metadata, resourceVersion } };
}

/** A BOOKMARK: kind, apiVersion and how far the watch has come. */
export function bookmarkEvent(
  apiVersion: string,
  kind: string,
  revision: number,
  annotations?: Record<string, string>,
): WatchEvent {
  const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : undefined) };
  return { type: 'BOOKMARK', object: { apiVersion, kind, metadata: metadata as ObjectMeta } };
}
