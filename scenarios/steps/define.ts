/** The contract of a step: one entry of the table in `index.ts`, one key of the language. */
import { type Fields, type ReadFields, readFields } from '../language/mapping.ts';
import type { Shape } from '../language/shapes.ts';
import type { Entry, Source, Spot } from '../language/source.ts';
import type { Kinds } from '../run/kinds.ts';
import type { Session } from '../run/session.ts';

/** A step as one scenario has it, ready to run. */
export interface BoundStep {
  /** One line for the report, where the scenario gives the step no name. */
  readonly title: string;
  /** Text for the person who reads along; such a step does nothing else. */
  readonly narration?: string;
  /** @throws ScenarioError for what only a cluster can tell to be wrong, such as a kind that nobody serves. */
  check(kinds: Kinds): void;
  /**
   * Does it.
   * @returns a word or two for the report: `created`
   * @throws StepFailure when something is not as expected.
   */
  run(session: Session): string | undefined;
}

export interface StepKind {
  /** The key of the step: `apply`. */
  readonly verb: string;
  readonly summary: string;
  /** What stands under the key. */
  readonly argument: Shape<unknown>;
  /** Keys that may stand beside it. */
  readonly beside: Fields;
  read(argument: Spot, beside: readonly Entry[], step: Spot, source: Source): BoundStep;
}

export interface StepDefinition<A, B extends Fields> {
  readonly verb: string;
  readonly summary: string;
  readonly argument: Shape<A>;
  readonly beside?: B;
  title(argument: A): string;
  narration?(argument: A): string;
  /** What the shapes cannot say. `fail` points at the step. */
  validate?(argument: A, beside: ReadFields<B>, fail: (problem: string) => never): void;
  check?(argument: A, kinds: Kinds): void;
  run(argument: A, beside: ReadFields<B>, session: Session): string | undefined | void;
}

export function defineStep<A, B extends Fields = Record<never, never>>(
  definition: StepDefinition<A, B>,
): StepKind {
  const { verb, summary, argument, beside = {} as B } = definition;
  return {
    verb,
    summary,
    argument,
    beside,
    read: (spot, entries, step, source) => {
      const value = argument.read(spot, source);
      const more = readFields(entries, beside, step, source);
      definition.validate?.(value, more, problem => source.fail(step, problem));
      return {
        title: definition.title(value),
        narration: definition.narration?.(value),
        check: kinds => definition.check?.(value, kinds),
        run: session => definition.run(value, more, session) ?? undefined,
      };
    },
  };
}
