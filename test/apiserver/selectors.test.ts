import { describe, expect, it } from 'vitest';
import { matchesLabels, parseFieldSelector, parseLabelSelector } from '../../simulator/apiserver/index.ts';
import type { KubeObject } from '../../simulator/types/meta.ts';
import { pods } from './fixture.ts';

const labelled = (labels: Record<string, string>) => ({ metadata: { labels } }) as unknown as KubeObject;

describe('label selectors', () => {
  it.each([
    ['', {}, true],
    ['a', { a: '' }, true],
    ['!a', { a: '' }, false],
    ['a=', { a: '' }, true],
    ['a==b', { a: 'b' }, true],
    [' a  =  b , c ', { a: 'b', c: '1' }, true],
    ['a in (,b)', { a: '' }, true],
    ['a in ()', { a: '' }, true],
    ['a notin (b)', {}, true],
    ['a>5', { a: '6' }, true],
    ['a>5', { a: '5' }, false],
    ['a<5', { a: '-7' }, true],
    ['a<5', { a: 'x' }, false],
    ['example.com/a=b', { 'example.com/a': 'b' }, true],
    ['in in (notin)', { in: 'notin' }, true],
  ])('%j on %j: %s', (text, labels, expected) => {
    expect(matchesLabels(parseLabelSelector(text), labelled(labels))).toBe(expected);
  });

  it.each([
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['a,,b', "found ',', expected: identifier after ','"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    [
      '-',
      `unable to parse requirement: <nil>: Invalid value: "-": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
  ])('refuses %j', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ message, code: 400 }));
  });
});

describe('field selectors', () => {
  const selects = (text: string, object: object) =>
    parseFieldSelector(text, pods).every(
      term => (term.read(object as KubeObject) === term.value) !== term.negated,
    );

  it.each([
    ['metadata.name=a', true],
    ['metadata.name==a,metadata.namespace!=x', true],
    ['spec.nodeName=n', true],
    ['status.phase!=Failed', true],
    ['status.phase=', true],
    ['metadata.name=b', false],
  ])('%s: %s', (text, expected) => {
    expect(selects(text, { metadata: { name: 'a', namespace: 'd' }, spec: { nodeName: 'n' } })).toBe(
      expected,
    );
  });

  it('reads escapes', () => {
    expect(parseFieldSelector('spec.nodeName=a\\,b\\=c\\\\', pods)[0]?.value).toBe('a,b=c\\');
    expect(() => parseFieldSelector('spec.nodeName=a\\x', pods)).toThrow(
      'invalid field selector: invalid escape sequence: \\x',
    );
  });
});
