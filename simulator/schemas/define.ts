/** Schemas from hand-kept tables at run time, for kinds of the simulator's own. */
import { applyTable, type FieldTable } from './field-notation.ts';
import { OBJECT_META, type Schema } from './schema.ts';

/**
 * Schemas of the named kinds of a table in the field notation, with the table's other definitions put in their places.
 * apiVersion, kind and metadata are added. Throws an Error for a definition that contains itself.
 */
export function defineSchemas(table: FieldTable, kinds: readonly string[]): ReadonlyMap<string, Schema> {
  const definitions: Record<string, Schema> = {};
  applyTable(definitions, table, name => name);
  const expand = (schema: Schema, path: readonly string[]): Schema => {
    if (schema.$ref !== undefined) {
      const definition = definitions[schema.$ref];
      if (definition === undefined) return schema;
      if (path.includes(schema.$ref)) throw new Error(`definition ${schema.$ref} contains itself`);
      const { $ref, ...siblings } = schema;
      return { ...expand(definition, [...path, $ref]), ...siblings };
    }
    const { properties, items, additionalProperties } = schema;
    return {
      ...schema,
      ...(properties
        ? {
            properties: Object.fromEntries(
              Object.entries(properties).map(([name, child]) => [name, expand(child, path)]),
            ),
          }
        : {}),
      ...(items ? { items: expand(items, path) } : {}),
      ...(typeof additionalProperties === 'object'
        ? { additionalProperties: expand(additionalProperties, path) }
        : {}),
    };
  };
  return new Map(
    kinds.map(kind => {
      const definition = definitions[kind];
      if (definition === undefined) throw new Error(`no definition ${kind}`);
      const { properties, ...rest } = expand(definition, [kind]);
      return [
        kind,
        {
          ...rest,
          properties: {
            apiVersion: { type: 'string' },
            kind: { type: 'string' },
            metadata: { $ref: OBJECT_META },
            ...properties,
          },
        },
      ];
    }),
  );
}
