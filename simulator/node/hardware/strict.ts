/** Reads plain data strictly: unknown keys, wrong types and wrong units are refused by path. */
import { tryParseQuantity } from '../../types/quantity.ts';

export type Path = readonly (string | number)[];

/** Data that is not what it should be; `path` leads to it. */
export class HardwareError extends Error {
  readonly path: Path;
  readonly problem: string;

  constructor(path: Path, problem: string) {
    super(`${formatPath(path)}: ${problem}`);
    this.name = 'HardwareError';
    this.path = path;
    this.problem = problem;
  }
}

/** `nodes[0].cpu.vendor`; the root is `(top level)`. */
export function formatPath(path: Path): string {
  const text = path.map(part => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || '(top level)';
}

/** One mapping that is being read: every key is asked for once, and what nobody asked for is refused at the end. */
export class Fields {
  readonly path: Path;
  readonly #data: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();

  constructor(value: unknown, path: Path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new HardwareError(path, `must be a mapping, not ${describe(value)}`);
    }
    this.path = path;
    this.#data = value as Record<string, unknown>;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  raw(key: string): unknown {
    this.#known.add(key);
    return this.#data[key] ?? undefined;
  }

  at(key: string): Path {
    return [...this.path, key];
  }

  fail(key: string, problem: string): never {
    throw new HardwareError(this.at(key), problem);
  }

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '') this.fail(key, `must be text, not ${describe(value)}`);
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    if (typeof value !== 'boolean') this.fail(key, `must be true or false, not ${describe(value)}`);
    return value;
  }

  count(key: string, fallback: number, least = 0): number {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
      this.fail(key, `must be a whole number of at least ${least}, not ${describe(value)}`);
    }
    return value;
  }

  oneOf<T extends string>(key: string, choices: readonly T[], fallback: T): T {
    const value = this.raw(key);
    if (value === undefined) return fallback;
    if (!choices.includes(value as T)) {
      this.fail(
        key,
        `must be one of ${choices.join(', ')}, not ${describe(value)}${suggest(String(value), choices)}`,
      );
    }
    return value as T;
  }

  /** A Kubernetes quantity, as text (`16Gi`, `500m`); `bytes` also refuses amounts that are no whole bytes. */
  quantity(key: string, unit: 'bytes' | 'cpu'): string | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const quantity =
      typeof value === 'string' || typeof value === 'number' ? tryParseQuantity(value) : undefined;
    if (!quantity || quantity.nano < 0n) {
      const example = unit === 'bytes' ? '"16Gi"' : '"500m" or 2';
      this.fail(key, `must be a quantity such as ${example}, not ${describe(value)}`);
    }
    if (unit === 'bytes') {
      if (typeof value === 'number' && value < 1024 * 1024 && value !== 0) {
        this.fail(key, `${value} bytes has no unit: write for example "${value}Gi"`);
      }
      if (quantity.nano % 1_000_000_000n !== 0n)
        this.fail(key, `${JSON.stringify(value)} is not a whole number of bytes`);
    }
    return String(value);
  }

  list<T>(key: string, read: (value: unknown, path: Path) => T): T[] {
    const value = this.raw(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) this.fail(key, `must be a list, not ${describe(value)}`);
    return value.map((item, index) => read(item, [...this.at(key), index]));
  }

  texts(key: string): string[] {
    return this.list(key, (value, path) => {
      if (typeof value !== 'string' || value === '') {
        throw new HardwareError(path, `must be text, not ${describe(value)}`);
      }
      return value;
    });
  }

  map(key: string): Record<string, string> {
    const value = this.raw(key);
    if (value === undefined) return {};
    const fields: Fields = new Fields(value, this.at(key));
    return Object.fromEntries(
      Object.entries(value as Record<string, unknown>).map(([name, text]) => {
        if (typeof text !== 'string') fields.fail(name, `must be text (in quotes), not ${describe(text)}`);
        return [name, text];
      }),
    );
  }

  group(key: string): Fields | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : new Fields(value, this.at(key));
  }

  /** Refuses the keys that nobody asked for. */
  end(): void {
    for (const key of Object.keys(this.#data)) {
      if (!this.#known.has(key)) {
        throw new HardwareError([...this.path, key], `unknown key${suggest(key, [...this.#known])}`);
      }
    }
  }
}

/** ` (did you mean "model"?)`, or the whole choice when nothing is near. */
export function suggest(wrong: string, right: readonly string[]): string {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const candidate of right) {
    const distance = editDistance(wrong.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best
    ? ` (did you mean ${JSON.stringify(best)}?)`
    : right.length
      ? `; known here: ${right.join(', ')}`
      : '';
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, change));
    }
    previous = current;
  }
  return previous[b.length]!;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}
