/** `advance` and `until`: letting virtual time pass. */
import { mapping, optional } from '../language/mapping.ts';
import { duration } from '../language/shapes.ts';
import { checkExpectation, expectationFields, expectationTitle } from '../checks/expectation.ts';
import { evaluate, resourcesOf } from '../checks/evaluate.ts';
import { resolveKind } from '../checks/reference.ts';
import { formatSpan } from '../report/span.ts';
import { type Problem, StepFailure } from '../run/session.ts';
import { defineStep } from './define.ts';

export const advance = defineStep({
  verb: 'advance',
  summary: 'let virtual time pass: a duration such as 5s',
  argument: duration,
  title: span => `advance ${formatSpan(span)}`,
  run: (span, _, { cluster }) => {
    cluster.advance(span);
  },
});

const DEFAULT_LIMIT = 5 * 60_000;

export const until = defineStep({
  verb: 'until',
  summary: 'let virtual time pass until something is as expected',
  argument: mapping(
    {
      ...expectationFields,
      limit: optional('how long at most; by default 5m', duration),
    },
    checkExpectation,
  ),
  title: argument => `until ${expectationTitle(argument)}`,
  check: (argument, kinds) => {
    if (argument.kind || argument.resource) resolveKind(argument, kinds);
  },
  run: ({ limit = DEFAULT_LIMIT, ...expectation }, _, session) => {
    const { cluster } = session;
    const resources = new Set(resourcesOf(expectation, session));
    let stale = true;
    let problems: readonly Problem[] = [];
    // Only a write to what is looked at can change the answer.
    const forget = cluster.onCommit(({ resource }) => {
      if (resources.has(resource)) stale = true;
    });
    try {
      const holds = cluster.until(() => {
        if (stale) problems = evaluate(expectation, session);
        stale = false;
        return problems.length === 0;
      }, limit);
      if (holds) return;
    } finally {
      forget();
    }
    throw new StepFailure(
      ...problems.map(problem => ({
        ...problem,
        message: `still not so after ${formatSpan(limit)}: ${problem.message}`,
      })),
    );
  },
});
