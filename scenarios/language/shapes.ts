/**
 * What values look like, as data: each shape reads a value with its position, and says the same as a JSON schema.
 * The parser and `schema.json` come from one table of these, so they cannot disagree.
 */
import {
  type JsonObject,
  type JsonValue,
  parseDuration,
  parseJsonPath,
  parseLabelSelector,
  suggest,
} from '../../simulator/index.ts';
import type { Source, Spot } from './source.ts';

export interface Shape<T> {
  /** @throws ScenarioError at the place of what does not fit. */
  read(spot: Spot, source: Source): T;
  /** The JSON schema (draft 2020-12). Shapes with a name go into `definitions` and are referred to. */
  schema(definitions: Definitions): JsonObject;
}

export type Definitions = Map<string, JsonObject>;

/** How messages name a value that was not wanted. */
export function describeValue(value: JsonValue): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}

/** `no` is a boolean in Kubernetes' YAML, and the short name of nodes. */
function isBareWord(value: JsonValue): boolean {
  return typeof value === 'boolean' || typeof value === 'number';
}

function scalar<T>(
  wanted: string,
  schema: JsonObject,
  convert: (value: JsonValue) => T | undefined,
): Shape<T> {
  return {
    read: (spot, source) => {
      const value = source.valueOf(spot);
      const read = convert(value);
      if (read !== undefined) return read;
      const hint = wanted === 'text' && isBareWord(value) ? ' (in quotes it is text)' : '';
      return source.fail(spot, `must be ${wanted}, not ${describeValue(value)}${hint}`);
    },
    schema: () => schema,
  };
}

export const text: Shape<string> = scalar('text', { type: 'string', minLength: 1 }, value =>
  typeof value === 'string' && value !== '' ? value : undefined,
);

export const flag: Shape<boolean> = scalar('true or false', { type: 'boolean' }, value =>
  typeof value === 'boolean' ? value : undefined,
);

/** Anything that JSON can say. */
export const anything: Shape<JsonValue> = {
  read: (spot, source) => source.valueOf(spot),
  schema: () => ({}),
};

/** A mapping of which nothing more is known here. */
export const object: Shape<JsonObject> = scalar('a mapping', { type: 'object' }, value =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined,
);

/** Texts by name, such as labels. */
export const textMap: Shape<Record<string, string>> = scalar(
  'a mapping of texts (in quotes)',
  { type: 'object', additionalProperties: { type: 'string' } },
  value =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(item => typeof item === 'string')
      ? (value as Record<string, string>)
      : undefined,
);

export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  const schema = {
    type: 'integer',
    minimum: least,
    ...(most < Number.MAX_SAFE_INTEGER && { maximum: most }),
  };
  return scalar(`a whole number ${range}`, schema, value =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? value
      : undefined,
  );
}

export function choice<T extends string>(choices: readonly T[]): Shape<T> {
  return {
    read: (spot, source) => {
      const value = source.valueOf(spot);
      if (choices.includes(value as T)) return value as T;
      const hint =
        typeof value === 'string' ? suggest(value, choices) : `; known here: ${choices.join(', ')}`;
      return source.fail(spot, `there is no ${describeValue(value)} here${hint}`);
    },
    schema: () => ({ enum: [...choices] }),
  };
}

/** Milliseconds, written as Go writes durations. */
export const duration: Shape<number> = {
  read: (spot, source) => {
    const written = source.valueOf(spot);
    let span = Number.NaN;
    try {
      span = parseDuration(typeof written === 'string' ? written : '');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    if (span >= 0) return span;
    const hint = typeof written === 'number' ? ` (did you mean "${written}s"?)` : '';
    return source.fail(
      spot,
      `must be a duration such as 1h30m, 90s or 500ms, not ${describeValue(written)}${hint}`,
    );
  },
  schema: () => ({ type: 'string', pattern: '^(0|([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$' }),
};

/** Milliseconds since the Unix epoch, written as RFC 3339. */
export const moment: Shape<number> = scalar(
  'a time such as 2026-01-01T00:00:00Z',
  { type: 'string', format: 'date-time' },
  value => {
    if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value))
      return undefined;
    const at = Date.parse(value);
    return Number.isNaN(at) ? undefined : at;
  },
);

/** Text that `compile` takes; its errors become the scenario's. */
function compiled<T>(what: string, schema: JsonObject, compile: (written: string) => T): Shape<T> {
  return {
    read: (spot, source) => {
      const written = text.read(spot, source);
      try {
        return compile(written);
      } catch (error) {
        return source.fail(spot, `is no ${what}: ${(error as Error).message}`);
      }
    },
    schema: () => schema,
  };
}

/** A path with its text. */
export const jsonPath = compiled('path', { type: 'string', pattern: '^[{$.[]' }, written => ({
  text: written,
  path: parseJsonPath(written),
}));

/** A label selector with its text. */
export const labelSelector = compiled('label selector', { type: 'string' }, written => ({
  text: written,
  requirements: parseLabelSelector(written),
}));

export const regularExpression = compiled(
  'regular expression',
  { type: 'string', format: 'regex' },
  written => new RegExp(written, 's'),
);

export function list<T>(item: Shape<T>, least = 0): Shape<T[]> {
  return {
    read: (spot, source) => {
      const items = source.items(spot);
      if (!items) return source.fail(spot, `must be a list, not ${describeValue(source.valueOf(spot))}`);
      if (items.length < least) source.fail(spot, 'the list is empty');
      return items.map(found => item.read(found, source));
    },
    schema: definitions => ({
      type: 'array',
      items: item.schema(definitions),
      ...(least > 0 && { minItems: least }),
    }),
  };
}

/** One shape for text and numbers, another for mappings, a third for lists: the value's own form decides. */
export function byForm<S = never, M = never, L = never>(forms: {
  scalar?: Shape<S>;
  mapping?: Shape<M>;
  list?: Shape<L>;
}): Shape<S | M | L> {
  const given = [forms.scalar, forms.mapping, forms.list].filter(form => form !== undefined);
  return {
    read: (spot, source) => {
      const form = source.mapOf(spot) ? forms.mapping : source.items(spot) ? forms.list : forms.scalar;
      const shape = (form ?? given[0]) as Shape<S | M | L>;
      return shape.read(spot, source);
    },
    schema: definitions => ({ anyOf: given.map(form => form.schema(definitions)) }),
  };
}

/** Reads with another function, and says the same schema. */
export function mapped<A, B>(
  shape: Shape<A>,
  convert: (value: A, spot: Spot, source: Source) => B,
): Shape<B> {
  return {
    read: (spot, source) => convert(shape.read(spot, source), spot, source),
    schema: definitions => shape.schema(definitions),
  };
}

/** A shape with a name of its own in the schema; it may contain itself. */
export function named<T>(name: string, shape: () => Shape<T>): Shape<T> {
  return {
    read: (spot, source) => shape().read(spot, source),
    schema: definitions => {
      if (!definitions.has(name)) {
        definitions.set(name, {});
        definitions.set(name, shape().schema(definitions));
      }
      return { $ref: `#/$defs/${name}` };
    },
  };
}
