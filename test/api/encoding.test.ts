import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeList, encodeObject, encodePartial } from '../../api/encoding.ts';
import type { KubeObject } from '../../simulator/types/meta.ts';

const pod = (name: string): KubeObject & { spec: object } =>
  Object.freeze({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: Object.freeze({
      name,
      uid: 'u',
      resourceVersion: '7',
      creationTimestamp: '2026-01-01T00:00:00Z',
    }),
    spec: Object.freeze({ nodeName: 'n' }),
  });

describe('objects', () => {
  test('kind and apiVersion come first, nothing is lost', () => {
    const text = encodeObject(pod('a'));
    expect(text).toMatch(/^\{"kind":"Pod","apiVersion":"v1","metadata":\{/);
    expect(JSON.parse(text)).toEqual(pod('a'));
  });

  test('an object of metadata alone is whole', () => {
    const { spec: _spec, ...bare } = pod('a');
    expect(JSON.parse(encodeObject(bare))).toEqual(bare);
  });

  test('two versions of one object share nothing but their text', () => {
    const object = pod('a');
    expect(JSON.parse(encodeObject({ ...object, apiVersion: 'v2' }))).toMatchObject({ apiVersion: 'v2' });
    expect(JSON.parse(encodeObject(object))).toMatchObject({ apiVersion: 'v1' });
  });

  test('what is not frozen is read anew', () => {
    const object = { ...pod('a'), spec: { nodeName: 'one' } };
    encodeObject(object);
    object.spec.nodeName = 'two';
    expect(JSON.parse(encodeObject(object))).toMatchObject({ spec: { nodeName: 'two' } });
  });

  test('any fields survive', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fields => {
        const object = { ...fields, ...pod('a') } as KubeObject;
        expect(JSON.parse(encodeObject(object))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });
});

test('PartialObjectMetadata has the metadata only', () => {
  const object = pod('a');
  expect(JSON.parse(encodePartial(object, 'v1'))).toEqual({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  });
});

describe('lists', () => {
  const list = { apiVersion: 'v1', kind: 'PodList', items: [pod('a'), pod('b')], resourceVersion: '9' };

  test('items of built-in kinds do not repeat their kind', () => {
    const { kind, metadata, items } = JSON.parse(encodeList(list, false));
    expect({ kind, metadata }).toEqual({ kind: 'PodList', metadata: { resourceVersion: '9' } });
    expect(items.map((item: object) => Object.keys(item))).toEqual([
      ['metadata', 'spec'],
      ['metadata', 'spec'],
    ]);
  });

  test('items of custom resources do', () => {
    expect(JSON.parse(encodeList(list, true)).items).toEqual(list.items);
  });

  test('an empty list has items, and pages say how to go on', () => {
    const page = { ...list, items: [], continue: 'token', remainingItemCount: 3 };
    expect(JSON.parse(encodeList(page, false))).toEqual({
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '9', continue: 'token', remainingItemCount: 3 },
      items: [],
    });
  });
});
