/** Paths to fields of a schema, as selectable fields and rules write them (apiextensions v1.35 ValidFieldPath). */
import type { DeclaredSchema } from './types.ts';

const TOKENS = /'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/gs;

/** The schema a path leads to. Throws an Error that says what is wrong with the path. */
export function schemaAt(path: string, root: DeclaredSchema, arrayNotation = true): DeclaredSchema {
  let schema = root;
  const tokens = path.match(TOKENS) ?? [];
  const step = (name: string): void => {
    const { properties, additionalProperties } = schema;
    if (properties) {
      const next = properties[name];
      if (!next) throw new Error('does not refer to a valid field');
      schema = next;
    } else if (typeof additionalProperties === 'object') schema = additionalProperties;
    else throw new Error('does not refer to a valid field');
  };
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as string;
    if (token === '.') {
      const name = tokens[(at += 1)];
      if (name === undefined) throw new Error('unexpected end of JSON path');
      step(name);
    } else if (token === '[') {
      if (!arrayNotation) throw new Error('array notation is not allowed');
      const name = tokens[(at += 1)];
      if (name === undefined) throw new Error('unexpected end of JSON path');
      if (!name.startsWith("'") || name.length < 2) {
        throw new Error(`expected single quoted string but got ${name}`);
      }
      step(name.slice(1, -1).replace(/\\(.)/g, '$1'));
      const close = tokens[(at += 1)];
      if (close === undefined) throw new Error('unexpected end of JSON path');
      if (close !== ']') throw new Error(`expected ] but got ${close}`);
    } else throw new Error(`expected [ or . but got: ${token}`);
  }
  return schema;
}
