/** Manifests as kubectl reads them: JSON, or YAML with several documents and Lists. */
import { parseAllDocuments } from 'yaml';
import type { JsonObject, JsonValue } from '../simulator/index.ts';
import { GO_YAML } from './go-yaml.ts';

export interface YamlDocument {
  /** Its place in the text, from 1, empty ones counted. */
  readonly number: number;
  readonly value: JsonValue;
  /** `line 7: key "replicas" already set in map`. */
  readonly duplicates: readonly string[];
}

export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/**
 * All documents of a YAML (or JSON) text; empty ones are left out.
 * @throws ManifestError with the position of what cannot be read.
 */
export function readYaml(text: string): YamlDocument[] {
  const documents = parseAllDocuments(text, { ...GO_YAML, prettyErrors: true });
  if (!Array.isArray(documents)) return [];
  const values: YamlDocument[] = [];
  for (const [index, document] of documents.entries()) {
    const duplicates: string[] = [];
    for (const error of document.errors) {
      const line = error.linePos?.[0].line ?? 0;
      if (error.code !== 'DUPLICATE_KEY') {
        throw new ManifestError(
          `yaml: line ${line}: ${error.message.split('\n')[0]?.replace(/ at line .*$/, '')}`,
        );
      }
      const key = /^\s*["']?([^"':]+)/.exec(text.slice(error.pos[0]))?.[1] ?? '';
      duplicates.push(`line ${line}: key ${JSON.stringify(key)} already set in map`);
    }
    if (document.contents === null) continue;
    const value = document.toJS({ mapAsMap: false }) as JsonValue;
    if (value !== null) values.push({ number: index + 1, value, duplicates });
  }
  return values;
}

/** The objects of a manifest, in order, with Lists taken apart and the number of each one's document (from 1). */
export function readManifest(text: string): { object: JsonObject; document: number }[] {
  return readYaml(text).flatMap(({ number: document, value }) =>
    objectsOf(value, `document ${document}`).map(object => ({ object, document })),
  );
}

/**
 * The objects that one value stands for: itself, or a List's items.
 * @throws ManifestError that begins with `where`.
 */
export function objectsOf(value: JsonValue, where: string): JsonObject[] {
  if (!isObject(value)) throw new ManifestError(`${where} is no object`);
  if (typeof value.kind !== 'string' || value.kind === '') {
    throw new ManifestError(`${where}: Object 'Kind' is missing`);
  }
  if (!value.kind.endsWith('List') || !Array.isArray(value.items)) return [value];
  return value.items.map(item => {
    if (!isObject(item)) throw new ManifestError(`${where}: an item of ${String(value.kind)} is no object`);
    return item;
  });
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
