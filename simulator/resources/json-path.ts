/**
 * JSONPath as printer columns and selectable fields write it (client-go util/jsonpath, the part without braces):
 * `.a.b`, `['a.b']`, `.a\.b`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `.*`, `..a`, `[?(@.type=='Ready')].status`.
 * Left out: unions, arithmetic and range expressions, which CRDs do not use.
 */
import type { JsonPrimitive, JsonValue } from '../types/meta.ts';

type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'exists';

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'slice'; readonly from: number; readonly to: number | undefined }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | {
      readonly type: 'filter';
      readonly left: JsonPath;
      readonly operator: Operator;
      readonly right: JsonPrimitive;
    };

export type JsonPath = readonly Step[];

const FILTER = /^@(.*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+))?$/s;

/**
 * Compiles a path.
 * @throws SyntaxError naming the path and what is wrong in it.
 */
export function parseJsonPath(text: string): JsonPath {
  const bad = (why: string) => new SyntaxError(`JSONPath ${JSON.stringify(text)}: ${why}`);
  const source = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  const steps: Step[] = [];
  let at = 0;
  if (source.startsWith('$')) at = 1;
  while (at < source.length) {
    const character = source[at];
    if (character === '.') {
      at += 1;
      if (source[at] === '.') {
        steps.push({ type: 'recursive' });
        at += 1;
      }
      if (source[at] === '[') continue;
      let name = '';
      while (at < source.length && source[at] !== '.' && source[at] !== '[') {
        if (source[at] === '\\') at += 1;
        name += source[at] ?? '';
        at += 1;
      }
      if (name === '*') steps.push({ type: 'wildcard' });
      else if (name !== '') steps.push({ type: 'field', name });
    } else if (character === '[') {
      const end = closingBracket(source, at);
      if (end < 0) throw bad('unterminated array');
      steps.push(bracketStep(source.slice(at + 1, end), bad));
      at = end + 1;
    } else {
      throw bad(`unexpected ${JSON.stringify(character)}; a path starts with a dot`);
    }
  }
  return steps;
}

/** Every value the path finds; empty where something on the way is missing. */
export function findAll(path: JsonPath, root: unknown): JsonValue[] {
  let values: JsonValue[] = root === undefined ? [] : [root as JsonValue];
  for (const step of path) {
    const next: JsonValue[] = [];
    for (const value of values) follow(step, value, next);
    if (next.length === 0) return next;
    values = next;
  }
  return values;
}

/** The first value the path finds. */
export function findFirst(path: JsonPath, root: unknown): JsonValue | undefined {
  return findAll(path, root)[0];
}

function closingBracket(source: string, open: number): number {
  let quote = '';
  let depth = 0;
  for (let at = open; at < source.length; at += 1) {
    const character = source[at] as string;
    if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '[') depth += 1;
    else if (character === ']' && --depth === 0) return at;
  }
  return -1;
}

function bracketStep(inside: string, bad: (why: string) => SyntaxError): Step {
  const body = inside.trim();
  if (body === '*') return { type: 'wildcard' };
  if (body.startsWith('?(') && body.endsWith(')')) return filterStep(body.slice(2, -1).trim(), bad);
  if (/^(['"]).*\1$/s.test(body)) return { type: 'field', name: unquote(body) };
  const range = /^(-?\d*)(?:(:)(-?\d*))?$/.exec(body);
  if (!range || body === '') throw bad(`invalid array index ${body}`);
  const [, from = '', colon, to = ''] = range;
  if (!colon) return { type: 'slice', from: Number(from), to: Number(from) + 1 };
  return { type: 'slice', from: Number(from || 0), to: to === '' ? undefined : Number(to) };
}

function filterStep(body: string, bad: (why: string) => SyntaxError): Step {
  const match = FILTER.exec(body);
  if (!match) throw bad(`unsupported filter ${body}`);
  const [, left = '', operator, right] = match;
  return {
    type: 'filter',
    left: parseJsonPath(left.trim()),
    operator: (operator ?? 'exists') as Operator,
    right: right === undefined ? null : literal(right.trim(), bad),
  };
}

function literal(text: string, bad: (why: string) => SyntaxError): JsonPrimitive {
  if (/^(['"]).*\1$/s.test(text)) return unquote(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text !== '' && !Number.isNaN(Number(text))) return Number(text);
  throw bad(`unsupported operand ${text}`);
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, '$1');
}

function follow(step: Step, value: JsonValue, found: JsonValue[]): void {
  if (value === null || typeof value !== 'object') {
    if (step.type === 'recursive') found.push(value);
    return;
  }
  switch (step.type) {
    case 'field': {
      const child = Array.isArray(value) ? undefined : value[step.name];
      if (child !== undefined) found.push(child);
      return;
    }
    case 'slice': {
      if (!Array.isArray(value)) return;
      const from = step.from < 0 ? step.from + value.length : step.from;
      const to =
        step.to === undefined
          ? value.length
          : step.to <= 0 && step.from < 0
            ? step.to + value.length
            : step.to;
      if (from < 0) return;
      for (const item of value.slice(from, to)) found.push(item);
      return;
    }
    case 'wildcard':
      for (const item of Array.isArray(value) ? value : Object.values(value)) found.push(item);
      return;
    case 'recursive':
      found.push(value);
      for (const item of Array.isArray(value) ? value : Object.values(value)) {
        if (item !== null && typeof item === 'object') follow(step, item, found);
      }
      return;
    case 'filter':
      if (!Array.isArray(value)) return;
      for (const item of value) {
        if (matches(step, item)) found.push(item);
      }
  }
}

function matches(step: Extract<Step, { type: 'filter' }>, item: JsonValue): boolean {
  const left = findFirst(step.left, item);
  if (step.operator === 'exists') return left !== undefined;
  if (left === undefined) return false;
  const { right } = step;
  switch (step.operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    default:
      if (right === null || typeof left !== typeof right) return false;
      return compare(step.operator, left as number, right as number);
  }
}

function compare(operator: Operator, left: number, right: number): boolean {
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  if (operator === '>') return left > right;
  return left >= right;
}
