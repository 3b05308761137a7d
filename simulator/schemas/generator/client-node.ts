/**
 * Reads the model files of @kubernetes/client-node (Kubernetes 1.36): the run-time attribute map has wire names, types
 * and formats; the declaration file has documentation and optionality. The package is only read, never imported.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INT_OR_STRING, MICRO_TIME, type Schema, TIME } from '../schema.ts';
import { cleanDoc } from './docs.ts';

export interface Model {
  description: string;
  properties: Record<string, Schema>;
  required: string[];
}

interface Attribute {
  name: string;
  baseName: string;
  type: string;
  format: string;
}

/** All models by the package's class name, `V1Pod`; `$ref`s hold class names too. */
export function readClientNode(directory: string): Map<string, Model> {
  const models = new Map<string, Model>();
  for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith('.d.ts') || file === 'all.d.ts' || file === 'ObjectSerializer.d.ts') continue;
    const name = file.slice(0, -5);
    const declaration = readFileSync(join(directory, file), 'utf8');
    const script = readFileSync(join(directory, `${name}.js`), 'utf8');
    const start = script.indexOf('.attributeTypeMap = [');
    if (start < 0) throw new Error(`${file}: no attribute map`);
    const open = script.indexOf('[', start);
    const attributes = JSON.parse(script.slice(open, script.indexOf('];', open) + 1)) as Attribute[];
    models.set(name, toModel(declaration, attributes));
  }
  return models;
}

function toModel(declaration: string, attributes: Attribute[]): Model {
  const classAt = declaration.indexOf('export declare class');
  const head = declaration.slice(0, classAt);
  const docAt = head.lastIndexOf('/**');
  const description = docAt < 0 || /^import/m.test(head.slice(docAt)) ? '' : cleanDoc(head.slice(docAt));
  const docs = new Map<string, { doc: string; optional: boolean }>();
  const member = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^ {4}'([^']+)'(\??):/gm;
  for (const match of declaration.slice(classAt).matchAll(member)) {
    docs.set(match[2]!, { doc: cleanDoc(match[1] ?? ''), optional: match[3] === '?' });
  }
  const model: Model = { description, properties: {}, required: [] };
  for (const { name, baseName, type, format } of attributes) {
    const member = docs.get(name);
    if (!member) throw new Error(`no declaration for ${name}`);
    const schema = typeToSchema(type, format);
    model.properties[baseName] = member.doc ? { description: member.doc, ...schema } : schema;
    if (!member.optional) model.required.push(baseName);
  }
  model.required.sort();
  return model;
}

function typeToSchema(type: string, format: string): Schema {
  const array = /^Array<(.*)>$/.exec(type) ?? /^Set<(.*)>$/.exec(type);
  if (array) return { type: 'array', items: typeToSchema(array[1]!, format) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return { type: 'object', additionalProperties: typeToSchema(map[1]!, format) };
  switch (type) {
    case 'string':
      return format ? { type: 'string', format } : { type: 'string' };
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      if (format === 'double' || format === 'float') return { type: 'number', format };
      return format ? { type: 'integer', format } : { type: 'integer' };
    case 'IntOrString':
      return { $ref: INT_OR_STRING };
    case 'Date':
      return { $ref: TIME };
    case 'V1MicroTime':
      return { $ref: MICRO_TIME };
    case 'any':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    default:
      if (!/^[A-Z]\w*$/.test(type)) throw new Error(`unknown type ${type}`);
      return { $ref: type };
  }
}
