/**
 * The garbage collector (kube-controller-manager 1.35 pkg/controller/garbagecollector): what has lost all its owners is
 * deleted, an owner that is deleted in the foreground waits for its dependents, one that orphans them lets them go.
 * Keys are `resource` and object key, as this controller looks at every kind.
 */
import {
  type Change,
  type Controller,
  type View,
  remove,
  serviceAccountUser,
  update,
} from '../controller.ts';
import { type ResourceName, type ResourceRef, refTo } from '../resources/definition.ts';
import type { KubeObject, OwnerReference } from '../types/meta.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

export const garbageCollector: Controller = {
  name: 'kube-controller-manager/garbage-collector',
  author: 'kube-controller-manager',
  user: serviceAccountUser('kube-system', 'generic-garbage-collector'),
  triggers: [
    {
      resource: '*',
      keys: ({ type, resource, object, previous, key }, view) => {
        if (type === 'DELETED')
          return collector
            .dependentKeys(view, object.metadata.uid)
            .concat(collector.waitingOwners(view, object));
        const owners = object.metadata.ownerReferences;
        const owned = owners !== undefined && owners !== previous?.metadata.ownerReferences;
        const deleting =
          object.metadata.deletionTimestamp !== undefined &&
          object.metadata.finalizers?.some(each => each === FOREGROUND || each === ORPHAN);
        return owned || deleting ? [`${resource} ${key}`] : [];
      },
    },
  ],
  reconcile: (view, key) => collector.reconcile(view, key),
};

class Collector {
  reconcile(view: View, key: string): Change[] {
    const space = key.indexOf(' ');
    const ref = refNamed(view, key.slice(0, space));
    const object = ref && view.getByKey(ref, key.slice(space + 1));
    if (!ref || !object) return [];
    if (object.metadata.deletionTimestamp !== undefined) {
      const { finalizers } = object.metadata;
      if (finalizers?.includes(ORPHAN)) return this.#orphanDependents(view, ref, object);
      if (finalizers?.includes(FOREGROUND)) return this.#deleteDependents(view, ref, object);
    }
    return this.#collect(view, ref, object);
  }

  dependentKeys(view: View, uid: string): string[] {
    return view.lookup('owner', uid).flatMap(dependent => {
      const ref = refOf(view, dependent);
      return ref ? [`${ref.resource} ${keyText(dependent)}`] : [];
    });
  }

  /** Owners in foreground deletion that may have waited for this object. */
  waitingOwners(view: View, object: KubeObject): string[] {
    return (object.metadata.ownerReferences ?? []).flatMap(reference => {
      const owner = this.#owner(view, reference, object);
      if (!owner?.metadata.finalizers?.includes(FOREGROUND)) return [];
      const ref = refOf(view, owner);
      return ref ? [`${ref.resource} ${keyText(owner)}`] : [];
    });
  }

  /** Deletes an object all of whose owners are gone; from one with owners left, dangling references are taken. */
  #collect(view: View, ref: ResourceRef, object: KubeObject): Change[] {
    const references = object.metadata.ownerReferences ?? [];
    if (references.length === 0 || object.metadata.deletionTimestamp !== undefined) return [];
    const solid = references.filter(reference => this.#owner(view, reference, object));
    if (solid.length === references.length) return [];
    if (solid.length > 0) {
      return [
        update(ref, object, draft => {
          draft.metadata.ownerReferences = solid;
        }),
      ];
    }
    return [
      remove(ref, object, { propagationPolicy: 'Background', preconditions: { uid: object.metadata.uid } }),
    ];
  }

  #deleteDependents(view: View, ref: ResourceRef, owner: KubeObject): Change[] {
    const blocking = view
      .lookup('owner', owner.metadata.uid)
      .filter(dependent =>
        dependent.metadata.ownerReferences?.some(
          reference => reference.uid === owner.metadata.uid && reference.blockOwnerDeletion,
        ),
      );
    if (blocking.length === 0) return [withoutFinalizer(ref, owner, FOREGROUND)];
    return blocking.flatMap(dependent => {
      const dependentRef = refOf(view, dependent);
      if (!dependentRef || dependent.metadata.deletionTimestamp !== undefined) return [];
      return [remove(dependentRef, dependent, { propagationPolicy: 'Foreground' })];
    });
  }

  #orphanDependents(view: View, ref: ResourceRef, owner: KubeObject): Change[] {
    const released = view.lookup('owner', owner.metadata.uid).flatMap(dependent => {
      const dependentRef = refOf(view, dependent);
      if (!dependentRef) return [];
      return [
        update(dependentRef, dependent, draft => {
          draft.metadata.ownerReferences = dependent.metadata.ownerReferences?.filter(
            reference => reference.uid !== owner.metadata.uid,
          );
        }),
      ];
    });
    return [...released, withoutFinalizer(ref, owner, ORPHAN)];
  }

  /** The owner that a reference means: same kind, name and UID, and where it is namespaced, the same namespace. */
  #owner(view: View, reference: OwnerReference, dependent: KubeObject): KubeObject | undefined {
    const { namespace } = dependent.metadata;
    return view.lookup('uid', reference.uid).find(owner => {
      const { metadata } = owner;
      return (
        owner.kind === reference.kind &&
        metadata.name === reference.name &&
        (metadata.namespace === undefined || metadata.namespace === namespace)
      );
    });
  }
}

const collector = new Collector();

function refNamed(view: View, resource: ResourceName): ResourceRef | undefined {
  const definition = view.registry.byName(resource);
  return definition && refTo(definition);
}

function refOf(view: View, object: KubeObject): ResourceRef | undefined {
  const slash = object.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : object.apiVersion.slice(0, slash);
  const definition = view.registry.byKind(group, object.kind);
  return definition && refTo(definition);
}

function withoutFinalizer(ref: ResourceRef, object: KubeObject, finalizer: string): Change {
  return update(ref, object, draft => {
    draft.metadata.finalizers = draft.metadata.finalizers?.filter(each => each !== finalizer);
  });
}

function keyText({ metadata }: KubeObject): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}
