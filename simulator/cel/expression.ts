/** Expressions checked and run, with what is wrong in the words of cel-go. */
import {
  type ASTNode,
  type Environment,
  EvaluationError,
  ParseError,
  TypeError as CheckError,
} from '@marcbachmann/cel-js';

/** An expression ready to run. `type` is what it gives: `bool`, `string`, `dyn`. */
export interface CelProgram {
  readonly source: string;
  readonly type: string;
  /** Names of variables it reads, whether it binds some of them itself or not. */
  readonly reads: ReadonlySet<string>;
  /** @throws CelError when the evaluation fails. */
  run(variables: Readonly<Record<string, unknown>>): unknown;
}

/** Why an evaluation failed, as cel-go says it: `no such key: x`. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

export type Compiled = { readonly program: CelProgram } | { readonly error: string };

/** Checks an expression. `error` is cel-go's report with the place marked; nothing is thrown. */
export function compileExpression(environment: Environment, source: string): Compiled {
  // The argument of format is the one list of a rule that may mix types.
  const env = source.includes('.format(')
    ? environment.clone({ ...environment.opts, homogeneousAggregateLiterals: false })
    : environment;
  try {
    const parsed = env.parse(source);
    const checked = parsed.check();
    if (!checked.valid) return { error: report(source, checked.error as CheckError) };
    return {
      program: {
        source,
        type: checked.type ?? 'dyn',
        reads: namesIn(parsed.ast),
        run: variables => {
          try {
            return parsed(variables);
          } catch (error) {
            throw new CelError(runtimeText(error));
          }
        },
      },
    };
  } catch (error) {
    if (error instanceof ParseError || error instanceof CheckError) return { error: report(source, error) };
    throw error;
  }
}

function namesIn(ast: ASTNode): Set<string> {
  const names = new Set<string>();
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(walk);
    else if (typeof part === 'object' && part !== null && 'op' in part && 'args' in part) {
      if (part.op === 'id') names.add(part.args as string);
      else walk(part.args);
    }
  };
  walk(ast);
  return names;
}

function report(source: string, error: ParseError | CheckError): string {
  const offset = Math.min(placeOf(source, error), source.length);
  const before = source.slice(0, offset).split('\n');
  const column = (before[before.length - 1] as string).length;
  const line = source.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${before.length}:${column + 1}: ${checkText(error)}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

/** cel-go marks selections at their dot, calls at their parenthesis and operators at themselves. */
function placeOf(source: string, error: ParseError | CheckError): number {
  const { node } = error;
  const start = node?.pos ?? 0;
  const end = node?.range?.end ?? node?.end ?? start;
  if (error.code === 'unknown_variable' || !node?.op) return start;
  const args = node.args as { end?: number; range?: { end: number } }[] | undefined;
  if (node.op === '.') return start > 0 && source[start] !== '.' ? start - 1 : start;
  if (node.op === 'call' || node.op === 'rcall') {
    const paren = source.indexOf('(', node.op === 'call' ? start : (ends(args?.[1]) ?? start));
    return paren < 0 || paren > end ? start : paren;
  }
  if (Array.isArray(args) && args.length === 2 && !/[[\]?]/.test(node.op)) {
    const after = ends(args[0]);
    const at = after === undefined ? -1 : source.indexOf(node.op, after);
    if (at >= 0) return at;
  }
  return start;
}

function ends(node: unknown): number | undefined {
  return (node as { range?: { end: number } } | undefined)?.range?.end;
}

const NO_OVERLOAD = /^no such overload: (.+?) (==|!=|<=|>=|<|>|\+|-|\*|\/|%|in) (.+)$/;
const NO_FUNCTION = /^found no matching overload for '(?:(.+)\.)?(\w+)\((.*)\)'$/s;

/** What cel-js reports, as cel-go says it; what has no counterpart stays. */
function checkText(error: ParseError | CheckError): string {
  const text = error.summary;
  const operator = NO_OVERLOAD.exec(text);
  if (operator) {
    const [, left = '', name = '', right = ''] = operator;
    const symbol = name === 'in' ? '@in' : `_${name}_`;
    return `found no matching overload for '${symbol}' applied to '(${goType(left)}, ${goType(right)})'`;
  }
  const call = NO_FUNCTION.exec(text);
  if (call) {
    const [, receiver, name = '', args = ''] = call;
    const applied = receiver === undefined ? `(${goType(args)})` : `${goType(receiver)}.(${goType(args)})`;
    return `found no matching overload for '${name}' applied to '${applied}'`;
  }
  if (text.startsWith('No such key: ')) return `undefined field '${text.slice(13)}'`;
  if (text.startsWith('Unknown variable: ')) {
    return `undeclared reference to '${text.slice(18)}' (in container '')`;
  }
  if (text.startsWith('Cannot index type ')) {
    const type = text.slice(18).replaceAll("'", '');
    return `type '${goType(type)}' does not support field selection`;
  }
  if (text === 'Unexpected token: EOF')
    return "Syntax error: mismatched input '<EOF>' expecting an expression";
  if (error instanceof ParseError) return `Syntax error: ${text}`;
  if (text.startsWith('List elements must have the same type')) {
    const types = /'(.+)' but found '(.+)'/.exec(text);
    return `expected type '${goType(types?.[1] ?? '')}' but found '${goType(types?.[2] ?? '')}'`;
  }
  return text;
}

/** `list<string>` → `list(string)`. */
function goType(type: string): string {
  return type
    .replaceAll('<', '(')
    .replaceAll('>', ')')
    .replaceAll('google.protobuf.Timestamp', 'timestamp')
    .replaceAll('google.protobuf.Duration', 'duration');
}

function runtimeText(error: unknown): string {
  const text =
    error instanceof EvaluationError ? error.summary : error instanceof Error ? error.message : String(error);
  const index = /^No such key: index out of bounds, index (-?\d+)/.exec(text);
  if (index) return `index out of bounds: ${index[1]}`;
  if (text.startsWith('No such key: ')) return `no such key: ${text.slice(13)}`;
  if (text.startsWith('no such overload') || text.startsWith('found no matching overload'))
    return 'no such overload';
  return text;
}
