/** `tar`, as `kubectl cp` and its like use it: create to and extract from standard streams, list. */
import { concatBytes, toBytes } from '../bytes.ts';
import { FileError, resolvePath } from '../files.ts';
import { type Context, type Program, fail, print, readAll } from '../program.ts';
import type { NamedProgram } from '../programs.ts';
import { type TarEntry, TarError, readTar, writeTar } from '../tar.ts';

interface TarOptions {
  readonly mode: 'c' | 'x' | 't';
  readonly file: string;
  readonly directory: string;
  readonly names: readonly string[];
}

function parse(args: readonly string[], directory: string): TarOptions | string {
  let mode: TarOptions['mode'] | undefined;
  let file = '-';
  let at = directory;
  const names: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] as string;
    if (
      arg === '--no-same-owner' ||
      arg === '--no-same-permissions' ||
      arg === '--warning=no-unknown-keyword'
    )
      continue;
    if (arg.startsWith('--')) return `unrecognized option '${arg}'`;
    if (!arg.startsWith('-') && index > 0) {
      names.push(arg);
      continue;
    }
    for (const letter of arg.replace(/^-/, '')) {
      if (letter === 'c' || letter === 'x' || letter === 't') mode = letter;
      else if (letter === 'f') file = args[(index += 1)] ?? '-';
      else if (letter === 'C') at = resolvePath(at, args[(index += 1)] ?? '.');
      else if (!'mopv'.includes(letter)) return `invalid option -- '${letter}'`;
    }
  }
  if (!mode) return 'You must specify one of -ctx';
  return { mode, file, directory: at, names };
}

function* tar(context: Context, args: readonly string[], name: string): Program {
  const options = parse(args, context.directory);
  if (typeof options === 'string') return yield* fail(`${name}: ${options}`);
  const { files } = context.machine;
  if (files.get(options.directory)?.type !== 'directory') {
    return yield* fail(
      `${name}: can't change directory to '${options.directory}': No such file or directory`,
    );
  }
  if (options.mode === 'c') return yield* create(context, options, name);
  try {
    const bytes =
      options.file === '-'
        ? concatBytes([toBytes(''), ...(yield* readAll())])
        : files.read(resolvePath(context.directory, options.file));
    const entries = readTar(bytes);
    if (options.mode === 't') return yield* print(entries.map(({ path }) => `${path}\n`).join(''));
    for (const entry of entries) extract(context, options.directory, entry);
    return 0;
  } catch (error) {
    if (!(error instanceof TarError) && !(error instanceof FileError)) throw error;
    return yield* fail(`${name}: ${error.message}`);
  }
}

function extract({ machine }: Context, directory: string, entry: TarEntry): void {
  const path = resolvePath(directory, entry.path);
  const above = path.split('/').slice(1, -1);
  for (let depth = 1; depth <= above.length; depth += 1) {
    const parent = `/${above.slice(0, depth).join('/')}`;
    if (!machine.files.get(parent)) machine.files.makeDirectory(parent, machine.now);
  }
  if (entry.type === 'directory') {
    if (!machine.files.get(path)) machine.files.makeDirectory(path, machine.now, entry.mode);
  } else {
    machine.files.write(path, entry.content, machine.now, entry.mode);
  }
}

function* create(context: Context, { names, directory, file }: TarOptions, name: string): Program {
  const { files } = context.machine;
  const entries: TarEntry[] = [];
  let code = 0;
  const add = (path: string, shown: string): void => {
    const entry = files.get(path);
    if (!entry) return;
    const { type, mode, changedAt, content } = entry;
    if (shown !== '')
      entries.push({ path: shown, type, mode, changedAt: Math.floor(changedAt / 1000), content });
    if (type !== 'directory') return;
    for (const child of files.list(path)) {
      add(`${path === '/' ? '' : path}/${child}`, shown === '' ? child : `${shown}/${child}`);
    }
  };
  if (names.length === 0) return yield* fail(`${name}: empty archive`);
  let stripped = false;
  for (const each of names) {
    const path = resolvePath(directory, each);
    if (!files.get(path)) {
      code = yield* fail(`${name}: ${each}: No such file or directory`);
      continue;
    }
    if (each.startsWith('/') && !stripped) {
      stripped = true;
      yield* fail(`${name}: removing leading '/' from member names`);
    }
    add(
      path,
      each
        .replace(/^\/+/, '')
        .replace(/\/+$/, '')
        .replace(/^(?:\.\/)+/, '')
        .replace(/^\.$/, ''),
    );
  }
  const bytes = writeTar(entries);
  if (file === '-') yield { op: 'write', to: 'stdout', bytes };
  else context.machine.files.write(resolvePath(context.directory, file), bytes, context.machine.now);
  return code;
}

export const archivePrograms: Readonly<Record<string, NamedProgram>> = { tar };
