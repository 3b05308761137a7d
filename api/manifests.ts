/** Manifests as kubectl reads them: JSON, or YAML 1.1 with several documents and Lists (sigs.k8s.io/yaml). */
import { type DocumentOptions, type ParseOptions, type SchemaOptions, parseAllDocuments } from 'yaml';
import type { JsonObject, JsonValue } from '../simulator/types/meta.ts';

/** Types that the YAML 1.1 schema knows and Go's reader gives as plain text. */
const TEXT_IN_GO = new Set(
  ['timestamp', 'binary', 'omap', 'pairs', 'set'].map(name => `tag:yaml.org,2002:${name}`),
);

const OPTIONS: DocumentOptions & ParseOptions & SchemaOptions = {
  version: '1.1',
  // Sexagesimal numbers would turn unquoted MAC addresses into integers; Go's reader does not know them.
  customTags: tags =>
    tags.filter(tag => typeof tag !== 'object' || (!TEXT_IN_GO.has(tag.tag) && tag.format !== 'TIME')),
  logLevel: 'silent',
  prettyErrors: true,
};

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
  const documents = parseAllDocuments(text, OPTIONS);
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
  const objects: { object: JsonObject; document: number }[] = [];
  for (const { number: document, value } of readYaml(text)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ManifestError(`document ${document} is no object`);
    }
    if (typeof value.kind !== 'string' || value.kind === '') {
      throw new ManifestError(`document ${document}: Object 'Kind' is missing`);
    }
    if (value.kind.endsWith('List') && Array.isArray(value.items)) {
      for (const item of value.items) {
        if (typeof item !== 'object' || item === null || Array.isArray(item)) {
          throw new ManifestError(`document ${document}: an item of ${value.kind} is no object`);
        }
        objects.push({ object: item, document });
      }
    } else {
      objects.push({ object: value, document });
    }
  }
  return objects;
}
