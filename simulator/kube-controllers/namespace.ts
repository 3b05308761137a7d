/**
 * Namespaces that empty themselves (kube-controller-manager 1.35 pkg/controller/namespace): deletes what is in them,
 * says what holds them up, and lets them go when nothing is left.
 */
import { timestamp } from '../clock/index.ts';
import { SECOND } from '../clock/index.ts';
import {
  type Change,
  type Controller,
  after,
  remove,
  serviceAccountUser,
  update,
  updateStatus,
} from '../controller.ts';
import { type ResourceRef, refTo } from '../resources/definition.ts';
import { namespaces } from '../resources/refs.ts';
import { same } from '../store/index.ts';
import { withCondition } from '../types/conditions.ts';
import type { Namespace } from '../types/core.ts';
import type { Condition, KubeObject, Millis } from '../types/meta.ts';

/** How long to wait for finalizers before looking again. */
const RECHECK = 5 * SECOND;
const FINALIZER = 'kubernetes';

export const namespaceController: Controller = {
  name: 'kube-controller-manager/namespace',
  author: 'kube-controller-manager',
  user: serviceAccountUser('kube-system', 'namespace-controller'),
  triggers: [{ resource: namespaces.resource }],
  reconcile(view, key) {
    const namespace = view.getByKey(namespaces, key);
    if (!namespace || namespace.metadata.deletionTimestamp === undefined) return [];
    if (!namespace.spec?.finalizers?.includes(FINALIZER)) return [];
    const left = new Map<ResourceRef, KubeObject[]>();
    for (const definition of view.registry.all()) {
      if (!definition.namespaced) continue;
      const ref = refTo(definition);
      const objects = view.list(ref, key);
      if (objects.length > 0) left.set(ref, objects);
    }
    if (left.size === 0) return [finalize(namespace)];
    const changes: Change[] = [];
    for (const [ref, objects] of left) {
      for (const object of objects) {
        if (object.metadata.deletionTimestamp === undefined) {
          changes.push(remove(ref, object, { propagationPolicy: 'Background' }));
        }
      }
    }
    const conditions = nextConditions(namespace, left, view.now);
    if (changes.length === 0 && !same(conditions, namespace.status?.conditions)) {
      changes.push(
        updateStatus(namespaces, namespace, draft => {
          draft.status = { ...draft.status, phase: 'Terminating', conditions };
        }),
      );
    }
    // After a round of deletions look again at once: most objects are gone by then.
    return [...changes, after(changes.length > 0 ? 0 : RECHECK)];
  },
};

function finalize(namespace: Namespace): Change {
  return update(
    namespaces,
    namespace,
    draft => {
      draft.spec = { ...draft.spec, finalizers: draft.spec?.finalizers?.filter(each => each !== FINALIZER) };
    },
    { subresource: 'finalize' },
  );
}

function nextConditions(
  namespace: Namespace,
  left: ReadonlyMap<ResourceRef, readonly KubeObject[]>,
  now: Millis,
): Condition[] {
  const remaining: string[] = [];
  const finalizers = new Map<string, number>();
  for (const [ref, objects] of left) {
    // Kubernetes puts a dot between resource and group, also where the group has no name.
    const resource = ref.resource.includes('.') ? ref.resource : `${ref.resource}.`;
    remaining.push(`${resource} has ${objects.length} resource instances`);
    for (const object of objects) {
      for (const name of object.metadata.finalizers ?? [])
        finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
    }
  }
  const at = timestamp(now);
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`);
  const states: Condition[] = [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${remaining.sort().join(', ')}`,
    },
    held.length > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held.sort().join(', ')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
  return states.reduce<readonly Condition[]>(
    (conditions, state) => withCondition(conditions, { ...state, lastTransitionTime: at }),
    namespace.status?.conditions ?? [],
  ) as Condition[];
}
