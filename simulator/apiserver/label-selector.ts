/** The grammar of label selectors (apimachinery pkg/labels, v1.35), with its error texts. */
import type { KubeObject } from '../types/meta.ts';
import { aggregate, badRequest } from './errors.ts';
import { invalidValue } from './field-errors.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';

type Operator = 'in' | '=' | '==' | '!=' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** All of them must hold; an empty list selects everything. */
export type LabelRequirements = readonly LabelRequirement[];

type Token =
  | 'identifier'
  | 'end'
  | '!'
  | '('
  | ')'
  | ','
  | '='
  | '=='
  | '!='
  | '>'
  | '<'
  | 'in'
  | 'notin'
  | 'error';

interface Scanned {
  readonly token: Token;
  readonly text: string;
}

const SPECIAL = '=!(),><';
const SYMBOLS: ReadonlySet<string> = new Set(['!', '(', ')', ',', '=', '==', '!=', '>', '<']);
const BLANK = ' \t\r\n';
const BINARY_OPERATORS = 'in, notin, =, ==, !=, gt, lt';
const INTEGER = /^[+-]?\d+$/;

class SelectorSyntaxError extends Error {}

/**
 * Reads a selector such as `app=web,tier in (a,b),!beta,size>5`.
 * @throws ApiError 400 with the text of labels.Parse.
 */
export function parseLabelSelector(text: string): LabelRequirements {
  try {
    return new Parser(scan(text)).parse();
  } catch (error) {
    if (error instanceof SelectorSyntaxError) throw badRequest(error.message);
    throw error;
  }
}

export function matchesLabels(requirements: LabelRequirements, object: KubeObject): boolean {
  const labels = object.metadata.labels;
  return requirements.every(requirement => holds(requirement, labels));
}

function holds(
  { key, operator, values }: LabelRequirement,
  labels: Record<string, string> | undefined,
): boolean {
  const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      if (value === undefined || !INTEGER.test(value)) return false;
      const difference = BigInt(value) - BigInt(values[0] as string);
      return operator === 'gt' ? difference > 0n : difference < 0n;
    }
  }
}

function scan(text: string): Scanned[] {
  const scanned: Scanned[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at] as string;
    if (BLANK.includes(character)) at += 1;
    else if (SPECIAL.includes(character)) {
      const two = text.slice(at, at + 2);
      const symbol = SYMBOLS.has(two) ? two : character;
      scanned.push({ token: symbol as Token, text: symbol });
      at += symbol.length;
    } else {
      let end = at;
      while (
        end < text.length &&
        !SPECIAL.includes(text[end] as string) &&
        !BLANK.includes(text[end] as string)
      ) {
        end += 1;
      }
      const word = text.slice(at, end);
      scanned.push({ token: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
      at = end;
    }
  }
  scanned.push({ token: 'end', text: '' });
  return scanned;
}

class Parser {
  readonly #scanned: readonly Scanned[];
  #position = 0;

  constructor(scanned: readonly Scanned[]) {
    this.#scanned = scanned;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const { token, text } = this.#peekValue();
      if (token === 'end') break;
      if (token !== 'identifier' && token !== '!') {
        throw new SelectorSyntaxError(`found '${text}', expected: !, identifier, or 'end of string'`);
      }
      try {
        requirements.push(this.#requirement());
      } catch (error) {
        if (!(error instanceof SelectorSyntaxError)) throw error;
        throw new SelectorSyntaxError(`unable to parse requirement: ${error.message}`);
      }
      const separator = this.#takeValue();
      if (separator.token === 'end') break;
      if (separator.token !== ',') {
        throw new SelectorSyntaxError(`found '${separator.text}', expected: ',' or 'end of string'`);
      }
      const following = this.#peekValue();
      if (following.token !== 'identifier' && following.token !== '!') {
        throw new SelectorSyntaxError(`found '${following.text}', expected: identifier after ','`);
      }
    }
    return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  #peek(): Scanned {
    return this.#scanned[Math.min(this.#position, this.#scanned.length - 1)] as Scanned;
  }

  /** Where a value can stand, `in` and `notin` are values. */
  #peekValue(): Scanned {
    const next = this.#peek();
    return next.token === 'in' || next.token === 'notin' ? { token: 'identifier', text: next.text } : next;
  }

  #takeValue(): Scanned {
    const next = this.#peekValue();
    this.#position += 1;
    return next;
  }

  #requirement(): LabelRequirement {
    let { token, text } = this.#takeValue();
    const negated = token === '!';
    if (negated) ({ token, text } = this.#takeValue());
    if (token !== 'identifier') throw new SelectorSyntaxError(`found '${text}', expected: identifier`);
    const key = text;
    const problems = checkQualifiedName(key);
    if (problems.length > 0) throw fieldError('<nil>', key, problems.join('; '));
    const next = this.#peekValue().token;
    if (negated || next === 'end' || next === ',') {
      if (negated) return { key, operator: '!', values: [] };
      return { key, operator: 'exists', values: [] };
    }
    return checked(key, ...this.#operatorAndValues());
  }

  #operatorAndValues(): [Operator, string[]] {
    const { token, text } = this.#peek();
    this.#position += 1;
    switch (token) {
      case 'in':
      case 'notin':
        return [token, this.#values()];
      case '=':
      case '==':
      case '!=':
        return [token, [this.#exactValue()]];
      case '>':
        return ['gt', [this.#exactValue()]];
      case '<':
        return ['lt', [this.#exactValue()]];
      default:
        throw new SelectorSyntaxError(`found '${text}', expected: ${BINARY_OPERATORS}`);
    }
  }

  #exactValue(): string {
    const { token } = this.#peekValue();
    if (token === 'end' || token === ',') return '';
    const taken = this.#takeValue();
    if (taken.token !== 'identifier')
      throw new SelectorSyntaxError(`found '${taken.text}', expected: identifier`);
    return taken.text;
  }

  #values(): string[] {
    const open = this.#takeValue();
    if (open.token !== '(') throw new SelectorSyntaxError(`found '${open.text}' expected: '('`);
    const first = this.#peekValue();
    if (first.token === ')') {
      this.#takeValue();
      return [''];
    }
    if (first.token !== 'identifier' && first.token !== ',') {
      throw new SelectorSyntaxError(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = this.#valueList();
    if (this.#takeValue().token !== ')') {
      throw new SelectorSyntaxError(`found '${first.text}', expected: ')'`);
    }
    return [...values].sort();
  }

  /** Empty values stand between commas: `(,a)`, `(a,,b)`, `(a,)`. */
  #valueList(): Set<string> {
    const values = new Set<string>();
    for (;;) {
      const { token, text } = this.#takeValue();
      if (token === 'identifier') {
        values.add(text);
        const next = this.#peekValue();
        if (next.token === ',') continue;
        if (next.token === ')') return values;
        throw new SelectorSyntaxError(`found '${next.text}', expected: ',' or ')'`);
      }
      if (token !== ',') throw new SelectorSyntaxError(`found '${text}', expected: ',', or identifier`);
      if (values.size === 0) values.add('');
      const next = this.#peekValue().token;
      if (next === ')') {
        values.add('');
        return values;
      }
      if (next === ',') {
        this.#takeValue();
        values.add('');
      }
    }
  }
}

function checked(key: string, operator: Operator, values: string[]): LabelRequirement {
  const causes = [];
  if (operator === 'gt' || operator === 'lt') {
    if (!INTEGER.test(values[0] as string)) {
      causes.push(
        invalidValue('values[0]', values[0], "for 'Gt', 'Lt' operators, the value must be an integer"),
      );
    }
  }
  for (const [at, value] of values.entries()) {
    const problems = checkLabelValue(value);
    if (problems.length > 0) causes.push(invalidValue(`values[${at}][${key}]`, value, problems.join('; ')));
  }
  if (causes.length > 0) throw new SelectorSyntaxError(aggregate(causes));
  return { key, operator, values };
}

function fieldError(field: string, value: string, detail: string): SelectorSyntaxError {
  return new SelectorSyntaxError(aggregate([invalidValue(field, value, detail)]));
}
