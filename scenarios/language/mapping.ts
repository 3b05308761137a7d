/** Mappings with known keys. What nobody knows is refused with its place and the nearest right spelling. */
import { type JsonObject, suggest } from '../../simulator/index.ts';
import { type Definitions, type Shape, describeValue } from './shapes.ts';
import type { Entry, Source, Spot } from './source.ts';

export interface Field<T, Required extends boolean> {
  readonly shape: Shape<T>;
  readonly required: Required;
  /** One line for people who write scenarios; editors show it. */
  readonly summary: string;
}

export type Fields = Readonly<Record<string, Field<unknown, boolean>>>;
type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;

/** What a mapping with these fields is read to. */
export type ReadFields<F extends Fields> = {
  readonly [K in keyof F as F[K]['required'] extends true ? K : never]: ValueOf<F[K]>;
} & { readonly [K in keyof F as F[K]['required'] extends true ? never : K]?: ValueOf<F[K]> };

export function required<T>(summary: string, shape: Shape<T>): Field<T, true> {
  return { shape, required: true, summary };
}

export function optional<T>(summary: string, shape: Shape<T>): Field<T, false> {
  return { shape, required: false, summary };
}

/** Says what else must hold among the fields. `fail` names a key that is there, or the mapping itself. */
export type Check<T> = (value: T, fail: (key: string | undefined, problem: string) => never) => void;

export function mapping<F extends Fields>(fields: F, check?: Check<ReadFields<F>>): Shape<ReadFields<F>> {
  return {
    read: (spot, source) => {
      const entries = entriesOf(spot, source);
      const value = readFields(entries, fields, spot, source);
      check?.(value, (key, problem) => {
        const entry = entries.find(known => known.key === key);
        return source.fail(entry ? entry.value : spot, problem);
      });
      return value;
    },
    schema: definitions => fieldsSchema(fields, definitions),
  };
}

/** @throws ScenarioError for anything but a mapping. */
export function entriesOf(spot: Spot, source: Source): Entry[] {
  const map = source.mapOf(spot);
  if (!map) return source.fail(spot, `must be a mapping, not ${describeValue(source.valueOf(spot))}`);
  return source.entries(map, spot.path);
}

/** Reads the fields that are there, and refuses what is unknown or missing. */
export function readFields<F extends Fields>(
  entries: readonly Entry[],
  fields: F,
  spot: Spot,
  source: Source,
): ReadFields<F> {
  const value: Record<string, unknown> = {};
  for (const { key, keyOffset, value: found } of entries) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!field) unknownKey(key, keyOffset, Object.keys(fields), spot, source);
    value[key] = field.shape.read(found, source);
  }
  for (const [key, field] of Object.entries(fields)) {
    if (field.required && !Object.hasOwn(value, key)) source.fail(spot, `${JSON.stringify(key)} is missing`);
  }
  return value as ReadFields<F>;
}

export function unknownKey(
  key: string,
  offset: number,
  known: readonly string[],
  { path }: Spot,
  source: Source,
): never {
  return source.failAt(offset, path, `unknown key ${JSON.stringify(key)}${suggest(key, known)}`);
}

export function fieldsSchema(fields: Fields, definitions: Definitions): JsonObject {
  const needed = Object.entries(fields).flatMap(([key, field]) => (field.required ? [key] : []));
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(fields).map(([key, { shape, summary }]) => [
        key,
        { description: summary, ...shape.schema(definitions) },
      ]),
    ),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
}
