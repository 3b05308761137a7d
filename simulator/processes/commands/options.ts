/** Options of a command line as getopt reads them. */

export interface Options {
  readonly flags: ReadonlySet<string>;
  /** Of options that take one. */
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

/**
 * @param valued letters that take a value, `-n 3` and `-n3` alike
 * @param only what counts as an option at all; the rest of what begins with a dash is an argument
 */
export function splitOptions(
  args: readonly string[],
  valued: readonly string[] = [],
  only?: RegExp,
): Options {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string;
    if (arg === '--') {
      rest.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-' || (only && !only.test(arg))) {
      rest.push(arg);
      continue;
    }
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      if (equals < 0) flags.add(arg.slice(2));
      else values.set(arg.slice(2, equals), arg.slice(equals + 1));
      continue;
    }
    for (let letter = 1; letter < arg.length; letter += 1) {
      const flag = arg[letter] as string;
      if (!valued.includes(flag)) {
        flags.add(flag);
        continue;
      }
      const value = arg.slice(letter + 1) || args[(at += 1)];
      if (value !== undefined) values.set(flag, value);
      break;
    }
  }
  return { flags, values, rest };
}
