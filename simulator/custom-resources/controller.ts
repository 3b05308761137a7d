/**
 * What the API server does to definitions of its own accord: a name that gets free goes to who waits for it, and a
 * definition that is deleted takes its objects with it (apiextensions-apiserver v1.35 pkg/controller/{status,finalizer}).
 */
import { SECOND, timestamp } from '../clock/index.ts';
import {
  type Change,
  type Controller,
  type View,
  after,
  remove,
  update,
  updateStatus,
} from '../controller.ts';
import { apiVersionOf, type ResourceRef } from '../resources/definition.ts';
import { hasCondition, withCondition } from '../types/conditions.ts';
import type { Condition, UserInfo } from '../types/meta.ts';
import { namedStatus } from './naming.ts';
import { CLEANUP_FINALIZER, type CustomResourceDefinition, definitions } from './types.ts';

const API_SERVER: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};
/** How often the objects of a definition that goes are counted. */
const RECHECK = 5 * SECOND;

export const customResourceControllers: readonly Controller[] = [
  {
    name: 'kube-apiserver/customresourcedefinitions',
    author: 'kube-apiserver',
    user: API_SERVER,
    triggers: [
      {
        resource: definitions.resource,
        keys: ({ type, key, object, previous }, view) => {
          const { spec, status } = object as CustomResourceDefinition;
          const before = previous as CustomResourceDefinition | undefined;
          const released = type === 'DELETED' || status?.acceptedNames !== before?.status?.acceptedNames;
          const waiting = released && before ? waitingFor(view, spec.group) : [];
          return type === 'DELETED' ? waiting : [key, ...waiting];
        },
      },
    ],
    reconcile(view, key) {
      const definition = view.getByKey(definitions, key);
      if (!definition) return [];
      if (definition.metadata.deletionTimestamp !== undefined) return cleanUp(view, definition);
      const status = namedStatus(view, definition);
      if (status === definition.status) return [];
      return [
        updateStatus(definitions, definition, draft => {
          draft.status = status;
        }),
      ];
    },
  },
];

/** Definitions of a group that lack a name. */
function waitingFor(view: View, group: string): string[] {
  return view
    .list(definitions)
    .filter(
      ({ spec, status }) =>
        spec.group === group && hasCondition(status?.conditions ?? undefined, 'NamesAccepted', 'False'),
    )
    .map(({ metadata }) => metadata.name);
}

function cleanUp(view: View, definition: CustomResourceDefinition): Change[] {
  if (!definition.metadata.finalizers?.includes(CLEANUP_FINALIZER)) return [];
  const established = hasCondition(definition.status?.conditions ?? undefined, 'Established', 'True');
  if (!established) {
    return finish(view, definition, 'NeverEstablished', 'resource was never established');
  }
  const ref = refOf(definition);
  const objects = view.list(ref);
  if (objects.length === 0) {
    return finish(view, definition, 'InstanceDeletionCompleted', 'removed all instances');
  }
  const changes: Change[] = objects
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(object => remove(ref, object, { propagationPolicy: 'Background' }));
  const started = terminatingStatus(view, definition, {
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  });
  return [started, ...changes, after(changes.length > 0 ? 0 : RECHECK)];
}

function finish(view: View, definition: CustomResourceDefinition, reason: string, message: string): Change[] {
  return [
    terminatingStatus(view, definition, { status: 'False', reason, message }),
    update(definitions, definition, draft => {
      draft.metadata.finalizers = draft.metadata.finalizers?.filter(name => name !== CLEANUP_FINALIZER);
    }),
  ];
}

function terminatingStatus(
  view: View,
  definition: CustomResourceDefinition,
  state: Pick<Condition, 'status' | 'reason' | 'message'>,
): Change {
  const conditions = withCondition(definition.status?.conditions ?? undefined, {
    type: 'Terminating',
    lastTransitionTime: timestamp(view.now),
    ...state,
  });
  return updateStatus(definitions, definition, draft => {
    if (conditions !== definition.status?.conditions) draft.status = { ...draft.status, conditions };
  });
}

function refOf({ metadata, spec }: CustomResourceDefinition): ResourceRef {
  const storage = spec.versions.find(version => version.storage) ?? spec.versions[0];
  return {
    resource: metadata.name,
    apiVersion: apiVersionOf(spec.group, storage?.name ?? ''),
    kind: spec.names.kind,
    namespaced: spec.scope === 'Namespaced',
  };
}
