/** `apply`: objects as `kubectl apply --server-side --force-conflicts` sends them. */
import {
  type ApiRequest,
  type ApiResponse,
  type JsonObject,
  type JsonValue,
  objectKey,
} from '../../simulator/index.ts';
import { checkAnswer, answerFields } from '../checks/answer.ts';
import { type Shape, describeValue, text } from '../language/shapes.ts';
import { type Place, ScenarioError, type Source, type Spot } from '../language/source.ts';
import { ManifestError, objectsOf, readManifest } from '../manifests.ts';
import { type Kind, type Kinds, UnknownKindError, namespaceOf, targetOf } from '../run/kinds.ts';
import { FIELD_MANAGER, type Session, ask } from '../run/session.ts';
import { defineStep } from './define.ts';

/** An object with the place in the scenario that brings it. */
interface Manifest {
  readonly object: JsonObject;
  readonly place: Place;
}

/** One object, a list of them, a List, or `{file: NAME}`. */
const manifests: Shape<Manifest[]> = {
  read: (spot, source) => {
    const items = source.items(spot);
    return items ? items.flatMap(item => readOne(item, source)) : readOne(spot, source);
  },
  schema: () => {
    const inline = {
      type: 'object',
      required: ['apiVersion', 'kind'],
      properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } },
    };
    const file = {
      type: 'object',
      required: ['file'],
      properties: { file: { description: 'a file of manifests, relative to the scenario', type: 'string' } },
      additionalProperties: false,
    };
    return { anyOf: [inline, file, { type: 'array', minItems: 1, items: { anyOf: [inline, file] } }] };
  },
};

function readOne(spot: Spot, source: Source): Manifest[] {
  const map = source.mapOf(spot);
  if (!map)
    source.fail(spot, `must be an object or {file: NAME}, not ${describeValue(source.valueOf(spot))}`);
  const entries = source.entries(map as NonNullable<typeof map>, spot.path);
  const place = source.placeAt(spot.offset);
  try {
    const [only] = entries;
    if (entries.length === 1 && only?.key === 'file') {
      const name = text.read(only.value, source);
      const found = readManifest(source.readBeside(only.value, name));
      if (found.length === 0) source.fail(only.value, `${name} holds no objects`);
      return found.map(({ object }) => ({ object, place }));
    }
    const objects = objectsOf(source.valueOf(spot), 'this');
    for (const object of objects) {
      if (typeof object.apiVersion !== 'string') source.fail(spot, '"apiVersion" is missing');
    }
    return objects.map(object => ({ object, place }));
  } catch (error) {
    if (error instanceof ManifestError) return source.fail(spot, error.message);
    throw error;
  }
}

function kindOf({ object, place }: Manifest, kinds: Kinds): Kind {
  try {
    return kinds.find(String(object.kind), String(object.apiVersion));
  } catch (error) {
    if (error instanceof UnknownKindError) throw new ScenarioError(place, error.message);
    throw error;
  }
}

function metadataOf(object: JsonObject): { name?: string; namespace?: string } {
  const metadata = (object.metadata ?? {}) as Record<string, JsonValue>;
  return {
    ...(typeof metadata.name === 'string' && metadata.name !== '' && { name: metadata.name }),
    ...(typeof metadata.namespace === 'string' && { namespace: metadata.namespace }),
  };
}

/** An apply patch, or a create where the server is to make up the name. */
export function applyRequest(object: JsonObject, kind: Kind): Omit<ApiRequest, 'user'> {
  const { name, namespace } = metadataOf(object);
  const target = { ...targetOf(kind), namespace: namespaceOf(kind, namespace), body: object };
  const options = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' as const };
  if (name === undefined) return { ...target, verb: 'create', options };
  return { ...target, verb: 'patch', name, patchType: 'apply', options: { ...options, force: true } };
}

function outcomeOf(response: ApiResponse, before: string | undefined): string {
  if (response.type !== 'object') return 'refused';
  if (response.code === 201) return 'created';
  return response.object.metadata.resourceVersion === before ? 'unchanged' : 'configured';
}

function applyOne(manifest: Manifest, beside: Parameters<typeof checkAnswer>[1], session: Session): string {
  const kind = kindOf(manifest, session.kinds);
  const request = applyRequest(manifest.object, kind);
  const { group, plural } = kind.definition;
  const resource = group === '' ? plural : `${plural}.${group}`;
  const key = objectKey(request.namespace, request.name ?? '');
  const before = session.cluster.store.get(resource, key)?.metadata.resourceVersion;
  const response = ask(session, request);
  checkAnswer(response, beside, request.name === undefined ? { resource } : { resource, key });
  return outcomeOf(response, before);
}

export const apply = defineStep({
  verb: 'apply',
  summary: 'create or change objects, as kubectl apply does: one object, a list, or {file: NAME}',
  argument: manifests,
  beside: answerFields,
  title: found => `apply ${found.map(({ object }) => describe(object)).join(', ')}`,
  validate: (found, { refused, warnings }, fail) => {
    if (found.length === 0) fail('there is nothing to apply');
    if (found.length > 1 && refused) fail('refused says nothing of several objects: apply them one by one');
    if (found.length > 1 && warnings) fail('warnings say nothing of several objects: apply them one by one');
  },
  check: (found, kinds) => {
    for (const manifest of found) kindOf(manifest, kinds);
  },
  run: (found, beside, session) =>
    [...new Set(found.map(manifest => applyOne(manifest, beside, session)))].join(', '),
});

function describe(object: JsonObject): string {
  const { name, namespace } = metadataOf(object);
  return `${String(object.kind)} ${namespace ? `${namespace}/` : ''}${name ?? ''}`.trim();
}
