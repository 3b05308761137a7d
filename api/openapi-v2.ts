/**
 * The OpenAPI v2 document, made of those in v3 (kube-openapi pkg/builder and apiextensions-apiserver
 * pkg/controller/openapi/v2): what v2 cannot say is left out, as a kube-apiserver does.
 */
import type { JsonObject, JsonValue } from '../simulator/types/meta.ts';

const COMPONENTS = '#/components/schemas/';
const DEFINITIONS = '#/definitions/';
const GVK = 'x-kubernetes-group-version-kind';
const PRODUCES = ['application/json', 'application/yaml'];
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

export interface OpenApiV2 {
  readonly paths: JsonObject;
  readonly definitions: JsonObject;
}

/** Collects documents in v3 into one in v2. */
export class OpenApiV2Builder {
  readonly #paths: JsonObject = {};
  readonly #definitions: JsonObject = {};

  add(document: JsonObject): void {
    for (const [path, item] of entriesOf(document.paths)) this.#paths[path] = pathItem(item as JsonObject);
    const { schemas } = document.components as JsonObject;
    for (const [name, schema] of entriesOf(schemas)) {
      const known = this.#definitions[name] as JsonObject | undefined;
      if (!known) this.#definitions[name] = definition(name, schema as JsonObject);
      // What all groups share names all the kinds it stands for: DeleteOptions of each of them.
      else if (known[GVK]) known[GVK] = mergedKinds(known[GVK], (schema as JsonObject)[GVK]);
    }
  }

  /** Keys in order, so that the same kinds make the same document. */
  build(): OpenApiV2 {
    return { paths: sorted(this.#paths), definitions: sorted(this.#definitions) };
  }
}

/** The document as JSON has it. */
export function openApiV2Json({ paths, definitions }: OpenApiV2, version: string): string {
  return JSON.stringify({ swagger: '2.0', info: { title: 'Kubernetes', version }, paths, definitions });
}

function entriesOf(value: JsonValue | undefined): [string, JsonValue][] {
  return Object.entries((value ?? {}) as JsonObject);
}

function sorted(record: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mergedKinds(known: JsonValue, more: JsonValue | undefined): JsonValue[] {
  const kinds = new Map<string, JsonValue>();
  for (const kind of [...(known as JsonValue[]), ...((more ?? []) as JsonValue[])]) {
    kinds.set(JSON.stringify(kind), kind);
  }
  return [...kinds.values()];
}

/** Scalars that v3 describes by alternatives, which v2 lacks. */
const SCALARS: Readonly<Record<string, JsonObject>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'string', format: 'int-or-string' },
};

function definition(name: string, schema: JsonObject): JsonObject {
  const converted = convert(schema);
  return SCALARS[name] ? { ...converted, ...SCALARS[name] } : converted;
}

/** A schema without alternatives and nullability, and without types that old kubectls stumble over. */
function convert(schema: JsonObject): JsonObject {
  const { allOf, anyOf: _any, oneOf: _one, not: _not, nullable, properties, items, ...rest } = schema;
  const own: JsonObject = rest;
  const ref = schema.$ref ?? wrapped(allOf);
  if (typeof ref === 'string') {
    // Beside a reference, v2 allows no type.
    const { type: _type, format: _format, ...said } = own;
    return { ...said, $ref: renamed(ref) };
  }
  const isFreeForm = own['x-kubernetes-preserve-unknown-fields'] === true;
  const { additionalProperties } = own;
  if (typeof additionalProperties === 'object') {
    own.additionalProperties = convert(additionalProperties as JsonObject);
  }
  if (nullable === true || isFreeForm) {
    if (nullable === true || own.type === 'object' || own.type === 'array') delete own.type;
    return own;
  }
  if (items) own.items = convert(items as JsonObject);
  else if (own.type === 'array') delete own.type;
  if (!properties) return own;
  const fields = properties as Record<string, JsonObject>;
  own.properties = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, convert(field)]));
  const required = own.required as string[] | undefined;
  if (required?.some(name => fields[name]?.nullable === true)) {
    own.required = required.filter(name => fields[name]?.nullable !== true);
  }
  return own;
}

/** v3 wraps a reference that has a description of its own. */
function wrapped(allOf: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(allOf) && allOf.length === 1 ? (allOf[0] as JsonObject).$ref : undefined;
}

function renamed(ref: string): string {
  return ref.startsWith(COMPONENTS) ? DEFINITIONS + ref.slice(COMPONENTS.length) : ref;
}

function pathItem(item: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const method of METHODS) {
    const operation = item[method];
    if (operation) result[method] = operationOf(operation as JsonObject);
  }
  if (item.parameters) result.parameters = (item.parameters as JsonObject[]).map(parameter);
  return result;
}

function operationOf(operation: JsonObject): JsonObject {
  const { requestBody, responses, parameters, ...rest } = operation;
  const result: JsonObject = { ...rest, schemes: ['https'], produces: PRODUCES, consumes: ['*/*'] };
  const list = ((parameters ?? []) as JsonObject[]).map(parameter);
  if (requestBody) {
    const { content, required } = requestBody as JsonObject;
    const types = content as Record<string, JsonObject>;
    result.consumes = Object.keys(types);
    const body: JsonObject = { name: 'body', in: 'body', schema: schemaOf(types) };
    if (required === true) body.required = true;
    list.unshift(body);
  }
  if (list.length > 0) result.parameters = list;
  result.responses = Object.fromEntries(
    entriesOf(responses).map(([code, response]) => {
      const { description, content } = response as JsonObject;
      const types = content as Record<string, JsonObject> | undefined;
      return [code, types ? { description, schema: schemaOf(types) } : { description }];
    }),
  ) as JsonObject;
  return result;
}

function schemaOf(content: Readonly<Record<string, JsonObject>>): JsonObject {
  const [first] = Object.values(content);
  return convert((first?.schema ?? {}) as JsonObject);
}

function parameter({ schema, ...rest }: JsonObject): JsonObject {
  return { ...(schema as JsonObject | undefined), ...rest };
}
