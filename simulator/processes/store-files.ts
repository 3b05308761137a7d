/** Writes what processes have done to the store, on behalf of the container runtime: files, and the end of a container. */
import { type ApiServerContext, type Origin, createObject, updateObject } from '../apiserver/index.ts';
import { type ContainerFiles, type PodRuntime, containerFiles, podRuntimes } from '../resources/internal.ts';
import type { Pod } from '../types/core.ts';
import { objectKey } from '../resources/definition.ts';
import type { KubeObject, NewObject } from '../types/meta.ts';
import { type FilesChange, mergeLayers, recordOf } from './container-files.ts';

/** @throws ApiError where the owner is gone. */
export function storeFiles(context: ApiServerContext, pod: Pod, changes: readonly FilesChange[]): void {
  const definition = context.registry.byName(containerFiles.resource);
  if (!definition) throw new Error('containerfiles are not defined');
  const origin = runtimeOrigin(pod, 'write files');
  for (const change of changes) {
    const known = recordOf(context.view, change.owner);
    const { namespace, uid } = change.owner.metadata;
    if (known) {
      const layers = mergeLayers(known.layers, change);
      const recipe = (draft: KubeObject) => {
        (draft as ContainerFiles).layers = layers;
      };
      updateObject(context, definition, objectKey(namespace, uid), recipe, origin, {});
    } else {
      createObject(context, definition, newRecord(change), origin);
    }
  }
}

function newRecord(change: FilesChange): NewObject {
  const { apiVersion, kind, metadata } = change.owner;
  return {
    apiVersion: containerFiles.apiVersion,
    kind: containerFiles.kind,
    metadata: {
      name: metadata.uid,
      namespace: metadata.namespace,
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }],
    },
    layers: mergeLayers({}, change),
  } as NewObject;
}

/**
 * Ends the run of a container whose process somebody was attached to. Whoever calls wakes the kubelet.
 * @returns false where the container runs no more.
 */
export function endContainer(
  context: ApiServerContext,
  pod: Pod,
  container: string,
  exitCode: number,
): boolean {
  const { namespace, name, uid } = pod.metadata;
  const runtime = context.view.get(podRuntimes, namespace, name);
  const known = runtime?.podUid === uid ? runtime.containers?.[container] : undefined;
  const definition = context.registry.byName(podRuntimes.resource);
  if (known?.stage !== 'running' || !definition) return false;
  const recipe = (draft: KubeObject) => {
    const record = (draft as PodRuntime).containers?.[container];
    if (!record) return;
    record.due = context.now;
    record.exited = exitCode;
  };
  updateObject(context, definition, objectKey(namespace, name), recipe, runtimeOrigin(pod, 'exit'), {});
  return true;
}

function runtimeOrigin({ metadata, spec }: Pod, what: string): Origin {
  return {
    author: 'containerd',
    cause: { text: `processes of ${objectKey(metadata.namespace, metadata.name)} ${what}`, revision: 0 },
    user: { username: `system:node:${spec.nodeName}`, groups: ['system:nodes', 'system:authenticated'] },
    trusted: true,
  };
}
