import { describe, expect, test } from 'vitest';
import { celEnvironment, compileExpression } from '../../simulator/cel/index.ts';

/** What an expression gives, with integers as numbers; its error in braces. */
function evaluate(source: string, variables: Record<string, unknown> = {}): unknown {
  const environment = celEnvironment();
  for (const name of Object.keys(variables)) environment.registerVariable(name, 'dyn');
  const compiled = compileExpression(environment, source);
  if ('error' in compiled) return `{${compiled.error.split('\n')[0]}}`;
  try {
    const value = compiled.program.run(variables);
    return typeof value === 'bigint' ? Number(value) : value;
  } catch (error) {
    return `{${(error as Error).message}}`;
  }
}

describe('functions of Kubernetes, with the examples of their documentation', () => {
  test.each([
    // lists
    ['[1, 2, 3].isSorted()', true],
    ["['a', 'b', 'b', 'c'].isSorted()", true],
    ['[2.0, 1.0].isSorted()', false],
    ['[1, 3].sum()', 4],
    ['[1.0, 3.0].sum()', 4],
    ['[1, 3].min()', 1],
    ['[1, 3].max()', 3],
    ["['a', 'b', 'b', 'c'].lastIndexOf('b')", 2],
    ['[1, 2, 2, 3].indexOf(2)', 1],
    ['[1.0].indexOf(1.1)', -1],
    // regular expressions
    ["'abc 123'.find('[0-9]+')", '123'],
    ["'abc 123'.find('xyz')", ''],
    ["'123 abc 456'.findAll('[0-9]+', 1)[0]", '123'],
    ["size('123 abc 456'.findAll('xyz'))", 0],
    // URLs
    ["isURL('https://user:pass@example.com:80/path?query=val#fragment')", true],
    ["isURL('/absolute-path')", true],
    ["isURL('https://a:b:c/')", false],
    ["isURL('../relative-path')", false],
    ["url('https://example.com:80/').getHost()", 'example.com:80'],
    ["url('https://[::1]:80/').getHost()", '[::1]:80'],
    ["url('https://[::1]:80/').getHostname()", '::1'],
    ["url('https://example.com/').getPort()", ''],
    ["url('https://example.com/path with spaces/').getEscapedPath()", '/path%20with%20spaces/'],
    ["url('https://example.com/path?k1=a&k2=b&k2=c').getQuery()['k2'][1]", 'c'],
    // quantities
    ["isQuantity('1.3Gi')", true],
    ["isQuantity('1,3G')", false],
    ["isQuantity('200K')", false],
    ["quantity('50k').asInteger() == 50000", true],
    ["quantity('9999999999999999999999999999999999999G').isInteger()", false],
    ["quantity('50k').add(quantity('20k')) == quantity('70k')", true],
    ["quantity('50k').sub(20000) == quantity('30k')", true],
    ["quantity('200M').compareTo(quantity('0.2G'))", 0],
    ["quantity('50M').compareTo(quantity('50Mi'))", -1],
    ["quantity('150Mi').isGreaterThan(quantity('100Mi'))", true],
    // addresses
    ["isIP('127.0.0.256')", false],
    ["isIP(':::1')", false],
    ["isIP('::ffff:1.2.3.4')", false],
    ["ip.isCanonical('2001:db8::abcd')", true],
    ["ip.isCanonical('2001:db8::0:0:0:abcd')", false],
    ["ip('::1').family()", 6],
    ["ip('224.0.1.1').isLinkLocalMulticast()", false],
    ["ip('fe80::1').isLinkLocalUnicast()", true],
    ["ip('255.255.255.255').isGlobalUnicast()", false],
    ["cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24'))", true],
    ["cidr('192.168.1.0/24').containsCIDR('192.168.2.0/24')", false],
    ["cidr('192.168.0.0/24').containsIP('192.168.1.1')", false],
    ["isCIDR('192.168.0.0/33')", false],
    ["string(cidr('192.168.1.7/24').masked())", '192.168.1.0/24'],
    // versions
    ["isSemver('v1.0')", false],
    ["isSemver('v1.0', true)", true],
    ["semver('01.01.01', true) == semver('1.1.1')", true],
    ["semver('1.2.3').compareTo(semver('2.0.0'))", -1],
    ["semver('1.0.0-alpha.1').isLessThan(semver('1.0.0-alpha.beta'))", true],
    // formats
    ["format.dns1123Label().validate('my-label-name').hasValue()", false],
    ["format.dns1123LabelPrefix().validate('my-label-prefix-').hasValue()", false],
    ["format.uuid().validate('nope').value()[0]", 'does not match the UUID format'],
    ["format.named('nope').hasValue()", false],
    // strings and sets
    [
      "'this is a string: %s\\nand an integer: %d'.format(['x', 42])",
      'this is a string: x\nand an integer: 42',
    ],
    ["'hello'.charAt(4)", 'o'],
    ["'hello hello'.replace('he', 'we', 1)", 'wello hello'],
    ['sets.contains([1, 2, 3, 4], [2, 3])', true],
    ['sets.equivalent([1], [1, 1])', true],
    ['sets.intersects([1], [2])', false],
  ])('%s is %j', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });
});

describe('what is wrong with an expression, in the words of cel-go', () => {
  test.each([
    ['x == 1', "{ERROR: <input>:1:1: undeclared reference to 'x' (in container '')}"],
    ['1 + "a"', "{ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'}"],
    ['[].min() == 1', '{min called on empty list}'],
    ['1 / 0', '{division by zero}'],
    ['{"a": 1}["b"]', '{no such key: b}'],
    ['[1][7]', '{index out of bounds: 7}'],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toBe(expected);
  });
});
