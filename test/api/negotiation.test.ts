import { describe, expect, test } from 'vitest';
import { formOf } from '../../api/discovery.ts';
import { type Shape, includeObject, negotiate } from '../../api/negotiation.ts';

const ALL: readonly Shape[] = ['object', 'table', 'metadata', 'metadata-list'];
const KUBECTL_GET =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

describe('negotiate', () => {
  test.each([
    [undefined, 'json', 'object'],
    ['', 'json', 'object'],
    ['*/*', 'json', 'object'],
    ['application/json, */*', 'json', 'object'],
    ['application/yaml', 'yaml', 'object'],
    [KUBECTL_GET, 'json', 'table'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json', 'object'],
    ['application/vnd.kubernetes.protobuf', 'json', 'object'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'json', 'metadata-list'],
    ['application/json;as=Nonsense;v=v1;g=meta.k8s.io, application/json', 'json', 'object'],
    ['application/yaml;q=0.5,application/json;q=0.9', 'json', 'object'],
  ])('%s is answered in %s as %s', (accept, format, shape) => {
    expect(negotiate(accept, ALL)).toMatchObject({ format, shape });
  });

  test('the older table version is served when it is all that is asked for', () => {
    expect(negotiate('application/json;as=Table;v=v1beta1;g=meta.k8s.io', ALL).version).toBe('v1beta1');
  });

  test.each(['text/html', 'image/png', 'application/json;as=Table;v=v1;g=meta.k8s.io'])(
    '%s is refused',
    accept => {
      expect(() => negotiate(accept, ['object'])).toThrow(
        'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      );
    },
  );
});

describe('includeObject', () => {
  test.each([
    ['', 'Metadata'],
    ['includeObject=Object', 'Object'],
    ['includeObject=None', 'None'],
  ])('%j: %s', (query, expected) => {
    expect(includeObject(new URLSearchParams(query))).toBe(expected);
  });

  test('anything else is refused', () => {
    expect(() => includeObject(new URLSearchParams('includeObject=All'))).toThrow(
      'unrecognized includeObject value: "All"',
    );
  });
});

describe('the form of discovery, by what kubectl versions send', () => {
  const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const v2beta1 = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
  test.each([
    ['kubectl 1.25', 'application/json, */*', 'legacy'],
    ['kubectl 1.28', `${v2beta1},application/json`, 'v2beta1'],
    ['kubectl 1.35', `${v2},${v2beta1},application/json`, 'v2'],
    ['curl', '*/*', 'legacy'],
    ['nothing', undefined, 'legacy'],
  ])('%s', (_client, accept, form) => {
    expect(formOf(accept)).toBe(form);
  });
});
