/** What a scenario expects of objects and events, as fields of a mapping; `expect` and `until` share them. */
import type { JsonValue } from '../../simulator/index.ts';
import { type Check, type ReadFields, mapping, optional } from '../language/mapping.ts';
import {
  anything,
  byForm,
  choice,
  flag,
  jsonPath,
  labelSelector,
  named,
  object,
  regularExpression,
  text,
  wholeNumber,
} from '../language/shapes.ts';
import type { Shape } from '../language/shapes.ts';
import { nameOf, needsKind, objectFields } from './reference.ts';
import { wording } from './wording.ts';

const eventFields = {
  type: optional('Normal or Warning', choice(['Normal', 'Warning'])),
  reason: optional("the event's reason, such as SuccessfulCreate", text),
  message: optional('what it says', wording),
  count: optional('how often it has happened', wholeNumber(1)),
};

const items: Shape<JsonValue> = { read: anything.read, schema: () => ({ type: 'array' }) };

export const expectationFields = {
  ...objectFields,
  labelSelector: optional('all objects with these labels, instead of a name: app=web', labelSelector),
  path: optional('a JSONPath as kubectl writes it: .status.phase', jsonPath),
  equals: optional('the value at the path is exactly this', anything),
  matches: optional(
    'a regular expression that the text at the path matches; or a part of an object, which the object (or the value at the path) has at least',
    byForm({ scalar: regularExpression, mapping: object, list: items }),
  ),
  contains: optional('the text at the path contains this; or the list there has such an item', anything),
  exists: optional('whether the path finds anything', flag),
  absent: optional('whether there is no such object', flag),
  count: optional('how many such objects there are', wholeNumber(0)),
  event: optional(
    'an event about the object, or about any object where no kind is named',
    mapping(eventFields),
  ),
};

export type Expectation = ReadFields<typeof expectationFields>;
export type EventExpectation = NonNullable<Expectation['event']>;

const OPERATORS = ['equals', 'matches', 'contains', 'exists'] as const;

/** The rules among the fields. */
export const checkExpectation: Check<Expectation> = (value, fail) => {
  const isAbout = value.kind !== undefined || value.resource !== undefined;
  if (isAbout || !value.event) needsKind(value, fail);
  const operators = OPERATORS.filter(operator => value[operator] !== undefined);
  if (operators.length > 1) fail(operators[1], `give only one of ${operators.join(' and ')}`);
  const [operator] = operators;
  if (value.path && !operator) fail('path', `says nothing without one of ${OPERATORS.join(', ')}`);
  if (operator && !value.path && (operator !== 'matches' || value.matches instanceof RegExp)) {
    fail(operator, 'needs a path');
  }
  if (value.name !== undefined && value.labelSelector !== undefined) {
    fail('labelSelector', 'give only one of name and labelSelector');
  }
  const others = (['absent', 'count', 'event'] as const).filter(key => value[key] !== undefined);
  if (operator && others.length > 0) fail(others[0], `cannot stand beside ${operator}`);
  if (others.length > 1) fail(others[1], `cannot stand beside ${others[0]}`);
};

export const expectation = named('expectation', () => mapping(expectationFields, checkExpectation));

/** One line that says what is expected. */
export function expectationTitle(value: Expectation): string {
  const about = value.kind || value.resource ? nameOf(value) : '';
  const subject = value.labelSelector ? `${about} ${value.labelSelector.text}` : about;
  if (value.event) {
    const { type, reason, message } = value.event;
    const what = [type, reason, message?.expected].filter(part => part !== undefined).join(' ');
    return `event ${what}${subject ? ` on ${subject}` : ''}`;
  }
  if (value.absent !== undefined) return `${subject} is ${value.absent ? 'absent' : 'there'}`;
  if (value.count !== undefined) return `${value.count} × ${subject}`;
  const path = value.path ? ` ${value.path.text}` : '';
  if (value.equals !== undefined) return `${subject}${path} = ${short(value.equals)}`;
  if (value.contains !== undefined) return `${subject}${path} contains ${short(value.contains)}`;
  if (value.exists !== undefined) return `${subject}${path} ${value.exists ? 'exists' : 'is not set'}`;
  if (value.matches instanceof RegExp) return `${subject}${path} matches ${String(value.matches)}`;
  if (value.matches !== undefined) return `${subject}${path} has ${short(value.matches as JsonValue)}`;
  return `${subject} is there`;
}

const SHORT = 80;

function short(value: JsonValue): string {
  const written = JSON.stringify(value);
  return written.length > SHORT ? `${written.slice(0, SHORT - 1)}…` : written;
}
