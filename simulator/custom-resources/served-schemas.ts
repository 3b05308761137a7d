/** The schemas of kinds that users defined, as OpenAPI documents want them. */
import type { ResourceDefinition, ResourceRegistry } from '../resources/definition.ts';
import { builtinRegistry, type SchemaRegistry, withSchema } from '../schemas/index.ts';

// Derived from immutable lists of definitions.
const known = new WeakMap<readonly ResourceDefinition[], SchemaRegistry>();

/** For `openApiV3Document({ …, registry })`. The same reference for the same list of definitions. */
export function servedSchemas(registry: ResourceRegistry): SchemaRegistry {
  const all = registry.all();
  let schemas = known.get(all);
  if (!schemas) {
    schemas = builtinRegistry;
    for (const { group, kind, versions } of all) {
      for (const { name, schema } of versions) {
        if (schema) schemas = withSchema(schemas, { group, version: name, kind }, schema);
      }
    }
    known.set(all, schemas);
  }
  return schemas;
}
