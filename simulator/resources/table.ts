/**
 * Server-side tables (meta.k8s.io/v1 Table): the columns of a resource and the cells of an object
 * (apiextensions-apiserver pkg/registry/customresource/tableconvertor, kubernetes pkg/printers/internalversion, v1.35).
 */
import { humanDuration, parseTimestamp } from '../clock/index.ts';
import type { JsonPrimitive, JsonValue, KubeObject, Millis } from '../types/meta.ts';
import type { Column, ColumnContext, ResourceDefinition } from './definition.ts';
import { findFirst, type JsonPath, parseJsonPath } from './json-path.ts';

/** One entry of a Table's `columnDefinitions`. */
export interface TableColumn {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

/** A resource's table in one version, with its JSONPaths compiled once for many rows. */
export interface TablePrinter {
  readonly columns: readonly TableColumn[];
  row(object: KubeObject, context: ColumnContext): JsonPrimitive[];
}

const NAME_COLUMN: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name of the object, unique within its namespace and kind.',
  priority: 0,
};

const DEFAULT_COLUMNS: readonly Column[] = [
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

type Cell = (object: KubeObject, context: ColumnContext) => JsonPrimitive;

/** Compiles the table of a version; unknown versions print as the resource does. */
export function tablePrinter(definition: ResourceDefinition, version: string): TablePrinter {
  const declared =
    definition.versions.find(candidate => candidate.name === version)?.columns ??
    definition.columns ??
    DEFAULT_COLUMNS;
  // Kinds whose Name cell says more than the name (storage classes) or stands elsewhere (events) bring their own.
  const ownName = declared.some(column => column.name === 'Name');
  const cells = declared.map(cellOf);
  return {
    columns: ownName ? declared.map(columnOf) : [NAME_COLUMN, ...declared.map(columnOf)],
    row(object, context) {
      const row: JsonPrimitive[] = ownName ? [] : [object.metadata.name];
      for (const cell of cells) row.push(cell(object, context));
      return row;
    },
  };
}

/** The `columnDefinitions` of a resource in one version. */
export function tableColumns(definition: ResourceDefinition, version: string): readonly TableColumn[] {
  return tablePrinter(definition, version).columns;
}

/** The `cells` of one object; for many objects use {@link tablePrinter}. */
export function tableRow(
  definition: ResourceDefinition,
  version: string,
  object: KubeObject,
  context: ColumnContext,
): JsonPrimitive[] {
  return tablePrinter(definition, version).row(object, context);
}

/** AGE of a creation time: `<unknown>` when absent, `<invalid>` when it is no time. */
export function age(since: string | undefined | null, now: Millis): string {
  if (!since) return '<unknown>';
  const at = parseTimestamp(since);
  return Number.isNaN(at) ? '<invalid>' : humanDuration(now - at);
}

function columnOf(column: Column): TableColumn {
  return {
    name: column.name,
    type: column.type,
    format: column.format ?? (column.name === 'Name' ? 'name' : ''),
    description:
      column.description ??
      (column.jsonPath ? `Custom resource definition column (in JSONPath format): ${column.jsonPath}` : ''),
    priority: column.priority ?? 0,
  };
}

function cellOf(column: Column): Cell {
  if (column.cell) return column.cell;
  if (column.jsonPath === undefined) {
    throw new TypeError(`column ${column.name} has neither a jsonPath nor a cell`);
  }
  const path: JsonPath = parseJsonPath(column.jsonPath);
  return (object, context) => typedCell(column.type, findFirst(path, object), context);
}

/** A value found by JSONPath as a cell of the column's type; null where it is missing or of another type. */
function typedCell(
  type: Column['type'],
  value: JsonValue | undefined,
  context: ColumnContext,
): JsonPrimitive {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? age(value, context.now) : null;
  }
}
