import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { duplicateFields, jsonProblem } from '../../api/json-scanner.ts';

describe('duplicateFields names what Kubernetes names', () => {
  test.each([
    ['{"a":1,"a":2}', ['duplicate field "a"']],
    ['{"spec":{"replicas":1,"replicas":2}}', ['duplicate field "spec.replicas"']],
    ['{"a":{"x":1},"b":{"x":1}}', []],
    ['{"l":[{"n":1},{"n":1,"n":2}]}', ['duplicate field "l[1].n"']],
    ['{"l":[[1],[{"n":1,"n":2}]]}', ['duplicate field "l[1][0].n"']],
    ['{"a":"a","a":"a\\"","a":3}', ['duplicate field "a"']],
    ['{"a\\"b":1,"a\\u0022b":2}', ['duplicate field "a"b"']],
    ['{"a":"}{,\\"a\\":1","b":2}', []],
    ['{"a":"\\\\","a":1}', ['duplicate field "a"']],
    [' { "a" : [ ] , "b" : { } , "a" : null } ', ['duplicate field "a"']],
  ])('%s', (text, expected) => {
    expect(duplicateFields(text)).toEqual(expected);
  });

  test('none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(duplicateFields(JSON.stringify(value))).toEqual([]);
      }),
    );
  });
});

describe("jsonProblem speaks as Go's encoding/json does", () => {
  test.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['{"a":1', 'unexpected end of JSON input'],
    ['"a', 'unexpected end of JSON input'],
    ['hello', "invalid character 'h' looking for beginning of value"],
    ['true false', "invalid character 'f' after top-level value"],
    ['trap', "invalid character 'a' in literal true (expecting 'u')"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['apiVersion: v1\n', "invalid character 'a' looking for beginning of value"],
  ])('%j: %s', (text, expected) => {
    expect(jsonProblem(text)).toBe(expected);
  });

  test('agrees with JSON.parse on what is JSON', () => {
    const mangled = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', '{', '}', ',', ':', '\\', '1', 'e', ' '))
      .map(
        ([text, at, insert]) =>
          text.slice(0, at % (text.length + 1)) + insert + text.slice((at % (text.length + 1)) + 1),
      );
    fc.assert(
      fc.property(fc.oneof(fc.json(), mangled), text => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(jsonProblem(text) === undefined).toBe(valid);
      }),
      { numRuns: 500 },
    );
  });
});
