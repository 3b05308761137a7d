/** String functions of cel-go's `strings` extension (version 2) and Kubernetes' `find` (pkg/cel/library/regex.go, v1.35). */
import type { Environment } from '@marcbachmann/cel-js';

export function registerStrings(environment: Environment): void {
  environment
    .registerFunction('string.find(string): string', (text: string, pattern: string) =>
      pattern === '' ? '' : (regex(pattern).exec(text)?.[0] ?? ''),
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findAll(text, pattern, -1),
    )
    .registerFunction(
      'string.findAll(string, int): list<string>',
      (text: string, pattern: string, limit: bigint) => findAll(text, pattern, Number(limit)),
    )
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) => {
      const letters = [...text];
      if (at < 0n || at > letters.length) throw new Error(`index out of range: ${at}`);
      return letters[Number(at)] ?? '';
    })
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerFunction(
      'string.replace(string, string, int): string',
      (text: string, from: string, to: string, limit: bigint) => replaceSome(text, from, to, Number(limit)),
    )
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
    .registerFunction('string.format(list<dyn>): string', (text: string, values: unknown) =>
      format(text, values as readonly unknown[]),
    )
    .registerFunction('StringsNamespace.quote(string): string', (_: unknown, text: string) =>
      JSON.stringify(text),
    );
}

/** Go's regular expressions are nearly a part of JavaScript's; `(?i)` at the start is the common difference. */
export function regex(pattern: string, flags = ''): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  try {
    return inline
      ? new RegExp(pattern.slice(inline[0].length), `u${inline[1]}${flags}`)
      : new RegExp(pattern, `u${flags}`);
  } catch (error) {
    throw new Error(`Illegal regex: ${(error as Error).message}`);
  }
}

function findAll(text: string, pattern: string, limit: number): string[] {
  const found = [...text.matchAll(regex(pattern, 'g'))].map(match => match[0]);
  return limit < 0 ? found : found.slice(0, limit);
}

function replaceSome(text: string, from: string, to: string, limit: number): string {
  if (limit < 0) return text.replaceAll(from, () => to);
  let left = limit;
  return text.replaceAll(from, match => {
    if (left === 0) return match;
    left -= 1;
    return to;
  });
}

/** `%s %d %f %e %b %o %x %X %%` with an optional precision (cel-go ext/formatting.go). */
export function format(text: string, values: readonly unknown[]): string {
  let next = 0;
  const result = text.replace(
    /%(?:\.(\d+))?([a-zA-Z%])/g,
    (_match, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= values.length) throw new Error(`index ${next} out of range`);
      const value = values[next];
      next += 1;
      return formatValue(verb, value, precision === undefined ? undefined : Number(precision));
    },
  );
  return result;
}

function formatValue(verb: string, value: unknown, precision: number | undefined): string {
  switch (verb) {
    case 's':
      return textOf(value);
    case 'd':
      if (typeof value !== 'bigint') {
        throw new Error('error during formatting: decimal clause can only be used on integers');
      }
      return String(value);
    case 'f':
      return Number(value).toFixed(precision ?? 6);
    case 'e':
      return Number(value)
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      return (typeof value === 'boolean' ? BigInt(value) : (value as bigint)).toString(2);
    case 'o':
      return (value as bigint).toString(8);
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'bigint'
          ? value.toString(16)
          : [...(value instanceof Uint8Array ? value : new TextEncoder().encode(String(value)))]
              .map(byte => byte.toString(16).padStart(2, '0'))
              .join('');
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
    default:
      throw new Error(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

/** A value as `%s` prints it. */
export function textOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z');
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (typeof value !== 'object') return String(value);
  if (Object.getPrototypeOf(value) !== Object.prototype && !(value instanceof Map)) return String(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const fields = entries.map(([key, item]): [string, string] => [textOf(key), textOf(item)]);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${key}: ${item}`)
    .join(', ')}}`;
}
