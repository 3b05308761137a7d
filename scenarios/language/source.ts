/** A scenario's text with its positions, and the one error for everything that is wrong in it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type Document,
  LineCounter,
  type Node,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseAllDocuments,
} from 'yaml';
import type { JsonValue } from '../../simulator/index.ts';
import { GO_YAML } from '../go-yaml.ts';

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** A scenario that cannot be understood; the message begins with `FILE:LINE:COLUMN: `. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly place: Place;
  readonly problem: string;

  constructor(place: Place, problem: string) {
    super(`${place.file}:${place.line}:${place.column}: ${problem}`);
    this.place = place;
    this.problem = problem;
  }
}

/** Where a value stands: its node (null where there is only a key), its offset, its path as people write it. */
export interface Spot {
  readonly node: Node | null;
  readonly offset: number;
  /** `spec.steps[3].expect`; empty at the top. */
  readonly path: string;
}

export interface Entry {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: Spot;
}

export interface SourceText {
  /** As messages name it; files that it refers to are looked up beside it. */
  readonly file: string;
  readonly text: string;
}

export class Source {
  readonly file: string;
  readonly root: Spot;
  readonly #document: Document<Node>;
  readonly #lines = new LineCounter();
  readonly #readFile: (path: string) => string;

  /** @throws ScenarioError for what is no YAML, has no or several documents, or repeats a key. */
  constructor(
    { file, text }: SourceText,
    readFile: (path: string) => string = path => readFileSync(path, 'utf8'),
  ) {
    this.file = file;
    this.#readFile = readFile;
    const documents = parseAllDocuments<ParsedNode>(text, {
      ...GO_YAML,
      lineCounter: this.#lines,
      prettyErrors: false,
    });
    const [first, second] = Array.isArray(documents) ? documents : [];
    for (const document of Array.isArray(documents) ? documents : []) {
      const [error] = document.errors;
      if (error) throw new ScenarioError(this.placeAt(error.pos[0]), error.message);
    }
    if (!first?.contents) throw new ScenarioError(this.placeAt(0), 'there is no scenario in it');
    if (second?.contents) {
      throw new ScenarioError(
        this.placeAt(second.contents.range[0]),
        'a file holds one scenario, this begins another',
      );
    }
    this.#document = first as unknown as Document<Node>;
    this.root = { node: first.contents, offset: first.contents.range[0], path: '' };
  }

  placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** @throws ScenarioError always. */
  fail(spot: Spot, problem: string): never {
    throw new ScenarioError(
      this.placeAt(spot.offset),
      spot.path === '' ? problem : `${spot.path}: ${problem}`,
    );
  }

  failAt(offset: number, path: string, problem: string): never {
    return this.fail({ node: null, offset, path }, problem);
  }

  mapOf(spot: Spot): YAMLMap | undefined {
    const node = this.#follow(spot.node);
    return isMap(node) ? node : undefined;
  }

  /** The pairs of a mapping, in order. */
  entries(map: YAMLMap, path: string): Entry[] {
    return map.items.map(pair => {
      const keyNode = pair.key as Node | null;
      const key = isScalar(keyNode) ? String((keyNode as Scalar).source ?? keyNode.value) : '';
      const keyOffset = isNode(keyNode) ? (keyNode.range?.[0] ?? 0) : 0;
      return {
        key,
        keyOffset,
        value: this.#spot(pair.value, keyOffset, path === '' ? key : `${path}.${key}`),
      };
    });
  }

  /** The items of a list, or undefined for what is none. */
  items(spot: Spot): Spot[] | undefined {
    const node = this.#follow(spot.node);
    if (!isSeq(node)) return undefined;
    return (node as YAMLSeq).items.map((item, index) =>
      this.#spot(item, spot.offset, `${spot.path}[${index}]`),
    );
  }

  /** The value as plain data, anchors and merges followed; null where there is nothing. */
  valueOf(spot: Spot): JsonValue {
    if (spot.node === null) return null;
    return (spot.node.toJS(this.#document, { mapAsMap: false }) ?? null) as JsonValue;
  }

  /**
   * The text of a file named in the scenario, relative to it.
   * @throws ScenarioError at `spot` when it cannot be read.
   */
  readBeside(spot: Spot, name: string): string {
    try {
      return this.#readFile(resolve(dirname(this.file), name));
    } catch (error) {
      return this.fail(
        spot,
        `${name} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      );
    }
  }

  #follow(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
  }

  #spot(value: unknown, fallback: number, path: string): Spot {
    const node = isNode(value) ? value : null;
    return { node, offset: node?.range?.[0] ?? fallback, path };
  }
}
