/** Table answers: what `kubectl get` prints (meta.k8s.io Table; apiserver v0.35 pkg/endpoints/handlers/response.go). */
import type { ObjectList } from '../simulator/apiserver/index.ts';
import { type TablePrinter, tablePrinter } from '../simulator/resources/index.ts';
import type { ResourceDefinition } from '../simulator/resources/definition.ts';
import type { KubeObject, Millis } from '../simulator/types/meta.ts';
import { encodeObject, encodePartial, listMetadata } from './encoding.ts';
import type { IncludeObject } from './negotiation.ts';

export interface TableOptions {
  /** Of meta.k8s.io. */
  readonly version: string;
  readonly include: IncludeObject;
  /** Virtual time: ages are seen from it. */
  readonly now: Millis;
}

/** The tables of one resource in one version. */
export class TableEncoder {
  readonly #printer: TablePrinter;
  readonly #columns: string;

  constructor(definition: ResourceDefinition, version: string) {
    this.#printer = tablePrinter(definition, version);
    this.#columns = JSON.stringify(this.#printer.columns);
  }

  encodeList(list: ObjectList, options: TableOptions): string {
    return this.#table(listMetadata(list), this.#columns, list.items, options);
  }

  encodeObject(object: KubeObject, options: TableOptions, withColumns = true): string {
    const metadata = JSON.stringify({ resourceVersion: object.metadata.resourceVersion });
    return this.#table(metadata, withColumns ? this.#columns : '[]', [object], options);
  }

  /** A bookmark carries a revision and nothing to print. */
  encodeBookmark(object: KubeObject, { version }: TableOptions): string {
    const metadata = JSON.stringify({ resourceVersion: object.metadata.resourceVersion });
    const row = `{"cells":[],"object":${encodePartial(object, version)}}`;
    return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"columnDefinitions":[],"rows":[${row}]}`;
  }

  #table(metadata: string, columns: string, objects: readonly KubeObject[], options: TableOptions): string {
    const { version, include, now } = options;
    const context = { now };
    const rows = objects.map(object => {
      const cells = JSON.stringify(this.#printer.row(object, context));
      if (include === 'None') return `{"cells":${cells},"object":null}`;
      const text = include === 'Object' ? encodeObject(object) : encodePartial(object, version);
      return `{"cells":${cells},"object":${text}}`;
    });
    return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"columnDefinitions":${columns},"rows":[${rows.join(',')}]}`;
  }
}

/** Encoders by resource and version, each made once. */
export class TableEncoders {
  readonly #encoders = new Map<string, TableEncoder>();

  for(definition: ResourceDefinition, version: string): TableEncoder {
    const key = `${definition.plural}.${definition.group}/${version}`;
    let encoder = this.#encoders.get(key);
    if (!encoder) {
      encoder = new TableEncoder(definition, version);
      this.#encoders.set(key, encoder);
    }
    return encoder;
  }
}
