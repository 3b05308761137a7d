/** Cells that several built-in kinds share (kubernetes pkg/printers/internalversion/printers.go, v1.35). */
import type { LabelSelector } from '../types/meta.ts';
import type { JsonPrimitive, JsonValue, KubeObject } from '../types/meta.ts';
import type { Column, ColumnContext } from './definition.ts';
import { at, objects, text } from './fields.ts';
import { age } from './table.ts';

export const NONE = '<none>';

type Cell = (object: KubeObject, context: ColumnContext) => JsonPrimitive;

/** A column that is always shown. */
export function column(name: string, cell: Cell, type: Column['type'] = 'string'): Column {
  return { name, type, cell };
}

/** A column that only `-o wide` shows. */
export function wide(name: string, cell: Cell, type: Column['type'] = 'string'): Column {
  return { name, type, cell, priority: 1 };
}

export const AGE: Column = column('Age', (object, { now }) => age(object.metadata.creationTimestamp, now));

/** What kinds without a printer of their own show. */
export const CREATED_AT: Column = column(
  'Created At',
  object => object.metadata.creationTimestamp ?? null,
  'date',
);

/** `a=b,c=d`, sorted; `<none>` when empty (labels.FormatLabels). */
export function labelText(labels: unknown): string {
  const pairs = Object.entries((labels ?? {}) as Record<string, string>);
  if (pairs.length === 0) return NONE;
  return pairs
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

/** A label selector as the selector syntax writes it (metav1.FormatLabelSelector). */
export function selectorText(selector: unknown): string {
  const { matchLabels = {}, matchExpressions = [] } = (selector ?? {}) as LabelSelector;
  const parts: [key: string, text: string][] = Object.entries(matchLabels).map(([key, value]) => [
    key,
    `${key}=${value}`,
  ]);
  for (const { key, operator, values = [] } of matchExpressions) {
    const list = `(${[...values].sort().join(',')})`;
    if (operator === 'In') parts.push([key, `${key} in ${list}`]);
    else if (operator === 'NotIn') parts.push([key, `${key} notin ${list}`]);
    else if (operator === 'Exists') parts.push([key, key]);
    else if (operator === 'DoesNotExist') parts.push([key, `!${key}`]);
    else return '<error>';
  }
  if (parts.length === 0) return NONE;
  return parts
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, part]) => part)
    .join(',');
}

function containerNames(template: JsonValue | undefined): string {
  return objects(at(template, 'spec', 'containers'))
    .map(container => text(container.name))
    .join(',');
}

function containerImages(template: JsonValue | undefined): string {
  return objects(at(template, 'spec', 'containers'))
    .map(container => text(container.image))
    .join(',');
}

/** The wide columns of every workload: its template's containers and their images. */
export const WORKLOAD_COLUMNS: readonly Column[] = [
  wide('Containers', object => containerNames(at(object, 'spec', 'template'))),
  wide('Images', object => containerImages(at(object, 'spec', 'template'))),
];

export const SELECTOR_COLUMN: Column = wide('Selector', object =>
  selectorText(at(object, 'spec', 'selector')),
);

/** Pod templates print the same of their top-level template. */
export const TEMPLATE_COLUMNS: readonly Column[] = [
  column('Containers', object => containerNames(at(object, 'template'))),
  column('Images', object => containerImages(at(object, 'template'))),
  column('Pod Labels', object => labelText(at(object, 'template', 'metadata', 'labels'))),
];

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `RWO,RWX`, in Kubernetes' order whatever the order of the list (storage helper GetAccessModesAsString). */
export function accessModesText(modes: unknown): string {
  const given = new Set((modes ?? []) as string[]);
  return Object.keys(ACCESS_MODES)
    .filter(mode => given.has(mode))
    .map(mode => ACCESS_MODES[mode])
    .join(',');
}

/** The age of a time in the object; `<unknown>` without one. */
export function since(value: JsonValue | undefined, context: ColumnContext): string {
  return age(typeof value === 'string' ? value : undefined, context.now);
}
