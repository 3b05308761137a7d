/**
 * Objects as text. Stored objects are frozen, so their text is made once and shared by reads, lists and watches
 * for as long as the object lives.
 */
import type { ObjectList } from '../simulator/apiserver/index.ts';
import type { KubeObject, ObjectMeta } from '../simulator/types/meta.ts';

/** `,"metadata":{…},"spec":{…}}` of an object, without kind and apiVersion. */
const bodies = new WeakMap<KubeObject, string>();
const metadataTexts = new WeakMap<ObjectMeta, string>();

function bodyOf(object: KubeObject): string {
  const known = bodies.get(object);
  if (known !== undefined) return known;
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const text = JSON.stringify(rest);
  const body = `"metadata":${encodeMetadata(metadata)}${text.length === 2 ? '}' : `,${text.slice(1)}`}`;
  if (Object.isFrozen(object)) bodies.set(object, body);
  return body;
}

function encodeMetadata(metadata: ObjectMeta): string {
  const known = metadataTexts.get(metadata);
  if (known !== undefined) return known;
  const text = JSON.stringify(metadata);
  if (Object.isFrozen(metadata)) metadataTexts.set(metadata, text);
  return text;
}

function typed(kind: string, apiVersion: string, body: string): string {
  return `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},${body}`;
}

export function encodeObject(object: KubeObject): string {
  return typed(object.kind, object.apiVersion, bodyOf(object));
}

/** PartialObjectMetadata: who an object is, without what it says. */
export function encodePartial(object: KubeObject, version: string): string {
  return typed(
    'PartialObjectMetadata',
    `meta.k8s.io/${version}`,
    `"metadata":${encodeMetadata(object.metadata)}}`,
  );
}

export function listMetadata(list: ObjectList): string {
  return JSON.stringify({
    resourceVersion: list.resourceVersion,
    ...(list.continue === undefined ? {} : { continue: list.continue }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  });
}

/** A list by joining its items' texts. Items of custom resources carry their kind, built-in ones do not. */
export function encodeList(list: ObjectList, custom: boolean): string {
  const items = list.items.map(item => (custom ? encodeObject(item) : `{${bodyOf(item)}`)).join(',');
  return typed(list.kind, list.apiVersion, `"metadata":${listMetadata(list)},"items":[${items}]}`);
}

export function encodePartialList(list: ObjectList, version: string): string {
  const items = list.items.map(item => encodePartial(item, version)).join(',');
  return typed(
    'PartialObjectMetadataList',
    `meta.k8s.io/${version}`,
    `"metadata":${listMetadata(list)},"items":[${items}]}`,
  );
}
