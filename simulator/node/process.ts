/**
 * What a container's command does, as far as it can be told from its text: how long it runs, how it ends and what it
 * prints. A small shell: sequences, `&&`, `||`, `for` over words; everything else runs until it is stopped.
 */
import { HOUR, MINUTE, SECOND } from '../clock/index.ts';
import type { Container } from '../types/core.ts';
import type { Millis } from '../types/meta.ts';
import { defaultCommand } from './images.ts';

export interface Process {
  /** Absent: until it is stopped, as far as can be told. */
  readonly runsFor?: Millis;
  /** Its text says that it never ends by itself. */
  readonly endless?: true;
  readonly exitCode?: number;
  /** What it prints, at once; complete with line ends. */
  readonly output: string;
}

/** A command that has ended, or that never does. */
interface Outcome {
  readonly runsFor: Millis;
  readonly exitCode: number;
  readonly output: string;
  readonly forever?: boolean;
  /** Not only for want of knowing better. */
  readonly endless?: true;
  /** The whole shell ends with it. */
  readonly exits?: boolean;
}

const DONE: Outcome = { runsFor: 0, exitCode: 0, output: '' };
const FOREVER: Outcome = { ...DONE, forever: true };
const ENDLESS: Outcome = { ...FOREVER, endless: true };
const HELLO =
  '\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n';
const SHELLS = new Set(['ash', 'bash', 'sh']);

/** Programs by name that end by themselves. */
const PROGRAMS: Readonly<Record<string, (args: readonly string[]) => Outcome>> = {
  ':': () => DONE,
  cat: args => (args.length > 0 ? DONE : FOREVER),
  date: () => DONE,
  echo: args => echo(args),
  env: () => DONE,
  exit: ([code = '0']) => ({ ...DONE, exitCode: Number.parseInt(code, 10) & 0xff || 0, exits: true }),
  false: () => ({ ...DONE, exitCode: 1 }),
  hello: () => ({ ...DONE, output: HELLO }),
  hostname: () => DONE,
  id: () => DONE,
  ls: () => DONE,
  mkdir: () => DONE,
  perl: () => ({ ...DONE, runsFor: 5 * SECOND }),
  printf: ([text = '']) => ({ ...DONE, output: text.replaceAll('\\n', '\n') }),
  pwd: () => DONE,
  rm: () => DONE,
  seq: ([last = '1']) => ({ ...DONE, output: counting(Number(last)) }),
  sleep: args => sleep(args),
  touch: () => DONE,
  true: () => DONE,
  uname: () => DONE,
};

export function processOf(container: Container): Process {
  const given = [...(container.command ?? []), ...(container.args ?? [])];
  const interactive = (container as { stdin?: boolean }).stdin === true;
  const outcome = execute(given.length > 0 ? given : defaultCommand(container.image ?? ''));
  if (outcome.endless) return { endless: true, output: outcome.output };
  // What reads its input ends when whoever is attached ends it.
  if (outcome.forever || interactive) return { output: outcome.output };
  return { runsFor: outcome.runsFor, exitCode: outcome.exitCode, output: outcome.output };
}

function execute(words: readonly string[]): Outcome {
  const [first = '', ...args] = words;
  const name = first.slice(first.lastIndexOf('/') + 1);
  if (SHELLS.has(name)) return shell(args);
  if (name === 'exec') return execute(args);
  return Object.hasOwn(PROGRAMS, name)
    ? (PROGRAMS[name] as (args: readonly string[]) => Outcome)(args)
    : FOREVER;
}

/** A shell without a script reads its empty input and ends. */
function shell(args: readonly string[]): Outcome {
  if (args.length === 0) return DONE;
  const flag = args.findIndex(arg => /^-[a-z]*c$/.test(arg));
  if (flag < 0) return FOREVER;
  return new Script(tokens(args[flag + 1] ?? '')).run();
}

function echo(args: readonly string[]): Outcome {
  const bare = args[0] === '-n';
  const words = args.filter((arg, index) => index > 0 || (arg !== '-n' && arg !== '-e'));
  return { ...DONE, output: `${words.join(' ')}${bare ? '' : '\n'}` };
}

const UNITS: Readonly<Record<string, Millis>> = { '': SECOND, s: SECOND, m: MINUTE, h: HOUR, d: 24 * HOUR };

function sleep(args: readonly string[]): Outcome {
  let total = 0;
  for (const arg of args) {
    const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(arg);
    if (!match) return arg === 'infinity' || arg === 'inf' ? ENDLESS : { ...DONE, exitCode: 1 };
    total += Number(match[1]) * (UNITS[match[2] ?? ''] ?? SECOND);
  }
  return args.length === 0 ? { ...DONE, exitCode: 1 } : { ...DONE, runsFor: Math.round(total) };
}

function counting(last: number): string {
  const numbers = Array.from({ length: Math.max(0, Math.min(last, 10_000)) || 0 }, (_, index) => index + 1);
  return numbers.map(number => `${number}\n`).join('');
}

const SEPARATORS = [';;', '&&', '||', ';', '\n', '&', '|', '(', ')'];

interface Token {
  readonly text: string;
  readonly separator: boolean;
}

/** Words with their quotes taken off, and what stands between commands. */
function tokens(script: string): Token[] {
  const found: Token[] = [];
  let word: string | undefined;
  const flush = () => {
    if (word !== undefined) found.push({ text: word, separator: false });
    word = undefined;
  };
  for (let at = 0; at < script.length; ) {
    const character = script[at] as string;
    const separator = SEPARATORS.find(each => script.startsWith(each, at));
    if (character === "'" || character === '"') {
      const end = script.indexOf(character, at + 1);
      const stop = end < 0 ? script.length : end;
      word = (word ?? '') + script.slice(at + 1, stop);
      at = stop + 1;
    } else if (separator) {
      flush();
      found.push({ text: separator, separator: true });
      at += separator.length;
    } else if (character === '#' && word === undefined) {
      const end = script.indexOf('\n', at);
      at = end < 0 ? script.length : end;
    } else if (character === ' ' || character === '\t') {
      flush();
      at += 1;
    } else if (character === '\\' && at + 1 < script.length) {
      if (script[at + 1] !== '\n') word = (word ?? '') + script[at + 1];
      at += 2;
    } else {
      word = (word ?? '') + character;
      at += 1;
    }
  }
  flush();
  return found;
}

const UNKNOWN_SYNTAX = new Set(['case', 'if', 'until', '{', 'function', 'select']);

class Script {
  readonly #tokens: readonly Token[];
  readonly #variables: ReadonlyMap<string, string>;

  constructor(list: readonly Token[], variables: ReadonlyMap<string, string> = new Map()) {
    this.#tokens = list;
    this.#variables = variables;
  }

  run(): Outcome {
    let total: Outcome = DONE;
    let skip = false;
    let at = 0;
    while (at < this.#tokens.length) {
      const token = this.#tokens[at] as Token;
      if (token.separator) {
        if (token.text === '&&') skip = total.exitCode !== 0;
        else if (token.text === '||') skip = total.exitCode === 0;
        else if (token.text === ';' || token.text === '\n') skip = false;
        // What runs in the background, in a pipe or in a subshell is beyond this shell.
        else return { ...total, forever: true };
        at += 1;
        continue;
      }
      const { outcome, next } = this.#command(at);
      at = next;
      if (skip) continue;
      total = {
        ...outcome,
        runsFor: total.runsFor + outcome.runsFor,
        output: total.output + outcome.output,
      };
      if (outcome.forever || outcome.exits) return total;
    }
    return total;
  }

  #command(at: number): { outcome: Outcome; next: number } {
    const { text } = this.#tokens[at] as Token;
    if (text === 'for' || text === 'while') return this.#loop(at);
    if (UNKNOWN_SYNTAX.has(text)) return { outcome: FOREVER, next: this.#tokens.length };
    let next = at;
    while (next < this.#tokens.length && !this.#tokens[next]?.separator) next += 1;
    const words = this.#tokens.slice(at, next).map(token => this.#expand(token.text));
    const kept = withoutRedirections(words);
    const outcome = execute(kept);
    return { outcome: kept.length === words.length ? outcome : { ...outcome, output: '' }, next };
  }

  /** `for x in words; do …; done`; a `while` is taken to run until it is stopped. */
  #loop(at: number): { outcome: Outcome; next: number } {
    const is = (index: number, text: string) => {
      const token = this.#tokens[index];
      return token !== undefined && !token.separator && token.text === text;
    };
    let start = at;
    while (start < this.#tokens.length && !is(start, 'do')) start += 1;
    let end = start;
    for (let depth = 0; end < this.#tokens.length; end += 1) {
      if (is(end, 'do')) depth += 1;
      else if (is(end, 'done')) depth -= 1;
      if (depth === 0) break;
    }
    const variable = this.#tokens[at + 1]?.text;
    const always = variable === 'true' || variable === ':';
    if (is(at, 'while') && always) return { outcome: ENDLESS, next: this.#tokens.length };
    if (is(at, 'while') || variable === undefined || !is(at + 2, 'in') || end >= this.#tokens.length) {
      return { outcome: FOREVER, next: this.#tokens.length };
    }
    const words = this.#tokens.slice(at + 3, start).filter(token => !token.separator);
    const body = this.#tokens.slice(start + 1, end);
    let total = DONE;
    for (const word of words) {
      const variables = new Map(this.#variables).set(variable, this.#expand(word.text));
      const outcome = new Script(body, variables).run();
      total = {
        ...outcome,
        runsFor: total.runsFor + outcome.runsFor,
        output: total.output + outcome.output,
      };
      if (outcome.forever || outcome.exits) break;
    }
    return { outcome: total, next: end + 1 };
  }

  #expand(word: string): string {
    if (!word.includes('$')) return word;
    return word.replace(/\$\{?(\w+)\}?/g, (all, name: string) => this.#variables.get(name) ?? all);
  }
}

function withoutRedirections(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string;
    if (/^\d?>>?$/.test(word) || word === '<') at += 1;
    else if (!/^\d?>>?[^>]/.test(word)) kept.push(word);
  }
  return kept;
}
