/** What a message must say: a text that is equal, or one that it contains or matches. */
import { mapping, optional } from '../language/mapping.ts';
import { byForm, mapped, named, regularExpression, text } from '../language/shapes.ts';

export interface Wording {
  /** How reports write it. */
  readonly expected: string;
  holds(actual: string): boolean;
}

export const wording = named('wording', () =>
  byForm({
    scalar: mapped(text, (wanted): Wording => ({ expected: wanted, holds: actual => actual === wanted })),
    mapping: mapped(
      mapping(
        {
          contains: optional('a part of the message', text),
          matches: optional('a regular expression that the message matches', regularExpression),
        },
        (value, fail) => {
          if ((value.contains === undefined) === (value.matches === undefined)) {
            fail(undefined, 'give one of contains and matches');
          }
        },
      ),
      ({ contains, matches }): Wording =>
        matches
          ? { expected: `matches ${String(matches)}`, holds: actual => matches.test(actual) }
          : {
              expected: `contains ${JSON.stringify(contains)}`,
              holds: actual => actual.includes(contains ?? ''),
            },
    ),
  }),
);
