/** `expect` and `say`: what changes nothing. */
import { evaluate } from '../checks/evaluate.ts';
import { expectation, expectationTitle } from '../checks/expectation.ts';
import { resolveKind } from '../checks/reference.ts';
import { byForm, list, mapped, text } from '../language/shapes.ts';
import { StepFailure } from '../run/session.ts';
import { defineStep } from './define.ts';

export const expect = defineStep({
  verb: 'expect',
  summary: 'what must be so at this moment: one expectation or a list',
  argument: byForm({ mapping: mapped(expectation, only => [only]), list: list(expectation, 1) }),
  title: ([first, ...rest]) =>
    `expect ${first ? expectationTitle(first) : ''}${rest.length > 0 ? ` and ${rest.length} more` : ''}`,
  check: (all, kinds) => {
    for (const one of all) {
      if (one.kind || one.resource) resolveKind(one, kinds);
    }
  },
  run: (all, _, session) => {
    const problems = all.flatMap(one => evaluate(one, session));
    if (problems.length > 0) throw new StepFailure(...problems);
  },
});

export const say = defineStep({
  verb: 'say',
  summary: 'a text for the person who reads along',
  argument: text,
  title: words => words.trim().split('\n')[0] ?? '',
  narration: words => words.trim(),
  run: () => {},
});
