/** Manifests applied at start, as `kubectl apply --server-side` would apply them. */
import { readFile } from 'node:fs/promises';
import type { ApiResponse } from '../simulator/apiserver/index.ts';
import type { Cluster } from '../simulator/cluster.ts';
import type { JsonObject, UserInfo } from '../simulator/types/meta.ts';
import { ManifestError, readManifest } from '../scenarios/index.ts';
import { SetupError } from './setup-error.ts';

const FIELD_MANAGER = 'kubectl';

/**
 * Applies all objects of the files, in their order.
 * @throws SetupError naming file, document and object of the first that fails; those before it stay.
 */
export async function loadManifests(
  cluster: Cluster,
  files: readonly string[],
  user: UserInfo,
): Promise<number> {
  let count = 0;
  for (const file of files) {
    for (const { object, document } of readObjects(file, await readText(file))) {
      const answer = applyObject(cluster, object, user);
      if (answer.code >= 400) {
        const why = answer.type === 'status' ? answer.status.message : `code ${answer.code}`;
        throw new SetupError(`${file}: document ${document}: ${describe(object)}: ${why}`);
      }
      count += 1;
    }
  }
  return count;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SetupError(
      `${file}: cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
    );
  }
}

function readObjects(file: string, text: string): { object: JsonObject; document: number }[] {
  try {
    return readManifest(text);
  } catch (error) {
    if (error instanceof ManifestError) throw new SetupError(`${file}: ${error.message}`);
    throw error;
  }
}

function applyObject(cluster: Cluster, object: JsonObject, user: UserInfo): ApiResponse {
  const apiVersion = String(object.apiVersion ?? '');
  const kind = String(object.kind ?? '');
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const definition = cluster.registry.byKind(group, kind);
  if (!definition?.versions.some(known => known.name === version && known.served)) {
    return refused(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
  }
  const metadata = (object.metadata ?? {}) as JsonObject;
  const target = {
    group,
    version,
    resource: definition.plural,
    ...(definition.namespaced
      ? { namespace: typeof metadata.namespace === 'string' ? metadata.namespace : 'default' }
      : {}),
    body: object,
    user,
    userAgent: FIELD_MANAGER,
  };
  if (typeof metadata.name !== 'string' || metadata.name === '') {
    return cluster.request({ ...target, verb: 'create', options: { fieldValidation: 'Strict' } });
  }
  return cluster.request({
    ...target,
    verb: 'patch',
    name: metadata.name,
    patchType: 'apply',
    options: { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict', force: true },
  });
}

function refused(message: string): ApiResponse {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    code: 404,
  } as const;
  return { type: 'status', code: 404, status, warnings: [] };
}

function describe(object: JsonObject): string {
  const { name, generateName } = (object.metadata ?? {}) as JsonObject;
  return `${String(object.kind)} ${JSON.stringify(name ?? generateName ?? '')}`;
}
