/**
 * Reads @kubevirt-ui-ext/kubevirt-api (KubeVirt and CDI). The original sources ride along in its source maps: the
 * interfaces give types, optionality and documentation, the `ToJSON` functions the names on the wire.
 */
import { readFileSync } from 'node:fs';
import { INT_OR_STRING, QUANTITY, type Schema, TIME } from '../schema.ts';
import type { Model } from './client-node.ts';
import { cleanDoc, isQuantityDoc } from './docs.ts';

/** Models by the package's type name, `V1VirtualMachine`; `$ref`s hold type names too. */
export function readKubevirtApi(sourceMap: string): Map<string, Model> {
  const { sourcesContent } = JSON.parse(readFileSync(sourceMap, 'utf8')) as { sourcesContent: string[] };
  const models = new Map<string, Model>();
  for (const source of sourcesContent) {
    const enums = readEnums(source);
    const alias = /^export type (\w+) = (?:string|object);/m.exec(source);
    if (alias) models.set(alias[1]!, { description: '', properties: {}, required: [] });
    const start = /((?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/)?)\s*^export interface (\w+) \{\n/m.exec(source);
    if (!start || !/^ \* @interface/m.test(start[1]!)) continue;
    const end = source.indexOf('\n}\n', start.index);
    const body = source.slice(start.index + start[0].length, end + 1);
    models.set(start[2]!, {
      description: cleanDoc(start[1]!),
      ...readMembers(body, enums, wireNames(source)),
    });
  }
  return models;
}

function readEnums(source: string): Map<string, string[]> {
  const enums = new Map<string, string[]>();
  for (const match of source.matchAll(/^export (?:const|enum) (\w+)(?: =)? \{\n([\s\S]*?)\n\}/gm)) {
    if (!match[1]!.endsWith('Enum')) continue;
    enums.set(match[1]!, [...match[2]!.matchAll(/[:=] ["']([^"']*)["']/g)].map(value => value[1]!).sort());
  }
  return enums;
}

/** The generator renames fields that clash with reserved words or start with a capital; `ToJSON` writes the true names. */
function wireNames(source: string): Map<string, string> {
  const names = new Map<string, string>();
  const toJson = source.slice(source.search(/export function \w+ToJSON\(/));
  for (const match of toJson.matchAll(
    /^\s+'?([^\s':]+)'?:(?:(?!^\s+'?[^\s':]+'?:)[\s\S])*?\bvalue\.(\w+)/gm,
  )) {
    if (!names.has(match[2]!)) names.set(match[2]!, match[1]!);
  }
  return names;
}

function readMembers(
  body: string,
  enums: Map<string, string[]>,
  wire: Map<string, string>,
): Omit<Model, 'description'> {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  const member =
    /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^ +(?:readonly )?(\w+)(\??): ([^;]*(?:\{[^}]*\}[^;]*)?);$/gm;
  for (const [, comment, name, optional, type] of body.matchAll(member)) {
    const doc = cleanDoc(comment ?? '');
    const property = wire.get(name!) ?? name!;
    const schema = typeToSchema(type!.trim(), enums, isQuantityDoc(doc), property, doc);
    properties[property] = doc && !isQuantityDoc(doc) ? { description: doc, ...schema } : schema;
    if (optional === '') required.push(property);
  }
  return { properties, required: required.sort() };
}

function typeToSchema(
  type: string,
  enums: Map<string, string[]>,
  quantity: boolean,
  name: string,
  doc: string,
): Schema {
  const array = /^Array<([\s\S]*)>$/.exec(type);
  if (array) return { type: 'array', items: typeToSchema(array[1]!.trim(), enums, quantity, name, doc) };
  const map = /^\{\s*\[key: string\]: ([^;]*);?\s*\}$/.exec(type);
  if (map)
    return { type: 'object', additionalProperties: typeToSchema(map[1]!.trim(), enums, quantity, name, doc) };
  const values = enums.get(type);
  if (values) return { type: 'string', enum: values };
  switch (type) {
    case 'string':
      if (quantity) return { $ref: QUANTITY };
      if (doc.startsWith('IntOrString is a type')) return { $ref: INT_OR_STRING };
      if (doc.startsWith('Time is a wrapper around time.Time') || name.endsWith('Timestamp'))
        return { $ref: TIME };
      return { type: 'string' };
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return { type: 'integer', format: 'int32' };
    case 'object':
      return { type: 'object' };
    case 'any':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    default:
      if (!/^[A-Z]\w*$/.test(type)) throw new Error(`unknown type ${type}`);
      return { $ref: type };
  }
}
