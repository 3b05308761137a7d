/** Programs that print and filter text (behaviour and messages of BusyBox 1.37). */
import { SECOND } from '../../clock/index.ts';
import { concatBytes, toBytes, toText } from '../bytes.ts';
import { FileError, resolvePath } from '../files.ts';
import { type Context, type Effect, type Program, fail, print, readAll } from '../program.ts';
import type { NamedProgram } from '../programs.ts';
import { splitOptions } from './options.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  a: '\x07',
  e: '\x1b',
  '0': '\0',
};

function unescape(text: string): string {
  return text.replace(/\\([ntr\\ae0])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

function* echo(_: Context, args: readonly string[]): Program {
  let at = 0;
  let newLine = true;
  let escapes = false;
  for (; /^-[neE]+$/.test(args[at] ?? ''); at += 1) {
    newLine &&= !args[at]?.includes('n');
    escapes ||= args[at]?.includes('e') ?? false;
  }
  const text = args.slice(at).join(' ');
  return yield* print(`${escapes ? unescape(text) : text}${newLine ? '\n' : ''}`);
}

function* printf(_: Context, args: readonly string[], name: string): Program {
  const [format, ...values] = args;
  if (format === undefined) return yield* fail(`${name}: usage: printf FORMAT [ARG]...`);
  let text = '';
  let at = 0;
  do {
    text += unescape(format).replace(/%(-?0?\d*)([sdi%])/g, (_all, width: string, kind: string) => {
      if (kind === '%') return '%';
      const value = values[at++] ?? '';
      const shown = kind === 's' ? value : String(Number.parseInt(value || '0', 10) || 0);
      const size = Math.abs(Number.parseInt(width || '0', 10));
      if (width.startsWith('-')) return shown.padEnd(size);
      return shown.padStart(size, width.startsWith('0') ? '0' : ' ');
    });
  } while (at > 0 && at < values.length);
  return yield* print(text);
}

type Input = Generator<Effect, Uint8Array | undefined, Uint8Array | undefined>;

/** A file's content, or standard input for `-`; undefined where there is no such file, which has been said. */
function* inputOf(context: Context, file: string, name: string): Input {
  if (file === '-') return concatBytes([toBytes(''), ...(yield* readAll())]);
  try {
    return context.machine.files.read(resolvePath(context.directory, file));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    yield* fail(`${name}: ${file}: ${error.message}`);
    return undefined;
  }
}

function linesOf(bytes: Uint8Array): string[] {
  const lines = toText(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const asLines = (lines: readonly string[]) => lines.map(line => `${line}\n`).join('');

/** A program that looks at each of its inputs as lines. */
function filter(
  valued: readonly string[],
  work: (
    lines: string[],
    options: ReturnType<typeof splitOptions>,
    file: string,
  ) => { text: string; code?: number },
  leading = 0,
): NamedProgram {
  return function* (context, args, name) {
    const options = splitOptions(args, valued);
    const files = options.rest.slice(leading);
    let code = 0;
    for (const file of files.length > 0 ? files : ['-']) {
      const bytes = yield* inputOf(context, file, name);
      if (bytes === undefined) {
        code = 1;
        continue;
      }
      const done = work(linesOf(bytes), options, file);
      yield* print(done.text);
      code ||= done.code ?? 0;
    }
    return code;
  };
}

const head = filter(['n', 'c'], (lines, { values }) => ({
  text: asLines(lines.slice(0, Number(values.get('n') ?? 10))),
}));

/** `tail -f` waits for what is added to its file, and for `/dev/null` without an end. */
function* tail(context: Context, args: readonly string[], name: string): Program {
  const { flags, values, rest } = splitOptions(args, ['n', 'c']);
  const count = values.get('n') ?? '10';
  const file = rest[0] ?? '-';
  const bytes = file === '/dev/null' ? toBytes('') : yield* inputOf(context, file, name);
  if (bytes === undefined && !flags.has('F')) return 1;
  const lines = linesOf(bytes ?? toBytes(''));
  yield* print(
    asLines(
      count.startsWith('+') ? lines.slice(Number(count) - 1) : lines.slice(-Number(count) || lines.length),
    ),
  );
  if (!flags.has('f') && !flags.has('F')) return 0;
  const path = resolvePath(context.directory, file);
  for (let seen = bytes?.length ?? 0; ; ) {
    yield { op: 'sleep', span: SECOND };
    const content = context.machine.files.get(path)?.content;
    if (content && content.length > seen) yield { op: 'write', to: 'stdout', bytes: content.subarray(seen) };
    seen = content?.length ?? 0;
  }
}

function* grep(context: Context, args: readonly string[], name: string): Program {
  const { flags, values, rest } = splitOptions(args, ['e', 'm']);
  const pattern = values.get('e') ?? rest[0];
  if (pattern === undefined) return yield* fail(`${name}: no pattern`, 2);
  const files = values.has('e') ? rest : rest.slice(1);
  let matcher: RegExp;
  try {
    const source = flags.has('F') ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern;
    matcher = new RegExp(source, flags.has('i') ? 'i' : '');
  } catch {
    return yield* fail(`${name}: bad regex '${pattern}'`, 2);
  }
  let found = false;
  let failed = false;
  for (const file of files.length > 0 ? files : ['-']) {
    const bytes = yield* inputOf(context, file, name);
    if (bytes === undefined) {
      failed = true;
      continue;
    }
    const prefix = files.length > 1 && !flags.has('h') ? `${file}:` : '';
    let matches = linesOf(bytes).flatMap((line, index) =>
      matcher.test(line) === flags.has('v')
        ? []
        : [`${prefix}${flags.has('n') ? `${index + 1}:` : ''}${line}`],
    );
    if (values.has('m')) matches = matches.slice(0, Number(values.get('m')));
    found ||= matches.length > 0;
    if (flags.has('q')) continue;
    yield* print(flags.has('c') ? `${prefix}${matches.length}\n` : asLines(matches));
  }
  return failed ? 2 : found ? 0 : 1;
}

const wc = filter([], (lines, { flags }, file) => {
  const text = asLines(lines);
  const words = text.split(/\s+/).filter(word => word !== '').length;
  const counts = [
    ...(flags.has('l') || flags.size === 0 ? [lines.length] : []),
    ...(flags.has('w') || flags.size === 0 ? [words] : []),
    ...(flags.has('c') || flags.size === 0 ? [toBytes(text).length] : []),
  ];
  const shown =
    counts.length === 1 && file === '-'
      ? String(counts[0])
      : counts.map(count => String(count).padStart(9)).join(' ');
  return { text: `${shown}${file === '-' ? '' : ` ${file}`}\n` };
});

const sort = filter([], (lines, { flags }) => {
  const sorted = flags.has('n')
    ? lines.sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b))
    : lines.sort();
  if (flags.has('r')) sorted.reverse();
  return { text: asLines(flags.has('u') ? [...new Set(sorted)] : sorted) };
});

const uniq = filter([], lines => ({
  text: asLines(lines.filter((line, index) => line !== lines[index - 1])),
}));

function* seq(_: Context, args: readonly string[], name: string): Program {
  const numbers = args.map(Number);
  if (numbers.length === 0 || numbers.some(Number.isNaN))
    return yield* fail(`${name}: invalid number '${args[0] ?? ''}'`);
  const [first, step, last] =
    numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers;
  if (!step) return yield* fail(`${name}: increment is zero`);
  let text = '';
  for (
    let value = first as number;
    step > 0 ? value <= (last as number) : value >= (last as number);
    value += step
  ) {
    text += `${value}\n`;
    if (text.length > 4096) {
      yield* print(text);
      text = '';
    }
  }
  return yield* print(text);
}

export const textPrograms: Readonly<Record<string, NamedProgram>> = {
  echo,
  grep,
  head,
  printf,
  seq,
  sort,
  tail,
  uniq,
  wc,
};
