/** Programs that tell of the machine and of time (behaviour and messages of BusyBox 1.37). */
import { HOUR, MINUTE, SECOND, timestamp } from '../../clock/index.ts';
import { resolvePath } from '../files.ts';
import { type Context, type Program, fail, print } from '../program.ts';
import type { NamedProgram } from '../programs.ts';
import { splitOptions } from './options.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const UNITS: Readonly<Record<string, number>> = { '': SECOND, s: SECOND, m: MINUTE, h: HOUR, d: 24 * HOUR };
const FOREVER = 100 * 365 * 24 * HOUR;

function* date({ machine }: Context, args: readonly string[], name: string): Program {
  const { rest } = splitOptions(args);
  const now = machine.now;
  const text = timestamp(now);
  const month = MONTHS[Number(text.slice(5, 7)) - 1] ?? '';
  const weekday = DAYS[(Math.floor(now / (24 * HOUR)) + 4) % 7] ?? '';
  const day = text.slice(8, 10);
  const time = text.slice(11, 19);
  const format = rest[0];
  if (format === undefined)
    return yield* print(`${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} UTC ${text.slice(0, 4)}\n`);
  if (!format.startsWith('+')) return yield* fail(`${name}: can't set date: Operation not permitted`);
  const fields: Readonly<Record<string, string>> = {
    Y: text.slice(0, 4),
    m: text.slice(5, 7),
    d: day,
    H: text.slice(11, 13),
    M: text.slice(14, 16),
    S: text.slice(17, 19),
    N: `${String(now % 1000).padStart(3, '0')}000000`,
    s: String(Math.floor(now / 1000)),
    F: text.slice(0, 10),
    T: time,
    a: weekday,
    b: month,
    Z: 'UTC',
    z: '+0000',
    '%': '%',
  };
  return yield* print(`${format.slice(1).replace(/%(.)/g, (all, key: string) => fields[key] ?? all)}\n`);
}

function* env({ variables }: Context, args: readonly string[], name: string): Program {
  if (args.length > 0) return yield* fail(`${name}: running programs by env is not supported`);
  let text = '';
  for (const [key, value] of variables) if (!/^\d$/.test(key)) text += `${key}=${value}\n`;
  return yield* print(text);
}

function* printenv(context: Context, args: readonly string[]): Program {
  const [name] = args;
  if (name === undefined) return yield* env(context, [], 'env');
  const value = context.variables.get(name);
  if (value === undefined) return 1;
  return yield* print(`${value}\n`);
}

function* hostname({ machine }: Context): Program {
  return yield* print(`${machine.hostname}\n`);
}

function* id({ machine }: Context, args: readonly string[]): Program {
  const { uid, gid, name } = machine.user;
  const { flags } = splitOptions(args);
  if (flags.has('n') && flags.has('u')) return yield* print(`${name}\n`);
  if (flags.has('u')) return yield* print(`${uid}\n`);
  if (flags.has('g') || flags.has('G')) return yield* print(`${gid}\n`);
  const group = gid === 0 ? '(root)' : '';
  return yield* print(`uid=${uid}(${name}) gid=${gid}${group} groups=${gid}${group}\n`);
}

function* whoami({ machine }: Context): Program {
  return yield* print(`${machine.user.name}\n`);
}

function* ps({ machine }: Context): Program {
  const row = (pid: number, command: string) =>
    `${String(pid).padStart(5)} ${machine.user.name.padEnd(8)}  0:00 ${command}\n`;
  return yield* print(`  PID USER     TIME  COMMAND\n${row(1, machine.mainCommand)}${row(7, 'ps')}`);
}

function* uname({ machine }: Context, args: readonly string[]): Program {
  const { flags } = splitOptions(args);
  const parts = {
    s: 'Linux',
    n: machine.hostname,
    r: machine.kernel,
    v: '#1 SMP',
    m: 'x86_64',
    o: 'GNU/Linux',
  };
  const all = flags.has('a');
  const shown = Object.entries(parts).filter(([flag]) => all || flags.has(flag));
  return yield* print(
    `${(shown.length > 0 ? shown : [['s', parts.s]]).map(([, value]) => value).join(' ')}\n`,
  );
}

function* uptime({ machine }: Context): Program {
  const span = machine.now - machine.startedAt;
  const minutes = Math.floor(span / MINUTE);
  const up =
    minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  return yield* print(
    ` ${timestamp(machine.now).slice(11, 19)} up ${up},  0 users,  load average: 0.00, 0.00, 0.00\n`,
  );
}

function* pwd({ directory }: Context): Program {
  return yield* print(`${directory}\n`);
}

function* sleep(_: Context, args: readonly string[], name: string): Program {
  if (args.length === 0) return yield* fail(`${name}: missing operand`);
  let span = 0;
  for (const arg of args) {
    const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(arg);
    if (match) span += Number(match[1]) * (UNITS[match[2] ?? ''] ?? SECOND);
    else if (/^inf(inity)?$/.test(arg)) span = FOREVER;
    else return yield* fail(`${name}: invalid number '${arg}'`);
  }
  yield { op: 'sleep', span: Math.round(span) };
  return 0;
}

function* pause(): Program {
  yield { op: 'sleep', span: FOREVER };
  return 0;
}

/** `test` and `[`. */
function* test(context: Context, args: readonly string[], name: string): Program {
  let words = [...args];
  if (name.endsWith('[')) {
    if (words.at(-1) !== ']') return yield* fail(`${name}: missing ]`, 2);
    words = words.slice(0, -1);
  }
  const result = judge(context, words);
  if (typeof result === 'string') return yield* fail(`${name}: ${result}`, 2);
  return result ? 0 : 1;
}

function judge(context: Context, words: readonly string[]): boolean | string {
  if (words[0] === '!') {
    const inner = judge(context, words.slice(1));
    return typeof inner === 'string' ? inner : !inner;
  }
  for (const [operator, both] of [
    ['-o', false],
    ['-a', true],
  ] as const) {
    const at = words.indexOf(operator);
    if (at <= 0) continue;
    const left = judge(context, words.slice(0, at));
    const right = judge(context, words.slice(at + 1));
    if (typeof left === 'string') return left;
    if (typeof right === 'string') return right;
    return both ? left && right : left || right;
  }
  const [first = '', second = '', third] = words;
  if (words.length === 0) return false;
  if (words.length === 1) return first !== '';
  if (words.length === 2) return unary(context, first, second);
  return words.length === 3 ? binary(first, second, third ?? '') : `${first}: unknown operand`;
}

function unary(context: Context, operator: string, operand: string): boolean | string {
  const entry = () => context.machine.files.get(resolvePath(context.directory, operand));
  switch (operator) {
    case '-z':
      return operand === '';
    case '-n':
      return operand !== '';
    case '-e':
    case '-r':
    case '-w':
      return entry() !== undefined;
    case '-f':
      return entry()?.type === 'file';
    case '-d':
      return entry()?.type === 'directory';
    case '-s':
      return (entry()?.content.length ?? 0) > 0;
    case '-x':
      return ((entry()?.mode ?? 0) & 0o111) !== 0;
    case '-L':
    case '-h':
    case '-b':
    case '-c':
    case '-S':
      return false;
    default:
      return `${operator}: unknown operand`;
  }
}

function binary(left: string, operator: string, right: string): boolean | string {
  if (operator === '=' || operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const [a, b] = [Number(left), Number(right)];
  switch (operator) {
    case '-eq':
      return a === b;
    case '-ne':
      return a !== b;
    case '-lt':
      return a < b;
    case '-le':
      return a <= b;
    case '-gt':
      return a > b;
    case '-ge':
      return a >= b;
    default:
      return `${operator}: unknown operand`;
  }
}

function* succeed(): Program {
  return 0;
}

function* refuse(): Program {
  return 1;
}

export const systemPrograms: Readonly<Record<string, NamedProgram>> = {
  ':': succeed,
  '[': test,
  date,
  env,
  false: refuse,
  hostname,
  id,
  pause,
  printenv,
  ps,
  pwd,
  sleep,
  test,
  true: succeed,
  uname,
  uptime,
  whoami,
};
