/** The resources of a cluster: those it was made with, and those that definitions in its store add. */
import { makeRegistry } from '../apiserver/index.ts';
import { type ResourceDefinition, type ResourceRegistry, resourceName } from '../resources/definition.ts';
import type { Store } from '../store/index.ts';
import { hasCondition } from '../types/conditions.ts';
import { definitionOf } from './definition-of.ts';
import { type CustomResourceDefinition, definitions } from './types.ts';

/** What a registry is asked about: a cluster, whose store changes when it is restored. */
export interface StoreHolder {
  readonly store: Store;
}

/**
 * Built-in resources and those of the established definitions in the store as it is now. It follows from the store alone,
 * so that it goes back with a checkpoint. Built-in resources are found without a look at the store; `all()` and `groups()`
 * give the same list until a definition comes, changes or goes.
 */
export function clusterRegistry(builtIn: ResourceRegistry, cluster: StoreHolder): ResourceRegistry {
  return new ClusterRegistry(builtIn, cluster);
}

class ClusterRegistry implements ResourceRegistry {
  readonly #builtIn: ResourceRegistry;
  readonly #cluster: StoreHolder;
  /** The last answer, with what it was worked out from. */
  #store: Store | undefined;
  #revision = -1;
  #added: readonly ResourceDefinition[] = [];
  #current: ResourceRegistry;

  constructor(builtIn: ResourceRegistry, cluster: StoreHolder) {
    this.#builtIn = builtIn;
    this.#cluster = cluster;
    this.#current = builtIn;
  }

  find(group: string, plural: string): ResourceDefinition | undefined {
    return this.#builtIn.find(group, plural) ?? this.#now().find(group, plural);
  }

  byName(resource: string): ResourceDefinition | undefined {
    return this.#builtIn.byName(resource) ?? this.#now().byName(resource);
  }

  byKind(group: string, kind: string): ResourceDefinition | undefined {
    return this.#builtIn.byKind(group, kind) ?? this.#now().byKind(group, kind);
  }

  all(): readonly ResourceDefinition[] {
    return this.#now().all();
  }

  groups(): ReturnType<ResourceRegistry['groups']> {
    return this.#now().groups();
  }

  #now(): ResourceRegistry {
    const { store } = this.#cluster;
    if (store === this.#store && store.revision === this.#revision) return this.#current;
    this.#store = store;
    this.#revision = store.revision;
    const added = this.#addedBy(store.list<CustomResourceDefinition>(definitions.resource));
    if (
      added.length !== this.#added.length ||
      added.some((definition, at) => definition !== this.#added[at])
    ) {
      this.#added = added;
      this.#current = added.length === 0 ? this.#builtIn : makeRegistry([...this.#builtIn.all(), ...added]);
    }
    return this.#current;
  }

  #addedBy(crds: readonly CustomResourceDefinition[]): ResourceDefinition[] {
    const added: ResourceDefinition[] = [];
    for (const crd of crds) {
      // Looked at first: most definitions of a cluster are those of its built-in kinds.
      if (this.#builtIn.byName(crd.metadata.name)) continue;
      if (!hasCondition(crd.status?.conditions ?? undefined, 'Established', 'True')) continue;
      const definition = definitionOf(crd);
      const { group, plural, kind } = definition;
      if (this.#builtIn.byName(resourceName(group, plural)) || this.#builtIn.byKind(group, kind)) continue;
      added.push(definition);
    }
    return added;
  }
}
