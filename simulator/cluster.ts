/**
 * One KubeVirt cluster as one value. Objects, the queue of what is due, the state of the generator, the time and the
 * revision are the whole of it: a checkpoint copies references, a fork costs microseconds, and the same seed with the
 * same requests gives the same journal to the last byte.
 *
 * `request` is the only way in. A commit wakes the controllers that look at its resource; `advance` lets them work.
 */
import {
  ApiError,
  type ApiRequest,
  type ApiResponse,
  type ApiServerContext,
  type AuthorizedRequest,
  type Origin,
  type ResourceRegistry,
  type Watch,
  type WatchRequest,
  createObject,
  deleteObject,
  handleRequest,
  openWatch,
  updateObject,
} from './apiserver/index.ts';
import { EventQueue, Random, type RandomState } from './clock/index.ts';
import { TIMING_PROFILES, type TimingProfile, type TimingProfileName } from './clock/timing.ts';
import type { Change, Controller, Trigger, View } from './controller.ts';
import { clusterRegistry } from './custom-resources/index.ts';
import { findEvent, newEvent } from './events.ts';
import { type ResourceName, objectKey } from './resources/definition.ts';
import { events } from './resources/refs.ts';
import { type JournalEntry, Store, type WriteType } from './store/index.ts';
import type { Event } from './types/core.ts';
import type { KubeObject, Millis, UserInfo } from './types/meta.ts';
import { timestamp } from './clock/time.ts';
import { StoreView } from './view.ts';

/** What a cluster is made of besides its state; the same for all forks of it. */
export interface ClusterParts {
  readonly registry: ResourceRegistry;
  readonly admission: ApiServerContext['admission'];
  readonly subresources: ApiServerContext['subresources'];
  readonly controllers: readonly Controller[];
  /** Kinds that are answered and never stored. */
  readonly virtualResources?: ApiServerContext['virtualResources'];
  /** Decides about the requests of clients, never about what controllers write. Without one, all may do everything. */
  readonly authorizer?: ApiServerContext['authorizer'];
}

export interface ClusterSettings {
  /** All names, UIDs, addresses and delays follow from it. */
  readonly seed: number;
  /** Where virtual time begins. */
  readonly startTime: Millis;
  readonly timing: TimingProfileName | TimingProfile;
  /** Journal entries kept. */
  readonly journalCapacity: number;
}

export const DEFAULT_SETTINGS: ClusterSettings = {
  seed: 1,
  startTime: Date.UTC(2026, 0, 1),
  timing: 'fast',
  journalCapacity: 20_000,
};

/** A cluster at one moment. Opaque; costs references, not copies. */
export interface Checkpoint {
  readonly time: Millis;
  readonly revision: number;
  readonly state: CheckpointState;
}

interface CheckpointState {
  readonly parts: ClusterParts;
  readonly settings: ClusterSettings;
  readonly store: Store;
  readonly queue: EventQueue;
  readonly random: RandomState;
}

/** A reconciler wants work that its own commits at one instant never end. */
export class LivelockError extends Error {
  override readonly name = 'LivelockError';
}

/** How many reconciliations one instant may take before it counts as a livelock. */
const STEPS_PER_INSTANT = 2_000_000;
/** How long a controller waits before it tries again what the API refused. */
const RETRY_DELAY: Millis = 1_000;

/** In a millisecond. */
const NANOSECONDS = 1_000_000n;

interface Subscription {
  readonly controller: Controller;
  readonly trigger: Trigger;
}

export class Cluster implements ApiServerContext {
  readonly registry: ResourceRegistry;
  readonly admission: ApiServerContext['admission'];
  readonly subresources: ApiServerContext['subresources'];
  readonly virtualResources: ApiServerContext['virtualResources'];
  readonly authorizer: ApiServerContext['authorizer'];
  readonly view: View;
  readonly settings: ClusterSettings;
  readonly timing: TimingProfile;
  readonly #parts: ClusterParts;
  readonly #controllers: ReadonlyMap<string, Controller>;
  /** By resource, filled as resources are first written: some are not known when the cluster is made. */
  readonly #subscriptions = new Map<ResourceName, readonly Subscription[]>();
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  readonly #refusalListeners = new Set<(controller: Controller, key: string, error: ApiError) => void>();
  #store: Store;
  #queue: EventQueue;
  #random: Random;
  #now: Millis;

  constructor(parts: ClusterParts, settings: Partial<ClusterSettings> = {}) {
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    const { seed, timing, startTime, journalCapacity } = this.settings;
    this.timing = typeof timing === 'string' ? TIMING_PROFILES[timing] : timing;
    this.#parts = parts;
    this.registry = clusterRegistry(parts.registry, this);
    this.admission = parts.admission;
    this.subresources = parts.subresources;
    this.virtualResources = parts.virtualResources;
    this.authorizer = parts.authorizer;
    this.#controllers = new Map(parts.controllers.map(controller => [controller.name, controller]));
    this.#store = Store.empty({ journalCapacity, firstRevision: 1 });
    this.#queue = new EventQueue();
    this.#random = Random.fromSeed(seed);
    this.#now = startTime;
    this.view = new StoreView(this);
  }

  /** A cluster that continues from a checkpoint and shares with it all that neither changes. */
  static from(checkpoint: Checkpoint): Cluster {
    const { parts, settings } = checkpoint.state;
    const cluster = new Cluster(parts, settings);
    cluster.restore(checkpoint);
    return cluster;
  }

  get now(): Millis {
    return this.#now;
  }

  get seed(): number {
    return this.settings.seed;
  }

  get store(): Store {
    return this.#store;
  }

  get random(): Random {
    return this.#random;
  }

  get revision(): number {
    return this.#store.revision;
  }

  /** When the next thing is due; undefined when nothing is. */
  get nextEventAt(): Millis | undefined {
    return this.#queue.peek()?.at;
  }

  /** Serves one request. API errors are answers; it throws only for bugs of the simulator. */
  request(request: ApiRequest): ApiResponse {
    return handleRequest(this, request);
  }

  /**
   * Opens a watch: a cursor over the journal.
   * @throws ApiError where a server would refuse it.
   */
  watch(request: WatchRequest): Watch {
    return openWatch(this, request);
  }

  /**
   * Whether somebody may open a stream (exec, console), before its protocol begins. Requests and watches ask themselves.
   * @returns the answer to what may not be, undefined for what may.
   */
  authorize(request: AuthorizedRequest): ApiResponse | undefined {
    return this.authorizer?.request(this, request);
  }

  /** The same for a path that is no resource, such as `/metrics`. `verb` is the method in lower case. */
  authorizePath(user: UserInfo, verb: string, path: string): ApiResponse | undefined {
    return this.authorizer?.path(this, user, verb, path);
  }

  /** Calls `listener` after every commit, until the returned function is called. Listeners are no part of the value. */
  onCommit(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` whenever the API refuses a controller's write. */
  onRefusal(listener: (controller: Controller, key: string, error: ApiError) => void): () => void {
    this.#refusalListeners.add(listener);
    return () => this.#refusalListeners.delete(listener);
  }

  checkpoint(): Checkpoint {
    return {
      time: this.#now,
      revision: this.revision,
      state: {
        parts: this.#parts,
        settings: this.settings,
        store: this.#store.clone(),
        queue: this.#queue.clone(),
        random: this.#random.state,
      },
    };
  }

  /** Another cluster with the same past. Nothing done to one is ever seen by the other. */
  fork(): Cluster {
    return Cluster.from(this.checkpoint());
  }

  /** Goes back (or forth) to a checkpoint of this cluster or of any fork of it. */
  restore(checkpoint: Checkpoint): void {
    this.#store = checkpoint.state.store.clone();
    this.#queue = checkpoint.state.queue.clone();
    this.#random = Random.fromState(checkpoint.state.random);
    this.#now = checkpoint.time;
  }

  /** Lets a span of virtual time pass and does all that falls due in it. */
  advance(span: Millis): void {
    this.advanceTo(this.#now + span);
  }

  /** Lets virtual time pass up to a moment. A moment in the past only runs what is already due. */
  advanceTo(time: Millis): void {
    let instant = this.#now;
    let steps = 0;
    for (;;) {
      const next = this.#queue.peek();
      if (!next || next.at > Math.max(time, this.#now)) break;
      this.step();
      if (this.#now === instant) steps += 1;
      else [instant, steps] = [this.#now, 0];
      if (steps > STEPS_PER_INSTANT) {
        throw new LivelockError(
          `${next.controller} ${next.key} at ${timestamp(this.#now)} never comes to rest`,
        );
      }
    }
    this.#now = Math.max(this.#now, time);
  }

  /**
   * Runs until a condition holds, for at most `limit` of virtual time.
   * @returns whether it holds; where it does not, the full limit has passed.
   */
  until(condition: (view: View) => boolean, limit: Millis): boolean {
    const end = this.#now + limit;
    while (!condition(this.view)) {
      const next = this.#queue.peek();
      if (!next || next.at > end) {
        this.advanceTo(end);
        return condition(this.view);
      }
      this.step();
    }
    return true;
  }

  /** Does the one next thing that is due, moving time forward to it. False when there is nothing. */
  step(): boolean {
    const entry = this.#queue.shift();
    if (!entry) return false;
    this.#now = Math.max(this.#now, entry.at);
    const controller = this.#controllers.get(entry.controller);
    if (!controller) throw new Error(`no controller is called ${entry.controller}`);
    const origin: Origin = {
      author: controller.author,
      cause: { text: `reconcile ${controller.name} ${entry.key}`, revision: entry.revision },
      user: typeof controller.user === 'function' ? controller.user(this.view, entry.key) : controller.user,
      trusted: true,
    };
    this.#apply(controller.reconcile(this.view, entry.key), controller, entry.key, origin);
    return true;
  }

  /** Makes a controller look at a key now. Used at start, where no commit has woken anybody. */
  enqueue(controller: string, key: string, delay: Millis = 0): void {
    this.#queue.add(this.#now + delay, controller, key, 0);
  }

  /** Stores one object and wakes the controllers that look at its resource. */
  commit(type: WriteType, resource: ResourceName, object: KubeObject, origin: Origin): JournalEntry {
    const { author, cause } = origin;
    const entry = this.#store.commit({ type, resource, object, time: this.#now, author, cause });
    for (const { controller, trigger } of this.#subscribersOf(resource)) {
      for (const key of trigger.keys ? trigger.keys(entry, this.view) : [entry.key]) {
        this.#queue.add(this.#now, controller.name, key, entry.revision);
      }
    }
    for (const listener of this.#listeners) listener(entry);
    return entry;
  }

  #subscribersOf(resource: ResourceName): readonly Subscription[] {
    let subscribers = this.#subscriptions.get(resource);
    if (!subscribers) {
      subscribers = subscriptionsTo(resource, this.#parts.controllers);
      this.#subscriptions.set(resource, subscribers);
    }
    return subscribers;
  }

  #apply(changes: readonly Change[], controller: Controller, key: string, origin: Origin): void {
    for (const change of changes) {
      if (change.op === 'after') {
        this.#queue.add(this.#now + change.delay, controller.name, key, 0);
      } else if (change.op === 'event') {
        this.#record(change, origin);
      } else if (!this.#write(change, controller, key, origin)) {
        // What would have followed was decided for a world in which the write succeeded.
        return;
      }
    }
  }

  #write(
    change: Extract<Change, { op: 'create' | 'update' | 'delete' }>,
    controller: Controller,
    key: string,
    origin: Origin,
  ): boolean {
    const definition = this.registry.byName(change.ref.resource);
    if (!definition)
      throw new Error(`${controller.name} writes ${change.ref.resource}, which nobody defined`);
    try {
      if (change.op === 'create') {
        const { object } = createObject(this, definition, change.object, origin);
        if (change.created) this.#apply(change.created(object), controller, key, origin);
      } else if (change.op === 'update') {
        updateObject(this, definition, change.key, change.recipe, origin, {
          subresource: change.subresource,
        });
      } else {
        deleteObject(this, definition, change.key, origin, change.options ?? {});
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      for (const listener of this.#refusalListeners) listener(controller, key, error);
      const refused = change.op === 'delete' ? undefined : change.refused;
      if (refused) {
        this.#apply(refused(error.status), controller, key, origin);
        return true;
      }
      // What is gone needs neither change nor deletion: the commit that removed it wakes whoever cares.
      if (change.op !== 'create' && error.status.reason === 'NotFound') return true;
      this.#queue.add(this.#now + RETRY_DELAY, controller.name, key, 0);
      return false;
    }
    return true;
  }

  /** Nanoseconds as client-go prints them; those below a millisecond are drawn, so that two of an instant differ. */
  #eventSuffix(): string {
    return (BigInt(this.#now) * NANOSECONDS + BigInt(this.#random.below(Number(NANOSECONDS)))).toString(16);
  }

  #record(change: Extract<Change, { op: 'event' }>, origin: Origin): void {
    const definition = this.registry.byName(events.resource);
    if (!definition) return;
    const known = findEvent(this.view, change.about, change, origin.author);
    try {
      if (known) {
        const key = objectKey(known.metadata.namespace, known.metadata.name);
        updateObject(
          this,
          definition,
          key,
          draft => {
            const event = draft as Event;
            event.count = (event.count ?? 1) + 1;
            event.lastTimestamp = timestamp(this.#now);
          },
          origin,
          {},
        );
      } else {
        const suffix = this.#eventSuffix();
        createObject(
          this,
          definition,
          newEvent(change.about, change, origin.author, this.#now, suffix),
          origin,
        );
      }
    } catch (error) {
      // An event that cannot be written (its namespace is going away) is lost, as it is in a real cluster.
      if (!(error instanceof ApiError)) throw error;
    }
  }
}

function subscriptionsTo(resource: ResourceName, controllers: readonly Controller[]): Subscription[] {
  return controllers.flatMap(controller =>
    controller.triggers
      .filter(trigger => trigger.resource === resource || trigger.resource === '*')
      .map(trigger => ({ controller, trigger })),
  );
}
