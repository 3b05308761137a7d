/**
 * The contract of every component that decides: a function from a view and a key to changes
 * (the vocabulary is controller-runtime's). A reconciler is level-based: it looks at what is, never at what happened;
 * it never waits and keeps nothing between calls.
 */
import type { DelayName } from './clock/timing.ts';
import type { ResourceName, ResourceRef, ResourceRegistry } from './resources/definition.ts';
import type { IndexName, JournalEntry } from './store/index.ts';
import type { KubeObject, Millis, NewObject, ObjectMeta, Status, UserInfo } from './types/meta.ts';

/** Read-only access to a cluster at one moment. */
export interface View {
  readonly now: Millis;
  /** What the cluster serves at this moment, kinds that users defined included. */
  readonly registry: ResourceRegistry;
  get<T extends KubeObject>(ref: ResourceRef<T>, namespace: string | undefined, name: string): T | undefined;
  /** By key, `namespace/name` or `name`. */
  getByKey<T extends KubeObject>(ref: ResourceRef<T>, key: string): T | undefined;
  list<T extends KubeObject>(ref: ResourceRef<T>, namespace?: string): T[];
  count(ref: ResourceRef): number;
  /** Objects found by index, of one resource or of any. */
  lookup<T extends KubeObject>(index: IndexName, value: string, ref?: ResourceRef<T>): T[];
  /** Untyped access, for code that learns the resource from data. */
  find(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined;
  /**
   * How long something takes, from the cluster's timing profile. Depends only on the seed, the name and `subject`
   * (usually a UID), so that looking again gives the same answer.
   */
  delay(name: DelayName, subject: string): Millis;
  /** A fraction in [0, 1) that depends only on the seed and the parts. */
  chance(...parts: string[]): number;
  /** What a projection makes of the objects, brought up to this moment. */
  project<S>(projection: Projection<S>): S;
}

/**
 * Something that follows from the objects but is too dear to compute anew each time, such as what is free on each
 * node. It is kept up from the journal and rebuilt where that does not reach, so it is never part of a cluster's value.
 */
export interface Projection<S> {
  readonly resources: readonly ResourceName[];
  build(view: View): S;
  /** Brings the state one write further. The state is the projection's own and may be changed in place. */
  apply(state: S, entry: JournalEntry): void;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

/** `binding` is the scheduler's: spec.nodeName and the condition that tells of it. */
export type WrittenSubresource = 'status' | 'binding' | 'finalize';

export type Change =
  | {
      readonly op: 'create';
      readonly ref: ResourceRef;
      readonly object: NewObject;
      /** What to do when the API refuses; without it a refusal is an error of the controller. */
      readonly refused?: (status: Status) => Change[];
      /** What to do with the created object, which has its name and UID by now. */
      readonly created?: (object: KubeObject) => Change[];
    }
  | {
      readonly op: 'update';
      readonly ref: ResourceRef;
      readonly key: string;
      readonly recipe: (draft: KubeObject) => void;
      readonly subresource?: WrittenSubresource;
      readonly refused?: (status: Status) => Change[];
    }
  | {
      readonly op: 'delete';
      readonly ref: ResourceRef;
      readonly key: string;
      readonly options?: DeleteOptions;
    }
  | {
      readonly op: 'event';
      readonly about: KubeObject;
      readonly type: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    }
  /** Look again at this key after a while. */
  | { readonly op: 'after'; readonly delay: Millis };

export function create<T extends KubeObject>(
  ref: ResourceRef<T>,
  object: Omit<T, 'metadata' | 'apiVersion' | 'kind'> & { metadata: Partial<ObjectMeta> },
  handlers: { refused?: (status: Status) => Change[]; created?: (object: T) => Change[] } = {},
): Change {
  return {
    op: 'create',
    ref,
    object: { apiVersion: ref.apiVersion, kind: ref.kind, ...object } as NewObject,
    refused: handlers.refused,
    created: handlers.created as ((object: KubeObject) => Change[]) | undefined,
  };
}

/** Changes an object by an immer recipe; a recipe that changes nothing writes nothing. */
export function update<T extends KubeObject>(
  ref: ResourceRef<T>,
  object: T,
  recipe: (draft: T) => void,
  options: { subresource?: WrittenSubresource; refused?: (status: Status) => Change[] } = {},
): Change {
  const { namespace, name } = object.metadata;
  return {
    op: 'update',
    ref,
    key: namespace ? `${namespace}/${name}` : name,
    recipe: recipe as (draft: KubeObject) => void,
    ...options,
  };
}

export function updateStatus<T extends KubeObject>(
  ref: ResourceRef<T>,
  object: T,
  recipe: (draft: T) => void,
): Change {
  return update(ref, object, recipe, { subresource: 'status' });
}

export function remove(ref: ResourceRef, object: KubeObject, options?: DeleteOptions): Change {
  const { namespace, name } = object.metadata;
  return { op: 'delete', ref, key: namespace ? `${namespace}/${name}` : name, options };
}

export function event(
  about: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Change {
  return { op: 'event', about, type, reason, message };
}

export function after(delay: Millis): Change {
  return { op: 'after', delay };
}

/** Which commits make a controller look, and at which of its keys. */
export interface Trigger {
  /** `*`: every resource, those that users define included. */
  readonly resource: ResourceName | '*';
  /** Keys of the controller's own kind; by default the key of the written object. */
  readonly keys?: (entry: JournalEntry, view: View) => readonly string[];
}

export interface Controller {
  /** Unique: `virt-controller/vm`. */
  readonly name: string;
  /** Whose writes these are, as journal, events and request counts show it: `virt-controller`. */
  readonly author: string;
  /** As whom the API sees its requests; admission treats KubeVirt's own components differently. */
  readonly user: UserInfo | ((view: View, key: string) => UserInfo);
  readonly triggers: readonly Trigger[];
  reconcile(view: View, key: string): Change[];
}

/** The identity of a service account, as RBAC and admission see it. */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
