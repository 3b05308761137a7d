/**
 * Who selects whom, without scans: objects by what their label selectors ask for, pods by label, pods that nobody
 * controls. In a namespace with ten thousand VMs a change of one pod must not cost ten thousand comparisons.
 */
import type { Projection, View } from '../../controller.ts';
import type { ResourceRef } from '../../resources/definition.ts';
import { pods } from '../../resources/refs.ts';
import type { JournalEntry } from '../../store/index.ts';
import type { Pod } from '../../types/core.ts';
import type { KubeObject, LabelSelector } from '../../types/meta.ts';
import { matchesLabelSelector } from '../../types/selectors.ts';
import { keyOfObject } from './pods.ts';

type Keys = Map<string, Set<string>>;

function add(map: Keys, slot: string, key: string): void {
  const known = map.get(slot);
  if (known) known.add(key);
  else map.set(slot, new Set([key]));
}

function drop(map: Keys, slot: string, key: string): void {
  const known = map.get(slot);
  if (!known?.delete(key)) return;
  if (known.size === 0) map.delete(slot);
}

/** A namespace, a label and its value as one text. */
function slotOf(namespace: string | undefined, label: string, value: string): string {
  return `${namespace}\u0000${label}\u0000${value}`;
}

/** Objects of one kind by a label that their selector asks for. */
export interface Selectors<T extends KubeObject> {
  readonly ref: ResourceRef<T>;
  readonly selectorOf: (object: T) => LabelSelector | undefined;
  readonly projection: Projection<Keys>;
}

export function selectors<T extends KubeObject>(
  ref: ResourceRef<T>,
  selectorOf: (object: T) => LabelSelector | undefined,
): Selectors<T> {
  /** The slot an object is found in: that of its first wanted label, or of its namespace where it wants none. */
  const slot = (object: KubeObject): string | undefined => {
    const selector = selectorOf(object as T);
    if (!selector) return undefined;
    const { namespace } = object.metadata;
    for (const label in selector.matchLabels) {
      return slotOf(namespace, label, selector.matchLabels[label] as string);
    }
    return namespace ?? '';
  };
  const change = (state: Keys, object: KubeObject | undefined, how: typeof add) => {
    const at = object && slot(object);
    if (at !== undefined && object) how(state, at, keyOfObject(object));
  };
  return {
    ref,
    selectorOf,
    projection: {
      resources: [ref.resource],
      build(view) {
        const state: Keys = new Map();
        for (const object of view.list(ref)) change(state, object, add);
        return state;
      },
      apply(state, { type, object, previous }) {
        change(state, previous, drop);
        if (type !== 'DELETED') change(state, object, add);
      },
    },
  };
}

/** Keys of the objects whose selector matches these labels, in the labels' namespace. */
export function keysSelecting<T extends KubeObject>(
  view: View,
  { ref, selectorOf, projection }: Selectors<T>,
  { namespace, labels = {} }: KubeObject['metadata'],
): string[] {
  const state = view.project(projection);
  if (state.size === 0) return [];
  const found: string[] = [];
  const collect = (keys: ReadonlySet<string> | undefined) => {
    for (const key of keys ?? []) {
      const object = view.getByKey(ref, key);
      if (object && matchesLabelSelector(selectorOf(object), labels)) found.push(key);
    }
  };
  for (const label in labels) collect(state.get(slotOf(namespace, label, labels[label] as string)));
  collect(state.get(namespace ?? ''));
  return found;
}

/** Those who select the pod now, and those who did before its labels changed. */
export function keysConcerned<T extends KubeObject>(
  view: View,
  who: Selectors<T>,
  { object, previous }: JournalEntry,
): string[] {
  const now = keysSelecting(view, who, object.metadata);
  if (!previous || previous.metadata.labels === object.metadata.labels) return now;
  return [...new Set([...now, ...keysSelecting(view, who, previous.metadata)])];
}

/** Pods by the labels that were asked for so far. */
type PodLabels = Map<string, Keys>;

const podLabels: Projection<PodLabels> = {
  resources: [pods.resource],
  build: () => new Map(),
  apply(state, { type, object, previous }) {
    if (state.size === 0) return;
    const before = previous?.metadata.labels;
    const after = type === 'DELETED' ? undefined : object.metadata.labels;
    if (before === after) return;
    const { namespace } = object.metadata;
    const key = keyOfObject(object);
    for (const [label, keys] of state) {
      const [old, now] = [before?.[label], after?.[label]];
      if (old === now) continue;
      if (old !== undefined) drop(keys, slotOf(namespace, label, old), key);
      if (now !== undefined) add(keys, slotOf(namespace, label, now), key);
    }
  },
};

/** All pods of a namespace that a selector matches, in key order. An absent selector matches none. */
export function podsSelected(view: View, namespace: string, selector: LabelSelector | undefined): Pod[] {
  if (!selector) return [];
  for (const label in selector.matchLabels) {
    const value = selector.matchLabels[label] as string;
    const keys = podsByLabel(view, label).get(slotOf(namespace, label, value));
    if (!keys) return [];
    return [...keys]
      .sort()
      .map(key => view.getByKey(pods, key))
      .filter((pod): pod is Pod => pod !== undefined && matchesLabelSelector(selector, pod.metadata.labels));
  }
  return view.list(pods, namespace).filter(pod => matchesLabelSelector(selector, pod.metadata.labels));
}

function podsByLabel(view: View, label: string): Keys {
  const state = view.project(podLabels);
  let keys = state.get(label);
  if (!keys) {
    keys = new Map();
    state.set(label, keys);
    for (const pod of view.list(pods)) {
      const value = pod.metadata.labels?.[label];
      if (value !== undefined) add(keys, slotOf(pod.metadata.namespace, label, value), keyOfObject(pod));
    }
  }
  return keys;
}

const orphans: Projection<Keys> = {
  resources: [pods.resource],
  build(view) {
    const state: Keys = new Map();
    for (const pod of view.list(pods)) {
      if (!controllerOf(pod)) add(state, pod.metadata.namespace ?? '', keyOfObject(pod));
    }
    return state;
  },
  apply(state, { type, object, previous }) {
    if (type === 'MODIFIED' && previous?.metadata.ownerReferences === object.metadata.ownerReferences) return;
    const how = type === 'DELETED' || controllerOf(object) ? drop : add;
    how(state, object.metadata.namespace ?? '', keyOfObject(object));
  },
};

/** Pods of a namespace that no controller owns. */
export function orphanPods(view: View, namespace: string): Pod[] {
  const keys = view.project(orphans).get(namespace);
  if (!keys) return [];
  return [...keys]
    .sort()
    .map(key => view.getByKey(pods, key))
    .filter(pod => pod !== undefined);
}

/** The reference to the one owner that controls an object. */
export function controllerOf({ metadata }: KubeObject) {
  return metadata.ownerReferences?.find(reference => reference.controller);
}

/** The key of the controlling owner, where it is of this kind. */
export function ownerKey(object: KubeObject, ref: ResourceRef): string | undefined {
  const owner = controllerOf(object);
  if (owner?.kind !== ref.kind || owner.apiVersion !== ref.apiVersion) return undefined;
  return `${object.metadata.namespace}/${owner.name}`;
}

/**
 * Whom a written pod concerns: the controller that owns it, the one that did, and for a pod that nobody owns all
 * whose selector matches.
 */
export function workloadKeys<T extends KubeObject>(
  view: View,
  who: Selectors<T>,
  entry: JournalEntry,
): readonly string[] {
  const { object, previous } = entry;
  const changedOwner =
    previous !== undefined && previous.metadata.ownerReferences !== object.metadata.ownerReferences;
  const before = changedOwner ? ownerKey(previous, who.ref) : undefined;
  const now = controllerOf(object) ? ownerKey(object, who.ref) : undefined;
  if (now !== undefined || before !== undefined) {
    return now !== undefined && before !== undefined && now !== before
      ? [now, before]
      : [now ?? before ?? ''];
  }
  return controllerOf(object) || entry.type === 'DELETED' ? [] : keysConcerned(view, who, entry);
}
