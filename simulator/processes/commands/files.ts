/** Programs that read and change files (behaviour and messages of BusyBox 1.37). */
import { timestamp } from '../../clock/index.ts';
import { concatBytes, NO_BYTES } from '../bytes.ts';
import { type FileEntry, FileError, baseName, resolvePath } from '../files.ts';
import { type Context, type Program, fail, print } from '../program.ts';
import type { NamedProgram } from '../programs.ts';
import { splitOptions } from './options.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Runs an operation on a file and tells of what went wrong with it. */
function* attempt(message: (error: string) => string, operation: () => void): Program {
  try {
    operation();
    return 0;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return yield* fail(message(error.message));
  }
}

function* ls(context: Context, args: readonly string[], name: string): Program {
  const { flags, rest } = splitOptions(args);
  const { files } = context.machine;
  let code = 0;
  const given = rest.length > 0 ? rest : ['.'];
  const plain: string[] = [];
  const directories: string[] = [];
  for (const each of given) {
    const entry = files.get(resolvePath(context.directory, each));
    if (!entry) code = yield* fail(`${name}: ${each}: No such file or directory`);
    else (entry.type === 'directory' && !flags.has('d') ? directories : plain).push(each);
  }
  const line = (shown: string, entry: FileEntry | undefined) =>
    flags.has('l') && entry ? `${longForm(entry)} ${shown}\n` : `${shown}\n`;
  for (const each of plain) yield* print(line(each, files.get(resolvePath(context.directory, each))));
  for (const [index, each] of directories.entries()) {
    const path = resolvePath(context.directory, each);
    if (given.length > 1) yield* print(`${index + plain.length > 0 ? '\n' : ''}${each}:\n`);
    const names = files
      .list(path)
      .filter(entry => flags.has('a') || flags.has('A') || !entry.startsWith('.'));
    const shown = flags.has('a') ? ['.', '..', ...names] : names;
    if (flags.has('l')) yield* print(`total ${shown.length * 4}\n`);
    for (const entry of shown) yield* print(line(entry, files.get(resolvePath(path, entry))));
  }
  return code;
}

function longForm({ type, mode, changedAt, content }: FileEntry): string {
  const rights = 'rwxrwxrwx'
    .split('')
    .map((letter, bit) => ((mode >> (8 - bit)) & 1 ? letter : '-'))
    .join('');
  const text = timestamp(changedAt);
  const day = String(Number(text.slice(8, 10))).padStart(2);
  const when = `${MONTHS[Number(text.slice(5, 7)) - 1]} ${day} ${text.slice(11, 16)}`;
  const size = String(type === 'directory' ? 4096 : content.length).padStart(9);
  return `${type === 'directory' ? 'd' : '-'}${rights}    ${type === 'directory' ? 2 : 1} root     root     ${size} ${when}`;
}

function* cat(context: Context, args: readonly string[], name: string): Program {
  const { rest } = splitOptions(args);
  let code = 0;
  for (const each of rest.length > 0 ? rest : ['-']) {
    if (each === '-') {
      for (let bytes = yield { op: 'read' }; bytes !== undefined; bytes = yield { op: 'read' }) {
        yield { op: 'write', to: 'stdout', bytes };
      }
      continue;
    }
    let bytes: Uint8Array = NO_BYTES;
    const failed = yield* attempt(
      error =>
        error === 'Is a directory'
          ? `${name}: read error: Is a directory`
          : `${name}: can't open '${each}': ${error}`,
      () => {
        bytes = context.machine.files.read(resolvePath(context.directory, each));
      },
    );
    code ||= failed;
    if (bytes.length > 0) yield { op: 'write', to: 'stdout', bytes };
  }
  return code;
}

function* mkdir(context: Context, args: readonly string[], name: string): Program {
  const { flags, rest } = splitOptions(args, ['m']);
  const { files, now } = context.machine;
  let code = 0;
  for (const each of rest) {
    const path = resolvePath(context.directory, each);
    const wanted = flags.has('p') ? ancestors(path) : [path];
    code ||= yield* attempt(
      error => `${name}: can't create directory '${each}': ${error}`,
      () => {
        for (const directory of wanted) {
          if (flags.has('p') && files.get(directory)?.type === 'directory') continue;
          files.makeDirectory(directory, now);
        }
      },
    );
  }
  return code;
}

function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function* rm(context: Context, args: readonly string[], name: string): Program {
  const { flags, rest } = splitOptions(args);
  const { files } = context.machine;
  const force = flags.has('f');
  const recursive = flags.has('r') || flags.has('R');
  let code = 0;
  for (const each of rest) {
    const path = resolvePath(context.directory, each);
    const entry = files.get(path);
    if (!entry && force) continue;
    if (entry?.type === 'directory' && !recursive) {
      code = yield* fail(`${name}: '${each}' is a directory`);
      continue;
    }
    code ||= yield* attempt(
      error => `${name}: can't remove '${each}': ${error}`,
      () => files.remove(path),
    );
  }
  return code;
}

function* rmdir(context: Context, args: readonly string[], name: string): Program {
  const { files } = context.machine;
  let code = 0;
  for (const each of splitOptions(args).rest) {
    const path = resolvePath(context.directory, each);
    const entry = files.get(path);
    const problem = !entry
      ? 'No such file or directory'
      : entry.type === 'file'
        ? 'Not a directory'
        : files.list(path).length > 0
          ? 'Directory not empty'
          : undefined;
    if (problem) code = yield* fail(`${name}: '${each}': ${problem}`);
    else
      code ||= yield* attempt(
        error => `${name}: '${each}': ${error}`,
        () => files.remove(path),
      );
  }
  return code;
}

function* touch(context: Context, args: readonly string[], name: string): Program {
  const { files, now } = context.machine;
  let code = 0;
  for (const each of splitOptions(args).rest) {
    const path = resolvePath(context.directory, each);
    code ||= yield* attempt(
      error => `${name}: ${each}: ${error}`,
      () => (files.get(path) ? files.touch(path, { changedAt: now }) : files.write(path, NO_BYTES, now)),
    );
  }
  return code;
}

function* chmod(context: Context, args: readonly string[], name: string): Program {
  const [mode = '', ...rest] = splitOptions(args, [], /^-[a-zA-Z]*R/).rest;
  const { files } = context.machine;
  let code = 0;
  for (const each of rest) {
    const path = resolvePath(context.directory, each);
    const known = files.get(path)?.mode ?? 0;
    const next = /^[0-7]{3,4}$/.test(mode) ? Number.parseInt(mode, 8) : symbolicMode(known, mode);
    if (next === undefined) return yield* fail(`${name}: invalid mode '${mode}'`);
    code ||= yield* attempt(
      error => `${name}: ${each}: ${error}`,
      () => files.touch(path, { mode: next }),
    );
  }
  return code;
}

/** `+x`, `u+rw`, `go-w`. */
function symbolicMode(mode: number, text: string): number | undefined {
  const match = /^([ugoa]*)([+-])([rwx]+)$/.exec(text);
  if (!match) return undefined;
  const [, who = '', sign, what = ''] = match;
  const whom = who === '' || who.includes('a') ? 'ugo' : who;
  let bits = 0;
  for (const each of whom) {
    for (const right of what) bits |= ({ r: 4, w: 2, x: 1 }[right] ?? 0) << ({ u: 6, g: 3, o: 0 }[each] ?? 0);
  }
  return sign === '+' ? mode | bits : mode & ~bits;
}

/** Copies or moves, into a directory or to another name. */
function transfer(moves: boolean): NamedProgram {
  return function* (context, args, name) {
    const { flags, rest } = splitOptions(args);
    const { files, now } = context.machine;
    const recursive = moves || flags.has('r') || flags.has('R') || flags.has('a');
    const last = rest.at(-1);
    if (last === undefined || rest.length < 2) return yield* fail(`${name}: missing file operand`);
    const target = resolvePath(context.directory, last);
    const into = files.get(target)?.type === 'directory';
    let code = 0;
    for (const each of rest.slice(0, -1)) {
      const source = resolvePath(context.directory, each);
      const entry = files.get(source);
      if (entry?.type === 'directory' && !recursive) {
        code = yield* fail(`${name}: omitting directory '${each}'`);
        continue;
      }
      code ||= yield* attempt(
        error =>
          entry ? `${name}: can't create '${last}': ${error}` : `${name}: can't stat '${each}': ${error}`,
        () => {
          if (!entry) throw new FileError('No such file or directory');
          const copy = (from: string, to: string) => {
            const part = files.get(from);
            if (part?.type === 'directory') {
              if (!files.get(to)) files.makeDirectory(to, now, part.mode);
              for (const child of files.list(from)) copy(`${from}/${child}`, `${to}/${child}`);
            } else if (part) {
              files.write(to, part.content, now, part.mode);
            }
          };
          copy(source, into ? `${target === '/' ? '' : target}/${baseName(source)}` : target);
          if (moves) files.remove(source);
        },
      );
    }
    return code;
  };
}

function* tee(context: Context, args: readonly string[], name: string): Program {
  const { flags, rest } = splitOptions(args);
  const { files } = context.machine;
  const paths = rest.map(each => resolvePath(context.directory, each));
  let code = 0;
  const write = function* (path: string, bytes: Uint8Array, append: boolean): Program {
    const before = append ? (files.get(path)?.content ?? NO_BYTES) : NO_BYTES;
    return yield* attempt(
      error => `${name}: ${path}: ${error}`,
      () => files.write(path, concatBytes([before, bytes]), context.machine.now),
    );
  };
  if (!flags.has('a')) for (const path of paths) code ||= yield* write(path, NO_BYTES, false);
  for (let bytes = yield { op: 'read' }; bytes !== undefined; bytes = yield { op: 'read' }) {
    yield { op: 'write', to: 'stdout', bytes };
    for (const path of paths) code ||= yield* write(path, bytes, true);
  }
  return code;
}

function* stat(context: Context, args: readonly string[], name: string): Program {
  const { values, rest } = splitOptions(args, ['c']);
  let code = 0;
  for (const each of rest) {
    const entry = context.machine.files.get(resolvePath(context.directory, each));
    if (!entry) {
      code = yield* fail(`${name}: can't stat '${each}': No such file or directory`);
      continue;
    }
    const fields: Record<string, string> = {
      a: entry.mode.toString(8),
      s: String(entry.content.length),
      n: each,
      F: entry.type === 'directory' ? 'directory' : 'regular file',
      u: '0',
      g: '0',
      U: 'root',
      G: 'root',
      Y: String(Math.floor(entry.changedAt / 1000)),
    };
    const format =
      values.get('c') ?? '  File: %n\n  Size: %s\t%F\nAccess: (0%a)  Uid: ( %u/ %U)   Gid: ( %g/ %G)';
    yield* print(`${format.replace(/%(\w)/g, (all, key: string) => fields[key] ?? all)}\n`);
  }
  return code;
}

export const filePrograms: Readonly<Record<string, NamedProgram>> = {
  cat,
  chmod,
  cp: transfer(false),
  ls,
  mkdir,
  mv: transfer(true),
  rm,
  rmdir,
  stat,
  tee,
  touch,
};
