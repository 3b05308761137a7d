/** One step: a mapping with one verb, what may stand beside that verb, and perhaps a name. */
import type { JsonObject } from '../../simulator/index.ts';
import { type BoundStep, STEP_KINDS, type StepKind } from '../steps/index.ts';
import { entriesOf, fieldsSchema, optional, unknownKey } from './mapping.ts';
import { type Shape, named, text } from './shapes.ts';
import type { Place } from './source.ts';

export interface Step extends BoundStep {
  readonly verb: string;
  readonly name?: string;
  readonly place: Place;
}

const nameField = optional('what the report calls the step', text);
const byVerb: ReadonlyMap<string, StepKind> = new Map(STEP_KINDS.map(kind => [kind.verb, kind]));
const besideKeys = new Set(STEP_KINDS.flatMap(kind => Object.keys(kind.beside)));

export const step: Shape<Step> = named('step', () => ({
  read: (spot, source) => {
    const entries = entriesOf(spot, source);
    for (const { key, keyOffset } of entries) {
      if (key === 'name' || byVerb.has(key) || besideKeys.has(key)) continue;
      unknownKey(key, keyOffset, ['name', ...byVerb.keys(), ...besideKeys], spot, source);
    }
    const [first, second] = entries.filter(entry => byVerb.has(entry.key));
    if (!first) return source.fail(spot, `a step needs one of ${[...byVerb.keys()].join(', ')}`);
    if (second) {
      source.failAt(
        second.keyOffset,
        spot.path,
        `a step does one thing: this one has ${first.key} and ${second.key}`,
      );
    }
    const kind = byVerb.get(first.key) as StepKind;
    const beside = entries.filter(entry => entry !== first && entry.key !== 'name');
    const misplaced = beside.find(entry => !Object.hasOwn(kind.beside, entry.key));
    if (misplaced) {
      source.failAt(misplaced.keyOffset, spot.path, `${misplaced.key} says nothing beside ${kind.verb}`);
    }
    const name = entries.find(entry => entry.key === 'name');
    return {
      verb: kind.verb,
      place: source.placeAt(spot.offset),
      ...(name && { name: text.read(name.value, source) }),
      ...kind.read(first.value, beside, spot, source),
    };
  },
  schema: definitions => {
    const fields = Object.fromEntries([
      ['name', nameField],
      ...STEP_KINDS.map(kind => [kind.verb, optional(kind.summary, kind.argument)]),
      ...STEP_KINDS.flatMap(kind => Object.entries(kind.beside)),
    ]);
    const schema: JsonObject = fieldsSchema(fields, definitions);
    return { ...schema, oneOf: STEP_KINDS.map(({ verb }) => ({ required: [verb] })) };
  },
}));
