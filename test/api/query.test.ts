import { describe, expect, test } from 'vitest';
import { type OptionsKind, booleanParameter, requestOptions } from '../../api/query.ts';

describe('options', () => {
  test.each<[OptionsKind, string, object]>([
    ['ListOptions', '', {}],
    ['ListOptions', 'limit=500&labelSelector=a%3Db', { limit: 500, labelSelector: 'a=b' }],
    ['ListOptions', 'resourceVersion=0&continue=', { resourceVersion: '0' }],
    [
      'ListOptions',
      'allowWatchBookmarks=true&sendInitialEvents=1',
      { allowWatchBookmarks: true, sendInitialEvents: true },
    ],
    [
      'CreateOptions',
      'fieldManager=kubectl-create&fieldValidation=Strict',
      { fieldManager: 'kubectl-create', fieldValidation: 'Strict' },
    ],
    ['CreateOptions', 'dryRun=All', { dryRun: true }],
    ['CreateOptions', 'dryRun=', {}],
    ['PatchOptions', 'force=true', { force: true }],
    ['UpdateOptions', 'force=true', {}],
    [
      'DeleteOptions',
      'gracePeriodSeconds=0&propagationPolicy=Foreground',
      { gracePeriodSeconds: 0, propagationPolicy: 'Foreground' },
    ],
    ['DeleteOptions', 'orphanDependents=true', { propagationPolicy: 'Orphan' }],
    ['DeleteOptions', 'orphanDependents=false', { propagationPolicy: 'Background' }],
  ])('%s %s', (kind, query, expected) => {
    expect(requestOptions(new URLSearchParams(query), kind)).toEqual(expected);
  });

  test.each<[OptionsKind, string, number, string]>([
    ['ListOptions', 'limit=many', 400, 'strconv.ParseInt: parsing "many": invalid syntax'],
    [
      'ListOptions',
      'limit=99999999999999999999',
      400,
      'strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    [
      'CreateOptions',
      'dryRun=Some',
      422,
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: supported values: "All"',
    ],
  ])('%s %s is refused', (kind, query, code, message) => {
    expect(() => requestOptions(new URLSearchParams(query), kind)).toThrow(
      expect.objectContaining({ status: expect.objectContaining({ code, message }) }),
    );
  });
});

test.each([
  ['watch=true', true],
  ['watch=True', true],
  ['watch=1', true],
  ['watch', true],
  ['watch=anything', true],
  ['watch=false', false],
  ['watch=FALSE', false],
  ['watch=0', false],
  ['', undefined],
])('as Go reads booleans: %j is %s', (query, expected) => {
  expect(booleanParameter(new URLSearchParams(query), 'watch')).toBe(expected);
});
