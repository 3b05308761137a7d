/** How steps name objects. */
import { type Kind, type Kinds, UnknownKindError } from '../run/kinds.ts';
import { ScenarioError } from '../language/source.ts';
import type { Place } from '../language/source.ts';
import { optional } from '../language/mapping.ts';
import { type Shape, mapped, text } from '../language/shapes.ts';

/** A kind's name with its place, for the message when nobody serves it. */
export interface KindName {
  readonly name: string;
  readonly place: Place;
}

export const kindName: Shape<KindName> = mapped(text, (name, spot, source) => ({
  name,
  place: source.placeAt(spot.offset),
}));

/** Fields that name a kind; exactly one of `kind` and `resource` is given. */
export const kindFields = {
  kind: optional('the kind, by any name that kubectl takes: VirtualMachine, vm, pods', kindName),
  resource: optional('the same as kind, for those who think in plurals', kindName),
  apiVersion: optional('group and version to read it in; by default the preferred one', text),
};

export const objectFields = {
  ...kindFields,
  name: optional("the object's name", text),
  namespace: optional('its namespace; by default "default"', text),
};

export interface KindReference {
  readonly kind?: KindName;
  readonly resource?: KindName;
  readonly apiVersion?: string;
}

export interface ObjectReference extends KindReference {
  readonly name?: string;
  readonly namespace?: string;
}

export function needsKind(
  value: KindReference,
  fail: (key: string | undefined, problem: string) => never,
): void {
  if ((value.kind === undefined) === (value.resource === undefined)) {
    fail(value.kind ? 'resource' : undefined, 'name the object by one of kind and resource');
  }
}

/** @throws ScenarioError at the place of a kind that nobody serves. */
export function resolveKind(reference: KindReference, kinds: Kinds): Kind {
  const written = reference.kind ?? reference.resource;
  if (!written) throw new Error('a reference without kind got past its check');
  try {
    return kinds.find(written.name, reference.apiVersion);
  } catch (error) {
    if (error instanceof UnknownKindError) throw new ScenarioError(written.place, error.message);
    throw error;
  }
}

/** `VirtualMachine default/vm1`: how titles name an object. */
export function nameOf({ kind, resource, name, namespace }: ObjectReference): string {
  const what = (kind ?? resource)?.name ?? 'object';
  return name === undefined ? what : `${what} ${namespace ? `${namespace}/` : ''}${name}`;
}
