/** Runs what shell-syntax.ts reads. One command follows the other; the stages of a pipe run after each other, too. */
import { concatBytes, NO_BYTES, toText } from './bytes.ts';
import { FileError, resolvePath } from './files.ts';
import { type Context, type Effect, INTERRUPTED, Interrupt, type Program, fail, print } from './program.ts';
import { capture, feed, intercept } from './pipes.ts';
import { findProgram } from './programs.ts';
import { PATTERN, evaluate, patternMatcher } from './shell-expansion.ts';
import {
  type Command,
  Incomplete,
  type List,
  type Pipeline,
  type Redirection,
  SyntaxProblem,
  type Word,
  parseScript,
} from './shell-syntax.ts';

/** A loop that waits for nothing still takes its time. */
const TURN_MS = 1;

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

class LoopControl extends Error {
  readonly breaks: boolean;
  constructor(breaks: boolean) {
    super(breaks ? 'break' : 'continue');
    this.breaks = breaks;
  }
}

/** `sh`, `sh -c SCRIPT [NAME [ARGUMENT…]]`, `sh FILE`: reads its input where it has no script. */
export function* shell(parent: Context, name: string, args: readonly string[]): Program {
  const { machine, directory } = parent;
  const context: Context = { machine, variables: new Map(parent.variables), directory };
  let at = 0;
  let script: string | undefined;
  let login = false;
  for (; args[at]?.startsWith('-') || args[at]?.startsWith('+'); at += 1) {
    const flags = args[at] as string;
    if (flags === '--') continue;
    if (/^-[a-z]*c$/.test(flags)) {
      script = args[at + 1];
      if (script === undefined) return yield* fail(`${name}: -c requires an argument`, 2);
      at += 2;
      break;
    }
    login ||= flags.includes('i') || flags.includes('l');
  }
  const interpreter = new Shell(context, name);
  if (script !== undefined) {
    context.variables.set('0', args[at] ?? name);
    interpreter.positional = args.slice(at + 1);
    return yield* interpreter.runText(script);
  }
  const file = args[at];
  if (file !== undefined) {
    const path = resolvePath(context.directory, file);
    if (machine.files.get(path)?.type !== 'file') {
      return yield* fail(`${name}: can't open '${file}': No such file or directory`, 2);
    }
    interpreter.positional = args.slice(at + 1);
    return yield* interpreter.runText(toText(machine.files.read(path)));
  }
  return yield* interpreter.interact();
}

export class Shell {
  readonly #context: Context;
  readonly #name: string;
  positional: readonly string[] = [];
  #status = 0;

  constructor(context: Context, name: string) {
    this.#context = context;
    this.#name = name;
  }

  *runText(text: string): Program {
    try {
      return yield* this.#list(parseScript(text));
    } catch (error) {
      if (error instanceof Exit) return error.code;
      if (error instanceof LoopControl) return this.#status;
      if (error instanceof SyntaxProblem) return yield* fail(`${this.#name}: ${error.message}`, 2);
      throw error;
    }
  }

  /** Line by line, with prompts where a terminal asks for them. */
  *interact(): Program {
    const prompting = this.#context.variables.get('TERM') !== undefined;
    let pending = '';
    let rest = '';
    let ended = false;
    while (!ended || rest !== '') {
      if (!rest.includes('\n') && !ended) {
        if (prompting && rest === '') yield* print(pending === '' ? this.#prompt() : '> ');
        try {
          const bytes = yield { op: 'read' };
          if (bytes === undefined) ended = true;
          else rest += toText(bytes);
        } catch (error) {
          if (!(error instanceof Interrupt)) throw error;
          pending = '';
          this.#status = INTERRUPTED;
        }
        continue;
      }
      const line = rest.indexOf('\n') < 0 ? rest : rest.slice(0, rest.indexOf('\n') + 1);
      rest = rest.slice(line.length);
      pending += line;
      try {
        const list = parseScript(pending);
        pending = '';
        this.#status = yield* this.#list(list);
      } catch (error) {
        if (error instanceof Exit) return error.code;
        if (error instanceof Incomplete && !ended) continue;
        pending = '';
        if (error instanceof SyntaxProblem) this.#status = yield* fail(`${this.#name}: ${error.message}`, 2);
        else if (error instanceof Interrupt) this.#status = INTERRUPTED;
        else if (!(error instanceof LoopControl)) throw error;
      }
    }
    return this.#status;
  }

  #prompt(): string {
    const { machine, directory, variables } = this.#context;
    const end = machine.user.uid === 0 ? '#' : '$';
    const home = variables.get('HOME');
    return `${directory === home ? '~' : directory} ${end} `;
  }

  *#list(list: List): Program {
    for (const pipeline of list) {
      if (pipeline.after === '&&' && this.#status !== 0) continue;
      if (pipeline.after === '||' && this.#status === 0) continue;
      this.#status = yield* this.#pipeline(pipeline);
    }
    return this.#status;
  }

  *#pipeline({ commands, negated }: Pipeline): Program {
    let code = 0;
    let input: Uint8Array | undefined;
    for (const [index, command] of commands.entries()) {
      const program = this.#command(command);
      const fed = input === undefined ? program : feed(program, input);
      if (index === commands.length - 1) {
        code = yield* fed;
      } else {
        const captured = yield* capture(fed);
        input = captured.output;
      }
    }
    return negated ? (code === 0 ? 1 : 0) : code;
  }

  *#command(command: Command): Program {
    const program = command.type === 'simple' ? this.#simple(command) : this.#compound(command);
    return yield* this.#redirect(program, command.redirections);
  }

  *#compound(command: Exclude<Command, { type: 'simple' }>): Program {
    switch (command.type) {
      case 'group':
        return yield* command.subshell ? this.#subshell(command.body) : this.#list(command.body);
      case 'if':
        for (const { condition, body } of command.branches) {
          if ((yield* this.#list(condition)) === 0) return yield* this.#list(body);
        }
        return command.otherwise ? yield* this.#list(command.otherwise) : 0;
      case 'for': {
        let code = 0;
        for (const value of yield* this.#words(command.words)) {
          this.#context.variables.set(command.variable, value);
          const turn = yield* this.#turn(command.body);
          code = turn.code;
          if (turn.breaks) break;
        }
        return code;
      }
      case 'while': {
        let code = 0;
        while (((yield* this.#list(command.condition)) === 0) !== command.until) {
          const turn = yield* this.#turn(command.body);
          code = turn.code;
          if (turn.breaks) break;
          yield { op: 'sleep', span: TURN_MS };
        }
        return code;
      }
    }
  }

  *#turn(body: List): Generator<Effect, { code: number; breaks: boolean }, Uint8Array | undefined> {
    try {
      return { code: yield* this.#list(body), breaks: false };
    } catch (error) {
      if (error instanceof LoopControl) return { code: 0, breaks: error.breaks };
      throw error;
    }
  }

  *#subshell(body: List): Program {
    const { machine, variables, directory } = this.#context;
    const inner = new Shell({ machine, variables: new Map(variables), directory }, this.#name);
    inner.positional = this.positional;
    try {
      return yield* inner.#list(body);
    } catch (error) {
      if (error instanceof Exit) return error.code;
      throw error;
    }
  }

  *#redirect(program: Program, redirections: readonly Redirection[]): Program {
    if (redirections.length === 0) return yield* program;
    const { machine } = this.#context;
    const targets: Record<'stdout' | 'stderr', string> = { stdout: 'stdout', stderr: 'stderr' };
    let input: Uint8Array | undefined;
    for (const { from, to, append } of redirections) {
      if (to === 'stdout' || to === 'stderr') {
        if (from !== 'stdin') targets[from] = targets[to];
        continue;
      }
      const name = (yield* this.#words([to])).join(' ');
      const path = resolvePath(this.#context.directory, name);
      try {
        if (from === 'stdin') {
          input = path === '/dev/null' ? NO_BYTES : machine.files.read(path);
          continue;
        }
        if (path !== '/dev/null' && !(append && machine.files.get(path))) {
          machine.files.write(path, NO_BYTES, machine.now);
        }
        targets[from] = path;
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        const what = from === 'stdin' ? `can't open ${name}` : `can't create ${name}`;
        return yield* fail(`${this.#name}: ${what}: ${error.message}`, 1);
      }
    }
    try {
      return yield* this.#redirected(input === undefined ? program : feed(program, input), targets);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return yield* fail(`${this.#name}: write error: ${error.message}`);
    }
  }

  #redirected(program: Program, targets: Record<'stdout' | 'stderr', string>): Program {
    const { machine } = this.#context;
    return intercept(program, effect => {
      if (effect.op !== 'write') return effect;
      const target = targets[effect.to];
      if (target === 'stdout' || target === 'stderr') return { ...effect, to: target };
      if (target !== '/dev/null') {
        const before = machine.files.get(target)?.content ?? NO_BYTES;
        machine.files.write(target, concatBytes([before, effect.bytes]), machine.now);
      }
      return { answer: undefined };
    });
  }

  *#simple(command: Extract<Command, { type: 'simple' }>): Program {
    const words = yield* this.#words(command.words);
    const assigned = new Map<string, string>();
    for (const [name, value] of command.assignments) assigned.set(name, yield* this.#text(value));
    const [name, ...args] = words;
    if (name === undefined) {
      for (const [variable, value] of assigned) this.#context.variables.set(variable, value);
      return assigned.size > 0 && command.words.length === 0 ? 0 : this.#status;
    }
    const builtIn = this.#builtIn(name, args);
    if (builtIn) return yield* builtIn;
    const context: Context = {
      machine: this.#context.machine,
      variables:
        assigned.size === 0 ? this.#context.variables : new Map([...this.#context.variables, ...assigned]),
      directory: this.#context.directory,
    };
    const program = findProgram(context, name);
    if (!program) {
      const missing = name.includes('/') ? 'No such file or directory' : 'not found';
      return yield* fail(`${this.#name}: ${name}: ${missing}`, 127);
    }
    return yield* program(context, args, name);
  }

  #builtIn(name: string, args: readonly string[]): Program | undefined {
    switch (name) {
      case 'cd':
        return this.#changeDirectory(args[0]);
      case 'exit':
        throw new Exit(args[0] === undefined ? this.#status : Number.parseInt(args[0], 10) & 0xff);
      case 'break':
      case 'continue':
        throw new LoopControl(name === 'break');
      case 'export':
        return this.#export(args);
      case 'unset':
        for (const variable of args) this.#context.variables.delete(variable);
        return print('');
      case 'exec':
        return this.#exec(args);
      case 'set':
      case 'trap':
      case 'umask':
      case 'wait':
        return print('');
      case 'read':
        return this.#read(args);
      default:
        return undefined;
    }
  }

  *#exec(args: readonly string[]): Program {
    const [name, ...rest] = args;
    if (name === undefined) return 0;
    const program = findProgram(this.#context, name);
    if (!program) throw new Exit(yield* fail(`${this.#name}: exec: ${name}: not found`, 127));
    throw new Exit(yield* program(this.#context, rest, name));
  }

  *#changeDirectory(to: string | undefined): Program {
    const { machine } = this.#context;
    const target = to ?? this.#context.variables.get('HOME') ?? '/';
    const path = resolvePath(this.#context.directory, target);
    const entry = machine.files.get(path);
    if (entry?.type !== 'directory') {
      const problem = entry ? 'Not a directory' : 'No such file or directory';
      return yield* fail(`${this.#name}: cd: can't cd to ${target}: ${problem}`, 2);
    }
    this.#context.directory = path;
    this.#context.variables.set('PWD', path);
    return 0;
  }

  *#export(args: readonly string[]): Program {
    for (const arg of args) {
      const equals = arg.indexOf('=');
      if (equals > 0) this.#context.variables.set(arg.slice(0, equals), arg.slice(equals + 1));
    }
    if (args.length > 0) return 0;
    for (const [name, value] of this.#context.variables) yield* print(`export ${name}='${value}'\n`);
    return 0;
  }

  *#read(args: readonly string[]): Program {
    const bytes = yield { op: 'read' };
    if (bytes === undefined) return 1;
    const names = args.filter(arg => !arg.startsWith('-'));
    this.#context.variables.set(names[0] ?? 'REPLY', toText(bytes).replace(/\n$/, ''));
    return 0;
  }

  /** Expands words: variables, commands, fields, file names. */
  *#words(words: readonly Word[]): Generator<Effect, string[], Uint8Array | undefined> {
    const found: string[] = [];
    for (const word of words) {
      let fields: string[] = [];
      let open = false;
      let glob = false;
      const add = (text: string) => {
        if (open) fields[fields.length - 1] += text;
        else fields.push(text);
        open = true;
      };
      for (const part of word) {
        if (part.type === 'text') {
          add(part.text);
          if (!part.quoted && PATTERN.test(part.text)) glob = true;
        } else if (part.type === 'variable' && part.name === '@' && part.quoted) {
          for (const [index, value] of this.positional.entries()) {
            if (index > 0) open = false;
            add(value);
          }
        } else {
          const value = yield* this.#value(part);
          if (part.type === 'arithmetic' || part.quoted) add(value);
          else {
            const pieces = value.split(/[ \t\n]+/);
            for (const [index, piece] of pieces.entries()) {
              if (index > 0) open = false;
              if (piece !== '') add(piece);
            }
          }
        }
      }
      if (glob) fields = fields.flatMap(field => this.#glob(field));
      found.push(...fields);
    }
    return found;
  }

  /** One word as one text, as assignments take it. */
  *#text(word: Word): Generator<Effect, string, Uint8Array | undefined> {
    let text = '';
    for (const part of word) text += part.type === 'text' ? part.text : yield* this.#value(part);
    return text;
  }

  *#value(part: Exclude<Word[number], { type: 'text' }>): Generator<Effect, string, Uint8Array | undefined> {
    if (part.type === 'command') {
      const { output } = yield* capture(this.#subshell(part.list));
      return toText(output).replace(/\n+$/, '');
    }
    if (part.type === 'arithmetic') return String(evaluate(part.text, name => this.#variable(name)));
    const value = this.#variable(part.name);
    return (value === undefined || value === '') && part.fallback !== undefined
      ? part.fallback
      : (value ?? '');
  }

  #variable(name: string): string | undefined {
    if (name === '?') return String(this.#status);
    if (name === '$') return '1';
    if (name === '#') return String(this.positional.length);
    if (name === '@' || name === '*') return this.positional.join(' ');
    if (/^[1-9]$/.test(name)) return this.positional[Number(name) - 1];
    return this.#context.variables.get(name);
  }

  /** File names that a pattern matches in its last part; itself where there are none. */
  #glob(pattern: string): string[] {
    const slash = pattern.lastIndexOf('/');
    const directory = pattern.slice(0, slash + 1);
    const last = pattern.slice(slash + 1);
    if (/[*?[]/.test(directory)) return [pattern];
    const matcher = patternMatcher(last);
    if (!matcher) return [pattern];
    const names = this.#context.machine.files
      .list(resolvePath(this.#context.directory, directory || '.'))
      .filter(name => matcher.test(name) && (!name.startsWith('.') || last.startsWith('.')));
    return names.length > 0 ? names.map(name => directory + name) : [pattern];
  }
}
