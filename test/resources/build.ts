/** Short ways to write objects and to print them as kubectl would. */
import { allDefinitions, resourceName, tablePrinter } from '../../simulator/resources/index.ts';
import type { ResourceDefinition } from '../../simulator/resources/index.ts';
import type { JsonPrimitive, KubeObject } from '../../simulator/types/meta.ts';

export const NOW = Date.parse('2026-01-01T12:00:00Z');

/** For rules of kinds that look at nothing but the object. */
export const NO_VIEW = undefined as never;

const definitions = new Map(
  allDefinitions().map(definition => [resourceName(definition.group, definition.plural), definition]),
);

export function definition(name: string): ResourceDefinition {
  const found = definitions.get(name);
  if (!found) throw new Error(`no definition of ${name}`);
  return found;
}

/** A stored object: created five minutes ago in `default` unless said otherwise. */
export function object(
  kind: string,
  body: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name: 'x',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T11:55:00Z',
      ...metadata,
    },
    ...body,
  } as unknown as KubeObject;
}

/** The cells that are shown, by column; wide ones too when asked for. */
export function cells(name: string, body: KubeObject, wide = false): Record<string, JsonPrimitive> {
  const found = definition(name);
  const printer = tablePrinter(found, (found.versions[0] as { name: string }).name);
  const row = printer.row(body, { now: NOW });
  return Object.fromEntries(
    printer.columns
      .map((column, index) => [column, row[index] as JsonPrimitive] as const)
      .filter(([column]) => wide || column.priority === 0)
      .map(([column, cell]) => [column.name, cell]),
  );
}

/** Runs what the API server does to a new object before it stores it. */
export function created(name: string, body: KubeObject): KubeObject {
  const found = definition(name);
  const complete = found.applyDefaults?.(body) ?? body;
  return found.prepareForCreate?.(complete, NO_VIEW) ?? complete;
}

/** `field: message` of every refusal. */
export function refusals(name: string, body: KubeObject): string[] {
  const found = definition(name);
  const complete = found.applyDefaults?.(body) ?? body;
  return (found.validate?.(complete) ?? []).map(cause => `${cause.field}: ${cause.message}`);
}

export function updateRefusals(name: string, body: KubeObject, old: KubeObject): string[] {
  return (definition(name).validateUpdate?.(body, old) ?? []).map(
    cause => `${cause.field}: ${cause.message}`,
  );
}
