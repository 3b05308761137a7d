/**
 * The OpenAPI v3 document of one group version, as kube-apiserver serves it at /openapi/v3/… (kube-openapi builder3 for
 * built-in kinds, apiextensions-apiserver pkg/controller/openapi for custom ones). kubectl explain, client-side apply and
 * client-side validation work from it.
 */
import type { JsonObject, JsonValue } from '../types/meta.ts';
import { componentSchemas, type PublishedKind } from './openapi-components.ts';
import { resourcePaths } from './openapi-paths.ts';
import { builtinRegistry, type SchemaRegistry } from './registry.ts';

export interface SubresourceDescription {
  /** Name after the resource's: `status`, `scale`, `log`. */
  name: string;
  kind: string;
  /** Group and version of `kind` where they differ from the document's. */
  group?: string;
  version?: string;
  verbs: readonly string[];
}

export interface ResourceDescription {
  kind: string;
  plural: string;
  namespaced: boolean;
  /** Verbs of the resource itself: create, delete, deletecollection, get, list, patch, update, watch. */
  verbs: readonly string[];
  /** Defaults to the kind with `List` behind it. */
  listKind?: string;
  subresources?: readonly SubresourceDescription[];
}

export interface DocumentRequest {
  group: string;
  version: string;
  resources: readonly ResourceDescription[];
  registry?: SchemaRegistry;
  /** `info.version`, v1.35.0 unless given. */
  kubernetesVersion?: string;
}

/** Builds a whole document: a few milliseconds and up to a megabyte for kubevirt.io, so keep the result. */
export function openApiV3Document(request: DocumentRequest): JsonObject {
  const { group, version, resources, registry = builtinRegistry } = request;
  const kinds: PublishedKind[] = [];
  const seen = new Set<string>();
  const add = (kind: PublishedKind): void => {
    const key = `${kind.group}/${kind.version}/${kind.kind}`;
    if (!seen.has(key)) {
      seen.add(key);
      kinds.push(kind);
    }
  };
  for (const resource of resources) {
    const listKind = resource.verbs.includes('list')
      ? (resource.listKind ?? `${resource.kind}List`)
      : undefined;
    add({ group, version, kind: resource.kind, listKind });
    for (const subresource of resource.subresources ?? []) {
      add({
        group: subresource.group ?? group,
        version: subresource.version ?? version,
        kind: subresource.kind,
        listKind: undefined,
      });
    }
  }
  const { schemas, nameOf } = componentSchemas(group, version, kinds, registry);
  const paths: Record<string, JsonValue> = {};
  for (const resource of resources) Object.assign(paths, resourcePaths(group, version, resource, nameOf));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: request.kubernetesVersion ?? 'v1.35.0' },
    paths: sortedByKey(paths),
    components: {
      schemas: sortedByKey(schemas),
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          description: 'Bearer Token authentication',
          name: 'authorization',
          in: 'header',
        },
      },
    },
  };
}

function sortedByKey(record: Record<string, JsonValue>): JsonObject {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}
