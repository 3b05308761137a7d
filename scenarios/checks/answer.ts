/** What a step expects of the API's answer: accepted by default, or refused in certain words; and its warnings. */
import type { ApiResponse, JsonValue } from '../../simulator/index.ts';
import { type ReadFields, mapping, optional } from '../language/mapping.ts';
import { list, text, wholeNumber } from '../language/shapes.ts';
import { type Problem, StepFailure, type Subject } from '../run/session.ts';
import { wording } from './wording.ts';

/** Keys that may stand beside every step that asks the API for something. */
export const answerFields = {
  refused: optional(
    'the API refuses, and says this',
    mapping({
      code: optional('the HTTP code', wholeNumber(400, 599)),
      reason: optional('the reason, such as Invalid', text),
      message: optional('the message', wording),
    }),
  ),
  warnings: optional('the API warns in exactly these words (an empty list: it does not warn)', list(wording)),
};

export type AnswerExpectation = ReadFields<typeof answerFields>;

/** @throws StepFailure when the API answers something else. */
export function checkAnswer(
  response: ApiResponse,
  { refused, warnings }: AnswerExpectation,
  subject?: Subject,
): void {
  const problems: Problem[] = [];
  const status = response.type === 'status' && response.code >= 400 ? response.status : undefined;
  if (!refused && status) {
    problems.push({
      message: `the API refuses: ${status.message ?? `code ${response.code}`}`,
      expected: 'accepted',
      actual: describe(response),
      subject,
    });
  } else if (refused) {
    const { code, reason, message } = refused;
    const holds =
      status !== undefined &&
      (code === undefined || code === status.code) &&
      (reason === undefined || reason === status.reason) &&
      (message === undefined || message.holds(status.message ?? ''));
    if (!holds) {
      const expected = {
        ...(code !== undefined && { code }),
        ...(reason !== undefined && { reason }),
        ...(message !== undefined && { message: message.expected }),
      };
      const what = status ? 'the API refuses in other words' : 'the API does not refuse';
      problems.push({ message: what, expected, actual: describe(response), subject });
    }
  }
  if (warnings) problems.push(...judgeWarnings(response.warnings, warnings, subject));
  if (problems.length > 0) throw new StepFailure(...problems);
}

function judgeWarnings(
  actual: readonly string[],
  wanted: NonNullable<AnswerExpectation['warnings']>,
  subject: Subject | undefined,
): Problem[] {
  const rest = [...actual];
  const holds =
    wanted.length === actual.length &&
    wanted.every(({ holds: says }) => {
      const index = rest.findIndex(says);
      if (index >= 0) rest.splice(index, 1);
      return index >= 0;
    });
  if (holds) return [];
  const expected = wanted.map(warning => warning.expected);
  return [{ message: 'the API gives other warnings', expected, actual: [...actual], subject }];
}

function describe(response: ApiResponse): JsonValue {
  if (response.type !== 'status') return { code: response.code };
  const { code, reason, message } = response.status;
  return { code, ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
}
