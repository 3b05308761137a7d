/** The grammar of field selectors (apimachinery pkg/fields, v1.35) over the fields a definition makes selectable. */
import type { ResourceDefinition } from '../resources/definition.ts';
import type { KubeObject } from '../types/meta.ts';
import { badRequest } from './errors.ts';

interface FieldTerm {
  readonly field: string;
  readonly value: string;
  readonly negated: boolean;
  readonly read: (object: KubeObject) => string;
}

/** All of them must hold; an empty list selects everything. */
export type FieldTerms = readonly FieldTerm[];

const OPERATORS = ['!=', '==', '='] as const;

/**
 * Reads a selector such as `metadata.name=x,status.phase!=Failed`.
 * @throws ApiError 400 for a syntax error and for a field that the resource does not offer.
 */
export function parseFieldSelector(text: string, definition: ResourceDefinition): FieldTerms {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text).sort()) {
    if (part === '') continue;
    const split = splitTerm(part);
    if (!split) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const { field, operator, value } = split;
    terms.push({
      field,
      value: unescape(value),
      negated: operator === '!=',
      read: readerOf(field, definition),
    });
  }
  return terms;
}

export function matchesFields(terms: FieldTerms, object: KubeObject): boolean {
  return terms.every(({ read, value, negated }) => (read(object) === value) !== negated);
}

/** The value a field must have, where the selector asks for exactly one. */
export function exactValue(terms: FieldTerms, field: string): string | undefined {
  return terms.find(term => term.field === field && !term.negated)?.value;
}

const nameOf = (object: KubeObject) => object.metadata.name;
const namespaceOf = (object: KubeObject) => object.metadata.namespace ?? '';

function readerOf(field: string, definition: ResourceDefinition): (object: KubeObject) => string {
  if (field === 'metadata.name') return nameOf;
  if (field === 'metadata.namespace' && (definition.namespaced || definition.custom)) return namespaceOf;
  const read = definition.selectableFields?.[field];
  if (read) return read;
  if (!definition.custom) throw badRequest(`field label not supported: ${field}`);
  const known = [
    'metadata.name',
    'metadata.namespace',
    ...Object.keys(definition.selectableFields ?? {}),
  ].map(name => `"${name}"`);
  throw badRequest(`"${field}" is not a known field selector: only ${known.join(', ')}`);
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  let escaped = false;
  for (let at = 0; at < text.length; at += 1) {
    if (escaped) escaped = false;
    else if (text[at] === '\\') escaped = true;
    else if (text[at] === ',') {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function splitTerm(term: string): { field: string; operator: string; value: string } | undefined {
  for (let at = 0; at < term.length; at += 1) {
    const operator = OPERATORS.find(known => term.startsWith(known, at));
    if (operator) return { field: term.slice(0, at), operator, value: term.slice(at + operator.length) };
  }
  return undefined;
}

function unescape(value: string): string {
  let result = '';
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at] as string;
    if (character === '\\') {
      const next = value[at + 1] ?? '';
      if (next === '' || !'\\,='.includes(next)) {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${next}`);
      }
      result += next;
      at += 1;
    } else if (character === ',' || character === '=') {
      throw badRequest(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`);
    } else result += character;
  }
  return result;
}
