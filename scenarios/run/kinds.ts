/** Kinds by every name that kubectl takes: plural, singular, short name, kind, each also with its group. */
import {
  type ApiRequest,
  type ResourceDefinition,
  type ResourceRegistry,
  apiVersionOf,
  suggest,
} from '../../simulator/index.ts';

/** One served resource in one version. */
export interface Kind {
  readonly definition: ResourceDefinition;
  readonly version: string;
  readonly apiVersion: string;
}

/** A name that nobody serves; says what is near. */
export class UnknownKindError extends Error {
  override readonly name = 'UnknownKindError';
}

export class Kinds {
  readonly #byName = new Map<string, ResourceDefinition[]>();
  readonly #names: string[] = [];
  readonly #groups = new Set<string>();

  constructor(registry: ResourceRegistry) {
    const order = new Map(registry.groups().map(({ group }, index) => [group, index]));
    const rank = ({ group }: ResourceDefinition) => order.get(group) ?? order.size;
    const served = registry.all().filter(({ versions }) => versions.some(version => version.served));
    // As in discovery: an ambiguous name goes to the group that comes first.
    for (const definition of [...served].sort((a, b) => rank(a) - rank(b))) {
      const { plural, singular, shortNames, kind, group } = definition;
      this.#names.push(kind);
      this.#groups.add(group);
      const names = new Set([plural, singular, kind.toLowerCase(), ...shortNames]);
      for (const name of names) {
        this.#add(name, definition);
        if (group !== '') this.#add(`${name}.${group}`, definition);
      }
    }
  }

  /** @throws UnknownKindError for a kind, a version or a group that is not served. */
  find(name: string, apiVersion?: string): Kind {
    const found = this.#byName.get(name.toLowerCase()) ?? [];
    if (found.length === 0) {
      throw new UnknownKindError(
        `nobody serves the kind ${JSON.stringify(name)}${suggest(name, this.#names).replace(/^;.*/s, '')}`,
      );
    }
    if (apiVersion === undefined) {
      const [definition] = found as [ResourceDefinition];
      const version = definition.versions.find(known => known.served)?.name ?? '';
      return { definition, version, apiVersion: apiVersionOf(definition.group, version) };
    }
    for (const definition of found) {
      const version = definition.versions.find(
        known => known.served && apiVersionOf(definition.group, known.name) === apiVersion,
      );
      if (version) return { definition, version: version.name, apiVersion };
    }
    const known = found.flatMap(({ group, versions }) =>
      versions.filter(version => version.served).map(version => apiVersionOf(group, version.name)),
    );
    throw new UnknownKindError(
      `${JSON.stringify(name)} is not served in ${JSON.stringify(apiVersion)}${suggest(apiVersion, known)}`,
    );
  }

  /** Whether any kind of the group is served. */
  hasGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  #add(name: string, definition: ResourceDefinition): void {
    const known = this.#byName.get(name);
    if (known) known.push(definition);
    else this.#byName.set(name, [definition]);
  }
}

export const DEFAULT_NAMESPACE = 'default';

/** Where an object of this kind lives: in the namespace named, in `default`, or in none. */
export function namespaceOf({ definition }: Kind, namespace: string | undefined): string | undefined {
  return definition.namespaced ? (namespace ?? DEFAULT_NAMESPACE) : undefined;
}

/** The part of a request that names a resource. */
export function targetOf(kind: Kind): Pick<ApiRequest, 'group' | 'version' | 'resource'> {
  return { group: kind.definition.group, version: kind.version, resource: kind.definition.plural };
}
