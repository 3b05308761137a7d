/** The view that reconcilers and admission read a cluster through: the store, the time and the timing profile. */
import { hashFraction } from './clock/random.ts';
import { type DelayName, type TimingProfile, quantile } from './clock/timing.ts';
import type { Projection, View } from './controller.ts';
import {
  type ResourceName,
  type ResourceRef,
  type ResourceRegistry,
  objectKey,
} from './resources/definition.ts';
import type { IndexName, Store } from './store/index.ts';
import type { KubeObject, Millis } from './types/meta.ts';

/** What a view reads from; a cluster is one. */
export interface ViewSource {
  readonly registry: ResourceRegistry;
  readonly store: Store;
  readonly now: Millis;
  readonly seed: number;
  readonly timing: TimingProfile;
}

interface Projected {
  readonly store: Store;
  revision: number;
  readonly state: unknown;
}

export class StoreView implements View {
  readonly #source: ViewSource;
  readonly #projected = new Map<Projection<never>, Projected>();

  constructor(source: ViewSource) {
    this.#source = source;
  }

  get now(): Millis {
    return this.#source.now;
  }

  get registry(): ResourceRegistry {
    return this.#source.registry;
  }

  get<T extends KubeObject>(ref: ResourceRef<T>, namespace: string | undefined, name: string): T | undefined {
    return this.#source.store.get<T>(ref.resource, objectKey(namespace, name));
  }

  getByKey<T extends KubeObject>(ref: ResourceRef<T>, key: string): T | undefined {
    return this.#source.store.get<T>(ref.resource, key);
  }

  list<T extends KubeObject>(ref: ResourceRef<T>, namespace?: string): T[] {
    return this.#source.store.list<T>(ref.resource, namespace);
  }

  count(ref: ResourceRef): number {
    return this.#source.store.count(ref.resource);
  }

  lookup<T extends KubeObject>(index: IndexName, value: string, ref?: ResourceRef<T>): T[] {
    return this.#source.store.lookup<T>(index, value, ref?.resource);
  }

  find(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#source.store.get(resource, objectKey(namespace, name));
  }

  /**
   * All delays of one subject are drawn at the same quantile: a slow start is slow in each of its steps, which is
   * what makes the sums of a profile's percentiles the percentiles of its sums.
   */
  delay(name: DelayName, subject: string): Millis {
    const delay = this.#source.timing[name];
    return typeof delay === 'number' ? delay : quantile(delay, hashFraction(this.#source.seed, subject));
  }

  chance(...parts: string[]): number {
    return hashFraction(this.#source.seed, ...parts);
  }

  project<S>(projection: Projection<S>): S {
    const { store } = this.#source;
    const key = projection as unknown as Projection<never>;
    let known = this.#projected.get(key);
    // A restored or forked cluster has a store of its own; what was derived from another says nothing about it.
    if (!known || known.store !== store || !store.journal.reaches(known.revision)) {
      known = { store, revision: store.revision, state: projection.build(this) };
      this.#projected.set(key, known);
      return known.state as S;
    }
    if (known.revision < store.revision) {
      for (const entry of store.journal.after(known.revision)) {
        if (projection.resources.includes(entry.resource)) projection.apply(known.state as S, entry);
      }
      known.revision = store.revision;
    }
    return known.state as S;
  }
}
