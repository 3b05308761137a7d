/** Runs admission plug-ins in the order of the context: first all that mutate, later all that validate. */
import type { ResourceDefinition } from '../resources/definition.ts';
import type { KubeObject } from '../types/meta.ts';
import type { AdmissionAttributes, AdmissionPlugin, ApiServerContext, Operation, Origin } from './context.ts';
import { identityOf } from './identity.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

/** A write on its way through admission. `object` moves on as plug-ins change it. */
export class Admission implements AdmissionAttributes {
  readonly operation: Operation;
  readonly definition: ResourceDefinition;
  readonly resource: string;
  readonly version: string;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly user: Origin['user'];
  readonly trusted: boolean;
  readonly dryRun: boolean;
  readonly view: ApiServerContext['view'];
  readonly random: ApiServerContext['random'];
  readonly warn: (text: string) => void;
  readonly warnings: string[] = [];
  readonly #plugins: readonly AdmissionPlugin[];
  name: string;
  object: KubeObject | undefined;

  constructor(
    context: ApiServerContext,
    definition: ResourceDefinition,
    operation: Operation,
    origin: Origin,
    write: {
      name: string;
      namespace: string | undefined;
      object?: KubeObject;
      oldObject?: KubeObject;
      subresource?: string;
      version?: string;
      dryRun?: boolean;
    },
  ) {
    const { resource, storage } = identityOf(definition);
    this.operation = operation;
    this.definition = definition;
    this.resource = resource;
    this.version = write.version ?? storage.name;
    this.subresource = write.subresource;
    this.namespace = write.namespace;
    this.name = write.name;
    this.object = write.object;
    this.oldObject = write.oldObject;
    this.user = origin.user;
    this.trusted = origin.trusted;
    this.dryRun = write.dryRun ?? false;
    this.view = context.view;
    this.random = context.random;
    this.warn = text => {
      this.warnings.push(text);
    };
    this.#plugins = pluginsFor(context.admission, resource, operation, write.subresource);
  }

  /** Runs the mutating half and returns the object to go on with. */
  mutate(object: KubeObject): KubeObject {
    this.object = object;
    for (const plugin of this.#plugins) {
      if (plugin.mutate) this.object = plugin.mutate(this);
    }
    return this.object;
  }

  /** Runs the validating half over the object as it would be stored. */
  validate(object?: KubeObject): void {
    this.object = object;
    for (const plugin of this.#plugins) plugin.validate?.(this);
  }
}

// Which plug-ins look at a kind of write follows from the list alone; it is asked for with every write.
const selections = new WeakMap<readonly AdmissionPlugin[], Map<string, readonly AdmissionPlugin[]>>();

function pluginsFor(
  plugins: readonly AdmissionPlugin[],
  resource: string,
  operation: Operation,
  subresource: string | undefined,
): readonly AdmissionPlugin[] {
  let known = selections.get(plugins);
  if (!known) {
    known = new Map();
    selections.set(plugins, known);
  }
  const key = `${operation} ${resource}/${subresource ?? ''}`;
  let selected = known.get(key);
  if (!selected) {
    selected = [namespaceLifecycle, ...plugins].filter(
      plugin =>
        plugin.operations.includes(operation) &&
        (plugin.resources === undefined || plugin.resources.includes(resource)) &&
        (subresource === undefined || (plugin.subresources?.includes(subresource) ?? false)),
    );
    known.set(key, selected);
  }
  return selected;
}
